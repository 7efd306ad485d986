"""Numbered things of which some come by the story and some are made through the API, in one row of ids.

A thing that is made takes the next free id, and what the story brings later moves up by one. Knows only ids.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Ledger(Generic[T]):
    """`count(t)` tells how many things the story has brought by `t`; ids start at `first`."""

    def __init__(self, first: int, count: Callable[[float], int]) -> None:
        self._first = first
        self._count = count
        self._made: dict[int, T] = {}
        self._ids: list[int] = []

    def newest(self, t: float) -> int:
        """The highest id at `t`, `first - 1` if there is none."""
        return self._first - 1 + self._count(t) + len(self._ids)

    def add(self, t: float, make: Callable[[int], T]) -> T:
        """Give the next id to what `make(id)` returns."""
        number = self.newest(t) + 1
        thing = make(number)
        self._made[number] = thing
        insort(self._ids, number)
        return thing

    def made(self, number: int) -> T | None:
        """The thing of that id if it was made through the API."""
        return self._made.get(number)

    def place(self, number: int) -> int:
        """Which of the story's own things that id is, counted from 0; only for ids that were not made."""
        return number - self._first - bisect_left(self._ids, number)

    def ids(self, t: float) -> Iterator[int]:
        """All ids at `t`, the newest first."""
        yield from range(self.newest(t), self._first - 1, -1)
