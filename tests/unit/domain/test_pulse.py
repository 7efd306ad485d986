"""The last hours as series: tallies that add up, grids that a person counts in, states counted as they were."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.latency import BUCKET_S, Tally, by_bucket, poll_of, read_spread, spread_text, total
from tui.domain.learning import Told
from tui.domain.past_runs import PastRun, last_run, median_s
from tui.domain.pulse import STEPS_S, Grid, Life, ServerPulse, grid_for, pulses
from tui.domain.snapshot import Transition
from tui.domain.state import ACTIVE, State

NOW = datetime(2026, 11, 22, 7, 2, tzinfo=UTC)
WAITING, RUNNING, DONE, FAILED = State.WAITING, State.RUNNING, State.DONE, State.FAILED
latencies = st.lists(st.one_of(st.none(), st.floats(0, 900), st.just(float("nan"))), max_size=40)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def step(before: State | None, after: State, minutes: float, told: float | None = None) -> Transition:
    """It came into a state so many minutes ago; what was before had been seen five seconds earlier."""
    seen_at = ago(minutes)
    after_at = seen_at - timedelta(seconds=5) if before is not None else None
    return Transition("s:job/1", "", before, after, None, after_at, seen_at, ago(told) if told is not None else None)


# latencies


@given(latencies, st.floats(0, 1))
def test_a_quantile_is_among_the_latencies_and_off_by_a_tenth_at_most(found: list[float | None], share: float) -> None:
    tally = total(poll_of(one) for one in found)
    good = sorted(one for one in found if one is not None and one == one)
    assert (tally.polls, tally.failed) == (len(found), len(found) - len(good))
    value = tally.quantile(share)
    if not good:
        assert value is None
        return
    assert value is not None
    exact = good[max(1, -(-int(share * len(good) * 1_000_000) // 1_000_000)) - 1]
    near = [one for one in good if abs(one - exact) <= abs(exact) * 0.0001 + 1e-9] or [exact]
    neighbours = good[max(0, good.index(near[0]) - 1) : good.index(near[0]) + 3]
    assert any(value <= max(one, 0.0002) * 1.1 and value >= min(one, 800) * 0.9 - 0.0002 for one in neighbours)


@given(latencies, latencies)
def test_two_that_count_apart_count_together(one: list[float | None], other: list[float | None]) -> None:
    apart = total(map(poll_of, one)).plus(total(map(poll_of, other)))
    assert apart.spread == total(map(poll_of, [*one, *other])).spread
    assert read_spread(spread_text(apart.spread)) == apart.spread


@pytest.mark.parametrize("text", ["", "x", "1", "1:", ":1", "-1:5", "1:-5", "500:1", "1:99999999999", "²:1"])
def test_a_spread_that_cannot_be_read_is_left_out(text: str) -> None:
    assert read_spread(f"{text} 7:3") == ((7, 3),)


# columns


@given(
    st.integers(10**9, 4 * 10**9).map(lambda second: datetime.fromtimestamp(second, UTC)),
    st.sampled_from([3_600, 21_600, 86_400, 604_800]),
    st.integers(1, 120),
    st.sampled_from([0, 3_600, -18_000, 20_700]),
)
def test_a_grid_has_the_present_in_its_last_column_and_no_more_columns_than_there_is_room(
    now: datetime, length_s: int, most: int, offset_s: int
) -> None:
    grid = grid_for(now, length_s, most, offset_s)
    assert 1 <= grid.columns <= most and grid.step_s in STEPS_S
    assert grid.column_of(now) == grid.columns - 1 and grid.column_of(grid.end_at) is None
    assert (grid.start_at.timestamp() + offset_s) % grid.step_s == 0 or grid.step_s == 604_800
    finer = [one for one in STEPS_S if one < grid.step_s]
    assert not finer or -(-length_s // finer[-1]) > most


# states

GRID = Grid(datetime(2026, 11, 22, 6, 5, tzinfo=UTC), BUCKET_S, 12)  # the last column: 7:00 to 7:05


def one_pulse(*lives: Life, tallies: dict[int, Tally] | None = None, known_from: datetime | None = None) -> ServerPulse:
    looked = {column: Tally(5) for column in range(12)} if tallies is None else tallies
    start_s = by_bucket(GRID.start_at.timestamp())
    kept = {("s", start_s + column * BUCKET_S): tally for column, tally in looked.items()}
    (found,) = pulses(["s"], lives, kept, GRID, NOW, known_from)
    return found


def test_a_column_counts_the_most_at_once_also_of_what_was_short() -> None:
    first = Life("s", ago(30), NOW, DONE, (step(None, WAITING, 30), step(WAITING, RUNNING, 20), step(RUNNING, DONE, 8)))
    other = Life("s", ago(21), NOW, FAILED, (step(None, RUNNING, 21), step(RUNNING, FAILED, 20.5)))
    found = one_pulse(first, other)
    assert [int(one or 0) for one in found.level(WAITING)] == [0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0]
    assert [int(one or 0) for one in found.level(RUNNING)] == [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0]
    assert [int(one or 0) for one in found.level(DONE)] == [0] * 9 + [1] * 3
    assert [sum(one or 0 for one in ends) for ends in (found.good, found.bad)] == [1, 1]
    assert found.good[9] == 1 and found.bad[7] == 1


def test_two_that_overlap_count_as_two_and_two_after_another_as_one() -> None:
    def runs(start: float, end: float) -> Life:
        return Life("s", ago(50), NOW, DONE, (step(WAITING, RUNNING, start), step(RUNNING, DONE, end)))

    assert max(one or 0 for one in one_pulse(runs(20, 19), runs(19.5, 18)).level(RUNNING)) == 2
    assert max(one or 0 for one in one_pulse(runs(20, 19), runs(19, 18)).level(RUNNING)) == 1
    assert sum(one or 0 for one in one_pulse(runs(20, 20)).level(RUNNING)) == 1  # over between two looks


def test_what_the_server_tells_counts_before_what_was_seen() -> None:
    told = Told(ago(50), ago(40), ago(30))
    life = Life("s", ago(10), NOW, DONE, (step(None, DONE, 10, 30),), told)
    found = one_pulse(life)
    assert [column for column, one in enumerate(found.level(WAITING)) if one] == [1, 2, 3]
    assert [column for column, one in enumerate(found.level(RUNNING)) if one] == [3, 4, 5]
    assert found.good[5] == 1 and sum(one or 0 for one in found.good) == 1


def test_what_had_ended_before_anybody_looked_did_not_end_then() -> None:
    found = one_pulse(Life("s", ago(10), NOW, DONE, (step(None, DONE, 10),)))
    assert sum(one or 0 for one in found.good) == 0 and found.level(DONE)[-1] == 1


def test_a_column_in_which_nobody_looked_is_no_nought() -> None:
    found = one_pulse(tallies={3: Tally(4, 1), 4: Tally(2, 2), 11: Tally(1, 0, 0.1, 0.1, ((40, 1),))})
    assert [one for one in found.good if one is not None] == [0, 0, 0]
    assert found.failed == (None,) * 3 + (1, 2) + (None,) * 6 + (0,)
    assert found.is_out == (False,) * 4 + (True,) + (False,) * 7
    assert found.middle_s[3] is None and found.middle_s[11] == pytest.approx(0.1, rel=0.1)
    assert one_pulse(tallies={}).is_empty and not found.is_empty


def test_before_what_could_be_read_nothing_is_known() -> None:
    found = one_pulse(known_from=ago(20))
    assert [index for index, one in enumerate(found.good) if one is not None] == [7, 8, 9, 10, 11]


@given(
    st.lists(
        st.tuples(st.sampled_from(list(State)), st.floats(-30, 400), st.one_of(st.none(), st.floats(-30, 400))),
        max_size=8,
    ),
    st.floats(0, 400),
)
def test_any_course_can_be_counted(steps: list[tuple[State, float, float | None]], first: float) -> None:
    ordered = sorted(steps, key=lambda one: -one[1])
    befores = [None, *(one[0] for one in ordered)]
    own = tuple(step(before, *one) for before, one in zip(befores, ordered, strict=False))
    found = one_pulse(Life("s", ago(first), NOW, own[-1].after if own else RUNNING, own))
    for _, series in found.levels:
        assert len(series) == 12 and all(one in (0, 1, None) for one in series)


# runs


def test_the_last_run_of_several_is_found_with_its_length() -> None:
    own = [step(None, WAITING, 90), step(WAITING, DONE, 80), step(DONE, WAITING, 60), step(WAITING, RUNNING, 50)]
    assert last_run("k", "n", own) == PastRun("k", "n", RUNNING, ago(60))
    ended = last_run("k", "n", [*own, step(RUNNING, FAILED, 40)])
    assert ended == PastRun("k", "n", FAILED, ago(60), ago(40)) and ended.seconds(NOW) == 1_200


def test_a_run_whose_start_nobody_saw_has_no_length_unless_the_server_tells_it() -> None:
    seen = [step(None, RUNNING, 30), step(RUNNING, DONE, 20)]
    assert last_run("k", "n", seen) is None
    assert last_run("k", "n", [step(None, RUNNING, 30, 33), seen[1]]) == PastRun("k", "n", DONE, ago(33), ago(20))
    told = Told(ago(50), ago(40), ago(21))
    assert last_run("k", "n", seen, told) == PastRun("k", "n", DONE, ago(50), ago(21))
    assert last_run("k", "n", [step(None, DONE, 30)]) is None and last_run("k", "n", []) is None


def test_the_median_is_of_those_that_have_ended() -> None:
    runs = [PastRun("k", "", DONE, ago(10 + length), ago(10)) for length in (3, 1, 2, 10)]
    assert median_s(runs, NOW) == 150 and median_s(runs[:3], NOW) == 120
    assert median_s([PastRun("k", "", next(iter(ACTIVE)), ago(5))], NOW) is None
