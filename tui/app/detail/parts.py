"""How far a target is: stages and categories, a pipeline from top to bottom, and all of them on one time axis. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui.app.detail.context import LABEL_CELLS, DetailContext, flowed, heading, pad
from tui.app.line import Line, Piece, width_of
from tui.domain.records import Stage
from tui.domain.snapshot import Entry
from tui.domain.state import State
from tui.present.format import age, count, duration, moment
from tui.present.safe import clean
from tui.present.timeline import Axis, Lane, Run, axis_of, drawn, lanes, part_bars, spent, ticks
from tui.present.usual import AHEAD, ASCII_AHEAD, ASCII_FURTHER, FURTHER, Usual, behind, stretched, usual_of

WORD_CELLS = 24  # of a status in the server's own word
BAR_CELLS_AT_LEAST = 12  # a time axis that is shorter says nothing
BAR_CELLS_AT_MOST = 100
SPENT_CELLS = 9  # of a bar's time: ``1h05``, ``>12m``


def stage_lines(
    entry: Entry, context: DetailContext, width: int, title: str, prefix: str, stages: Sequence[Stage]
) -> Iterator[Line]:
    """A line a stage: sign, name, our state, the server's word, its time, time in state."""
    if not stages:
        return
    since = {mark.part: mark.since_at for mark in entry.marks}
    names = [clean(stage.name.replace("_", " "), LABEL_CELLS) for stage in stages]
    size = max(width_of((Piece(name),)) for name in names)
    states = max(len(stage.state.word) for stage in stages)
    words = [clean(stage.status, WORD_CELLS) if stage.status is not None else "" for stage in stages]
    room = max(width_of((Piece(word),)) for word in words)
    times = [moment(stage.time_at, context.now, context.zone) for stage in stages]
    yield heading(title)
    for stage, name, word, at in zip(stages, names, words, times, strict=True):
        seen_at = since.get(prefix + stage.name)
        aged = age((context.now - seen_at).total_seconds()) if seen_at is not None else ""
        tone = stage.state.value
        line = (
            Piece(f"  {context.signs.glyphs.of(stage.state)} ", tone),
            Piece(pad(name, size + 2), "dim" if stage.state is State.ABSENT else ""),
            Piece(stage.state.word.ljust(states + 2), tone),
            Piece(pad(word, room + 2), "dim"),
            Piece(at.ljust(max(map(len, times)))),
            Piece(f"  for {aged}" if aged else "", "dim"),
        )
        yield from flowed(line, width)


def pipeline_lines(entry: Entry, context: DetailContext, width: int) -> Iterator[Line]:
    """The stages as a line from top to bottom, each with the time spent in it; passed over ones said as such."""
    record = entry.record
    if record is None or not record.stages:
        return
    stages = record.stages
    reached = max((index for index, stage in enumerate(stages) if stage.state is not State.ABSENT), default=-1)
    names = [clean(stage.name.replace("_", " "), LABEL_CELLS + 8) for stage in stages]
    size = max(width_of((Piece(name),)) for name in names)
    tops = ("|", "|", "|") if context.signs.glyphs.is_ascii else ("┌", "├", "└")
    yield heading("Pipeline", "with the time spent in each stage")
    for index, (stage, name) in enumerate(zip(stages, names, strict=True)):
        is_here = index == reached
        top = tops[0] if not index else tops[2] if index == len(stages) - 1 else tops[1]
        is_absent = stage.state is State.ABSENT
        yield from flowed(
            (
                Piece(f"  {top} ", "dim"),
                Piece(f"{context.signs.glyphs.of(stage.state)} ", stage.state.value),
                Piece(pad(name, size + 2), "strong" if is_here else "dim" if is_absent else ""),
                Piece(_passed(entry, stages, context, index, reached), "dim" if not is_here else stage.state.value),
                Piece(f"  ({clean(stage.status, WORD_CELLS)})" if is_here and stage.status else "", "dim"),
            ),
            width,
            8,
        )


def _passed(entry: Entry, stages: Sequence[Stage], context: DetailContext, index: int, reached: int) -> str:
    """What is known of the time in one stage of the pipeline."""
    stage = stages[index]
    if stage.state is State.ABSENT:
        if index < reached:
            return "skipped"
        return "" if entry.state.is_terminal else "to come"
    bars = part_bars(entry, stage.name, stage, context.now)
    text = spent(bars)
    if index == reached:
        aged = f"for {text.removesuffix(' so far')}" if bars and bars[-1].is_open and text else text
        at = moment(stage.time_at, context.now, context.zone)
        return " ".join(part for part in (stage.state.word, aged, f"since {at}" if at else "") if part)
    return text or "before it was watched"


