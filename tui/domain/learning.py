"""From transitions to runs: what waited and ran how long, and what was left of the whole at every step. Pure.

Transitions come in the order in which they were written, of any number of targets mixed. Server times count where they
are told (clock differences are out of them already); else a moment is known to lie between two polls. A part whose
start nobody saw gives no run; one that was skipped between two polls ran for at most the time between them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from tui.domain.durations import Durations, Run, Scope, rest_step, run_step, wait_step
from tui.domain.records import Record
from tui.domain.snapshot import Transition
from tui.domain.state import ACTIVE, State

GOOD_ENDS = frozenset({State.DONE, State.PARTIAL})  # a scan that fails says nothing of how long one takes
SAME_S = 1.0  # seconds; servers tell whole ones, so that steps so close together are one
TARGETS_KEPT = 20_000  # targets whose way is being followed; the one that was quiet for longest is forgotten first
STEPS_KEPT = (
    64  # steps of one way that are remembered: a scan has two dozen, but one that never ends may have any number
)
ENDS_KEPT = 200  # newest ends of a server, for what is usual between two of them


class Moment(NamedTuple):
    """A time between two, in seconds since 1970."""

    low: float
    high: float


class Told(NamedTuple):
    """What the server itself tells of one run: queued, begun, ended (None where it does not)."""

    queued_at: datetime | None = None
    began_at: datetime | None = None
    ended_at: datetime | None = None


Lesson = tuple[Scope, Transition, Told | None]  # a transition with what its target is and what its server tells


@dataclass(slots=True)
class _Part:
    state: State
    since: Moment | None
    active: Moment | None = None


@dataclass(slots=True)
class _Way:
    """One target on its way: its parts, and the steps since it began."""

    parts: dict[str, _Part] = field(default_factory=dict)
    steps: list[tuple[str, Moment]] = field(default_factory=list)

    def came_to(self, step: str, at: Moment) -> None:
        """Note a step. The first ones are kept: they say when it began."""
        if len(self.steps) < STEPS_KEPT:
            self.steps.append((step, at))


class Learner:
    """Fills `durations` from transitions, and `ends` with when runs of a server began and ended (seconds)."""

    def __init__(self) -> None:
        self.durations = Durations()
        self.ends: dict[str, list[tuple[float, float]]] = {}
        self._ways: dict[str, _Way] = {}

    def take(self, scope: Scope, transition: Transition, told: Told | None = None) -> None:
        """Take the next transition of a target. `told` is what the server says of the run that this one may end."""
        way = self._ways.pop(transition.key, None) or _Way()
        self._ways[transition.key] = way
        if len(self._ways) > TARGETS_KEPT:
            del self._ways[next(iter(self._ways))]
        at = moment_of(transition)
        part = way.parts.get(transition.part)
        before = part.state if part is not None else transition.before
        if transition.part or told is None:  # else the server's own account of it counts, once it is whole
            self._phase(scope, transition, part, at)
        if not transition.part:
            self._whole(scope, transition, way, before, at, told)
        elif at is not None and transition.after is not State.ABSENT:
            way.came_to(rest_step(transition.part, transition.after), at)
        if transition.after is State.ABSENT:
            way.parts.pop(transition.part, None)
            return
        active = part.active if part is not None and before in ACTIVE else at
        way.parts[transition.part] = _Part(transition.after, at, active if transition.after in ACTIVE else None)

    def shift(self, by_s: float) -> None:
        """This machine's clock leapt by so much: what is on its way, and when things ended, moves with it."""
        for way in self._ways.values():
            way.steps = [(step, _moved(moment, by_s)) for step, moment in way.steps]
            for part in way.parts.values():
                part.since = _moved(part.since, by_s) if part.since is not None else None
                part.active = _moved(part.active, by_s) if part.active is not None else None
        for ends in self.ends.values():
            ends[:] = [(began_s + by_s, ended_s + by_s) for began_s, ended_s in ends]

    def _phase(self, scope: Scope, transition: Transition, part: _Part | None, at: Moment | None) -> None:
        """The wait or run that this transition ends."""
        after, name = transition.after, transition.part
        if part is None or part.since is None or at is None or part.state not in ACTIVE:
            return
        if at.high < part.since.low:  # the clock was set back in between: nobody knows how long it took
            return
        if part.state is State.RUNNING and after in GOOD_ENDS:
            self.durations.add(scope, run_step(name), _between(part.since, at))
        elif part.state is State.WAITING and after is State.RUNNING:
            self.durations.add(scope, wait_step(name), _between(part.since, at))
        elif part.state is State.WAITING and after in GOOD_ENDS and transition.after_at is not None:
            # It ran and ended between two polls, or so short that nobody could see it.
            unseen_s = max(0.0, at.high - transition.after_at.timestamp())
            self.durations.add(scope, run_step(name), Run(0.0, unseen_s, unseen_s))

    def _whole(
        self,
        scope: Scope,
        transition: Transition,
        way: _Way,
        before: State | None,
        at: Moment | None,
        told: Told | None,
    ) -> None:
        """The target itself came into a state: a way begins, goes on or ends."""
        after = transition.after
        if after in ACTIVE:
            if before not in ACTIVE:
                way.steps.clear()
            if at is not None:
                way.came_to(rest_step("", after), at)
            return
        steps, way.steps = way.steps, []
        ways, seen = _told_steps(told), at
        if ways is not None:
            steps, at = ways
        if at is None or not steps or (before not in ACTIVE and ways is None):
            return
        length_s = at.high - min(moment.high for _, moment in steps)
        end_s = seen.high if seen is not None else at.high  # on our clock, where that is known
        ends = self.ends.setdefault(scope.server, [])
        ends.append((end_s - length_s, end_s))
        del ends[:-ENDS_KEPT]
        if after in GOOD_ENDS:
            if ways is not None:
                self._told_phases(scope, steps, at)
            self._rests(scope, steps, at)

    def _told_phases(self, scope: Scope, steps: list[tuple[str, Moment]], end: Moment) -> None:
        began = dict(steps).get(rest_step("", State.RUNNING))
        queued = dict(steps).get(rest_step("", State.WAITING))
        if began is not None and queued is not None:
            self.durations.add(scope, wait_step(""), _between(queued, began))
        if began is not None:
            self.durations.add(scope, run_step(""), _between(began, end))

    def _rests(self, scope: Scope, steps: list[tuple[str, Moment]], end: Moment) -> None:
        """What was left at each step, and how long that step was the newest."""
        within = ((step, moment) for step, moment in steps if moment.high <= end.high)
        ordered = sorted(within, key=lambda one: one[1].high)
        next_s = end.high
        later_s = end.high
        for step, moment in reversed(ordered):
            if next_s - moment.high > SAME_S:
                later_s = next_s
            next_s = min(next_s, moment.high)
            rest = _between(moment, end)
            self.durations.add(scope, step, Run(rest.low_s, rest.high_s, max(0.0, later_s - moment.low)))


