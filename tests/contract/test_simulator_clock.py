"""The story's clock: speeds, freezing, moving on, and the server times of moments that have passed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from simulator_site import START_AT

from tui.simulator.clock import StoryClock


class Real:
    """Real time that only the test moves, in seconds."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_faster_story_leaves_the_servers_clock_alone() -> None:
    real = Real()
    clock = StoryClock(START_AT, speed=10, monotonic=real)
    real.now += 6
    assert clock.story_s() == 60
    assert clock.server_at() == START_AT + timedelta(seconds=6)
    assert clock.at(30) == START_AT + timedelta(seconds=3)


def test_what_has_happened_keeps_its_time_when_the_speed_changes() -> None:
    real = Real()
    clock = StoryClock(START_AT, monotonic=real)
    real.now += 20
    before = [clock.at(moment) for moment in (-600, -1, 0, 5, 20)]
    clock.set_speed(100)
    real.now += 3
    clock.advance(7)
    clock.freeze()
    assert [clock.at(moment) for moment in (-600, -1, 0, 5, 20)] == before
    assert clock.story_s() == 20 + 300 + 7
    assert clock.at(320) == START_AT + timedelta(seconds=23)
    assert clock.at(327) == clock.server_at() == START_AT + timedelta(seconds=30)


def test_frozen_nothing_moves_but_by_hand_and_then_it_goes_on() -> None:
    real = Real()
    clock = StoryClock(START_AT, is_frozen=True, monotonic=real)
    real.now += 500
    assert (clock.story_s(), clock.server_at()) == (0, START_AT)
    clock.advance(40)
    assert (clock.story_s(), clock.server_at()) == (40, START_AT + timedelta(seconds=40))
    clock.freeze(False)
    real.now += 2
    assert clock.story_s() == 42


def test_speed_zero_is_frozen_and_the_past_went_at_speed_one() -> None:
    clock = StoryClock(START_AT, speed=0, monotonic=Real())
    assert clock.is_frozen
    assert clock.at(-3600) == START_AT - timedelta(hours=1)


def test_without_a_start_it_is_now() -> None:
    assert abs(StoryClock().server_at() - datetime.now(UTC)) < timedelta(minutes=1)
