"""What is learnt from transitions: runs with honest ends, ranges that hold, and what is called slow or stuck."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from learnt_runs import AT, DONE, FAILED, RUNNING, SCOPE, WAITING, after, entry, experienced, runs, step, taught

from tui.domain.durations import (
    KEPT_RUNS,
    MIN_RUNS,
    NARROW_RUNS,
    Durations,
    Run,
    Sample,
    Scope,
    quantile,
    rest_step,
    run_step,
    scope_of,
    wait_step,
)
from tui.domain.estimates import MIN_SURVIVORS, stage_left, time_left
from tui.domain.learning import STEPS_KEPT, Learner, Told, moment_of, told_of
from tui.domain.records import Fields, Record
from tui.domain.snapshot import Mark
from tui.domain.state import State
from tui.domain.target import Target

# runs


def test_names_that_never_come_again_are_forgotten_and_the_kinds_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.domain.durations.SAMPLES_KEPT", 50)
    durations = Durations()
    for number in range(200):
        durations.add(Scope("s", "artifact", family=f"image/{number:040x}"), run_step(""), Run(9.0, 9.0, 9.0))
    assert sum(1 for _ in durations.steps()) == 50
    found = durations.find(Scope("s", "artifact", family="image/of-today"), run_step(""))
    assert found is not None and len(found.sample) == 200


def test_a_target_that_never_ends_is_remembered_by_its_first_steps_alone() -> None:
    flapping = [
        step(before, now, 10 * n, 10 * n - 5, part="sca")
        for n in range(1, 1000)
        for before, now in (((DONE, RUNNING), (RUNNING, DONE))[n % 2],)
    ]
    begun = (step(None, WAITING, 0, None), step(WAITING, RUNNING, 5, 1))
    learner = taught(*begun, *flapping)
    assert len(learner._ways[begun[0].key].steps) == STEPS_KEPT
    learner.take(SCOPE, step(RUNNING, DONE, 20_000, 19_995))
    assert runs(learner, rest_step("", RUNNING)) == [(19_990.0, 19_999.0)]


def test_a_run_between_polls_is_an_interval() -> None:
    learner = taught(step(None, WAITING, 0, None), step(WAITING, RUNNING, 30, 25), step(RUNNING, DONE, 100, 95))
    assert runs(learner, run_step("")) == [(65.0, 75.0)]
    assert runs(learner, wait_step("")) == []  # nobody saw when it began to wait


def test_the_servers_times_are_preferred_to_ours() -> None:
    learner = taught(
        step(None, WAITING, 9, None, told_s=2),
        step(WAITING, RUNNING, 30, 25, told_s=27),
        step(RUNNING, DONE, 99, 90, told_s=91),
    )
    assert runs(learner, wait_step("")) == [(25.0, 25.0)]
    assert runs(learner, run_step("")) == [(64.0, 64.0)]
    assert runs(learner, rest_step("", WAITING)) == [(89.0, 89.0)]


def test_a_server_time_from_before_our_sight_of_the_old_state_is_not_believed() -> None:
    assert moment_of(step(RUNNING, DONE, 100, 95, told_s=10)) == (after(95).timestamp(),) * 2
    assert moment_of(step(RUNNING, DONE, 100, 95, told_s=500)) == (after(100).timestamp(),) * 2


def test_a_run_too_short_to_be_seen_took_no_longer_than_the_polls_lay_apart() -> None:
    learner = taught(step(None, WAITING, 0, None, told_s=0), step(WAITING, DONE, 20, 15))
    assert runs(learner, run_step("")) == [(0.0, 5.0)]


def test_a_run_whose_end_nobody_looked_for_is_no_run() -> None:
    learner = taught(step(None, WAITING, 0, None), step(WAITING, RUNNING, 30, 25), step(RUNNING, DONE, 9000, 35))
    assert runs(learner, run_step("")) == []


@pytest.mark.parametrize("end", [FAILED, State.CANCELED, State.MISSING, State.UNKNOWN])
def test_what_did_not_end_well_says_nothing_of_how_long_it_takes(end: State) -> None:
    learner = taught(step(None, RUNNING, 0, None, told_s=0), step(RUNNING, end, 30, 25))
    assert list(learner.durations.steps()) == []


def test_a_job_that_was_over_when_first_seen_is_learnt_from_what_the_server_tells() -> None:
    told = Told(after(-300), after(-200), after(-50))
    learner = taught(step(None, DONE, 0, None, told_s=-50), told=told)
    assert runs(learner, wait_step("")) == [(100.0, 100.0)]
    assert runs(learner, run_step("")) == [(150.0, 150.0)]
    assert runs(learner, rest_step("", WAITING)) == [(250.0, 250.0)]
    assert [end for _, end in learner.ends["s"]] == [after(-50).timestamp()]


def test_what_the_server_tells_is_not_counted_twice() -> None:
    told = Told(after(0), after(10), after(100))
    steps = (
        step(None, WAITING, 1, None, told_s=0),
        step(WAITING, RUNNING, 15, 9, told_s=10),
        step(RUNNING, DONE, 101, 99),
    )
    assert runs(taught(*steps, told=told), run_step("")) == [(90.0, 90.0)]
    assert runs(taught(*steps, told=told), wait_step("")) == [(10.0, 10.0)]


def test_times_that_cannot_be_are_left_out() -> None:
    assert list(taught(step(None, DONE, 0, None), told=Told(after(9), after(5), after(1))).durations.steps()) == []


def test_what_is_left_is_known_for_every_step_of_the_way_and_till_its_next() -> None:
    learner = taught(
        step(None, WAITING, 0, None, told_s=0),
        step(WAITING, RUNNING, 10, 10),
        step(None, RUNNING, 10, 10, part="sca"),
        step(RUNNING, DONE, 40, 40, part="sca"),
        step(RUNNING, DONE, 100, 100),
    )
    found = {
        name: [tuple(run) for run in sample] for scope, name, sample in learner.durations.steps() if scope == SCOPE
    }
    assert found[rest_step("", WAITING)] == [(100.0, 100.0, 10.0)]
    assert found[rest_step("sca", RUNNING)] == [(90.0, 90.0, 30.0)]
    assert found[rest_step("", RUNNING)] == [(90.0, 90.0, 30.0)]
    assert found[rest_step("sca", DONE)] == [(60.0, 60.0, 60.0)]


def test_a_scan_that_is_done_again_begins_anew() -> None:
    first = (step(None, RUNNING, 0, None, told_s=0), step(RUNNING, DONE, 50, 50))
    again = (step(DONE, RUNNING, 500, 500), step(RUNNING, DONE, 530, 530))
    assert runs(taught(*first, *again), rest_step("", RUNNING)) == [(50.0, 50.0), (30.0, 30.0)]


def test_a_record_tells_its_own_times_by_their_names() -> None:
    detail = Fields((("started_at", AT), ("ended_at", after(9))))
    record = Record(Target("s", "report", ("1",)), "r", DONE, "completed", detail=detail)
    assert told_of(record) == Told(None, AT, after(9))
    assert told_of(Record(Target("s", "report", ("1",)), "r", DONE, "completed")) is None


moves = st.lists(
    st.tuples(
        st.sampled_from(["", "sca", "@iac"]),
        st.sampled_from(list(State)),
        st.floats(0, 5000),
        st.one_of(st.none(), st.floats(0, 5000)),
        st.one_of(st.none(), st.floats(-9e5, 9e5)),
    ),
    max_size=30,
)


@settings(max_examples=150, deadline=None)
@given(moves)
def test_whatever_happens_a_run_is_an_interval_of_time(
    found: list[tuple[str, State, float, float | None, float | None]],
) -> None:
    learner, last = Learner(), {}
    for part, state, seen_s, after_s, told_s in found:
        learner.take(SCOPE, step(last.get(part), state, seen_s, after_s, part=part, told_s=told_s))
        last[part] = state
    for _, _, sample in learner.durations.steps():
        for run in sample:
            assert 0 <= run.low_s <= run.high_s and run.gap_s >= 0 and not run.is_vague


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(1, 9000), min_size=1, max_size=20), st.floats(1, 20))
def test_the_true_length_lies_within_the_interval(lengths_s: list[float], every_s: float) -> None:
    """A run of known length, watched by polls `every_s` apart, is never said to be shorter or longer than it was."""
    at_s = 0.0
    for length_s in lengths_s:

        def poll_after(moment_s: float) -> float:
            return (int(moment_s / every_s) + 1) * every_s

        begin_s, end_s = at_s + 1, at_s + 1 + length_s
        seen = [poll_after(begin_s), poll_after(end_s)]
        learner = Learner()
        learner.take(SCOPE, step(None, WAITING, seen[0] - every_s, None))
        learner.take(SCOPE, step(WAITING, RUNNING, seen[0], seen[0] - every_s))
        if seen[1] > seen[0]:
            learner.take(SCOPE, step(RUNNING, DONE, seen[1], seen[1] - every_s))
        for low_s, high_s in runs(learner, run_step("")):
            assert low_s - 1e-3 <= length_s <= high_s + 1e-3
        at_s = end_s + every_s


# scopes


@pytest.mark.parametrize(
    ("address", "family"),
    [
        ("p:build/my-build/1", "my-build/#"),
        ("p:build/my-build/412?project=x", "my-build/#?project=x"),
        ("p:artifact/docker-local/app/1.0.3/manifest.json", "docker-local/app/#/manifest.json"),
        ("t:scan/6/41", "6/#"),
        ("c:job/437", ""),
        ("p:report/22", ""),
    ],
)
def test_a_family_is_the_name_without_its_number(address: str, family: str) -> None:
    assert scope_of(address, "", "").family == family


def test_the_narrowest_scope_with_enough_runs_answers() -> None:
    durations, other = Durations(), Scope("s", "build", family="other/#")
    for _ in range(NARROW_RUNS - 1):
        durations.add(SCOPE, "x", Run(1, 1, 1))
    durations.add(other, "x", Run(9, 9, 9))
    found = durations.find(SCOPE, "x")
    assert found is not None and found.scope.family == "" and len(found.sample) == NARROW_RUNS
    durations.add(SCOPE, "x", Run(1, 1, 1))
    found = durations.find(SCOPE, "x")
    assert found is not None and found.scope == SCOPE
    assert durations.find(Scope("s2", "build"), "x") is None


def test_old_runs_give_way_to_new_ones() -> None:
    sample = Sample()
    for number in range(KEPT_RUNS + 5):
        sample.add(Run(number, number, number))
    assert len(sample) == KEPT_RUNS and sample.at_least(0) == 5.0


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 1))
def test_a_quantile_lies_within_and_grows(values: list[float], share: float) -> None:
    ordered = sorted(values)
    assert ordered[0] <= quantile(ordered, share) <= ordered[-1]
    assert quantile(ordered, share) <= quantile(ordered, 1.0)


# time left


def test_nothing_is_said_without_a_basis() -> None:
    running = entry(RUNNING, 10)
    assert experienced([60.0] * (MIN_RUNS - 1)).time_left(running, AT) is None
    left = experienced([60.0] * MIN_RUNS).time_left(running, AT)
    assert left is not None and (left.low_s, left.high_s, left.runs) == (50.0, 50.0, MIN_RUNS)


def test_what_was_so_at_the_first_look_is_not_counted_from_that_look() -> None:
    outlook = experienced([60.0] * 30)
    outlook.learner.durations.add(SCOPE, rest_step("queued", DONE), Run(55, 55, 55))
    marks = (Mark("", RUNNING, after(-10)), Mark("queued", DONE, after(-1)))
    first = replace(entry(RUNNING, 10, *marks), first_seen_at=after(-1))
    left = outlook.time_left(first, AT)
    assert left is not None and left.high_s == 50.0
    assert outlook.time_left(replace(first, first_seen_at=after(-10), marks=marks[:1]), AT) is None


def test_only_runs_that_lasted_as_long_are_asked() -> None:
    outlook = experienced([10.0] * 20 + [100.0] * MIN_SURVIVORS)
    left = outlook.time_left(entry(RUNNING, 40), AT)
    assert left is not None and (left.low_s, left.high_s) == (60.0, 60.0)


def test_longer_than_any_run_is_told_by_no_range() -> None:
    outlook = experienced([10.0] * 30)
    assert time_left(entry(RUNNING, 50), AT, outlook.learner.durations) is None


@pytest.mark.parametrize("state", [DONE, FAILED, State.MISSING, State.NOT_SCANNED])
def test_what_does_not_wait_or_run_has_no_time_left(state: State) -> None:
    assert experienced([60.0] * 30).time_left(entry(state, 10), AT) is None


def test_a_stage_has_its_own_time_left() -> None:
    outlook = experienced([60.0] * 30, "sca")
    running = entry(RUNNING, 10, Mark("", RUNNING, after(-20)), Mark("sca", RUNNING, after(-10)))
    left = stage_left(running, "sca", AT, outlook.learner.durations)
    assert left is not None and left.low_s == 50.0
    assert outlook.stage_left(running, "exposures", AT) is None


def test_a_stage_says_more_of_what_is_left_than_the_whole_whose_time_moves_with_it() -> None:
    outlook = experienced([300.0] * 30)
    for _ in range(10):
        outlook.learner.durations.add(SCOPE, rest_step("merging", RUNNING), Run(20, 20, 20))
    marks = (Mark("", RUNNING, after(-5)), Mark("merging", RUNNING, after(-5)))
    running = entry(RUNNING, 5, *marks)
    left = outlook.time_left(running, AT)
    assert left is not None and left.high_s == 15.0
    began = step(WAITING, RUNNING, -250, -252)
    bare = replace(running, marks=marks[:1], transitions=(began,))
    left = outlook.time_left(bare, AT)
    assert left is not None and left.high_s == 50.0
    again = step(DONE, RUNNING, -6, -7)
    left = outlook.time_left(replace(bare, transitions=(began, again)), AT)
    assert left is not None and left.high_s == 294.0


@settings(max_examples=80, deadline=None)
@given(st.lists(st.floats(1, 5000), min_size=MIN_RUNS, max_size=60), st.floats(0, 6000))
def test_a_range_never_ends_before_it_begins(lengths_s: list[float], gone_s: float) -> None:
    left = experienced(lengths_s).time_left(entry(RUNNING, gone_s), AT)
    if left is not None:
        assert 0 <= left.low_s <= left.high_s <= max(lengths_s)


def test_fresh_runs_of_the_same_kind_fall_into_the_range_four_times_of_five() -> None:
    chance = random.Random(7)
    held = total = 0
    for _ in range(400):
        lengths = [chance.lognormvariate(4, 0.6) for _ in range(chance.randint(MIN_RUNS, 60))]
        outlook, real = experienced(lengths), chance.lognormvariate(4, 0.6)
        gone = real * chance.random() * 0.6
        left = outlook.time_left(entry(RUNNING, gone), AT)
        if left is not None:
            total += 1
            held += left.low_s <= real - gone <= left.high_s
    assert total > 300 and held / total >= 0.78
