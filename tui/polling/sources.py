"""What is asked again and again (a target, a list, the newest of a name) and how often. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from tui.domain.problem import ProblemCode
from tui.domain.records import ListQuery
from tui.domain.snapshot import Entry
from tui.domain.state import State
from tui.domain.target import Target
from tui.settings import PollSettings, WatchedLatest

SELDOM_S = 60.0  # a target that is missing past its grace, never scanned, or in a state we do not know
LIST_ACTIVE_FACTOR = 2.0  # a list with active rows: every 10 s by default; one call shows all of a page
LIST_IDLE_FACTOR = 6.0  # a list without: every 30 s by default, so that a new job shows while somebody looks
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
    added_s: float = 0.0
    failures: int = 0
    has_server_problem: bool = False
    tags: frozenset[str] = field(default_factory=frozenset)


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
