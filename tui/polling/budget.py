"""Requests a minute of one server: a token bucket that says whether one may be sent, and the count for the header.

Pure; times are monotonic seconds. In any 60 seconds at most `per_minute` tokens are given out. Requests that a client
makes beyond the one it was given a token for are charged afterwards and paid off before the next.
"""

from __future__ import annotations

from collections import deque

WINDOW_S = 60.0
BURST_SHARE = 1 / 6  # of a minute's budget that may go at once; the rest flows in evenly
RESERVE_SHARE = 0.25  # of the burst that only a person's own request (poll now, a page) may use


class Budget:
    """Tokens and the requests of the last minute."""

    def __init__(self, per_minute: int, now: float) -> None:
        self.per_minute = max(1, per_minute)
        self._burst = max(1.0, self.per_minute * BURST_SHARE)
        self._rate = max(self.per_minute - self._burst, self.per_minute / 2) / WINDOW_S
        self._reserve = self._burst * RESERVE_SHARE if self._burst >= 4 else 0.0
        self._tokens = self._burst
        self._at = now
        self._sent: deque[tuple[float, int]] = deque()
        self._count = 0

    def allow_all_at_once(self) -> None:
        """Let the whole minute's budget go together: for who asks once and ends. What is beyond flows as ever."""
        self._tokens += self.per_minute - self._burst
        self._burst, self._reserve = float(self.per_minute), 0.0

    @property
    def at_once(self) -> float:
        """How many requests may go together after a quiet time."""
        return self._burst - self._reserve

    def take(self, now: float, *, is_forced: bool = False) -> bool:
        """One token, if there is one. `is_forced`: a person waits for it, so the reserve may be used."""
        if self._level(now) < self._needed(is_forced):
            return False
        self._tokens -= 1.0
        self._note(now, 1)
        return True

    def charge(self, now: float, more: int) -> None:
        """Requests that were made beyond the token taken."""
        if more > 0:
            self._level(now)
            self._tokens -= more
            self._note(now, more)

    def ready_at(self, now: float, *, is_forced: bool = False) -> float:
        """When `take` will succeed next; `now` where it would already."""
        short = self._needed(is_forced) - self._level(now)
        return now if short <= 0 else now + short / self._rate + 1e-6

    def count(self, now: float) -> int:
        """Requests of the last 60 seconds."""
        while self._sent and self._sent[0][0] <= now - WINDOW_S:
            self._count -= self._sent.popleft()[1]
        return self._count

    def _needed(self, is_forced: bool) -> float:
        return 1.0 if is_forced else 1.0 + self._reserve

    def _note(self, now: float, number: int) -> None:
        self._sent.append((now, number))
        self._count += number
        self.count(now)

    def _level(self, now: float) -> float:
        if now > self._at:
            self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
            self._at = now
        return self._tokens
