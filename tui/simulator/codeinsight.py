"""Code Insight as seen over HTTP: the jobs queue, the two jobs that can be started, projects, the release.

Owns the wire forms: page totals in headers, local times without a zone, four shapes of errors. What there is to tell
comes from the world.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from datetime import timedelta
from itertools import islice
from typing import Any

from tui.simulator import names, samples
from tui.simulator.exchange import Endpoint, Reply, Request, html
from tui.simulator.jobs_story import FINISHED, Job
from tui.simulator.variants import Variants, java_time
from tui.simulator.world import USER, World

KIND = "codeinsight"
BASE = "/codeinsight/api"
RELEASE = "2025 R1"
STATUSES = ("New", "Active", "Canceled", "Completed", "Failed", "Scheduled", "Terminated", "Waiting on update")
MOST_DAYS = 3650


class BadQuery(ValueError):
    """A query parameter that the server refuses."""


class CodeInsightServer:
    """The endpoints of one Code Insight."""

    kind = KIND
    prefixes = ("/codeinsight/",)

    def __init__(self, world: World, variants: Variants) -> None:
        self.world = world
        self.variants = variants
        self.endpoints: tuple[Endpoint, ...] = (
            Endpoint("jobs", "GET", f"{BASE}/jobs", self._jobs, prepare=self._plan),
            Endpoint("job", "GET", f"{BASE}/jobs/{{}}", self._job),
            Endpoint("notices", "POST", f"{BASE}/jobs/notices/{{}}", self._notices),
            Endpoint("sbom-export", "POST", f"{BASE}/jobs/sbomexport/{{}}", self._sbom_export),
            Endpoint("projects", "GET", f"{BASE}/projects", self._projects),
            Endpoint("project-id", "GET", f"{BASE}/project/id", self._project_id),
            Endpoint("supports", "GET", f"{BASE}/v1/agent/supports", self._supports),
        )

    def settings(self, base: str) -> dict[str, object]:
        """What a configuration needs; its times are local, so the zone belongs to it."""
        token, zone = self.world.token(self.kind), self.variants["zone"]
        return {"kind": self.kind, "url": base, "token": token, "timezone": zone}

    def watch(self) -> list[dict[str, object]]:
        """The first page of the queue."""
        return [{"server": KIND, "jobs": {"limit": 25}}]

    def refuse(self, request: Request) -> Reply | None:
        """Bearer token; the refusal is the servlet container's page."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and given.strip() == self.world.token(self.kind):
            return None
        return html(401, "HTTP Status 401 – Unauthorized", "The request lacks valid authentication credentials.")

    def error(self, status: int, text: str) -> Reply:
        """An error in the chosen form; from 500 on it is the container's page."""
        if status >= 500 or status == 401:
            return html(status, f"HTTP Status {status} – {text}", text)
        form = self.variants["errors"]
        if form == "old":
            return Reply(status, {"Arguments: ": ["", ""], "Key: ": " InvalidParm", "Error: ": text})
        return Reply(status, {"message": text} if form == "message" else {"errors": [{"message": text}]})

    async def _plan(self, request: Request) -> None:
        """A filter has to see every job: plan those that nobody has seen yet, a block at a time."""
        if not request.query.keys() <= {"limit", "offset"} and self.refuse(request) is None:
            jobs = self.world.jobs
            for block in jobs.unplanned(self.world.t):
                jobs.plan(block)
                await asyncio.sleep(0)

    def _jobs(self, request: Request, _: tuple[str, ...]) -> Reply:
        try:
            limit, page = _whole(request, "limit", 25, 1), _whole(request, "offset", 1, 1)
            chosen = self._chosen(request)
        except BadQuery as error:
            return self.error(400, str(error))
        total = self.world.jobs.ledger.newest(self.world.t) if chosen is None else len(chosen)
        if self.world.scenario.is_documents:
            return self._page([samples.job()][: 1 if page == 1 else 0], page, limit, 1)
        if self.variants["limit"] == "ignored":
            page, limit = 1, max(1, total)
        start = (page - 1) * limit
        if chosen is None:
            numbers: Iterable[int] = range(total - start, max(0, total - start - limit), -1)
        else:
            numbers = islice(chosen, start, start + limit)
        return self._page([self._shown(number) for number in numbers], page, limit, total)

    def _chosen(self, request: Request) -> list[int] | None:
        """The ids that the filters leave, the newest first; None where nothing is filtered."""
        query, jobs, t = request.query, self.world.jobs, self.world.t
        kind, user = query.get("jobType"), query.get("triggeredBy")
        status = query.get("status")
        if status is not None and status not in STATUSES:
            raise BadQuery(f"Invalid status: {status}")
        project = _whole(request, "projectId", 0, 0) if "projectId" in query else None
        days = _whole(request, "jobsHistoryInDays", 0, 0)
        if days > MOST_DAYS:
            raise BadQuery("jobsHistoryInDays must be between 0 and 3650")
        if not (kind or user or status or days) and project is None:
            return None
        since = self.world.clock.server_at() - timedelta(days=days)
        found = []
        for number in jobs.ledger.ids(t):
            job = jobs.job(number)
            if days and self.world.clock.at(job.queued_s) < since:
                break
            if (
                (not kind or job.kind == kind)
                and (not user or job.user == user)
                and (project is None or job.project == project)
                and (not status or job.status(t) == status)
            ):
                found.append(number)
        return found

    def _page(self, rows: list[dict[str, Any]], page: int, limit: int, total: int) -> Reply:
        pages = -(-total // limit)
        if not rows and self.variants["empty"] != "list":
            text = f"The page {page} you requested is out of bounds. Total records :{total} number of pages :{pages}"
            form = int(self.variants["empty"])
            return Reply(204, body=b"", content_type=None) if form == 204 else self.error(form, text)
        shapes: dict[str, Any] = {
            "data": {"data": rows},
            "bare": rows,
            "content": {"Content: ": rows},
            "jobs": {"jobs": rows},
        }
        shape = self.variants["list-shape"]
        payload = {"Content: ": json.dumps(rows)} if shape == "content-string" else shapes[shape]
        headers = [("Current-page", str(page)), ("Number-of-pages", str(pages)), ("Total-records", str(total))]
        if self.variants["headers"] == "lower":
            headers = [(name.lower(), value) for name, value in headers]
        return Reply(payload=payload, headers=[] if self.variants["headers"] == "off" else headers)

    def _job(self, _: Request, parts: tuple[str, ...]) -> Reply:
        text = parts[0]
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            return self.error(400, "jobId must be a number")
        number = int(text)
        if 1 <= number <= self.world.jobs.ledger.newest(self.world.t):
            found = self._shown(number)
        elif number == 0:
            found = samples.job_schema()
        elif number == samples.JOB and self.world.scenario.is_documents:
            found = samples.job()
        elif self.variants["job-missing"] == "html":
            return html(404, "HTTP Status 404 – Not Found")
        else:
            return self.error(int(self.variants["job-missing"]), "The job Id entered was not found")
        return Reply(payload={"data": found} if self.variants["job-wrap"] == "data" else found)

    def _shown(self, number: int) -> dict[str, Any]:
        """One job in the chosen forms."""
        t, job = self.world.t, self.world.jobs.job(number)
        word = job.status(t)
        case = self.variants["status-case"]
        if case != "title":
            word = word.upper().replace(" ", "_") if case == "upper" else word.lower()
        is_over, is_begun = job.status(t) in FINISHED, job.start_s is not None and t >= job.start_s
        shown: dict[str, Any] = {
            "id": number,
            "jobType": job.kind,
            **self._project(job),
            **self._server(job),
            "status": word,
            **self._user(job),
            "queuedOn": self._when(job.queued_s),
            "activatedOn": self._when(job.start_s) if is_begun else None,
            "completedOn": self._when(job.end_s) if is_over else None,
            "jobDetails": job.details,
            "error": job.error if job.status(t) == "Failed" else None,
        }
        if self.variants["job-times"] == "missing":
            for name in ("queuedOn", "activatedOn", "completedOn"):
                del shown[name]
        return shown

    def _when(self, story_s: float | None) -> Any:
        if story_s is None:
            return None
        return java_time(self.world.clock.at(story_s), self.variants["job-times"], self.variants["zone"])

    def _project(self, job: Job) -> dict[str, Any]:
        form = self.variants["project-field"]
        if form == "off" or (form == "word" and job.project is not None):
            return {} if form == "off" else {"project": "N/A"}
        if form == "null" or job.project is None:
            return {"project": None}
        return {"project": {"id": job.project, "name": self.world.jobs.project_name(job.project)}}

    def _user(self, job: Job) -> dict[str, Any]:
        form = self.variants["user-field"]
        if form == "off":
            return {}
        if form == "null" or job.user is None:
            return {"triggeredBy": None}
        return {
            "triggeredBy": job.user if form == "word" else {"id": 1 + names.USERS.index(job.user), "user": job.user}
        }

    def _server(self, job: Job) -> dict[str, Any]:
        form = self.variants["server-field"]
        if form == "off":
            return {}
        if form in ("null", "string"):
            return {"server": None if form == "null" else job.server}
        key = "alias" if form == "alias" else "name"
        return {"server": {"id": 1 + self.world.jobs.servers.index(job.server), key: job.server}}

    def _notices(self, request: Request, parts: tuple[str, ...]) -> Reply:
        details = "Overwrite all" if request.query.get("overwriteAll", "").lower() == "true" else ""
        return self._start(parts[0], "Update Notices", details, "Update Notices job has been added to the queue")

    def _sbom_export(self, _: Request, parts: tuple[str, ...]) -> Reply:
        words = "Export to SBOM Insights job has been added to the queue"
        return self._start(parts[0], "Export to SBOM Insights", "", words)

    def _start(self, text: str, kind: str, details: str, words: str) -> Reply:
        if not (text.isascii() and text.isdigit() and 0 < len(text) < 10 and int(text) >= 1):
            return self.error(400, "projectId must be a number of at least 1")
        project, jobs, t = int(text), self.world.jobs, self.world.t
        if project > jobs.projects:
            return self.error(404, "The project Id entered was not found")
        holding = jobs.active_of(project, t)
        if holding is not None and jobs.job(holding).kind in ("Project Scan", "Project Re-Scan", "Project Copy", kind):
            return self.error(
                400, f"A {jobs.job(holding).kind} of this project is already queued or active, job ID: {holding}"
            )
        number = jobs.start(kind, project, USER, t, details)
        return Reply(202, {"message": f"{words}. The JobId is : {number}"})

    def _projects(self, request: Request, _: tuple[str, ...]) -> Reply:
        try:
            limit, page = _whole(request, "limit", 25, 1), _whole(request, "offset", 1, 1)
        except BadQuery as error:
            return self.error(400, str(error))
        jobs = self.world.jobs
        numbers = range(1, jobs.projects + 1)[(page - 1) * limit : page * limit]
        rows = [{"id": number, "name": jobs.project_name(number), "owner": USER} for number in numbers]
        pages = -(-jobs.projects // limit)
        headers = [("Current-page", str(page)), ("Number-of-pages", str(pages)), ("Total-records", str(jobs.projects))]
        return Reply(payload={"data": rows}, headers=headers)

    def _project_id(self, request: Request, _: tuple[str, ...]) -> Reply:
        jobs = self.world.jobs
        index = names.service_index(self.world.seed, request.query.get("projectName", ""))
        if index is None or not 1 <= index - 7 <= jobs.projects:
            text = "The project name entered was not found"
            return Reply(400, {"Arguments: ": ["", ""], "Key: ": " InvalidProjectNameParm", "Error: ": text})
        return Reply(payload={"Content: ": index - 7})

    def _supports(self, _: Request, parts: tuple[str, ...]) -> Reply:
        return Reply(payload={"Content: ": json.dumps({"fnci.release.name": RELEASE})})


def _whole(request: Request, name: str, default: int, least: int) -> int:
    text = request.query.get(name)
    if text is None or text == "":
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10) or int(text) < least:
        raise BadQuery(f"{name} must be a number of at least {least}")
    return int(text)


def open_server(world: World, variants: Variants) -> CodeInsightServer:
    """This module's server."""
    return CodeInsightServer(world, variants)
