"""What a wait survives, counts and tells, and how it is broken off."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from waiting_fakes import DONE, FAILED, RUNNING, START_AT, Story, build, record

from tui.cli.exit_codes import ExitCode
from tui.cli.wait import exit_code

ONE, TWO, THREE = build(1), build(2), build(3)

# weather


@pytest.mark.parametrize("code", ["server_error", "timeout", "dns", "refused", "bad_answer", "tls", "redirected"])
def test_no_failure_of_the_network_ends_a_wait(code: str) -> None:
    story = Story(ONE)
    story.tells(ONE, RUNNING)
    for _ in range(60):
        story.fails(ONE, code)
        story.passes(10)
    story.tells(ONE, DONE)
    assert exit_code(story.wait) is ExitCode.FINE
    weather = story.wait.weather["prod"]
    assert (weather.polls, weather.failures.total(), weather.longest_s) == (62, 60, 600.0)


def test_trouble_is_told_when_it_begins_and_when_it_ends() -> None:
    story = Story(ONE)
    story.tells(ONE, RUNNING)
    for _ in range(3):
        story.fails(ONE, "server_error")
        story.server("prod", "server_error")
        story.passes(30)
    story.tells(ONE, RUNNING)
    story.server("prod", None)
    assert story.kinds == ["state", "problem", "recovered"]
    assert story.events[-1].seconds == 90.0


def test_a_servers_trouble_is_told_once_for_all_of_its_targets() -> None:
    story = Story(ONE, TWO, THREE)
    for target in (ONE, TWO, THREE):
        story.tells(target, RUNNING)
    for target in (ONE, TWO, THREE):
        story.fails(target, "refused")
    story.server("prod", "refused")
    assert story.kinds == ["state"] * 3 + ["problem"]
    story.passes(120)
    story.tells(ONE, RUNNING)
    story.server("prod", None)
    assert story.kinds[-1] == "recovered" and story.events[-1].target is None


def test_one_request_that_brings_many_targets_counts_once() -> None:
    story = Story(ONE, TWO)
    at = START_AT + timedelta(seconds=1)
    for target in (ONE, TWO):
        story.entries[target.key] = replace(story.entries[target.key], record=record(target, RUNNING), polled_at=at)
    story.wait.see((ONE.key, TWO.key), (), story.entries, story.healths)
    assert story.wait.weather["prod"].polls == 1


# life


def test_a_heartbeat_comes_when_nothing_was_said_for_so_long() -> None:
    story = Story(ONE, heartbeat_s=60.0)
    story.passes(59)
    story.tells(ONE, RUNNING)
    story.passes(59)
    assert story.kinds == ["state"]
    story.passes(121)
    assert story.kinds == ["state", "heartbeat", "heartbeat", "heartbeat"]
    assert [entry.key for entry in story.events[-1].pending] == [ONE.key]


def test_an_interrupt_is_130_and_settles_nothing() -> None:
    story = Story(ONE, TWO)
    story.tells(ONE, FAILED)
    story.wait.interrupt()
    assert story.wait.is_over and story.wait.has_given_up and exit_code(story.wait) is ExitCode.INTERRUPTED


def test_a_reader_that_went_away_is_never_success() -> None:
    story = Story(ONE)
    story.tells(ONE, RUNNING)
    story.wait.interrupt()
    assert exit_code(story.wait, has_reader=False) is ExitCode.NOT_ENDED
