"""When a target is due, how much slack it has, and whether it was met: also where the clocks are changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.deadline import Deadline, due_at, is_met, is_overdue, next_time, run_began_at, slack_s
from tui.domain.problem import Problem, ProblemCode
from tui.domain.records import Record
from tui.domain.snapshot import Entry, Transition
from tui.domain.state import State
from tui.domain.target import Target

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TARGET = Target("s", "build", ("b", "1"))
BERLIN = ZoneInfo("Europe/Berlin")
MISSING = Problem(ProblemCode.MISSING, "It is missing.")
WITHIN = Deadline(within_s=2700)


def ago(minutes: float) -> datetime:
    return NOON - timedelta(minutes=minutes)


def entry(*states: tuple[State, float], told: float | None = None) -> Entry:
    """A target that came into each of these states so many minutes before noon; `told` is the server's own time."""
    transitions, before = [], None
    for number, (state, minutes) in enumerate(states):
        server_at = ago(told) if told is not None and not number else None
        after_at = ago(states[number - 1][1]) if number else None
        transitions.append(Transition("k", "", before, state, None, after_at, ago(minutes), server_at))
        before = state
    last, minutes = states[-1]
    record = None if last is State.MISSING else Record(TARGET, "b 1", last, last.value.upper())
    problem = MISSING if record is None else None
    return Entry("k", TARGET, record, problem, ago(states[0][1]), ago(minutes), transitions=tuple(transitions))


def due(one: Entry, deadline: Deadline = WITHIN) -> Entry:
    return replace(one, deadline=deadline, due_at=due_at(deadline, one, UTC))


@pytest.mark.parametrize(
    ("began", "one"),
    [
        (ago(30), entry((State.RUNNING, 30))),
        (ago(40), entry((State.RUNNING, 30), told=40)),
        (ago(30), entry((State.WAITING, 30), (State.RUNNING, 10))),
        (ago(20), entry((State.MISSING, 30), (State.NOT_SCANNED, 20), (State.RUNNING, 5))),
        (ago(9), entry((State.RUNNING, 50), (State.DONE, 30), (State.WAITING, 9), (State.RUNNING, 3))),
        (ago(50), entry((State.RUNNING, 50), (State.FAILED, 30))),
        (None, entry((State.DONE, 30))),
        (None, entry((State.MISSING, 30))),
        (None, entry((State.RUNNING, 50), (State.MISSING, 30))),
    ],
)
def test_a_run_begins_when_it_appears_and_anew_after_its_end(began: datetime | None, one: Entry) -> None:
    assert run_began_at(one) == began
    assert due(one).due_at == (began and began + timedelta(minutes=45))


def test_what_is_missing_is_due_by_the_clock_alone() -> None:
    missing = entry((State.MISSING, 30))
    assert due(missing, Deadline(by=time(12, 15))).due_at == NOON + timedelta(minutes=15)
    assert due(missing, Deadline(by=time(11, 45))).due_at == ago(15)
    assert due(missing, Deadline(at=ago(1))).due_at == ago(1)
    assert is_overdue(due(missing, Deadline(at=ago(1))), NOON)


def test_slack_goes_down_and_stays_at_the_end() -> None:
    running = due(entry((State.RUNNING, 30)))
    assert slack_s(running, NOON) == 900 and not is_overdue(running, NOON) and is_met(running) is None
    later = NOON + timedelta(minutes=20)
    assert slack_s(running, later) == -300 and is_overdue(running, later)
    for state, minutes, met in ((State.DONE, 10, True), (State.DONE, -20, False), (State.FAILED, 10, None)):
        ended = due(entry((State.RUNNING, 30), (state, minutes)))
        assert slack_s(ended, later) == (minutes + 15) * 60 and not is_overdue(ended, later)
        assert is_met(ended) is met


@pytest.mark.parametrize(
    ("after", "by", "found"),
    [
        ("2026-03-28T12:00+01:00", "17:30", "2026-03-28T16:30+00:00"),
        ("2026-03-28T18:00+01:00", "17:30", "2026-03-29T15:30+00:00"),  # the clocks are put forward in that night
        ("2026-03-28T12:00+01:00", "02:30", "2026-03-29T01:30+00:00"),  # 02:30 is left out there: 03:30
        ("2026-10-24T12:00+02:00", "02:30", "2026-10-25T00:30+00:00"),  # … and comes twice here: the first
        ("2026-10-24T18:00+02:00", "17:30", "2026-10-25T16:30+00:00"),
        ("2026-11-22T17:30+01:00", "17:30", "2026-11-23T16:30+00:00"),  # not this very moment
    ],
)
def test_the_next_such_time_whatever_the_clocks_do(after: str, by: str, found: str) -> None:
    got = next_time(time.fromisoformat(by), datetime.fromisoformat(after).astimezone(UTC), BERLIN)
    assert got == datetime.fromisoformat(found)


@given(
    st.integers(0, 16 * 366 * 24 * 60).map(
        lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    st.times().map(lambda one: one.replace(second=0, microsecond=0, fold=0)),
    st.sampled_from([BERLIN, ZoneInfo("America/Chicago"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kolkata")]),
)
def test_it_is_after_and_within_a_day_and_shows_that_time(after: datetime, by: time, zone: ZoneInfo) -> None:
    found = next_time(by, after, zone)
    assert timedelta(0) < found - after <= timedelta(hours=26)
    shown = found.astimezone(zone)
    assert (shown.hour, shown.minute) == (by.hour, by.minute) or shown.utcoffset() != (
        found - timedelta(hours=3)
    ).astimezone(zone).utcoffset()


def test_a_clock_at_the_end_of_time_is_no_accident() -> None:
    one = entry((State.RUNNING, 0))
    far = replace(one.transitions[0], seen_at=datetime.max.replace(tzinfo=UTC))
    assert due(replace(one, transitions=(far,)), WITHIN).due_at is None
    assert due(replace(one, transitions=(far,)), Deadline(by=time(23, 59))).due_at is None


def test_a_run_that_nobody_saw_begin_is_not_judged_by_the_one_before() -> None:
    """From one end to another: it was scanned anew between two looks."""
    again = entry((State.RUNNING, 60), (State.DONE, 50), (State.FAILED, 5))
    assert run_began_at(again) is None and due_at(Deadline(within_s=60), again) is None
