"""Small pasts for the replay's tests: transitions as an export holds them, and the tape that they make."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tui.domain.durations import scope_of
from tui.domain.snapshot import Transition
from tui.domain.state import State
from tui.history.reading import Seen
from tui.replay.tape import Tape, make_tape
from tui.servers.kind import grammars

AT = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
BUILD = "prod:build/shop/412"
OTHER = "prod:build/shop/413"
JOB = "sca:job/9"


def at(minutes: float) -> datetime:
    return AT + timedelta(minutes=minutes)


def seen(key: str, part: str, before: str | None, after: str, minutes: float, **more: object) -> Seen:
    """One transition, so many minutes after the start."""
    transition = Transition(
        key, part, State(before) if before else None, State(after), after.upper(), None, at(minutes), at(minutes)
    )
    return Seen(0, scope_of(key, "", ""), transition, None, more.pop("name", "shop"), "", **more)  # type: ignore[arg-type]


def story() -> list[Seen]:
    """A build that runs, two hours of silence, and another one that fails."""
    return [
        seen(BUILD, "", None, "waiting", 0),
        seen(BUILD, "sca", None, "waiting", 0),
        seen(BUILD, "", "waiting", "running", 2),
        seen(BUILD, "sca", "waiting", "running", 2),
        seen(BUILD, "", "running", "done", 5, last_seen_at=at(30)),
        seen(OTHER, "", None, "running", 125, error="the scanner fell over", name="shop 413"),
        seen(OTHER, "", "running", "failed", 130, error="the scanner fell over", name="shop 413"),
    ]


def tape_of(found: list[Seen]) -> Tape:
    return make_tape(found, grammars())
