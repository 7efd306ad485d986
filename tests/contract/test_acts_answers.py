"""Acts on the simulator over real sockets: once done, never twice, whatever becomes of the answer."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from clients_site import LIMIT_S, on_site, server_of
from simulator_site import Site

from tui.acting import Actor
from tui.clock import SystemClock
from tui.domain.acts import (
    Ask,
    ExportProgress,
    Fate,
    JobRequest,
    Look,
    Outcome,
    ReportRequest,
    RowsPage,
    RowsQuery,
    Scope,
)
from tui.domain.problem import Problem, ProblemCode
from tui.domain.target import Target
from tui.exporting import Export
from tui.secrets import Secret
from tui.servers.http import Http
from tui.servers.kind import Client, kinds
from tui.settings import Settings

REQUEST = ReportRequest("nightly", Scope("repositories", ("docker-local",)), ("secrets",))


class HastyClock(SystemClock):
    """The machine's clock, but nobody waits between two looks."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(0)


@asynccontextmanager
async def actor_on(site: Site, **changes: Any) -> AsyncIterator[Actor]:
    """An actor on the simulator's servers, named like their kinds."""
    servers = tuple(server_of(site, kind, **changes) for kind in kinds())

    def opener(kind: str) -> Callable[[], Awaitable[Client]]:
        async def read() -> Secret:
            return Secret(site.announced["servers"][kind]["token"])

        async def open_client() -> Client:
            server = server_of(site, kind, **changes)
            return kinds()[kind].open_client(server, Http(server, HastyClock(), read))

        return open_client

    async with Actor(Settings(servers=servers), kinds(), {kind: opener(kind) for kind in kinds()}) as actor:
        yield actor


async def count(site: Site, endpoint: str) -> int:
    found: int = (await site.control("requests"))["counts"].get(endpoint, 0)
    return found


async def strike(site: Site, *faults: str) -> None:
    await site.control("faults", {"clear": True, "faults": ",".join(faults)})


async def make(actor: Actor, request: ReportRequest = REQUEST) -> Outcome:
    (outcome,) = await actor.create_report("xray", request)
    return outcome


async def completed(site: Site, actor: Actor) -> Target:
    """A report of ours that is done."""
    outcome = await make(actor)
    await site.control("clock", {"advance_s": 60})
    assert outcome.target is not None
    return outcome.target


def test_a_report_from_its_making_to_its_end(tmp_path: Path) -> None:
    async def live(site: Site) -> None:
        async with actor_on(site) as actor:
            report = await completed(site, actor)
            first = await actor.rows(report, RowsQuery(1, 2))
            second = await actor.rows(report, RowsQuery(2, 2))
            assert isinstance(first, RowsPage) and isinstance(second, RowsPage)
            ids = {row.id for row in (*first.rows, *second.rows)}
            assert len(ids) == min(4, first.total or 0) and first.total == second.total
            seen: list[ExportProgress] = []
            found = await actor.export_report(report, "json", tmp_path, progress=seen.append)
            assert isinstance(found, Export) and found.size == found.path.stat().st_size
            assert len(json.loads(found.path.read_text())["rows"]) == first.total
            assert seen[-1].done == seen[-1].total
            assert (await actor.delete_report(report)).is_done
            again = await actor.delete_report(report)
            assert again.fate is Fate.REFUSED and again.problem is not None
            assert again.problem.code is ProblemCode.MISSING
            gone = await actor.rows(report)
            assert isinstance(gone, Problem) and gone.code is ProblemCode.MISSING
        assert await count(site, "xray/report-create") == 1

    on_site(live, "day")


def test_each_category_is_a_report_of_its_own() -> None:
    async def live(site: Site) -> None:
        async with actor_on(site) as actor:
            request = ReportRequest("q3", Scope("builds", ("app",), 2), ("secrets", "iac"))
            outcomes = await actor.create_report("xray", request)
            assert [one.is_done for one in outcomes] == [True, True]
            made = {row["name"]: row["id"] for row in await site.reports() if row["name"].startswith("q3")}
            assert made == {"q3-secrets": outcomes[0].id, "q3-iac": outcomes[1].id}

    on_site(live, "day")


