"""When a wait ends and with what: targets, conditions, limits, refusals, failures."""

from __future__ import annotations

from datetime import timedelta

import pytest
from waiting_fakes import (
    CANCELED,
    DONE,
    FAILED,
    PARTIAL,
    RUNNING,
    START_AT,
    WAITING,
    Story,
    build,
    record,
    scan,
)

from tui.cli.exit_codes import ExitCode
from tui.cli.wait import exit_code
from tui.domain.snapshot import Mark
from tui.domain.state import State

ONE, TWO, THREE = build(1), build(2), build(3)


@pytest.mark.parametrize(
    ("state", "outcome", "code"),
    [
        (DONE, "done", ExitCode.FINE),
        (State.UNSUPPORTED, "done", ExitCode.FINE),
        (FAILED, "ended_badly", ExitCode.BAD_END),
        (PARTIAL, "ended_badly", ExitCode.BAD_END),
        (CANCELED, "ended_badly", ExitCode.BAD_END),
    ],
)
def test_a_target_that_has_ended_ends_the_wait_at_once(state: State, outcome: str, code: ExitCode) -> None:
    story = Story(ONE)
    story.tells(ONE, state)
    assert story.wait.is_over and story.outcomes == [outcome]
    assert exit_code(story.wait) is code and story.kinds == ["ended"]


@pytest.mark.parametrize("state", [WAITING, RUNNING, State.NOT_SCANNED, State.UNKNOWN])
def test_a_target_that_has_not_ended_is_waited_for(state: State) -> None:
    story = Story(ONE)
    story.tells(ONE, state)
    story.passes(86400)
    assert not story.wait.is_over and story.kinds == ["state"]


def test_only_changes_are_told() -> None:
    story = Story(ONE)
    for sca in (WAITING, WAITING, RUNNING, RUNNING, DONE):
        story.tells(ONE, RUNNING, sca=sca)
    assert story.kinds == ["state"] * 3
    assert [(c.part, c.before, c.after) for c in story.events[1].changes] == [("sca", WAITING, RUNNING)]


def test_all_waits_for_the_last_and_the_worst_wins() -> None:
    story = Story(ONE, TWO, THREE, grace_s=60.0)
    story.tells(ONE, DONE)
    story.fails(TWO, "missing")
    story.tells(THREE, FAILED)
    assert not story.wait.is_over
    story.passes(60)
    assert story.wait.is_over and story.outcomes == ["done", "never_appeared", "ended_badly"]
    assert exit_code(story.wait) is ExitCode.NEVER_APPEARED  # 6 before 1


def test_fail_fast_ends_at_the_first_bad_end_and_judges_only_what_ended() -> None:
    story = Story(ONE, TWO, is_fail_fast=True)
    story.tells(ONE, RUNNING)
    story.tells(TWO, FAILED)
    assert story.wait.is_over and story.wait.has_given_up and story.outcomes == [None, "ended_badly"]
    assert exit_code(story.wait) is ExitCode.BAD_END


def test_fail_fast_does_not_mind_a_good_end() -> None:
    story = Story(ONE, TWO, is_fail_fast=True)
    story.tells(ONE, DONE)
    assert not story.wait.is_over


def test_any_ends_with_the_first_good_end() -> None:
    story = Story(ONE, TWO, THREE, is_any=True)
    story.tells(ONE, FAILED)
    assert not story.wait.is_over
    story.tells(TWO, DONE)
    assert story.wait.is_over and exit_code(story.wait) is ExitCode.FINE


def test_any_fails_once_none_can_end_well() -> None:
    story = Story(ONE, TWO, is_any=True)
    story.tells(ONE, FAILED)
    story.tells(TWO, PARTIAL)
    assert story.wait.is_over and exit_code(story.wait) is ExitCode.BAD_END


# stages


@pytest.mark.parametrize(
    ("state", "violations", "outcome"),
    [
        (RUNNING, DONE, "done"),
        (RUNNING, State.UNSUPPORTED, "done"),
        (RUNNING, FAILED, "ended_badly"),
        (FAILED, DONE, "done"),
        (RUNNING, RUNNING, None),
        (RUNNING, State.ABSENT, None),
        (DONE, State.ABSENT, "ended_badly"),
        (PARTIAL, State.NOT_SCANNED, "ended_badly"),
    ],
)
def test_a_stage_of_a_build_counts_in_place_of_the_whole(state: State, violations: State, outcome: str | None) -> None:
    story = Story(ONE, stage="violations")
    story.tells(ONE, state, sca=DONE, violations=violations)
    assert story.outcomes == [outcome]


