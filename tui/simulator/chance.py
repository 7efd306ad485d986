"""Chance that is the same every time: numbers drawn from a seed and a name, with no state in between.

Whatever the story needs of one thing is drawn from that thing's own name, so nothing is made before it
is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from struct import Struct
from typing import TypeVar

T = TypeVar("T")
_WORDS = Struct("<16I")
_SPAN = float(1 << 32)


class Draw:
    """Up to sixteen independent numbers for one name; the seventeenth comes round to the first again."""

    __slots__ = ("_next", "_words")

    def __init__(self, *name: object) -> None:
        self._words = _WORDS.unpack(blake2b(repr(name).encode(), digest_size=64).digest())
        self._next = 0

    def number(self) -> float:
        """The next number in [0, 1)."""
        word: int = self._words[self._next & 15]
        self._next += 1
        return word / _SPAN

    def between(self, low: float, high: float) -> float:
        """The next number in [low, high)."""
        return low + (high - low) * self.number()

    def whole(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self.number() * (high - low + 1))

    def is_one_in(self, share: float) -> bool:
        """True for this share of all names."""
        return self.number() < share

    def one_of(self, choices: Sequence[T]) -> T:
        """One of the choices, all alike."""
        return choices[int(self.number() * len(choices))]

    def weighted(self, choices: Sequence[tuple[T, float]]) -> T:
        """One of the choices by weight; weights need not add up to one."""
        left = self.number() * sum(weight for _, weight in choices)
        for choice, weight in choices:
            left -= weight
            if left < 0:
                return choice
        return choices[-1][0]
