"""What is news to whoever began to look at noon: each change once, nothing old, nothing anew after a restart."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.news import AWAY_KEPT, ENDS, EVENTS, News, is_asked_for
from tui.domain.placeholders import NAMES, fill, has_any, unknown
from tui.domain.problem import Problem, ProblemCode
from tui.domain.quiet import Quiet
from tui.domain.records import Record
from tui.domain.snapshot import Entry, Transition
from tui.domain.state import State
from tui.domain.stuck import FINE, Pace, Verdict
from tui.domain.target import Target

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TARGET = Target("s", "build", ("b", "1"))
MISSING = Problem(ProblemCode.MISSING, "It is missing.")
GRACE_S = 300.0


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def entry(state: State, *changes: Transition, polled: float = 1, **more: object) -> Entry:
    record = None if state is State.MISSING else Record(TARGET, "b 1", state, state.value)
    given: dict[str, object] = {"problem": MISSING if record is None else None, "since_at": at(polled)}
    return Entry("k", TARGET, record, polled_at=at(polled), transitions=changes, **{**given, **more})  # type: ignore[arg-type]


def change(
    before: State | None, after: State, seen: float = 1, told: float | None = None, part: str = ""
) -> Transition:
    server_at = at(told) if told is not None else None
    return Transition("k", part, before, after, None, None, at(seen), server_at)


def words(news: News, one: Entry) -> list[str]:
    return [event.word for event in news.brought(one)]


RUNNING, DONE, FAILED = State.RUNNING, State.DONE, State.FAILED


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (entry(FAILED, change(RUNNING, FAILED)), ["failed"]),
        (entry(DONE, change(None, RUNNING, -60), change(RUNNING, DONE)), ["done"]),  # while no monitor ran
        (entry(DONE, change(None, DONE)), []),  # who knows when
        (entry(DONE, change(None, DONE, told=-5)), []),
        (entry(DONE, change(None, DONE, told=0.5)), ["done"]),
        (entry(RUNNING, change(None, RUNNING, told=0.5)), []),
        (entry(DONE, change(RUNNING, DONE, -30)), []),  # an earlier run saw it
        (entry(RUNNING, change(RUNNING, FAILED, part="sca")), []),
        (entry(State.UNKNOWN, change(State.UNKNOWN, State.UNKNOWN)), []),
        (entry(State.MISSING, change(DONE, State.MISSING)), ["missing"]),
        (entry(State.MISSING, change(None, State.MISSING)), []),
        (entry(State.CANCELED, change(RUNNING, DONE), change(DONE, State.CANCELED)), ["done", "canceled"]),
    ],
)
def test_what_an_answer_brought(one: Entry, told: list[str]) -> None:
    news = News(NOON, GRACE_S)
    assert words(news, one) == told
    assert words(news, replace(one, label="mine")) == []  # the same answer again, for another reason


def test_what_the_server_knows_no_longer_is_told_once() -> None:
    news = News(NOON, GRACE_S)
    gone = entry(DONE, problem=MISSING)
    assert [words(news, one) for one in (entry(DONE), gone, gone, entry(DONE), gone)] == [
        [],
        ["missing"],
        [],
        [],
        ["missing"],
    ]
    assert words(news, entry(DONE, problem=Problem(ProblemCode.TIMEOUT, "No."))) == []


def passed(news: News, one: Entry, minutes: float, verdict: Verdict = FINE) -> list[str]:
    return [event.word for event in news.passed(one, at(minutes), lambda entry: verdict)]


def test_what_becomes_overdue_is_told_once_and_again_for_another_run() -> None:
    news = News(NOON, GRACE_S)
    due = entry(RUNNING, due_at=at(10))
    assert [passed(news, due, minutes) for minutes in (9, 10.1, 11)] == [[], ["overdue"], []]
    assert passed(news, replace(due, due_at=at(20)), 21) == ["overdue"]
    assert passed(News(NOON, GRACE_S), entry(RUNNING, due_at=at(-1)), 1) == []  # so before we came
    assert passed(News(NOON, GRACE_S), entry(DONE, due_at=at(1)), 2) == []


def test_what_was_stuck_before_is_no_news_however_late_it_is_found_out() -> None:
    def stuck(since: float, limit_s: float) -> Verdict:
        return Verdict(Pace.STUCK, "", "", at(since), None, limit_s)

    news = News(NOON, GRACE_S)
    assert passed(news, entry(RUNNING), 20, stuck(-30, 600)) == []
    assert passed(news, entry(RUNNING), 20, stuck(-30, 2000)) == ["stuck"]
    assert passed(news, entry(RUNNING), 25, stuck(-30, 2100)) == []
    assert passed(news, entry(RUNNING), 90, stuck(40, 600)) == ["stuck"]


def test_what_never_appears_is_told_after_its_grace() -> None:
    news = News(NOON, GRACE_S)
    lost = entry(State.MISSING, change(None, State.MISSING))
    assert [passed(news, lost, minutes) for minutes in (3, 6.1, 7)] == [[], ["missing"], []]
    assert passed(News(NOON, GRACE_S), replace(lost, since_at=at(-60)), 6) == []
    vanished = entry(State.MISSING, change(DONE, State.MISSING))
    news = News(NOON, GRACE_S)
    assert words(news, vanished) == ["missing"] and passed(news, vanished, 10) == []
    news.leave("k")
    assert passed(news, vanished, 10) == []


def test_what_leaves_a_page_and_comes_back_is_told_once_but_its_next_end_is_news() -> None:
    news = News(NOON, GRACE_S)

    def first(seen: float, told: float, state: State = FAILED) -> Entry:
        return entry(state, change(None, state, seen, told), polled=seen)

    def stuck(since: float) -> Verdict:
        return Verdict(Pace.STUCK, "", "", at(since), None, 60)

    assert words(news, first(2, 1)) == ["failed"]
    assert passed(news, entry(RUNNING), 3, stuck(1)) == ["stuck"]
    news.leave("k")
    assert words(news, first(4, 1.01)) == []  # the server's clock is known to a second
    assert passed(news, entry(RUNNING), 5, stuck(1.01)) == []
    assert words(news, first(6, 5)) == ["failed"]  # another run
    news.leave("k")
    news.shift(3600, {})
    assert words(news, first(68, 65)) == [] and words(news, first(69, 65, DONE)) == ["done"]


def test_of_what_left_the_longest_gone_is_forgotten_and_nothing_that_is_there() -> None:
    news = News(NOON, GRACE_S)
    one = entry(FAILED, change(None, FAILED, told=0.5))
    assert words(news, one) == ["failed"]
    for number in range(AWAY_KEPT + 1):
        news.leave(f"other {number}")
    again = entry(FAILED, change(None, FAILED, 2, told=0.5), polled=2)
    assert words(news, again) == []
    news.leave("k")
    for number in range(AWAY_KEPT):
        news.leave(f"another {number}")
    assert len(news._away) == AWAY_KEPT and len(news._ended) == 0


def test_ended_stands_for_every_end() -> None:
    assert {word for word in EVENTS if is_asked_for(word, ("ended",))} == {*ENDS, "ended"}
    assert not is_asked_for("stuck", ("ended",)) and is_asked_for("stuck", ("failed", "stuck"))


# quiet hours

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(("hour", "is_quiet"), [(21, False), (22, True), (3, True), (6, True), (7, False), (12, False)])
def test_quiet_over_midnight(hour: int, is_quiet: bool) -> None:
    now = datetime(2026, 11, 22, hour, 0, tzinfo=BERLIN)
    quiet = Quiet(time(22, 0), time(7, 0))
    assert quiet.holds(now.astimezone(UTC), BERLIN) is is_quiet
    assert Quiet(time(7, 0), time(22, 0)).holds(now, BERLIN) is not is_quiet


def test_quiet_ends_by_the_clock_also_in_the_night_of_the_change() -> None:
    quiet = Quiet(time(22, 0), time(7, 0))
    evening = datetime(2026, 3, 28, 23, 0, tzinfo=BERLIN)
    assert quiet.ends_at(evening.astimezone(UTC), BERLIN) - evening == timedelta(hours=7)


# placeholders

texts = st.text(max_size=20)


@given(texts, st.dictionaries(st.sampled_from(NAMES), texts), st.sampled_from(["", "-", "--to=", "x"]))
def test_nothing_that_is_filled_in_becomes_an_option(tail: str, values: dict[str, str], head: str) -> None:
    word = f"{head}{{text}}{tail.replace('{', '').replace('}', '')}"
    filled = fill(word, values)
    assert filled.startswith("-") is word.startswith("-")
    assert filled.lstrip(" ").startswith((head + values.get("text", "")).lstrip(" ")[:3])


def test_braces() -> None:
    assert fill("{name}", {"name": "-rf"}) == " -rf"
    assert fill("{{x}} {name}{nope}", {"name": "a{text}"}) == "{x} a{text}"
    assert unknown("{text} {{no}} {nmae} {}") == ("nmae", "") and has_any("a {url}") and not has_any("{{url}}")
