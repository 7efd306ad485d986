"""How polls of one server went in one short span: how many, how many failed, how long the answers took. Pure.

Latencies are counted in steps that grow by a fixed ratio, so that a quantile can be told without keeping each of them,
and what two processes counted can be added. Seconds throughout.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

BUCKET_S = 300  # seconds that one tally is of
SHORTEST_S = 0.0001  # the lower end of the first step; loopback answers in less than a millisecond
STEPS_PER_DOUBLING = 4  # a quantile is then right to within a tenth
LAST_STEP = 92  # about 850 s; nothing is waited for as long
LONGEST_S = 1_000.0  # … so that nothing is
COUNT_LIMIT = 1_000_000_000  # of one number that is read back: a damaged file must not make numbers without end


@dataclass(frozen=True, slots=True)
class Tally:
    """Polls of one span. `spread` is how many latencies fell into each step (see `step_of`), in the order of steps."""

    polls: int = 0
    failed: int = 0
    sum_s: float = 0.0
    longest_s: float = 0.0
    spread: tuple[tuple[int, int], ...] = ()

    def plus(self, other: Tally) -> Tally:
        """Both together."""
        counts = dict(self.spread)
        for step, count in other.spread:
            counts[step] = counts.get(step, 0) + count
        return Tally(
            self.polls + other.polls,
            self.failed + other.failed,
            self.sum_s + other.sum_s,
            max(self.longest_s, other.longest_s),
            tuple(sorted(counts.items())),
        )

    def quantile(self, share: float) -> float | None:
        """Seconds that this share of the answers took at most, never more than the longest; None without answers."""
        total = sum(count for _, count in self.spread)
        wanted, seen = max(1, math.ceil(min(1.0, max(0.0, share)) * total)), 0
        for step, count in self.spread:
            seen += count
            if total and seen >= wanted:
                return min(self.longest_s, seconds_of(step)) if self.longest_s else seconds_of(step)
        return None


def poll_of(latency_s: float | None) -> Tally:
    """One poll that was answered in that time; None for one that failed."""
    if latency_s is None or latency_s != latency_s:
        return Tally(1, 1)
    latency_s = min(max(0.0, latency_s), seconds_of(LAST_STEP))
    return Tally(1, 0, latency_s, latency_s, ((step_of(latency_s), 1),))


def step_of(seconds: float) -> int:
    """The step that a latency falls into."""
    if not seconds > SHORTEST_S:
        return 0
    return min(LAST_STEP, 1 + int(math.log2(min(seconds, 1e6) / SHORTEST_S) * STEPS_PER_DOUBLING))


def seconds_of(step: int) -> float:
    """The middle of a step, in ratio."""
    return float(SHORTEST_S * 2 ** ((min(LAST_STEP, max(0, step)) - 0.5) / STEPS_PER_DOUBLING))


def total(tallies: Iterable[Tally]) -> Tally:
    """All of them together."""
    found = Tally()
    for tally in tallies:
        found = found.plus(tally)
    return found


def spread_text(spread: Iterable[tuple[int, int]]) -> str:
    """A spread as it is stored and carried: ``12:3 13:40``."""
    return " ".join(f"{step}:{count}" for step, count in spread)


def read_spread(text: str) -> tuple[tuple[int, int], ...]:
    """A spread from its text; what cannot be read is left out."""
    found: dict[int, int] = {}
    for piece in text.split()[: LAST_STEP + 1]:
        step, _, count = piece.partition(":")
        if step.isdecimal() and count.isdecimal() and len(step) < 4 and len(count) < 10 and int(step) <= LAST_STEP:
            found[int(step)] = int(count)
    return tuple(sorted(found.items()))


def by_bucket(at_s: float) -> int:
    """The span that a moment falls into, by its first second since 1970."""
    return int(at_s // BUCKET_S * BUCKET_S)


Tallies = Mapping[tuple[str, int], Tally]  # by server and span
