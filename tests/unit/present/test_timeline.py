"""The time axis: whatever the servers and clocks say, bars are in order, on the axis, and never negative."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from present_builders import NOW, ago, build

from tui.domain.records import Fields, Record, Stage
from tui.domain.snapshot import Entry, Mark, Transition
from tui.domain.state import State
from tui.domain.target import Target
from tui.present.timeline import Axis, Bar, Lane, axis_of, cell_of, drawn, lanes, place, spent, ticks

KEY = "prod:build/my-build/1"
PARTS = ("sca", "exposures", "@secrets")
seconds = st.floats(-5e6, 5e8, allow_nan=False)
moments = seconds.map(ago)
transitions = st.builds(
    Transition,
    st.just(KEY),
    st.sampled_from(PARTS),
    st.none() | st.sampled_from(State),
    st.sampled_from(State),
    st.none() | st.just("WORD"),
    st.none() | moments,
    moments,
    st.none() | moments,
)
marks = st.builds(Mark, st.sampled_from(PARTS), st.sampled_from(State), moments)


def entry_with(
    seen: list[Transition], known: list[Mark], at: datetime | None = None, state: State = State.DONE
) -> Entry:
    """A build with two stages and a category, and these transitions and marks."""
    entry = build()
    assert entry.record is not None
    stages = tuple(Stage(name, "DONE", state, at) for name in ("sca", "exposures"))
    record = replace(entry.record, stages=stages, categories=(Stage("secrets", "DONE", state, at),))
    return replace(entry, record=record, transitions=tuple(seen), marks=tuple(known))


@given(st.lists(transitions, max_size=12), st.lists(marks, max_size=4), st.none() | moments, st.sampled_from(State))
def test_bars_are_in_order_and_none_is_negative_or_in_the_future(seen: Any, known: Any, at: Any, state: State) -> None:
    for lane in lanes(entry_with(seen, known, at, state), NOW):
        before = None
        for bar in lane.bars:
            assert bar.start_at <= bar.end_at <= NOW
            assert bar.seconds >= 0
            assert before is None or before <= bar.start_at
            before = bar.end_at


@given(st.lists(transitions, max_size=12), st.none() | moments, st.integers(0, 130), st.booleans())
def test_a_lane_fills_its_cells_and_bars_lie_inside_them(seen: Any, at: Any, cells: int, is_ascii: bool) -> None:
    found = lanes(entry_with(seen, [], at), NOW)
    axis = axis_of(found)
    assert (axis is None) == (not found)
    for lane in found:
        assert axis is not None and axis.start_at < axis.end_at
        text = "".join(run.text for run in drawn(lane, axis, cells, is_ascii=is_ascii))
        assert len(text) == cells
        assert not is_ascii or text.isascii()
        assert not cells or text.strip()
        for bar in lane.bars:
            first, last = place(bar, axis, cells)
            assert 0 <= first <= last < max(1, cells)


@given(moments, st.floats(1, 4e9), st.integers(1, 200), st.integers(-14, 14))
def test_ticks_are_whole_ordered_and_apart(start_at: datetime, length: float, cells: int, hours: int) -> None:
    zone = timezone(timedelta(hours=hours))
    try:
        axis = Axis(start_at, start_at + timedelta(seconds=length))
    except OverflowError:
        return
    end = -1
    for cell, label in ticks(axis, cells, zone):
        assert cell > end
        end = cell + len(label)
        assert end <= cells
        assert label == label.strip() and len(label) >= 5


def test_ticks_stand_at_times_that_a_person_counts_in() -> None:
    axis = Axis(ago(570), NOW)
    labels = [label for _, label in ticks(axis, 60, UTC)]
    assert labels and all(label.startswith("06:5") or label == "07:00" for label in labels)
    east = [label for _, label in ticks(axis, 60, timezone(timedelta(hours=5, minutes=30)))]
    assert east and all(label.startswith("12:") for label in east)


def seen(
    part: str, before: str | None, after: str, at_s: float, after_s: float | None = None, told: float | None = None
):
    """A transition of `part` seen `at_s` seconds ago."""
    return Transition(
        KEY,
        part,
        State(before) if before else None,
        State(after),
        "WORD",
        None if after_s is None else ago(after_s),
        ago(at_s),
        None if told is None else ago(told),
    )


def bars_of(name: str, *found: Transition) -> tuple[Bar, ...]:
    return next((lane.bars for lane in lanes(entry_with(list(found), []), NOW) if lane.name == name), ())


def test_a_wait_and_a_run_that_were_seen() -> None:
    story = (
        seen("sca", "absent", "waiting", 300, 305),
        seen("sca", "waiting", "running", 200, 205, 204),
        seen("sca", "running", "done", 50, 55),
    )
    wait, run = bars_of("sca", *story)
    assert (wait.state, wait.start_at, wait.end_at) == (State.WAITING, ago(300), ago(204))
    assert (run.state, run.outcome, run.start_at, run.end_at) == (State.RUNNING, State.DONE, ago(204), ago(50))
    assert spent((wait, run)) == "4m10"


def test_what_runs_ends_now_and_a_start_before_the_watch_is_marked() -> None:
    (bar,) = bars_of("sca", seen("sca", None, "running", 60))
    assert bar.is_open and bar.end_at == NOW and not bar.is_start_seen
    assert spent((bar,)) == "at least 1m so far"
    axis = axis_of([Lane("sca", (bar,))])
    assert axis is not None
    assert drawn(Lane("sca", (bar,)), axis, 5)[0].text == "‹████"
    assert drawn(Lane("sca", (bar,)), axis, 5, is_ascii=True)[0].text == "<####"


def test_what_ran_before_the_watch_and_ended_took_at_least_what_was_seen() -> None:
    (bar,) = bars_of("sca", seen("sca", None, "running", 100), seen("sca", "running", "done", 40, 45))
    assert spent((bar,)) == "at least 1m00"


def test_the_server_knows_a_start_that_nobody_saw() -> None:
    (bar,) = bars_of("sca", seen("sca", None, "running", 60, told=600))
    assert bar.is_start_seen and bar.start_at == ago(600)


def test_what_was_over_between_two_polls_took_no_longer_than_that() -> None:
    (bar,) = bars_of("sca", seen("sca", "absent", "done", 100, 107))
    assert not bar.is_start_seen and spent((bar,)) == "at most 7s"


def test_what_was_over_before_the_watch_is_a_point_of_unknown_length() -> None:
    (bar,) = bars_of("sca", seen("sca", None, "failed", 100, told=500))
    assert (bar.start_at, bar.end_at, bar.outcome) == (ago(500), ago(500), State.FAILED)
    assert spent((bar,)) == ""


def test_without_transitions_the_mark_and_the_servers_time_tell() -> None:
    entry = entry_with([], [Mark("sca", State.RUNNING, ago(40))], ago(90), State.RUNNING)
    found = {lane.name: lane.bars[0] for lane in lanes(entry, NOW)}
    assert found["sca"].start_at == ago(40) and found["sca"].is_open
    assert found["exposures"].start_at == ago(90) and not found["exposures"].is_start_seen


def test_a_passed_step_of_a_pipeline_ends_when_the_next_one_began() -> None:
    passed = Transition(KEY, "sca", State.RUNNING, State.DONE, None, ago(65), ago(60), None)
    story = (seen("sca", None, "running", 200, told=210), passed, seen("exposures", "absent", "running", 60, 65, 63))
    (bar,) = bars_of("sca", *story)
    assert (bar.start_at, bar.end_at) == (ago(210), ago(63))


def job(state: str, **times: datetime | None) -> Entry:
    """A job with these times."""
    target = Target("sca", "job", ("7",))
    return Entry(target.key, target, Record(target, "job", State(state), "Word", detail=Fields(tuple(times.items()))))


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (job("waiting", queued_at=ago(90)), [("waited", "1m so far")]),
        (job("running", queued_at=ago(90), activated_at=ago(60)), [("waited", "30s"), ("ran", "1m so far")]),
        (
            job("failed", queued_at=ago(90), activated_at=ago(60), completed_at=ago(20)),
            [("waited", "30s"), ("ran", "40s")],
        ),
        (job("canceled", queued_at=ago(90), completed_at=ago(20)), [("waited", "1m10")]),
        (job("canceled", queued_at=ago(90)), []),
        (job("done", started_at=ago(90), ended_at=ago(95)), [("ran", "0s")]),
        (job("running"), []),
    ],
)
def test_a_job_and_a_report_have_a_wait_and_a_run(entry: Entry, expected: list[tuple[str, str]]) -> None:
    assert [(lane.name, spent(lane.bars)) for lane in lanes(entry, NOW)] == expected


def test_moments_outside_the_axis_fall_on_its_ends() -> None:
    axis = Axis(ago(10), NOW)
    assert cell_of(ago(99), axis, 10) == 0
    assert cell_of(NOW + timedelta(days=1), axis, 10) == 9
    assert cell_of(NOW, axis, 0) == 0