@pytest.mark.parametrize(
    ("state", "stages", "outcome"),
    [
        (RUNNING, {"queued": DONE, "uploaded": RUNNING, "linking_defects": State.ABSENT, "done": State.ABSENT}, None),
        (RUNNING, {"queued": DONE, "uploaded": DONE, "linking_defects": RUNNING, "done": State.ABSENT}, None),
        (DONE, {"queued": DONE, "uploaded": DONE, "linking_defects": State.ABSENT, "done": DONE}, "done"),
        (RUNNING, {"uploaded": DONE, "linking_defects": State.ABSENT, "statistics": RUNNING}, "done"),
        (FAILED, {"uploaded": FAILED, "linking_defects": State.ABSENT, "done": State.ABSENT}, "ended_badly"),
    ],
)
def test_a_pipeline_word_may_be_passed_over(state: State, stages: dict[str, State], outcome: str | None) -> None:
    story = Story(scan(41), stage="linking_defects")
    story.tells(scan(41), state, **stages)
    assert story.outcomes == [outcome]


def test_a_stage_that_a_pipeline_has_behind_it_is_done_though_the_scan_fails_later() -> None:
    story = Story(scan(41), stage="uploaded")
    story.tells(scan(41), FAILED, queued=DONE, uploaded=DONE, channel_merging=FAILED)
    assert story.outcomes == ["done"]


# time


def test_a_timeout_is_five_and_the_state_is_told() -> None:
    story = Story(ONE, TWO, timeout_s=1800.0)
    story.tells(ONE, DONE)
    story.tells(TWO, RUNNING, sca=RUNNING)
    story.passes(1799)
    assert not story.wait.is_over
    story.passes(1)
    assert story.outcomes == ["done", "out_of_time"] and story.wait.has_given_up
    assert exit_code(story.wait) is ExitCode.OUT_OF_TIME
    assert story.events[-1].text == "running, sca running"


def test_a_server_that_was_never_reached_is_three() -> None:
    story = Story(ONE, build(1, "other"), timeout_s=600.0)
    story.tells(ONE, RUNNING)
    story.fails(build(1, "other"), "dns")
    story.server("other", "dns")
    story.passes(600)
    assert story.outcomes == ["out_of_time", "not_asked"] and exit_code(story.wait) is ExitCode.NOT_ASKED


def test_a_server_that_went_away_later_is_five() -> None:
    story = Story(ONE, timeout_s=600.0)
    story.tells(ONE, RUNNING)
    story.fails(ONE, "refused")
    story.server("prod", "refused")
    story.passes(600)
    assert story.outcomes == ["out_of_time"]


def test_a_target_whose_turn_never_came_on_a_dead_server_is_three() -> None:
    story = Story(ONE, TWO, timeout_s=60.0)
    story.fails(ONE, "timeout")
    story.server("prod", "timeout")
    story.passes(60)
    assert story.outcomes == ["not_asked", "not_asked"]


def test_a_stage_may_not_take_longer_than_its_limit() -> None:
    story = Story(ONE, TWO, stage_limits_s={"sca": 1200.0})
    story.tells(ONE, WAITING, sca=WAITING)
    story.tells(TWO, RUNNING, sca=DONE, violations=RUNNING)
    story.passes(600)
    story.tells(ONE, RUNNING, sca=RUNNING)  # waiting counts too
    story.passes(599)
    assert story.outcomes == [None, None]
    story.passes(1)
    assert story.outcomes == ["out_of_time", None] and "sca took longer than 20m00" in story.events[-1].text


def test_a_stages_time_begins_when_the_server_says() -> None:
    story = Story(ONE, stage_limits_s={"sca": 1200.0})
    mark = Mark("sca", RUNNING, START_AT - timedelta(seconds=1100))
    story.publishes(ONE, record(ONE, RUNNING, sca=RUNNING), (mark,))
    story.passes(99)
    assert story.outcomes == [None]
    story.passes(1)
    assert story.outcomes == ["out_of_time"]


def test_a_stage_that_runs_again_has_its_time_anew() -> None:
    story = Story(ONE, stage_limits_s={"sca": 100.0})
    for state in (RUNNING, DONE, RUNNING):
        story.tells(ONE, RUNNING, sca=state)
        story.passes(60)
    assert story.outcomes == [None]


def test_stuck_is_when_nothing_at_all_changes() -> None:
    story = Story(ONE, stuck_limit=lambda entry: 1800.0)
    for progress in (10, 20, 30):
        story.tells(ONE, RUNNING, [("progress", progress)])
        story.passes(1000)
    assert story.outcomes == [None]
    story.passes(800)
    assert story.outcomes == ["stuck"] and exit_code(story.wait) is ExitCode.STUCK


