"""The play: speed, stops, jumps back and on, silences, the end; on a clock that the tests move."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from fake_clock import FakeClock
from hypothesis import given, settings
from hypothesis import strategies as st
from replay_tapes import BUILD, OTHER, at, seen, story, tape_of

from tui.domain.snapshot import Entry
from tui.domain.state import State
from tui.history.reading import Seen
from tui.replay.moments import find_moment
from tui.replay.monitor import OVER, ReplayMonitor

Scene = Callable[[ReplayMonitor, FakeClock], Awaitable[None]]


def on(scene: Scene, found: list[Seen] | None = None, speed: float = 60.0, **options: Any) -> ReplayMonitor:
    """Play a scene on a started replay of the story, and stop it."""

    async def run() -> ReplayMonitor:
        clock = FakeClock()
        monitor = ReplayMonitor(tape_of(found or story()), clock, speed=speed, **options)
        await monitor.start()
        await pass_s(monitor, clock, 0)
        try:
            await scene(monitor, clock)
        finally:
            await monitor.stop()
        return monitor

    return asyncio.run(run())


async def pass_s(monitor: ReplayMonitor, clock: FakeClock, seconds: float) -> None:
    """Let real seconds pass."""
    await clock.run(cast("Any", monitor), seconds)


def states(monitor: ReplayMonitor) -> dict[str, str]:
    return {key: entry.state.value for key, entry in monitor.store.entries.items()}


def told(monitor: ReplayMonitor) -> list[str]:
    return [message.text for message in monitor.store.messages]


def test_a_minute_passes_in_a_second_and_a_silence_is_skipped() -> None:
    async def scene(monitor: ReplayMonitor, clock: FakeClock) -> None:
        assert states(monitor) == {BUILD: "waiting"}
        await pass_s(monitor, clock, 1.9)
        assert states(monitor) == {BUILD: "waiting"}
        await pass_s(monitor, clock, 0.2)
        assert states(monitor) == {BUILD: "running"}
        await pass_s(monitor, clock, 3.8)  # minute 5.9
        assert (states(monitor), monitor.clock.now()) == ({BUILD: "done"}, at(5.9))
        await pass_s(monitor, clock, 0.2)
        assert (states(monitor), monitor.clock.now()) == ({OTHER: "running"}, at(125 + 0.1))
        assert told(monitor)[-1] == "Skipped 119 min in which nothing happened."
        await pass_s(monitor, clock, 60)
        assert (states(monitor), monitor.is_over, monitor.clock.now()) == ({OTHER: "failed"}, True, at(130))
        assert told(monitor)[-2:] == ["shop 413 went from running to failed: the scanner fell over", OVER]

    on(scene)


def test_a_silence_is_played_in_full_where_that_is_wanted() -> None:
    async def scene(monitor: ReplayMonitor, clock: FakeClock) -> None:
        await pass_s(monitor, clock, 40)
        assert (states(monitor), monitor.clock.now()) == ({}, at(40))  # it was looked at until minute 30
        assert not any("Skipped" in text for text in told(monitor))

    on(scene, is_skipping=False)


def test_it_stands_goes_on_and_changes_its_speed() -> None:
    async def scene(monitor: ReplayMonitor, clock: FakeClock) -> None:
        await pass_s(monitor, clock, 1)
        monitor.pause()
        await pass_s(monitor, clock, 100)
        assert (states(monitor), monitor.clock.now(), monitor.is_paused) == ({BUILD: "waiting"}, at(1), True)
        monitor.resume()
        monitor.set_speed(6.0)
        await pass_s(monitor, clock, 9)
        assert (states(monitor), monitor.clock.now()) == ({BUILD: "waiting"}, at(1.9))
        await pass_s(monitor, clock, 2)
        assert states(monitor) == {BUILD: "running"}

    on(scene)


def test_it_may_begin_anywhere_and_stand_there() -> None:
    async def scene(monitor: ReplayMonitor, clock: FakeClock) -> None:
        await pass_s(monitor, clock, 100)
        assert (states(monitor), monitor.clock.now()) == ({BUILD: "running"}, at(3))
        assert len(told(monitor)) == 2  # what happened before is in the messages

    on(scene, from_at=at(3), is_paused=True)


def test_nothing_is_published_while_nothing_happens() -> None:
    async def scene(monitor: ReplayMonitor, clock: FakeClock) -> None:
        await pass_s(monitor, clock, 200)
        changes: list[object] = []
        monitor.store.subscribe(changes.append)
        await pass_s(monitor, clock, 500)
        assert (changes, clock.next_wake_s()) == ([], None)

    on(scene)


def test_estimates_learn_from_what_was_played_and_from_nothing_later() -> None:
    def runs(minutes: float) -> list[Seen]:
        found = []
        for number in range(20):
            key, start = f"prod:build/shop/{number}", minutes + 10 * number
            found += [seen(key, "", None, "waiting", start), seen(key, "", "waiting", "running", start + 1)]
            found += [seen(key, "", "running", "done", start + 4)]
        return found

    async def scene(monitor: ReplayMonitor, clock: FakeClock) -> None:
        def left() -> object:
            now = monitor.clock.now()
            (entry,) = (entry for entry in monitor.store.entries.values() if entry.state is State.RUNNING)
            return monitor.outlook.time_left(entry, now)

        monitor.seek(at(2))
        await pass_s(monitor, clock, 0)
        assert left() is None
        monitor.seek(at(10 * 19 + 2))
        await pass_s(monitor, clock, 0)
        assert left() is not None
        monitor.seek(at(2))
        await pass_s(monitor, clock, 0)
        assert left() is None

    on(scene, runs(0), is_paused=True)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(-10, 140), min_size=1, max_size=5))
def test_wherever_it_was_before_a_moment_looks_the_same(minutes: list[float]) -> None:
    """Going back and on in any order ends in what a fresh replay shows there; messages, too."""
    pictures: list[tuple[dict[str, Entry], list[str]]] = []

    def going(places: list[float]) -> Scene:
        async def scene(monitor: ReplayMonitor, clock: FakeClock) -> None:
            for place in places:
                monitor.seek(at(place))
                await pass_s(monitor, clock, 0)
            happened = [text for text in told(monitor) if text != OVER]
            pictures.append((dict(monitor.store.entries), happened))

        return scene

    on(going(minutes), is_paused=True)
    on(going(minutes[-1:]), is_paused=True)
    assert pictures[0] == pictures[1]


SPAN = (at(0), at(130))


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("start", 0),
        ("END", 130),
        ("+1h", 65),
        ("-2m", 3),
        ("-3h", 0),
        ("+7d", 130),
        ("07:05", 5),
        ("9:00:30", 120.5),
        ("2026-11-22T07:07Z", 7),
        ("2026-11-22 08:07+01:00", 7),
    ],
)
def test_a_moment_as_people_write_it(text: str, minutes: float) -> None:
    assert find_moment(text, SPAN, at(5), UTC) == at(minutes)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no time of a replay"),
        ("now", "is no time of a replay"),
        ("+1", "is no time of a replay"),
        ("25:00", "is no time of a replay"),
        ("12:00", "no 12:00 in this replay: it goes from 2026-11-22 07:00 to 2026-11-22 09:10"),
        ("2025-11-22", "is not in this replay: it goes from"),
    ],
)
def test_what_is_no_moment_is_one_sentence(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        find_moment(text, SPAN, at(5), UTC)


@given(st.text(max_size=30), st.integers(0, 130))
def test_no_text_breaks_a_search(text: str, minutes: int) -> None:
    try:
        found: datetime = find_moment(text, SPAN, at(minutes), UTC)
    except ValueError as error:
        assert str(error).endswith(".")
    else:
        assert SPAN[0] <= found <= SPAN[1]


def test_the_time_of_day_is_the_nearest_day_that_has_it() -> None:
    span = (at(0), at(0) + timedelta(days=2))
    assert find_moment("06:00", span, at(10), UTC) == at(0) + timedelta(hours=23)
    assert find_moment("08:00", span, at(10) + timedelta(days=2), UTC) == at(0) + timedelta(days=1, hours=1)
