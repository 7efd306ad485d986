"""What can be done with Xray's exposures reports: make, read the rows, download, delete.

Source: JFrog's REST reference, "Reports": POST reports/exposures, POST reports/exposures/{id}, GET reports/export/{id},
DELETE reports/{id}; all of them want the role Manage Reports. Creating and deleting is never repeated.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import IO

from tui.domain.acts import ExportProgress, Finding, Look, Outcome, ReportRequest, RowsPage, RowsQuery, Scope
from tui.domain.problem import SERVER_WIDE, Problem, ProblemCode
from tui.domain.records import ListQuery, Page
from tui.domain.target import Target
from tui.servers.cycle import Cycle
from tui.servers.errors import ServerError
from tui.servers.exchange import Sink
from tui.servers.http import Http, HttpAnswer
from tui.servers.once import Misread, Seen, Words, new_one, once, refused
from tui.servers.wire import BadWire, fields_of, read_wire
from tui.servers.xray.wire import MadeWire, RowsWire
from tui.settings import ServerSettings

REPORTS = "/xray/api/v1/reports"
PERMISSION = 'the role "Manage Reports" (or, within a project, its administrator)'
SEEN_REPORTS = 100  # newest reports of one name that are looked at; more than one or two is rare
_ADVICE = {
    412: "Exposures reports need JFrog Advanced Security, which is not enabled there.",
    429: "It may hold as many reports as it keeps: delete some, or wait.",
}


class ReportActs:
    """The part of an Xray client that acts on reports."""

    _server: ServerSettings
    _http: Http

    async def _page(self, cycle: Cycle, query: ListQuery, *, is_all: bool = False) -> Page | Problem:
        raise NotImplementedError

    async def make_report(self, request: ReportRequest, category: str) -> Outcome:
        """Have the exposures report of one category made. An answer that is lost is looked after in the list."""
        name = request.name_for(category)
        server = self._server.name

        def done(target: Target | None) -> str:
            return f"The {category} report {name!r} is being made on {server}" + (
                f" ({target.key})." if target is not None else "."
            )

        words = Words(
            f"make the {category} report {name!r}", done, PERMISSION, f"No report named {name!r} has appeared", _advice
        )
        before = await self._named(name)
        if isinstance(before, Problem) and before.code in SERVER_WIDE:
            return refused(words, before)
        known = None if isinstance(before, Problem) else frozenset(target.key for target in before)

        async def send() -> Target | None:
            params = (("projectKey", request.project),) if request.project else ()
            answer = await self._http.request(
                "POST",
                f"{REPORTS}/exposures",
                params=params,
                json_body=_question(request, category, name),
                is_repeatable=False,
            )
            return self._made(answer)

        async def look() -> Seen:
            now = await self._named(name)
            return Seen(Look.CANNOT_TELL, None, now) if isinstance(now, Problem) else new_one(now, known)

        return await once(self._http.clock, words, send, look)

    async def _named(self, name: str) -> list[Target] | Problem:
        """The newest reports of exactly that name (in the server's filter ``*`` stands for anything)."""
        query = ListQuery(self._server.name, "reports", (("name", name),), 1, SEEN_REPORTS)
        page = await self._page(Cycle(), query, is_all=True)
        if isinstance(page, Problem):
            return page
        return [record.target for record in page.records if record.name == name]

    def _made(self, answer: HttpAnswer) -> Target:
        try:
            wire = read_wire(MadeWire, answer.body)
        except BadWire as error:
            raise Misread(Cycle().misread(str(error), self._http.host, answer.status)) from None
        number = wire.report_id if wire.report_id is not None else wire.id
        if number is None or number < 0:
            raise Misread(Cycle().misread("has no id of the report", self._http.host, answer.status))
        return Target(self._server.name, "report", (str(number),))

    async def delete_report(self, target: Target) -> Outcome:
        """Delete a report. An answer that is lost is looked after by asking for the report."""
        server = self._server.name
        words = Words(
            f"delete report {target.parts[0]}",
            lambda _: f"Report {target.parts[0]} is deleted on {server}.",
            PERMISSION,
            f"Report {target.parts[0]} is still there",
            subject=target,
        )
        path = f"{REPORTS}/{target.parts[0]}"

        async def send() -> Target | None:
            await self._http.request("DELETE", path, judge=_no_report, is_repeatable=False, may_be_empty=True)
            return target

        async def look() -> Seen:
            try:
                await self._http.request("GET", path)
            except ServerError as error:
                is_gone = error.problem.code is ProblemCode.MISSING and error.answer is not None
                return Seen(Look.FOUND, target) if is_gone else Seen(Look.CANNOT_TELL, None, error.problem)
            return Seen(Look.NOT_FOUND)

        return await once(self._http.clock, words, send, look)

    async def rows(self, target: Target, query: RowsQuery) -> RowsPage | Problem:
        """A page of the rows. JFrog does not publish what can be sorted by: after a 400 it is asked without a sort."""
        outcome = await self._rows(target, query, query.sort)
        if isinstance(outcome, Problem) and outcome.http_status == 400 and query.sort:
            unsorted = await self._rows(target, query, "")
            if isinstance(unsorted, RowsPage):
                note = f"the server does not sort by {query.sort}, so the rows stand in its own order"
                return RowsPage(query, unsorted.rows, unsorted.total, (*unsorted.notes, note))
        return outcome

    async def _rows(self, target: Target, query: RowsQuery, sort: str) -> RowsPage | Problem:
        params = [
            ("direction", "desc" if query.is_descending else "asc"),
            ("page_num", str(query.page)),
            ("num_of_rows", str(query.limit)),
        ]
        if sort:
            params.append(("order_by", sort))
        path = f"{REPORTS}/exposures/{target.parts[0]}"
        try:
            answer = await self._http.request("POST", path, params=params, json_body={}, judge=_no_report)
            wire = read_wire(RowsWire, answer.body)
        except ServerError as error:
            return _with_permission(error.problem)
        except BadWire as error:
            return Cycle().misread(str(error), self._http.host)
        if wire.rows is None and wire.total_rows != 0:
            return Cycle().misread("has no rows", self._http.host)
        rows = wire.rows or []
        findings = tuple(Finding(fields_of(row)) for row in rows if isinstance(row, dict))
        unread = len(rows) - len(findings)
        notes = (f"{unread} of {len(rows)} rows could not be read",) if unread else ()
        total = wire.total_rows if (wire.total_rows or 0) >= 0 else None
        return RowsPage(query, findings, total, notes)

    async def download(
        self, target: Target, form: str, name: str, sink: IO[bytes], progress: Callable[[ExportProgress], None]
    ) -> Problem | None:
        """The ZIP of a report, piece by piece. Raises OSError where `sink` cannot be written, nothing else."""
        params = (("file_name", name), ("format", form))
        path = f"{REPORTS}/export/{target.parts[0]}"
        try:
            await self._http.request(
                "GET", path, params=params, judge=_no_report, expects_json=False, sink=Sink(sink, progress)
            )
        except ServerError as error:
            return _with_permission(error.problem)
        return None


def _question(request: ReportRequest, category: str, name: str) -> dict[str, object]:
    filters: dict[str, object] = {"category": category}
    if request.artifact:
        filters["impacted_artifact"] = request.artifact
    window = {"start": request.start_at, "end": request.end_at}
    told = {key: _rfc3339(moment) for key, moment in window.items() if moment is not None}
    if told:
        filters["scan_date"] = told
    return {"name": name, "resources": {request.scope.kind: _resources(request.scope)}, "filters": filters}


def _resources(scope: Scope) -> object:
    """The one resource of a report, in the form that its kind has."""
    if scope.kind == "repositories":
        patterns = {"include_path_patterns": list(scope.include), "exclude_path_patterns": list(scope.exclude)}
        told = {key: value for key, value in patterns.items() if value}
        return [{"name": name, **told} for name in scope.names]
    key = "keys" if scope.kind == "projects" else "names"
    latest = {} if scope.latest is None else {"number_of_latest_versions": scope.latest}
    return {key: list(scope.names), **latest}


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _advice(problem: Problem) -> str:
    return _ADVICE.get(problem.http_status or 0, "")


def _with_permission(problem: Problem) -> Problem:
    if problem.code is ProblemCode.FORBIDDEN:
        return Problem(problem.code, problem.text, problem.http_status, f"It wants {PERMISSION}.")
    return problem


def _no_report(answer: HttpAnswer) -> Problem | None:
    if answer.status == 404 and answer.body is not None:
        return Problem(ProblemCode.MISSING, "There is no such report (any more).", 404)
    return None
