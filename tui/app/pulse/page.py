"""The pulse as lines: what has waited longest, then a block a server, side by side where there is room. Pure.

Owns the measures: how many blocks stand side by side, how many cells a chart has, which numbers it has beside it. What
has no room is left out whole; a chart is never cut at its newest end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from tui.app.detail.context import OPEN, flowed, pad
from tui.app.line import Line, Piece, trim, width_of
from tui.app.pulse.rows import Row, rows_of
from tui.app.signs import LOOKS, Signs
from tui.domain.pulse import Grid, ServerPulse
from tui.domain.snapshot import Entry, ServerHealth
from tui.domain.state import State
from tui.present.charts import ASCII_BEYOND, ASCII_NOUGHT, BEYOND, NOUGHT, columns, widened
from tui.present.format import age, count
from tui.present.safe import clean
from tui.present.timeline import Axis, ticks

BLOCK_CELLS = 56  # of one block at least, where several stand side by side
GAP_CELLS = 3  # between two of them
LABEL_CELLS = 15  # of a row's sign and name
FIRST_CELLS, MOST_CELLS = 11, 7  # of the numbers: ``    412 now``, ``  1.2 s``
MOST = "most"  # over the second of them
BARE_CELLS = 7  # of the first number without its word
BOTH_FROM, FIRST_FROM, BARE_FROM = 52, 44, 30  # cells of a block from which both have room, the first, the first bare
CHART_AT_LEAST = 8  # cells
CHART_AT_MOST = 96
TALLEST = 4  # lines of a row that is worth more than one
SERVER_CELLS = 16
EMPTY = "Nothing is known of this time yet: it fills as scantop sees things, and the history keeps it."
NO_PAST = "No history is kept here, so there is no past to draw."
UNREAD = "The history cannot be read at the moment; what it holds is drawn once it can."


@dataclass(frozen=True, slots=True)
class Measures:
    """How the blocks stand: `across` side by side, `block` cells each, `chart` of which are the chart."""

    across: int
    block: int
    chart: int
    first: int
    most: int


@dataclass(frozen=True, slots=True)
class PulseFacts:
    """What the lines are made of. `pulses` None: not asked yet; () where nothing can be read.

    By server: `counts` of the moment by state, `waits` what has waited longest, where anything waits.
    """

    servers: tuple[ServerHealth, ...]
    counts: Mapping[str, Mapping[State, int]]
    waits: Mapping[str, Entry]
    grid: Grid
    pulses: tuple[ServerPulse, ...] | None
    now: datetime
    zone: tzinfo
    signs: Signs


def measures(width: int, servers: int) -> Measures:
    """The measures for a width."""
    across = max(1, min(servers, (width + GAP_CELLS) // (BLOCK_CELLS + GAP_CELLS)))
    block = max(1, (width - GAP_CELLS * (across - 1)) // across)
    most = MOST_CELLS if block >= BOTH_FROM else 0
    first = FIRST_CELLS if block >= FIRST_FROM else BARE_CELLS if block >= BARE_FROM else 0
    chart = min(CHART_AT_MOST, max(CHART_AT_LEAST, block - LABEL_CELLS - first - most))
    return Measures(across, block, chart, first, most)


def pulse_lines(facts: PulseFacts, width: int, height: int) -> list[Line]:
    """Everything, in lines of at most `width` cells; rows grow tall where all fits into `height` lines."""
    lines = list(_waiting(facts, width))
    if facts.pulses is None:
        return lines
    if not facts.pulses or all(pulse.is_empty for pulse in facts.pulses):
        words = EMPTY if facts.pulses else UNREAD
        return [*lines, *flowed((Piece(words, "dim"),), width, 0)]
    found = _blocks(facts, width, 1)
    legend = list(_legend(facts, width))
    for tall in range(TALLEST, 1, -1):
        taller = _blocks(facts, width, tall)
        if len(lines) + len(taller) + len(legend) <= height:
            found = taller
            break
    return [trim(line, width) for line in (*lines, *found, *legend)]


def _waiting(facts: PulseFacts, width: int) -> Iterator[Line]:
    """What has waited longest on each server, with the way to it."""
    found = [(server.name, facts.waits[server.name]) for server in facts.servers if server.name in facts.waits]
    if not found:
        return
    yield (Piece("Waits longest", "heading"),)
    size = min(SERVER_CELLS, max(width_of((Piece(clean(name, SERVER_CELLS)),)) for name, _ in found))
    for name, entry in found:
        aged = age((facts.now - entry.since_at).total_seconds()) if entry.since_at is not None else ""
        head = (Piece(f"  {pad(clean(name, size), size)}  ", "dim"), Piece(f"{aged:>5}  ", "waiting"))
        room = max(1, width - width_of(head))
        yield (*head, Piece(clean(entry.label or entry.name, room), "accent", f"{OPEN}{entry.key}"))
    yield ()


def _blocks(facts: PulseFacts, width: int, tall: int) -> list[Line]:
    """The blocks, so many side by side, each row of them as high as its highest."""
    sizes = measures(width, len(facts.servers))
    sizes = replace(sizes, chart=_wide(facts.grid, sizes.chart) * min(sizes.chart, facts.grid.columns))
    by_name = {pulse.server: pulse for pulse in facts.pulses or ()}
    blocks = [
        list(_block(server, by_name[server.name], facts.counts[server.name], facts, sizes, tall))
        for server in facts.servers
        if server.name in by_name
    ]
    lines: list[Line] = []
    for start in range(0, len(blocks), sizes.across):
        some = blocks[start : start + sizes.across]
        for index in range(max(map(len, some))):
            lines.append(_beside([block[index] if index < len(block) else () for block in some], sizes.block))
        lines.append(())
    return lines


def _beside(parts: Sequence[Line], size: int) -> Line:
    found: list[Piece] = []
    for number, part in enumerate(parts):
        if number:
            found.append(Piece(" " * GAP_CELLS))
        found.extend(part)
        if number + 1 < len(parts):
            found.append(Piece(" " * max(0, size - width_of(part))))
    return tuple(found)


def _block(
    server: ServerHealth, pulse: ServerPulse, now: Mapping[State, int], facts: PulseFacts, sizes: Measures, tall: int
) -> Iterator[Line]:
    look = LOOKS[server.health]
    name = clean(server.name, max(4, sizes.block - 16))
    title = (Piece(name, "strong"), Piece(f" {facts.signs.of(server.health)} {look.word}", look.tone))
    room = LABEL_CELLS + sizes.chart + sizes.first + sizes.most - width_of(title)
    yield (*title, Piece(f"{MOST:>{room}}" if sizes.most else "", "dim"))
    if pulse.is_empty and not any(now.values()):
        yield from flowed((Piece("  "), Piece(EMPTY, "dim")), sizes.block, 2)
        return
    for row in rows_of(pulse, facts.grid, now):
        if tall > 1 and row.is_apart:
            yield ()
        yield from _row(row, facts, sizes, tall if row.is_tall else 1)
    yield from _axis(facts, sizes)


def _row(row: Row, facts: PulseFacts, sizes: Measures, tall: int) -> Iterator[Line]:
    """One row in `tall` lines; its name and numbers stand on the last."""
    is_ascii = facts.signs.glyphs.is_ascii
    sign = facts.signs.glyphs.of(row.state) if row.state is not None else " "
    label = f" {sign} {row.label}"
    if row.marks is not None:
        mark, none = ("x", ASCII_NOUGHT) if is_ascii else ("×", NOUGHT)
        known = zip(row.marks, row.values, strict=True)
        drawn: tuple[str, ...] = ("".join(" " if one is None else mark if is_on else none for is_on, one in known),)
    else:
        drawn = columns(row.values, row.scale, tall, is_ascii=is_ascii)
    for number, text in enumerate(drawn):
        chart = widened(text[-sizes.chart :], _wide(facts.grid, sizes.chart))
        is_last = number + 1 == len(drawn)
        pieces = [Piece(pad(label if is_last else "", LABEL_CELLS), row.tone), *_toned(chart, row.tone)]
        if is_last and sizes.first:
            word = f" {row.first.word}" if sizes.first == FIRST_CELLS else ""
            pieces += [Piece(f"{row.first.text:>{sizes.first - len(word)}}"), Piece(word, "dim")]
            pieces += [Piece(f"{row.most:>{sizes.most}}")] if sizes.most else []
        yield tuple(pieces)


def _wide(grid: Grid, cells: int) -> int:
    """Cells of one column: all are as wide as they may be."""
    return max(1, cells // max(1, grid.columns))


def _toned(text: str, tone: str) -> Iterator[Piece]:
    """The bars in the row's tone, noughts dim."""
    start = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or _is_nought(text[index]) != _is_nought(text[start]):
            yield Piece(text[start:index], "dim" if _is_nought(text[start]) else tone)
            start = index


