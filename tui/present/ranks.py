"""Ranks: what a row's place in a table is decided by, and a sorted list of them.

Owns how values of any kind are made comparable and how a reversed order is read without sorting again. Knows nothing
of entries, filters or screens.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from math import isnan

Rank = tuple[int, tuple[object, ...], str]
"""Section (0 has a value, 1 has none), the comparable parts, the unique key that every order ends in."""

_NONE = (9,)
_NUMBER, _MOMENT, _TEXT, _PARTS, _OTHER = range(1, 6)
HAS_VALUE, HAS_NONE = 0, 1

# Above this share of the list, one merge sort of the whole is cheaper than as many insertions (each moves memory).
BULK_SHARE = 64
BULK_LEAST = 64


def rank(parts: tuple[object, ...], key: str) -> Rank:
    """The rank of a row. Numbers, times, texts and None may be mixed in one column; None in front sorts last always."""
    if not parts or parts[0] is None:
        return HAS_NONE, tuple([_comparable(part) for part in parts[1:]]), key
    return HAS_VALUE, tuple([_comparable(part) for part in parts]), key


def _comparable(value: object) -> tuple[object, ...]:
    """A tuple whose first item is a number for the kind of value, so that two kinds never meet in a comparison."""
    if isinstance(value, str):
        return _TEXT, str(value)
    if isinstance(value, (int, float)):
        return _NONE if isnan(value) else (_NUMBER, value)
    if value is None:
        return _NONE
    if isinstance(value, datetime):
        return _MOMENT, value.timestamp()
    if isinstance(value, timedelta):
        return _NUMBER, value.total_seconds()
    if isinstance(value, (tuple, list)):
        return _PARTS, tuple([_comparable(part) for part in value])
    return _OTHER, str(value)


class RankList:
    """Unique ranks in ascending order, read upwards or downwards. Rows without a value stay at the end either way."""

    __slots__ = ("_ranks", "_valued", "is_reverse")

    def __init__(self, ranks: Iterable[Rank] = (), *, is_reverse: bool = False, is_sorted: bool = False) -> None:
        self._ranks = list(ranks)
        self.is_reverse = is_reverse
        if not is_sorted:
            self._ranks.sort()
        self._count()

    def __len__(self) -> int:
        return len(self._ranks)

    def __iter__(self) -> Iterator[str]:
        """Keys in the order in which they are read."""
        for index in range(len(self._ranks)):
            yield self.key_at(index)

    @property
    def ascending(self) -> list[Rank]:
        """The ranks, ascending whatever the direction. Not to be edited."""
        return self._ranks

    def key_at(self, index: int) -> str:
        """Key of the row read at `index`; IndexError outside."""
        if not 0 <= index < len(self._ranks):
            raise IndexError(index)
        return self._ranks[self._turned(index)][2]

    def index_of(self, rank: Rank) -> int | None:
        """Where a rank is read, None if it is not there."""
        at = bisect_left(self._ranks, rank)
        if at == len(self._ranks) or self._ranks[at] != rank:
            return None
        return self._turned(at)

    def nearest(self, rank: Rank) -> int:
        """Where a rank is, or the row that stands there instead; the last row if none follows. -1 when empty."""
        at = bisect_left(self._ranks, rank)
        if rank[0] == HAS_VALUE and self.is_reverse:
            is_there = at < self._valued and self._ranks[at] == rank
            index = self._valued - 1 - at if is_there else self._valued - at
        else:
            index = at
        return min(index, len(self._ranks) - 1)

    def slot(self, rank: Rank) -> int:
        """Index of a rank that is there, in ascending order."""
        return bisect_left(self._ranks, rank)

    def copy(self) -> RankList:
        """A list of its own with the same ranks; costs one copy of memory and no comparison."""
        twin = RankList((), is_reverse=self.is_reverse)
        twin._ranks, twin._valued = self._ranks.copy(), self._valued
        return twin

    def exchange(self, old: Iterable[Rank], new: Iterable[Rank]) -> None:
        """Take ranks out and put others in: O(k log n) comparisons for few, one merge for many."""
        out, put = list(old), list(new)
        if len(out) + len(put) > max(BULK_LEAST, len(self._ranks) // BULK_SHARE):
            if out:
                leaving = {rank[2] for rank in out}  # keys are unique, and cheaper to hash than ranks
                self._ranks = [rank for rank in self._ranks if rank[2] not in leaving]
            put.sort()
            self._ranks += put  # two runs in order: the sort merges them
            self._ranks.sort()
            self._count()
            return
        for rank in out:
            at = bisect_left(self._ranks, rank)
            if at < len(self._ranks) and self._ranks[at] == rank:
                del self._ranks[at]
                self._valued -= rank[0] == HAS_VALUE
        for rank in put:
            self._ranks.insert(bisect_left(self._ranks, rank), rank)
            self._valued += rank[0] == HAS_VALUE

    def _turned(self, index: int) -> int:
        return self._valued - 1 - index if self.is_reverse and index < self._valued else index

    def _count(self) -> None:
        self._valued = bisect_left(self._ranks, (HAS_NONE,))
