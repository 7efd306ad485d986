"""A line of the screen as a value: pieces of text with a tone, and perhaps the command that a click on them gives.

Owns fitting a line into a width without lying: whole variants are tried, long text ends in an ellipsis, never a silent
cut. Text is cleaned when a piece is made by `server_text`; everything else is scantop's own words. No widget here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, chop_cells

from tui.present.safe import clean
from tui.present.spec import Cell


@dataclass(frozen=True, slots=True)
class Piece:
    """Text, its tone (see `tui.present.spec.Cell`, and ``key``, ``heading``, ``strong``), and what a click gives."""

    text: str
    tone: str = ""
    command: str = ""


Line = tuple[Piece, ...]
SERVER_TEXT_LIMIT = 400  # characters of one server text in one line; a line is at most that wide


def server_text(text: str, tone: str = "") -> Piece:
    """A piece of what a server sent: cleaned of everything that is not visible."""
    return Piece(clean(text, SERVER_TEXT_LIMIT), tone)


def from_cells(cells: Iterable[Cell]) -> Line:
    """Cells of a pane as a line; their text may come from a server."""
    return tuple(server_text(cell.text, cell.tone) for cell in cells)


def width_of(line: Iterable[Piece]) -> int:
    """Cells that a line takes."""
    return sum(cell_len(piece.text) for piece in line)


def shorten(text: str, width: int, ellipsis: str = "…") -> str:
    """`text` in at most `width` cells, with an ellipsis where something is left out."""
    if cell_len(text) <= width:
        return text
    if width <= len(ellipsis):
        return ellipsis[: max(0, width)]
    first = chop_cells(text, width - cell_len(ellipsis))
    return (first[0] if first else "") + ellipsis


def trim(line: Iterable[Piece], width: int) -> Line:
    """The line in at most `width` cells; the piece that no longer fits is shortened, the rest is dropped."""
    kept: list[Piece] = []
    left = width
    for piece in line:
        size = cell_len(piece.text)
        if size > left:
            if left > 0:
                kept.append(Piece(shorten(piece.text, left), piece.tone, piece.command))
            break
        kept.append(piece)
        left -= size
    return tuple(kept)


def fit(variants: Sequence[Line], width: int) -> Line:
    """The first of the variants (from the fullest to the barest) that fits; the last one shortened if none does."""
    for variant in variants:
        if width_of(variant) <= width:
            return variant
    return trim(variants[-1], width) if variants else ()


def justify(left: Line, right: Line, width: int) -> Line:
    """`left` and `right` at the two ends; `right` is left out where both do not fit with a blank between."""
    space = width - width_of(left) - width_of(right)
    if not right or space < 1:
        return trim(left, width)
    return (*left, Piece(" " * space), *right)


def joined(parts: Iterable[Line], gap: str = "  ") -> Line:
    """Lines put side by side with a gap."""
    out: list[Piece] = []
    for part in parts:
        if part:
            if out:
                out.append(Piece(gap))
            out.extend(part)
    return tuple(out)


def wrapped(text: str, width: int) -> list[str]:
    """`text` (already clean) in lines of at most `width` cells, broken at blanks where there are any."""
    width = max(1, width)
    lines: list[str] = []
    current = ""
    for word in text.split(" "):
        joint = f"{current} {word}" if current else word
        if cell_len(joint) <= width:
            current = joint
            continue
        if current:
            lines.append(current)
        pieces = chop_cells(word, width) if cell_len(word) > width else [word]
        lines.extend(pieces[:-1])
        current = pieces[-1] if pieces else ""
    lines.append(current)
    return lines


def wrapped_line(line: Line, width: int) -> list[Line]:
    """A line in as many lines as it needs; a long last piece is broken at blanks, and goes on under its own start."""
    if not line or width_of(line) <= width:
        return [line]
    *head, last = line
    indent = width_of(head)
    if indent > width // 2:
        head, indent = [], 0
        last = Piece("".join(piece.text for piece in line), last.tone, last.command)
    texts = wrapped(last.text, width - indent)
    first: Line = (*head, Piece(texts[0], last.tone, last.command))
    return [first, *((Piece(" " * indent + text, last.tone, last.command),) for text in texts[1:])]
