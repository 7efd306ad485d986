"""What failures do: back-off, health, lateness, recovery, and what stays on the screen."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from fake_clock import FakeClock
from polling_fakes import DONE, JOBS, RUNNING, FakeHistory, FakeServer, build, job, monitor_on, play, problem, record

from tui.domain.problem import ProblemCode
from tui.domain.records import Call
from tui.domain.snapshot import Health
from tui.polling.messages import Change, MessageKind
from tui.settings import WatchedList

SERVER_WIDE = ["dns", "tls", "refused", "timeout", "server_error", "rate_limited", "unauthorised", "redirected"]


@pytest.mark.parametrize("code", SERVER_WIDE)
def test_an_outage_is_probed_by_one_and_ends_by_itself(code: str) -> None:
    async def story() -> None:
        clock = FakeClock()
        server, other = FakeServer(clock), FakeServer(clock, "other")
        targets = [build(n) for n in range(20)]
        server.states = {target.key: RUNNING for target in targets}
        other.states = {build(1, "other").key: RUNNING}
        monitor = monitor_on(server, other, watch=[*targets, build(1, "other")])
        await monitor.start()
        await clock.run(monitor, 30)
        assert monitor.store.servers["s"].health is Health.OK
        server.fault = problem(code)
        await clock.run(monitor, 600)
        health = monitor.store.servers["s"]
        assert health.health is (Health.REFUSED if code == "unauthorised" else Health.FAILING)
        assert health.problem is not None and health.problem.code == code
        assert health.retry_at is not None and health.retry_at > clock.now()
        assert 2 <= server.asked(since_s=40) < 20  # instead of 2,400
        entries = [monitor.store.entries[target.key] for target in targets]
        assert all(entry.state is RUNNING and entry.is_late for entry in entries)
        assert other.asked(since_s=30) > 100 and monitor.store.servers["other"].health is Health.OK
        told = [m for m in monitor.store.messages if m.kind is MessageKind.PROBLEM and m.key == "s"]
        assert len(told) == 1
        server.fault = None
        await clock.run(monitor, 310)
        assert monitor.store.servers["s"].health is Health.OK and monitor.store.servers["s"].retry_at is None
        assert all(entry.problem is None and not entry.is_late for entry in monitor.store.entries.values())
        assert monitor.store.messages[-1].kind is MessageKind.RECOVERED or any(
            m.kind is MessageKind.RECOVERED and m.key == "s" for m in monitor.store.messages
        )
        assert server.overlaps == []
        await monitor.stop()

    play(story)


def test_recovery_resumes_everything_soon_but_not_at_one_instant() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.latency_s = 0.1
        targets = [build(n) for n in range(100)]
        server.states = {target.key: RUNNING for target in targets}
        monitor = monitor_on(server, watch=targets, budget=600)
        await monitor.start()
        await clock.run(monitor, 60)
        server.fault = problem("refused")
        await clock.run(monitor, 300)
        server.fault = None
        while monitor.store.servers["s"].health is not Health.OK:
            await clock.run(monitor, 1)
        back_s = clock.elapsed_s
        await clock.run(monitor, 30)
        times = [at for at, _ in server.log if at >= back_s]
        assert len({key for at, key in server.log if at >= back_s - 1}) == 100
        assert max(sum(1 for at in times if s <= at < s + 1) for s in times) <= 100 and server.most_at_once <= 6
        await monitor.stop()

    play(story)


def test_retry_after_is_obeyed_to_the_second_and_not_beyond_its_cap() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.states = {build(n).key: RUNNING for n in range(5)}
        monitor = monitor_on(server, watch=[build(n) for n in range(5)])
        await monitor.start()
        await clock.run(monitor, 20)
        server.fault = problem("rate_limited", retry_after_s=200)
        await clock.run(monitor, 10)
        asked = server.asked()
        monitor.poll_now()
        await clock.run(monitor, 185)
        assert server.asked() == asked
        server.fault = problem("rate_limited", retry_after_s=1e9)
        await clock.run(monitor, 40)
        assert server.asked() == asked + 1
        server.fault = None
        await clock.run(monitor, 1000)
        assert monitor.store.servers["s"].health is Health.OK
        await monitor.stop()

    play(story)


@pytest.mark.parametrize("code", ["forbidden", "bad_answer", "server_error", "timeout", "too_large"])
def test_one_bad_target_is_its_own_problem(code: str) -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.states = {build(n).key: RUNNING for n in range(5)}
        server.rows = {1: [record(job(1), RUNNING)]}
        server.faults = {build(0).key: problem(code)}
        monitor = monitor_on(server, watch=[*(build(n) for n in range(5)), WatchedList(JOBS)])
        await monitor.start()
        await clock.run(monitor, 900)
        assert monitor.store.servers["s"].health is Health.OK
        assert server.asked(build(0).key) <= 16 and server.asked(build(1).key) > 150
        entry = monitor.store.entries[build(0).key]
        assert entry.problem is not None and entry.problem.code == code and len(entry.calls) <= 10
        assert len([m for m in monitor.store.messages if m.key == build(0).key]) == 1
        server.faults.clear()
        await clock.run(monitor, 400)
        assert monitor.store.entries[build(0).key].state is RUNNING
        await monitor.stop()

    play(story)


def test_a_forbidden_list_is_that_lists_problem_and_keeps_its_rows() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.states = {build(1).key: RUNNING}
        server.rows = {1: [record(job(1), RUNNING)]}
        monitor = monitor_on(server, watch=[build(1), WatchedList(JOBS)])
        await monitor.start()
        await clock.run(monitor, 20)
        server.faults["s:jobs"] = problem("forbidden")
        await clock.run(monitor, 100)
        state = monitor.store.lists["s:jobs"]
        assert state.problem is not None and state.problem.code == "forbidden"
        assert state.keys == (job(1).key,) and state.is_late and monitor.store.entries[job(1).key].is_late
        assert monitor.store.servers["s"].health is Health.OK and monitor.store.servers["s"].problem is None
        server.faults.clear()
        await clock.run(monitor, 200)
        state = monitor.store.lists["s:jobs"]
        assert state.problem is None and not state.is_late and not monitor.store.entries[job(1).key].is_late
        await monitor.stop()

    play(story)


def test_failed_calls_move_with_a_clock_that_is_set_and_each_stays_one() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.states = {build(1).key: RUNNING}
        server.rows = {1: [record(job(1), RUNNING)]}
        monitor = monitor_on(server, watch=[build(1), WatchedList(JOBS)])
        await monitor.start()
        await clock.run(monitor, 20)
        server.faults["s:jobs"] = problem("forbidden")
        await clock.run(monitor, 100)
        server.fault = problem("refused")
        await clock.run(monitor, 60)

        def kept() -> list[list[Call]]:
            entry, health = monitor.store.entries[build(1).key], monitor.store.servers["s"]
            calls = (entry.calls, health.failed_calls, monitor.store.lists["s:jobs"].failed_calls)
            return [[call for call in one if call.problem is not None] for one in calls]

        before = kept()
        assert all(before) and {*before[0]} & {*before[1]}
        monitor.shift(3600.0)
        assert kept() == [[replace(call, at=call.at + timedelta(hours=1)) for call in calls] for calls in before]
        monitor._pollers["s"].vitals.publish()  # as the next failed poll does
        assert {*kept()[0]} & {*kept()[1]}
        await monitor.stop()

    play(story)


def test_a_client_that_raises_is_a_problem_and_not_a_crash() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.states = {build(1).key: RUNNING, build(2).key: RUNNING}
        server.faults = {build(1).key: ValueError("token=hunter2")}
        monitor = monitor_on(server, watch=[build(1), build(2)])
        await monitor.start()
        await clock.run(monitor, 100)
        entry = monitor.store.entries[build(1).key]
        assert entry.problem is not None and entry.problem.code is ProblemCode.INTERNAL
        assert "ValueError" in entry.problem.text and "hunter2" not in repr(monitor.store.messages) + repr(entry)
        assert monitor.store.entries[build(2).key].problem is None and server.asked(build(1).key) > 3
        await monitor.stop()

    play(story)


def test_a_server_that_hangs_makes_what_it_owes_late() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.states = {build(1).key: RUNNING, build(2).key: DONE}
        monitor = monitor_on(server, watch=[build(1), build(2)])
        changes: list[Change] = []
        await monitor.start()
        await clock.run(monitor, 10)
        server.gates[build(1).key] = asyncio.Event()
        clock.advance(6)
        for _ in range(20):
            await asyncio.sleep(0)
        monitor.store.subscribe(changes.append)
        clock.advance(31)
        for _ in range(20):
            await asyncio.sleep(0)
        assert monitor.store.entries[build(1).key].is_late and not monitor.store.entries[build(2).key].is_late
        assert monitor.store.servers["s"].health is Health.LATE
        assert [change.keys for change in changes if change.keys] == [frozenset({build(1).key})]
        server.gates.pop(build(1).key).set()
        await monitor.idle()
        assert not monitor.store.entries[build(1).key].is_late
        assert monitor.store.servers["s"].health is Health.OK
        await monitor.stop()

    play(story)


def test_a_listener_that_raises_stops_neither_polling_nor_the_others() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.states = {build(1).key: RUNNING}
        monitor = monitor_on(server, watch=[build(1)])
        heard, faults = list[Change](), list[str]()
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: faults.append(context["message"]))

        def broken(change: Change) -> None:
            raise RuntimeError("listener")

        monitor.store.subscribe(broken)
        stop_listening = monitor.store.subscribe(heard.append)
        await monitor.start()
        await clock.run(monitor, 30)
        assert len(heard) >= 5 and len(faults) == len(heard)
        stop_listening()
        stop_listening()
        count = len(heard)
        await clock.run(monitor, 30)
        assert len(heard) == count and server.asked() > 10
        await monitor.stop()

    play(story)


def test_nothing_to_see_is_not_told_of() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.server_ahead_s = 0.0
        server.states = {build(n).key: RUNNING for n in range(12)}
        monitor = monitor_on(server, watch=[build(n) for n in range(12)])
        await monitor.start()
        await clock.run(monitor, 120)
        changes: list[Change] = []
        monitor.store.subscribe(changes.append)
        await clock.run(monitor, 120)
        assert changes and not [change for change in changes if change.servers or change.messages or change.lists]
        assert monitor.store.servers["s"].clock_offset_s is None
        await monitor.stop()

    play(story)


def test_a_server_clock_an_hour_ahead_is_told_and_taken_out() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.server_ahead_s = 3600.0
        server.states = {build(1).key: record(build(1), RUNNING, since_at=clock.now().replace(hour=7, minute=58))}
        monitor = monitor_on(server, watch=[build(1)])
        await monitor.start()
        await clock.run(monitor, 30)
        assert monitor.store.servers["s"].clock_offset_s == pytest.approx(3600, abs=2)
        since_at = monitor.store.entries[build(1).key].since_at
        assert since_at is not None and (clock.now() - since_at).total_seconds() == pytest.approx(150, abs=2)
        await monitor.stop()

    play(story)


def test_outages_reach_the_history() -> None:
    class Listening(FakeHistory):
        def __init__(self) -> None:
            super().__init__()
            self.heard: list[str] = []
            self.polls: list[float | None] = []

        def polled(self, server: str, at: object, latency_s: float | None) -> None:
            self.polls.append(latency_s)

        def failed(self, server: str, code: ProblemCode, at: object) -> None:
            self.heard.append(code.value)

        def recovered(self, server: str, at: object) -> None:
            self.heard.append("recovered")

    async def story() -> None:
        clock = FakeClock()
        server, history = FakeServer(clock), Listening()
        server.states = {build(1).key: RUNNING}
        server.fault = problem("dns")
        monitor = monitor_on(server, watch=[build(1)], history=history)
        await monitor.start()
        await clock.run(monitor, 60)
        server.fault = None
        await clock.run(monitor, 130)
        assert set(history.heard[:-1]) == {"dns"} and history.heard[-1] == "recovered" and len(history.heard) > 3
        good = history.polls.index(next(one for one in history.polls if one is not None))
        assert good == len(history.heard) - 1 and None not in history.polls[good:]  # each failed poll, then good ones
        await monitor.stop()

    play(story)
