"""What is folded in a raw answer, as a value. A place is a JSON pointer (``/details/sca``). Knows no lines."""

from __future__ import annotations

from dataclasses import dataclass, replace

DEEPEST = 64  # levels; answers nest less, and the level stays a small number


@dataclass(frozen=True, slots=True)
class Folds:
    """Containers less deep than `level` are open, but for those that the person opened or closed one by one."""

    level: int = 1
    opened: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()

    def is_open(self, pointer: str, depth: int) -> bool:
        """The container at this place shows what is in it."""
        return pointer in self.opened or (depth < self.level and pointer not in self.closed)

    def turned(self, pointer: str) -> Folds:
        """With this one container folded where it was open, and open where it was folded."""
        if self.is_open(pointer, pointer.count("/")):
            return replace(self, opened=self.opened - {pointer}, closed=self.closed | {pointer})
        return replace(self, opened=self.opened | {pointer}, closed=self.closed - {pointer})

    def deeper(self, step: int) -> Folds:
        """One level more or less for all; what was turned one by one is forgotten."""
        return Folds(min(DEEPEST, max(0, self.level + step)))
