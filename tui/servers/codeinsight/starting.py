"""What can be started and looked up on a Code Insight: SBOM export, notices update, the names of projects.

Source: the vendor's jobs reference (POST jobs/sbomexport/{projectId}, POST jobs/notices/{projectId}; both
answer 202 with the job's id in a sentence), its release notes for the roles. Starting is never repeated.
"""

from __future__ import annotations

from collections.abc import Sequence

from tui.clock import Clock
from tui.domain.acts import Ask, JobRequest, Look, Outcome, Suggestion, Suggestions, id_in_message
from tui.domain.problem import SERVER_WIDE, Problem, ProblemCode
from tui.domain.records import ListQuery, Page, Record
from tui.domain.target import Target
from tui.servers.body import is_html, reason_in
from tui.servers.codeinsight.wire import ProjectWire, past_end, rows_of, totals_in
from tui.servers.cycle import Cycle
from tui.servers.errors import ServerError
from tui.servers.http import Http, HttpAnswer
from tui.servers.once import Misread, Seen, Words, new_one, once, refused
from tui.servers.wire import BadWire, read_wire
from tui.settings import ServerSettings

API = "/codeinsight/api"
SEEN_JOBS = 50  # newest jobs of the project that are looked at
PROJECTS_PART = 200  # projects a request
MOST_PARTS = 10  # requests at most: 2,000 projects
PROJECTS_KEPT_S = 60.0  # a person types for a while; projects come and go by the day
_BUSY = "It is not queued while a scan, a copy or another job of this kind is under way for the project."


class _Kind:
    """One job that can be started: its path, its type in the list (a word of it), the role that it wants."""

    def __init__(self, path: str, words: tuple[str, ...], title: str, role: str) -> None:
        self.path, self.words, self.title, self.role = path, words, title, role

    def fits(self, record: Record) -> bool:
        """The record is a job of this kind."""
        told = record.detail.text("type").lower().replace("_", " ")
        return any(word in told for word in self.words)


def _kind(name: str) -> _Kind:
    if name == "notices":
        role = "the project's role Analyst or Reviewer"
        return _Kind("notices", ("update notices",), "notices update", role)
    return _Kind("sbomexport", ("sbom",), "SBOM export", "the project's role Analyst")


