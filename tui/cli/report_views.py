"""What ``scantop report`` shows: list, show, rows; a table, or JSON."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui.cli.acting import acting, server_for
from tui.cli.exit_codes import of_problem
from tui.cli.output import emit, narrate
from tui.cli.session import poll_once, settings_of

if TYPE_CHECKING:
    from tui.domain.acts import RowsPage
    from tui.domain.snapshot import Entry
    from tui.present.spec import Glyphs

LIST = "reports"


def list_reports(arguments: argparse.Namespace) -> int:
    """Print a page of the reports."""
    from tui.domain.records import ListQuery
    from tui.present.acts_as_json import reports_document
    from tui.present.as_json import json_text

    settings = settings_of(arguments)
    server = server_for(settings, "report.create", "list reports")
    given = {name: getattr(arguments, name) for name in ("name", "status", "author", "type")}
    filters = tuple((name, str(value)) for name, value in given.items() if value)
    query = ListQuery(server, LIST, filters, arguments.page, arguments.limit)
    store = poll_once(settings, (), (query,))
    state = store.lists[query.key]
    if state.problem is not None:
        narrate(f"{server}: {state.problem.text}")
        return of_problem(state.problem)
    if arguments.is_json:
        emit(json_text(reports_document(state, store.entries)))
        return 0
    entries = [store.entries[key] for key in state.keys if key in store.entries]
    _print(("REPORT", "STATE", "NAME", "CATEGORY", "PROGRESS", "ROWS", "BY", "STARTED", "ERROR"), entries)
    pages = f" of {state.pages}" if state.pages is not None else ""
    total = f", {state.total} reports in all" if state.total is not None else ""
    narrate(f"page {state.page}{pages}{total}" + "".join(f"; {note}" for note in state.notes))
    return 0


def _print(header: tuple[str, ...], entries: list[Entry]) -> None:
    from tui.cli.columns import is_ascii_only, table
    from tui.present.spec import ASCII, UNICODE

    is_ascii = is_ascii_only()
    now = datetime.now(UTC)
    rows = [_row(entry, now, ASCII if is_ascii else UNICODE) for entry in entries]
    if rows:
        emit(table(header, rows, is_ascii=is_ascii))


def _row(entry: Entry, now: datetime, glyphs: Glyphs) -> tuple[str, ...]:
    from tui.clock import LocalZone
    from tui.domain.records import Fields
    from tui.present.format import moment

    detail = entry.record.detail if entry.record is not None else Fields()
    progress = detail.get("progress")
    return (
        entry.target.parts[0],
        f"{glyphs.of(entry.state)} {entry.state.word}",
        entry.name,
        detail.text("category"),
        f"{progress} %" if progress is not None else "",
        detail.text("rows"),
        detail.text("author"),
        moment(detail.when("started_at"), now, LocalZone()),
        detail.text("error"),
    )


def show(arguments: argparse.Namespace) -> int:
    """Print how far one report is; the JSON is that of ``scantop status``."""
    from tui.cli.exit_codes import of_status
    from tui.cli.report_acts import report_named
    from tui.present.as_json import json_text, status_document

    settings = settings_of(arguments)
    target = report_named(arguments.report, settings)
    entry = poll_once(settings, (target,), ()).entries[target.key]
    if arguments.is_json:
        emit(json_text(status_document((entry,), datetime.now(UTC))))
    elif entry.record is not None:
        _print_facts(entry)
    if entry.problem is not None:
        narrate(f"{target.key}: {entry.problem.text}")
    return of_status((entry,), is_judging=False)


def _print_facts(entry: Entry) -> None:
    from tui.present.format import rfc3339
    from tui.present.safe import clean

    record = entry.record
    if record is None:
        return
    facts: list[tuple[str, object]] = [("report", entry.key), ("name", record.name)]
    facts += [("state", record.state.word), ("status", record.status), *record.detail, ("web page", record.web_url)]
    for name, value in facts:
        if value is not None and value != "" and name != "id":
            told = rfc3339(value) if isinstance(value, datetime) else str(value)
            emit(f"{name.replace('_', ' '):<12}{clean(str(told), 1000)}")


def rows(arguments: argparse.Namespace) -> int:
    """Print a page of what a report found."""
    from tui.cli.report_acts import report_named
    from tui.domain.acts import RowsQuery
    from tui.domain.problem import Problem
    from tui.present.acts_as_json import rows_document
    from tui.present.as_json import json_text

    settings = settings_of(arguments)
    target = report_named(arguments.report, settings)
    query = RowsQuery(arguments.page, arguments.limit, arguments.sort, not arguments.is_ascending)
    page = acting(settings, lambda actor: actor.rows(target, query))
    if isinstance(page, Problem):
        narrate(f"{target.key}: {page.text}" + (f" {page.advice}" if page.advice else ""))
        return of_problem(page)
    if arguments.is_json:
        emit(json_text(rows_document(target, page)))
    else:
        _print_rows(page)
    return 0


def _print_rows(page: RowsPage) -> None:
    from tui.cli.columns import is_ascii_only, table

    cells = [
        (
            row.severity,
            row.id,
            row.text("file_path"),
            row.text("location"),
            row.text("impacted_artifact", "repository"),
            row.text("description"),
        )
        for row in page.rows
    ]
    if cells:
        header = ("SEVERITY", "FINDING", "FILE", "LOCATION", "ARTIFACT", "DESCRIPTION")
        emit(table(header, cells, is_ascii=is_ascii_only()))
    pages = f" of {page.pages}" if page.pages is not None else ""
    total = f", {page.total} rows in all" if page.total is not None else ""
    narrate(f"page {page.query.page}{pages}{total}" + "".join(f"; {note}" for note in page.notes))
