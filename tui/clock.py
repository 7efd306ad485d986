"""The one source of time, so that tests can own it. Wall time is aware UTC; durations come from the monotonic clock."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol

SET_S = 2.0  # seconds; less is no leap: NTP slews that much, and no age shows it


class Clock(Protocol):
    """What anything that needs time is given."""

    def now(self) -> datetime:
        """Wall time, aware UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back, from an arbitrary start."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; zero or less only gives way."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        """Wall time, aware UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since an arbitrary start."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(max(0.0, seconds))


def asleep_s() -> float:
    """Seconds that this machine has been suspended for since it was started; 0.0 where the system does not tell."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)  # Linux; the clock that macOS calls monotonic counts sleep, too
    if clock is None and sys.platform == "darwin":
        clock = getattr(time, "CLOCK_MONOTONIC", None)
    return 0.0 if clock is None else time.clock_gettime(clock) - time.monotonic()


class SteadyClock:
    """A clock whose wall time goes at its own pace, whatever is done to the machine's, until it is told to follow.

    A person or NTP may set the machine's clock by hours. What is known carries times of before, and between the two
    every age would be wrong. So `now` keeps to the old time until `follow`, and whoever calls that moves the times it
    keeps by as much. A suspended machine's clock was not set: the time that it slept is time that went by.
    """

    def __init__(self, machine: Clock | None = None, asleep: Callable[[], float] = asleep_s) -> None:
        self._machine = machine or SystemClock()
        self._asleep = asleep
        self._start = (self._machine.now(), self._passed_s())  # one value, for the history's thread asks too

    def now(self) -> datetime:
        """Wall time, aware UTC: the machine's, or what it would be had nobody set it."""
        wall, leap_s = self._look()
        return wall - timedelta(seconds=leap_s)

    def monotonic(self) -> float:
        """Seconds since an arbitrary start."""
        return self._machine.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._machine.sleep(seconds)

    @property
    def leap_s(self) -> float:
        """By how many seconds the machine's clock was set forward since (back: negative); 0.0 where it was not."""
        return self._look()[1]

    def follow(self) -> float:
        """Go by the machine's clock from now on; gives the seconds by which `now` leapt."""
        wall, leap_s = self._look()
        self._start = (wall, self._passed_s())
        return leap_s

    def _look(self) -> tuple[datetime, float]:
        wall = self._machine.now()
        began_at, began_s = self._start
        leap_s = (wall - began_at).total_seconds() - (self._passed_s() - began_s)
        return wall, leap_s if abs(leap_s) >= SET_S else 0.0

    def _passed_s(self) -> float:
        return self._machine.monotonic() + self._asleep()


class LocalZone(tzinfo):
    """This machine's zone at whatever moment is shown: summer times in summer, also after a change while we run."""

    def fromutc(self, dt: datetime) -> datetime:
        """The local time of a UTC one."""
        here = _local(dt.replace(tzinfo=UTC))
        first = _local(here.replace(tzinfo=None))  # an hour that comes twice
        return here.replace(tzinfo=self, fold=int(first.utcoffset() != here.utcoffset()))

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        """How far it is ahead of UTC then."""
        return None if dt is None else _local(dt.replace(tzinfo=None)).utcoffset()

    def dst(self, dt: datetime | None) -> timedelta | None:
        """Not told: no one asks."""
        return None

    def tzname(self, dt: datetime | None) -> str | None:
        """Its name then."""
        return None if dt is None else _local(dt.replace(tzinfo=None)).tzname()


def _local(at: datetime) -> datetime:
    """A moment (aware) or a local time (naive) with this machine's offset; UTC where its calendar ends."""
    try:
        return at.astimezone()
    except (OverflowError, ValueError, OSError):
        return at.replace(tzinfo=UTC)
