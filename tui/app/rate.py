"""The request rate as it is shown: steady, so that a jitter of one request a minute repaints nothing."""

from __future__ import annotations

STEADY_SHARE = 0.15  # a shown rate stays until the true one differs by more than this share of it ...
STEADY_REQUESTS = 3  # ... and by more than this many requests a minute


class SteadyRate:
    """A number that follows another one in visible steps only."""

    def __init__(self) -> None:
        self._shown: int | None = None

    def follow(self, rate: int) -> int:
        """The rate to show now; 0 is always shown as it is."""
        shown = self._shown
        if shown is None or rate == 0 or abs(rate - shown) > max(STEADY_REQUESTS, shown * STEADY_SHARE):
            shown = rate
        self._shown = shown
        return shown
