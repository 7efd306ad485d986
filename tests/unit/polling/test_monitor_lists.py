"""Pages of lists, and the order in which answers count: what was asked later wins, the history comes first."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from fake_clock import FakeClock
from polling_fakes import (
    DONE,
    FAILED,
    JOBS,
    RUNNING,
    WAITING,
    FakeHistory,
    FakeServer,
    build,
    job,
    monitor_on,
    play,
    problem,
    record,
)

from tui.domain.snapshot import Mark, Remembered
from tui.polling.messages import Change, MessageKind
from tui.polling.store import MESSAGES_KEPT, Store
from tui.polling.words import note
from tui.settings import WatchedList

PAGE_2 = replace(JOBS, page=2)


def test_a_list_is_asked_for_often_while_rows_are_active_and_shows_what_the_server_has() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.rows = {1: [record(job(1), RUNNING), record(job(2), DONE), record(job(1), RUNNING)]}
        monitor = monitor_on(server, watch=[WatchedList(JOBS)])
        await monitor.start()
        await clock.run(monitor, 100)
        assert 9 <= server.asked("s:jobs") <= 12
        assert monitor.store.lists["s:jobs"].keys == (job(1).key, job(2).key)
        assert monitor.store.entries[job(1).key].state is RUNNING
        server.rows = {1: [record(job(3), DONE)]}
        await clock.run(monitor, 20)
        assert set(monitor.store.entries) == {job(3).key}
        asked = server.asked("s:jobs")
        await clock.run(monitor, 300)
        assert 9 <= server.asked("s:jobs") - asked <= 12  # every 30 s
        assert server.asked() == server.asked("s:jobs")  # no row was asked for by itself
        monitor.poll_now(job(3).key)
        await monitor.idle()
        assert server.log[-1] == (clock.elapsed_s, "s:jobs")
        await monitor.stop()

    play(story)


def test_another_page_is_asked_for_at_once_and_the_shown_one_stays_until_it_is_there() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.rows = {1: [record(job(1), DONE)], 2: [record(job(2), DONE)], 3: [record(job(3), DONE)]}
        monitor = monitor_on(server, watch=[WatchedList(JOBS)])
        await monitor.start()
        await clock.run(monitor, 5)
        server.gates["s:jobs"] = asyncio.Event()
        for page in (2, 3, 2, 3, 2):
            monitor.set_list(replace(JOBS, page=page))
            await asyncio.sleep(0)
            monitor.set_list(replace(JOBS, page=page))
        for _ in range(30):
            await asyncio.sleep(0)
        state = monitor.store.lists["s:jobs"]
        assert state.is_fetching and state.query == PAGE_2 and state.shown == JOBS and state.keys == (job(1).key,)
        server.gates.pop("s:jobs").set()
        await monitor.idle()
        state = monitor.store.lists["s:jobs"]
        assert not state.is_fetching and state.shown == PAGE_2 and (state.page, state.pages, state.total) == (2, 3, 3)
        assert set(monitor.store.entries) == {job(2).key}
        assert server.overlaps == []
        await monitor.stop()

    play(story)


def test_a_page_that_cannot_be_had_leaves_the_old_rows_and_says_why() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.rows = {1: [record(job(1), DONE)]}
        monitor = monitor_on(server, watch=[WatchedList(JOBS), build(1)])
        await monitor.start()
        await clock.run(monitor, 5)
        server.faults["s:jobs"] = problem("bad_answer")
        monitor.set_list(PAGE_2)
        await monitor.idle()
        state = monitor.store.lists["s:jobs"]
        assert state.problem is not None and not state.is_fetching and state.keys == (job(1).key,)
        server.faults.clear()
        monitor.set_list(JOBS)
        await monitor.idle()
        assert monitor.store.lists["s:jobs"].problem is None
        await monitor.stop()

    play(story)


def test_a_page_that_was_overtaken_while_it_was_written_down_is_dropped() -> None:
    async def story() -> None:
        clock = FakeClock()
        server, history = FakeServer(clock), FakeHistory()
        server.rows = {1: [record(job(1), RUNNING), record(job(9), RUNNING)], 2: [record(job(2), DONE)]}
        server.states[job(9).key] = RUNNING
        monitor = monitor_on(server, watch=[WatchedList(JOBS), job(9)], history=history)
        history.gate = asyncio.Event()
        await monitor.start()
        for _ in range(30):
            await asyncio.sleep(0)
        monitor.set_list(PAGE_2)
        history.gate.set()
        await monitor.idle()
        assert monitor.store.lists["s:jobs"].shown == PAGE_2
        assert set(monitor.store.entries) == {job(2).key, job(9).key}
        assert monitor.store.entries[job(9).key].state is RUNNING
        assert len([one for one in history.kept if one.key == job(9).key]) == 1
        await monitor.stop()

    play(story)


def test_a_watched_row_of_a_page_needs_no_asking_of_its_own_and_stays_when_the_page_goes() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.rows = {1: [record(job(1), RUNNING)], 2: []}
        server.states[job(1).key] = RUNNING
        monitor = monitor_on(server, watch=[WatchedList(JOBS), job(1)])
        await monitor.start()
        await clock.run(monitor, 300)
        assert server.asked(job(1).key) <= 1 and server.asked("s:jobs") >= 27
        monitor.set_list(PAGE_2)
        await clock.run(monitor, 100)
        assert server.asked(job(1).key) >= 14
        assert monitor.store.entries[job(1).key].is_watched and not monitor.store.entries[job(1).key].is_late
        monitor.set_list(JOBS)
        await clock.run(monitor, 20)
        monitor.unwatch(job(1).key)
        assert not monitor.store.entries[job(1).key].is_watched
        monitor.set_list(PAGE_2)
        await monitor.idle()
        assert job(1).key not in monitor.store.entries
        await monitor.stop()

    play(story)


def test_of_a_page_and_a_single_answer_the_one_asked_for_later_counts() -> None:
    async def story() -> None:
        clock = FakeClock()
        server, history = FakeServer(clock), FakeHistory()
        server.rows = {1: [record(job(1), RUNNING)]}
        server.states[job(1).key] = RUNNING
        monitor = monitor_on(server, watch=[WatchedList(JOBS), job(1)], history=history)
        await monitor.start()
        await clock.run(monitor, 5)
        server.gates["s:jobs"] = asyncio.Event()
        monitor.poll_now("s:jobs")
        for _ in range(10):
            await asyncio.sleep(0)
        server.states[job(1).key] = DONE
        monitor.poll_now(job(1).key)
        for _ in range(30):
            await asyncio.sleep(0)
        assert monitor.store.entries[job(1).key].state is DONE
        server.gates.pop("s:jobs").set()  # asked before, answered after: it still says running
        await monitor.idle()
        assert monitor.store.entries[job(1).key].state is DONE
        assert [(one.before, one.after) for one in history.kept] == [(None, RUNNING), (RUNNING, DONE)]
        await monitor.stop()

    play(story)


def test_a_transition_is_in_the_history_before_it_is_in_the_store() -> None:
    async def story() -> None:
        clock = FakeClock()
        server, history = FakeServer(clock), FakeHistory()
        server.states[build(1).key] = WAITING
        monitor = monitor_on(server, watch=[build(1)], history=history)
        await monitor.start()
        await clock.run(monitor, 1)
        seen: list[int] = []
        monitor.store.subscribe(lambda change: seen.append(len(history.kept)))
        history.gate = asyncio.Event()
        server.states[build(1).key] = FAILED
        monitor.poll_now()
        for _ in range(30):
            await asyncio.sleep(0)
        assert history.kept[-1].after is FAILED and monitor.store.entries[build(1).key].state is WAITING
        assert seen == []
        monitor.unwatch(build(1).key)
        monitor.watch(build(1), "again")
        history.gate.set()
        await monitor.idle()
        entry = monitor.store.entries[build(1).key]
        assert (entry.state, entry.label, entry.is_watched) == (FAILED, "again", True)
        await monitor.stop()

    play(story)


def test_what_an_earlier_run_saw_is_continued_and_told() -> None:
    async def story() -> None:
        clock = FakeClock()
        at = clock.now() - timedelta(hours=2)
        past = Remembered(build(1).key, at, at + timedelta(hours=1), (Mark("", RUNNING, at),))
        server, history = FakeServer(clock), FakeHistory({build(1).key: past, build(2).key: replace(past, key="x")})
        server.states = {build(1).key: DONE}
        monitor = monitor_on(server, watch=[build(1), build(2)], history=history)
        await monitor.start()
        await monitor.idle()
        entry = monitor.store.entries[build(1).key]
        assert entry.first_seen_at == at
        (change,) = [one for one in history.kept if one.key == build(1).key]
        assert (change.before, change.after, change.after_at) == (RUNNING, DONE, at + timedelta(hours=1))
        assert "b 1 went from running to done" in [m.text for m in monitor.store.messages]
        gone = monitor.store.entries[build(2).key].problem
        assert gone is not None and "Waiting" not in gone.text  # it was there before, so it does not "appear"
        await monitor.stop()

    play(story)


def test_messages_are_bounded_and_transitions_of_rows_are_told_but_not_their_first_sight() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        failed = replace(record(job(1), FAILED), error="no\nspace left " + "x" * 999)
        server.rows = {1: [record(job(1), RUNNING)]}
        monitor = monitor_on(server, watch=[WatchedList(JOBS)])
        await monitor.start()
        await monitor.idle()
        assert not monitor.store.messages
        server.rows = {1: [failed]}
        await clock.run(monitor, 12)
        (message,) = monitor.store.messages
        assert message.kind is MessageKind.TRANSITION and message.tone == "failed" and len(message.text) < 250
        assert message.text.startswith("1 went from running to failed: no space left")
        await monitor.stop()

    play(story)
    store, clock = Store(), FakeClock()
    for number in range(MESSAGES_KEPT + 10):
        store.publish(messages=(note(clock.now(), str(number)),))
    assert len(store.messages) == MESSAGES_KEPT and store.messages[0].text == "10"


def test_a_store_tells_only_what_changed_and_forgets_what_nothing_holds() -> None:
    async def story() -> None:
        store = Store()
        heard: list[Change] = []
        store.subscribe(heard.append)
        store.publish()
        assert heard == [] and store.hold("a", ["x", "y"]) == frozenset()
        store.add_hold("b", "y")
        assert store.hold("a", ["z"]) == {"x"} and store.holders("y") == {"b"}
        assert store.end_hold("b", "y") and not store.end_hold("b", "y") and not store.end_hold("nobody", "z")
        assert store.is_held("z") and not store.is_held("y") and store.held_by("a") == {"z"}
        store.publish(removed=["never there"])
        assert heard == []

    play(story)
