"""Where the columns of a table stand in a width, and how a text is fitted into one.

Owns which columns drop, stretch and shrink. Pure: numbers and texts, no widget.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rich.cells import cell_len, set_cell_size

from tui.present.safe import ASCII_ELLIPSIS, ELLIPSIS, clean
from tui.present.slack import SLACK
from tui.present.spec import ColumnSpec

GAP = 1  # blank cells between two columns
SERVER_COLUMN = "server"  # worth its place only where there is more than one server to tell apart
FLEX_LEAST = 8  # cells; a name shorter than this says nothing, so other columns drop before it
KEEPS_END_FROM = 6  # cells; below these there is no middle to speak of
FIT_CACHE = 8_192  # texts; a few screens of cells, so that a repaint for ages measures nothing again


@dataclass(frozen=True, slots=True)
class Placed:
    """A column and the cells it got, from `x` on."""

    column: ColumnSpec
    x: int
    width: int

    @property
    def end(self) -> int:
        """First cell after it."""
        return self.x + self.width


def wanted(
    columns: Sequence[ColumnSpec], *, has_servers: bool, has_deadlines: bool = False, hidden: Collection[str] = ()
) -> tuple[ColumnSpec, ...]:
    """The columns that are to be shown, were there room for all."""
    empty = {SERVER_COLUMN: not has_servers, SLACK: not has_deadlines}
    return tuple(column for column in columns if column.id not in hidden and not empty.get(column.id))


def place(columns: Sequence[ColumnSpec], width: int) -> tuple[Placed, ...]:
    """Columns in `width` cells: the highest priority drops first (of equals the rightmost), 0 never does.

    A column that stands in for others takes their place as soon as one of them would drop.

    What is left over goes to the flexible columns by their share. Where even the columns that never drop are too many
    cells, the widest shrink first: a shortened text says so, a missing column would mislead.
    """
    kept = _keep(columns, width)
    widths = [column.width for column in kept]
    spare = width - _need(kept)
    if spare > 0:
        _stretch(kept, widths, spare)
    for _ in range(-spare):
        flexible = [i for i, column in enumerate(kept) if column.flex and widths[i] > FLEX_LEAST]
        pool = flexible or [i for i in range(len(kept)) if widths[i] > 1]
        if not pool:
            break
        widths[max(pool, key=lambda i: widths[i])] -= 1
    placed: list[Placed] = []
    x = 0
    for column, cells in zip(kept, widths, strict=True):
        if x + cells > width:
            break
        placed.append(Placed(column, x, cells))
        x += cells + GAP
    return tuple(placed)


def _keep(columns: Sequence[ColumnSpec], width: int) -> list[ColumnSpec]:
    chosen = list(columns)
    for short in [column for column in columns if column.instead_of]:
        in_full = [column for column in chosen if column is not short]
        lost = {column.id for column in in_full} - {column.id for column in _drop(in_full, width)}
        is_short = lost.intersection(short.instead_of)
        chosen = [column for column in chosen if column.id not in short.instead_of] if is_short else in_full
    return _drop(chosen, width)


def _drop(columns: Sequence[ColumnSpec], width: int) -> list[ColumnSpec]:
    kept = list(columns)
    while _need(kept) > width:
        droppable = [column for column in kept if column.priority > 0]
        if not droppable:
            break
        last = max(column.priority for column in droppable)
        kept.remove([column for column in droppable if column.priority == last][-1])
    return kept


def _need(columns: Sequence[ColumnSpec]) -> int:
    return sum(column.width for column in columns) + GAP * max(0, len(columns) - 1)


def _stretch(columns: Sequence[ColumnSpec], widths: list[int], spare: int) -> None:
    shares = sum(column.flex for column in columns)
    if not shares:
        return
    left = spare
    flexible = [i for i, column in enumerate(columns) if column.flex]
    for i in flexible:
        extra = spare * columns[i].flex // shares
        widths[i] += extra
        left -= extra
    widths[flexible[0]] += left


@lru_cache(maxsize=FIT_CACHE)
def fit(text: str, width: int, *, is_right: bool = False, is_ascii: bool = False, keeps_end: bool = False) -> str:
    """`text` made safe and exactly `width` cells wide; an ellipsis shows where it was cut, never half a character.

    It is cut at its end, or in its middle where `keeps_end` asks for that.
    """
    if width <= 0:
        return ""
    ellipsis = ASCII_ELLIPSIS if is_ascii else ELLIPSIS
    if keeps_end and width > KEEPS_END_FROM:
        safe = _cut_middle(clean(text, is_ascii=is_ascii), width, ellipsis)
    else:
        safe = clean(text, width, is_ascii=is_ascii)
    size = len(safe) if safe.isascii() else cell_len(safe)
    if size > width:  # the gate and the screen library disagree on the width of a character: theirs decides the place
        safe = set_cell_size(safe, width - 1).rstrip() + ellipsis
        size = cell_len(safe)
    blank = " " * (width - size)
    return blank + safe if is_right else safe + blank


def _cut_middle(safe: str, width: int, ellipsis: str) -> str:
    """A clean text in at most `width` cells; what is cut out of its middle leaves rather more of the end."""
    if cell_len(safe) <= width:
        return safe
    head = set_cell_size(safe, (width - 1) // 2).rstrip()
    room, start = width - 1 - cell_len(head), len(safe)
    while start and cell_len(safe[start - 1 :]) <= room:
        start -= 1
    while start < len(safe) - 1 and cell_len(safe[start]) == 0:  # a mark would join the ellipsis
        start += 1
    return head + ellipsis + safe[start:]
