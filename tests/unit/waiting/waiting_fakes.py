"""A wait whose time and news are the test's."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tui.domain.problem import Problem, ProblemCode
from tui.domain.records import Fields, Record, Stage
from tui.domain.snapshot import Entry, Health, Mark, ServerHealth
from tui.domain.state import State
from tui.domain.target import Target
from tui.waiting.rules import Wait
from tui.waiting.terms import Event, Terms

START_AT = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
WAITING, RUNNING, DONE, FAILED = State.WAITING, State.RUNNING, State.DONE, State.FAILED
PARTIAL, CANCELED, MISSING = State.PARTIAL, State.CANCELED, State.MISSING


class StillClock:
    """Time stands until `pass_by`."""

    def __init__(self) -> None:
        self.elapsed_s = 0.0

    def now(self) -> datetime:
        return START_AT + timedelta(seconds=self.elapsed_s)

    def monotonic(self) -> float:
        return 500.0 + self.elapsed_s

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("the rules never sleep")


def build(number: int, server: str = "prod") -> Target:
    return Target(server, "build", ("app", str(number)))


def scan(number: int) -> Target:
    return Target("tf", "scan", ("6", str(number)))


def record(target: Target, state: State, detail: Sequence[tuple[str, Any]] = (), **stages: State) -> Record:
    parts = tuple(Stage(name, part.value.upper(), part) for name, part in stages.items())
    return Record(target, target.title, state, state.value.upper(), stages=parts, detail=Fields(tuple(detail)))


def problem(code: str) -> Problem:
    return Problem(ProblemCode(code), f"It is {code}.")


class Story:
    """One wait, told step by step; gathers the events."""

    def __init__(self, *targets: Target, **terms: Any) -> None:
        self.clock = StillClock()
        self.wait = Wait(targets, Terms(**{"heartbeat_s": None, **terms}), self.clock)
        self.entries = {target.key: Entry(target.key, target) for target in targets}
        self.healths = {t.server: ServerHealth(t.server, "x", Health.STARTING) for t in targets}
        self.events: list[Event] = []
        self._ticks = itertools.count(1)

    def tells(self, target: Target, state: State, detail: Sequence[tuple[str, Any]] = (), **stages: State) -> None:
        """The server answers for a target."""
        self.publishes(target, record(target, state, detail, **stages))

    def publishes(self, target: Target, found: Record, marks: tuple[Mark, ...] = ()) -> None:
        before = self.entries[target.key]
        after = replace(before, record=found, problem=None, polled_at=self._polled_at(), marks=marks)
        self._see(target, after)

    def fails(self, target: Target, code: str) -> None:
        """A poll of the target fails."""
        self._see(target, replace(self.entries[target.key], problem=problem(code), polled_at=self._polled_at()))

    def server(self, name: str, code: str | None) -> None:
        """The server as a whole is in trouble with that code, or well again (None)."""
        health = Health.OK if code is None else Health.REFUSED if code == "unauthorised" else Health.FAILING
        self.healths[name] = replace(self.healths[name], health=health, problem=problem(code) if code else None)
        self.events += self.wait.see((), (name,), self.entries, self.healths)
        self.events += self.wait.tick()

    def passes(self, seconds: float) -> None:
        """Time goes by, and the wait is woken whenever it asked to be."""
        end_s = self.clock.elapsed_s + seconds
        while not self.wait.is_over:
            due_s = self.wait.next_due()
            if due_s is None or due_s - 500.0 > end_s:
                break
            assert due_s - 500.0 >= self.clock.elapsed_s - 1e-6, "woken for the past: it would spin"
            self.clock.elapsed_s = max(self.clock.elapsed_s, due_s - 500.0)
            before = len(self.events)
            self.events += self.wait.tick()
            self.retries.extend(self.wait.take_retries())
            if self.wait.next_due() == due_s and len(self.events) == before:
                break
        self.clock.elapsed_s = end_s
        self.events += self.wait.tick()

    @property
    def retries(self) -> list[str]:
        if not hasattr(self, "_retries"):
            self._retries: list[str] = []
        return self._retries

    @property
    def outcomes(self) -> list[str | None]:
        return [course.outcome.value if course.outcome else None for course in self.wait.courses.values()]

    @property
    def kinds(self) -> list[str]:
        return [event.kind.value for event in self.events]

    def _polled_at(self) -> datetime:
        return self.clock.now() + timedelta(microseconds=next(self._ticks))

    def _see(self, target: Target, entry: Entry) -> None:
        self.entries[target.key] = entry
        self.events += self.wait.see((target.key,), (), self.entries, self.healths)
        self.events += self.wait.tick()
