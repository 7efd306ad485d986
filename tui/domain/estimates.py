"""How much time is left, as a range with its basis. Pure: an entry, the time and durations in, a range out.

The runs that are asked are those that had lasted at least as long as this one has, counted from the server's start; the
range leaves out the same share of them at both ends. Without a basis there is no range at all, and never a bar.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tui.domain.durations import MIN_RUNS, Durations, Sample, rest_step, run_step, scope_of_entry, wait_step
from tui.domain.snapshot import Entry, Mark
from tui.domain.state import ACTIVE, State

CATEGORY_SIGN = "@"  # before a category's name in a mark's part, as polling writes it
TAIL_SHARE = 0.08  # of the runs left out at each end: of fresh runs 84 % then fall into the range, a margin over 80
MIN_SURVIVORS = 5  # runs that had lasted as long; fewer are told by no range
TOGETHER_S = 1.5  # seconds; marks this close to the newest came with it


@dataclass(frozen=True, slots=True)
class Left:
    """Time left: between `low_s` and `high_s`, by `runs` runs of what `basis` says ("of the same name")."""

    low_s: float
    high_s: float
    runs: int
    basis: str = ""


def time_left(entry: Entry, now: datetime, durations: Durations) -> Left | None:
    """What is left of the whole target; None where it has ended, or there is no basis.

    Judged from the newest step that is known of it (a stage that began, waited or ended).
    """
    if entry.state not in ACTIVE or entry.record is None:
        return None
    scope = scope_of_entry(entry)
    # What was so when we first looked began at a time that nobody knows, unless the server tells it.
    newest = _newest([mark for mark in true_marks(entry) if mark.since_at != entry.first_seen_at])
    stages = [mark for mark in newest if mark.part]
    for marks in (stages, [mark for mark in newest if not mark.part]):  # a stage says more than the whole
        best: Left | None = None
        for mark in marks:
            found = durations.find(scope, rest_step(mark.part, mark.state))
            if found is None or (best is not None and best.runs >= len(found.sample)):
                continue
            left = _rest(found.sample, (now - mark.since_at).total_seconds(), found.scope.words)
            best = left or best
        if best is not None:
            return best
    return None


def stage_left(entry: Entry, part: str, now: datetime, durations: Durations) -> Left | None:
    """What is left of one part's wait or run (`part` as in `Mark.part`); None where it does neither, or no basis."""
    mark = next((mark for mark in entry.marks if mark.part == part), None)
    if mark is None or mark.state not in ACTIVE:
        return None
    found = durations.find(scope_of_entry(entry), phase_step(mark))
    if found is None:
        return None
    return _rest(found.sample, (now - mark.since_at).total_seconds(), found.scope.words)


def true_marks(entry: Entry) -> tuple[Mark, ...]:
    """The entry's marks, the whole target's with the time at which we saw it come into its state.

    Some servers tell as the time of the whole that of its newest stage; what a run of the whole took counts from its
    beginning.
    """
    return tuple(mark if mark.part else _from_its_start(entry, mark) for mark in entry.marks)


def _from_its_start(entry: Entry, mark: Mark) -> Mark:
    for transition in reversed(entry.transitions):
        if not transition.part:
            if transition.after is not mark.state:
                break
            since_at = max(filter(None, (transition.server_at or transition.seen_at, transition.after_at)))
            return replace(mark, since_at=min(since_at, mark.since_at))
    return mark


def active_marks(entry: Entry) -> tuple[Mark, ...]:
    """The parts that wait or run now."""
    return tuple(mark for mark in true_marks(entry) if mark.state in ACTIVE)


def phase_step(mark: Mark) -> str:
    """The step that a part which waits or runs is in."""
    return wait_step(mark.part) if mark.state is State.WAITING else run_step(mark.part)


def _newest(marks: Sequence[Mark]) -> list[Mark]:
    """The marks that came last, and those that came with them."""
    known = [mark for mark in marks if mark.state is not State.ABSENT]
    if not known:
        return []
    last = max(mark.since_at for mark in known)
    return [mark for mark in known if (last - mark.since_at).total_seconds() <= TOGETHER_S]


def _rest(sample: Sample, gone_s: float, basis: str) -> Left | None:
    """The range of what is left after `gone_s` seconds, from the runs of the sample that went on for longer."""
    gone_s = max(0.0, gone_s)
    alike = [run for run in sample if run.gap_s > gone_s]
    if len(alike) < MIN_RUNS:  # at this step for longer than nearly all: what was left at all still counts
        alike = [run for run in sample if run.high_s > gone_s]
    if len(alike) < MIN_SURVIVORS:
        return None
    lows = sorted(run.low_s for run in alike)
    highs = sorted(run.high_s for run in alike)
    cut = max(0, int(TAIL_SHARE * (len(alike) + 1)) - 1)
    low_s, high_s = lows[cut] - gone_s, highs[-1 - cut] - gone_s
    return Left(max(0.0, low_s), max(0.0, high_s), len(sample), basis)
