"""What counts as a change, and since when a part has been in its state."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from polling_fakes import DONE, FAILED, RUNNING, WAITING, build, problem, record

from tui.domain.records import Call, Reading, Record, Stage
from tui.domain.snapshot import Entry, Mark, Remembered
from tui.domain.state import State
from tui.polling.observe import CALLS_KEPT, TRANSITIONS_KEPT, Sight, observe, recall

AT = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
TARGET = build(1)
NEW = Entry(TARGET.key, TARGET)


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def good(entry: Entry, seconds: float, what: Record, last: float | None = None, offset_s: float = 0.0) -> Entry:
    sight = Sight(after(seconds), offset_s)
    return observe(entry, Reading(TARGET, what), sight, None if last is None else after(last))[0]


def test_first_sight_is_told_of_all_that_is_there() -> None:
    what = record(TARGET, RUNNING, ("sca", DONE), ("violations", State.ABSENT))
    entry, found = observe(NEW, Reading(TARGET, what), Sight(AT), None)
    assert [(one.part, one.before, one.after, one.after_at) for one in found] == [
        ("", None, RUNNING, None),
        ("sca", None, DONE, None),
    ]
    assert entry.first_seen_at == entry.since_at == entry.good_at == AT
    assert entry.transitions == found


def test_a_change_lies_between_two_sights() -> None:
    entry = good(NEW, 0, record(TARGET, RUNNING, ("sca", RUNNING)))
    entry, found = observe(entry, Reading(TARGET, record(TARGET, DONE, ("sca", DONE))), Sight(after(10)), after(5))
    assert [(one.part, one.before, one.after, one.after_at, one.seen_at) for one in found] == [
        ("", RUNNING, DONE, after(5), after(10)),
        ("sca", RUNNING, DONE, after(5), after(10)),
    ]
    assert entry.since_at == after(10)
    assert observe(entry, Reading(TARGET, record(TARGET, DONE, ("sca", DONE))), Sight(after(15)), after(10))[1] == ()


def test_a_stage_that_appears_or_goes_was_or_is_absent() -> None:
    entry = good(NEW, 0, record(TARGET, RUNNING, ("sca", RUNNING)))
    _, found = observe(entry, Reading(TARGET, record(TARGET, RUNNING, ("exposures", DONE))), Sight(after(5)), AT)
    assert [(one.part, one.before, one.after) for one in found] == [
        ("exposures", State.ABSENT, DONE),
        ("sca", RUNNING, State.ABSENT),
    ]


def test_a_category_is_a_part_of_its_own() -> None:
    what = replace(record(TARGET, RUNNING), categories=(Stage("secrets", "DONE", DONE),))
    assert [one.part for one in observe(NEW, Reading(TARGET, what), Sight(AT), None)[1]] == ["", "@secrets"]


def test_an_unknown_word_that_changes_is_a_change() -> None:
    odd = replace(record(TARGET, State.UNKNOWN), status="BREWING")
    entry = good(NEW, 0, odd)
    _, found = observe(entry, Reading(TARGET, replace(odd, status="STEAMING")), Sight(after(5)), AT)
    assert [(one.before, one.after, one.status) for one in found] == [(State.UNKNOWN, State.UNKNOWN, "STEAMING")]


def test_a_failed_poll_changes_nothing_that_was_seen() -> None:
    entry = good(NEW, 0, record(TARGET, RUNNING))
    failed, found = observe(entry, Reading(TARGET, problem=problem("timeout")), Sight(after(5)), AT)
    assert found == () and failed.record == entry.record and failed.state is RUNNING
    assert failed.problem is not None and (failed.polled_at, failed.good_at) == (after(5), AT)


def test_missing_is_a_state_until_there_is_a_record() -> None:
    entry, found = observe(NEW, Reading(TARGET, problem=problem("missing")), Sight(AT), None)
    assert [(one.before, one.after) for one in found] == [(None, State.MISSING)] and entry.state is State.MISSING
    entry, found = observe(entry, Reading(TARGET, problem=problem("missing")), Sight(after(5)), AT)
    assert found == ()
    entry, found = observe(entry, Reading(TARGET, record(TARGET, WAITING)), Sight(after(10)), after(5))
    assert [(one.before, one.after) for one in found] == [(State.MISSING, WAITING)]
    entry, found = observe(entry, Reading(TARGET, problem=problem("missing")), Sight(after(15)), after(10))
    assert found == () and entry.state is WAITING and entry.problem is not None


def test_since_is_the_servers_time_but_never_in_the_future_nor_before_the_last_sight_of_the_old_state() -> None:
    assert good(NEW, 0, record(TARGET, RUNNING, since_at=after(-90))).since_at == after(-90)
    assert good(NEW, 0, record(TARGET, RUNNING, since_at=after(90))).since_at == AT
    entry = good(NEW, 0, record(TARGET, WAITING, since_at=after(-90)))
    assert good(entry, 10, record(TARGET, RUNNING, since_at=after(7)), last=5).since_at == after(7)
    assert good(entry, 10, record(TARGET, RUNNING, since_at=after(-90)), last=5).since_at == after(5)


def test_a_server_clock_that_is_ahead_is_taken_out() -> None:
    entry = good(NEW, 0, record(TARGET, RUNNING, since_at=after(3600 - 60)), offset_s=3600)
    assert entry.since_at == after(-60)
    late = record(TARGET, RUNNING, since_at=datetime(1, 1, 1, tzinfo=UTC))
    assert good(NEW, 0, late, offset_s=3600).since_at == AT  # a time that no calendar has is none


def test_a_state_that_was_entered_again_between_two_polls_has_its_new_time() -> None:
    entry = good(NEW, 0, record(TARGET, DONE, since_at=after(-90)))
    assert good(entry, 10, record(TARGET, DONE, since_at=after(-90)), last=5).since_at == after(-90)
    assert good(entry, 10, record(TARGET, DONE, since_at=after(8)), last=5).since_at == after(8)


def test_an_earlier_run_is_continued() -> None:
    past = Remembered(TARGET.key, after(-500), after(-100), (Mark("", RUNNING, after(-400)),), ())
    entry = recall(NEW, past)
    same, found = observe(entry, Reading(TARGET, record(TARGET, RUNNING)), Sight(AT), past.last_seen_at)
    assert found == () and same.since_at == after(-400) and same.first_seen_at == after(-500)
    _, found = observe(entry, Reading(TARGET, record(TARGET, FAILED)), Sight(AT), past.last_seen_at)
    assert [(one.before, one.after, one.after_at) for one in found] == [(RUNNING, FAILED, after(-100))]
    _, found = observe(entry, Reading(TARGET, problem=problem("missing")), Sight(AT), past.last_seen_at)
    assert [(one.before, one.after) for one in found] == [(RUNNING, State.MISSING)]


def test_a_clock_that_was_set_back_gives_no_span_that_ends_before_it_begins() -> None:
    entry = good(NEW, 0, record(TARGET, WAITING))
    _, found = observe(entry, Reading(TARGET, record(TARGET, RUNNING)), Sight(after(-3600)), AT)
    assert found[0].after_at == found[0].seen_at == after(-3600)


STATES = st.sampled_from([WAITING, RUNNING, DONE, FAILED, State.ABSENT, State.NOT_SCANNED, State.MISSING])
RECORDS = st.builds(
    lambda own, stages, since: record(TARGET, own, *stages.items(), since_at=since),
    STATES.filter(lambda state: state not in (State.ABSENT, State.MISSING)),
    st.dictionaries(
        st.sampled_from(["sca", "exposures", "violations"]), STATES.filter(lambda s: s is not State.MISSING)
    ),
    st.none() | st.integers(-10_000, 10_000).map(after),
)


@given(st.lists(st.tuples(st.none() | RECORDS, st.integers(-100, 100), st.floats(-1e5, 1e5)), max_size=70))
def test_transitions_are_exactly_the_differences(polls: list[tuple[Record | None, int, float]]) -> None:
    entry, seen, last = NEW, dict[str, State](), None
    now = 0.0
    for what, step_s, offset_s in polls:
        now += step_s  # the wall clock may be set back
        reading = Reading(TARGET, what, None if what is not None else problem("timeout"))
        call = Call(after(now), "GET", "/", 200, 0.1, 1)
        entry, found = observe(entry, reading, Sight(after(now), offset_s, (call,)), last)
        assert len(entry.transitions) <= TRANSITIONS_KEPT and len(entry.calls) <= CALLS_KEPT
        if what is None:
            assert found == ()
            continue
        last = after(now)
        present = {"": what.state} | {one.name: one.state for one in what.stages}
        otherwise = State.ABSENT if seen else None
        for one in found:
            assert seen.get(one.part, otherwise) is one.before
            assert one.after_at is None or one.after_at <= one.seen_at
            seen[one.part] = one.after
        assert {k: v for k, v in seen.items() if v is not State.ABSENT} == {
            k: v for k, v in present.items() if v is not State.ABSENT
        }
        assert {mark.part: mark.state for mark in entry.marks} == {
            k: v for k, v in present.items() if v is not State.ABSENT
        }
        assert len({one.part for one in found}) == len(found)
        assert all(one.before is not one.after for one in found)
        assert all(mark.since_at <= after(now) for mark in entry.marks)
