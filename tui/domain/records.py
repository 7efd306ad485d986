"""What one poll said: frozen records, readings, pages and the calls that brought them.

Times end in ``_at`` and are aware UTC. Nothing here is mutable: tuples all the way down.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from tui.domain.problem import Problem
from tui.domain.state import State
from tui.domain.target import Target

STAGES = ("sca", "contextual_analysis", "exposures", "violations")
CATEGORIES = ("secrets", "services", "applications", "iac")

FieldValue: TypeAlias = "str | int | float | bool | datetime | Fields | tuple[FieldValue, ...] | None"


@dataclass(frozen=True, slots=True)
class Fields:
    """An ordered, frozen mapping of a kind's own fields; becomes a JSON object."""

    items: tuple[tuple[str, FieldValue], ...] = ()

    def get(self, name: str) -> FieldValue:
        """Value of `name`, None where it is not there."""
        for key, value in self.items:
            if key == name:
                return value
        return None

    def text(self, name: str) -> str:
        """Value of `name` as text, "" where there is none."""
        value = self.get(name)
        return "" if value is None else str(value)

    def when(self, name: str) -> datetime | None:
        """Value of `name` if it is a time."""
        value = self.get(name)
        return value if isinstance(value, datetime) else None

    def __iter__(self) -> Iterator[tuple[str, FieldValue]]:
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage, a category or a pipeline status: the server's word, our state, the server's time of it."""

    name: str
    status: str | None
    state: State
    time_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What a server said of one target, normalised.

    `status` is the server's own word, unchanged; `note` our words where the state alone would mislead; `since_at` the
    server's own time of the state; `error` the server's failure text in full; `raw` the JSON text of the answer that
    this record was read from (server text: hostile).
    """

    target: Target
    name: str
    state: State
    status: str | None
    note: str = ""
    since_at: datetime | None = None
    stages: tuple[Stage, ...] = ()
    categories: tuple[Stage, ...] = ()
    detail: Fields = field(default_factory=Fields)
    error: str = ""
    raw: str = ""
    web_url: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a poll said of one target: a record, or the problem that stood in its way (never both, never neither)."""

    target: Target
    record: Record | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP exchange. `path` holds no credential; `size` is in bytes, `latency_s` in seconds."""

    at: datetime
    method: str
    path: str
    http_status: int | None
    latency_s: float
    size: int
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A question for a list: `filters` go to the server where it can take them. `page` counts from 1."""

    server: str
    name: str
    filters: tuple[tuple[str, str], ...] = ()
    page: int = 1
    limit: int = 25

    @property
    def key(self) -> str:
        """Which list this is, whatever its page and filters: ``sca:jobs``."""
        return f"{self.server}:{self.name}"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list. `pages` and `total` are None where the server does not tell; `has_more` None if unknown."""

    query: ListQuery
    records: tuple[Record, ...]
    page: int
    pages: int | None = None
    total: int | None = None
    has_more: bool | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request cycle brought.

    `readings` for targets that were asked for, `page` for a list; `problem` when the cycle as a whole failed;
    `server_at` the server's own clock (HTTP Date) when it was told.
    """

    readings: tuple[Reading, ...] = ()
    page: Page | None = None
    problem: Problem | None = None
    calls: tuple[Call, ...] = ()
    server_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest targets of a name, newest first (see `WatchedLatest`), or the problem that stood in the way."""

    targets: tuple[Target, ...] = ()
    problem: Problem | None = None
    calls: tuple[Call, ...] = ()
    server_at: datetime | None = None
