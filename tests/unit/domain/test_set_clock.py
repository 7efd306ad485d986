"""The clock was set and every known time moved with it: nothing old is news, and what was told stays told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tui.domain.changes import Unseen
from tui.domain.deadline import Deadline, due_at
from tui.domain.news import News
from tui.domain.presence import SLEPT, Presence
from tui.domain.records import Record
from tui.domain.shifting import moved_entry
from tui.domain.snapshot import Entry, Transition
from tui.domain.state import State
from tui.domain.stuck import Pace, Verdict
from tui.domain.target import Target

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TARGET = Target("prod", "build", ("app", "1"))
LEAPS = [3600.0, -3600.0, 86400.0, -20.0]


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def entry(*steps: tuple[float, State], polled_s: float = 20.0, **more: object) -> Entry:
    """An entry that went through these states, the first of them new."""
    states = [None, *(state for _, state in steps)]
    changes = tuple(
        Transition(TARGET.key, "", before, after, None, None, at(seen_s))
        for before, (seen_s, after) in zip(states, steps, strict=False)
    )
    record = Record(TARGET, "app 1", steps[-1][1], None)
    first_at = at(steps[0][0])
    given = {"first_seen_at": first_at, "polled_at": at(polled_s), "transitions": changes, "is_watched": True}
    return Entry(TARGET.key, TARGET, record, **{**given, **more})  # type: ignore[arg-type]


RUNNING, FAILED = State.RUNNING, State.FAILED


@pytest.mark.parametrize("leap_s", LEAPS)
def test_what_was_before_the_person_looked_is_no_news_for_another_clock(leap_s: float) -> None:
    old, fresh = entry((-900, RUNNING), (-300, FAILED)), entry((-900, RUNNING), (10, FAILED))
    unseen = Unseen(NOON)
    assert (unseen.follow(old), unseen.follow(fresh)) == (False, True)
    unseen.shift(leap_s)
    assert unseen.news[TARGET.key].at == at(10 + leap_s)
    assert unseen.look(TARGET.key)
    unseen.follow(moved_entry(fresh, leap_s))
    unseen.follow(moved_entry(old, leap_s))
    assert unseen.news == {}


@pytest.mark.parametrize("leap_s", LEAPS)
def test_a_set_clock_is_no_sleep_and_nobody_left(leap_s: float) -> None:
    presence = Presence(NOON, None)
    presence.shift(leap_s)
    presence.look_at_clock(at(leap_s + 5))
    assert presence.is_awake(at(leap_s + 5)) and not presence.sign(at(leap_s + 6)) and presence.left_at is None
    presence.look_at_clock(at(leap_s + 5) + SLEPT * 2)
    assert presence.left_at is not None  # whereas this was one


@pytest.mark.parametrize("leap_s", LEAPS)
def test_rules_tell_nothing_twice_for_another_clock(leap_s: float) -> None:
    news = News(NOON, 300.0)
    stuck = Verdict(Pace.STUCK, "", "", at(5), None, 1.0)
    due = Deadline(at=at(15))
    one = entry((-900, RUNNING), deadline=due, due_at=due_at(due, entry((-900, RUNNING))))
    failed = entry((-900, RUNNING), (20, FAILED))
    assert [event.word for event in news.passed(one, at(20), lambda _: stuck)] == ["overdue", "stuck"]
    assert [event.word for event in news.brought(failed)] == ["failed"]
    later, moved_failed = moved_entry(one, leap_s), moved_entry(failed, leap_s)
    news.shift(leap_s, {TARGET.key: moved_failed})
    assert list(news.brought(moved_failed)) == []
    news = News(NOON, 300.0)
    assert [event.word for event in news.passed(one, at(20), lambda _: stuck)] == ["overdue", "stuck"]
    news.shift(leap_s, {TARGET.key: later})
    as_moved = Verdict(Pace.STUCK, "", "", at(5 + leap_s), None, 1.0)
    assert [event.word for event in news.passed(later, max(at(20), at(20 + leap_s)), lambda _: as_moved)] == []


def test_a_deadline_from_the_beginning_moves_along_and_a_moment_stands() -> None:
    within, fixed = Deadline(within_s=600), Deadline(at=at(600))
    one = entry((0, RUNNING), deadline=within, due_at=at(600))
    assert moved_entry(one, 3600).due_at == at(4200)
    assert moved_entry(entry((0, RUNNING), deadline=fixed, due_at=at(600)), 3600).due_at == at(600)
