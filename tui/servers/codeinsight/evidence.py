"""What Code Insight can tell beside a job's own status: which jobs are active, and which are scheduled. Reads only."""

from __future__ import annotations

from tui.domain.evidence import Fact, Question
from tui.domain.records import Answer, ListQuery
from tui.domain.state import ACTIVE, State
from tui.domain.target import Target
from tui.settings import ServerSettings

ROWS = 100  # jobs of each status that are looked at: more are never active, and more that wait change nothing


class EvidenceCalls:
    """The part of a Code Insight client that gathers evidence."""

    _server: ServerSettings

    async def list(self, query: ListQuery) -> Answer:
        """A page of jobs."""
        raise NotImplementedError

    async def gather(self, target: Target, state: State) -> tuple[Fact, ...]:
        """The active jobs, and for one that waits the scheduled ones; nothing for one that has ended."""
        if state not in ACTIVE:
            return ()
        facts = [await self._jobs(Question.ACTIVE_JOBS, "Active")]
        if state is State.WAITING:
            facts.append(await self._jobs(Question.SCHEDULED_JOBS, "Scheduled"))
        return tuple(facts)

    async def _jobs(self, question: Question, status: str) -> Fact:
        answer = await self.list(ListQuery(self._server.name, "jobs", (("status", status),), limit=ROWS))
        call = answer.calls[-1] if answer.calls else None
        if answer.page is None:
            return Fact(question, call, problem=answer.problem)
        return Fact(question, call, records=answer.page.records, count=answer.page.total)
