"""What is asked when: by state, by hand, after failures. Through the monitor, on a fake clock."""

from __future__ import annotations

from fake_clock import FakeClock
from polling_fakes import DONE, JOBS, RUNNING, FakeServer, build, job, monitor_on, play, problem, record

from tui.domain.snapshot import Health
from tui.domain.state import State
from tui.settings import WatchedList


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
        assert server.is_closed

    play(story)


def test_a_list_is_asked_for_often_while_rows_are_active() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.rows = {1: [record(job(1), RUNNING), record(job(2), DONE)]}
        monitor = monitor_on(server, watch=[WatchedList(JOBS)])
        await monitor.start()
        await clock.run(monitor, 100)
        assert 9 <= server.asked("s:jobs") <= 12
        assert [*monitor.store.lists["s:jobs"].keys] == [job(1).key, job(2).key]
        assert monitor.store.entries[job(1).key].state is RUNNING
        server.rows = {1: [record(job(3), DONE)]}
        await clock.run(monitor, 20)
        assert set(monitor.store.entries) == {job(3).key}
        asked = server.asked("s:jobs")
        await clock.run(monitor, 300)
        assert 9 <= server.asked("s:jobs") - asked <= 12  # every 30 s
        await monitor.stop()

    play(story)


def test_an_outage_is_probed_by_one_and_ends_by_itself() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        targets = [build(n) for n in range(20)]
        server.states = {target.key: RUNNING for target in targets}
        monitor = monitor_on(server, watch=targets)
        await monitor.start()
        await clock.run(monitor, 30)
        assert monitor.store.servers["s"].health is Health.OK
        server.fault = problem("dns")
        await clock.run(monitor, 600)
        assert monitor.store.servers["s"].health is Health.FAILING
        assert server.asked(since_s=40) < 20
        assert all(entry.state is RUNNING for entry in monitor.store.entries.values())
        server.fault = None
        await clock.run(monitor, 150)
        assert monitor.store.servers["s"].health is Health.OK
        assert all(entry.problem is None and not entry.is_late for entry in monitor.store.entries.values())
        await monitor.stop()

    play(story)
