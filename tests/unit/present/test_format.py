"""Times and counts in words: coarse, monotone, never negative, never too wide for their column."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui.clock import LocalZone
from tui.present import format as words

SECONDS = st.floats(allow_nan=False, allow_infinity=True)
MODEST = st.floats(-1e4, 1e8)
NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)


def in_seconds(text: str) -> int:
    """Read an age back, written apart from the code under test."""
    if found := re.fullmatch(r"(\d+)h(\d\d)", text):
        return int(found[1]) * 3600 + int(found[2]) * 60
    if found := re.fullmatch(r"(\d+)m(\d\d)", text):
        return int(found[1]) * 60 + int(found[2])
    if found := re.fullmatch(r"(\d+)d(?:(\d\d)h)?", text):
        return int(found[1]) * 86400 + int(found[2] or 0) * 3600
    found = re.fullmatch(r"(\d+)([sm])", text)
    assert found, text
    return int(found[1]) * (60 if found[2] == "m" else 1)


@given(MODEST, MODEST)
def test_ages_and_durations_are_monotone(one: float, other: float) -> None:
    low, high = sorted((one, other))
    for show in (words.age, words.duration):
        assert in_seconds(show(low)) <= in_seconds(show(high))


@given(SECONDS)
def test_ages_are_never_negative_nor_too_wide(seconds: float) -> None:
    for show in (words.age, words.duration):
        assert in_seconds(show(seconds)) >= 0
        assert len(show(seconds)) <= 5


@given(st.floats(0, 8e6))
def test_an_age_is_never_more_than_the_truth_and_close_to_it(seconds: float) -> None:
    shown = in_seconds(words.age(seconds))
    step = 5 if seconds < 60 else 60 if seconds < 86_400 else 3_600 if seconds < 864_000 else 86_400
    assert shown <= seconds < shown + step


@pytest.mark.parametrize(
    ("seconds", "age", "duration"),
    [
        (None, "", ""),
        (-3, "0s", "0s"),
        (0, "0s", "0s"),
        (9.9, "5s", "9s"),
        (59.9, "55s", "59s"),
        (60, "1m", "1m00"),
        (95, "1m", "1m35"),
        (3_599, "59m", "59m59"),
        (3_600 * 3 + 300, "3h05", "3h05"),
        (86_400 * 2 + 3_600 * 4, "2d04h", "2d04h"),
        (86_400 * 400, "400d", "400d"),
        (float("inf"), "9999d", "9999d"),
        (float("nan"), "0s", "0s"),
    ],
)
def test_ages_and_durations(seconds: float | None, age: str, duration: str) -> None:
    assert (words.age(seconds), words.duration(seconds)) == (age, duration)


def test_a_minute_of_a_fresh_age_has_twelve_texts() -> None:
    """So that a row repaints twelve times in its first minute, then once a minute."""
    assert len({words.age(second / 10) for second in range(600)}) == 12


def test_moments() -> None:
    zone = timezone(timedelta(hours=-6), "CST")
    assert words.moment(None, NOW) == ""
    assert words.moment(NOW - timedelta(minutes=3), NOW) == "06:57:00"
    assert words.moment(NOW - timedelta(days=40), NOW) == "Oct 13 07:00"
    assert words.moment(NOW - timedelta(days=900), NOW) == "2024-06-05"
    assert words.moment(NOW - timedelta(minutes=30), NOW, zone) == "00:30:00"
    assert words.moment(NOW - timedelta(hours=2), NOW, zone) == "Nov 21 23:00"
    assert words.full_moment(NOW, zone) == "2026-11-22 01:00:00 CST"
    assert words.full_moment(None) == ""


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_for_programs_read_back_equal(at: datetime) -> None:
    text = words.rfc3339(at)
    assert text is not None and text.endswith("Z")
    assert datetime.fromisoformat(text) == at.astimezone(UTC).replace(microsecond=0)


def test_times_for_programs_have_whole_seconds_as_jq_takes_them() -> None:
    assert words.rfc3339(NOW) == "2026-11-22T07:00:00Z"
    assert words.rfc3339(NOW.replace(microsecond=500_000)) == "2026-11-22T07:00:00Z"
    assert words.rfc3339(None) is None


MOMENTS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))]))
ZONES = st.sampled_from([UTC, ZoneInfo("America/Chicago"), ZoneInfo("Australia/Lord_Howe"), LocalZone()])


@given(MOMENTS, MOMENTS, ZONES)
@example(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), ZoneInfo("America/Chicago"))
@example(datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC), ZoneInfo("Asia/Kolkata"))
def test_any_two_times_are_worded_and_nothing_is_negative(one: datetime, two: datetime, zone: tzinfo) -> None:
    for seconds in (words.seconds_between(one, two), (two - one).total_seconds()):
        assert "-" not in words.age(seconds) + words.duration(seconds)
        assert len(words.age(seconds)) <= 5
    assert words.moment(one, two, zone) and words.full_moment(one, zone)
    assert (words.rfc3339(one) or "").endswith("Z")
    assert (words.skew((two - one).total_seconds()) == "") is (abs((two - one).total_seconds()) <= words.SKEW_S)


def test_counts() -> None:
    assert words.count(1, "target") == "1 target"
    assert words.count(0, "target") == "0 targets"
    assert words.count(12_340, "entry", "entries") == "12,340 entries"


@given(st.floats(), st.integers(0, 30), st.booleans())
def test_a_bar_is_exactly_as_wide_as_asked(part: float, cells: int, is_ascii: bool) -> None:
    assert len(words.bar(part, cells, is_ascii=is_ascii)) == cells


@given(st.floats(0, 0.999), st.integers(1, 30))
def test_a_bar_is_full_only_at_the_end(part: float, cells: int) -> None:
    assert words.bar(part, cells) != "█" * cells
    assert words.bar(1.0, cells) == "█" * cells


def test_bars() -> None:
    assert words.bar(0.5, 4) == "██░░"
    assert words.bar(0.55, 10, is_ascii=True) == "[####....]"
    assert words.percent(41.9) == "41%"
    assert (words.percent(None), words.percent(-1), words.percent(250)) == ("", "0%", "100%")
