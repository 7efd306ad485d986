"""What ThreadFix can tell beside a pending scan's status: the application's finished scans. Reads only.

Source: the vendor's page "List scans" (2.3 and newer, permission Read): ``id``, ``importTime``, ``updatedDate``,
``scannerName`` of each. It lists no pending scans.
"""

from __future__ import annotations

from collections.abc import Mapping

from tui.domain.evidence import Fact, Question
from tui.domain.problem import Problem, ProblemCode
from tui.domain.state import ACTIVE, State
from tui.domain.target import Target
from tui.servers.errors import ServerError
from tui.servers.http import HttpAnswer
from tui.servers.times import parse_time
from tui.servers.wire import BadWire, Loose, Moment, Whole, Wire, read_wire

_ASKED_IN = ACTIVE | {State.FAILED}  # of a scan that is done there is nothing to be found out
_ROWS_AT_MOST = 10_000  # scans that are looked at


class FinishedWire(Wire):
    """One finished scan; `updated` came with 2.5.1."""

    id: Whole = None
    imported: Moment = None
    updated: Moment = None
    scanner: Loose = None


class EvidenceCalls:
    """The part of a ThreadFix client that gathers evidence."""

    async def _application_scans(self, application: str) -> HttpAnswer:
        raise NotImplementedError

    async def gather(self, target: Target, state: State) -> tuple[Fact, ...]:
        """The application's finished scans: one call, and none for a scan that is done."""
        if state not in _ASKED_IN:
            return ()
        question = Question.FINISHED_SCANS
        try:
            answer = await self._application_scans(target.parts[0])
        except ServerError as error:
            if error.problem.code is ProblemCode.MISSING and error.problem.http_status in (None, 200):
                return (Fact(question, error.call, is_so=False, count=0),)  # its way to say that there are none
            return (Fact(question, error.call, problem=error.problem),)
        rows = answer.body.get("object") if isinstance(answer.body, Mapping) else None
        if not isinstance(rows, list):
            problem = Problem(ProblemCode.BAD_ANSWER, "The answer has no list of scans.", answer.status)
            return (Fact(question, answer.call, problem=problem),)
        return (_newest(rows[:_ROWS_AT_MOST], answer, len(rows)),)


def _newest(rows: list[object], answer: HttpAnswer, count: int) -> Fact:
    """The finished scan that changed last. The import's own time is the scanner's, so it is the second choice."""
    best = Fact(Question.FINISHED_SCANS, answer.call, is_so=count > 0, count=count)
    for row in rows:
        if not isinstance(row, Mapping):
            continue
        given = {
            "imported": row.get("importTime"),
            "updated": row.get("updatedDate"),
            "scanner": row.get("scannerName"),
        }
        try:
            wire = read_wire(FinishedWire, {"id": row.get("id"), **given})
        except BadWire:
            continue
        at = parse_time(wire.updated) or parse_time(wire.imported)
        if at is not None and (best.at is None or at > best.at):
            best = Fact(best.question, best.call, is_so=True, count=count, name=wire.scanner or "", at=at)
    return best
