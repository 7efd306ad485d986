"""A page of a report's rows as lines, and one finding in full. Pure; all text of a row is server text, cleaned here.

Which fields a row has is the server's affair: the columns take what is there, the finding shows everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tui.app.detail.context import DetailContext, flowed, heading, with_gaps
from tui.app.detail.facts import flat, table_lines
from tui.app.line import Line, Piece, width_of
from tui.domain.acts import Finding, RowsPage, RowsQuery
from tui.present.format import count
from tui.present.safe import clean

FINDING = "finding:"  # a line whose command begins so is the row with that number on the page
GAP = 2  # cells between two columns
SEVERITY_CELLS = 8
# How each severity is toned; the word is always there. Source: the words of JFrog's samples.
_TONES = {"critical": "bad", "high": "failed", "medium": "partial", "low": "accent"}
SORT_FIELDS = ("jfrog_severity", "file_path", "impacted_artifact", "description")
_TITLES = {
    "jfrog_severity": "severity",
    "file_path": "file",
    "impacted_artifact": "artifact",
    "": "the server's own order",
}


@dataclass(frozen=True, slots=True)
class _Column:
    """A column: the fields of which the first that says something is shown.

    It takes `cells`, or else its `share` of what is left; it is there on screens of `from_cells` and more. Of a text
    that is too long `keeps_end` keeps the end: a file's name stands there.
    """

    title: str
    names: tuple[str, ...]
    from_cells: int
    cells: int = 0
    share: int = 0
    keeps_end: bool = False


_COLUMNS = (
    _Column("finding", ("exposures_id", "exposure_id", "id"), 100, 15),
    _Column("description", ("description",), 0, share=5),
    _Column("file", ("file_path",), 60, share=4, keeps_end=True),
    _Column("location", ("location",), 75, 9),
    _Column("artifact", ("impacted_artifact", "repository"), 90, share=4, keeps_end=True),
)


def sort_title(query: RowsQuery) -> str:
    """How rows are sorted, in words."""
    name = _TITLES.get(query.sort, query.sort.replace("_", " "))
    if not query.sort:
        return name
    if query.sort == "jfrog_severity":
        return f"by {name}, {'worst' if query.is_descending else 'mildest'} first"
    return f"by {name}, {'z to a' if query.is_descending else 'a to z'}"


def next_sort(query: RowsQuery, page: RowsPage | None) -> str:
    """The field after the one that rows are sorted by, of those that the rows have; at the end the server's order."""
    known = [
        name for name in SORT_FIELDS if page is None or not page.rows or any(row.get(name) for row in page.rows)
    ] + [""]
    return known[(known.index(query.sort) + 1) % len(known)] if query.sort in known else known[0]


def _room(width: int) -> list[tuple[_Column, int]]:
    """The columns that there is room for, with their cells."""
    shown = [column for column in _COLUMNS if width >= column.from_cells]
    left = max(1, width - SEVERITY_CELLS - GAP - 1 - GAP * (len(shown) - 1))
    left -= sum(column.cells for column in shown)
    total = sum(column.share for column in shown)
    return [(column, column.cells or max(1, left * column.share // total)) for column in shown]


def _brief(row: Finding, column: _Column, cells: int) -> str:
    """A field in few cells. ``Line Number: 12`` is the form of JFrog's samples; its number must not be cut off."""
    text = clean(row.text(*column.names))
    if column.title == "location":
        text = text.replace("Line Number: ", "line ").replace("Offset: ", "")
    if not column.keeps_end or width_of((Piece(text),)) <= cells:
        return clean(text, cells)
    text = text.partition("://")[2] or text
    if width_of((Piece(text),)) <= cells:
        return text
    text = text[-cells:]
    while text and width_of((Piece(text),)) >= cells:
        text = text[1:]
    return f"…{text}"


def head_line(width: int) -> Line:
    """The titles of the columns."""
    titles = " ".join(f"{column.title:<{size + GAP - 1}}"[: size + GAP - 1] for column, size in _room(width))
    return (Piece(f" {'severity':<{SEVERITY_CELLS + GAP}}{titles}"[:width], "heading"),)


def row_lines(page: RowsPage, width: int) -> Iterator[Line]:
    """A line a row; text that is too long is shortened with an ellipsis, as the finding's own detail has it in full."""
    for number, row in enumerate(page.rows):
        severity = clean(row.severity or "unknown", SEVERITY_CELLS)
        pieces = [
            Piece(f" {severity:<{SEVERITY_CELLS}}  ", _TONES.get(row.severity, "dim"), f"{FINDING}{number}"),
        ]
        for column, size in _room(width):
            text = _brief(row, column, size)
            pieces.append(Piece(text + " " * (size - width_of((Piece(text),)))))
            pieces.append(Piece(" " * GAP))
        pieces.pop()
        yield tuple(pieces)
    for note in page.notes:
        yield from flowed((Piece(" "), Piece(clean(note), "warn")), width, 1)


def page_words(page: RowsPage | None) -> str:
    """``1,204 rows  page 2 of 49``; "" before any answer."""
    if page is None:
        return ""
    pages = f"page {page.query.page} of {page.pages}" if page.pages else f"page {page.query.page}"
    return f"{count(page.total, 'row')}  {pages}" if page.total is not None else pages


def finding_lines(row: Finding, context: DetailContext, width: int) -> list[Line]:
    """Every field of a finding, what it is and where it lies first, the longest texts last."""
    return with_gaps(_sections(row, context, width), width)


def _sections(row: Finding, context: DetailContext, width: int) -> Iterator[Sequence[Line]]:
    rows = [(name, text) for name, text in flat(row.fields, context) if text]
    first = ("description", "jfrog severity", "severity", "file path", "location", "impacted artifact", "repository")
    rank = {name: index for index, name in enumerate(first)}
    rows.sort(key=lambda item: rank.get(item[0], len(first)))
    yield [heading("Fields", "as the server sent them"), *table_lines(rows, width)]


def finding_title(row: Finding, number: int, page: RowsPage, width: int) -> Line:
    """The finding's number and severity, and which row of the page it is."""
    where = f"  row {(page.query.page - 1) * page.query.limit + number + 1}"
    where += f" of {page.total:,}" if page.total is not None else ""
    severity = Piece(f" {clean(row.severity or 'unknown', 12)} ", _TONES.get(row.severity, "dim"))
    tail = Piece(where, "dim")
    room = max(4, width - width_of((severity, tail)))
    return (severity, Piece(clean(row.id or "a finding without an id", room), "strong"), tail)