def timeline_lines(entry: Entry, context: DetailContext, width: int) -> Iterator[Line]:
    """Bars on one axis of time, with ticks below; nothing where no bar has a length or there is no room for one."""
    found = lanes(entry, context.now)
    axis = axis_of(found)
    names = [clean(lane.name.replace("_", " "), LABEL_CELLS) for lane in found]
    size = min(LABEL_CELLS, max((width_of((Piece(name),)) for name in names), default=0))
    size = min(size, max(6, width // 3))
    cells = min(BAR_CELLS_AT_MOST, width - 2 - size - 1 - SPENT_CELLS)
    is_empty = not any(bar.seconds or bar.is_open for lane in found for bar in lane.bars)
    if axis is None or is_empty or cells < BAR_CELLS_AT_LEAST:
        return
    is_ascii = context.signs.glyphs.is_ascii
    usuals = [usual_of(entry, lane, context.outlook.learner.durations) for lane in found]
    seconds, end_at, axis = axis.seconds, axis.end_at, stretched(axis, usuals)
    is_open = any(bar.is_open for lane in found for bar in lane.bars)
    end = "now" if is_open else moment(end_at, context.now, context.zone)
    yield heading("Timeline", f"{moment(axis.start_at, context.now, context.zone)} to {end}, {duration(seconds)}")
    for lane, name, usual in zip(found, names, usuals, strict=True):
        pieces = [Piece(f"  {pad(clean(name, size), size)} ")]
        runs = drawn(lane, axis, cells, is_ascii=is_ascii)
        pieces += [_run(run) for run in behind(runs, lane, usual, axis, is_ascii=is_ascii)]
        yield (*pieces, Piece(f" {_brief(lane)}", "dim"))
    line = [" "] * cells
    for cell, label in ticks(axis, cells, context.zone):
        line[cell : cell + len(label)] = label
    labels = "".join(line).rstrip()
    if labels:
        yield (Piece(" " * (size + 3)), Piece(labels, "dim"))
    if entry.record is not None and entry.record.stages:
        yield from _legend(found, context, width)
    yield from _usual_legend([one for one in usuals if one is not None], axis, context, width)


def _usual_legend(usuals: Sequence[Usual], axis: Axis, context: DetailContext, width: int) -> Iterator[Line]:
    """What the range behind the bars is, and from how many runs of what."""
    if not usuals:
        return
    counts, words = {one.runs for one in usuals}, {one.basis for one in usuals}
    known = count(max(counts), "run") if len(counts) == 1 else f"{min(counts)} to {count(max(counts), 'run')}"
    basis = f" {words.pop()}" if len(words) == 1 else ""
    sign = f"{ASCII_AHEAD}, + or :" if context.signs.glyphs.is_ascii else f"{AHEAD} ▓ ▒"
    further = ASCII_FURTHER if context.signs.glyphs.is_ascii else FURTHER
    beyond = f"   {further} or later" if any(one.late_at > axis.end_at for one in usuals) else ""
    text = f"{sign} usually ends here (8 of 10), from {known}{basis}{beyond}"
    yield from flowed((Piece("  "), Piece(text, "dim")), width, 2)


def _legend(found: Sequence[Lane], context: DetailContext, width: int) -> Iterator[Line]:
    """What the signs of the bars mean, of those that are there."""
    bars = [bar for lane in found for bar in lane.bars]
    is_ascii = context.signs.glyphs.is_ascii
    words = []
    if any(bar.state is State.WAITING for bar in bars):
        words.append(f"{'.' if is_ascii else '░'} waited")
    if any(bar.state is State.RUNNING for bar in bars):
        words.append(f"{'#' if is_ascii else '█'} ran")
    if any(not bar.is_start_seen for bar in bars):
        words.append(f"{'<' if is_ascii else '‹'} its start was not seen")
    yield from flowed((Piece("  "), *(Piece(f"{word}   ", "dim") for word in words)), width, 2)


def _run(run: Run) -> Piece:
    return Piece(run.text, run.state.value if run.state is not None else "" if run.text.isspace() else "dim")


def _brief(lane: Lane) -> str:
    """The time of a lane in few cells: ``2m10``, ``>3h05``, ``<7s``."""
    text = spent(lane.bars).removesuffix(" so far")
    return text.replace("at least ", ">").replace("at most ", "<")
