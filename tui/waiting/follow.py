"""Runs a wait on a monitor: what polling publishes goes into the rules, their events to whoever writes them.

Owns the loop and its wake-ups. Knows neither the rules nor any form of output.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui.clock import Clock
from tui.polling.alarm import Alarm
from tui.polling.messages import Change
from tui.polling.monitor import Monitor
from tui.waiting.rules import Wait
from tui.waiting.terms import Event, EventKind

Tell = Callable[[Sequence[Event]], None]


class Follower:
    """One wait on one monitor. `tell` is called with each batch of events, and with none when only time went by."""

    def __init__(self, monitor: Monitor, wait: Wait, clock: Clock, tell: Tell, look_s: float | None = None) -> None:
        self._monitor = monitor
        self._wait = wait
        self._clock = clock
        self._tell = tell
        self._look_s = look_s  # wake up that often though nothing happens: a live view's ages
        self._alarm = Alarm(clock)
        self._keys: set[str] = set()
        self._servers: set[str] = set()

    def interrupt(self) -> None:
        """End the wait as soon as may be. Call it on the event loop."""
        self._wait.interrupt()
        self._alarm.ring()

    async def run(self) -> None:
        """Poll until the wait is over; what was started is stopped, whatever happens."""
        wait, monitor = self._wait, self._monitor
        unsubscribe = monitor.store.subscribe(self._hear)
        try:
            await monitor.start()
            for course in wait.courses.values():
                monitor.watch(course.target)
            while not wait.is_over:
                self._step()
                if not wait.is_over:
                    await self._alarm.wait(self._wake_at())
        finally:
            unsubscribe()
            self._alarm.silence()
            await monitor.stop()

    def _step(self) -> None:
        wait, monitor = self._wait, self._monitor
        keys, self._keys = self._keys, set()
        servers, self._servers = self._servers, set()
        events = wait.see(sorted(keys), sorted(servers), monitor.store.entries, monitor.store.servers)
        if not wait.is_over:
            events += wait.tick()
        for key in wait.take_retries():
            monitor.poll_now(key=key, server=wait.courses[key].target.server)
        for event in events:
            if event.kind is EventKind.ENDED and event.target is not None:
                monitor.unwatch(event.target.key)  # what has ended costs no more requests
        self._tell(events)

    def _wake_at(self) -> float | None:
        times = [] if (due_s := self._wait.next_due()) is None else [due_s]
        if self._look_s is not None:
            times.append(self._clock.monotonic() + self._look_s)
        return min(times, default=None)

    def _hear(self, change: Change) -> None:
        if change.is_shift:  # no poll brought it: the clock was set
            return
        self._keys |= change.keys
        self._servers |= change.servers
        self._alarm.ring()
