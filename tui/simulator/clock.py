"""The story's clock: how far the story is, and at which server time each of its moments happened.

Owns the mapping of story seconds to server times; knows nothing of what the story tells. The server's clock runs at the
machine's rate, the story at `speed` times that, so a faster story has shorter stages and still plausible times. Frozen,
both stand; `advance` moves both by the same seconds. What lies before the start went at speed one.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class StoryClock:
    """Story seconds (0 at the start) and server times. `monotonic` is the only source of real time."""

    def __init__(
        self,
        start_at: datetime | None = None,
        *,
        speed: float = 1.0,
        is_frozen: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.start_at = (start_at or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
        self._monotonic = monotonic
        self._real_s = monotonic()
        self._server_s = 0.0
        self._story_s = 0.0
        self.speed = speed
        self.is_frozen = is_frozen or speed == 0
        # Where each rate began: story seconds, server seconds since the start, story seconds a server second.
        self._from_story: list[float] = [0.0]
        self._pieces: list[tuple[float, float, float]] = [(0.0, 0.0, speed or 1.0)]

    def story_s(self) -> float:
        """Seconds of story told so far."""
        return self._now()[1]

    def server_at(self) -> datetime:
        """The server's own clock, aware UTC."""
        return self.start_at + timedelta(seconds=self._now()[0])

    def at(self, story_s: float) -> datetime:
        """The server time at which the story was at `story_s`, aware UTC, whole milliseconds."""
        if story_s <= 0:
            server_s = story_s
        else:
            piece = max(0, bisect_right(self._from_story, story_s) - 1)
            from_story, from_server, rate = self._pieces[piece]
            server_s = from_server + (story_s - from_story) / rate
        return self.start_at + timedelta(milliseconds=int(server_s * 1000))

    def set_speed(self, speed: float) -> None:
        """Tell the story at `speed` times the server's clock from now on; zero freezes."""
        self._settle()
        self.is_frozen = speed == 0
        self.speed = speed
        self._begin(speed or 1.0)

    def freeze(self, is_frozen: bool = True) -> None:
        """Stop both clocks, or let them go on."""
        self._settle()
        self.is_frozen = is_frozen
        if not is_frozen and self.speed == 0:
            self.speed = 1.0
        self._begin(self.speed or 1.0)

    def advance(self, seconds: float) -> None:
        """Move story and server on by the same seconds, frozen or not."""
        self._settle()
        self._begin(1.0)
        self._server_s += seconds
        self._story_s += seconds
        self._begin(self.speed or 1.0)

    def _now(self) -> tuple[float, float]:
        passed = 0.0 if self.is_frozen else self._monotonic() - self._real_s
        return self._server_s + passed, self._story_s + passed * self.speed

    def _settle(self) -> None:
        self._server_s, self._story_s = self._now()
        self._real_s = self._monotonic()

    def _begin(self, rate: float) -> None:
        if self._from_story[-1] == self._story_s:
            self._from_story.pop()
            self._pieces.pop()
        self._from_story.append(self._story_s)
        self._pieces.append((self._story_s, self._server_s, rate))
