"""``scantop jobs``: a page of Code Insight's queue; a table, or JSON."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui.cli.output import emit, narrate
from tui.cli.parser import UsageError, number

if TYPE_CHECKING:
    from tui.domain.snapshot import Entry, ListState
    from tui.present.spec import Glyphs
    from tui.settings import Settings

LIST = "jobs"
SEVERAL = "|"  # between the words of one filter
DEFAULT_LIMIT = 25  # the server's own
MOST_ROWS = 10_000  # the vendor's own scripts go as far
MOST_DAYS = 3650  # the server's own limit
MOST_PAGE = 10_000_000
LARGEST_ID = 2**63 - 1

EPILOG = """\
examples:
  scantop jobs --status Active
  scantop jobs --type "Project Scan" --days 7 --limit 100 --json
  scantop jobs --project 12 --page 2 --server sca

exit codes: 0, or 2 (usage), 3 (the server could not be asked), 4 (refused)
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's grammar."""
    parser = subparsers.add_parser(
        "jobs",
        help="a page of Code Insight jobs; a table, or JSON",
        description="Print one page of a Code Insight server's job queue, newest first.",
        epilog=EPILOG,
    )
    each = "; again for another"
    parser.add_argument("--type", metavar="T", action="append", help=f'only jobs of this type: "Project Scan"{each}')
    parser.add_argument("--status", metavar="S", action="append", help=f"only jobs with this status: Active{each}")
    parser.add_argument("--project", metavar="ID", type=number(0, LARGEST_ID), help="only jobs of this project")
    parser.add_argument("--user", metavar="LOGIN", help="only jobs that this user started")
    parser.add_argument("--days", metavar="N", type=number(0, MOST_DAYS), help="only jobs of the last N days (0: all)")
    parser.add_argument("--page", metavar="N", type=number(1, MOST_PAGE), default=1, help="page, from 1")
    parser.add_argument(
        "--limit", metavar="N", type=number(1, MOST_ROWS), default=DEFAULT_LIMIT, help="jobs on a page (default 25)"
    )
    parser.add_argument("--json", action="store_true", dest="is_json", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Ask for the page, print it, and give the exit code."""
    from tui.cli.exit_codes import of_problem
    from tui.cli.session import poll_once, settings_of
    from tui.domain.records import ListQuery
    from tui.present.as_json import jobs_document, json_text

    settings = settings_of(arguments)
    given = {
        "type": SEVERAL.join(arguments.type) if arguments.type else None,
        "status": SEVERAL.join(arguments.status) if arguments.status else None,
        "project": arguments.project,
        "user": arguments.user,
        "days": arguments.days,
    }
    filters = tuple((name, str(value)) for name, value in given.items() if value is not None)
    query = ListQuery(_server(settings), LIST, filters, arguments.page, arguments.limit)
    _check(settings.server(query.server).kind, given["status"])
    store = poll_once(settings, (), (query,))
    state = store.lists[query.key]
    if state.problem is not None:
        narrate(f"{query.server}: {state.problem.words}")
        return of_problem(state.problem)
    if arguments.is_json:
        emit(json_text(jobs_document(state, store.entries)))
    else:
        _print_table(state, [store.entries[key] for key in state.keys if key in store.entries])
    return 0


def _check(kind: str, status: str | None) -> None:
    """A slip in a status would page the whole queue for nothing: the watch form of the same list knows the words."""
    from tui.servers.kind import WatchFormError, kinds

    form = next((form for form in kinds()[kind].watch_forms if form.marker == LIST), None)
    if form is None or not status:
        return
    try:
        form.read("", {LIST: {"status": status}})
    except WatchFormError as error:
        raise UsageError(f"--status: {error}") from None


def _server(settings: Settings) -> str:
    """The one server that keeps jobs; ``--server`` has narrowed the settings already."""
    from tui.servers.kind import kinds

    able = {name for name, kind in kinds().items() if any(query.name == LIST for query in kind.default_lists("x"))}
    names = [server.name for server in settings.servers if server.kind in able]
    if len(names) == 1:
        return names[0]
    if not names:
        raise UsageError("no configured server keeps a queue of jobs (kind codeinsight)")
    raise UsageError(f"say which server with --server: one of {', '.join(names)}")


def _print_table(state: ListState, entries: list[Entry]) -> None:
    from tui.cli.columns import is_ascii_only, table
    from tui.present.spec import ASCII, UNICODE

    is_ascii = is_ascii_only()
    now = datetime.now(UTC)
    rows = [_row(entry, now, ASCII if is_ascii else UNICODE) for entry in entries]
    if rows:
        header = ("JOB", "STATE", "STATUS", "TYPE", "PROJECT", "USER", "QUEUED", "WAITED", "RAN", "ERROR")
        emit(table(header, rows, is_ascii=is_ascii))
    pages = f" of {state.pages}" if state.pages is not None else ""
    total = f", {state.total} jobs in all" if state.total is not None else ""
    narrate(f"page {state.page}{pages}{total}" + "".join(f"; {note}" for note in state.notes))


def _row(entry: Entry, now: datetime, glyphs: Glyphs) -> tuple[str, ...]:
    from tui.clock import LocalZone
    from tui.domain.records import Fields
    from tui.present.format import duration, moment, seconds_between

    record = entry.record
    if record is None:
        return (entry.name, f"{glyphs.of(entry.state)} {entry.state.word}", *[""] * 8)
    detail = record.detail
    project = detail.get("project")
    name = project.text("name") or project.text("id") if isinstance(project, Fields) else ""
    queued_at, activated_at, completed_at = (detail.when(f"{step}_at") for step in ("queued", "activated", "completed"))
    open_at = None if record.state.is_terminal else entry.on_server(now)
    return (
        detail.text("id"),
        f"{glyphs.of(record.state)} {record.state.word}",
        record.status or "",
        detail.text("type"),
        name,
        detail.text("user"),
        moment(queued_at, now, LocalZone()),
        duration(seconds_between(queued_at, activated_at or completed_at or open_at)),
        duration(seconds_between(activated_at, completed_at or open_at)),
        detail.text("error"),
    )
