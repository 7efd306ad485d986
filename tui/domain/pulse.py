"""One server's last hours as series over columns of time: states, ends, latencies, failed polls. Pure.

A column where nobody looked is None, never nought. Counts of a state are the most that were in it at once within a
column: scans that last seconds would be lost between two looks. Knows no storage and no screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from tui.domain.latency import BUCKET_S, Tallies, Tally, total
from tui.domain.learning import GOOD_ENDS, Told, moment_of
from tui.domain.snapshot import Transition
from tui.domain.state import State

LOOK_S = 600.0  # a target is taken to be as it was for so long after its last sight: settled ones are asked seldom
Series = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Columns of equal length: the first begins at `start_at`, the last one holds the present."""

    start_at: datetime
    step_s: int
    columns: int

    @property
    def end_at(self) -> datetime:
        """Where the last column ends."""
        return self.start_at + timedelta(seconds=self.step_s * self.columns)

    def column_of(self, at: datetime) -> int | None:
        """The column of a moment; None outside."""
        column = int((at - self.start_at).total_seconds() // self.step_s)
        return column if 0 <= column < self.columns else None


@dataclass(frozen=True, slots=True)
class Life:
    """One target as far as its life is known: between which sights, what it is now, what its server tells of it."""

    server: str
    first_at: datetime
    last_at: datetime
    state: State
    transitions: tuple[Transition, ...] = ()
    told: Told | None = None


@dataclass(frozen=True, slots=True)
class ServerPulse:
    """The series of one server, each as long as the grid. Latencies in seconds, `is_out` where no poll succeeded."""

    server: str
    levels: tuple[tuple[State, Series], ...] = ()
    good: Series = ()
    bad: Series = ()
    middle_s: Series = ()
    high_s: Series = ()
    failed: Series = ()
    is_out: tuple[bool, ...] = ()
    overall: Tally = field(default_factory=Tally)

    @property
    def is_empty(self) -> bool:
        """Nobody looked at this server in all that time."""
        return all(value is None for value in (*self.good, *self.failed))

    def level(self, state: State) -> Series:
        """The series of a state; noughts where it never was, as far as anybody looked."""
        found = dict(self.levels).get(state)
        return found if found is not None else tuple(None if one is None else 0.0 for one in self.good)


class Stay(NamedTuple):
    """A target was in a state from one moment to another (seconds since 1970)."""

    state: State
    start_s: float
    end_s: float


def pulses(
    servers: Sequence[str],
    lives: Iterable[Life],
    tallies: Tallies,
    grid: Grid,
    now: datetime,
    known_from: datetime | None = None,
) -> tuple[ServerPulse, ...]:
    """The pulse of each server. Before `known_from` no transitions are known (None: all there are)."""
    own: dict[str, list[Life]] = {server: [] for server in servers}
    for life in lives:
        if life.server in own:
            own[life.server].append(life)
    return tuple(_pulse(server, own[server], tallies, grid, now, known_from) for server in servers)


def _pulse(
    server: str, lives: Sequence[Life], tallies: Tallies, grid: Grid, now: datetime, known_from: datetime | None
) -> ServerPulse:
    start_s = grid.start_at.timestamp()
    polls: list[list[Tally]] = [[] for _ in range(grid.columns)]
    for (name, bucket_s), tally in tallies.items():
        column = int((bucket_s - start_s) // grid.step_s)
        if name == server and 0 <= column < grid.columns:
            polls[column].append(tally)
    sums = [total(found) for found in polls]
    looked = [bool(one.polls) for one in sums]
    ends: dict[bool, list[int]] = {True: [0] * grid.columns, False: [0] * grid.columns}
    stays: list[Stay] = []
    for life in lives:
        stays += course(life, now)
        for one in life.transitions:
            if (column_seen := grid.column_of(one.seen_at)) is not None:
                looked[column_seen] = True
            ended = _end_of(one, life.told)
            if ended is not None and (column_ended := grid.column_of(ended)) is not None:
                ends[one.after in GOOD_ENDS][column_ended] += 1
                looked[column_ended] = True
    known_s = known_from.timestamp() if known_from is not None else start_s
    is_known = [seen and start_s + (index + 1) * grid.step_s > known_s for index, seen in enumerate(looked)]
    levels = _levels(stays, grid)
    return ServerPulse(
        server,
        tuple((state, _where(is_known, levels[state])) for state in State if any(levels.get(state, ()))),
        _where(is_known, ends[True]),
        _where(is_known, ends[False]),
        tuple(one.quantile(0.5) for one in sums),
        tuple(one.quantile(0.95) for one in sums),
        _where([bool(one.polls) for one in sums], [one.failed for one in sums]),
        tuple(any(0 < one.polls == one.failed for one in found) for found in polls),
        total(sums),
    )


def _where(is_known: Sequence[bool], values: Sequence[float]) -> Series:
    return tuple(float(value) if known else None for known, value in zip(is_known, values, strict=True))


def _end_of(transition: Transition, told: Told | None) -> datetime | None:
    """When a target ended with this transition; None where it did not, or nobody knows when."""
    if not transition.after.is_terminal or (transition.before is not None and transition.before.is_terminal):
        return None
    if transition.before is not None:
        return min(transition.server_at or transition.seen_at, transition.seen_at)
    return told.ended_at if told is not None and told.ended_at is not None else transition.server_at


def course(life: Life, now: datetime) -> list[Stay]:
    """The states that a target was in, in order. What its server tells of them counts before what we saw."""
    first_s, now_s = life.first_at.timestamp(), now.timestamp()
    last_s = min(now_s, life.last_at.timestamp() + LOOK_S)
    found: list[Stay] = []
    told = life.told or Told()
    if told.began_at is not None and (told.ended_at is not None or life.state is State.RUNNING):
        began_s = told.began_at.timestamp()
        if told.queued_at is not None:
            found.append(_stay(State.WAITING, told.queued_at.timestamp(), began_s, now_s))
        if told.ended_at is not None:
            ended_s = told.ended_at.timestamp()
            found.append(_stay(State.RUNNING, began_s, ended_s, now_s))
            found.append(_stay(life.state, ended_s, last_s, now_s))
        else:
            found.append(_stay(life.state, began_s, last_s, now_s))
        return found
    state = life.transitions[0].before if life.transitions else life.state
    at_s = first_s
    for one in life.transitions:
        moment = moment_of(one)
        seen_s = one.seen_at.timestamp()
        then_s = max(at_s, moment.high if moment is not None and one.before is not None else seen_s)
        if state is not None:
            found.append(_stay(state, at_s, then_s, now_s))
        state, at_s = one.after, then_s
    if state is not None:
        found.append(_stay(state, at_s, max(at_s, last_s), now_s))
    return found


def _stay(state: State, start_s: float, end_s: float, now_s: float) -> Stay:
    start_s = min(start_s, now_s)
    return Stay(state, start_s, max(start_s, min(end_s, now_s)))


def _levels(stays: Iterable[Stay], grid: Grid) -> Mapping[State, list[int]]:
    """How many were in each state at once, at most, in each column."""
    start_s, end_s = grid.start_at.timestamp(), grid.end_at.timestamp()
    steps: dict[State, list[tuple[float, int]]] = {}
    for state, from_s, until_s in stays:
        if until_s >= start_s and from_s < end_s and state is not State.ABSENT:
            ends = ((max(from_s, start_s), 1), (until_s, -1)) if until_s > from_s else ((from_s, 0),)
            steps.setdefault(state, []).extend(ends)
    return {state: _most(sorted(found), start_s, grid) for state, found in steps.items()}


def _most(steps: Sequence[tuple[float, int]], start_s: float, grid: Grid) -> list[int]:
    """The most at once in each column; what ends in a moment is gone before what begins in it.

    A step of 0 is a stay between two looks: one more for that moment alone.
    """
    found = [0] * grid.columns
    count, reached = 0, 0
    for at_s, change in steps:
        column = min(grid.columns, int((at_s - start_s) // grid.step_s))
        while reached < column:
            found[reached] = max(found[reached], count)
            reached += 1
            if reached < grid.columns:
                found[reached] = count
        count += change
        if column < grid.columns:
            found[column] = max(found[column], count + (0 if change else 1))
    for column in range(reached, grid.columns):
        found[column] = max(found[column], count)
    return found


def grid_for(now: datetime, length_s: int, most: int, offset_s: int = 0, least_s: int = BUCKET_S) -> Grid:
    """The finest columns, at most `most` of them, that cover the last `length_s` seconds.

    They begin at times that a person counts in, in a zone that is `offset_s` ahead of UTC.
    """
    steps = [step for step in STEPS_S if step >= least_s]
    step_s = next((step for step in steps if -(-length_s // step) <= max(1, most)), steps[-1])
    columns = max(1, min(max(1, most), -(-length_s // step_s)))
    here_s = now.timestamp() + offset_s
    end_s = (here_s // step_s + 1) * step_s - offset_s
    start_at = now + timedelta(seconds=end_s - step_s * columns - now.timestamp())
    return Grid(start_at.replace(microsecond=0), step_s, columns)


STEPS_S = tuple(minutes * 60 for minutes in (5, 10, 15, 30, 60, 120, 180, 240, 360, 480, 720, 1_440, 10_080))
