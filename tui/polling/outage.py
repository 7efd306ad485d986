"""Is the server in trouble, or one target on it? Pure; times are monotonic seconds.

Some failures speak for the whole server at once (no name, no connection, no TLS, 401, 429, a Retry-After). Others may
be one target's fault (a 500, a timeout, a login page): they speak for the server only when several sources in a row had
them and none had an answer in between. An answer that came but cannot be used (a 400, broken JSON) is its target's own.
"""

from __future__ import annotations

from enum import Enum

from tui.domain.problem import Problem, ProblemCode
from tui.polling.backoff import (
    CEILING_S,
    RATE_LIMITED_BASE_S,
    REFUSED_BASE_S,
    REFUSED_CEILING_S,
    delay_s,
)

DOUBTS = 3  # different sources that must fail in a row before the server itself is taken to be down
SILENCES = 12  # the same where everything is asked once: two rounds of what is asked together got no answer at all
PROBE_GAP_S = 2.0  # a person may ask again sooner than the back-off does, but not sooner than this

_SERVER_LIVES = frozenset({ProblemCode.MISSING, ProblemCode.FORBIDDEN})
_SERVER_DOWN = frozenset(
    {
        ProblemCode.DNS,
        ProblemCode.TLS,
        ProblemCode.REFUSED,
        ProblemCode.UNAUTHORISED,
        ProblemCode.RATE_LIMITED,
    }
)
_OWN = frozenset({ProblemCode.BAD_ANSWER, ProblemCode.TOO_LARGE})


class Verdict(Enum):
    """What one poll's outcome says of the server."""

    LIVES = "lives"
    OWN = "own"  # says nothing: it is the target's, or a mistake of ours
    DOUBT = "doubt"
    DOWN = "down"


def verdict(problem: Problem | None) -> Verdict:
    """What a problem (None: a good answer) says of the server."""
    if problem is None or problem.code in _SERVER_LIVES:
        return Verdict.LIVES
    if problem.code in _SERVER_DOWN or problem.retry_after_s is not None:
        return Verdict.DOWN
    if problem.code is ProblemCode.INTERNAL:
        return Verdict.OWN
    is_whole = problem.code in _OWN and problem.http_status is not None
    return Verdict.OWN if is_whole and not problem.is_everywhere else Verdict.DOUBT


class Outage:
    """The state of one server: in an outage it is asked by one probe at a time, at `retry_at`.

    `is_single`: every source is asked once and that is all, so an answer that is an error stops nobody; silence does.
    """

    def __init__(self, base_s: float) -> None:
        self._base_s = base_s
        self._doubted: set[str] = set()
        self.is_single = False
        self.problem: Problem | None = None
        self.failures = 0
        self.since = 0.0
        self.retry_at = 0.0
        self._probed_at = 0.0

    @property
    def is_on(self) -> bool:
        """The server is taken to be down, or refuses us."""
        return self.problem is not None

    def lives(self) -> bool:
        """The server answered. True where that ends an outage."""
        self._doubted.clear()
        was_on = self.is_on
        self.problem = None
        self.failures = 0
        return was_on

    def failed(self, problem: Problem, source: str, sources: int, now: float, chance: float, *, is_probe: bool) -> bool:
        """A poll failed with a problem that does not prove the server alive. True where an outage begins.

        `sources` is how many there are. Answers to polls that were sent before the outage began (`is_probe` False)
        change its reason only, so that six requests that fail at once count as one failure.
        """
        if self.is_on and not is_probe:
            return False
        if not self.is_on:
            if verdict(problem) is not Verdict.DOWN and not self._is_enough(problem, source, sources):
                return False
            self.since = now
        begins = not self.is_on
        self.problem = problem
        self.failures += 1
        self.retry_at = now + self._delay_s(problem, chance)
        self._probed_at = now
        return begins

    def _is_enough(self, problem: Problem, source: str, sources: int) -> bool:
        """Doubts have gathered until they are none."""
        if self.is_single and problem.code is not ProblemCode.TIMEOUT:
            return False
        self._doubted.add(source)
        return len(self._doubted) >= (SILENCES if self.is_single else min(DOUBTS, sources))

    def hasten(self, now: float) -> None:
        """A person asks again: probe soon, unless the server itself told us to wait."""
        if self.problem is not None and self.problem.retry_after_s is None:
            self.retry_at = min(self.retry_at, max(now, self._probed_at + PROBE_GAP_S))

    def forget(self, source: str) -> None:
        """The source is no longer polled."""
        self._doubted.discard(source)

    def _delay_s(self, problem: Problem, chance: float) -> float:
        if problem.code is ProblemCode.UNAUTHORISED:
            # The first half is never taken off here: a refused token is asked again after a minute, not sooner.
            base, ceiling, chance = REFUSED_BASE_S, REFUSED_CEILING_S, 0.8 + 0.2 * chance
        elif problem.code is ProblemCode.RATE_LIMITED:
            base, ceiling = RATE_LIMITED_BASE_S, REFUSED_CEILING_S
        else:
            base, ceiling = self._base_s, CEILING_S
        return delay_s(self.failures, base, ceiling, chance, problem.retry_after_s)
