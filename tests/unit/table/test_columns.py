"""Where columns stand, and texts in exactly their cells."""

from __future__ import annotations

from itertools import pairwise

import hypothesis.strategies as st
import pytest
from hypothesis import given
from rich.cells import cell_len
from table_samples import COLUMNS

from tui.app.widgets.columns import fit, place, wanted
from tui.present.safe import is_safe
from tui.present.spec import Cell, ColumnSpec


def column(name: str, width: int, priority: int = 0, flex: int = 0) -> ColumnSpec:
    return ColumnSpec(name, name, width, lambda item, context: Cell(""), lambda item: (), priority, flex)


def names(columns: list[ColumnSpec], width: int) -> str:
    return " ".join(f"{placed.column.id}@{placed.x}+{placed.width}" for placed in place(columns, width))


def test_columns_drop_by_falling_priority_and_of_equals_the_rightmost() -> None:
    columns = [column("a", 4), column("b", 4, 2), column("c", 4, 1), column("d", 4, 2)]
    assert names(columns, 19) == "a@0+4 b@5+4 c@10+4 d@15+4"
    assert names(columns, 18) == "a@0+4 b@5+4 c@10+4"
    assert names(columns, 13) == "a@0+4 c@5+4"
    assert names(columns, 8) == "a@0+4"


def test_what_is_left_over_goes_to_flexible_columns_by_share() -> None:
    columns = [column("a", 4), column("b", 4, flex=1), column("c", 4, flex=2)]
    assert names(columns, 23) == "a@0+4 b@5+7 c@13+10"
    assert names(columns[:1], 23) == "a@0+4"


def test_columns_that_never_drop_shrink_the_flexible_one_first() -> None:
    columns = [column("a", 10), column("b", 12, flex=1)]
    assert names(columns, 21) == "a@0+10 b@11+10"
    assert names(columns, 15) == "a@0+7 b@8+7"
    assert names(columns, 3) == "a@0+1 b@2+1"


def test_the_server_column_is_there_only_with_several_servers_and_hidden_ones_never() -> None:
    assert [c.id for c in wanted(COLUMNS, has_servers=False)] == ["state", "name", "value", "age"]
    assert [c.id for c in wanted(COLUMNS, has_servers=True, hidden={"value"})] == ["state", "name", "server", "age"]


COLUMN_SETS = st.lists(
    st.builds(column, st.text("abc", min_size=1), st.integers(1, 20), st.integers(0, 3), st.integers(0, 2)),
    min_size=1,
    max_size=8,
)


@given(COLUMN_SETS, st.integers(0, 120))
def test_columns_never_overlap_nor_leave_the_width(columns: list[ColumnSpec], width: int) -> None:
    placed = place(columns, width)
    assert all(one.end < other.x for one, other in pairwise(placed))
    assert all(each.x >= 0 and each.width >= 1 and each.end <= width for each in placed)
    fixed = [each for each in columns if not each.priority]
    if width >= 2 * len(fixed):
        assert [each for each in columns if each in fixed] == [
            each.column for each in placed if not each.column.priority
        ]


HOSTILE = st.one_of(
    st.text(),
    st.text("a漢é👍🏽\u200d\ufe0f\u0301\u202e\x1b[]\x9d\n\t"),
    st.sampled_from(["👨‍👩‍👧‍👦 family", "❤️❤️", "n" * 10_000, "\u0301" * 50, "x\x1b]52;c;aGk=\x07y", "[/x] [ERROR] z"]),
)


@given(HOSTILE, st.integers(0, 30), st.booleans(), st.booleans())
def test_a_text_takes_exactly_its_cells_and_is_safe(text: str, width: int, is_right: bool, is_ascii: bool) -> None:
    fitted = fit(text, width, is_right=is_right, is_ascii=is_ascii)
    assert cell_len(fitted) == width
    assert is_safe(fitted)
    assert fitted.isascii() or not is_ascii


@pytest.mark.parametrize(
    ("text", "width", "is_ascii", "expected"),
    [
        ("abcdef", 6, False, "abcdef"),
        ("abcdefg", 6, False, "abcde…"),
        ("abcdefg", 6, True, "abcde~"),
        ("漢字漢字", 6, False, "漢字… "),
        ("漢字漢字", 8, False, "漢字漢字"),
        ("e\u0301e\u0301e\u0301", 2, False, "e\u0301…"),
        ("ab", 1, False, "…"),
        ("x", 0, False, ""),
    ],
)
def test_cutting(text: str, width: int, is_ascii: bool, expected: str) -> None:
    assert fit(text, width, is_ascii=is_ascii) == expected


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("pricing-mobile 549", 18, "pricing-mobile 549"),
        ("pricing-mobile 549", 12, "prici…le 549"),
        ("漢字漢字漢字漢字", 8, "漢…漢字 "),
        ("pricing-mobile 549", 5, "pric…"),
        ("\x1b[31m0123456789 7", 9, "␛[31…89 7"),
    ],
)
def test_a_long_name_keeps_its_end(text: str, width: int, expected: str) -> None:
    assert fit(text, width, keeps_end=True) == expected


@given(HOSTILE, st.integers(0, 30), st.booleans())
def test_cut_in_the_middle_it_takes_exactly_its_cells_and_is_safe(text: str, width: int, is_ascii: bool) -> None:
    fitted = fit(text, width, is_ascii=is_ascii, keeps_end=True)
    assert cell_len(fitted) == width
    assert is_safe(fitted)


def test_a_short_form_stands_only_where_one_of_its_columns_would_drop() -> None:
    short = ColumnSpec("s", "s", 2, lambda item, context: Cell(""), lambda item: (), 1, instead_of=("b", "c"))
    columns = [column("a", 4), column("b", 4, 2), column("c", 4, 2), short]
    assert names(columns, 14) == "a@0+4 b@5+4 c@10+4"
    assert names(columns, 13) == "a@0+4 s@5+2"
    assert names(columns, 6) == "a@0+4"
    assert names([column("a", 4), short], 20) == "a@0+4"