def _is_nought(sign: str) -> bool:
    return sign in (NOUGHT, ASCII_NOUGHT, " ")


def _axis(facts: PulseFacts, sizes: Measures) -> Iterator[Line]:
    """Times below the charts."""
    grid, cells = facts.grid, sizes.chart
    shown_s = grid.step_s * (cells // _wide(grid, cells))
    start_at = grid.end_at - timedelta(seconds=shown_s)
    line = [" "] * cells
    for cell, label in ticks(Axis(start_at, grid.end_at), cells, facts.zone):
        line[cell : cell + len(label)] = label
    yield (Piece(" " * LABEL_CELLS), Piece("".join(line).rstrip(), "dim"))


def _legend(facts: PulseFacts, width: int) -> Iterator[Line]:
    """What the charts count, and what their signs mean."""
    is_ascii = facts.signs.glyphs.is_ascii
    nought, beyond = (ASCII_NOUGHT, ASCII_BEYOND) if is_ascii else (NOUGHT, BEYOND)
    words = (
        "states: the most at once of what is watched or listed",
        "latency: what half of the answers took at most, and 95 of 100",
        f"{nought} none, blank: nobody looked, {beyond} beyond the scale",
    )
    yield from flowed(tuple(piece for word in words for piece in (Piece(word, "dim"), Piece("   "))), width, 0)


def step_words(grid: Grid) -> str:
    """How long a column is: ``15 min``, ``3 h``."""
    minutes = grid.step_s // 60
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 1_440 else count(minutes // 1_440, "day")
