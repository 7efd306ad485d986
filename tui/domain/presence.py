"""Whether the person is here: from the signs of them (keys, the terminal's focus) and the moments of these.

Pure: moments in, a gap out. Knows no terminal, no clock and no target.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from tui.domain.shifting import later, moved

# Without focus reports (tmux has them off by default) only silence tells that nobody is there. Reading takes minutes.
IDLE = timedelta(minutes=10)
# Between two looks at the clock, which are seconds apart: the process or the machine slept.
SLEPT = timedelta(seconds=60)
# How long the first answers after a start or a sleep are waited for before what is known is told.
ARRIVING = timedelta(seconds=20)


class Presence:
    """One person before one terminal. `left_at` None: they are here, and were told what happened meanwhile.

    A start is a return from the last run's end, whose moment is `left_at`; None at the very first start.
    """

    def __init__(self, now: datetime, left_at: datetime | None) -> None:
        self.left_at = left_at
        self.awake_at = now
        self.is_here = True
        self._looked_at = now
        self._arriving_at: datetime | None = now if left_at is not None else None

    def leave(self, now: datetime) -> None:
        """The terminal lost the focus."""
        self.is_here = False
        self.left_at = self.left_at or now

    def sign(self, now: datetime) -> bool:
        """A key, the mouse, the focus: the person is here. True where they were not."""
        if self.left_at is None and not self.is_awake(now):
            self.left_at = self.awake_at
        is_back = not self.is_here or self.left_at is not None
        self.is_here, self.awake_at = True, now
        return is_back

    def woke(self, now: datetime) -> None:
        """Nothing ran for a while (a suspend, a laptop that slept): the first answers are still to come."""
        self.left_at = self.left_at or min(self.awake_at, now)
        self._arriving_at = now

    def look_at_clock(self, now: datetime) -> None:
        """Called every few seconds; a long gap between two calls is a sleep."""
        before, self._looked_at = self._looked_at, now
        if now - before > SLEPT:
            self.woke(now)

    def shift(self, by_s: float) -> None:
        """The clock was set: every moment moves with it, and nobody slept."""
        self.left_at, self._arriving_at = moved(self.left_at, by_s), moved(self._arriving_at, by_s)
        self.awake_at, self._looked_at = later(self.awake_at, by_s), later(self._looked_at, by_s)

    def is_awake(self, now: datetime) -> bool:
        """The person is here, and gave a sign of late: what happens now happens before their eyes."""
        return self.is_here and now - self.awake_at < IDLE

    @property
    def asked_since(self) -> datetime | None:
        """The answers that are waited for are those after this moment; None where none are waited for."""
        return self._arriving_at

    def settle(self, now: datetime, *, is_answered: bool) -> None:
        """Wait no longer where all have answered, or enough time went by."""
        if self._arriving_at is not None and (is_answered or now - self._arriving_at >= ARRIVING):
            self._arriving_at = None

    def take_gap(self) -> datetime | None:
        """Since when the person was away, once they are back and the answers are there; told once, then None."""
        if not self.is_here or self._arriving_at is not None:
            return None
        since_at, self.left_at = self.left_at, None
        return since_at
