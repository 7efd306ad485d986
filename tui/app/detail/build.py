"""The lines of one target's detail, section by section, in the order in which a person asks: what is wrong, where does
it stand, what is it, what has been seen, how do the polls go, what did the server really say.

Pure: entry, time and signs in, lines out. Each section is made in a module of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tui.app.detail.context import ROWS, DetailContext, flowed, heading, with_gaps
from tui.app.detail.facts import field_lines, pace_lines, place_lines, poll_lines, seen_lines, trouble_lines
from tui.app.detail.links import blocking_links, report_links, scope_of
from tui.app.detail.parts import pipeline_lines, stage_lines, timeline_lines
from tui.app.detail.past import past_lines
from tui.app.detail.raw import raw_lines
from tui.app.line import Line, Piece, trim, width_of
from tui.domain.records import Record, Stage
from tui.domain.snapshot import Entry
from tui.domain.state import State
from tui.present.format import age, bar, count, percent
from tui.present.safe import clean

NAME_CELLS = 24  # of a name that a title shows before it gives the server's word any room
BAR_CELLS = 30  # of a report's progress
PIPELINES = frozenset({"scan"})  # kinds whose stages follow one another, one at a time

__all__ = ["DetailContext", "detail_lines", "heading", "title_line"]


def detail_lines(entry: Entry, context: DetailContext, width: int) -> list[Line]:
    """Everything that is known of a target, in lines of at most `width` cells."""
    is_pipeline = entry.target.kind in PIPELINES
    stages: Iterable[Line] = (
        pipeline_lines(entry, context, width)
        if is_pipeline
        else stage_lines(entry, context, width, "Stages", "", _stages(entry))
    )
    return with_gaps(
        (
            trouble_lines(entry, context, width),
            blocking_links(entry, context, width),
            pace_lines(entry, context, width),
            _report(entry, context, width),
            _imported(entry, width),
            stages,
            stage_lines(entry, context, width, "Exposure categories", "@", _categories(entry)),
            timeline_lines(entry, context, width),
            past_lines(context.past, context, width),
            report_links(entry, context, width),
            field_lines(entry, context, width),
            seen_lines(entry, context, width),
            poll_lines(entry, context, width),
            place_lines(entry, width),
            raw_lines(entry.record.raw if entry.record is not None else "", context, width),
        ),
        width,
    )


def title_line(entry: Entry, context: DetailContext, width: int) -> Line:
    """The detail's title: sign, name, state, the server's word, since when."""
    state = entry.state
    sign = Piece(f" {context.signs.glyphs.of(state)} ", state.value)
    word = entry.record.status if entry.record is not None else None
    said = "" if word is None or word.lower() == state.word else f" ({clean(word or 'no word', 40)})"
    since = entry.since_at
    aged = f" for {age((context.now - since).total_seconds())}" if since is not None else ""
    name = entry.label or entry.name
    tails: list[Line] = [(Piece(f"  {state.word}", state.value), Piece(f"{word}{aged}", "dim")) for word in (said, "")]
    # The server's word gives way before the name does; it stands in the detail's first lines too.
    least = min(NAME_CELLS, width_of((Piece(clean(name)),)))
    tail = next((tail for tail in tails if width_of((sign, *tail)) + least <= width), tails[-1])
    room = max(0, width - width_of((sign, *tail)))
    return trim((sign, Piece(clean(name, room), "strong"), *tail), width)


def _stages(entry: Entry) -> tuple[Stage, ...]:
    return entry.record.stages if entry.record is not None else ()


def _categories(entry: Entry) -> tuple[Stage, ...]:
    return entry.record.categories if entry.record is not None else ()


def _report(entry: Entry, context: DetailContext, width: int) -> Iterator[Line]:
    """A report's scope, progress, and the way to its rows."""
    record = entry.record
    if entry.target.kind != "report" or record is None:
        return
    yield heading("Report")
    kind, names = scope_of(record.raw)
    if kind:
        scope = clean(f"{kind.replace('_', ' ')} {', '.join(names)}")
        yield from flowed((Piece("  scope     ", "dim"), Piece(scope)), width, 12)
    progress = record.detail.get("progress")
    if isinstance(progress, int | float):
        cells = min(BAR_CELLS, max(8, width - 20))
        drawn = bar(progress / 100, cells, is_ascii=context.signs.glyphs.is_ascii)
        yield (Piece("  progress  ", "dim"), Piece(drawn, record.state.value), Piece(f" {percent(progress)}"))
    rows = record.detail.get("rows")
    known = count(rows, "row") if isinstance(rows, int) else "its rows"
    if record.state is State.DONE:
        yield from flowed((Piece("  rows      ", "dim"), Piece(f"show {known}", "accent", ROWS)), width, 12)
    elif not record.state.is_terminal:
        yield from flowed((Piece("  rows      ", "dim"), Piece("not before it is completed", "dim")), width, 12)


def _imported(entry: Entry, width: int) -> Iterator[Line]:
    """What became of a ThreadFix upload: the scan's id and where to look at it."""
    record = entry.record
    if entry.target.kind not in PIPELINES or record is None or record.state is not State.DONE:
        return
    number = record.detail.text("scanId")
    if not number:
        return
    yield heading("Imported", "its statistics may lag: they are counted after the scan is done")
    line = [Piece("  scan "), Piece(clean(number, 20), "strong")]
    if record.web_url:
        line += [Piece("  "), Piece(clean(record.web_url, 2_000), "accent", "row.web")]
    yield from flowed(tuple(line), width, 7)


def is_done_report(record: Record | None) -> bool:
    """There are rows to be read."""
    return record is not None and record.target.kind == "report" and record.state is State.DONE
