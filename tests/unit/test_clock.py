"""The clock that the monitor and `wait` go by: nobody who sets the machine's clock makes it leap."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.clock import SET_S, LocalZone, SteadyClock, SystemClock, asleep_s

START_AT = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)


class Machine(SystemClock):
    """The clocks of a machine, moved by hand: what time passed, what it slept of it, by how much it was set."""

    def __init__(self) -> None:
        self.awake_s = self.slept_s = self.set_s = 0.0

    def now(self) -> datetime:
        return START_AT + timedelta(seconds=self.awake_s + self.slept_s + self.set_s)

    def monotonic(self) -> float:
        return 1000.0 + self.awake_s

    def asleep(self) -> float:
        return self.slept_s


@given(st.lists(st.tuples(st.sampled_from(["awake_s", "slept_s", "set_s", "follow"]), st.integers(-90_000, 90_000))))
def test_only_time_that_passed_moves_it_until_it_follows(moves: list[tuple[str, int]]) -> None:
    machine = Machine()
    clock = SteadyClock(machine, machine.asleep)
    for what, seconds in moves:
        before = clock.now()
        if what == "follow":
            assert clock.follow() == pytest.approx((machine.now() - before).total_seconds())
            assert clock.now() == machine.now() and clock.leap_s == 0.0
            continue
        moved = seconds if what == "set_s" else abs(seconds)
        setattr(machine, what, getattr(machine, what) + moved)
        passed = 0 if what == "set_s" else moved
        assert abs((clock.now() - before).total_seconds() - passed) < 2 * SET_S
    assert abs((clock.now() - machine.now()).total_seconds() + clock.leap_s) < 1e-3


def test_small_corrections_are_simply_followed() -> None:
    machine = Machine()
    clock = SteadyClock(machine, machine.asleep)
    machine.set_s = SET_S / 2
    assert clock.leap_s == 0.0 and clock.now() == machine.now()


def test_the_machines_own_clocks() -> None:
    clock = SteadyClock()
    assert abs((clock.now() - datetime.now(UTC)).total_seconds()) < SET_S
    assert clock.leap_s == 0.0 and asleep_s() > -SET_S
    assert clock.monotonic() <= time.monotonic()


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/Chicago", "Asia/Kolkata", "Australia/Lord_Howe"])
def test_this_machines_zone_is_that_of_the_moment_and_not_of_the_start(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", name)
    time.tzset()
    try:
        moment = datetime(2026, 1, 1, tzinfo=UTC)
        while moment.year == 2026:
            here = moment.astimezone(LocalZone())
            expected = moment.astimezone()
            assert (here.replace(tzinfo=None), here.utcoffset()) == (
                expected.replace(tzinfo=None),
                expected.utcoffset(),
            )
            assert here.tzname() == expected.tzname() and here.astimezone(UTC) == moment
            moment += timedelta(minutes=457)  # no step of any calendar
        for edge in (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)):
            edge.astimezone(LocalZone())
    finally:
        monkeypatch.setenv("TZ", "UTC")
        time.tzset()
