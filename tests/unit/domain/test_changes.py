"""What counts as news, what a look takes away, and who is here: pure rules over entries and moments."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.changes import MOST_LOOKED, UNSEEN_FOR, News, Unseen, news_of
from tui.domain.presence import ARRIVING, IDLE, SLEPT, Presence
from tui.domain.records import Record
from tui.domain.snapshot import Entry, Transition
from tui.domain.state import State
from tui.domain.target import Target

START = datetime(2026, 11, 22, 7, tzinfo=UTC)
STATES = st.sampled_from([State.WAITING, State.RUNNING, State.DONE, State.FAILED])


def at(seconds: float) -> datetime:
    """A moment after the start."""
    return START + timedelta(seconds=seconds)


def entry(*steps: tuple[float, State], first: State | None = State.WAITING, part: str = "") -> Entry:
    """An entry that went through these states; `first` is what it was before, None if nobody had seen it."""
    target = Target("prod", "build", ("app", "1"))
    befores = (first, *(state for _, state in steps))
    changes = tuple(
        Transition(target.key, part, before, state, None, None, at(seconds), at(seconds - 1))
        for before, (seconds, state) in zip(befores, steps, strict=False)
    )
    state = steps[-1][1] if steps else first or State.UNKNOWN
    record = Record(target, "app 1", state, None)
    return Entry(target.key, target, record, polled_at=at(1e6), transitions=changes, is_watched=True)


def test_the_way_from_what_was_looked_at_to_now_is_told() -> None:
    one = entry((10, State.RUNNING), (20, State.FAILED))
    assert news_of(one, at(0)) == News(one.key, State.WAITING, State.FAILED, at(20))
    assert news_of(one, at(10)) == News(one.key, State.RUNNING, State.FAILED, at(20))
    assert news_of(one, at(20)) is None
    assert news_of(entry((10, State.RUNNING), part="sca"), at(0)) is None


@pytest.mark.parametrize(
    ("state", "is_watched", "is_news"),
    [(State.FAILED, True, True), (State.RUNNING, True, False), (State.FAILED, False, False)],
)
def test_a_first_sight_is_news_only_of_what_is_watched_and_ended_meanwhile(
    state: State, is_watched: bool, is_news: bool
) -> None:
    one = replace(entry((10, state), first=None), is_watched=is_watched)
    assert (news_of(one, at(0)) is not None) is is_news
    assert news_of(one, at(9.5)) is None  # by its server's time it ended before that


def test_looking_takes_the_news_away_until_the_next_change() -> None:
    unseen = Unseen(at(0))
    one = entry((10, State.RUNNING))
    assert unseen.follow(one) and not unseen.follow(one)
    assert unseen.look(one.key) and not unseen.look(one.key)
    assert not unseen.follow(one) and not unseen.news
    assert unseen.follow(entry((10, State.RUNNING), (10, State.RUNNING), (11, State.DONE)))
    assert unseen.news[one.key].was is State.RUNNING


def test_what_left_a_list_is_news_again_when_it_comes_back() -> None:
    unseen, one = Unseen(at(0)), entry((10, State.RUNNING))
    unseen.follow(one)
    assert unseen.leave(one.key) and not unseen.news
    assert unseen.follow(one) and unseen.news


def test_stuck_is_told_once_and_gives_way_to_a_change() -> None:
    unseen, one = Unseen(at(0)), entry()
    unseen.note_stuck(one, at(50))
    assert unseen.news[one.key].is_stuck
    assert not unseen.follow(one) and unseen.news[one.key].is_stuck
    unseen.look(one.key)
    unseen.note_stuck(one, at(60))
    assert not unseen.news
    unseen.note_stuck(one, at(60))
    changed = entry((70, State.DONE))
    assert unseen.follow(changed) and not unseen.news[one.key].is_stuck


@given(
    steps=st.lists(st.tuples(st.integers(1, 100), STATES), max_size=8),
    looks=st.lists(st.integers(0, 8), max_size=4),
    is_again=st.integers(0, 8),
)
def test_a_restart_at_any_moment_tells_what_nobody_looked_at_and_nothing_else(
    steps: list[tuple[int, State]], looks: list[int], is_again: int
) -> None:
    """However looks, changes and one restart fall, the news are those of a monitor that never ended."""
    moments = sorted({seconds for seconds, _ in steps})
    steps = [(float(seconds), state) for seconds, (_, state) in zip(moments, steps, strict=False)]
    steady, unseen = Unseen(at(0)), Unseen(at(0))
    for place in range(len(steps) + 1):
        now = entry(*steps[:place])
        for one in (steady, unseen):
            one.follow(now)
            if place in looks:
                one.look(now.key)
        if place == is_again:
            left_at = at(steps[place - 1][0] + 0.5 if place else 0.5)
            unseen = Unseen(left_at, unseen.kept(left_at).items())
            unseen.follow(now)
        assert dict(unseen.news) == dict(steady.news)
        assert not (place in looks and unseen.news)


def test_marks_that_are_kept_are_bounded_in_age() -> None:
    rows = {f"prod:build/app/{number}": at(number) for number in range(5)}
    unseen = Unseen(at(0), rows.items())
    assert unseen.kept(at(9_000)) == rows
    assert unseen.kept(at(9_000) + UNSEEN_FOR) == {}


def test_what_left_is_remembered_up_to_a_number_and_an_age() -> None:
    unseen, one = Unseen(at(0)), entry((10, State.RUNNING))
    rows = [replace(one, key=f"prod:build/app/{number}") for number in range(MOST_LOOKED + 5)]
    for row in rows:
        unseen.follow(row)
    for row in rows:
        assert unseen.leave(row.key)
    assert list(unseen.kept(at(20))) == [row.key for row in rows[5:]]
    unseen.follow(rows[5])  # it is back on its list, so another may leave
    unseen.follow(rows[0])
    unseen.leave(rows[0].key)
    assert {rows[0].key, rows[5].key, rows[6].key} <= unseen.kept(at(20)).keys()
    assert list(unseen.kept(at(10) + UNSEEN_FOR)) == [rows[5].key]
    assert list(unseen.kept(at(20))) == [rows[5].key]  # those that left are forgotten, whatever the clock says


def test_the_worst_comes_first_and_what_is_stuck_right_after_what_failed() -> None:
    rows = [News("a", None, State.DONE, at(9)), News("b", None, State.RUNNING, at(5), is_stuck=True)]
    rows += [News("c", None, State.FAILED, at(1)), News("d", None, State.FAILED, at(2))]
    rows += [News("f", None, State.DONE, at(9)), News("e", None, State.DONE, at(9))]
    assert [one.key for one in sorted(rows, key=lambda one: one.rank)] == ["d", "c", "b", "a", "e", "f"]


# who is here


def test_focus_that_is_lost_and_comes_back_is_a_gap() -> None:
    presence = Presence(at(0), None)
    assert not presence.sign(at(5)) and presence.take_gap() is None
    presence.leave(at(10))
    presence.leave(at(20))
    assert presence.take_gap() is None and not presence.is_awake(at(20))
    assert presence.sign(at(30)) and presence.take_gap() == at(10)
    assert presence.take_gap() is None


def test_a_long_silence_is_a_gap_from_its_beginning() -> None:
    presence = Presence(at(0), None)
    presence.sign(at(7))
    assert presence.is_awake(at(7) + IDLE - timedelta(seconds=1)) and not presence.is_awake(at(7) + IDLE)
    assert presence.sign(at(7) + IDLE) and presence.take_gap() == at(7)


def test_a_start_and_a_sleep_wait_for_the_answers_but_not_for_ever() -> None:
    presence = Presence(at(100), at(0))
    presence.sign(at(101))
    assert presence.take_gap() is None
    presence.settle(at(102), is_answered=True)
    assert presence.take_gap() == at(0)
    presence.look_at_clock(at(105))
    assert presence.asked_since is None
    woken = at(105) + SLEPT + timedelta(seconds=1)
    presence.look_at_clock(woken)
    presence.settle(woken + ARRIVING - timedelta(seconds=1), is_answered=False)
    assert presence.take_gap() is None
    presence.settle(woken + ARRIVING, is_answered=False)
    assert presence.take_gap() == at(101)