class StartingCalls:
    """The part of a Code Insight client that starts jobs and completes what a person types."""

    _server: ServerSettings
    _http: Http
    _told_projects: tuple[float, tuple[Suggestion, ...], bool] | None = None

    async def _page(self, cycle: Cycle, query: ListQuery) -> Page:
        raise NotImplementedError

    async def start_job(self, request: JobRequest) -> Outcome:
        """Start a job. An answer that is lost is looked after among the newest jobs of the project."""
        kind, project = _kind(request.kind), request.project_id
        server = self._server.name

        def done(target: Target | None) -> str:
            told = f" as {target.key}" if target is not None else ""
            return f"The {kind.title} of project {project} is queued on {server}{told}."

        words = Words(
            f"start the {kind.title} of project {project}",
            done,
            kind.role,
            f"No {kind.title} of project {project} has appeared",
            _advice,
        )
        before = await self._newest(kind, project)
        if isinstance(before, Problem) and before.code in SERVER_WIDE:
            return refused(words, before)
        known = None if isinstance(before, Problem) else frozenset(target.key for target in before)
        is_notices = request.kind == "notices"
        params = (("overwriteAll", "true" if request.is_overwriting else "false"),) if is_notices else ()

        async def send() -> Target | None:
            path = f"{API}/jobs/{kind.path}/{project}"
            answer = await self._http.request("POST", path, params=params, judge=_no_project, is_repeatable=False)
            return self._started(answer)

        async def look() -> Seen:
            now = await self._newest(kind, project)
            return Seen(Look.CANNOT_TELL, None, now) if isinstance(now, Problem) else new_one(now, known)

        return await once(self._http.clock, words, send, look)

    async def _newest(self, kind: _Kind, project: int) -> list[Target] | Problem:
        """The newest jobs of that kind and project."""
        cycle = Cycle()
        query = ListQuery(self._server.name, "jobs", (("project", str(project)),), 1, SEEN_JOBS)
        try:
            page = await self._page(cycle, query)
        except ServerError as error:
            return error.problem
        except BadWire as error:
            return cycle.misread(str(error), self._http.host)
        return [record.target for record in page.records if kind.fits(record)]

    def _started(self, answer: HttpAnswer) -> Target | None:
        """The job whose id the answer's sentence names. Raises `Misread` where none can be read from it."""
        said = reason_in(answer.text, answer.body)
        number = id_in_message(said)
        if number is None:
            problem = Cycle().misread("does not name the job that it started", self._http.host, answer.status)
            raise Misread(problem, said)
        return Target(self._server.name, "job", (str(number),))

    def suggestible(self) -> tuple[str, ...]:
        """What can be completed here."""
        return ("project",)

    async def suggest(self, ask: Ask) -> Suggestions:
        """Projects by their name or the beginning of their id; the value is the id."""
        if ask.what != "project":
            return Suggestions(ask, is_whole=True)
        try:
            found, is_whole = await self._all_projects(self._http.clock)
        except ServerError as error:
            return Suggestions(ask, problem=error.problem)
        except BadWire as error:
            text = f"The answer of {self._http.host} {error}."
            return Suggestions(ask, problem=Problem(ProblemCode.BAD_ANSWER, text))
        word = ask.prefix.lower()
        fitting = [one for one in found if one.value.startswith(word) or word in one.note.lower()]
        fitting.sort(key=lambda one: not (one.note.lower().startswith(word) or one.value == word))
        return Suggestions(ask, tuple(fitting[: ask.limit]), is_whole and len(fitting) <= ask.limit)

    async def _all_projects(self, clock: Clock) -> tuple[Sequence[Suggestion], bool]:
        if self._told_projects is not None and clock.monotonic() - self._told_projects[0] < PROJECTS_KEPT_S:
            return self._told_projects[1:]
        found: dict[str, Suggestion] = {}
        is_whole = False
        for page in range(1, MOST_PARTS + 1):
            rows, is_whole = await self._projects_page(page)
            fresh = {one.value: one for one in rows if one.value not in found}
            found.update(fresh)
            if is_whole or not fresh:
                is_whole = True
                break
        self._told_projects = (clock.monotonic(), tuple(found.values()), is_whole)
        return self._told_projects[1:]

    async def _projects_page(self, page: int) -> tuple[list[Suggestion], bool]:
        params = (("limit", str(PROJECTS_PART)), ("offset", str(page)))
        try:
            answer = await self._http.request("GET", f"{API}/projects", params=params)
        except ServerError as error:
            sent = error.answer
            if sent is not None and sent.status == 400 and past_end(reason_in(sent.text, sent.body)) is not None:
                return [], True
            raise
        found = []
        for row in rows_of(answer.body):
            try:
                wire = read_wire(ProjectWire, row)
            except BadWire:
                continue
            if wire.id is not None:
                found.append(Suggestion(str(wire.id), wire.name or ""))
        pages = totals_in(answer.headers).pages
        return found, page >= pages if pages is not None else len(found) < PROJECTS_PART


def _advice(problem: Problem) -> str:
    if problem.http_status in (400, 409):
        return _BUSY
    return "It says so too while an electronic update runs." if problem.http_status == 503 else ""


def _no_project(answer: HttpAnswer) -> Problem | None:
    if answer.status != 404:
        return None
    if is_html(answer.text):
        text = "This server has no such call at that url (HTTP 404)."
        return Problem(ProblemCode.MISSING, text, 404, "It came with Code Insight 2023 R2; check the server's url.")
    reason = reason_in(answer.text, answer.body).rstrip(".")
    return Problem(ProblemCode.MISSING, "There is no such project" + (f" ({reason})." if reason else "."), 404)
