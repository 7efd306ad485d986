"""What the servers can tell beside a status: each kind's evidence over real HTTP, refusals too, and nothing changed."""

from __future__ import annotations

import asyncio

import pytest
from clients_site import client_of, on_site
from simulator_site import Site, running

from tui.domain.evidence import Fact, Question
from tui.domain.state import State
from tui.domain.target import Target
from tui.servers.kind import GathersEvidence
from tui.simulator.xray_indexed import NOT_INDEXED_BUILD

NIGHTLY = Target("xray", "build", (NOT_INDEXED_BUILD, "3"))
IMAGE = Target("xray", "artifact", ("docker-remote-cache", "app/1.0/manifest.json"), (), True)
JOB = Target("codeinsight", "job", ("437",))
SCAN = Target("threadfix", "scan", ("6", "41"))


async def gathered(site: Site, target: Target, state: State, **changes: object) -> dict[Question, Fact]:
    async with client_of(site, target.server, **changes) as client:
        assert isinstance(client, GathersEvidence)
        return {fact.question: fact for fact in await client.gather(target, state)}


def asked(target: Target, state: State, **options: str) -> dict[Question, Fact]:
    async def run() -> dict[Question, Fact]:
        async with running("day", **options) as site:
            return await gathered(site, target, state)

    return asyncio.run(run())


def test_a_build_that_exists_and_is_not_indexed() -> None:
    facts = asked(NIGHTLY, State.MISSING, variants="xray-admin=on")
    assert {question: fact.is_so for question, fact in facts.items()} == {
        Question.BUILD_LISTED: True,
        Question.BUILD_INDEXED: False,
    }
    call = facts[Question.BUILD_LISTED].call
    assert call is not None and call.path == f"/artifactory/api/build/{NOT_INDEXED_BUILD}" and call.http_status == 200


def test_a_build_that_nobody_has_and_a_refusal_of_the_administrators_list() -> None:
    facts = asked(Target("xray", "build", ("no-such", "3")), State.MISSING)
    assert facts[Question.BUILD_LISTED].is_so is False and facts[Question.BUILD_LISTED].problem is None
    refused = facts[Question.BUILD_INDEXED]
    assert refused.problem is not None and refused.problem.http_status == 403
    assert refused.call is not None and refused.call.path == "/xray/api/v1/binMgr/default/builds"


@pytest.mark.parametrize(("admin", "is_so"), [("on", True), ("off", None)])
def test_the_repository_of_an_artifact(admin: str, is_so: bool | None) -> None:
    facts = asked(IMAGE, State.MISSING, variants=f"xray-admin={admin}")
    assert facts[Question.REPOSITORY_LISTED].is_so is True
    assert facts[Question.REPOSITORY_SCANNED].is_so is True and facts[Question.REPOSITORY_SCANNED].name == "docker"
    assert facts[Question.REPOSITORY_INDEXED].is_so is is_so


def test_a_repository_that_is_not_there() -> None:
    facts = asked(Target("xray", "artifact", ("nowhere", "x.jar"), (), True), State.MISSING, variants="xray-admin=on")
    assert facts[Question.REPOSITORY_LISTED].is_so is False and facts[Question.REPOSITORY_SCANNED].is_so is False
    assert facts[Question.REPOSITORY_INDEXED].is_so is None


def test_how_many_reports_are_kept() -> None:
    (fact,) = asked(Target("xray", "report", ("1",)), State.WAITING).values()
    assert fact.count is not None and fact.limit is not None and 0 < fact.count <= fact.limit


def test_the_jobs_that_are_active_and_those_that_are_scheduled() -> None:
    facts = asked(JOB, State.WAITING)
    active, scheduled = facts[Question.ACTIVE_JOBS], facts[Question.SCHEDULED_JOBS]
    assert {record.state for record in active.records} == {State.RUNNING}
    assert {record.status for record in scheduled.records} == {"Scheduled"}
    assert active.call is not None and "status=Active" in active.call.path
    assert Question.SCHEDULED_JOBS not in asked(JOB, State.RUNNING)


def test_the_finished_scans_of_an_application() -> None:
    (fact,) = asked(SCAN, State.FAILED).values()
    assert fact.problem is None and fact.call is not None and fact.call.path == "/rest/latest/applications/6/scans"
    assert fact.is_so is (fact.at is not None) is bool(fact.count)


@pytest.mark.parametrize("target", [NIGHTLY, IMAGE, JOB, SCAN, Target("xray", "report", ("1",))], ids=lambda t: t.kind)
@pytest.mark.parametrize("fault", ["503", "html", "half-json", "reset", "401"])
def test_every_failure_is_a_fact_of_its_own(target: Target, fault: str) -> None:
    facts = asked(target, State.WAITING, faults=f"{target.server}:{fault}")
    assert facts and all(fact.problem is not None for fact in facts.values())


@pytest.mark.parametrize("target", [NIGHTLY, JOB, SCAN], ids=lambda target: target.kind)
def test_nothing_is_asked_of_what_is_done_and_nothing_but_reads_is_sent(target: Target) -> None:
    async def test(site: Site) -> None:
        assert await gathered(site, target, State.DONE) == {}
        assert await gathered(site, target, State.WAITING)
        requests = (await site.control("requests"))["requests"]
        assert requests and {one["method"] for one in requests} == {"GET"}

    on_site(test, "day")
