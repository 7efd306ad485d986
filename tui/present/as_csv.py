"""A pane as CSV: its columns as they are shown, after the facts that a spreadsheet needs to find a row again.

Every cell passes the gate and no formula survives. Knows no file: text in memory only.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import replace

from tui.domain.snapshot import Entry
from tui.domain.state import State
from tui.present.cells import since_at
from tui.present.format import rfc3339
from tui.present.safe import csv_cell
from tui.present.slack import SLACK
from tui.present.spec import ColumnSpec, Context, Glyphs, PaneSpec

_FIXED = ("target", "server", "state", "status", "since")
_PLAIN = Glyphs(tuple((state, "") for state in State), is_ascii=True)  # words without signs


def pane_csv(spec: PaneSpec, entries: Iterable[Entry], context: Context) -> str:
    """The entries in the order given, one line each, with a heading; lines end as RFC 4180 says (CR LF)."""
    columns = [column for column in exported(spec) if column.id != SLACK or context.has_deadlines]
    plain = replace(context, glyphs=_PLAIN)
    rows = ([*_facts(entry), *(column.cell(entry, plain).text.strip() for column in columns)] for entry in entries)
    return csv_text((*_FIXED, *(column.id for column in columns)), rows)


def exported(spec: PaneSpec) -> tuple[ColumnSpec, ...]:
    """The columns of a pane that are facts of their own: no drawings, no short forms, nothing told already."""
    return tuple(
        column
        for column in spec.columns
        if not column.is_picture and not column.instead_of and column.id not in (*_FIXED, "age")
    )


def csv_text(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows of text as CSV; each cell is cleaned and defused here."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([csv_cell(text) for text in heading])
    for row in rows:
        writer.writerow([csv_cell(text) for text in row])
    return out.getvalue()


def _facts(entry: Entry) -> tuple[str, ...]:
    status = entry.record.status if entry.record is not None else None
    return (entry.key, entry.target.server, entry.state.value, status or "", rfc3339(since_at(entry)) or "")
