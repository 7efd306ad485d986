"""Every form of a time that the servers send."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.servers.times import parse_http_date, parse_steps, parse_time, zone_of

CHICAGO = ZoneInfo("America/Chicago")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-07-09T07:22:05Z", utc(2024, 7, 9, 7, 22, 5)),
        ("2023-08-09T15:14:44+03:00", utc(2023, 8, 9, 12, 14, 44)),
        ("2024-10-01T21:25:49.935220997Z", utc(2024, 10, 1, 21, 25, 49, 935220)),
        ("2017-01-11T12:31:35.79130964+02:00", utc(2017, 1, 11, 10, 31, 35, 791309)),
        ("2020-08-31T16:01:42.64+03:00", utc(2020, 8, 31, 13, 1, 42, 640000)),
        ("2024-07-09T07:22:05.123+0000", utc(2024, 7, 9, 7, 22, 5, 123000)),
        ("2024-07-09T07:22:05.123-0530", utc(2024, 7, 9, 12, 52, 5, 123000)),
        ("2024-07-09T07:22:05.000000000000001Z", utc(2024, 7, 9, 7, 22, 5)),
        ("2024-07-09t07:22:05z", utc(2024, 7, 9, 7, 22, 5)),
        ("2016-12-31T23:59:60Z", utc(2016, 12, 31, 23, 59, 59)),
        ("1970-01-01T02:00:00+02:00", utc(1970, 1, 1)),
        ("2017-10-24 13:04:26.0", utc(2017, 10, 24, 13, 4, 26)),
        ("2017-10-24 13:04:26", utc(2017, 10, 24, 13, 4, 26)),
        ("2017-10-24 13:04:26.123456789", utc(2017, 10, 24, 13, 4, 26, 123456)),
        ("2017-10-24T13:04", utc(2017, 10, 24, 13, 4)),
        (1570117773000, utc(2019, 10, 3, 15, 49, 33)),
        ("1570117773000", utc(2019, 10, 3, 15, 49, 33)),
        (1570117773000.0, utc(2019, 10, 3, 15, 49, 33)),
    ],
)
def test_reads_the_forms_of_the_servers(text: object, expected: datetime) -> None:
    assert parse_time(text) == expected


@pytest.mark.parametrize(
    "nothing",
    [
        *(
            "",
            "  ",
            "N/A",
            "n/a",
            "null",
            "None",
            "-",
            "0",
            0,
            None,
            True,
            False,
            [],
            {},
            5e300,
            float("nan"),
            float("inf"),
        ),
        *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+02:00", "0000-00-00 00:00:00", "2024-13-01T00:00:00Z"),
        *("2024-02-30 00:00:00", "2024-07-09T25:00:00Z", "2024-07-09T07:22:61Z", "soon", "20240709", "9" * 30),
        *("9999-12-31T23:59:59-05:00", "9999-12-31T23:59:59Z", "9999-12-31 23:59:59.999", 253402300799999),
    ],
)
def test_no_time_is_none(nothing: object) -> None:
    assert parse_time(nothing) is None


def test_a_local_time_is_read_in_the_servers_zone() -> None:
    assert parse_time("2024-07-09 07:22:05.0", CHICAGO) == utc(2024, 7, 9, 12, 22, 5)
    assert parse_time("2024-01-09 07:22:05.0", CHICAGO) == utc(2024, 1, 9, 13, 22, 5)
    assert parse_time("2024-01-09 07:22:05Z", CHICAGO) == utc(2024, 1, 9, 7, 22, 5), "its own zone wins"


def test_an_hour_that_comes_twice_is_the_one_after_the_event_before_it() -> None:
    first, second = utc(2024, 11, 3, 6, 30), utc(2024, 11, 3, 7, 30)  # 01:30 in Chicago, before and after the change
    twice = "2024-11-03 01:30:00.0"
    assert parse_time(twice, CHICAGO) == first
    assert parse_steps(("2024-11-03 01:45:00", twice), CHICAGO) == ((utc(2024, 11, 3, 6, 45), second), False)
    assert parse_steps(("2024-11-03 01:15:00", twice), CHICAGO) == ((utc(2024, 11, 3, 6, 15), first), True)
    assert parse_steps((twice, None, "2024-11-03 01:20:00"), CHICAGO)[0] == (first, None, utc(2024, 11, 3, 7, 20))
    assert parse_steps(("2024-11-03T09:00:00Z", twice), CHICAGO) == ((utc(2024, 11, 3, 9), first), True), "neither fits"
    assert parse_steps(("2024-11-02 01:30:00", "2024-11-03 03:00:00"), CHICAGO)[1] is False, "no such hour in it"


def test_an_hour_that_never_was_is_read_all_the_same() -> None:
    assert parse_time("2024-03-10 02:30:00.0", CHICAGO) == utc(2024, 3, 10, 8, 30)


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.booleans(), st.binary()))
def test_anything_at_all_gives_a_time_or_none(value: object) -> None:
    for zone in (UTC, CHICAGO):
        found = parse_time(value, zone)
        assert found is None or found.tzinfo is UTC or found.utcoffset() == timedelta(0)


@given(
    st.datetimes(datetime(2, 1, 3), datetime(9999, 12, 29), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(-14 * 60, 14 * 60),
    st.integers(0, 12),
    st.booleans(),
    st.sampled_from("T "),
)
def test_an_offset_time_comes_back(
    moment: datetime, offset_minutes: int, digits: int, has_colon: bool, between: str
) -> None:
    local = moment.astimezone(timezone(timedelta(minutes=offset_minutes)))
    fraction = f"{local.microsecond:06d}000000"[:digits]
    hours, minutes = divmod(abs(offset_minutes), 60)
    sign = "-" if offset_minutes < 0 else "+"
    zone = f"{sign}{hours:02d}{':' if has_colon else ''}{minutes:02d}"
    text = (
        f"{local:%Y-%m-%d}".rjust(10, "0") + between + f"{local:%H:%M:%S}" + (f".{fraction}" if digits else "") + zone
    )
    kept = int(fraction.ljust(6, "0")[:6] or "0")
    assert parse_time(text) == moment.replace(microsecond=kept)


@pytest.mark.parametrize("name", ["", "UTC", "utc", "+02:00", "-0530", "America/Chicago", "Europe/Berlin"])
def test_zones(name: str) -> None:
    assert zone_of(name).utcoffset(datetime(2024, 1, 1)) is not None  # noqa: DTZ001


@pytest.mark.parametrize(
    "name", ["Mars/Olympus", "../etc/passwd", "/etc/localtime", "America", "+99:00", "\0", "Amerika/Chicago"]
)
def test_a_zone_that_is_none_is_named(name: str) -> None:
    with pytest.raises(ValueError, match="is no time zone"):
        zone_of(name)


def test_http_dates() -> None:
    assert parse_http_date("Sun, 22 Nov 2026 07:00:00 GMT") == utc(2026, 11, 22, 7)
    for nothing in (None, "", "soon", "Sun, 99 Nov 2026 07:00:00 GMT", "x" * 500):
        assert parse_http_date(nothing) is None


ZONES = ("America/Chicago", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns")
CHANGES = (utc(2024, 3, 10, 8), utc(2024, 11, 3, 7), utc(2024, 3, 31, 1), utc(2024, 10, 27, 1), utc(2024, 4, 6, 15))


@given(
    st.sampled_from(ZONES),
    st.sampled_from(CHANGES),
    st.lists(st.integers(-150, 150), min_size=1, max_size=3),
)
def test_steps_around_a_change_of_the_clock_keep_their_order(name: str, change: datetime, minutes: list[int]) -> None:
    """What a server whose clock does follow the zone prints is never read as a step before the one ahead of it."""
    zone = ZoneInfo(name)
    steps = [change + timedelta(minutes=minute) for minute in sorted(minutes)]
    found, is_unsure = parse_steps([f"{step.astimezone(zone):%Y-%m-%d %H:%M:%S}.0" for step in steps], zone)
    assert [at for at in found if at is not None] == sorted(at for at in found if at is not None)
    assert len(found) == len(steps)
    if not is_unsure:
        assert list(found) == steps
    for at, step in zip(found, steps, strict=True):
        assert at is not None and timedelta(0) <= step - at <= timedelta(hours=1)
