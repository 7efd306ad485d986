"""Asks one Xray (and the Artifactory beside it, for build numbers). Sources of the calls: JFrog's REST reference.

Every expected failure comes back as a problem in the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeAlias
from urllib.parse import quote, unquote

from tui.domain.problem import Problem, ProblemCode
from tui.domain.records import Answer, ListQuery, Newest, Page, Record
from tui.domain.target import Target
from tui.secrets import Secret
from tui.servers.body import dump, reason_in
from tui.servers.cycle import Cycle, raw_of, unknown_list
from tui.servers.errors import ServerError
from tui.servers.http import Http, HttpAnswer, bearer
from tui.servers.status import is_no_such_page, no_such_page
from tui.servers.times import parse_time
from tui.servers.wire import BadWire, read_wire
from tui.servers.xray.evidence import EvidenceCalls
from tui.servers.xray.lookups import LookupCalls
from tui.servers.xray.normalise import DEFAULT_BUILDS, report_record, scan_record
from tui.servers.xray.reports import ReportActs
from tui.servers.xray.wire import (
    BuildNameWire,
    BuildNumbersWire,
    BuildNumberWire,
    ReportsWire,
    ReportWire,
    ScanWire,
    VersionWire,
)
from tui.settings import ServerSettings

API = "/xray/api/v1"
REPORT_PAGE = 100  # reports asked for in one batch call; more are rare, since the server limits how many are kept
SINGLE = "manifest.json"
MULTI = "list.manifest.json"  # what a multi-arch image has in place of SINGLE
API_KEY_PREFIX = "AKCp"  # how an Artifactory API key begins: it goes in a header of its own where no user is known
TOO_OLD = "Xray has this call since 3.80.9."
NO_NUMBERS = "Check its name and project; it may not have been published yet."
# The report types that are none of exposures; an unknown word may be one, since JFrog does not tell its spelling.
OTHER_TYPES = frozenset({"vulnerability", "vulnerabilities", "license", "licenses", "operational_risk", "violations"})

Numbers: TypeAlias = "list[tuple[datetime | None, str]]"  # when a build's number was made, and the number


def authorise(secret: Secret, user: str | None) -> dict[str, str]:
    """Bearer, basic, or the API key's own header, as JFrog's own client sends them."""
    if secret.reveal().startswith(API_KEY_PREFIX) and not (secret.user or user):
        return {"X-JFrog-Art-Api": secret.reveal()}
    return bearer(secret, user)


class XrayClient(ReportActs, LookupCalls, EvidenceCalls):
    """One Xray server: what it says here, what can be done with its reports and looked up in the two bases."""

    def __init__(self, server: ServerSettings, http: Http) -> None:
        self._server = server
        self._http = http
        self._paths: dict[str, str] = {}  # target key → the file that answered last (multi-arch images)
        http.authorise_with(authorise)

    async def aclose(self) -> None:
        """Give back the connections."""
        await self._http.aclose()

    async def read(self, targets: Sequence[Target]) -> Answer:
        """Statuses of builds and artifacts, one request each; of reports, one list call for all."""
        cycle = Cycle()
        reports = [target for target in targets if target.kind == "report"]
        known = await self._read_reports(cycle, reports) if reports else {}
        outcomes: list[tuple[Target, Record | Problem]] = []
        for target in targets:
            outcomes.append((target, known[target.key] if target.kind == "report" else await self._scan(cycle, target)))
        return cycle.read(outcomes)

    async def _scan(self, cycle: Cycle, target: Target) -> Record | Problem:
        if target.kind == "build":
            return await self._build(cycle, target)
        return await self._artifact(cycle, target)

    async def _build(self, cycle: Cycle, target: Target) -> Record | Problem:
        question = {"name": target.parts[0], "number": target.parts[1]}
        project = target.param("project")
        if project:
            question["project"] = project
        return await self._status(cycle, target, f"{API}/build/status", question, None)

    async def _artifact(self, cycle: Cycle, target: Target) -> Record | Problem:
        """The file, or for an image its other manifest: a multi-arch one has no manifest.json of its own."""
        own = target.parts[1].lstrip("/")
        first = self._paths.get(target.key, own)
        outcome = await self._file(cycle, target, first)
        folder, _, name = own.rpartition("/")
        if name != SINGLE or not isinstance(outcome, Problem) or outcome.code is not ProblemCode.MISSING:
            return outcome
        other = f"{folder}/{MULTI}".lstrip("/") if first == own else own
        second = await self._file(cycle, target, other)
        if isinstance(second, Record):
            self._paths[target.key] = other
            return second
        return outcome if second.code is ProblemCode.MISSING else second

    async def _file(self, cycle: Cycle, target: Target, path: str) -> Record | Problem:
        question = {"repo": target.parts[0], "path": path}
        return await self._status(cycle, target, f"{API}/artifact/status", question, path)

    async def _status(
        self, cycle: Cycle, target: Target, url: str, question: dict[str, str], path: str | None
    ) -> Record | Problem:
        project = target.param("project") if path is not None else None
        params = (("projectKey", project),) if project else ()
        try:
            answer = cycle.took(
                await self._http.request("POST", url, params=params, json_body=question, judge=_not_there)
            )
        except ServerError as error:
            return cycle.failed(error)
        try:
            wire = read_wire(ScanWire, answer.body)
            return scan_record(target, wire, raw_of(answer.text), self._server.url, path)
        except BadWire as error:
            return cycle.misread(str(error), self._http.host, answer.status, body=answer.body)

    async def _read_reports(self, cycle: Cycle, targets: Sequence[Target]) -> dict[str, Record | Problem]:
        """All from one page of the list; those that are not on it are asked for singly."""
        found: dict[str, Record | Problem] = {}
        if len(targets) > 1:
            page = await self._page(cycle, ListQuery(self._server.name, "reports", limit=REPORT_PAGE), is_all=True)
            if isinstance(page, Page):
                by_key = {record.target.key: record for record in page.records}
                found = {target.key: by_key[target.key] for target in targets if target.key in by_key}
            elif page.code not in (ProblemCode.BAD_ANSWER, ProblemCode.MISSING):
                return {target.key: page for target in targets}
        for target in targets:
            if target.key not in found:
                found[target.key] = await self._report(cycle, target)
        return found

    async def _report(self, cycle: Cycle, target: Target) -> Record | Problem:
        try:
            answer = cycle.took(await self._http.request("GET", f"{API}/reports/{target.parts[0]}"))
        except ServerError as error:
            return cycle.failed(error)
        try:
            wire = read_wire(ReportWire, answer.body)
            return report_record(target, wire, raw_of(answer.text), self._server.url)
        except BadWire as error:
            return cycle.misread(str(error), self._http.host, answer.status, body=answer.body)

    async def list(self, query: ListQuery) -> Answer:
        """A page of the exposures reports, newest first. Filters: type, status (``|`` between several), author."""
        cycle = Cycle()
        if query.name != "reports":
            return cycle.listed(unknown_list(query.name, "xray"))
        return cycle.listed(await self._page(cycle, query))

    async def _page(self, cycle: Cycle, query: ListQuery, *, is_all: bool = False) -> Page | Problem:
        params = (
            ("direction", "desc"),
            ("page_num", str(query.page)),
            ("num_of_rows", str(query.limit)),
            ("order_by", "start_time"),
        )
        question = _report_filters(query)
        try:
            answer = cycle.took(await self._http.request("POST", f"{API}/reports", params=params, json_body=question))
        except ServerError as error:
            return cycle.failed(error)
        try:
            return self._reports_page(query, answer, is_all=is_all or bool(dict(query.filters).get("type")))
        except BadWire as error:
            return cycle.misread(str(error), self._http.host, answer.status)

    def _reports_page(self, query: ListQuery, answer: HttpAnswer, *, is_all: bool) -> Page:
        wire = read_wire(ReportsWire, answer.body)
        if wire.reports is None:
            raise BadWire("has no list of reports")
        records: dict[str, Record] = {}
        unread = others = 0
        for row in wire.reports:
            try:
                report = read_wire(ReportWire, row)
                if report.id is None:
                    raise BadWire("has a report without an id")
                if not is_all and (report.report_type or "").lower() in OTHER_TYPES:
                    others += 1
                    continue
                target = Target(self._server.name, "report", (str(report.id),))
                records.setdefault(target.key, report_record(target, report, dump(row), self._server.url))
            except BadWire:
                unread += 1
        if unread and unread == len(wire.reports):
            raise BadWire("has a list in which no report can be read")
        notes = [f"{unread} of {len(wire.reports)} reports could not be read"] if unread else []
        if others:
            are = "report of another type on this page is" if others == 1 else "reports of other types on this page are"
            notes.append(f"{others} {are} not shown")
        total = wire.total_reports if (wire.total_reports or 0) >= 0 else None
        pages = None if total is None else -(-total // query.limit)
        has_more = (len(wire.reports) >= query.limit or None) if pages is None else query.page < pages
        if pages is None and len(wire.reports) < query.limit:
            has_more = False
        return Page(query, tuple(records.values()), query.page, pages, total, has_more, tuple(notes))

    async def latest(self, name: str, count: int, params: Sequence[tuple[str, str]]) -> Newest:
        """The newest numbers of a build: from Xray's list, else from Artifactory's, which knows unindexed ones too."""
        cycle = Cycle()
        if not name:
            return await self._recent(cycle, count)
        project = dict(params).get("project")
        numbers = await self._xray_numbers(cycle, name, project)
        if not numbers or isinstance(numbers, Problem):
            others = await self._artifactory_numbers(cycle, name, project)
            # Which of the two lacks it matters less than that one refuses.
            if not (isinstance(others, Problem) and isinstance(numbers, Problem)) or (
                numbers.code is ProblemCode.MISSING
            ):
                numbers = others
        if not isinstance(numbers, Problem) and not numbers:
            numbers = Problem(ProblemCode.MISSING, "No number of this build is known.", advice=NO_NUMBERS)
        if isinstance(numbers, Problem):
            return cycle.newest(numbers)
        newest = sorted(numbers, key=lambda pair: pair[0] or datetime.min.replace(tzinfo=UTC), reverse=True)
        names = list(dict.fromkeys(number for _, number in newest))[:count]
        return cycle.newest(
            tuple(Target(self._server.name, "build", (name, number), tuple(params)) for number in names)
        )

    async def _recent(self, cycle: Cycle, count: int) -> Newest:
        """The newest number of each of the builds that changed last, as Xray lists them (indexed ones alone)."""
        params = (("order_by", "updated_at"), ("direction", "desc"), ("num_of_rows", str(count)))
        try:
            answer = cycle.took(await self._http.request("GET", f"{API}/builds", params=params))
        except ServerError as error:
            return cycle.newest(cycle.failed(error))
        rows = answer.body.get("data") if isinstance(answer.body, dict) else answer.body
        found: dict[Target, None] = {}
        for row in rows if isinstance(rows, list) else ():
            try:
                wire = read_wire(BuildNameWire, row)
            except BadWire:
                continue
            if wire.name and wire.latest_version:
                repository = wire.build_repository or DEFAULT_BUILDS
                project = repository.removesuffix("-build-info") if repository != DEFAULT_BUILDS else ""
                scope = (("project", project),) if project else ()
                found[Target(self._server.name, "build", (wire.name, wire.latest_version), scope)] = None
        return cycle.newest(tuple(found)[:count])

    async def _xray_numbers(self, cycle: Cycle, name: str, project: str | None) -> Numbers | Problem:
        repository = f"{project}-build-info" if project else DEFAULT_BUILDS
        params = (("build_repository", repository), ("order_by", "created_at"), ("direction", "desc"))
        path = f"{API}/builds/{quote(name, safe='')}/versions"
        try:
            answer = cycle.took(await self._http.request("GET", path, params=params))
        except ServerError as error:
            return cycle.failed(error)
        rows = answer.body.get("data") if isinstance(answer.body, dict) else answer.body
        found: Numbers = []
        for row in rows if isinstance(rows, list) else ():
            try:
                version = read_wire(VersionWire, row)
            except BadWire:
                continue
            if version.version:
                found.append((parse_time(version.created_at), version.version))
        return found

    async def _artifactory_numbers(self, cycle: Cycle, name: str, project: str | None) -> Numbers | Problem:
        params = (("project", project),) if project else ()
        path = f"/artifactory/api/build/{quote(name, safe='')}"
        try:
            answer = cycle.took(await self._http.request("GET", path, params=params))
            wire = read_wire(BuildNumbersWire, answer.body)
        except ServerError as error:
            return cycle.failed(error)
        except BadWire as error:
            return cycle.misread(str(error), self._http.host)
        found: Numbers = []
        for row in wire.numbers or ():
            try:
                number = read_wire(BuildNumberWire, row)
            except BadWire:
                continue
            if number.uri:
                found.append((parse_time(number.started), unquote(number.uri.removeprefix("/"))))
        return found


def _not_there(answer: HttpAnswer) -> Problem | None:
    """Xray's 404 does not tell "not indexed" from "does not exist", and neither do we.

    A 404 that is no JSON does not come from Xray's own call: then the url is wrong, or Xray too old to have it.
    """
    if answer.status != 404:
        return None
    if is_no_such_page(answer):
        return no_such_page(answer, TOO_OLD)
    reason = reason_in(answer.text, answer.body).rstrip(".")
    text = "It is not indexed or does not exist" + (f" (the server says: {reason})." if reason else ".")
    advice = "A new one may take minutes to appear; check that it is set to be indexed by Xray (3.80.9 or later)."
    return Problem(ProblemCode.MISSING, text, 404, advice)


def _report_filters(query: ListQuery) -> dict[str, object]:
    """The body of the list call, by JFrog's REST reference: ``{}`` without filters."""
    asked = dict(query.filters)
    filters: dict[str, object] = {}
    for name in ("type", "author", "name"):
        if asked.get(name):
            filters[name] = asked[name]
    if asked.get("status"):
        filters["status"] = [word.strip().lower() for word in asked["status"].split("|") if word.strip()]
    return {"filters": filters} if filters else {}
