"""Random servers, orders and failures: the promises of polling hold whatever happens."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

from fake_clock import FakeClock
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from polling_fakes import DONE, FAILED, JOBS, RUNNING, WAITING, FakeHistory, FakeServer, build, job, monitor_on, record

from tui.domain.problem import Problem, ProblemCode
from tui.domain.records import ListQuery
from tui.domain.state import State
from tui.domain.target import Target
from tui.polling.history import NoHistory
from tui.polling.monitor import Monitor
from tui.settings import PollSettings, WatchedList

TARGETS = [*(build(n) for n in range(6)), *(job(n) for n in range(3))]
BUDGET = 120
CONCURRENCY = 3
PROBLEMS = st.builds(
    lambda code, wait: Problem(code, f"It is {code}.", retry_after_s=wait),
    st.sampled_from(sorted(ProblemCode)),
    st.none() | st.sampled_from([1.0, 60.0, 1e9, -1.0]),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.floats(0.1, 90)),
        st.tuples(st.just("jump"), st.floats(60, 5000)),
        st.tuples(st.just("wall"), st.floats(-9000, 9000)),
        st.tuples(st.just("state"), st.integers(0, 8), st.sampled_from([None, WAITING, RUNNING, DONE, FAILED])),
        st.tuples(st.just("fault"), st.none() | PROBLEMS),
        st.tuples(st.just("one fault"), st.integers(0, 8), st.none() | PROBLEMS),
        st.tuples(st.just("latency"), st.sampled_from([0.0, 0.3, 7.0])),
        st.tuples(st.just("now"), st.none() | st.integers(0, 8)),
        st.tuples(st.just("page"), st.integers(1, 3)),
        st.tuples(st.just("pause"), st.booleans()),
        st.tuples(st.just("watch"), st.integers(0, 8), st.booleans()),
    ),
    max_size=25,
)


class World:
    """The story's servers, and what must be true at every moment."""

    def __init__(self, is_batched: bool, seed: int) -> None:
        self.clock = FakeClock()
        self.server = FakeServer(self.clock)
        self.history = FakeHistory()
        self.server.states = {target.key: RUNNING for target in TARGETS}
        self._set_rows()
        self.monitor: Monitor = monitor_on(
            self.server,
            watch=[*TARGETS, WatchedList(JOBS)],
            history=self.history,
            poll=PollSettings(concurrency=CONCURRENCY),
            budget=BUDGET,
            batch=(lambda target: "jobs" if target.kind == "job" else None) if is_batched else (lambda target: None),
            seed=seed,
        )
        self.watched = {target.key for target in TARGETS}
        self.page = 1

    def _set_rows(self) -> None:
        def row(target: Target) -> list[Any]:
            state = self.server.states.get(target.key)
            return [record(target, state)] if isinstance(state, State) else []

        self.server.rows = {n + 1: row(job(n)) for n in range(3)}

    async def step(self, what: str, *args: Any) -> None:
        server, monitor = self.server, self.monitor
        if what == "wait":
            await self.clock.run(monitor, args[0])
        elif what == "jump":
            self.clock.advance(args[0])
            await self.clock.settle(monitor)
        elif what == "wall":
            self.clock.jump_wall(args[0])
        elif what == "state":
            key = TARGETS[args[0]].key
            if args[1] is None:
                server.states.pop(key, None)
            else:
                server.states[key] = args[1]
            self._set_rows()
        elif what == "fault":
            server.fault = args[0]
        elif what == "one fault":
            server.faults.pop(TARGETS[args[0]].key, None)
            if args[1] is not None:
                server.faults[TARGETS[args[0]].key] = args[1]
        elif what == "latency":
            server.latency_s = args[0]
        elif what == "now":
            monitor.poll_now(None if args[0] is None else TARGETS[args[0]].key)
        elif what == "page":
            self.page = args[0]
            monitor.set_list(ListQuery("s", "jobs", page=args[0]))
        elif what == "pause":
            (monitor.pause if args[0] else monitor.resume)()
        elif what == "watch":
            target = TARGETS[args[0]]
            (monitor.watch(target) if args[1] else monitor.unwatch(target.key))
            (self.watched.add if args[1] else self.watched.discard)(target.key)

    def check(self) -> None:
        server = self.server
        assert server.overlaps == [], "a source was asked twice at once"
        assert server.most_at_once <= CONCURRENCY * 9  # a batch counts its targets
        times = [at_s for at_s, _ in server.log]
        assert all(later_s >= earlier_s + 60 for earlier_s, later_s in zip(times, times[BUDGET:], strict=False))
        self.nothing_is_forgotten()
        self.transitions_are_the_differences()

    def nothing_is_forgotten(self) -> None:
        (poller,) = self.monitor._pollers.values()
        now = self.clock.monotonic()
        flying = set(poller._flights)
        assert {source.key for source in poller.roster} == self.watched | {"list s:jobs"}
        for source in poller.roster:
            due = poller.roster.agenda.due_of(source.key)
            assert (due is None) == (source.key in flying), source.key
            assert due is None or due <= now + 1000
        assert poller._in_flight <= CONCURRENCY

    def transitions_are_the_differences(self) -> None:
        for key, entry in self.monitor.store.entries.items():
            own = [one for one in entry.transitions if one.part == ""]
            for earlier, later in pairwise(own):
                assert earlier.after is later.before and later.before is not later.after
            if entry.record is not None:
                assert own[-1].after is entry.record.state
                assert [one for one in self.history.kept if one.key == key][-1] == own[-1]
                assert entry.since_at is not None and entry.good_at is not None and entry.since_at <= entry.good_at


# Not shrunk: a story is slow to tell again, and a failing one is readable as it is.
@settings(
    max_examples=20,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(STEPS, st.booleans(), st.integers(0, 99))
def test_the_promises_hold_in_any_story_and_all_is_known_once_it_ends(
    steps: list[tuple[Any, ...]], is_batched: bool, seed: int
) -> None:
    async def story() -> None:
        world = World(is_batched, seed)
        await world.monitor.start()
        for what, *args in steps:
            await world.step(what, *args)
            await world.clock.settle(world.monitor)
            world.check()
        # The trouble ends: within the longest back-off everything is known as it is.
        world.server.fault, world.server.faults, world.server.latency_s = None, {}, 0.0
        world.monitor.resume()
        await world.clock.run(world.monitor, 1000)
        world.check()
        for key in world.watched:
            entry, truth = world.monitor.store.entries[key], world.server.states.get(key)
            if truth is None:
                assert entry.problem is not None and entry.problem.code is ProblemCode.MISSING
            else:
                assert entry.problem is None and entry.state is truth and not entry.is_late
        state = world.monitor.store.lists["s:jobs"]
        assert state.problem is None and state.shown is not None and state.shown.page == world.page
        await world.monitor.stop()
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(story())


def test_a_history_that_keeps_nothing_is_one() -> None:
    async def story() -> None:
        history = NoHistory()
        await history.start()
        await history.record((), ())
        assert await history.recall(["s:build/b/1"]) == {} and history.take_notices() == ()
        await history.close()

    asyncio.run(story())
