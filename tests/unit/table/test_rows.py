"""The row model against a naive one that sorts and filters everything each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cmp_to_key
from math import isnan

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from table_samples import BY_VALUE, SPEC, entry, key_of, value_of

from tui.domain.snapshot import Entry
from tui.domain.state import State
from tui.present.rows import RowModel

NUMBERS = st.integers(0, 9)
MOMENTS = st.integers(0, 3).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=n))
VALUES = st.one_of(
    st.none(), st.integers(-3, 3), st.sampled_from(["", "a", "b", "B"]), st.just(float("nan")), st.booleans(), MOMENTS
)
ROWS = st.lists(
    st.builds(entry, NUMBERS, VALUES, state=st.sampled_from([State.RUNNING, State.DONE, State.FAILED])),
    max_size=6,
)
FILTERS: dict[str, Callable[[Entry], bool] | None] = {
    "none": None,
    "running": lambda item: item.state is State.RUNNING,
    "nothing": lambda item: False,
    "even": lambda item: int(item.target.parts[0]) % 2 == 0,
}


def _kind(value: object) -> int:
    if value is None or (isinstance(value, float) and isnan(value)):
        return 9
    return 3 if isinstance(value, str) else 2 if isinstance(value, datetime) else 1


def naive_order(items: list[Entry], column: str, is_reverse: bool) -> list[str]:
    """Full sort: by kind of value, value, key; rows without a value at the end in either direction."""

    def value(item: Entry) -> object:
        return value_of(item) if column == "value" else item.state.value

    def compare(one: Entry, other: Entry) -> int:
        first, second = value(one), value(other)
        if _kind(first) != _kind(second):
            return _kind(first) - _kind(second)
        if _kind(first) != 9 and first != second:
            return -1 if first < second else 1  # type: ignore[operator]
        return -1 if one.key < other.key else 1

    ranked = sorted(items, key=cmp_to_key(compare))
    valued = [item.key for item in ranked if value(item) is not None]
    blank = [item.key for item in ranked if value(item) is None]
    return valued[::-1] + blank if is_reverse else valued + blank


class Table(RuleBasedStateMachine):
    """Random polls and keys."""

    def __init__(self) -> None:
        super().__init__()
        self.model = RowModel(BY_VALUE)
        self.items: dict[str, Entry] = {}
        self.filter = "none"
        self.order = ("value", False)
        self.held: list[str] | None = None
        self.bar = 0
        self.cursor: str | None = None

    def _after(self) -> None:
        self.cursor = self.model.cursor

    def _takes(self, item: Entry) -> bool:
        predicate = FILTERS[self.filter]
        return predicate is None or predicate(item)

    def _keeps_cursor(self) -> None:
        """A poll leaves the cursor of a person on its row."""
        if self.model.is_placed and self.cursor is not None:
            assert self.model.cursor == self.cursor

    @initialize(rows=ROWS)
    def load(self, rows: list[Entry]) -> None:
        self.poll(rows, [])

    @rule(rows=ROWS, gone=st.lists(NUMBERS.map(key_of), max_size=4))
    def poll(self, rows: list[Entry], gone: list[str]) -> None:
        for key in gone:
            self.items.pop(key, None)
        for item in rows:
            self.items[item.key] = item
        self.model.update(rows, gone)
        self._keeps_cursor()
        self._after()

    @rule(column=st.sampled_from(["value", "state"]), is_reverse=st.booleans())
    def sort(self, column: str, is_reverse: bool) -> None:
        self.model.set_sort(column, is_reverse)
        self.order = (column, is_reverse)
        self._keeps_cursor()
        if self.held is not None:
            self.held = list(self.model.keys())
        self._after()

    @rule(name=st.sampled_from(sorted(FILTERS)))
    def narrow(self, name: str) -> None:
        self.filter = name
        self.model.set_filter(FILTERS[name])
        if self.cursor in self.items and self._takes(self.items[self.cursor]) and self.model.is_placed:
            assert self.model.cursor == self.cursor
        if self.held is not None:
            self.held = list(self.model.keys())
        self._after()

    @rule()
    def ask_the_filter_again(self) -> None:
        before = list(self.model.keys())
        self.model.refilter()
        assert list(self.model.keys()) == before  # nothing changed since the last poll

    @precondition(lambda self: self.filter != "none")
    @rule(name=st.sampled_from(sorted(set(FILTERS) - {"none"})))
    def time_goes_by(self, name: str) -> None:
        self.filter = name
        self.model.refilter(FILTERS[name])
        self._keeps_cursor()
        self._after()

    @precondition(lambda self: self.held is None)
    @rule()
    def hold(self) -> None:
        self.model.hold()
        self.held = list(self.model.keys())

    @rule()
    def release(self) -> None:
        before, moved = list(self.model.keys()), self.model.moved
        delta = self.model.release()
        self.held = None
        if not moved:
            assert list(self.model.keys()) == before
            assert not delta.is_moved
        if before != list(self.model.keys()):
            assert moved > 0
        self._keeps_cursor()
        self._after()

    @precondition(lambda self: len(self.model))
    @rule(share=st.floats(0, 0.999))
    def move(self, share: float) -> None:
        key = self.model.key_at(int(share * len(self.model)))
        self.model.move_cursor(key)
        assert self.model.cursor == key
        self._after()

    @rule(one=NUMBERS.map(key_of), other=NUMBERS.map(key_of))
    def mark(self, one: str, other: str) -> None:
        self.model.toggle_mark(one)
        ends = self.model.index_of(one), self.model.index_of(other)
        self.model.mark_range(one, other)
        if None not in ends:
            keys = list(self.model.keys())[min(ends) : max(ends) + 1]
            assert set(keys) & set(self.items) <= self.model.marks

    @invariant()
    def every_row_is_there_once(self) -> None:
        keys = list(self.model.keys())
        assert len(keys) == len(set(keys)) == len(self.model)
        assert [self.model.index_of(key) for key in keys] == list(range(len(keys)))
        assert [self.model.entry_at(i).key for i in range(len(keys))] == keys
        for key in keys:
            if key in self.items:
                assert self.model.entry(key) is self.items[key]
            assert self.model.is_gone(key) == (key not in self.items)
        assert self.model.total == len(self.items)
        assert [item.key for item in self.model.entries()] == naive_order(list(self.items.values()), *self.order)

    @invariant()
    def the_order_is_the_full_sort_or_the_held_one(self) -> None:
        keys = list(self.model.keys())
        matching = [item for item in self.items.values() if self._takes(item)]
        assert self.model.matching == len(matching)
        assert {item.key for item in matching} <= set(keys)
        if self.held is not None:
            assert keys[: len(self.held)] == self.held
            return
        guests = set(keys) - {item.key for item in matching}
        assert guests <= {self.model.cursor}
        seen = [self.model.entry_at(i) for i in range(len(keys))]
        assert keys == naive_order(seen, *self.order)
        assert self.model.moved == 0

    @invariant()
    def the_cursor_is_on_a_row(self) -> None:
        assert (self.model.cursor is None) == (len(self.model) == 0)
        if self.model.cursor is not None:
            assert self.model.key_at(self.model.cursor_index) == self.model.cursor

    @invariant()
    def marks_are_on_rows_that_are_there(self) -> None:
        assert self.model.marks <= set(self.items)
        shown = [key for key in list(self.model.keys()) if key in self.model.marks]
        assert list(self.model.marked()) == shown


TestTable = Table.TestCase
TestTable.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)


def test_the_cursor_keeps_to_the_first_row_until_a_person_uses_it() -> None:
    model = RowModel(BY_VALUE)
    model.update([entry(1, 5)])
    model.update([entry(2, 3)])
    assert model.cursor == key_of(2)
    model.hold()
    model.release()
    model.update([entry(3, 1)])
    assert model.cursor == key_of(2)


def test_a_row_that_goes_stays_under_the_cursor_until_the_cursor_leaves() -> None:
    model = RowModel(BY_VALUE)
    model.update([entry(n, n) for n in range(3)])
    model.move_cursor(key_of(1))
    model.update([], [key_of(1)])
    assert list(model.keys()) == [key_of(0), key_of(1), key_of(2)]
    assert model.is_gone(key_of(1))
    assert model.total == 2
    assert model.move_cursor(key_of(2)).is_moved
    assert list(model.keys()) == [key_of(0), key_of(2)]


def test_a_row_that_comes_back_is_no_longer_gone() -> None:
    model = RowModel(BY_VALUE)
    model.update([entry(n, n) for n in range(3)])
    model.hold()
    model.update([], [key_of(0)])
    model.update([entry(0, 0)])
    assert not model.is_gone(key_of(0))
    assert model.moved == 0


def test_held_rows_wait_and_are_counted() -> None:
    model = RowModel(BY_VALUE)
    model.update([entry(n, n) for n in range(5)])
    model.hold()
    model.update([entry(0, 9), entry(7, -1), entry(3, 3.5)], [key_of(2)])
    assert list(model.keys()) == [key_of(n) for n in (0, 1, 2, 3, 4, 7)]
    assert model.moved == 3  # 0 moves, 7 comes, 2 goes; 3 keeps its place
    assert model.release().is_moved
    assert list(model.keys()) == [key_of(n) for n in (7, 1, 3, 4, 0)]


def test_a_filter_that_hides_the_cursor_gives_it_to_the_row_in_its_place() -> None:
    model = RowModel(BY_VALUE)
    model.update([entry(n, n) for n in range(6)])
    model.move_cursor(key_of(3))
    model.set_filter(FILTERS["even"])
    assert model.cursor == key_of(4)
    model.set_sort("value", True)
    model.set_filter(None)
    model.move_cursor(key_of(3))
    model.set_filter(FILTERS["even"])
    assert model.cursor == key_of(2)


def test_entries_that_the_pane_does_not_accept_are_no_rows() -> None:
    model = RowModel(replace(SPEC, accepts=lambda item: item.state is not State.DONE))
    model.update([entry(1), entry(2)])
    model.update([entry(1, state=State.DONE), entry(3, state=State.DONE)])
    assert [item.key for item in model.entries()] == [key_of(2)]


def test_an_unknown_column_is_refused_and_changes_nothing() -> None:
    model = RowModel(BY_VALUE)
    model.update([entry(n, n) for n in range(3)])
    with pytest.raises(KeyError):
        model.set_sort("nonsense", True)
    assert model.sort == ("value", False)


class Counted(float):
    """A number that counts how often it is compared."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return float(self) == other

    def __lt__(self, other: float) -> bool:
        Counted.compared += 1
        return float(self) < other

    __hash__ = float.__hash__


