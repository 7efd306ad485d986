"""Charts: exactly as wide as asked, higher for more, nought and unknown told apart, and nothing that breaks them."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from tui.present.charts import (
    ASCII_BLOCKS,
    ASCII_NOUGHT,
    BEYOND,
    BLOCKS,
    NOUGHT,
    Scale,
    columns,
    scale_of,
    sparkline,
    widened,
)

numbers = st.one_of(st.none(), st.floats(), st.integers(-5, 10**400).map(lambda n: float(min(n, 10**308))))
series = st.lists(numbers, max_size=60)


@given(series, st.integers(1, 6), st.booleans())
def test_a_chart_is_as_wide_as_its_values_and_as_high_as_asked(
    values: list[float | None], lines: int, is_ascii: bool
) -> None:
    drawn = columns(values, scale_of(values), lines, is_ascii=is_ascii)
    assert len(drawn) == lines and {len(line) for line in drawn} == {len(values)}
    assert len(sparkline(values, scale_of(values), is_ascii=is_ascii)) == len(values)
    assert not is_ascii or all(line.isascii() for line in drawn)


@given(st.lists(st.floats(0, 1e308), min_size=2, max_size=60), st.integers(1, 6))
def test_more_is_never_lower(values: list[float], lines: int) -> None:
    scale = scale_of(values)
    heights = [scale.eighths(value, lines) for value in sorted(values)]
    assert heights == sorted(heights)
    assert all(bool(height) == (value > 0) for height, value in zip(heights, sorted(values), strict=True))
    assert max(values) <= scale.top or scale.most == max(values)


@given(st.lists(st.floats(0, 1e9), max_size=40), st.integers(1, 4))
def test_a_column_stands_on_the_last_line_without_holes(values: list[float], lines: int) -> None:
    drawn = columns(values, scale_of(values), lines)
    for column in zip(*reversed(drawn), strict=True):
        filled = [sign not in (" ", NOUGHT) for sign in column]
        assert filled == sorted(filled, reverse=True)


def test_nought_unknown_and_little_look_different() -> None:
    assert sparkline([0, None, 1, 4, 8], Scale(8, 8)) == f"{NOUGHT} ▁▄█"
    assert sparkline([0, None, 1, 4, 8], Scale(8, 8), is_ascii=True) == f"{ASCII_NOUGHT} .=#"
    assert sparkline([0.000001, 1e6], Scale(1e6, 1e6))[0] == BLOCKS[0]
    assert sparkline([math.nan, math.inf, -1], Scale(8, 8)) == f"  {NOUGHT}"
    assert len(set(BLOCKS)) == len(set(ASCII_BLOCKS)) == 8


def test_a_lone_spike_does_not_flatten_the_rest_and_is_marked() -> None:
    values = [*[3.0, 2.0, 4.0] * 6, 900.0]
    scale = scale_of(values)
    assert scale.most == 900 and scale.top < 10
    drawn = sparkline(values, scale)
    assert drawn[-1] == BEYOND and BEYOND not in drawn[:-1] and len(set(drawn[:-1])) == 3
    assert columns(values, scale, 3)[0][-1] == BEYOND
    assert scale_of([1, 5, 5, 1]).top == 5 and scale_of([1, 900]).top == 900


def test_series_that_are_compared_share_a_scale() -> None:
    shared = scale_of([1, 2], [None, 8])
    assert shared.top == 8 and sparkline([8, 2], shared) == "█▂"


@given(st.text(max_size=20), st.integers(-3, 5))
def test_widening_repeats_each_sign(text: str, cells: int) -> None:
    assert len(widened(text, cells)) == len(text) * max(1, cells)