def test_what_was_stuck_before_we_looked_is_stuck() -> None:
    story = Story(ONE, stuck_limit=lambda entry: 1800.0)
    mark = Mark("", RUNNING, START_AT - timedelta(hours=2))
    story.publishes(ONE, record(ONE, RUNNING), (mark,))
    assert story.outcomes == ["stuck"]


def test_nothing_is_stuck_while_its_server_is_away() -> None:
    story = Story(ONE, stuck_limit=lambda entry: 600.0)
    story.tells(ONE, RUNNING)
    story.fails(ONE, "dns")
    story.server("prod", "dns")
    story.passes(3600)
    assert story.outcomes == [None]
    story.tells(ONE, DONE)
    assert story.outcomes == ["done"]


# missing


def test_a_missing_target_has_its_grace_and_then_never_appeared() -> None:
    story = Story(ONE, grace_s=300.0)
    story.fails(ONE, "missing")
    story.passes(299)
    assert story.outcomes == [None] and story.kinds == ["state"]
    story.passes(1)
    assert story.outcomes == ["never_appeared"] and exit_code(story.wait) is ExitCode.NEVER_APPEARED


def test_a_target_that_appears_in_time_is_waited_for() -> None:
    story = Story(ONE, grace_s=300.0)
    story.fails(ONE, "missing")
    story.passes(200)
    story.tells(ONE, RUNNING)
    story.passes(3600)
    assert story.outcomes == [None]
    assert [(c.before, c.after) for c in story.events[1].changes] == [(State.MISSING, RUNNING)]


def test_a_target_that_goes_away_has_the_grace_anew() -> None:
    story = Story(ONE, grace_s=300.0)
    story.tells(ONE, RUNNING)
    story.passes(3600)
    story.fails(ONE, "missing")
    story.passes(299)
    assert story.outcomes == [None]
    story.passes(1)
    assert story.outcomes == ["never_appeared"] and "is gone" in story.events[-1].text


def test_grace_does_not_run_out_while_nobody_can_say_whether_it_is_there() -> None:
    story = Story(ONE, grace_s=300.0)
    story.fails(ONE, "missing")
    story.fails(ONE, "server_error")
    story.server("prod", "server_error")
    story.passes(3600)
    assert story.outcomes == [None]
    story.server("prod", None)
    story.tells(ONE, RUNNING)
    assert story.outcomes == [None]


def test_what_was_missing_before_an_outage_is_asked_again_before_it_is_given_up() -> None:
    story = Story(ONE, TWO, grace_s=300.0)
    story.fails(ONE, "missing")
    story.fails(TWO, "missing")
    story.fails(ONE, "dns")  # the probe; the other is not asked meanwhile
    story.server("prod", "dns")
    story.passes(3600)
    story.tells(ONE, RUNNING)
    story.server("prod", None)
    story.passes(1)
    assert story.outcomes == [None, None]
    story.fails(TWO, "missing")
    assert story.outcomes == [None, "never_appeared"]


# refused


def test_a_refused_token_is_asked_again_twice_and_then_ends_the_servers_targets() -> None:
    story = Story(ONE, TWO, scan(41))
    story.tells(scan(41), RUNNING)
    story.fails(ONE, "unauthorised")
    story.passes(10)
    assert story.retries == [ONE.key]
    story.fails(ONE, "unauthorised")
    assert story.outcomes == [None, None, None]
    story.passes(10)
    story.fails(TWO, "unauthorised")  # whichever the server's probe asked for
    assert story.outcomes == ["refused", "refused", None]
    story.tells(scan(41), DONE)
    assert exit_code(story.wait) is ExitCode.REFUSED


def test_a_token_that_was_renewed_in_time_is_forgotten() -> None:
    story = Story(ONE)
    for _ in range(3):
        story.fails(ONE, "unauthorised")
        story.passes(10)
        story.fails(ONE, "unauthorised")
        story.passes(10)
        story.tells(ONE, RUNNING)
    assert story.outcomes == [None] and story.wait.weather["prod"].failures.total() == 6


def test_a_forbidden_target_leaves_the_others_alone() -> None:
    story = Story(ONE, TWO)
    for _ in range(3):
        story.fails(ONE, "forbidden")
        story.tells(TWO, RUNNING)
        story.passes(10)
    assert story.outcomes == ["refused", None]


def test_out_of_time_while_refused_is_refused() -> None:
    story = Story(ONE, timeout_s=5.0)
    story.fails(ONE, "unauthorised")
    story.passes(5)
    assert story.outcomes == ["refused"]
