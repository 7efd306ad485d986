"""Code Insight: the queue with its pages and filters, single jobs, and the two that can be started."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from typing import Any

import httpx
import pytest
from simulator_site import running

pytestmark = pytest.mark.anyio


async def test_the_queue_is_paged_newest_first_without_gaps() -> None:
    async with running() as site:
        ids: list[int] = []
        for page in range(1, 19):
            answer = await site.jobs(offset=page)
            ids += [job["id"] for job in answer.json()["data"]]
            assert answer.headers["Current-page"] == str(page)
            assert (answer.headers["Number-of-pages"], answer.headers["Total-records"]) == ("18", "437")
        assert ids == list(range(437, 0, -1))
        assert (await site.jobs(offset=19)).json()["data"] == []


@pytest.mark.parametrize(
    ("query", "member"),
    [
        ({"status": "Completed"}, lambda job: job["status"] == "Completed"),
        ({"jobType": "Project Scan"}, lambda job: job["jobType"] == "Project Scan"),
        ({"projectId": 3}, lambda job: job["project"]["id"] == 3),
        ({"triggeredBy": "admin"}, lambda job: job["triggeredBy"]["user"] == "admin"),
        ({"jobsHistoryInDays": 1}, lambda job: job["queuedOn"] >= "2026-11-21 07:00:00"),
        ({"status": "Failed", "jobType": "Remote Scan"}, lambda job: job["error"]),
    ],
)
async def test_each_filter_leaves_what_fits_and_its_total(query: dict[str, Any], member: Any) -> None:
    async with running() as site:
        answer = await site.jobs(**query, limit=1000)
        found = answer.json()["data"]
        everything = (await site.jobs(limit=1000)).json()["data"]
        assert all(member(job) for job in found)
        assert 0 < len(found) == int(answer.headers["Total-records"]) < len(everything)
        if "status" not in query or "jobType" not in query:
            rest = [job for job in everything if job not in found]
            assert not any(job["project"] and job["triggeredBy"] and member(job) for job in rest)


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": "x"},
        {"offset": 0},
        {"status": "Nonsense"},
        {"jobsHistoryInDays": 3651},
        {"projectId": -1},
    ],
)
async def test_a_wrong_filter_is_a_bad_request(query: dict[str, Any]) -> None:
    async with running() as site:
        answer = await site.jobs(**query)
        assert answer.status_code == 400 and answer.json()["errors"][0]["message"]


async def test_a_single_job_is_the_top_of_the_body_and_agrees_with_the_list() -> None:
    async with running() as site:
        for job in (await site.jobs()).json()["data"]:
            assert (await site.call("codeinsight", "GET", f"/jobs/{job['id']}")).json() == job
        assert (await site.call("codeinsight", "GET", "/jobs/999999")).status_code == 404
        assert (await site.call("codeinsight", "GET", "/jobs/x")).status_code == 400


@pytest.mark.parametrize(("path", "kind"), [("notices", "Update Notices"), ("sbomexport", "Export to SBOM Insights")])
async def test_the_two_jobs_that_can_be_started(path: str, kind: str) -> None:
    async with running() as site:
        before = int((await site.jobs()).headers["Total-records"])
        answers = [await site.call("codeinsight", "POST", f"/jobs/{path}/{project}") for project in range(1, 12)]
        accepted = [answer for answer in answers if answer.status_code == 202]
        refused = [answer for answer in answers if answer.status_code != 202]
        numbers = [int(answer.json()["message"].rpartition(":")[2]) for answer in accepted]
        assert numbers == list(range(before + 1, before + 1 + len(numbers)))
        assert len(accepted) >= 5
        assert all(answer.status_code == 400 and "already" in answer.text for answer in refused)
        job = (await site.call("codeinsight", "GET", f"/jobs/{numbers[0]}")).json()
        assert (job["jobType"], job["status"], job["triggeredBy"]["user"]) == (kind, "New", "admin")
        assert (await site.jobs()).json()["data"][0]["id"] == numbers[-1]
        await site.control("clock", {"advance_s": 200})
        assert (await site.call("codeinsight", "GET", f"/jobs/{numbers[0]}")).json()["status"] == "Completed"
        assert (await site.call("codeinsight", "POST", f"/jobs/{path}/99999")).status_code == 404
        assert (await site.call("codeinsight", "POST", f"/jobs/{path}/x")).status_code == 400


async def test_projects_release_and_an_unknown_project_in_the_old_form() -> None:
    async with running() as site:
        first = (await site.call("codeinsight", "GET", "/projects")).json()["data"][0]
        found = await site.call("codeinsight", "GET", "/project/id", params={"projectName": first["name"]})
        assert found.json() == {"Content: ": first["id"]}
        unknown = await site.call("codeinsight", "GET", "/project/id", params={"projectName": "nope"})
        assert (unknown.status_code, unknown.json()["Error: "]) == (400, "The project name entered was not found")
        supports = (await site.call("codeinsight", "GET", "/v1/agent/supports")).json()
        assert json.loads(supports["Content: "])["fnci.release.name"] == "2025 R1"


async def test_a_filter_over_a_long_queue_keeps_nobody_else_waiting() -> None:
    ended: list[str] = []
    async with running(jobs=8000) as site:

        async def follow(name: str, call: Awaitable[httpx.Response]) -> httpx.Response:
            answer = await call
            ended.append(name)
            return answer

        filtered, _ = await asyncio.gather(
            follow("filter", site.jobs(status="Failed")), follow("status", site.scan(6, 41))
        )
        assert ended == ["status", "filter"]
        assert {job["status"] for job in filtered.json()["data"]} == {"Failed"}
