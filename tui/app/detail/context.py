"""What every section of a detail is made with: the moment, the zone, the signs; and how its lines fit a width.

Pure. Lines are flowed, never cut: what has no room goes on in the next line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from tui.app.detail.folds import Folds
from tui.app.line import Line, Piece, width_of, wrapped
from tui.app.signs import Signs
from tui.domain.outlook import Outlook
from tui.domain.past_runs import LastRuns
from tui.domain.snapshot import Entry, ListState, ServerHealth

LABEL_CELLS = 22  # of a field's name; longer ones are shortened
ERROR_CELLS = 20_000  # of an error text: pages of it, as the server's own logs have
OPEN = "open:"  # a piece whose command begins so opens the detail of the address behind it
FOLD = "fold:"  # … folds or unfolds what lies at the pointer behind it
ROWS = "report.rows"  # … shows the rows of the report
_INDENT = 4  # cells by which the rest of a line that is too long stands in


@dataclass(frozen=True, slots=True)
class DetailContext:
    """What the lines need beside the entry. `related` are the entries that it links to, `past` the last runs, `server`
    its server, `lists` those that show it: where they cannot be polled, it is not polled either."""

    now: datetime
    zone: tzinfo
    signs: Signs
    outlook: Outlook = field(default_factory=Outlook)
    related: tuple[Entry, ...] = ()
    folds: Folds = field(default_factory=Folds)
    needle: str = ""
    past: LastRuns = field(default_factory=LastRuns)
    server: ServerHealth | None = None
    lists: tuple[ListState, ...] = ()


def heading(title: str, note: str = "") -> Line:
    """A section's first line."""
    return (Piece(title, "heading"), Piece(f"  {note}", "dim")) if note else (Piece(title, "heading"),)


def pad(text: str, cells: int) -> str:
    """`text` (clean) with blanks up to `cells`."""
    return text + " " * max(0, cells - width_of((Piece(text),)))


def flowed(line: Line, width: int, indent: int = _INDENT) -> list[Line]:
    """The line in as many lines as it needs: broken between its pieces where possible, then at blanks."""
    width = max(1, width)
    if width_of(line) <= width:
        return [line]
    indent = min(indent, width // 3)
    done: list[Line] = []
    current: list[Piece] = []
    for piece in line:
        room = width - width_of(current)
        if width_of((piece,)) <= room or (not piece.text.strip() and current):
            current.append(piece)
            continue
        text = piece.text
        if width_of((Piece(text.strip()),)) > width - indent and room > width // 2:
            first = wrapped(text, room)[0]
            current.append(Piece(first, piece.tone, piece.command))
            # Breaking at the very first blank takes that blank away: what is left begins behind it.
            text = (text if text.startswith(first) else text.lstrip())[len(first) :]
        for part in wrapped(text.strip(), width - indent) if text.strip() else ():
            done.append(_trimmed(current, width))
            current = [Piece(" " * indent), Piece(part, piece.tone, piece.command)]
    done.append(_trimmed(current, width))
    return [one for one in done if one]


def _trimmed(pieces: Sequence[Piece], width: int) -> Line:
    """Without the blanks at the end, which need no room."""
    kept = list(pieces)
    while kept and not kept[-1].text.strip():
        kept.pop()
    if kept and width_of(kept) > width:
        kept[-1] = Piece(kept[-1].text.rstrip(), kept[-1].tone, kept[-1].command)
    return tuple(kept)


def told(text: str, width: int, first: Piece, tone: str = "") -> Iterator[Line]:
    """A clean text of any length behind a sign, its further lines under its own start."""
    indent = width_of((first,))
    for number, part in enumerate(wrapped(text, width - indent)):
        yield (first if not number else Piece(" " * indent), Piece(part, tone))


def with_gaps(sections: Iterable[Iterable[Line]], width: int) -> list[Line]:
    """The sections that have lines, with an empty line between them; nothing is wider than `width`."""
    lines: list[Line] = []
    for section in sections:
        found = list(section)
        if found and lines:
            lines.append(())
        for line in found:
            lines.extend(flowed(line, width))
    return lines
