"""A server that answers as a test tells it to, and a monitor on it whose time is the test's."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from fake_clock import FakeClock

from tui.domain.problem import Problem, ProblemCode
from tui.domain.records import Answer, Call, ListQuery, Newest, Page, Reading, Record, Stage
from tui.domain.snapshot import Entry, Remembered, Transition
from tui.domain.state import State
from tui.domain.target import Target
from tui.polling.history import NoHistory
from tui.polling.monitor import Monitor
from tui.polling.plan import ServerPlan
from tui.settings import PollSettings, WatchedTarget, WatchItem

WAITING, RUNNING, DONE, FAILED = State.WAITING, State.RUNNING, State.DONE, State.FAILED
JOBS = ListQuery("s", "jobs")


def build(number: int | str, server: str = "s") -> Target:
    return Target(server, "build", ("b", str(number)))


def job(number: int, server: str = "s") -> Target:
    return Target(server, "job", (str(number),))


def record(target: Target, state: State, *stages: tuple[str, State], since_at: datetime | None = None) -> Record:
    return Record(
        target,
        target.title,
        state,
        state.value.upper(),
        since_at=since_at,
        stages=tuple(Stage(name, word.value.upper(), word) for name, word in stages),
    )


def problem(code: str, retry_after_s: float | None = None) -> Problem:
    return Problem(ProblemCode(code), f"It is {code}.", retry_after_s=retry_after_s)


class FakeServer:
    """Truth about targets and lists; `fault` stands in the way of everything, `faults` of one key."""

    def __init__(self, clock: FakeClock, name: str = "s") -> None:
        self.name = name
        self.clock = clock
        self.states: dict[str, State | Record] = {}
        self.rows: dict[int, list[Record]] = {}
        self.newest: dict[str, list[Target]] = {}
        self.fault: Problem | Exception | None = None
        self.faults: dict[str, Problem | Exception] = {}
        self.gates: dict[str, asyncio.Event] = {}
        self.log: list[tuple[float, str]] = []
        self.now_asked: Counter[str] = Counter()
        self.most_at_once = 0
        self.overlaps: list[str] = []
        self.server_ahead_s: float | None = None
        self.is_closed = False
        self.latency_s = 0.0

    def asked(self, key: str | None = None, since_s: float = 0.0) -> int:
        return sum(1 for at_s, one in self.log if at_s >= since_s and key in (None, one))

    def times(self, key: str) -> list[float]:
        return [at_s for at_s, one in self.log if one == key]

    async def read(self, targets: Sequence[Target]) -> Answer:
        key = targets[0].key if len(targets) == 1 else "batch"
        return await self._during(key, [target.key for target in targets], lambda: self._readings(targets))

    async def list(self, query: ListQuery) -> Answer:
        return await self._during(query.key, [query.key], lambda: self._page(query))

    async def latest(self, name: str, count: int, params: Sequence[tuple[str, str]]) -> Newest:
        answer = await self._during(f"latest {name}", [name], Answer)
        if answer.problem is not None:
            return Newest(problem=answer.problem)
        return Newest(tuple(self.newest.get(name, ())[:count]))

    async def aclose(self) -> None:
        self.is_closed = True

    async def _during(self, key: str, keys: Sequence[str], answer: Callable[[], Answer]) -> Answer:
        self.log.append((self.clock.elapsed_s, key))
        self.overlaps += [one for one in keys if self.now_asked[one]]
        self.now_asked.update(keys)
        self.most_at_once = max(self.most_at_once, len([1 for one, n in self.now_asked.items() if n]))
        try:
            result = answer()  # what was true when it was asked
            fault = self.fault or self.faults.get(key)
            if self.latency_s:
                await self.clock.sleep(self.latency_s)
            if key in self.gates:
                await self.gates[key].wait()
        finally:
            self.now_asked.subtract(keys)
        if isinstance(fault, Exception):
            raise fault
        call = Call(self.clock.now(), "GET", f"/{key}", 200 if fault is None else None, 0.1, 10, fault)
        if fault is not None:
            return Answer(problem=fault, calls=(call,))
        return replace(result, calls=(call,), server_at=self._date())

    def _date(self) -> datetime | None:
        from datetime import timedelta

        ahead_s = self.server_ahead_s
        return None if ahead_s is None else (self.clock.now() + timedelta(seconds=ahead_s)).replace(microsecond=0)

    def _readings(self, targets: Sequence[Target]) -> Answer:
        readings = []
        for target in targets:
            truth = self.states.get(target.key)
            if truth is None:
                readings.append(Reading(target, problem=problem("missing")))
            else:
                readings.append(Reading(target, truth if isinstance(truth, Record) else record(target, truth)))
        return Answer(tuple(readings))

    def _page(self, query: ListQuery) -> Answer:
        rows = tuple(self.rows.get(query.page, ()))
        return Answer(page=Page(query, rows, query.page, len(self.rows), sum(map(len, self.rows.values()))))


class FakeHistory(NoHistory):
    """Keeps what it is given, in order."""

    def __init__(self, remembered: Mapping[str, Remembered] | None = None) -> None:
        self.kept: list[Transition] = []
        self.remembered = dict(remembered or {})
        self.gate: asyncio.Event | None = None

    async def recall(self, keys: Sequence[str]) -> Mapping[str, Remembered]:
        return {key: self.remembered[key] for key in keys if key in self.remembered}

    async def record(self, transitions: Sequence[Transition], entries: Sequence[Entry]) -> None:
        self.kept += transitions
        if self.gate is not None:
            await self.gate.wait()


def monitor_on(
    *servers: FakeServer,
    watch: Iterable[WatchItem | Target] = (),
    history: NoHistory | None = None,
    poll: PollSettings | None = None,
    budget: int = 240,
    batch: Callable[[Target], str | None] = lambda target: None,
    seed: int = 1,
) -> Monitor:
    def plan(server: FakeServer) -> ServerPlan:
        async def open_client() -> FakeServer:
            return server

        return ServerPlan(server.name, "toy", open_client, batch=batch, budget_per_minute=budget)

    items = [WatchedTarget(item) if isinstance(item, Target) else item for item in watch]
    return Monitor(
        [plan(server) for server in servers],
        items,
        history=history or NoHistory(),
        clock=servers[0].clock,
        poll=poll or PollSettings(),
        chance=random.Random(seed).random,
    )


def play(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run one test's story, and see that it leaves no task behind."""

    async def whole() -> None:
        await story()
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        assert not left, left

    asyncio.run(whole())
