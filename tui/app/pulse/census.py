"""How many targets of each server are in each state, and what waits: kept up change by change.

Owns the counts. Polls end many times a second, and a look at every entry for each of them would cost more than drawing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from tui.domain.snapshot import Entry
from tui.domain.state import State


class Census:
    """The counts of one screen. `number` is another one each time anything came into another state, came or went."""

    def __init__(self) -> None:
        self.number = 0
        self._states: dict[str, tuple[str, State, bool]] = {}
        self._counts: dict[str, Counter[State]] = {}
        self._waits: dict[str, dict[str, datetime]] = {}
        self._longest: dict[str, str] = {}

    def follow(self, entries: Mapping[str, Entry], keys: Iterable[str]) -> None:
        """Look at these addresses again, whether they are there or not."""
        for key in keys:
            before, entry = self._states.get(key), entries.get(key)
            after = None if entry is None else (entry.target.server, entry.state, _is_known(entry))
            if before != after:
                self._count(before, -1)
                self._count(after, 1)
                self.number += (before or ())[:2] != (after or ())[:2]
            if after is not None:
                self._states[key] = after
            else:
                self._states.pop(key, None)
            since_at = entry.since_at if entry is not None and entry.state is State.WAITING else None
            self._wait(key, (before or after or ("",))[0], since_at)

    def _count(self, told: tuple[str, State, bool] | None, number: int) -> None:
        if told is not None and told[2]:
            self._counts.setdefault(told[0], Counter())[told[1]] += number

    def _wait(self, key: str, server: str, since_at: datetime | None) -> None:
        """An address waits since then, or not at all."""
        waits = self._waits.setdefault(server, {})
        if waits.get(key) == since_at:
            return
        self._longest.pop(server, None)
        if since_at is None:
            del waits[key]
        else:
            waits[key] = since_at

    def recount(self, entries: Mapping[str, Entry]) -> None:
        """Look at everything again: changes may have been missed."""
        self.follow(entries, {*entries, *self._states})

    def counts(self, server: str) -> Mapping[State, int]:
        """How many of a server's targets that are known are in each state."""
        return self._counts.get(server, Counter())

    def longest(self, server: str) -> str:
        """The address that has waited longest on a server; "" where nothing waits."""
        if server not in self._longest:
            waits = self._waits.get(server, {})
            self._longest[server] = min(waits, key=lambda key: (waits[key], key), default="")
        return self._longest[server]


def _is_known(entry: Entry) -> bool:
    return entry.record is not None or entry.problem is not None
