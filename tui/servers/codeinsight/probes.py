"""What `scantop doctor` asks a Code Insight. The release comes from an undocumented call that the vendor's own scripts
use; where it is missing, the jobs call itself shows that the server is new enough.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from tui.domain.problem import ProblemCode
from tui.servers.codeinsight.client import API, authorise
from tui.servers.codeinsight.wire import past_end
from tui.servers.errors import ServerError
from tui.servers.http import Http, HttpAnswer
from tui.servers.probing import NOWHERE, Probe, Probes, Release
from tui.settings import ServerSettings

JOBS_SINCE = "2023 R1"  # /jobs with its filters; 2022 R4 called it /jobs/all
NO_JOB = 0  # ids count from 1
NOT_TOLD = "Code Insight did not tell its release; where the jobs call answers it is 2023 R1 or later."


def open_probes(server: ServerSettings, http: Http) -> Probes:
    """The probes of one Code Insight."""
    http.authorise_with(authorise)

    async def jobs() -> HttpAnswer:
        try:
            return await http.request("GET", f"{API}/jobs", params=(("limit", "1"), ("offset", "1")), may_be_empty=True)
        except ServerError as error:
            return _empty_queue(error)

    async def job() -> HttpAnswer:
        return await _not_there("GET", f"{API}/jobs/{NO_JOB}")

    async def project() -> HttpAnswer:
        return await _not_there("GET", f"{API}/project/id", (("projectName", NOWHERE),))

    async def _not_there(method: str, path: str, params: tuple[tuple[str, str], ...] = ()) -> HttpAnswer:
        """A thing that is not there is a 400 on some of these servers, and on others a 404, with a page or without."""
        try:
            return await http.request(method, path, params=params, may_be_empty=True)
        except ServerError as error:
            if error.answer is not None and error.answer.status in (400, 404):
                return error.answer
            raise

    async def release() -> Release:
        try:
            answer = await http.request("GET", f"{API}/v1/agent/supports")
        except ServerError as error:
            if error.problem.code in (ProblemCode.MISSING, ProblemCode.BAD_ANSWER, ProblemCode.FORBIDDEN):
                return Release(note=NOT_TOLD)
            raise
        found = _release_in(answer.body)
        return Release(found) if found else Release(note=NOT_TOLD)

    anyone = "any user of Code Insight"
    probes = (
        Probe("GET /codeinsight/api/jobs", "the queue", anyone, jobs, JOBS_SINCE),
        Probe("GET /codeinsight/api/jobs/ID", "one job", anyone, job, JOBS_SINCE),
        Probe("GET /codeinsight/api/project/id", "the filter by project name", anyone, project, is_needed=False),
    )
    untried = ("Starting jobs is not tried, since it changes something; it needs 2023 R2 and a role in the project.",)
    return Probes("Code Insight", probes, release, untried)


def _empty_queue(error: ServerError) -> HttpAnswer:
    """An empty queue is an error on some releases (past the end), and an answer all the same."""
    answer = error.answer
    if answer is not None and answer.status == 400 and past_end(answer.text) is not None:
        return answer
    raise error


def _release_in(body: object) -> str:
    """``{"Content: ": "{\\"fnci.release.name\\": \\"2024 R2\\"}"}``: JSON in a JSON text."""
    for _ in range(3):
        if isinstance(body, str):
            try:
                body = json.loads(body)
            except (ValueError, RecursionError):
                return ""
        if not isinstance(body, Mapping):
            return ""
        name = body.get("fnci.release.name")
        if isinstance(name, str):
            return name
        body = next(iter(body.values()), None)
    return ""
