"""One request cycle: the calls it made, the server's clock, and the answer made of them. Shared by the clients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from tui.domain.problem import SERVER_WIDE, Problem, ProblemCode
from tui.domain.records import Answer, Call, Newest, Page, Reading, Record
from tui.domain.target import Target
from tui.servers.body import reason_in
from tui.servers.errors import ServerError
from tui.servers.http import HttpAnswer

RAW_LIMIT = 262_144  # characters of the raw answer kept with a record: enough to read, too few to fill a memory


ROWS_MOST = 10_000  # of one page; as many as can be asked for, and a server that sends more was not asked for them


class Cycle:
    """Collects what the requests of one cycle brought."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._server_at: datetime | None = None

    def took(self, answer: HttpAnswer) -> HttpAnswer:
        """Note an exchange that brought an answer; gives it back."""
        self._calls.append(answer.call)
        self._server_at = answer.server_at or self._server_at
        return answer

    def failed(self, error: ServerError) -> Problem:
        """Note an exchange that failed; gives its problem."""
        if error.call is not None:
            self._calls.append(error.call)
        if error.answer is not None:
            self._server_at = error.answer.server_at or self._server_at
        return error.problem

    def misread(self, text: str, host: str, http_status: int | None = 200, *, body: object = None) -> Problem:
        """The problem of an answer that came whole but has the wrong form; the last call bears it.

        `body` is its JSON value, where the server may have said in it why.
        """
        reason = reason_in("", body).rstrip(".") if isinstance(body, Mapping) else ""
        said = f"; the server says: {reason}" if reason else ""
        problem = Problem(ProblemCode.BAD_ANSWER, f"The answer of {host} {text}{said}.", http_status)
        self.blame(problem)
        return problem

    def blame(self, problem: Problem) -> None:
        """The last call turned out to be the one that failed."""
        if self._calls and self._calls[-1].problem is None:
            self._calls[-1] = replace(self._calls[-1], problem=problem)

    def read(self, outcomes: Sequence[tuple[Target, Record | Problem]]) -> Answer:
        """The answer for targets; a problem that is the whole server's is the cycle's too."""
        readings = tuple(
            Reading(target, record=outcome) if isinstance(outcome, Record) else Reading(target, problem=outcome)
            for target, outcome in outcomes
        )
        problems = [reading.problem for reading in readings]
        wide = [problem for problem in problems if problem is not None and problem.code in SERVER_WIDE]
        whole = wide[0] if wide and len(wide) == len(readings) else None
        return Answer(readings, None, whole, tuple(self._calls), self._server_at)

    def listed(self, outcome: Page | Problem) -> Answer:
        """The answer for a list."""
        if isinstance(outcome, Page):
            if (rows := len(outcome.records)) > ROWS_MOST:
                note = f"the server sent {rows:,} rows for one page; only the first {ROWS_MOST:,} are shown"
                outcome = replace(outcome, records=outcome.records[:ROWS_MOST], notes=(*outcome.notes, note))
            return Answer((), outcome, None, tuple(self._calls), self._server_at)
        return Answer((), None, outcome, tuple(self._calls), self._server_at)

    def newest(self, outcome: tuple[Target, ...] | Problem) -> Newest:
        """The answer for "the newest of a name"."""
        if isinstance(outcome, Problem):
            return Newest((), outcome, tuple(self._calls), self._server_at)
        return Newest(outcome, None, tuple(self._calls), self._server_at)


def raw_of(text: str) -> str:
    """Raw text for a record, cut at the limit with a word that says so."""
    return text if len(text) <= RAW_LIMIT else text[:RAW_LIMIT] + f"\n… cut: the answer has {len(text)} characters"


def unknown_list(name: str, kind: str) -> Problem:
    """The problem of a list that a kind does not have."""
    return Problem(ProblemCode.BAD_ANSWER, f"A {kind} server has no list of {name!r}.")
