"""What is known now: an entry a target, a health a server, a state a list. Frozen: the store replaces, never edits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tui.domain.deadline import Deadline
from tui.domain.problem import Problem
from tui.domain.records import Call, ListQuery, Record
from tui.domain.state import State
from tui.domain.target import Target


class Health(StrEnum):
    """How a server is, apart from the scans on it."""

    STARTING = "starting"
    OK = "ok"
    LATE = "late"
    FAILING = "failing"
    REFUSED = "refused"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Transition:
    """Two observations in a row that differ, of a target (`part` ""), a stage (``sca``) or a category (``@secrets``).

    It happened between `after_at` (the last sight of the old state; None at first sight) and `seen_at`; `server_at` is
    the server's own time of it, where it gives one. `before` is None at first sight.
    """

    key: str
    part: str
    before: State | None
    after: State
    status: str | None
    after_at: datetime | None
    seen_at: datetime
    server_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Since when a part of a target (see `Transition.part`) has been in its state, as we saw it."""

    part: str
    state: State
    since_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """All that is known of one target. `record` is the last good one and stays when polls fail.

    `offset_s` is how far the server's clock was ahead of ours when it told that record; every time in the record is
    the server's own.
    `due_at` is what `deadline` means for the run that is shown (see `tui.domain.deadline`).
    """

    key: str
    target: Target
    record: Record | None = None
    problem: Problem | None = None
    first_seen_at: datetime | None = None
    since_at: datetime | None = None
    polled_at: datetime | None = None
    good_at: datetime | None = None
    transitions: tuple[Transition, ...] = ()
    marks: tuple[Mark, ...] = ()
    calls: tuple[Call, ...] = ()
    is_watched: bool = False
    is_late: bool = False
    label: str = ""
    offset_s: float = 0.0
    deadline: Deadline | None = None
    due_at: datetime | None = None

    @property
    def state(self) -> State:
        """The state to show: the last good one; missing or unknown before there is one."""
        if self.record is not None:
            return self.record.state
        if self.problem is not None and self.problem.code == "missing":
            return State.MISSING
        return State.UNKNOWN

    @property
    def name(self) -> str:
        """The name to show: the server's, or the address before the first answer."""
        return self.record.name if self.record is not None else self.target.title

    def on_server(self, at: datetime) -> datetime:
        """What the server's clock shows at our time `at`: only that may be compared with the times in `record`."""
        try:
            return at + timedelta(seconds=self.offset_s)
        except OverflowError:
            return at


@dataclass(frozen=True, slots=True)
class Lookup:
    """The newest of `name` cannot be found out (a watch of the latest numbers of a build), and why."""

    name: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class ServerHealth:
    """One server, for the header. Rates in requests a minute, latency in seconds.

    `lookups` are those that failed when they were made last: what they would have found is neither row nor problem.
    `failed_calls` are the newest of an outage: whichever target was asked, they tell of every target on the server.
    """

    name: str
    kind: str
    health: Health = Health.STARTING
    problem: Problem | None = None
    good_at: datetime | None = None
    retry_at: datetime | None = None
    latency_s: float | None = None
    per_minute: int = 0
    budget_per_minute: int | None = None
    is_insecure: bool = False
    is_read_only: bool = False
    clock_offset_s: float | None = None
    lookups: tuple[Lookup, ...] = ()
    failed_calls: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True)
class ListState:
    """One list as it is shown: the rows of `shown` stay while `query` is being fetched (then they differ).

    `failed_calls` are the newest of its own polls that failed; those that brought its rows are with these.
    """

    query: ListQuery
    shown: ListQuery | None = None
    keys: tuple[str, ...] = ()
    page: int = 1
    pages: int | None = None
    total: int | None = None
    has_more: bool | None = None
    notes: tuple[str, ...] = ()
    problem: Problem | None = None
    polled_at: datetime | None = None
    good_at: datetime | None = None
    is_late: bool = False
    failed_calls: tuple[Call, ...] = ()

    @property
    def is_fetching(self) -> bool:
        """The page that was asked for last is not the one that is shown yet."""
        return self.shown != self.query and self.problem is None


@dataclass(frozen=True, slots=True)
class Remembered:
    """What earlier runs saw of a target: its state a part when it was last seen, and the newest transitions."""

    key: str
    first_seen_at: datetime
    last_seen_at: datetime
    marks: tuple[Mark, ...] = ()
    transitions: tuple[Transition, ...] = ()
