"""An order that is held while keys are pressed: rows keep their places, new ones wait at the end.

Owns the places; the model tells it what changed beneath. Knows nothing of entries or screens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tui.present.ranks import Rank, RankList


class HeldOrder:
    """The order as it was when it was first disturbed, the rows that came since, and how many rows wait to move."""

    __slots__ = ("_added", "_displaced", "_first", "_left", "_order", "_places")

    def __init__(self, order: RankList) -> None:
        self._order = order.copy()
        self._first: dict[str, Rank] = {}
        self._added: list[str] = []
        self._places: dict[str, int] = {}
        self._displaced: set[str] = set()
        self._left: set[str] = set()

    def __len__(self) -> int:
        return len(self._order) + len(self._added)

    def __iter__(self) -> Iterator[str]:
        yield from self._order
        yield from self._added

    @property
    def moved(self) -> int:
        """How many rows would change place, come in or go if the order were released now; 0 only if none would."""
        return len(self._displaced | self._left) + len([key for key in self._added if key not in self._left])

    def key_at(self, index: int) -> str:
        """Key of the row shown at `index`."""
        return self._order.key_at(index) if index < len(self._order) else self._added[index - len(self._order)]

    def index_of(self, key: str, current: Rank | None) -> int | None:
        """Where the row is shown; `current` is its rank in the order beneath, None if it left that."""
        place = self._places.get(key)
        if place is not None:
            return len(self._order) + place
        rank = self._first.get(key, current)
        return None if rank is None else self._order.index_of(rank)

    def has_left(self, key: str) -> bool:
        """The row is shown only because the order is held."""
        return key in self._left

    def note(self, before: Mapping[str, Rank | None], current: Mapping[str, Rank]) -> None:
        """Rows whose rank beneath changed: `before` gives what it was, `current` what every rank is now."""
        for key, old in before.items():
            if key in self._places:
                pass
            elif old is not None:
                self._first.setdefault(key, old)
            elif key not in self._first:
                self._places[key] = len(self._added)
                self._added.append(key)
            if key in current:
                self._left.discard(key)
            else:
                self._left.add(key)
        slots: set[int] = set()
        for key in before:
            if key in self._first:
                slot = self._order.slot(self._first[key])
                slots.update((slot - 1, slot, slot + 1))
        self._judge(slots, current)

    def _judge(self, slots: Iterable[int], current: Mapping[str, Rank]) -> None:
        """A changed row is displaced unless it still fits between its neighbours, as they were and as they are."""
        ranks = self._order.ascending
        for slot in slots:
            if not 0 <= slot < len(ranks):
                continue
            key = ranks[slot][2]
            if key not in self._first:
                continue
            now = current.get(key, ranks[slot])
            fits = not slot or ranks[slot - 1] < now
            if fits and slot + 1 < len(ranks):
                high = ranks[slot + 1]
                fits = now < high and now < current.get(high[2], high)  # what is below judges itself against this one
            if fits:
                self._displaced.discard(key)
            else:
                self._displaced.add(key)
