"""One question to a client, whatever happens: an exception that a client lets through becomes a problem.

Owns the client: it is opened before the first question, and again where that failed. Knows nothing of schedules.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tui.domain.problem import Problem, ProblemCode
from tui.domain.records import Answer, Call, ListQuery, Newest, Page, Reading
from tui.domain.target import Target
from tui.polling.outage import Verdict, verdict
from tui.polling.sources import Source
from tui.servers.kind import CanFindLatest, Client

ADVICE = "It is no fault of the server; please report it."


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of one question. `problem` is the whole question's; readings may have problems of their own."""

    readings: tuple[Reading, ...] = ()
    page: Page | None = None
    found: tuple[Target, ...] | None = None
    problem: Problem | None = None
    calls: tuple[Call, ...] = ()
    server_at: datetime | None = None

    @property
    def worst(self) -> Problem | None:
        """The problem that says most of the server: none, or a mere "missing", where any part of it was good."""
        problems = [reading.problem for reading in self.readings] or [self.problem]
        by_verdict = {verdict(problem): problem for problem in reversed(problems)}
        for kind in (Verdict.DOWN, Verdict.LIVES, Verdict.DOUBT, Verdict.OWN):
            if kind in by_verdict:
                return by_verdict[kind]
        return None

    @property
    def is_from_living_server(self) -> bool:
        """Some part of it proves that the server is there and serves us."""
        return verdict(self.worst) is Verdict.LIVES


def failed(sources: Sequence[Source], problem: Problem) -> Reply:
    """The reply of a question that never got to the server."""
    return Reply(tuple(Reading(s.target, problem=problem) for s in sources if s.target is not None), problem=problem)


class Line:
    """The client of one server."""

    def __init__(self, open_client: Callable[[], Awaitable[Client]]) -> None:
        self._open_client = open_client
        self._client: Client | None = None
        self._turn = asyncio.Lock()

    async def ask(self, sources: Sequence[Source], query: ListQuery | None) -> Reply:
        """Ask for the targets of `sources`, or for the page of `query`, or for the newest of the one source's name."""
        try:
            async with self._turn:
                if self._client is None:
                    self._client = await self._open_client()
        except OSError as error:  # a certificate that cannot be read: a path and a reason, no secret
            return failed(sources, Problem(ProblemCode.REFUSED, f"The connection could not be set up: {error}."))
        except Exception as error:
            return failed(sources, unexpected(error))
        try:
            return await _ask(self._client, sources, query)
        except Exception as error:
            return failed(sources, unexpected(error))

    async def close(self) -> None:
        """Give back the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


def unexpected(error: BaseException) -> Problem:
    """The problem for an exception that should not have come this far; its text might hold a secret, its name not."""
    return Problem(ProblemCode.INTERNAL, f"scantop made a mistake here ({type(error).__name__}).", advice=ADVICE)


async def _ask(client: Client, sources: Sequence[Source], query: ListQuery | None) -> Reply:
    if query is not None:
        return _list_reply(await client.list(query))
    latest = sources[0].latest
    if latest is not None:
        if not isinstance(client, CanFindLatest):
            return Reply(found=())
        return _newest_reply(await client.latest(latest.name, latest.count, latest.params))
    targets = tuple(source.target for source in sources if source.target is not None)
    return _target_reply(targets, await client.read(targets))


def _target_reply(targets: Sequence[Target], answer: Answer) -> Reply:
    """A reading for each target that was asked for, also where the answer says nothing of it."""
    by_key = {reading.target.key: reading for reading in answer.readings}
    lost = answer.problem or Problem(ProblemCode.BAD_ANSWER, "The server's answer says nothing of this target.")
    readings = tuple(by_key.get(target.key) or Reading(target, problem=lost) for target in targets)
    return Reply(readings, None, None, answer.problem, answer.calls, answer.server_at)


def _list_reply(answer: Answer) -> Reply:
    problem = answer.problem
    if answer.page is None and problem is None:
        problem = Problem(ProblemCode.BAD_ANSWER, "The server's answer holds no list.")
    return Reply((), None if problem else answer.page, None, problem, answer.calls, answer.server_at)


def _newest_reply(newest: Newest) -> Reply:
    found = None if newest.problem else newest.targets
    return Reply((), None, found, newest.problem, newest.calls, newest.server_at)
