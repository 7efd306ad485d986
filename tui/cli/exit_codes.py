"""The exit codes, which are an API: what each means, and which one wins. Pure; knows no command and no screen."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what judges a target is loaded when one is judged: `--help` needs the table alone
    from tui.domain.problem import Problem
    from tui.domain.snapshot import Entry
    from tui.domain.state import State


class ExitCode(IntEnum):
    """What the shell is told."""

    FINE = 0
    BAD_END = 1
    USAGE = 2
    NOT_ASKED = 3
    REFUSED = 4
    OUT_OF_TIME = 5
    NEVER_APPEARED = 6
    STUCK = 7
    NOT_ENDED = 8
    MISTAKE = 70
    INTERRUPTED = 130


# For `--help` and the README; the order is that of the numbers.
MEANINGS: tuple[tuple[ExitCode, str], ...] = (
    (ExitCode.FINE, "all right (for wait: every target done)"),
    (ExitCode.BAD_END, "a target ended failed, partial or canceled"),
    (ExitCode.USAGE, "wrong usage or configuration"),
    (ExitCode.NOT_ASKED, "a server could not be asked (network, bad answers)"),
    (ExitCode.REFUSED, "a server refused (401, 403)"),
    (ExitCode.OUT_OF_TIME, "wait ran out of time"),
    (ExitCode.NEVER_APPEARED, "a target never appeared (missing past --grace)"),
    (ExitCode.STUCK, "a target is stuck (--stuck-after)"),
    (ExitCode.NOT_ENDED, "a target still waits or runs (status --exit-status)"),
    (ExitCode.MISTAKE, "a mistake in scantop itself"),
    (ExitCode.INTERRUPTED, "interrupted"),
)

# Where several targets call for different codes the first of these wins.
PRECEDENCE = (
    ExitCode.INTERRUPTED,
    ExitCode.USAGE,
    ExitCode.MISTAKE,
    ExitCode.REFUSED,
    ExitCode.NOT_ASKED,
    ExitCode.NEVER_APPEARED,
    ExitCode.BAD_END,
    ExitCode.STUCK,
    ExitCode.OUT_OF_TIME,
    ExitCode.NOT_ENDED,
    ExitCode.FINE,
)


def of_all(codes: Iterable[ExitCode]) -> ExitCode:
    """The one code for several targets; FINE for none."""
    found = set(codes)
    return next((code for code in PRECEDENCE if code in found), ExitCode.FINE)


def of_problem(problem: Problem | None) -> ExitCode:
    """The code for a target or list that could not be polled; FINE where it could."""
    from tui.domain.problem import REFUSALS, ProblemCode

    if problem is None:
        return ExitCode.FINE
    if problem.code in REFUSALS:
        return ExitCode.REFUSED
    if problem.code is ProblemCode.INTERNAL:
        return ExitCode.MISTAKE
    return ExitCode.NEVER_APPEARED if problem.code is ProblemCode.MISSING else ExitCode.NOT_ASKED


def of_state(state: State) -> ExitCode:
    """The code for a target that was polled. A state that is neither an end nor known to be one is no success: 8."""
    from tui.domain.state import BAD_ENDS, State

    if state in BAD_ENDS:
        return ExitCode.BAD_END
    if state is State.MISSING:
        return ExitCode.NEVER_APPEARED
    # Unsupported is nobody's failure: it will never be scanned, and waiting longer changes nothing.
    return ExitCode.FINE if state in (State.DONE, State.UNSUPPORTED) else ExitCode.NOT_ENDED


def of_status(entries: Iterable[Entry], problems: Iterable[Problem | None] = (), *, is_judging: bool) -> ExitCode:
    """The code of `status`: were all polled; with `is_judging` also how they stand. `problems` are those of lists."""
    from tui.domain.state import State

    codes = [of_problem(problem) for problem in problems]
    for entry in entries:
        code = of_problem(entry.problem)
        if code is ExitCode.FINE:
            if entry.record is None:
                code = ExitCode.NOT_ASKED
            elif entry.state is State.MISSING or is_judging:
                code = of_state(entry.state)
        codes.append(code)
    return of_all(codes)
