"""When each source is next due: a heap of due times, and a heap of those that are due by deadline. Pure, no clock.

A source is due at its time and should be asked before its deadline (due time plus slack). Where more is due than may be
asked, the earliest deadline goes first: what changes often (little slack) before what is settled (much slack), and
nothing waits for ever, because every deadline passes some time. Times are monotonic seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

COMPACT_AT = 64  # stale heap items that are let be before a heap is rebuilt; keeps a rebuild rarer than a poll


@dataclass(slots=True)
class _Item:
    due: float
    slack: float
    version: int
    is_ready: bool = False


class Schedule:
    """Keys with a due time each. `set` and `pop` cost log(n); nothing else grows with the number of keys."""

    def __init__(self) -> None:
        self._items: dict[str, _Item] = {}
        self._waiting: list[tuple[float, int, str]] = []
        self._ready: list[tuple[float, int, str]] = []
        self._version = 0

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def set(self, key: str, due: float, slack: float = 0.0) -> None:
        """Give `key` a due time, whatever it had before. `slack` in seconds orders what is due at once."""
        self._version += 1
        self._items[key] = _Item(due, slack, self._version)
        heappush(self._waiting, (due, self._version, key))
        self._compact()

    def remove(self, key: str) -> None:
        """Forget `key`; nothing happens where it is not known."""
        self._items.pop(key, None)
        self._compact()

    def due_of(self, key: str) -> float | None:
        """Due time of `key`, None where it has none."""
        item = self._items.get(key)
        return None if item is None else item.due

    def next_due(self) -> float | None:
        """The earliest due time, None where nothing is scheduled; of what is due already, that of any one."""
        times = [heap[0] for heap in (self._clean(self._waiting), self._clean(self._ready)) if heap]
        return min((self._items[key].due for _, _, key in times), default=None)

    def pop(self, now: float) -> str | None:
        """Take out the key with the earliest deadline among those due at `now`; None where none is due."""
        self._ripen(now)
        return self._take(self._ready)

    def pop_first(self, now: float) -> str | None:
        """Like `pop`, but where none is due the one that is due next."""
        return self.pop(now) or self._take(self._waiting)

    def overdue(self, now: float) -> list[str]:
        """Every key that is due at `now`, most urgent first; they stay."""
        self._ripen(now)
        return [key for _, version, key in sorted(self._ready) if self._is_live(key, version)]

    def _ripen(self, now: float) -> None:
        waiting = self._waiting
        while waiting and waiting[0][0] <= now:
            due, version, key = heappop(waiting)
            if self._is_live(key, version):
                item = self._items[key]
                item.is_ready = True
                heappush(self._ready, (due + item.slack, version, key))

    def _take(self, heap: list[tuple[float, int, str]]) -> str | None:
        if not self._clean(heap):
            return None
        key = heappop(heap)[2]
        del self._items[key]
        return key

    def _is_live(self, key: str, version: int) -> bool:
        item = self._items.get(key)
        return item is not None and item.version == version

    def _clean(self, heap: list[tuple[float, int, str]]) -> list[tuple[float, int, str]]:
        while heap and not self._is_live(heap[0][2], heap[0][1]):
            heappop(heap)
        return heap

    def _compact(self) -> None:
        """Rebuild the heaps once most of their items are stale, so that memory follows the number of keys."""
        if len(self._waiting) + len(self._ready) <= 2 * len(self._items) + COMPACT_AT:
            return
        for heap in (self._waiting, self._ready):
            heap[:] = [item for item in heap if self._is_live(item[2], item[1])]
            heapify(heap)
