"""Watching more and less from the screen: the monitor at once, and the host's watch list so that it stays so.

Owns the sentences that say what happened. Knows no screen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Protocol

from tui.clock import Clock
from tui.domain.deadline import Deadline
from tui.domain.target import Target
from tui.present.format import count
from tui.present.safe import clean
from tui.settings import Settings, WatchedTarget
from tui.watchlist import Listed, WatchList, Written

HOLDER = "watch list"  # as whoever follows the list calls itself in the store, so that both mean one watch
NAME_CELLS = 60  # of an address in a sentence


class Watches(Protocol):
    """The part of the monitor that watches."""

    def watch(self, target: Target, label: str = "", *, holder: str = ..., deadline: Deadline | None = ...) -> None:
        """Watch one more target."""
        ...

    def unwatch(self, key: str) -> None:
        """Watch it no longer."""
        ...


class Watching:
    """`watchlist` is the host's list; None keeps what is added for this run alone."""

    def __init__(self, monitor: Watches, watchlist: WatchList | None, settings: Settings, clock: Clock) -> None:
        self._monitor = monitor
        self._watchlist = watchlist
        self._clock = clock
        self._configured = {item.target.key for item in settings.watch if isinstance(item, WatchedTarget)}

    async def add(
        self,
        targets: Sequence[Target],
        label: str = "",
        expire_s: float | None = None,
        deadline: Deadline | None = None,
    ) -> str:
        """Watch these; gives the sentence that says so."""
        now = self._clock.now()
        expires_at = now + timedelta(seconds=expire_s) if expire_s is not None else None
        entries = [Listed(target.key, label, "", now, expires_at).due_like(deadline) for target in targets]
        trouble = ""
        if self._watchlist is not None:
            try:
                done: Written = await asyncio.to_thread(self._watchlist.add, entries, now)
                trouble = f" {done.set_aside}." if done.set_aside else ""
            except OSError as error:
                trouble = f" Until scantop ends: the watch list cannot be written ({error.strerror or error})."
        for target in targets:
            self._monitor.watch(target, label, holder=HOLDER, deadline=deadline)
        return f"Now watched: {_named([target.key for target in targets])}.{trouble}"

    async def remove(self, keys: Sequence[str]) -> str:
        """Watch these no longer; gives the sentence that says so."""
        trouble = ""
        if self._watchlist is not None:
            try:
                await asyncio.to_thread(self._watchlist.remove, keys, self._clock.now())
            except OSError as error:
                trouble = f" Until scantop ends: the watch list cannot be written ({error.strerror or error})."
        for key in keys:
            self._monitor.unwatch(key)
        again = [key for key in keys if key in self._configured]
        if again and not trouble:
            trouble = f" The config names {'it' if len(keys) == 1 else len(again)}: back at the next start."
        return f"No longer watched: {_named(keys)}.{trouble}"


def _named(keys: Collection[str]) -> str:
    return clean(next(iter(keys)), NAME_CELLS) if len(keys) == 1 else count(len(keys), "target")