def test_an_update_compares_few_rows_of_many() -> None:
    model = RowModel(BY_VALUE)
    model.update([entry(n, Counted(n)) for n in range(20_000)])
    Counted.compared = 0
    model.update([entry(n, Counted(n + 5_000.5)) for n in range(0, 20_000, 2_000)])
    assert 0 < Counted.compared < 10 * 15 * 40  # ten rows, log2 of 20,000, some lookups each in two lists


def test_rows_are_asked_for_their_sort_and_filter_only_when_needed() -> None:
    calls = {"sort": 0, "filter": 0}

    def sort(item: Entry) -> tuple[object, ...]:
        calls["sort"] += 1
        return (value_of(item),)

    def takes(item: Entry) -> bool:
        calls["filter"] += 1
        return True

    columns = tuple(replace(column, sort=sort) if column.id == "value" else column for column in SPEC.columns)
    model = RowModel(replace(BY_VALUE, columns=columns))
    model.update([entry(n, n % 977) for n in range(20_000)])
    assert calls == {"sort": 20_000, "filter": 0}
    model.set_filter(takes)
    assert calls == {"sort": 20_000, "filter": 20_000}
    model.update([entry(n, n % 7) for n in range(0, 20_000, 2_000)])
    assert calls == {"sort": 20_010, "filter": 20_010}
    model.set_sort("value", True)
    assert calls == {"sort": 20_010, "filter": 20_010}
