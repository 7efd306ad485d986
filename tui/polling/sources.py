"""What is asked again and again (a target, a list, the newest of a name) and how often. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from tui.domain.problem import Problem, ProblemCode
from tui.domain.records import ListQuery
from tui.domain.snapshot import Entry
from tui.domain.state import State
from tui.domain.target import Target
from tui.polling.backoff import FORBIDDEN_BASE_S, SOURCE_CEILING_S, delay_s, shaken_s
from tui.polling.outage import Verdict, verdict
from tui.settings import PollSettings, WatchedLatest

SELDOM_S = 60.0  # a target that is missing past its grace, never scanned, or in a state we do not know
LIST_ACTIVE_FACTOR = 2.0  # a list with active rows: every 10 s by default; one call shows all of a page
LIST_IDLE_FACTOR = 6.0  # a list without: every 30 s by default, so that a new job shows while somebody looks
BATCH_LIMIT = 50  # targets that one read is given; more would make one failure cost too much
LATE_FACTOR = 3.0  # intervals without a good answer after which what is shown is late …
LATE_MIN_S = 30.0  # … but never before half a minute


@dataclass(slots=True, eq=False)
class Source:
    """One thing to ask. `key` is unique over all sources of a server; exactly one of the three questions is set."""

    key: str
    interval_s: float
    target: Target | None = None
    query: ListQuery | None = None
    latest: WatchedLatest | None = None
    batch: str | None = None
    failures: int = 0
    told: ProblemCode | None = None
    covered_until: float = 0.0  # monotonic; a list that shows this target is expected to tell of it until then

    def wait_s(self, problem: Problem | None, poll: PollSettings, chance: float) -> float:
        """Seconds until it is asked again after `problem` (None: a good answer); counts failures of its own."""
        is_answer = problem is None or problem.code is ProblemCode.MISSING
        if problem is None or is_answer or verdict(problem) is Verdict.DOWN:
            self.failures = 0 if is_answer else self.failures
            return shaken_s(self.interval_s, chance)
        self.failures += 1
        base_s = FORBIDDEN_BASE_S if problem.code is ProblemCode.FORBIDDEN else poll.active_s
        return delay_s(self.failures, base_s, max(SOURCE_CEILING_S, base_s), chance)


class Load:
    """What all sources together ask of the budget. The sum is kept, never counted anew."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = max(1, per_minute)
        self._weights: dict[str, float] = {}
        self._sum = 0.0

    def note(self, source: Source) -> None:
        """The source has this interval now. One of a batch shares its request."""
        weight = 60.0 / max(source.interval_s, 1e-3) / (1 if source.batch is None else BATCH_LIMIT)
        self._sum += weight - self._weights.get(source.key, 0.0)
        self._weights[source.key] = weight

    def forget(self, key: str) -> None:
        """The source is gone."""
        self._sum -= self._weights.pop(key, 0.0)

    @property
    def per_minute(self) -> float:
        """Requests a minute that would be needed."""
        return self._sum

    @property
    def stretch(self) -> float:
        """By which factor intervals are longer than they should be, because the budget is smaller than the need."""
        return max(1.0, self._sum / self._per_minute)


def list_source_key(list_key: str) -> str:
    """Key of the source of a list; no address looks like it."""
    return f"list {list_key}"


def latest_source_key(item: WatchedLatest) -> str:
    """Key of the source of a `latest = N` watch, also the holder of what it finds."""
    return "latest " + " ".join((item.server, item.name, str(item.count), *(f"{k}={v}" for k, v in item.params)))


def target_interval_s(entry: Entry, poll: PollSettings, *, is_in_grace: bool) -> float:
    """How often a target is asked, by what is known of it."""
    seldom = min(max(SELDOM_S, poll.active_s), max(poll.settled_s, poll.active_s))
    if entry.problem is not None and entry.problem.code is ProblemCode.MISSING:
        return poll.active_s if is_in_grace else seldom
    if entry.record is None and entry.problem is None:
        return poll.active_s
    return state_interval_s(entry.state, poll)


def state_interval_s(state: State, poll: PollSettings) -> float:
    """How often a target in that state is asked."""
    if state.is_active:
        return poll.active_s
    settled = max(poll.settled_s, poll.active_s)
    return settled if state.is_terminal else min(max(SELDOM_S, poll.active_s), settled)


def list_interval_s(has_active_rows: bool, poll: PollSettings) -> float:
    """How often a list is asked."""
    return poll.active_s * (LIST_ACTIVE_FACTOR if has_active_rows else LIST_IDLE_FACTOR)


def late_after_s(interval_s: float) -> float:
    """How long after a good answer what is shown becomes late."""
    return max(LATE_FACTOR * interval_s, LATE_MIN_S)
