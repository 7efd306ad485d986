"""Follows this machine's clock where somebody set it: what is known moves with it, and one message says so.

Runs beside the polling (see `Companion`). Until it acts every reader sees the old time, so that no age ever leaps. Asks
nobody anything and never raises.
"""

from __future__ import annotations

from tui.clock import SteadyClock
from tui.domain.stuck import span_words
from tui.polling.monitor import Monitor
from tui.polling.words import note

LOOK_S = 15.0  # a header may be wrong for as long; a look costs some microseconds
AGAIN_S = 0.05  # where an answer is just being kept; that takes milliseconds
TOLD_S = 60.0  # a leap worth a message; smaller ones are NTP's daily work


class ClockFollower:
    """Watches one clock for one monitor."""

    def __init__(self, clock: SteadyClock) -> None:
        self._clock = clock

    async def __call__(self, monitor: Monitor) -> None:
        """Look until cancelled."""
        while True:
            await self._clock.sleep(LOOK_S)
            while self._clock.leap_s:
                if monitor.can_shift:
                    self._follow(monitor)
                else:
                    await self._clock.sleep(AGAIN_S)

    def _follow(self, monitor: Monitor) -> None:
        by_s = self._clock.follow()
        if abs(by_s) < TOLD_S:
            monitor.shift(by_s)
            return
        way = "forward" if by_s > 0 else "back"
        text = f"This machine's clock was set {way} by {span_words(abs(by_s))}: ages and limits go on as before."
        monitor.shift(by_s, note(self._clock.now(), text))
