"""The acts and look-ups that a person may ask for, on any of the configured servers: the one way to change anything.

Owns the rule that a read-only server is never changed, the clients it opens for acts, and where an export is written.
Knows no server kind by name, no screen, no command line. Expected failures come back as values. Open one with
`tui.wiring.open_actor`; it is cheap, since clients are opened at the first act, off the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from tui.domain.acts import (
    FORMATS,
    Ask,
    ExportProgress,
    Fate,
    JobRequest,
    Outcome,
    ReportRequest,
    RowsPage,
    RowsQuery,
    Suggestions,
)
from tui.domain.evidence import Fact
from tui.domain.problem import REFUSALS, SERVER_WIDE, Problem, ProblemCode
from tui.domain.state import State
from tui.domain.target import Target
from tui.exporting import Export, ExportError, Writer
from tui.servers.kind import (
    Client,
    DeletesReports,
    ExportsReports,
    GathersEvidence,
    MakesReports,
    ReadsRows,
    ServerKind,
    StartsJobs,
    Suggests,
)
from tui.settings import ServerSettings, Settings

CHANGING = frozenset({"report.create", "report.delete", "job.start"})  # acts that change something on a server
_WORDS = {
    "report.create": "make reports",
    "report.rows": "show a report's rows",
    "report.export": "export reports",
    "report.delete": "delete reports",
    "job.start": "start jobs",
    "suggest": "suggest names",
    "explain": "tell more",
}
Progress: TypeAlias = Callable[[ExportProgress], None]


class Actor:
    """Acts on the servers of these settings. Use it from one event loop, and close it (`aclose`, or ``async with``)."""

    def __init__(
        self,
        settings: Settings,
        kinds: Mapping[str, ServerKind],
        openers: Mapping[str, Callable[[], Awaitable[Client]]],
    ) -> None:
        self._settings = settings
        self._kinds = kinds
        self._openers = openers
        self._clients: dict[str, asyncio.Task[Client]] = {}

    async def __aenter__(self) -> Actor:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Give back the connections. May be called twice."""
        opened, self._clients = list(self._clients.values()), {}
        for client in await asyncio.gather(*opened, return_exceptions=True):
            if not isinstance(client, BaseException):
                await client.aclose()

    def why_not(self, server: str, act: str) -> str:
        """Why `act` (a key of `tui.servers.kind.ABILITIES`) cannot be done on that server; "" if it can.

        Asks no server. One sentence: the server's kind cannot, or it is read-only.
        """
        settings = self._server(server)
        if settings is None:
            return f"No server is called {server!r}."
        kind = self._kinds[settings.kind]
        if act not in kind.abilities:
            return f"{server} is a {kind.title} server, which cannot {_WORDS[act]}."
        if act in CHANGING and self._settings.read_only:
            return f"Nothing is changed on {server}: this scantop is read-only."
        if act in CHANGING and settings.read_only:
            return f"Nothing is changed on {server}: read_only = true stands in [servers.{server}]."
        return ""

    def servers_for(self, act: str) -> tuple[str, ...]:
        """The configured servers whose kind can do `act`, read-only ones too, in the config's order."""
        return tuple(one.name for one in self._settings.servers if act in self._kinds[one.kind].abilities)

    async def create_report(self, server: str, request: ReportRequest) -> tuple[Outcome, ...]:
        """Have one exposures report made for each category, one after the other; one outcome each, in that order.

        The target of an outcome that is done is the new report: watch it to follow it. After a refusal that the others
        would meet too (401, 403, the server unreachable, too many reports) or a lost answer the rest is not asked for.
        Raises `domain.acts.ActError` for a request that cannot be meant, before anything is sent.
        """
        request.check()
        names = [f"make the {category} report {request.name_for(category)!r}" for category in request.categories]
        reason = self.why_not(server, "report.create")
        if reason:
            return tuple(_refused(name, reason) for name in names)
        client: MakesReports = await self._client(server)
        outcomes: list[Outcome] = []
        for category, name in zip(request.categories, names, strict=True):
            stopper = next((one for one in outcomes if _stops_the_rest(one)), None)
            if stopper is None:
                outcomes.append(await client.make_report(request, category))
            else:
                text = "Not asked for, after what became of the report before it."
                outcomes.append(Outcome(name, Fate.REFUSED, text, problem=stopper.problem))
        return tuple(outcomes)

    async def delete_report(self, target: Target) -> Outcome:
        """Delete a report for good. An answer that is lost is looked after by asking whether it is still there."""
        name = f"delete report {target.title}"
        reason = self._why_not_report(target, "report.delete")
        if reason:
            return replace(_refused(name, reason), target=target)
        client: DeletesReports = await self._client(target.server)
        return await client.delete_report(target)

    async def start_job(self, server: str, request: JobRequest) -> Outcome:
        """Start an SBOM export or a notices update. The target of an outcome that is done is the new job.

        A job that was started but whose id the answer does not tell is done without a target. Raises `ActError` for a
        request that cannot be meant.
        """
        request.check()
        reason = self.why_not(server, "job.start")
        if reason:
            return _refused(f"start {request.kind} for project {request.project_id}", reason)
        client: StartsJobs = await self._client(server)
        return await client.start_job(request)

    async def rows(self, target: Target, query: RowsQuery | None = None) -> RowsPage | Problem:
        """A page of a report's rows; sorted by the server, or in its own order with a note where it cannot sort so."""
        reason = self._why_not_report(target, "report.rows")
        if reason:
            return Problem(ProblemCode.BAD_ANSWER, reason)
        client: ReadsRows = await self._client(target.server)
        return await client.rows(target, query or RowsQuery())

    async def export_report(
        self,
        target: Target,
        form: str,
        path: Path,
        *,
        is_overwriting: bool = False,
        progress: Progress | None = None,
    ) -> Export | Problem:
        """Download a report as ``json``, ``csv`` or ``pdf``, check and unpack it, and write it to `path` in one step.

        `path` is a file, or a folder that exists: then the report's number names the file. A file that exists is kept
        unless `is_overwriting`. `progress` is called on the event loop as bytes come. Raises `ExportError` (one
        sentence) for what is wrong on this machine or with the ZIP; nothing half-written is left behind.
        """
        if form not in FORMATS:
            raise ExportError(f"{form!r} is no format of an export; there are {', '.join(FORMATS)}.")
        reason = self._why_not_report(target, "report.export")
        if reason:
            return Problem(ProblemCode.BAD_ANSWER, reason)
        name = f"report-{target.parts[-1]}"
        writer = Writer(path, f"{name}.{form}", is_overwriting=is_overwriting)
        client: ExportsReports = await self._client(target.server)
        with writer.open() as sink:
            problem = await client.download(target, form, name, sink, progress or _unheard)
            if problem is not None:
                return problem
            return await asyncio.to_thread(writer.finish)

    async def suggest(self, server: str, ask: Ask) -> Suggestions:
        """Completions for what is being typed. Never raises; a failure is in `Suggestions.problem`."""
        reason = self.why_not(server, "suggest")
        if reason:
            return Suggestions(ask, is_whole=True, problem=Problem(ProblemCode.BAD_ANSWER, reason))
        client: Suggests = await self._client(server)
        if ask.what not in client.suggestible():
            return Suggestions(ask, is_whole=True)
        return await client.suggest(ask)

    async def gather(self, target: Target, state: State) -> tuple[Fact, ...]:
        """What a few reading calls tell of why a target in that state stands there. Never raises for what servers do.

        () where its server can tell no more; failures are facts too.
        """
        if self.why_not(target.server, "explain"):
            return ()
        client: GathersEvidence = await self._client(target.server)
        return await client.gather(target, state)

    def _server(self, name: str) -> ServerSettings | None:
        return next((one for one in self._settings.servers if one.name == name), None)

    def _why_not_report(self, target: Target, act: str) -> str:
        if target.kind != "report":
            return f"{target.key} is no report."
        return self.why_not(target.server, act)

    async def _client(self, server: str) -> Any:
        """The server's client, which has the abilities that its kind promises (`why_not` has seen to that)."""
        if server not in self._clients:
            self._clients[server] = asyncio.ensure_future(self._openers[server]())
        return await asyncio.shield(self._clients[server])


def _refused(act: str, reason: str) -> Outcome:
    return Outcome(act, Fate.REFUSED, reason, problem=Problem(ProblemCode.FORBIDDEN, reason))


def _stops_the_rest(outcome: Outcome) -> bool:
    if outcome.fate is Fate.UNSURE:
        return True
    code = outcome.problem.code if outcome.problem is not None else None
    return outcome.fate is Fate.REFUSED and (code in REFUSALS or code in SERVER_WIDE)


def _unheard(progress: ExportProgress) -> None:
    """Nobody wants to know."""
