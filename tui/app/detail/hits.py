"""Where a text occurs in lines, without regard to case, and the lines with these places marked. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui.app.line import Line, Piece

HIT, HIT_HERE = "hit", "cursor"  # tones: of a hit, of those in the line where the person is


def hit_lines(lines: Sequence[Line], needle: str) -> list[int]:
    """The lines in which the text occurs; none for an empty text."""
    folded = needle.casefold()
    if not folded:
        return []
    return [index for index, line in enumerate(lines) if folded in "".join(piece.text for piece in line).casefold()]


def marked(line: Line, needle: str, *, is_here: bool = False) -> Line:
    """The line with each hit in a tone of its own; its text is the same."""
    text = "".join(piece.text for piece in line)
    folded, sought = text.casefold(), needle.casefold()
    if not sought or sought not in folded:
        return line
    tone = HIT_HERE if is_here else HIT
    if len(folded) != len(
        text
    ):  # signs that fold into several: places would be wrong, so the line as a whole is marked
        return tuple(Piece(piece.text, tone, piece.command) for piece in line)
    places: list[tuple[int, int]] = []
    at = folded.find(sought)
    while at >= 0:
        places.append((at, at + len(sought)))
        at = folded.find(sought, at + len(sought))
    return tuple(_split(line, places, tone))


def _split(line: Line, places: Sequence[tuple[int, int]], tone: str) -> Iterator[Piece]:
    start = 0
    for piece in line:
        end = start + len(piece.text)
        at = start
        for first, last in places:
            if last <= at or first >= end:
                continue
            if first > at:
                yield Piece(piece.text[at - start : first - start], piece.tone, piece.command)
            here = max(first, at)
            at = min(last, end)
            yield Piece(piece.text[here - start : at - start], tone, piece.command)
        if at < end:
            yield Piece(piece.text[at - start :], piece.tone, piece.command)
        start = end
