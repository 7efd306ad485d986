"""Which entries a pane shows: the watched ones of its kinds and the pages of its lists. Pure; one a pane.

Keeps the keys and the counts by state up to date at a cost in proportion to what changed, never to what is there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from tui.commands import default_key
from tui.domain.snapshot import Entry, ListState, ServerHealth
from tui.domain.state import State
from tui.polling.messages import Change
from tui.present.spec import PaneSituation, PaneSpec


class Known(Protocol):
    """The part of the store that panes read."""

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Every target that is known, by address."""
        ...

    @property
    def servers(self) -> Mapping[str, ServerHealth]:
        """Every server's health, by name."""
        ...

    @property
    def lists(self) -> Mapping[str, ListState]:
        """Every list's state, by list key."""
        ...


class PaneFeed:
    """The entries of one pane."""

    def __init__(self, spec: PaneSpec) -> None:
        self.spec = spec
        self.states: Counter[State] = Counter()
        self._shown: dict[str, State] = {}
        self._list_keys: dict[str, frozenset[str]] = {}
        self._in_lists: Counter[str] = Counter()
        self._watched: set[str] = set()
        self._due: set[str] = set()

    def __len__(self) -> int:
        return len(self._shown)

    def keys(self) -> Iterable[str]:
        """The keys of the entries that the pane shows, in no particular order."""
        return self._shown.keys()

    def reset(self, known: Known) -> list[Entry]:
        """Begin anew from all that is known; the entries to show."""
        self.states.clear()
        self._shown.clear()
        self._list_keys.clear()
        self._in_lists.clear()
        self._watched.clear()
        self._due.clear()
        change = Change(keys=frozenset(known.entries), lists=frozenset(known.lists))
        return self.take(change, known)[0]

    def take(self, change: Change, known: Known) -> tuple[list[Entry], list[str]]:
        """Follow one change: the entries that are new or different, and the keys that no longer belong here."""
        touched = set(change.keys) | set(change.removed)
        for list_key in change.lists:
            state = known.lists.get(list_key)
            if self._is_ours(list_key, state, known):
                touched |= self._swap(list_key, frozenset(state.keys) if state is not None else frozenset())
        updated: list[Entry] = []
        removed: list[str] = []
        for key in touched:
            entry = known.entries.get(key)
            if entry is not None and entry.is_watched and entry.target.kind in self.spec.kinds:
                self._watched.add(key)
            else:
                self._watched.discard(key)
            if entry is not None and self._belongs(entry):
                self._count(key, self.spec.state_of(entry))
                updated.append(entry)
                (self._due.add if entry.deadline is not None else self._due.discard)(key)
            elif key in self._shown:
                self._count(key, None)
                self._due.discard(key)
                removed.append(key)
        return updated, removed

    @property
    def has_deadlines(self) -> bool:
        """Something that is shown has a deadline."""
        return bool(self._due)

    def lists(self, known: Known) -> tuple[ListState, ...]:
        """The states of the lists that this pane shows."""
        return tuple(state for key, state in known.lists.items() if self._is_ours(key, state, known))

    def servers(self, known: Known) -> tuple[ServerHealth, ...]:
        """The servers whose answers this pane shows."""
        return tuple(health for health in known.servers.values() if health.kind == self.spec.server_kind)

    def situation(
        self,
        known: Known,
        *,
        is_filtered: bool,
        key_of: Callable[[str], str] = default_key,
        is_replay: bool = False,
    ) -> PaneSituation:
        """What the pane's own words depend on."""
        servers, lists = self.servers(known), self.lists(known)
        return PaneSituation(servers, lists, is_filtered, len(self._watched), key_of, is_replay)

    def _is_ours(self, list_key: str, state: ListState | None, known: Known) -> bool:
        if list_key in self._list_keys:
            return True
        if state is None or state.query.name not in self.spec.lists:
            return False
        health = known.servers.get(state.query.server)
        return health is None or health.kind == self.spec.server_kind

    def _swap(self, list_key: str, keys: frozenset[str]) -> set[str]:
        before = self._list_keys.get(list_key, frozenset())
        self._list_keys[list_key] = keys
        self._in_lists.update(keys - before)
        for key in before - keys:
            self._in_lists[key] -= 1
            if self._in_lists[key] <= 0:
                del self._in_lists[key]
        return set(before ^ keys)

    def _belongs(self, entry: Entry) -> bool:
        return (entry.key in self._watched or entry.key in self._in_lists) and self.spec.accepts(entry)

    def _count(self, key: str, state: State | None) -> None:
        before = self._shown.get(key)
        if before is state:
            return
        if before is not None:
            self.states[before] -= 1
            if not self.states[before]:
                del self.states[before]
        if state is None:
            del self._shown[key]
        else:
            self._shown[key] = state
            self.states[state] += 1
