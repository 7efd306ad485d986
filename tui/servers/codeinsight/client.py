"""Asks one Code Insight for its jobs. Every expected failure comes back as a problem in the answer.

A filter that matches nothing is an empty page, never a failure, in whatever form this API says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC

from tui.domain.problem import Problem, ProblemCode
from tui.domain.records import Answer, ListQuery, Page, Record
from tui.domain.target import Target
from tui.secrets import Secret
from tui.servers.body import dump, reason_in
from tui.servers.codeinsight.evidence import EvidenceCalls
from tui.servers.codeinsight.filters import Plan, plan, project_name
from tui.servers.codeinsight.normalise import job_record
from tui.servers.codeinsight.starting import StartingCalls
from tui.servers.codeinsight.wire import JobWire, Totals, job_of, past_end, rows_of, totals_in
from tui.servers.cycle import Cycle, raw_of, unknown_list
from tui.servers.errors import ServerError, plain
from tui.servers.http import Http, HttpAnswer, without_scheme
from tui.servers.status import is_no_such_page, no_such_page
from tui.servers.times import zone_of
from tui.servers.wire import BadWire, read_wire
from tui.settings import ServerSettings

API = "/codeinsight/api"
WALK_LIMIT = 200  # rows a request while filtering here
JOIN_LIMIT = 2000  # rows a status, up to which several statuses are asked one by one
ROWS_AT_ONCE = 200  # about 10 ms of work
DEFAULT_PAGE = 25  # rows of a page where the server is not asked for another number, or does not listen
WALK_PAGES = 10  # requests at most for one page that is filtered here: the newest 2,000 jobs
TOO_OLD = "The jobs API came with Code Insight 2023 R1."


def authorise(secret: Secret, user: str | None) -> dict[str, str]:
    """``Authorization: Bearer <JWT>``, also where the token was kept with the word Bearer before it."""
    return {"Authorization": f"Bearer {without_scheme(secret.reveal(), 'bearer')}"}


@dataclass(frozen=True, slots=True)
class _Rows:
    """One answer of the list call: rows that could be read, in the server's order, each id once."""

    records: tuple[Record, ...]
    sent: int  # rows in the answer, readable or not
    unread: int
    totals: Totals


