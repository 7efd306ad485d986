"""The rows of one live table: filtered, sorted, held and marked, incrementally.

Owns which rows are shown, in which order, where the cursor and the marks are (by key, never by index). Pure: it knows
entries and columns, no screen, no clock, no poll. With n rows, an update of k rows costs O(k log n) comparisons, a
filter one pass over the rows, a sort one sort.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tui.domain.snapshot import Entry
from tui.present.held import HeldOrder
from tui.present.ranks import Rank, RankList, rank
from tui.present.spec import ColumnSpec, PaneSpec

Predicate = Callable[[Entry], bool]


@dataclass(frozen=True, slots=True)
class RowDelta:
    """What a call changed: keys of rows that are new or differ, and whether any row may stand elsewhere now."""

    changed: frozenset[str] = frozenset()
    is_moved: bool = False


class RowModel:
    """The rows of one pane.

    Shown are the entries that the filter takes, and two kinds of guests: while the order is held, every row that was
    there when the hold began; and always the cursor's own row, until the cursor leaves it, so that Enter never opens
    another row than the one that was looked at.
    """

    def __init__(self, spec: PaneSpec) -> None:
        self.spec = spec
        self._columns: dict[str, ColumnSpec] = {column.id: column for column in spec.columns}
        column_id, is_reverse = spec.default_sort
        self._sort_id = column_id if column_id in self._columns else spec.columns[0].id
        self._entries: dict[str, Entry] = {}
        self._ranks: dict[str, Rank] = {}
        self._all = RankList(is_reverse=is_reverse)
        self._shown: dict[str, Rank] = {}
        self._order = RankList(is_reverse=is_reverse)
        self._gone: dict[str, Entry] = {}
        self._predicate: Predicate | None = None
        self._is_held = False
        self._held: HeldOrder | None = None
        self._cursor: str | None = None
        self._is_placed = False
        self._marks: set[str] = set()

    # reading

    def __len__(self) -> int:
        """How many rows are shown, guests included."""
        return len(self._order if self._held is None else self._held)

    def __contains__(self, key: str) -> bool:
        return self.index_of(key) is not None

    @property
    def total(self) -> int:
        """How many rows there are without the filter; rows that are gone do not count."""
        return len(self._entries)

    @property
    def matching(self) -> int:
        """How many rows the filter takes; guests do not count."""
        return len(self._shown) - sum(1 for key in (self._cursor,) if key is not None and self._is_guest(key))

    @property
    def sort(self) -> tuple[str, bool]:
        """Column and whether it is reversed."""
        return self._sort_id, self._order.is_reverse

    @property
    def is_filtered(self) -> bool:
        """A filter is set."""
        return self._predicate is not None

    def keys(self) -> Iterator[str]:
        """Keys in the order in which they are shown."""
        return iter(self._order if self._held is None else self._held)

    def key_at(self, index: int) -> str:
        """Key of the row at `index`; IndexError outside."""
        return (self._order if self._held is None else self._held).key_at(index)

    def index_of(self, key: str) -> int | None:
        """Where a row is shown, None if it is not."""
        current = self._shown.get(key)
        if self._held is not None:
            return self._held.index_of(key, current)
        return None if current is None else self._order.index_of(current)

    def entry_at(self, index: int) -> Entry:
        """The entry shown at `index`: the last one known if the row is gone."""
        entry = self.entry(self.key_at(index))
        assert entry is not None  # noqa: S101 - whatever is shown has an entry
        return entry

    def entry(self, key: str) -> Entry | None:
        """The entry of a row that is there, hidden by the filter, or gone and still shown."""
        return self._entries.get(key) or self._gone.get(key)

    def entries(self) -> Iterator[Entry]:
        """Every entry that is there, whatever the filter, in the order of the sort."""
        for key in self._all:
            yield self._entries[key]

    def is_gone(self, key: str) -> bool:
        """The row is shown, but what it stood for is no more."""
        return key in self._gone

    # changing

    def update(self, entries: Iterable[Entry], removed: Iterable[str] = ()) -> RowDelta:
        """Take new entries by key (replacing older ones), after taking out the keys in `removed`."""
        before: dict[str, Rank | None] = {}
        changed: set[str] = set()
        for key in removed:
            self._drop(key, before, changed)
        for entry in entries:
            key = entry.key
            if not self.spec.accepts(entry):
                self._drop(key, before, changed)
            elif self._entries.get(key) is not entry:
                before.setdefault(key, self._ranks.get(key))
                self._entries[key] = entry
                self._gone.pop(key, None)
                self._ranks[key] = self._rank(entry)
                changed.add(key)
        moves = {key: old for key, old in before.items() if self._ranks.get(key) != old}
        self._all.exchange(_known(moves.values()), _known(self._ranks.get(key) for key in moves))
        return self._settle(changed, changed)

    def refilter(self, predicate: Predicate | None = None) -> RowDelta:
        """Ask the filter again for every row, because time went by; `predicate` is the same question at another time.

        Nobody asked for it, so a held order and the cursor's row stay, as in `update`.
        """
        if self._predicate is None:
            return RowDelta()
        self._predicate = predicate or self._predicate
        return self._settle(list(self._entries), set())

    def set_filter(self, predicate: Predicate | None) -> RowDelta:
        """Show only the rows that `predicate` takes (None: all). The cursor's row gives way to the nearest.

        What a person asks for is shown at once: a held order ends (and would begin anew with the next change).
        """
        self._thaw()
        self._predicate = predicate
        self._gone.clear()
        old = self._shown.get(self._cursor) if self._cursor is not None else None
        entries = self._entries
        kept = [rank for rank in self._all.ascending if predicate is None or predicate(entries[rank[2]])]
        self._order = RankList(kept, is_reverse=self._order.is_reverse, is_sorted=True)
        self._shown = {rank[2]: rank for rank in kept}
        self._seat(old)
        return RowDelta(is_moved=True)

    def set_sort(self, column_id: str, is_reverse: bool = False) -> RowDelta:
        """Sort by another column or turn the order round, at once. KeyError for a column that the pane lacks."""
        column = self._columns[column_id]
        self._thaw()
        self._all.is_reverse = self._order.is_reverse = is_reverse
        if column.id != self._sort_id:
            self._sort_id = column.id
            self._ranks = {key: self._rank(entry) for key, entry in self._entries.items()}
            self._all = RankList(self._ranks.values(), is_reverse=is_reverse)
            shown, guests = self._shown, [self._rank(entry) for entry in self._gone.values()]
            kept = [rank for rank in self._all.ascending if rank[2] in shown]
            self._order = RankList(kept, is_reverse=is_reverse, is_sorted=True)
            self._order.exchange((), guests)
            self._shown = {rank[2]: rank for rank in self._order.ascending}
        self._seat(None)
        return RowDelta(is_moved=True)

    # holding

    @property
    def is_held(self) -> bool:
        """Rows keep their places until `release`."""
        return self._is_held

    @property
    def moved(self) -> int:
        """How many rows wait to move, come in or go because the order is held."""
        return 0 if self._held is None else self._held.moved

    def hold(self) -> None:
        """From now on changed rows keep their place, new rows wait at the end, removed rows stay as gone.

        A person is at work: from the first hold on, the cursor is theirs and stays with its row.
        """
        self._is_held = self._is_placed = True

    def release(self) -> RowDelta:
        """Let the rows take their places."""
        self._is_held = False
        if self._held is None:
            return RowDelta()
        is_moved = self._held.moved > 0
        self._thaw()
        self._seat(None)
        return RowDelta(is_moved=is_moved)

    # the cursor

    @property
    def cursor(self) -> str | None:
        """Key of the cursor's row; None only when no row is shown."""
        return self._cursor

    @property
    def is_placed(self) -> bool:
        """A person has used the cursor; before that it keeps to the first row."""
        return self._is_placed

    @property
    def cursor_index(self) -> int:
        """Where the cursor's row is shown; -1 when no row is shown."""
        index = None if self._cursor is None else self.index_of(self._cursor)
        return -1 if index is None else index

    def move_cursor(self, key: str) -> RowDelta:
        """Put the cursor on a row that is shown (else nothing happens). The row it leaves goes if it was a guest."""
        self._is_placed = True
        left = self._cursor
        if key == left or key not in self:
            return RowDelta()
        self._cursor = key
        if left is None or not self._is_guest(left):
            return RowDelta()
        self._freeze()
        place = self._shown.pop(left)
        self._order.exchange([place], ())
        if self._held is not None:
            self._held.note({left: place}, self._shown)
        else:
            self._gone.pop(left, None)
        return RowDelta(is_moved=True)

    # marks

    @property
    def marks(self) -> frozenset[str]:
        """Keys of the marked rows, those that the filter hides included."""
        return frozenset(self._marks)

    def marked(self) -> tuple[str, ...]:
        """Keys of the marked rows that are shown and not gone, in order: what an act on all marked rows is about."""
        found = [(index, key) for key in self._marks if (index := self.index_of(key)) is not None]
        return tuple(key for _, key in sorted(found) if key in self._entries)

    def is_marked(self, key: str) -> bool:
        """The row is marked."""
        return key in self._marks

    def toggle_mark(self, key: str) -> None:
        """Mark a row, or take its mark away. A row that is gone cannot be marked."""
        if key in self._marks:
            self._marks.discard(key)
        elif key in self._entries:
            self._marks.add(key)

    def mark_range(self, first: str, last: str) -> None:
        """Mark every row that is shown from one to the other, both included, in either direction."""
        ends = self.index_of(first), self.index_of(last)
        if ends[0] is None or ends[1] is None:
            return
        for index in range(min(ends[0], ends[1]), max(ends[0], ends[1]) + 1):
            key = self.key_at(index)
            if key in self._entries:
                self._marks.add(key)

    def clear_marks(self) -> None:
        """Take all marks away."""
        self._marks.clear()

    # inside

    def _rank(self, entry: Entry) -> Rank:
        return rank(self._columns[self._sort_id].sort(entry), entry.key)

    def _is_guest(self, key: str) -> bool:
        """In the order although it is gone or the filter does not take it."""
        if key not in self._shown:
            return False
        return key in self._gone or not self._takes(key)

    def _takes(self, key: str) -> bool:
        entry = self._entries.get(key)
        return entry is not None and (self._predicate is None or self._predicate(entry))

    def _drop(self, key: str, before: dict[str, Rank | None], changed: set[str]) -> None:
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        before.setdefault(key, self._ranks.get(key))
        del self._ranks[key]
        self._marks.discard(key)
        if self.index_of(key) is not None:
            self._gone[key] = entry
        changed.add(key)

    def _settle(self, touched: Iterable[str], changed: set[str]) -> RowDelta:
        """Bring the order in line with what the touched rows are now."""
        before: dict[str, Rank | None] = {}
        for key in touched:
            old = self._shown.get(key)
            new = self._ranks.get(key) if self._takes(key) else None
            if new is None and key == self._cursor and self._is_placed:
                new = old if key in self._gone else self._ranks.get(key, old)
            if new != old:
                before[key] = old
                if new is None:
                    del self._shown[key]
                else:
                    self._shown[key] = new
        if before:
            self._freeze()
            self._order.exchange(_known(before.values()), _known(self._shown.get(key) for key in before))
        if self._held is not None:
            self._held.note(before, self._shown)
        else:
            for key in touched:
                if key in self._gone and key not in self._shown:
                    del self._gone[key]
        old_cursor = self._cursor
        self._seat(before.get(old_cursor) if old_cursor is not None else None)
        return RowDelta(frozenset(changed), bool(before))

    def _freeze(self) -> None:
        """Keep the order as it is now, if it is to be held and was not disturbed yet."""
        if self._is_held and self._held is None:
            self._held = HeldOrder(self._order)

    def _thaw(self) -> None:
        """Show the order beneath again. The cursor's row stays in it, as a guest if need be."""
        if self._held is None:
            return
        self._held = None
        self._gone = {key: entry for key, entry in self._gone.items() if key == self._cursor}
        key = self._cursor
        if key is not None and key not in self._shown and (entry := self.entry(key)) is not None:
            self._shown[key] = self._rank(entry)
            self._order.exchange((), [self._shown[key]])

    def _seat(self, old: Rank | None) -> None:
        """See that the cursor is on a row: the first one until a person placed it, else the one nearest to `old`."""
        if self._cursor is not None and self.index_of(self._cursor) is not None and (self._is_placed or self._is_held):
            return
        if not len(self):
            self._cursor = None
        elif self._is_placed and old is not None:
            self._cursor = self.key_at(max(0, self._order.nearest(old)))
        else:
            self._cursor = self.key_at(0)


def _known(ranks: Iterable[Rank | None]) -> list[Rank]:
    return [rank for rank in ranks if rank is not None]
