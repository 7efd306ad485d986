"""The state rules, one test a rule, and properties that hold for any word a server may send."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain import state as rules
from tui.domain.records import STAGES
from tui.domain.state import ACTIVE, TERMINAL, State

STATES = st.sampled_from(list(State))
STAGE_STATES = st.dictionaries(st.sampled_from(STAGES), STATES)


def overall(word: State, **stages: State) -> tuple[State, str]:
    return rules.xray_overall(word, stages)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("PENDING", "waiting"),
        ("SCANNING", "running"),
        ("DONE", "done"),
        ("PARTIAL", "partial"),
        ("FAILED", "failed"),
        ("NOT_SCANNED", "not_scanned"),
        ("NOT SCANNED", "not_scanned"),
        ("not scanned", "not_scanned"),
        ("Not-Scanned", "not_scanned"),
        ("", "not_scanned"),
        (None, "not_scanned"),
        ("NOT_SUPPORTED", "unsupported"),
        (" done ", "done"),
        ("WARMING_UP", "unknown"),
    ],
)
def test_xray_words(word: str | None, state: str) -> None:
    assert rules.xray_state(word) == state


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("QUEUED", "waiting"),
        ("UPLOADED", "waiting"),
        ("FINDINGS_GENERATING", "running"),
        ("CHANNEL_MERGING", "running"),
        ("APPLICATION_MERGING", "running"),
        ("APPLICATION_MERGED", "running"),
        ("LINKING_DEFECTS", "running"),
        ("FINISHED_FINDING_PULLING", "running"),
        ("SCAN_QUEUED_FOR_DELETE", "running"),
        ("DONE", "done"),
        ("SCAN_DELETED", "done"),
        ("SCAN_INTERRUPTED", "failed"),
        ("done", "done"),
        ("SOMETHING_NEW", "unknown"),
        (None, "unknown"),
        ("", "unknown"),
    ],
)
def test_threadfix_words(word: str | None, state: str) -> None:
    assert rules.threadfix_state(word) == state


def test_the_pipeline_is_made_of_known_words() -> None:
    assert {rules.threadfix_state(word) for word in rules.THREADFIX_PIPELINE} == {"waiting", "running", "done"}


@given(st.none() | st.text(max_size=20) | st.sampled_from(rules.THREADFIX_PIPELINE))
def test_an_error_fails_a_threadfix_scan_at_any_status(word: str | None) -> None:
    assert rules.threadfix_state(word, is_error=True) == "failed"
    assert rules.threadfix_state(word, error_message="Failed to determine the scan type") == "failed"
    assert rules.threadfix_state(word, error_message=" ") == rules.threadfix_state(word)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("New", "waiting"),
        ("Scheduled", "waiting"),
        ("Waiting on update", "waiting"),
        ("WAITING_ON_UPDATE", "waiting"),
        ("Active", "running"),
        ("ACTIVE", "running"),
        ("Completed", "done"),
        ("completed", "done"),
        ("Failed", "failed"),
        ("Canceled", "canceled"),
        ("Terminated", "canceled"),
        ("Paused", "unknown"),
        (None, "unknown"),
    ],
)
def test_job_words(word: str | None, state: str) -> None:
    assert rules.job_state(word) == state


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("pending", "waiting"),
        ("running", "running"),
        ("completed", "done"),
        ("complete", "done"),
        ("failed", "failed"),
        ("aborted", "canceled"),
        ("cancelled", "canceled"),
        ("Running", "running"),
        ("archived", "unknown"),
        (None, "unknown"),
    ],
)
def test_report_words(word: str | None, state: str) -> None:
    assert rules.report_state(word) == state


@given(st.none() | st.text(max_size=40))
def test_every_reading_answers_any_word(word: str | None) -> None:
    for read in (rules.xray_state, rules.threadfix_state, rules.job_state, rules.report_state):
        assert read(word) in State


def test_terminal_and_active_states_are_those_of_the_contract() -> None:
    assert {"done", "partial", "failed", "canceled", "unsupported"} == TERMINAL
    assert {"waiting", "running"} == ACTIVE
    assert [state for state in State if state.is_terminal and state.is_active] == []
    assert State.NOT_SCANNED.word == "not scanned"


@pytest.mark.parametrize("begun", ["running", "done", "partial", "failed"])
def test_rule_1_a_waiting_stage_beside_a_begun_one_runs(begun: str) -> None:
    assert overall(State.DONE, sca=State(begun), violations=State.WAITING) == ("running", "")


@pytest.mark.parametrize("other", ["not_scanned", "unsupported", "absent", "unknown", "waiting", "canceled"])
def test_rule_1_a_waiting_stage_alone_waits(other: str) -> None:
    assert overall(State.DONE, sca=State.WAITING, violations=State(other)) == ("waiting", "")


def test_rule_1_a_running_stage_beats_a_failed_overall() -> None:
    assert overall(State.FAILED, sca=State.RUNNING, violations=State.FAILED) == ("running", "")


@pytest.mark.parametrize("word", ["waiting", "running"])
def test_rule_2_an_overall_that_waits_or_runs_beats_a_failed_stage(word: str) -> None:
    assert overall(State(word), sca=State.FAILED, violations=State.DONE) == (word, "")


def test_rule_3_a_failed_stage_beats_overall_and_partial() -> None:
    assert overall(State.DONE, sca=State.PARTIAL, violations=State.FAILED) == ("failed", "")
    assert overall(State.FAILED, sca=State.DONE, violations=State.DONE) == ("failed", "")
    assert overall(State.PARTIAL, sca=State.FAILED) == ("failed", "")


def test_rule_4_a_partial_stage_beats_a_done_overall() -> None:
    assert overall(State.DONE, sca=State.PARTIAL, violations=State.DONE) == ("partial", "")
    assert overall(State.PARTIAL, sca=State.DONE, violations=State.NOT_SCANNED) == ("partial", "")


def test_rule_5_done_without_violations_or_sca_is_partial_and_says_so() -> None:
    assert overall(State.DONE, sca=State.DONE, violations=State.NOT_SCANNED) == ("partial", "violations not scanned")
    assert overall(State.DONE, sca=State.NOT_SCANNED, violations=State.DONE) == ("partial", "SCA not scanned")
    both = overall(State.DONE, sca=State.NOT_SCANNED, violations=State.NOT_SCANNED)
    assert both == ("partial", "SCA and violations not scanned")


def test_rule_5_is_about_sca_and_violations_only() -> None:
    rest = {"contextual_analysis": State.NOT_SCANNED, "exposures": State.NOT_SCANNED}
    assert overall(State.DONE, sca=State.DONE, violations=State.DONE, **rest) == ("done", "")
    assert overall(State.DONE, sca=State.DONE, violations=State.ABSENT) == ("done", "")


@pytest.mark.parametrize("word", ["done", "not_scanned", "unsupported", "unknown"])
def test_rule_6_else_what_overall_says(word: str) -> None:
    assert overall(State(word), sca=State.DONE, exposures=State.UNSUPPORTED) == (word, "")
    assert overall(State(word)) == (word, "")


def test_the_documented_samples() -> None:
    assert overall(
        State.DONE,
        sca=State.DONE,
        contextual_analysis=State.DONE,
        exposures=State.UNSUPPORTED,
        violations=State.FAILED,
    ) == ("failed", "")
    assert overall(
        State.WAITING,
        sca=State.WAITING,
        contextual_analysis=State.NOT_SCANNED,
        exposures=State.UNSUPPORTED,
        violations=State.NOT_SCANNED,
    ) == ("waiting", "")


@given(STATES, STAGE_STATES)
def test_rules_are_total_and_take_precedence_in_order(word: State, stages: dict[str, State]) -> None:
    """The six rules once more, as a list of conditions: the first that fits must have decided."""
    found, note = rules.xray_overall(word, stages)
    seen = set(stages.values())
    needed = {stages.get("sca"), stages.get("violations")}
    conditions = [
        (bool(seen & ACTIVE), {State.RUNNING, State.WAITING}),
        (word in ACTIVE, {word}),
        (State.FAILED in seen | {word}, {State.FAILED}),
        (State.PARTIAL in seen | {word}, {State.PARTIAL}),
        (word is State.DONE and State.NOT_SCANNED in needed, {State.PARTIAL}),
        (True, {word}),
    ]
    first = next(index for index, (fits, _) in enumerate(conditions) if fits)
    assert found in conditions[first][1]
    assert bool(note) == (first == 4)


@given(STATES, STAGE_STATES)
def test_green_means_green(word: State, stages: dict[str, State]) -> None:
    found, _ = rules.xray_overall(word, stages)
    if found is State.DONE:
        assert not set(stages.values()) & {State.WAITING, State.RUNNING, State.FAILED, State.PARTIAL}
        assert State.NOT_SCANNED not in {stages.get("sca"), stages.get("violations")}


def test_the_order_of_the_stages_changes_nothing() -> None:
    states = [State.DONE, State.WAITING, State.FAILED, State.PARTIAL]
    found = {
        rules.xray_overall(State.DONE, zip(STAGES, order, strict=True))[0] for order in itertools.permutations(states)
    }
    assert found == {State.RUNNING}
