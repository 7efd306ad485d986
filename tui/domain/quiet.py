"""Quiet hours: a span of the day in which nobody is to be told anything. Pure; the zone is the callers'."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, tzinfo

from tui.domain.deadline import next_time


@dataclass(frozen=True, slots=True)
class Quiet:
    """From `start` up to `end`, over midnight where the end is the earlier one. They differ."""

    start: time
    end: time

    def holds(self, now: datetime, zone: tzinfo | None = None) -> bool:
        """It is quiet now, by the clocks of the zone (None: this machine's own)."""
        here = now.astimezone(zone).time()
        if self.start < self.end:
            return self.start <= here < self.end
        return here >= self.start or here < self.end

    def ends_at(self, now: datetime, zone: tzinfo | None = None) -> datetime:
        """When it is over, if it is quiet now."""
        return next_time(self.end, now, zone)

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"