class CodeInsightClient(StartingCalls, EvidenceCalls):
    """One Code Insight server: what it says here, what can be started and looked up in the base."""

    def __init__(self, server: ServerSettings, http: Http) -> None:
        self._server = server
        self._http = http
        http.authorise_with(authorise)
        self._is_guess = not str(server.extra.get("timezone", "")).strip()
        self._zone_note = ""
        try:
            self._zone = zone_of(str(server.extra.get("timezone", "")))
        except ValueError as error:
            self._zone, self._zone_note = UTC, f"times are read as UTC: {error}"
        self._projects: dict[str, int] = {}
        self._first_ids: dict[tuple[tuple[str, str], ...], tuple[str, ...]] = {}

    async def aclose(self) -> None:
        """Give back the connections."""
        await self._http.aclose()

    async def read(self, targets: Sequence[Target]) -> Answer:
        """Each job by its id, one request each."""
        cycle = Cycle()
        return cycle.read([(target, await self._job(cycle, target)) for target in targets])

    async def _job(self, cycle: Cycle, target: Target) -> Record | Problem:
        number = target.parts[0]
        try:
            answer = cycle.took(await self._http.request("GET", f"{API}/jobs/{number}", judge=_no_job))
        except ServerError as error:
            return cycle.failed(error)
        try:
            wire = read_wire(JobWire, job_of(answer.body))
            raw = raw_of(answer.text)
            return job_record(
                self._server.name, wire, raw, self._server.url, self._zone, number, is_approximate=self._is_guess
            )
        except BadWire as error:
            return cycle.misread(str(error), self._http.host, answer.status)

    async def list(self, query: ListQuery) -> Answer:
        """A page of jobs, newest first. Filters: type, status (``|`` between several), project, user, days."""
        cycle = Cycle()
        if query.name != "jobs":
            return cycle.listed(unknown_list(query.name, "codeinsight"))
        try:
            return cycle.listed(await self._page(cycle, query))
        except ServerError as error:
            return cycle.listed(cycle.failed(error))
        except BadWire as error:
            return cycle.listed(cycle.misread(str(error), self._http.host))

    async def _page(self, cycle: Cycle, query: ListQuery) -> Page:
        name = project_name(query)
        number = await self._project_id(cycle, name) if name else None
        if name and number is None:
            return Page(query, (), query.page, 0, 0, False, (f"there is no project named {plain(name)!r}",))
        planned = plan(query, number)
        if planned.statuses and not planned.must_walk and query.page * query.limit <= JOIN_LIMIT:
            joined = await self._join(cycle, query, planned)
            if joined is not None:
                return joined
        if planned.must_walk or planned.statuses:
            return await self._walk(cycle, query, planned, planned.notes)
        rows = await self._rows(cycle, planned.params, query.limit, query.page)
        if any(not planned.keep(record) for record in rows.records):
            notes = ("the server ignores a filter, so it is done here",)
            return await self._walk(cycle, query, planned, notes)
        if rows.sent > query.limit and (rows.totals.records or 0) <= rows.sent:
            return self._cut(query, rows.records, rows, ("the server ignores the page size",))
        if self._is_repeated(query, planned.params, rows):
            notes = ("the server ignores paging: the first page is all that it gives",)
            return Page(query, (), query.page, None, None, False, notes)
        return self._told(query, rows)

    def _is_repeated(self, query: ListQuery, params: tuple[tuple[str, str], ...], rows: _Rows) -> bool:
        """Whether a later page is the first one again, from a server that ignores `offset` and tells no page."""
        key = (*params, ("limit", str(query.limit)))
        ids = tuple(record.target.key for record in rows.records)
        if query.page == 1:
            self._first_ids = {key: ids}  # only the list that is looked at now
            return False
        return bool(ids) and rows.totals.page != query.page and self._first_ids.get(key) == ids

    def _told(self, query: ListQuery, rows: _Rows) -> Page:
        total = rows.totals.records
        pages = rows.totals.pages
        if pages is None and total is not None:
            pages = -(-total // query.limit)
        has_more = query.page < pages if pages is not None else (None if rows.sent >= query.limit else False)
        return Page(query, rows.records, query.page, pages, total, has_more, self._notes(rows))

    def _cut(self, query: ListQuery, records: Sequence[Record], rows: _Rows, notes: tuple[str, ...]) -> Page:
        """A page of ours out of rows that are all there are."""
        begin = (query.page - 1) * query.limit
        total = max(len(records), rows.totals.records or 0)
        pages = -(-len(records) // query.limit)
        shown = tuple(records[begin : begin + query.limit])
        return Page(query, shown, query.page, pages, total, query.page < pages, (*notes, *self._notes(rows)))

    async def _join(self, cycle: Cycle, query: ListQuery, planned: Plan) -> Page | None:
        """One question a status, joined by descending id; None where the server does not do the filter."""
        records: dict[str, Record] = {}
        total, unread, has_all = 0, 0, True
        end = query.page * query.limit
        for status in planned.statuses:
            rows = await self._rows(cycle, (*planned.params, ("status", status)), end, 1)
            if any(not planned.keep(record) for record in rows.records):
                return None
            records.update((record.target.key, record) for record in rows.records)
            unread += rows.unread
            told = rows.totals.records if rows.totals.records is not None else rows.sent
            total += told
            has_all = has_all and (rows.totals.records is not None or rows.sent < end)
        newest = sorted(records.values(), key=lambda record: int(record.target.parts[0]), reverse=True)
        pages = -(-total // query.limit)
        return Page(
            query,
            tuple(newest[end - query.limit : end]),
            query.page,
            pages if has_all else None,
            total if has_all else None,
            total > end if has_all else None,
            (*planned.notes, *self._notes(None, unread)),
        )

    async def _walk(self, cycle: Cycle, query: ListQuery, planned: Plan, notes: tuple[str, ...]) -> Page:
        """Read the server's pages until one page of ours is full of rows that fit, or they end, or the limit is met."""
        fitting: dict[str, Record] = {}
        seen: set[str] = set()
        needed = query.page * query.limit + 1  # one more, so that we know whether there is another page
        is_end = False
        unread = 0
        for page in range(1, WALK_PAGES + 1):
            rows = await self._rows(cycle, planned.params, WALK_LIMIT, page)
            unread += rows.unread
            fresh = [record for record in rows.records if record.target.key not in seen]
            seen.update(record.target.key for record in fresh)
            fitting.update((record.target.key, record) for record in fresh if planned.keep(record))
            is_end = not fresh or _is_last(rows, page, len(seen))
            if is_end or len(fitting) >= needed:
                break
        begin = (query.page - 1) * query.limit
        records = tuple(fitting.values())
        total = len(records) if is_end else None
        pages = None if total is None else -(-total // query.limit)
        has_more = len(records) > begin + query.limit or (None if not is_end and len(fitting) < needed else False)
        if not is_end and len(fitting) < needed:
            notes = (*notes, f"only the newest {len(seen)} jobs were looked at")
        shown = records[begin : begin + query.limit]
        return Page(query, shown, query.page, pages, total, has_more, (*notes, *self._notes(None, unread)))

    def _notes(self, rows: _Rows | None, unread: int = 0) -> tuple[str, ...]:
        unread += rows.unread if rows is not None else 0
        said = [f"{unread} jobs could not be read"] if unread else []
        return (*said, *([self._zone_note] if self._zone_note else []))

    async def _rows(self, cycle: Cycle, params: tuple[tuple[str, str], ...], limit: int, page: int) -> _Rows:
        """One list call. Raises `ServerError` and `BadWire`."""
        asked = (*params, ("limit", str(limit)), ("offset", str(page)))
        try:
            answer = cycle.took(await self._http.request("GET", f"{API}/jobs", params=asked, judge=_no_list))
        except ServerError as error:
            empty = _empty_list(error.answer) if error.problem.code is not ProblemCode.UNAUTHORISED else None
            if empty is None or error.answer is None:
                raise
            cycle.took(_cleared(error.answer))
            return _Rows((), 0, 0, empty)
        return await self._readable(answer)

    async def _readable(self, answer: HttpAnswer) -> _Rows:
        sent = rows_of(answer.body)
        records: dict[str, Record] = {}
        unread = 0
        for index, row in enumerate(sent):
            if index % ROWS_AT_ONCE == ROWS_AT_ONCE - 1:
                await asyncio.sleep(0)  # a server that ignores paging sends thousands: the screen lives meanwhile
            try:
                wire = read_wire(JobWire, row)
                record = job_record(
                    self._server.name, wire, dump(row), self._server.url, self._zone, is_approximate=self._is_guess
                )
            except BadWire:
                unread += 1
                continue
            records.setdefault(record.target.key, record)
        if unread and unread == len(sent):
            raise BadWire("has a list in which no job can be read")
        return _Rows(tuple(records.values()), len(sent), unread, totals_in(answer.headers))

    async def _project_id(self, cycle: Cycle, name: str) -> int | None:
        """The id of a project by its exact name, asked once; None if there is none. Raises `ServerError`."""
        if name in self._projects:
            return self._projects[name]
        try:
            asked = (("projectName", name),)
            answer = cycle.took(await self._http.request("GET", f"{API}/project/id", params=asked))
        except ServerError as error:
            if error.problem.http_status in (400, 404) and error.answer is not None and error.answer.body is not None:
                cycle.took(_cleared(error.answer))
                return None
            raise
        inner = next(iter(answer.body.values()), None) if isinstance(answer.body, dict) else answer.body
        if isinstance(inner, int) and not isinstance(inner, bool):
            self._projects[name] = inner
            return inner
        return None


def _is_last(rows: _Rows, page: int, seen: int) -> bool:
    """Whether a page of a walk is the last one, by what the server tells, else by its size."""
    totals = rows.totals
    if totals.pages is not None:
        return page >= totals.pages
    if totals.records is not None:
        return seen >= totals.records
    # More rows than asked for: it ignores the limit and gave all. Exactly its default: it may ignore the limit too.
    return rows.sent != WALK_LIMIT and rows.sent != DEFAULT_PAGE


def _cleared(answer: HttpAnswer) -> HttpAnswer:
    """An answer whose HTTP status is an error but which only says that there is nothing: its call is no failure."""
    return replace(answer, call=replace(answer.call, problem=None))


def _empty_list(answer: HttpAnswer | None) -> Totals | None:
    """The totals of an answer that means "no jobs": 204, a page past the end as 400, a 404 that is not a web page."""
    if answer is None:
        return None
    if answer.status == 204:
        return Totals()
    if answer.status == 400:
        return past_end(reason_in(answer.text, answer.body))
    if answer.status == 404 and not is_no_such_page(answer):
        return Totals(None, 0, 0)
    return None


def _no_list(answer: HttpAnswer) -> Problem | None:
    """A list that is not there at all is another thing than a list without rows."""
    return no_such_page(answer, TOO_OLD) if is_no_such_page(answer) else None


def _no_job(answer: HttpAnswer) -> Problem | None:
    """An unknown id is 404, or 400 with a text that says so."""
    if is_no_such_page(answer):
        return _no_list(answer)
    if answer.status not in (400, 404):
        return None
    reason = reason_in(answer.text, answer.body)
    if answer.status == 404 or any(word in reason.lower() for word in ("not found", "not exist", "invalid", "no job")):
        text = "There is no such job" + (f" (the server says: {reason.rstrip('.')})." if reason else ".")
        return Problem(ProblemCode.MISSING, text, answer.status, "Old jobs are removed by the server.")
    return None
