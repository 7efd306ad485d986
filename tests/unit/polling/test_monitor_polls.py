"""What is asked when: by state, by hand, within the limits. Through the monitor, on a fake clock."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from fake_clock import FakeClock
from polling_fakes import DONE, JOBS, RUNNING, WAITING, FakeServer, build, job, monitor_on, play, problem, record

from tui.domain.problem import Problem, ProblemCode
from tui.domain.records import ListQuery
from tui.domain.snapshot import Health
from tui.domain.state import State
from tui.domain.target import Target
from tui.polling.messages import Change, MessageKind
from tui.polling.outage import SILENCES
from tui.settings import PollSettings, WatchedLatest, WatchedList


def test_active_targets_are_asked_often_and_settled_ones_seldom() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.states = {build(1).key: RUNNING, build(2).key: DONE, build(3).key: State.UNKNOWN}
        monitor = monitor_on(server, watch=[build(1), build(2), build(3)])
        await monitor.start()
        await clock.run(monitor, 600)
        await monitor.stop()
        assert 108 <= server.asked(build(1).key) <= 134  # every 5 s, give or take a tenth
        assert server.asked(build(2).key) in (2, 3)
        assert 9 <= server.asked(build(3).key) <= 12
        assert server.is_closed and server.overlaps == []

    play(story)


def test_a_missing_target_is_asked_often_within_its_grace_and_says_that_it_may_come() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        monitor = monitor_on(server, watch=[build(1)])
        await monitor.start()
        await clock.run(monitor, 290)
        assert 50 <= server.asked() <= 70
        entry = monitor.store.entries[build(1).key]
        assert entry.state is State.MISSING and not entry.is_late
        assert entry.problem is not None and entry.problem.text.startswith("Waiting to appear")
        await clock.run(monitor, 20)
        asked = server.asked()
        await clock.run(monitor, 600)
        assert 9 <= server.asked() - asked <= 12
        entry = monitor.store.entries[build(1).key]
        assert entry.problem is not None and "Waiting" not in entry.problem.text
        assert monitor.store.servers["s"].health is Health.OK
        server.states[build(1).key] = WAITING
        await clock.run(monitor, 70)
        entry = monitor.store.entries[build(1).key]
        assert [(one.before, one.after) for one in entry.transitions] == [
            (None, State.MISSING),
            (State.MISSING, WAITING),
        ]
        assert [m.text for m in monitor.store.messages if m.kind is MessageKind.TRANSITION] == [
            "b 1 went from missing to waiting"
        ]
        await monitor.stop()

    play(story)


def test_ten_thousand_targets_do_not_fire_at_once() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.latency_s = 0.2
        targets = [build(n) for n in range(10_000)]
        server.states = {target.key: DONE for target in targets}
        monitor = monitor_on(server, watch=targets)
        await monitor.start()
        await clock.run(monitor, 60)
        assert 200 <= server.asked() <= 240
        assert server.most_at_once <= 6
        assert monitor.store.servers["s"].per_minute == pytest.approx(240, abs=48)
        assert [m.text for m in monitor.store.messages if "budget" in m.text]
        await clock.run(monitor, 60)
        assert server.asked(since_s=60) <= 240 and max(server.now_asked.values()) == 0
        assert len({key for _, key in server.log}) == server.asked()  # everyone once before anyone twice
        await monitor.stop()

    play(story)


def test_an_answer_costs_what_it_brought_whatever_else_is_known() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        targets = [build(n) for n in range(2_000)]
        server.states = {target.key: DONE for target in targets}
        monitor = monitor_on(server, watch=targets, budget=100_000)
        changes: list[Change] = []
        await monitor.start()
        await clock.run(monitor, 10)
        monitor.store.subscribe(changes.append)
        await clock.run(monitor, 600)
        assert sum(len(change.keys) for change in changes) == server.asked(since_s=10.001) > 3_000
        assert max(len(change.keys) for change in changes) == 1
        await monitor.stop()

    play(story)


def test_poll_now_is_folded_and_works_while_paused() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.states = {build(1).key: DONE, build(2).key: DONE}
        monitor = monitor_on(server, watch=[build(1), build(2)])
        await monitor.start()
        await clock.run(monitor, 10)
        server.gates[build(1).key] = asyncio.Event()
        for _ in range(5):
            monitor.poll_now(build(1).key)
            await asyncio.sleep(0)
        server.gates.pop(build(1).key).set()
        await monitor.idle()
        assert server.asked(build(1).key) == 2 and server.asked(build(2).key) == 1
        monitor.pause()
        assert monitor.is_paused and monitor.store.servers["s"].health is Health.PAUSED
        monitor.poll_now()
        await clock.run(monitor, 1000)
        assert server.asked(build(1).key) == 3 and server.asked(build(2).key) == 2
        monitor.resume()
        await clock.run(monitor, 10)
        assert server.asked() == 7 and monitor.store.servers["s"].health is Health.OK
        monitor.poll_now(server="another")
        await monitor.idle()
        assert server.asked() == 7
        await monitor.stop()

    play(story)


def test_pause_gives_no_storm_afterwards_and_neither_does_a_suspend() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        targets = [build(n) for n in range(200)]
        server.states = {target.key: RUNNING for target in targets}
        monitor = monitor_on(server, watch=targets, budget=1200)
        await monitor.start()
        await clock.run(monitor, 120)
        monitor.pause()
        await clock.run(monitor, 600)
        monitor.resume()
        before = server.asked()
        await clock.run(monitor, 1)
        assert server.asked() - before <= 170  # what may go at once, and a second of the rest
        clock.advance(3600)
        before = server.asked()
        await clock.run(monitor, 1)
        assert 1 <= server.asked() - before <= 170
        await monitor.stop()

    play(story)


def test_a_wall_clock_that_jumps_changes_no_schedule_and_makes_no_negative_age() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.states = {build(1).key: RUNNING}
        monitor = monitor_on(server, watch=[build(1)])
        await monitor.start()
        for jump_s in (7200, -14400, 0):
            clock.jump_wall(jump_s)
            asked = server.asked()
            server.states[build(1).key] = DONE if server.states[build(1).key] is RUNNING else RUNNING
            monitor.poll_now()
            await clock.run(monitor, 0)
            assert server.asked() - asked == 1
            entry = monitor.store.entries[build(1).key]
            assert entry.since_at is not None and entry.since_at <= clock.now()
            assert all(one.after_at is None or one.after_at <= one.seen_at for one in entry.transitions)
        await monitor.stop()

    play(story)


def test_targets_of_one_batch_share_a_request() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        targets = [build(n) for n in range(30)]
        server.states = {target.key: RUNNING for target in targets}
        monitor = monitor_on(server, watch=targets, batch=lambda target: "all")
        await monitor.start()
        await clock.run(monitor, 100)
        assert 18 <= server.asked() <= 45  # about one every 5 s, not thirty
        assert all(len(entry.calls) <= 10 and entry.state is RUNNING for entry in monitor.store.entries.values())
        await monitor.stop()

    play(story)


def test_watching_begins_and_ends_while_it_runs() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.states = {build(1).key: RUNNING}
        monitor = monitor_on(server)
        await monitor.start()
        await monitor.idle()
        monitor.watch(build(1), "mine")
        await monitor.idle()
        entry = monitor.store.entries[build(1).key]
        assert (entry.state, entry.label, entry.is_watched) == (RUNNING, "mine", True)
        server.gates[build(1).key] = asyncio.Event()
        monitor.poll_now()
        await asyncio.sleep(0)
        monitor.unwatch(build(1).key)
        monitor.watch(build(1))
        server.gates.pop(build(1).key).set()
        await clock.run(monitor, 20)
        assert server.overlaps == [] and monitor.store.entries[build(1).key].state is RUNNING
        monitor.unwatch(build(1).key)
        monitor.unwatch("s:build/never/1")
        asked = server.asked()
        await clock.run(monitor, 100)
        assert server.asked() == asked and not monitor.store.entries
        with pytest.raises(KeyError):
            monitor.watch(Target("nowhere", "build", ("b", "1")))
        await monitor.stop()

    play(story)


def test_the_newest_of_a_name_are_followed() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.newest["b"] = [build(3), build(2), build(1)]
        server.states = {build(n).key: RUNNING for n in range(9)}
        item = WatchedLatest("s", "b", 2, label="nightly")
        monitor = monitor_on(server, watch=[item, build(2)])
        await monitor.start()
        await monitor.idle()
        assert set(monitor.store.entries) == {build(2).key, build(3).key}
        assert monitor.store.entries[build(3).key].label == "nightly"
        server.newest["b"] = [build(5), build(4), build(3)]
        await clock.run(monitor, 40)
        assert set(monitor.store.entries) == {build(2).key, build(4).key, build(5).key}
        monitor.unwatch(build(5).key)
        await clock.run(monitor, 100)
        assert build(5).key not in monitor.store.entries  # not taken up again against the person's will
        server.faults["latest b"] = problem("forbidden")
        await clock.run(monitor, 600)
        assert len([m for m in monitor.store.messages if "newest of b" in m.text]) == 1
        assert set(monitor.store.entries) == {build(2).key, build(4).key}
        await monitor.stop()

    play(story)


def test_poll_once_asks_once_and_gives_up_on_a_server_that_is_down() -> None:
    async def story() -> None:
        clock = FakeClock()
        good, bad = FakeServer(clock, "s"), FakeServer(clock, "t")
        good.states = {build(1).key: DONE, build(4).key: RUNNING}
        good.rows = {1: [record(job(1), RUNNING)]}
        good.newest["b"] = [build(4)]
        bad.fault = problem("unauthorised")
        targets = [build(n, "t") for n in range(50)]
        watch = [build(1), *targets, WatchedList(JOBS), WatchedLatest("s", "b", 1)]
        monitor = monitor_on(good, bad, watch=watch)
        await monitor.poll_once()
        assert sorted(key for _, key in good.log) == sorted([build(1).key, "s:jobs", "latest b", build(4).key])
        assert bad.asked() <= 6
        problems = [monitor.store.entries[target.key].problem for target in targets]
        assert all(one is not None and one.code == "unauthorised" for one in problems)
        texts = Counter(one.text for one in problems if one is not None)
        asked = bad.asked()
        assert texts == {"It is unauthorised.": asked, "Not asked: It is unauthorised.": 50 - asked}
        assert monitor.store.entries[build(1).key].state is DONE and monitor.store.entries[job(1).key].state is RUNNING
        await monitor.poll_once(targets=[build(9)], lists=[])
        assert good.log[-1][1] == build(9).key and good.asked() == 5
        query = ListQuery("s", "jobs", page=1, limit=5)
        await monitor.poll_once(targets=[], lists=[query])
        assert monitor.store.lists["s:jobs"].shown == query and good.asked() == 6
        await monitor.stop()
        assert good.is_closed and bad.is_closed

    play(story)


@pytest.mark.parametrize(
    "fault",
    [
        problem("server_error"),
        Problem(ProblemCode.BAD_ANSWER, "It did not accept the question.", 400),
        Problem(ProblemCode.BAD_ANSWER, "It sent a login page.", 200, is_everywhere=True),
        problem("redirected"),
    ],
)
def test_poll_once_asks_every_target_however_many_others_fail(fault: Problem) -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        targets = [build(n) for n in range(18)]
        server.states = {target.key: DONE for target in targets}
        server.faults = {target.key: fault for target in targets[:8]}
        monitor = monitor_on(server)
        await monitor.poll_once(targets=targets, lists=[])
        assert [monitor.store.entries[target.key].state for target in targets[8:]] == [DONE] * 10
        assert [monitor.store.entries[target.key].problem for target in targets[:8]] == [fault] * 8
        await monitor.stop()

    play(story)


def test_poll_once_does_not_wait_for_ever_for_a_server_that_is_silent() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.fault = problem("timeout")
        monitor = monitor_on(server)
        await monitor.poll_once(targets=[build(n) for n in range(100)], lists=[])
        assert server.asked() <= SILENCES + PollSettings().concurrency
        await monitor.stop()

    play(story)


def test_answers_that_cannot_be_used_are_their_targets_own() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.states = {build(n).key: RUNNING for n in range(15)}
        server.faults = {build(n).key: Problem(ProblemCode.BAD_ANSWER, "It is broken JSON.", 200) for n in range(12)}
        monitor = monitor_on(server, watch=[build(n) for n in range(15)])
        await monitor.start()
        await clock.run(monitor, 60)
        assert monitor.store.servers["s"].health is Health.OK
        assert min(server.asked(build(n).key) for n in (12, 13, 14)) >= 9
        await monitor.stop()

    play(story)


def test_a_started_monitor_is_not_polled_once_and_starting_and_stopping_twice_is_once() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.states = {build(1).key: DONE}
        monitor = monitor_on(server, watch=[build(1)], poll=PollSettings(active_s=1))
        await monitor.start()
        await monitor.start()
        with pytest.raises(RuntimeError):
            await monitor.poll_once()
        await monitor.idle()
        assert server.asked() == 1
        server.gates[build(1).key] = asyncio.Event()  # never opened: stopping must not wait for it
        monitor.poll_now()
        await asyncio.sleep(0)
        await monitor.stop()
        await monitor.stop()
        assert server.is_closed

    play(story)
