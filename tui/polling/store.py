"""What is known now, and who is told when it changes. Owns the mappings; knows nothing of polling or of time.

A publication costs time in proportion to what it brought. Listeners are called at once, on the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from tui.domain.snapshot import Entry, ListState, ServerHealth
from tui.polling.messages import Change, Message

MESSAGES_KEPT = 2000  # some hours of a busy day; the history has the transitions for longer

Listener = Callable[[Change], None]


class Store:
    """Entries by address, healths by server, lists by list key; read-only from outside."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._servers: dict[str, ServerHealth] = {}
        self._lists: dict[str, ListState] = {}
        self._messages: list[Message] = []
        self._listeners: list[Listener] = []
        self._holders: dict[str, set[str]] = {}
        self._held: dict[str, set[str]] = {}
        self.entries: Mapping[str, Entry] = MappingProxyType(self._entries)
        self.servers: Mapping[str, ServerHealth] = MappingProxyType(self._servers)
        self.lists: Mapping[str, ListState] = MappingProxyType(self._lists)

    @property
    def messages(self) -> Sequence[Message]:
        """The newest messages, newest last. Not a copy: read it, keep nothing of it."""
        return self._messages

    def subscribe(self, callback: Listener) -> Callable[[], None]:
        """Have `callback` called with each change, at once; gives the function that ends it."""
        self._listeners.append(callback)

        def unsubscribe() -> None:
            if callback in self._listeners:
                self._listeners.remove(callback)

        return unsubscribe

    def is_held(self, key: str) -> bool:
        """Something (a watch, a list page) still wants this entry."""
        return key in self._holders

    def holders(self, key: str) -> frozenset[str]:
        """What wants this entry."""
        return frozenset(self._holders.get(key, ()))

    def held_by(self, holder: str) -> frozenset[str]:
        """The addresses that `holder` wants."""
        return frozenset(self._held.get(holder, ()))

    def hold(self, holder: str, keys: Iterable[str]) -> frozenset[str]:
        """`holder` wants exactly these addresses from now on; gives those that nothing wants any more.

        The entries of the latter are still there: pass them to `publish` as removed.
        """
        wanted = set(keys)
        before = self._held.pop(holder, set())
        if wanted:
            self._held[holder] = wanted
        for key in wanted - before:
            self._holders.setdefault(key, set()).add(holder)
        orphans = set()
        for key in before - wanted:
            holders = self._holders[key]
            holders.discard(holder)
            if not holders:
                del self._holders[key]
                orphans.add(key)
        return frozenset(orphans)

    def add_hold(self, holder: str, key: str) -> None:
        """`holder` wants this address too."""
        self._held.setdefault(holder, set()).add(key)
        self._holders.setdefault(key, set()).add(holder)

    def end_hold(self, holder: str, key: str) -> bool:
        """`holder` does not want this address any more; True where nothing does, then publish it as removed."""
        holders = self._holders.get(key, set())
        if holder not in holders:
            return False
        self._held[holder].discard(key)
        holders.discard(holder)
        if holders:
            return False
        del self._holders[key]
        return True

    def forget_messages(self) -> None:
        """Have none any more: what they told of has not happened yet (a replay that goes back)."""
        self._messages.clear()

    def publish(
        self,
        *,
        entries: Iterable[Entry] = (),
        removed: Iterable[str] = (),
        servers: Iterable[ServerHealth] = (),
        lists: Iterable[ListState] = (),
        messages: Iterable[Message] = (),
        is_quiet: bool = False,
        shifted_s: float = 0.0,
    ) -> None:
        """Replace what is given and tell the listeners in one change. `is_quiet`: nobody needs to look.

        `shifted_s`: see `Change`.
        """
        gone = frozenset(key for key in removed if self._entries.pop(key, None) is not None)
        keys, names, list_keys = set(), set(), set()
        for entry in entries:
            self._entries[entry.key] = entry
            keys.add(entry.key)
        for server in servers:
            self._servers[server.name] = server
            names.add(server.name)
        for state in lists:
            self._lists[state.query.key] = state
            list_keys.add(state.query.key)
        told = tuple(messages)
        if told:
            self._messages.extend(told)
            if len(self._messages) > MESSAGES_KEPT:
                del self._messages[: len(self._messages) - MESSAGES_KEPT]
        if is_quiet or not (keys or gone or names or list_keys or told or shifted_s):
            return
        is_shift = bool(shifted_s)
        change = Change(frozenset(keys), gone - keys, frozenset(names), frozenset(list_keys), told, is_shift, shifted_s)
        for listener in tuple(self._listeners):
            try:
                listener(change)
            except Exception as error:  # one broken listener must not stop polling or the other listeners
                loop = asyncio.get_running_loop()
                loop.call_exception_handler({"message": "a listener of the store failed", "exception": error})