LOST = ("reset", "reset-body", "close", "truncated", "empty", "half-json", "login", "nulls")


@pytest.mark.parametrize("fault", [*LOST, "hang-body"])
def test_a_report_whose_answer_is_lost_is_found_and_not_made_twice(fault: str) -> None:
    async def live(site: Site) -> None:
        async with actor_on(site, answer_s=LIMIT_S) as actor:
            await make(actor)  # of the same name: not the one that is looked for
            await strike(site, f"xray/report-create:{fault}")
            outcome = await make(actor)
            await strike(site)
            assert (outcome.fate, outcome.look) == (Fate.DONE, Look.FOUND), outcome
            made = [row["id"] for row in await site.reports() if row["name"] == "nightly"]
            assert len(made) == 2 and outcome.id == max(made)
        assert await count(site, "xray/report-create") == 2

    on_site(live, "day")


@pytest.mark.parametrize("fault", ["hang", "502", "not-http"])
def test_an_act_that_never_arrived_is_unsure_and_left_to_the_person(fault: str) -> None:
    async def live(site: Site) -> None:
        async with actor_on(site, answer_s=LIMIT_S) as actor:
            project = await free_project(site, actor)
            await strike(site, f"xray/report-create:{fault}", f"codeinsight/notices:{fault}")
            for outcome in (await make(actor), await actor.start_job("codeinsight", JobRequest("notices", project))):
                assert (outcome.fate, outcome.look) == (Fate.UNSURE, Look.NOT_FOUND), outcome
            await strike(site)
            assert [row for row in await site.reports() if row["name"] == "nightly"] == []
        assert await count(site, "xray/report-create") == await count(site, "codeinsight/notices") == 1

    on_site(live, "day")


def test_where_looking_is_cut_off_too_it_says_that_it_cannot_tell() -> None:
    async def live(site: Site) -> None:
        async with actor_on(site) as actor:
            await make(actor)
            await strike(site, "xray/report-create:reset", "xray/reports:slow=0*1", "xray/reports:reset")
            outcome = await make(actor)
            assert (outcome.fate, outcome.look) == (Fate.UNSURE, Look.CANNOT_TELL), outcome
        assert await count(site, "xray/report-create") == 2

    on_site(live, "day")


@pytest.mark.parametrize("fault", LOST)
def test_a_deletion_whose_answer_is_lost(fault: str) -> None:
    async def live(site: Site) -> None:
        async with actor_on(site) as actor:
            report = await completed(site, actor)
            await strike(site, f"xray/report-delete:{fault}")
            outcome = await actor.delete_report(report)
            assert outcome.is_done and outcome.target == report, outcome
        assert await count(site, "xray/report-delete") == 1

    on_site(live, "day")


@pytest.mark.parametrize("answer", ["string", "info"])
def test_both_forms_of_a_deletions_answer(answer: str) -> None:
    async def live(site: Site) -> None:
        async with actor_on(site) as actor:
            assert (await actor.delete_report(await completed(site, actor))).look is Look.NOT_NEEDED

    on_site(live, "day", variants=f"delete-answer={answer}")


async def free_project(site: Site, actor: Actor) -> int:
    """A project of which nothing is under way."""
    found = (await actor.suggest("codeinsight", Ask("project", limit=100))).found
    assert found
    for one in found:
        jobs = (await site.jobs(projectId=one.value)).json()["data"]
        if all(job["status"] in ("Completed", "Failed", "Canceled", "Terminated") for job in jobs):
            return int(one.value)
    raise AssertionError("every project is busy in this story")


