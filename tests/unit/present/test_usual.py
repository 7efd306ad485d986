"""The usual end behind a bar: measured from its start, bounded, and told without colour."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from present_builders import NOW, ago

from tui.domain.durations import Durations, Run, run_step, scope_of_entry, wait_step
from tui.domain.records import Record, Stage
from tui.domain.snapshot import Entry, Mark
from tui.domain.state import State
from tui.domain.target import Target
from tui.present.timeline import Bar, Lane, axis_of, drawn, lanes
from tui.present.usual import behind, stretched, usual_of


def running(seconds: float) -> Entry:
    target = Target("prod", "build", ("shop", "7"))
    stage = Stage("sca", "SCANNING", State.RUNNING, ago(seconds))
    record = Record(target, "shop 7", State.RUNNING, "PENDING", stages=(stage,))
    return Entry(target.key, target, record, marks=(Mark("sca", State.RUNNING, ago(seconds)),))


def known(entry: Entry, step: str, *lengths: float) -> Durations:
    durations = Durations()
    for length in lengths:
        durations.add(scope_of_entry(entry), step, Run(length, length, length))
    return durations


USUAL = tuple(float(length) for length in range(100, 120))


def picture(seconds: float, durations: Durations, cells: int = 40, *, is_ascii: bool = False) -> str:
    entry = running(seconds)
    (lane,) = lanes(entry, NOW)
    usual = usual_of(entry, lane, durations)
    axis = axis_of((lane,))
    assert axis is not None
    axis = stretched(axis, (usual,))
    runs = behind(drawn(lane, axis, cells, is_ascii=is_ascii), lane, usual, axis, is_ascii=is_ascii)
    return "".join(run.text for run in runs)


def test_one_sees_whether_it_is_short_usual_or_over() -> None:
    durations = known(running(1), run_step("sca"), *USUAL)
    assert picture(70, durations) == "█" * 24 + " " * 10 + "┄" * 6
    assert picture(110, durations) == "█" * 34 + "▓" * 4 + "┄" * 2
    over = picture(200, durations)
    assert over.startswith("█") and over.endswith("█") and "▓" in over and "┄" not in over


def test_without_unicode_the_signs_differ_too() -> None:
    found = picture(112, known(running(1), run_step("sca"), *USUAL), is_ascii=True)
    assert found.isascii() and {"#", "+", "~"} <= set(found)


def test_an_axis_grows_to_twice_its_length_at_most_and_says_that_the_range_goes_on() -> None:
    found = picture(60, known(running(1), run_step("sca"), *(float(one) for one in range(90, 900, 40))))
    assert found.endswith("›") and found.count("█") == 20


def test_nothing_is_usual_without_a_basis() -> None:
    entry = running(70)
    (lane,) = lanes(entry, NOW)
    assert usual_of(entry, lane, known(entry, run_step("sca"), *USUAL[:5])) is None
    assert usual_of(entry, lane, known(entry, wait_step("sca"), *USUAL)) is None
    unseen = Lane("sca", (Bar(State.RUNNING, State.RUNNING, ago(70), NOW, False, True),))
    assert usual_of(entry, unseen, known(entry, run_step("sca"), *USUAL)) is None


@given(
    st.floats(1, 10_000),
    st.lists(st.floats(0, 1e11), min_size=8, max_size=20),
    st.integers(0, 120),
    st.booleans(),
)
def test_the_cells_stay_as_many_whatever_is_usual(
    seconds: float, lengths: list[float], cells: int, is_ascii: bool
) -> None:
    found = picture(seconds, known(running(1), run_step("sca"), *lengths), cells, is_ascii=is_ascii)
    assert len(found) == cells
    axis = axis_of(lanes(running(seconds), NOW))
    assert axis is not None and stretched(axis, ()).end_at - axis.end_at == timedelta()
