"""A clock that only moves when a test says so."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

from tui.polling.monitor import Monitor

START_AT = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)


class FakeClock:
    """Wall and monotonic time, moved by `advance`; `jump_wall` moves the wall clock alone."""

    def __init__(self) -> None:
        self.elapsed_s = 0.0
        self._wall_s = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._uses = 0  # every answer looks at the wall clock: that is how progress is seen

    def now(self) -> datetime:
        self._uses += 1
        return START_AT + timedelta(seconds=self.elapsed_s + self._wall_s)

    def monotonic(self) -> float:
        return 1000.0 + self.elapsed_s

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        self._uses += 1
        heappush(self._sleepers, (self.elapsed_s + seconds, self._uses, future))
        await future

    def jump_wall(self, seconds: float) -> None:
        self._wall_s += seconds

    def next_wake_s(self) -> float | None:
        while self._sleepers and self._sleepers[0][2].done():
            heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    def advance(self, seconds: float) -> None:
        """Move on and wake who slept until then; they run when the test awaits."""
        self.elapsed_s += seconds
        while self._sleepers and self._sleepers[0][0] <= self.elapsed_s + 1e-9:
            future = heappop(self._sleepers)[2]
            if not future.done():
                future.set_result(None)

    async def run(self, monitor: Monitor, seconds: float) -> None:
        """Let `seconds` pass as they would: each sleeper wakes at its time and the monitor comes to rest in between."""
        end_s = self.elapsed_s + seconds
        await self.settle(monitor)
        while (wake_s := self.next_wake_s()) is not None and wake_s <= end_s:
            self.advance(max(0.0, wake_s - self.elapsed_s))
            await asyncio.sleep(0)
            await self.settle(monitor)
        self.advance(end_s - self.elapsed_s)
        await self.settle(monitor)

    async def settle(self, monitor: Monitor) -> None:
        """Until the monitor is idle, or waits for a server that waits for this clock or for the test."""
        turns, uses = 0, self._uses
        while not monitor.is_idle and turns < 25:  # more turns of the event loop than any answer needs
            await asyncio.sleep(0)
            turns, uses = (turns + 1, uses) if uses == self._uses else (0, self._uses)
