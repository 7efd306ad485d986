"""What is waited for, and what may come of it: values only. Durations are seconds; 0 or None switches a limit off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from tui.domain.problem import Problem
from tui.domain.snapshot import Entry
from tui.domain.state import State
from tui.domain.target import Target

GRACE_S = 300.0  # 404 races after a publish are over within minutes
HEARTBEAT_S = 60.0  # well below the shortest time after which CI systems kill a job that says nothing (10 min)
REFUSALS_TAKEN = 3  # 401 or 403 in a row: a token that is just being renewed is there by then
REFUSAL_PAUSE_S = 10.0  # … asked again after this pause, so that a wrong token ends the wait in well under a minute


def no_stuck_limit(entry: Entry) -> float | None:
    """The limit of a wait that calls nothing stuck."""
    return None


def nothing_left(entry: Entry) -> str:
    """What a wait without any experience says of the time left."""
    return ""


@dataclass(frozen=True, slots=True)
class Terms:
    """The conditions of one wait.

    `stage` waits for that stage's end in place of the target's. `stuck_limit` gives the seconds without any change
    after which an entry is stuck, None for never; `left_words` its time left in words, "" where nobody knows.
    """

    is_any: bool = False
    is_fail_fast: bool = False
    stage: str = ""
    timeout_s: float | None = None
    grace_s: float = GRACE_S
    heartbeat_s: float | None = HEARTBEAT_S
    stage_limits_s: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    stuck_limit: Callable[[Entry], float | None] = no_stuck_limit
    refusal_pause_s: float = REFUSAL_PAUSE_S
    left_words: Callable[[Entry], str] = nothing_left


class Outcome(StrEnum):
    """What came of one target."""

    DONE = "done"
    ENDED_BADLY = "ended_badly"
    REFUSED = "refused"
    NOT_ASKED = "not_asked"
    NEVER_APPEARED = "never_appeared"
    STUCK = "stuck"
    OUT_OF_TIME = "out_of_time"


class EventKind(StrEnum):
    """What an event tells: a target's state (first sight or change), trouble and its end, an outcome, mere life."""

    STATE = "state"
    PROBLEM = "problem"
    RECOVERED = "recovered"
    ENDED = "ended"
    HEARTBEAT = "heartbeat"


@dataclass(frozen=True, slots=True)
class PartChange:
    """A part of a target that differs from its last sight: "" the target itself, a stage, or a category."""

    part: str
    before: State | None
    after: State
    status: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing worth a line. `target` is None where it is about a server, or about the whole wait.

    `text` is a sentence's end in our words (a server's words in it are as hostile as they came); `seconds` how long a
    trouble lasted, or how long the wait has; `pending` the targets that have not ended, for a heartbeat, and `left` the
    time left of each in words.
    """

    kind: EventKind
    at: datetime
    server: str = ""
    target: Target | None = None
    entry: Entry | None = None
    changes: tuple[PartChange, ...] = ()
    outcome: Outcome | None = None
    problem: Problem | None = None
    text: str = ""
    seconds: float | None = None
    pending: tuple[Entry, ...] = ()
    left: tuple[str, ...] = ()
