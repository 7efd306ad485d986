"""Stages on one time axis: what waited and ran from when to when, laid out in cells, with tick labels. Pure.

Built from the transitions that were seen and the server's own times. A start that nobody saw is marked as such and
never invented: such a bar begins where the earliest knowledge lies. Knows no colours and no screen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from tui.domain.records import Record, Stage
from tui.domain.snapshot import Entry, Mark, Transition
from tui.domain.state import ACTIVE, State
from tui.present.format import age, duration

SHORTEST_S = 1.0  # of an axis; a shorter one could not be divided
TICK_GAP = 3  # cells between the labels of two ticks
CATEGORY_SIGN = "@"  # before a category's name in a transition's part
RAN = frozenset({State.DONE, State.PARTIAL, State.FAILED})  # what is so has run; unsupported parts never did
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400
# Seconds between two ticks, from the finest: steps that a person counts in.
STEPS_S = (
    *(1, 2, 5, 10, 15, 30),
    *(step * _MINUTE_S for step in (1, 2, 5, 10, 15, 30)),
    *(step * _HOUR_S for step in (1, 2, 3, 6, 12)),
    *(step * _DAY_S for step in (1, 2, 7, 14, 30, 91, 182, 365, 1_825, 3_650, 36_500)),
)
RUN_SIGN, WAIT_SIGN, UNSEEN_SIGN = "█", "░", "‹"
ASCII_RUN_SIGN, ASCII_WAIT_SIGN, ASCII_UNSEEN_SIGN = "#", ".", "<"


@dataclass(frozen=True, slots=True)
class Bar:
    """A part that waited or ran from `start_at` to `end_at`.

    `state` is what it was, `outcome` what it became (itself while it goes on: then `is_open`, and the end is now).
    Without `is_start_seen` it began at some time before, or, if `is_within` (it was over between two polls), after it.
    """

    state: State
    outcome: State
    start_at: datetime
    end_at: datetime
    is_start_seen: bool = True
    is_open: bool = False
    is_within: bool = False

    @property
    def seconds(self) -> float:
        """How long, never less than 0."""
        return max(0.0, (self.end_at - self.start_at).total_seconds())


@dataclass(frozen=True, slots=True)
class Lane:
    """One part's bars, in order and without overlap."""

    name: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """From when to when; at least `SHORTEST_S` long."""

    start_at: datetime
    end_at: datetime

    @property
    def seconds(self) -> float:
        """Its length."""
        return (self.end_at - self.start_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Run:
    """Cells of one look: a text, and the state that colours it (None for empty ones)."""

    text: str
    state: State | None = None


def lanes(entry: Entry, now: datetime) -> tuple[Lane, ...]:
    """A lane for each stage and category that is known to have waited or run; of a job or report its wait and run."""
    record = entry.record
    if record is None:
        return ()
    parts = [(stage.name, stage) for stage in record.stages]
    parts += [(CATEGORY_SIGN + category.name, category) for category in record.categories]
    if not parts:
        return _own_lanes(record, entry.on_server(now))
    found = (Lane(part.removeprefix(CATEGORY_SIGN), part_bars(entry, part, stage, now)) for part, stage in parts)
    return tuple(lane for lane in found if lane.bars)


def part_bars(entry: Entry, part: str, stage: Stage | None, now: datetime) -> tuple[Bar, ...]:
    """The bars of one part (see `Transition.part`), from its transitions; else from its mark and the server's time."""
    own = sorted((one for one in entry.transitions if one.part == part), key=lambda one: one.seen_at)
    if not own:
        mark = next((mark for mark in entry.marks if mark.part == part), None)
        return _unseen(stage, mark, now)
    moments = [_moment(one, entry.transitions) for one in own]
    found: list[Bar] = []
    for index, (one, at) in enumerate(zip(own, moments, strict=True)):
        is_last = index + 1 == len(own)
        if one.after in ACTIVE:
            is_seen = one.before is not None or one.server_at is not None
            end_at = now if is_last else moments[index + 1]
            outcome = one.after if is_last else own[index + 1].after
            found.append(Bar(one.after, outcome, at, end_at, is_seen, is_last))
        elif one.before not in ACTIVE and one.after in RAN:
            # It was over when it was first seen: between two polls, or before it was watched at all.
            start_at = one.after_at if one.before is not None and one.after_at is not None else at
            found.append(Bar(State.RUNNING, one.after, start_at, at, False, is_within=True))
    return tuple(_in_order(found, now))


def _unseen(stage: Stage | None, mark: Mark | None, now: datetime) -> tuple[Bar, ...]:
    """What can be said without any transition."""
    at = mark.since_at if mark is not None else stage.time_at if stage is not None else None
    state = stage.state if stage is not None else mark.state if mark is not None else State.ABSENT
    if at is None:
        return ()
    at = min(at, now)
    if state in ACTIVE:
        return (Bar(state, state, at, now, mark is not None, True),)
    return (Bar(State.RUNNING, state, at, at, False, is_within=True),) if state in RAN else ()


def _moment(one: Transition, others: Sequence[Transition]) -> datetime:
    """When it happened: the server's time, but not before the last sight of the old state.

    A step of a pipeline has no end of its own: it ends when the next one begins, which came with the same answer.
    """
    told_at = one.server_at
    if told_at is None and one.status is None and one.after is State.DONE:
        begun = [other.server_at for other in others if other.seen_at == one.seen_at and other.status is not None]
        told_at = max((at for at in begun if at is not None), default=None)
    if told_at is None:
        return one.seen_at
    at = min(told_at, one.seen_at)
    return max(at, one.after_at) if one.before is not None and one.after_at is not None else at


def _in_order(bars: Sequence[Bar], now: datetime) -> Iterator[Bar]:
    """The bars as they can be drawn, whatever the clocks said: none after now, none negative, none over another."""
    last_at: datetime | None = None
    for bar in bars:
        start_at = min(bar.start_at, now)
        if last_at is not None:
            start_at = max(start_at, last_at)
        end_at = max(start_at, min(bar.end_at, now))
        last_at = end_at
        yield replace(bar, start_at=start_at, end_at=end_at)


def _own_lanes(record: Record, now: datetime) -> tuple[Lane, ...]:
    """The wait and the run of a target without stages, from the times of its own fields; `now` is its server's."""
    when = record.detail.when
    queued_at, ended_at = when("queued_at"), when("completed_at") or when("ended_at")
    started_at = when("activated_at") or when("started_at")
    found: list[Lane] = []
    begun_at = started_at or ended_at or (None if record.state.is_terminal else now)
    if queued_at is not None and begun_at is not None:
        is_open = record.state is State.WAITING
        outcome = State.WAITING if is_open else State.RUNNING
        found.append(_lane("waited", Bar(State.WAITING, outcome, queued_at, begun_at, is_open=is_open), now))
    over_at = ended_at or (now if record.state is State.RUNNING else None)
    if started_at is not None and over_at is not None:
        is_open = ended_at is None
        found.append(_lane("ran", Bar(State.RUNNING, record.state, started_at, over_at, is_open=is_open), now))
    return tuple(found)


def _lane(name: str, bar: Bar, now: datetime) -> Lane:
    return Lane(name, tuple(_in_order((bar,), now)))


def spent(bars: Sequence[Bar]) -> str:
    """How long a part has taken in all: ``2m10``, ``at least 2m10``, ``at most 7s``; "" where nobody can tell."""
    if not bars:
        return ""
    seconds = sum(bar.seconds for bar in bars)
    if bars[-1].is_open:
        text = age(seconds)
        return f"{text} so far" if bars[0].is_start_seen else f"at least {text} so far"
    if any(bar.is_within for bar in bars):
        return f"at most {duration(seconds)}" if seconds and len(bars) == 1 else ""
    return duration(seconds) if bars[0].is_start_seen else f"at least {duration(seconds)}"


def axis_of(found: Sequence[Lane]) -> Axis | None:
    """The one axis of all lanes; None where there is no bar."""
    bars = [bar for lane in found for bar in lane.bars]
    if not bars:
        return None
    start_at, end_at = min(bar.start_at for bar in bars), max(bar.end_at for bar in bars)
    if (end_at - start_at).total_seconds() < SHORTEST_S:
        start_at = end_at - timedelta(seconds=SHORTEST_S)
    return Axis(start_at, end_at)


def cell_of(at: datetime, axis: Axis, cells: int) -> int:
    """The cell of a moment, 0 to `cells` - 1; moments outside fall on the first or the last."""
    if cells < 1:
        return 0
    share = (at - axis.start_at).total_seconds() / axis.seconds
    return min(cells - 1, max(0, int(share * cells)))


def place(bar: Bar, axis: Axis, cells: int) -> tuple[int, int]:
    """The first and the last cell of a bar; it always has one."""
    first = cell_of(bar.start_at, axis, cells)
    share = (bar.end_at - axis.start_at).total_seconds() / axis.seconds
    last = min(cells - 1, max(first, round(share * cells) - 1))
    return first, max(first, last)


def drawn(lane: Lane, axis: Axis, cells: int, *, is_ascii: bool = False) -> tuple[Run, ...]:
    """A lane in exactly `cells` cells. A bar begins with a sign where its start was not seen."""
    row: list[tuple[str, State | None]] = [(" ", None)] * max(0, cells)
    for bar in lane.bars if cells > 0 else ():
        first, last = place(bar, axis, cells)
        for index in range(first, last + 1):
            row[index] = (_sign(bar, is_ascii, is_first=index == first), _tint(bar))
    runs: list[Run] = []
    for text, state in row:
        if runs and runs[-1].state is state:
            runs[-1] = Run(runs[-1].text + text, state)
        else:
            runs.append(Run(text, state))
    return tuple(runs)


def _sign(bar: Bar, is_ascii: bool, *, is_first: bool) -> str:
    if is_first and not bar.is_start_seen:
        return ASCII_UNSEEN_SIGN if is_ascii else UNSEEN_SIGN
    if bar.state is State.WAITING:
        return ASCII_WAIT_SIGN if is_ascii else WAIT_SIGN
    return ASCII_RUN_SIGN if is_ascii else RUN_SIGN


def _tint(bar: Bar) -> State:
    return State.WAITING if bar.state is State.WAITING else bar.outcome


def ticks(axis: Axis, cells: int, zone: tzinfo) -> tuple[tuple[int, str], ...]:
    """Cells and labels of the ticks, at times that a person counts in; labels fit into `cells` and do not touch."""
    offset = axis.start_at.astimezone(zone).utcoffset() or timedelta()
    start_s = axis.start_at.timestamp() + offset.total_seconds()
    for step_s in STEPS_S:
        width = len(_label(axis.start_at, step_s, zone)) + TICK_GAP
        if axis.seconds / step_s * width > cells:
            continue
        found: list[tuple[int, str]] = []
        at_s = -(-start_s // step_s) * step_s
        while at_s <= start_s + axis.seconds:
            at = axis.start_at + timedelta(seconds=at_s - start_s)
            cell, label = cell_of(at, axis, cells), _label(at, step_s, zone)
            is_free = not found or cell > found[-1][0] + len(found[-1][1])
            if is_free and cell + len(label) <= cells:
                found.append((cell, label))
            at_s += step_s
        return tuple(found)
    return ()


def _label(at: datetime, step_s: int, zone: tzinfo) -> str:
    here = at.astimezone(zone)
    if step_s < _MINUTE_S:
        return f"{here:%H:%M:%S}"
    if step_s < _DAY_S:
        return f"{here:%H:%M}"
    return f"{here.year:04d}-{here:%m-%d}" if step_s >= 365 * _DAY_S else f"{here:%m-%d}"
