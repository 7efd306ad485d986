"""Evidence as lines: each piece with its number, the call that it comes from, and the way to what it is about."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from tui.app.detail.context import ERROR_CELLS, OPEN, DetailContext, told, with_gaps
from tui.app.line import Line, Piece
from tui.domain.evidence import Evidence
from tui.present.explaining import source_text
from tui.present.safe import clean

GATHERING = "gathering…"
ADDRESS_CELLS = 200


def evidence_lines(
    evidence: Sequence[Evidence], known: Container[str], context: DetailContext, width: int, notes: Sequence[str] = ()
) -> list[Line]:
    """All pieces, the most telling first, then `notes`. What is `known` to the screen can be opened from here."""
    cells = len(str(len(evidence))) + 3
    sections = [_piece(number, one, known, context, width, cells) for number, one in enumerate(evidence, 1)]
    sections += [told(clean(note), width, Piece(" "), "dim") for note in notes]
    return with_gaps(sections, width)


def _piece(
    number: int, one: Evidence, known: Container[str], context: DetailContext, width: int, cells: int
) -> Iterator[Line]:
    text = clean(one.text, ERROR_CELLS)
    tone = "" if one.is_telling else "dim"
    yield from told(text, width, Piece(f"{number}. ".rjust(cells), "key" if one.is_telling else "dim"), tone)
    margin = Piece(" " * cells)
    source = clean(source_text(one, context.now), ERROR_CELLS)
    if source:
        yield from told(source, width, margin, "dim")
    if one.about in known:
        address = clean(one.about, ADDRESS_CELLS)
        yield (margin, Piece(f"{'>' if context.signs.glyphs.is_ascii else '→'} {address}", "accent", OPEN + one.about))
