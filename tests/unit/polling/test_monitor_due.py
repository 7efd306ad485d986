"""Deadlines through the monitor: due from the run that is seen, whoever asked for them."""

from __future__ import annotations

from datetime import timedelta

from fake_clock import START_AT, FakeClock
from polling_fakes import DONE, JOBS, RUNNING, FakeServer, build, job, monitor_on, play, record

from tui.domain.deadline import Deadline
from tui.settings import PollSettings, WatchedList, WatchedTarget


def test_a_deadline_is_due_from_the_run_that_is_seen_and_goes_with_its_watch() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.states = {build(1).key: RUNNING}
        item = WatchedTarget(build(1), deadline=Deadline(within_s=600))
        monitor = monitor_on(server, watch=[item, build(2)], poll=PollSettings(grace_s=0.0))
        await monitor.start()
        await clock.run(monitor, 100)
        entries = monitor.store.entries
        assert entries[build(1).key].due_at == START_AT + timedelta(seconds=600)
        assert entries[build(2).key].due_at is None
        monitor.watch(build(2), holder="list", deadline=Deadline(at=START_AT))
        assert entries[build(2).key].due_at == START_AT
        monitor.watch(build(2), "again")
        server.states[build(1).key] = DONE
        await clock.run(monitor, 100)
        server.states[build(1).key] = RUNNING
        await clock.run(monitor, 700)
        began_at = entries[build(1).key].since_at
        assert began_at is not None and began_at > START_AT
        assert entries[build(1).key].due_at == began_at + timedelta(seconds=600)
        assert entries[build(2).key].due_at == START_AT
        monitor.unwatch(build(1).key)
        await monitor.stop()

    play(story)


def test_a_row_that_only_a_list_shows_any_more_is_due_no_longer() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.states = {job(1).key: RUNNING}
        server.rows = {1: [record(job(1), RUNNING)]}
        item = WatchedTarget(job(1), deadline=Deadline(within_s=600))
        monitor = monitor_on(server, watch=[item, WatchedList(JOBS)])
        await monitor.start()
        await clock.run(monitor, 60)
        assert monitor.store.entries[job(1).key].due_at is not None
        monitor.unwatch(job(1).key)
        await clock.run(monitor, 60)
        entry = monitor.store.entries[job(1).key]
        assert (entry.is_watched, entry.deadline, entry.due_at) == (False, None, None)
        await monitor.stop()

    play(story)
