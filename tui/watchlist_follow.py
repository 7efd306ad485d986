"""A running monitor follows the host's watch list: what is added is watched within a second, what leaves is released.

Looks at the file's stamp (one `stat`) twice a second and reads it only when that changed or an entry's time is over.
Writes nothing to any terminal: a change shows as rows, trouble as a message. Never raises.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from tui.clock import Clock
from tui.domain.target import AddressError, Target
from tui.polling.monitor import Monitor
from tui.polling.words import note
from tui.watchlist import Listed, WatchList

LOOK_S = 0.5  # a new entry must show within a second, and a stat costs a few microseconds
HOLDER = "watch list"  # in the store; no address and no list key looks like it

Read = Callable[[str], Target | None]


class ListFollower:
    """Runs beside the polling (see `Companion`). `read` gives an address's target, None for one to leave alone."""

    def __init__(self, watchlist: WatchList, read: Read, clock: Clock) -> None:
        self._watchlist = watchlist
        self._read = read
        self._clock = clock
        self._watched: dict[str, Listed] = {}
        self._told: set[str] = set()
        self._stamp: tuple[int, int, int] | None = None
        self._expires_at: datetime | None = None

    async def __call__(self, monitor: Monitor) -> None:
        """Follow until cancelled."""
        is_first = True
        while True:
            stamp = self._watchlist.stamp()
            is_expired = self._expires_at is not None and self._expires_at <= self._clock.now()
            if is_first or is_expired or stamp != self._stamp:
                self._stamp, is_first = stamp, False
                await self._take(monitor)
            await self._clock.sleep(LOOK_S)

    async def _take(self, monitor: Monitor) -> None:
        try:
            contents = await asyncio.to_thread(self._watchlist.read, self._clock.now())
        except OSError as error:
            self._tell(monitor, f"The watch list cannot be read: {error.strerror or type(error).__name__}.")
            return
        if contents.trouble:
            self._tell(monitor, f"{self._watchlist.path} {contents.trouble}; what it listed before stays watched.")
            return
        listed = {entry.address: entry for entry in contents.entries}
        self._expires_at = min((e.expires_at for e in contents.entries if e.expires_at is not None), default=None)
        for address in self._watched.keys() - listed.keys():
            monitor.release(address, HOLDER)
        for address, entry in listed.items():
            if self._watched.get(address) != entry:
                self._watch(monitor, entry)
        self._watched = listed

    def _watch(self, monitor: Monitor, entry: Listed) -> None:
        try:
            target = self._read(entry.address)
            if target is not None:
                monitor.watch(target, entry.label, holder=HOLDER, deadline=entry.deadline)
        except (AddressError, KeyError) as error:
            self._tell(monitor, f"The watch list names what cannot be watched here: {error}")

    def _tell(self, monitor: Monitor, text: str) -> None:
        """Each trouble once: the file may change often and keep it."""
        if text not in self._told:
            self._told.add(text)
            monitor.store.publish(messages=(note(self._clock.now(), text, tone="warn"),))