@pytest.mark.parametrize("kind", ["notices", "sbom-export"])
@pytest.mark.parametrize("fault", ["", "reset", "truncated", "login", "hang-body"])
def test_a_job_is_started_once_and_found(kind: str, fault: str) -> None:
    async def live(site: Site) -> None:
        async with actor_on(site, answer_s=LIMIT_S) as actor:
            project = await free_project(site, actor)
            await strike(site, *([f"codeinsight/{kind}:{fault}"] if fault else []))
            outcome = await actor.start_job("codeinsight", JobRequest(kind, project))
            assert outcome.is_done and outcome.target is not None, outcome
            assert outcome.look is (Look.FOUND if fault else Look.NOT_NEEDED)
            await strike(site)
            job = (await site.call("codeinsight", "GET", f"/jobs/{outcome.id}")).json()
            assert job["project"]["id"] == project
            again = await actor.start_job("codeinsight", JobRequest(kind, project))
            assert again.fate is Fate.REFUSED and "already queued" in again.text
        assert await count(site, f"codeinsight/{kind}") == 2

    on_site(live, "day")


def test_refusals_name_the_permission() -> None:
    async def live(site: Site) -> None:
        async with actor_on(site) as actor:
            await strike(site, "xray/report-create:403", "codeinsight/notices:403", "xray/report-rows:403")
            assert "Manage Reports" in (await make(actor)).text
            assert "Analyst or Reviewer" in (await actor.start_job("codeinsight", JobRequest("notices", 1))).text
            rows = await actor.rows(Target("xray", "report", ("101",)))
            assert isinstance(rows, Problem) and "Manage Reports" in rows.advice

    on_site(live, "day")


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("truncated", ProblemCode.BAD_ANSWER),
        ("reset-body", ProblemCode.REFUSED),
        ("hang-body", ProblemCode.TIMEOUT),
        ("login", ProblemCode.BAD_ANSWER),
        ("empty", ProblemCode.BAD_ANSWER),
        ("404", ProblemCode.MISSING),
        ("503", ProblemCode.SERVER_ERROR),
        ("redirect-host", ProblemCode.REDIRECTED),
        ("huge=12", ProblemCode.TOO_LARGE),
        ("gzip-bomb=64", ProblemCode.TOO_LARGE),
    ],
)
def test_an_export_that_breaks_leaves_no_file(fault: str, code: ProblemCode, tmp_path: Path) -> None:
    async def live(site: Site) -> None:
        async with actor_on(site, answer_s=LIMIT_S * 3) as actor:
            report = await completed(site, actor)
            await strike(site, f"xray/report-export:{fault}")
            found = await actor.export_report(report, "csv", tmp_path)
            assert isinstance(found, Problem) and found.code is code, found

    on_site(live, "day")
    assert list(tmp_path.iterdir()) == []


def test_an_export_of_a_report_that_still_runs_says_so(tmp_path: Path) -> None:
    async def live(site: Site) -> None:
        async with actor_on(site) as actor:
            report = (await make(actor)).target
            assert report is not None
            for found in (await actor.export_report(report, "pdf", tmp_path), await actor.rows(report)):
                assert isinstance(found, Problem) and "not completed" in found.text

    on_site(live, "day")


def test_names_are_completed_from_the_servers_lists() -> None:
    async def live(site: Site) -> None:
        async with actor_on(site) as actor:
            builds = (await actor.suggest("xray", Ask("build"))).found
            assert builds
            word = builds[-1].value[:3]
            narrowed = (await actor.suggest("xray", Ask("build", word))).found
            assert narrowed and all(word in one.value for one in narrowed)
            assert (await actor.suggest("xray", Ask("number", within=builds[0].value))).found
            repositories = (await actor.suggest("xray", Ask("repository"))).found
            paths = (await actor.suggest("xray", Ask("artifact", within=repositories[0].value))).found
            assert paths and paths[0].value.endswith("manifest.json")
            await strike(site, "xray/builds:403")
            assert (await actor.suggest("xray", Ask("build"))).found  # Artifactory's
            await strike(site, "xray:reset")
            broken = await actor.suggest("xray", Ask("build"))
            assert broken.problem is not None and broken.problem.code is ProblemCode.REFUSED

    on_site(live, "day")
