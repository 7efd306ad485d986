"""The bridge: merged changes, at most ten a second, none for nothing. On a clock that the test moves."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from typing import Any

from tui.app.bridge import REFRESH_S, Bridge
from tui.polling.messages import Change


class FakeTimer:
    def __init__(self, call: Callable[[], None]) -> None:
        self.call = call
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


class HandLoop:
    """The two functions of the event loop that the bridge uses, with time moved by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.timers: list[tuple[float, int, FakeTimer]] = []

    def time(self) -> float:
        return self.now_s

    def call_later(self, delay_s: float, call: Callable[[], None]) -> FakeTimer:
        timer = FakeTimer(call)
        heapq.heappush(self.timers, (self.now_s + delay_s, len(self.timers), timer))
        return timer

    def advance(self, seconds: float) -> None:
        end_s = self.now_s + seconds
        while self.timers and self.timers[0][0] <= end_s:
            self.now_s, _, timer = heapq.heappop(self.timers)
            if not timer.is_cancelled:
                timer.call()
        self.now_s = end_s


class FakeSource:
    def __init__(self) -> None:
        self.listeners: list[Callable[[Change], None]] = []

    def subscribe(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        self.listeners.append(callback)
        return lambda: self.listeners.remove(callback)

    def publish(self, *keys: str) -> None:
        for listener in self.listeners:
            listener(Change(keys=frozenset(keys)))


def stage(monkeypatch: Any) -> tuple[HandLoop, FakeSource, list[Change], Bridge]:
    loop, source, got = HandLoop(), FakeSource(), []
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: loop)
    bridge = Bridge(source, got.append)
    bridge.open()
    return loop, source, got, bridge


def test_changes_of_one_moment_come_as_one(monkeypatch: Any) -> None:
    loop, source, got, _ = stage(monkeypatch)
    for key in "abc":
        source.publish(key)
    assert got == []
    loop.advance(0.05)
    assert [change.keys for change in got] == [frozenset("abc")]


def test_a_storm_comes_ten_times_a_second_and_loses_nothing(monkeypatch: Any) -> None:
    loop, source, got, _ = stage(monkeypatch)
    for number in range(1000):
        source.publish(str(number))
        loop.advance(0.005)
    loop.advance(1.0)
    assert len(got) <= 5.0 / REFRESH_S + 2
    assert frozenset().union(*(change.keys for change in got)) == {str(number) for number in range(1000)}


def test_silence_costs_nothing(monkeypatch: Any) -> None:
    loop, source, got, _ = stage(monkeypatch)
    source.publish("a")
    loop.advance(60.0)
    assert len(got) == 1
    assert loop.timers == []


def test_closed_it_hears_nothing(monkeypatch: Any) -> None:
    loop, source, got, bridge = stage(monkeypatch)
    source.publish("a")
    bridge.close()
    loop.advance(1.0)
    assert got == []
    assert source.listeners == []
