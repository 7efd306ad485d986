"""Deadlines through the monitor: due from the run that is seen, whoever asked for them."""

from __future__ import annotations

from datetime import timedelta

from fake_clock import START_AT, FakeClock
from polling_fakes import DONE, RUNNING, FakeServer, build, monitor_on, play

from tui.domain.deadline import Deadline
from tui.settings import PollSettings, WatchedTarget


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