def _moved(moment: Moment, by_s: float) -> Moment:
    return Moment(moment.low + by_s, moment.high + by_s)


def moment_of(transition: Transition) -> Moment | None:
    """When it happened, as closely as that is known; None where only our first sight is known."""
    seen = transition.seen_at.timestamp()
    after = transition.after_at.timestamp() if transition.after_at is not None else None
    if transition.server_at is not None:
        told = min(transition.server_at.timestamp(), seen)
        if after is not None:  # we saw the old state then, whatever the server's time says
            told = max(told, min(after, seen))
        return Moment(told, told)
    return None if after is None else Moment(min(after, seen), seen)


def told_of(record: Record | None) -> Told | None:
    """What a record tells of its run by itself: kinds whose server does name these fields alike."""
    if record is None:
        return None
    detail = record.detail
    told = Told(
        detail.when("queued_at"),
        detail.when("activated_at") or detail.when("started_at"),
        detail.when("completed_at") or detail.when("ended_at"),
    )
    return told if any(told) else None


def _told_steps(told: Told | None) -> tuple[list[tuple[str, Moment]], Moment] | None:
    """The steps and the end of a run whose server tells when it began and ended; None where it does not."""
    if told is None or told.began_at is None or told.ended_at is None:
        return None
    times = [(State.WAITING, told.queued_at), (State.RUNNING, told.began_at)]
    found = [(rest_step("", state), at.timestamp()) for state, at in times if at is not None]
    end = told.ended_at.timestamp()
    if any(at > end for _, at in found):
        return None
    return [(step, Moment(at, at)) for step, at in found], Moment(end, end)


def _between(start: Moment, end: Moment) -> Run:
    low, high = max(0.0, end.low - start.high), max(0.0, end.high - start.low)
    return Run(low, high, high)


def learn(learner: Learner, lessons: Iterable[Lesson]) -> None:
    """Take all of them."""
    for scope, transition, told in lessons:
        learner.take(scope, transition, told)
