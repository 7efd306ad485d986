"""One run of a target from its first sign to its end, and what is usual among several. Pure.

Owns which stretch of a target's transitions is its last run. A start that nobody saw and no server told gives no run:
its length would be a guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tui.domain.learning import Told, moment_of
from tui.domain.snapshot import Transition
from tui.domain.state import ACTIVE, State


@dataclass(frozen=True, slots=True)
class PastRun:
    """One run. `ended_at` None while it goes on; `state` is how it ended, or what it is doing."""

    key: str
    name: str
    state: State
    began_at: datetime
    ended_at: datetime | None = None

    def seconds(self, now: datetime) -> float:
        """How long it took, or has taken so far; never less than 0."""
        return max(0.0, ((self.ended_at or now) - self.began_at).total_seconds())


@dataclass(frozen=True, slots=True)
class LastRuns:
    """Runs of a target's scope, the oldest first, and what they have in common ("of the same name")."""

    key: str = ""
    basis: str = ""
    runs: tuple[PastRun, ...] = ()


def last_run(key: str, name: str, own: Sequence[Transition], told: Told | None = None) -> PastRun | None:
    """A target's last run by its own transitions (part ""), oldest first; None where it has none of known length."""
    if not own:
        return None
    if told is not None and told.began_at is not None:
        run = _as_told(key, name, own[-1].after, told, told.began_at)
        if run is not None:
            return run
    began_at: datetime | None = None
    end: Transition | None = None
    is_active = False
    for one in own:
        if one.after in ACTIVE:
            if not is_active:
                began_at, end = _at(one), None
            is_active = True
        elif is_active:
            end, is_active = one, False
    if began_at is None or (end is not None and not end.after.is_terminal):
        return None
    return PastRun(key, name, own[-1].after if end is None else end.after, began_at, None if end is None else _at(end))


def _as_told(key: str, name: str, state: State, told: Told, began_at: datetime) -> PastRun | None:
    """The run as the server itself tells it, its wait included."""
    began_at = min(began_at, told.queued_at or began_at)
    if state in ACTIVE:
        return PastRun(key, name, state, began_at)
    if told.ended_at is None or told.ended_at < began_at or not state.is_terminal:
        return None
    return PastRun(key, name, state, began_at, told.ended_at)


def _at(transition: Transition) -> datetime | None:
    """When it happened, as closely as that is known: at its first sight at the latest."""
    moment = moment_of(transition)
    if moment is None:
        return None
    late_s = max(0.0, transition.seen_at.timestamp() - moment.high)
    return transition.seen_at - timedelta(seconds=late_s)


def median_s(runs: Iterable[PastRun], now: datetime) -> float | None:
    """Seconds that half of the runs that have ended took at most; None without any."""
    ordered = sorted(run.seconds(now) for run in runs if run.ended_at is not None)
    if not ordered:
        return None
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
