"""The exit codes: one test per number, and who wins."""

from __future__ import annotations

import itertools

import pytest

from tui.cli.exit_codes import MEANINGS, ExitCode, of_all, of_problem, of_state, of_status
from tui.domain.problem import Problem, ProblemCode
from tui.domain.records import Record
from tui.domain.snapshot import Entry
from tui.domain.state import State
from tui.domain.target import Target

TARGET = Target("s", "build", ("a", "1"))


def entry(state: State | None = None, code: str | None = None) -> Entry:
    """An entry with a record in that state, and a problem of that code."""
    record = None if state is None else Record(TARGET, "a 1", state, None)
    problem = None if code is None else Problem(ProblemCode(code), "words")
    return Entry(TARGET.key, TARGET, record=record, problem=problem)


def test_the_order_of_precedence_is_the_contracts() -> None:
    order = [ExitCode(number) for number in (2, 4, 3, 6, 1, 7, 5, 8, 0)]
    for earlier, later in itertools.combinations(order, 2):
        assert of_all([later, earlier]) is earlier
    assert of_all([*order, ExitCode.INTERRUPTED]) is ExitCode.INTERRUPTED
    assert of_all([]) is ExitCode.FINE


def test_every_code_has_its_meaning_once() -> None:
    assert [code for code, _ in MEANINGS] == sorted(ExitCode)


@pytest.mark.parametrize(
    ("code", "expected"),
    [(code, {"unauthorised": 4, "forbidden": 4, "missing": 6, "internal": 70}.get(code, 3)) for code in ProblemCode],
)
def test_a_problem_is_refused_missing_or_not_asked(code: ProblemCode, expected: int) -> None:
    assert of_problem(Problem(code, "words")) == expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("waiting", 8),
        ("running", 8),
        ("done", 0),
        ("partial", 1),
        ("failed", 1),
        ("canceled", 1),
        ("not_scanned", 8),
        ("unsupported", 0),
        ("absent", 8),
        ("missing", 6),
        ("unknown", 8),
    ],
)
def test_every_state_has_its_code(state: str, expected: int) -> None:
    assert of_state(State(state)) == expected


def test_status_without_judging_asks_only_whether_all_were_polled() -> None:
    assert of_status([entry(State.FAILED), entry(State.RUNNING)], is_judging=False) == 0
    assert of_status([entry(State.FAILED), entry(code="timeout")], is_judging=False) == 3
    assert of_status([entry(code="missing"), entry(State.DONE)], is_judging=False) == 6
    assert of_status([entry(code="missing"), entry(code="dns"), entry(code="forbidden")], is_judging=False) == 4
    assert of_status([entry()], is_judging=False) == 3
    assert of_status([], [Problem(ProblemCode.TLS, "words"), None], is_judging=False) == 3


def test_status_that_judges() -> None:
    assert of_status([entry(State.DONE), entry(State.UNSUPPORTED)], is_judging=True) == 0
    assert of_status([entry(State.DONE), entry(State.RUNNING)], is_judging=True) == 8
    assert of_status([entry(State.FAILED), entry(State.RUNNING)], is_judging=True) == 1
    assert of_status([entry(State.FAILED), entry(code="missing")], is_judging=True) == 6


def test_a_record_from_an_earlier_poll_does_not_hide_that_this_one_failed() -> None:
    assert of_status([entry(State.DONE, "timeout")], is_judging=True) == 3
