"""From the store to the screens: changes are gathered and handed on at most ten times a second, and never for nothing.

The store calls synchronously on the event loop; screens are told one merged change. Knows neither panes nor servers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from tui.polling.messages import Change

REFRESH_S = 0.1  # ten refreshes a second at most: more is not read, and over SSH it is traffic
# The first change after a pause waits this long only: answers of one poll round tend to come together.
GATHER_S = 0.02


class Source(Protocol):
    """What the bridge listens to: a store."""

    def subscribe(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Call back on each change until the returned function is called."""
        ...


class Bridge:
    """Gathers the changes of one store and gives them to one receiver."""

    def __init__(self, source: Source, receive: Callable[[Change], None], gather_s: float = GATHER_S) -> None:
        self._source = source
        self._receive = receive
        self._gather_s = gather_s
        self._pending: Change | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._last_s = float("-inf")
        self._unsubscribe: Callable[[], None] | None = None

    def open(self) -> None:
        """Start listening. Must be called on the event loop."""
        if self._unsubscribe is None:
            self._unsubscribe = self._source.subscribe(self._take)

    def close(self) -> None:
        """Stop listening; a change that waits is dropped."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._pending = None

    def flush(self) -> None:
        """Hand on at once what is gathered."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        change, self._pending = self._pending, None
        if change is not None:
            self._last_s = asyncio.get_running_loop().time()
            self._receive(change)

    def _take(self, change: Change) -> None:
        self._pending = change if self._pending is None else self._pending.merged(change)
        if self._timer is None:
            loop = asyncio.get_running_loop()
            wait_s = max(self._gather_s, self._last_s + REFRESH_S - loop.time())
            self._timer = loop.call_later(wait_s, self.flush)
