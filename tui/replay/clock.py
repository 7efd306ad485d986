"""The replay's clock: wall time that stands, runs so many times as fast as life, or jumps.

Owns where the replay is in time; real time comes from another clock. Knows nothing of what is played.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from tui.clock import Clock


class ReplayClock:
    """Implements `Clock`: `now` is the replayed time, `monotonic` and `sleep` are real. It never passes `end_at`."""

    def __init__(self, start_at: datetime, end_at: datetime, speed: float, real: Clock) -> None:
        self._real = real
        self._end_at = end_at
        self._at = start_at
        self._since_s: float | None = None
        self._speed = speed

    @property
    def speed(self) -> float:
        """Replayed seconds in one real second."""
        return self._speed

    def now(self) -> datetime:
        """The replayed time, aware UTC."""
        if self._since_s is None:
            return self._at
        gone_s = max(0.0, self._real.monotonic() - self._since_s) * self._speed
        if gone_s >= (self._end_at - self._at).total_seconds():
            return max(self._at, self._end_at)
        return self._at + timedelta(seconds=gone_s)

    def monotonic(self) -> float:
        """Real seconds: keys are pressed in real time."""
        return self._real.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait real seconds."""
        await self._real.sleep(seconds)

    def run(self) -> None:
        """Let time go on."""
        if self._since_s is None:
            self._since_s = self._real.monotonic()

    def stand(self) -> None:
        """Stop at this moment."""
        self._at, self._since_s = self.now(), None

    def jump(self, at: datetime) -> None:
        """Go to another moment; it goes on from there if it went."""
        self._at = at
        if self._since_s is not None:
            self._since_s = self._real.monotonic()

    def set_speed(self, speed: float) -> None:
        """Go on faster or slower from here."""
        self.jump(self.now())
        self._speed = speed

    def real_s(self, at: datetime) -> float:
        """Real seconds until the replayed time `at`, were it running; 0 where it is past."""
        return max(0.0, (at - self.now()).total_seconds() / self._speed)
