"""Waiting for a time or for a ring, whichever comes first, on the clock that was given."""

from __future__ import annotations

import asyncio
import math

from tui.clock import Clock


class Alarm:
    """One waiter. A ring before the wait is not lost."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._event = asyncio.Event()
        self._sleeper: asyncio.Task[None] | None = None
        self._at = math.inf
        self._is_waiting = False
        self._is_asleep = False

    @property
    def is_settled(self) -> bool:
        """Somebody waits, nothing has rung, and the sleeper (if any) is on the clock."""
        return self._is_waiting and not self._event.is_set() and (self._sleeper is None or self._is_asleep)

    def ring(self) -> None:
        """End the wait now."""
        self._event.set()

    async def wait(self, at: float | None) -> None:
        """Until the monotonic time `at` (None: no time) or a ring. May end early: the caller looks again."""
        if at is not None and at < self._at:
            self.silence()
            self._at = at
            self._sleeper = asyncio.create_task(self._sleep(at))
        self._is_waiting = True
        try:
            await self._event.wait()
        finally:
            self._is_waiting = False
        self._event.clear()

    def silence(self) -> None:
        """Stop the sleeper; needed at the end, so that no task is left behind."""
        if self._sleeper is not None:
            self._sleeper.cancel()
            self._sleeper = None
        self._at = math.inf
        self._is_asleep = False

    async def _sleep(self, at: float) -> None:
        self._is_asleep = True
        await self._clock.sleep(at - self._clock.monotonic())
        self._sleeper = None
        self._at = math.inf
        self._event.set()
