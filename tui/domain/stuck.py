"""What is slow and what is stuck, with the reason in a sentence. Pure.

Slow is over the 95th percentile of what its step usually takes; stuck is over three times that, or over the configured
limit where too few runs are known. A server is stuck where nothing on it has finished for far longer than usual
although things run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from tui.domain.durations import Durations, Scope, quantile, scope_of_entry
from tui.domain.estimates import CATEGORY_SIGN, active_marks, phase_step
from tui.domain.snapshot import Entry, Mark
from tui.domain.state import ACTIVE, State

SLOW_SHARE = 0.95
SLOW_RUNS = 12  # runs without which nothing is called slow: the 95th percentile of fewer is merely the longest
STUCK_RUNS = 20  # runs without which the configured limit counts
STUCK_TIMES = 3.0  # times the 95th percentile
STUCK_FLOOR_S = 60.0  # nothing is stuck sooner, however quick it usually is: a few polls may be lost
SERVER_TIMES = 3.0
SERVER_FLOOR_S = 600.0  # a quiet ten minutes are no news of a server
SERVER_ENDS = 20  # ends of runs without which a server is not judged
SERVER_ACTIVE = 2  # targets that must be running: with a single one, the target is the news


class Pace(StrEnum):
    """How a target gets on, by what is usual."""

    USUAL = ""
    SLOW = "slow"
    STUCK = "stuck"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a target gets on: why in a sentence, by which part (as in `Mark.part`), in its step since when."""

    pace: Pace = Pace.USUAL
    text: str = ""
    part: str = ""
    since_at: datetime | None = None
    usual_s: float | None = None  # the 95th percentile, where it is known
    limit_s: float | None = None  # … and the time after which it is stuck
    runs: int = 0


FINE = Verdict()


@dataclass(frozen=True, slots=True)
class _Bounds:
    limit_s: float | None
    usual_s: float | None
    runs: int
    basis: str


def judge(entry: Entry, now: datetime, durations: Durations, configured_s: float | None) -> Verdict:
    """How an entry gets on; the worst of its parts counts. `configured_s` is the limit where nothing is known."""
    if entry.record is None or entry.state not in ACTIVE:
        return FINE
    scope = scope_of_entry(entry)
    worst = FINE
    for mark in active_marks(entry):
        found = _judge_part(scope, mark, now, durations, configured_s)
        if _weight(found) > _weight(worst):
            worst = found
    return worst


def stuck_limit(entry: Entry, durations: Durations, configured_s: float | None) -> float | None:
    """Seconds without any change after which the entry is stuck: the shortest limit of what it waits for or runs."""
    if entry.record is None or entry.state not in ACTIVE:
        return None
    scope = scope_of_entry(entry)
    limits = (_bounds(scope, mark, durations, configured_s).limit_s for mark in active_marks(entry))
    return min((limit_s for limit_s in limits if limit_s is not None), default=configured_s)


def server_stuck(
    entries: Iterable[Entry], ends: Sequence[tuple[float, float]], now: datetime
) -> tuple[float, float, int] | None:
    """Seconds since anything finished on a server, seconds within which something usually does, how many run.

    None where that is nothing to worry about. `entries` are the server's; `ends` when its runs began and ended (seconds
    since 1970). Time in which nothing ran does not count.
    """
    running = [entry for entry in entries if entry.state is State.RUNNING and entry.since_at is not None]
    if len(running) < SERVER_ACTIVE or len(ends) < SERVER_ENDS:
        return None
    ordered = sorted(ends, key=lambda one: one[1])
    gaps = sorted(end_s - max(before_s, began_s) for (_, before_s), (began_s, end_s) in pairwise(ordered))
    usual_s = quantile(gaps, SLOW_SHARE)
    since_s = max(ordered[-1][1], min(entry.since_at.timestamp() for entry in running if entry.since_at is not None))
    quiet_s = now.timestamp() - since_s
    return (quiet_s, usual_s, len(running)) if quiet_s > max(SERVER_FLOOR_S, SERVER_TIMES * usual_s) else None


def span_words(seconds: float) -> str:
    """A span in words, coarse: ``40 s``, ``12 min``, ``3 h 05``, ``2 days``."""
    whole = int(max(0.0, seconds))
    if whole < 120:
        return f"{whole} s"
    if whole < 7200:
        return f"{whole // 60} min"
    if whole < 172_800:
        return f"{whole // 3600} h {whole % 3600 // 60:02d}"
    return f"{whole // 86_400} days"


def _bounds(scope: Scope, mark: Mark, durations: Durations, configured_s: float | None) -> _Bounds:
    found = durations.find(scope, phase_step(mark), SLOW_RUNS)
    if found is None:
        return _Bounds(configured_s, None, 0, "")
    usual_s = found.sample.at_most(SLOW_SHARE)
    runs = len(found.sample)
    limit_s = max(STUCK_FLOOR_S, STUCK_TIMES * usual_s) if runs >= STUCK_RUNS else configured_s
    return _Bounds(limit_s, usual_s, runs, found.scope.words)


def _judge_part(scope: Scope, mark: Mark, now: datetime, durations: Durations, configured_s: float | None) -> Verdict:
    bounds = _bounds(scope, mark, durations, configured_s)
    gone_s = (now - mark.since_at).total_seconds()
    pace = Pace.USUAL
    if bounds.usual_s is not None and gone_s > bounds.usual_s:
        pace = Pace.SLOW
    if bounds.limit_s is not None and gone_s > bounds.limit_s:
        pace = Pace.STUCK
    if pace is Pace.USUAL:
        return FINE
    return Verdict(
        pace, _reason(mark, gone_s, bounds), mark.part, mark.since_at, bounds.usual_s, bounds.limit_s, bounds.runs
    )


def _reason(mark: Mark, gone_s: float, bounds: _Bounds) -> str:
    name = mark.part.removeprefix(CATEGORY_SIGN).replace("_", " ")
    doing = "waited" if mark.state is State.WAITING else "run"
    head = f"{name or 'it'} has {doing} for {span_words(gone_s)}"
    if bounds.usual_s is None:
        limit = span_words(bounds.limit_s or 0.0)
        return f"{head}; how long it usually takes is not known yet, and the limit that is set is {limit}"
    usual = f"95 of 100 take {span_words(bounds.usual_s)} at most (from {bounds.runs} runs {bounds.basis})"
    return f"{head}; {usual}"


def _weight(verdict: Verdict) -> tuple[int, bool]:
    """The order of badness; of two alike the stage says more than the whole."""
    return (Pace.USUAL, Pace.SLOW, Pace.STUCK).index(verdict.pace), bool(verdict.part)
