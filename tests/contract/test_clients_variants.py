"""Every form that real servers differ in, over real sockets: the same facts come out whatever the form."""

from __future__ import annotations

from typing import Any

import pytest
from clients_site import asked, client_of, of_the_day, on_site, problem_of
from simulator_site import Site

from tui.domain.problem import ProblemCode
from tui.domain.records import STAGES, ListQuery, Record
from tui.domain.target import Target
from tui.simulator.variants import VALUES


def pairs(*names: str) -> list[tuple[str, str]]:
    return [(name, value) for name in names for value in VALUES[name]]


def told(record: Record) -> tuple[Any, ...]:
    stages = tuple((stage.name, stage.state) for stage in (*record.stages, *record.categories))
    return record.target.key, record.name, record.state, stages


async def choose(site: Site, name: str, value: str) -> None:
    await site.control("variants", {name: value})


async def jobs(site: Site, page: int = 1, limit: int = 7, **filters: str) -> list[Record]:
    async with client_of(site, "codeinsight") as client:
        answer = await client.list(ListQuery("codeinsight", "jobs", tuple(filters.items()), page, limit))
    assert answer.page is not None, answer.problem
    return list(answer.page.records)


@pytest.mark.parametrize(
    ("name", "value"),
    pairs("list-shape", "headers", "empty", "status-case", "limit", "job-times", "transfer", "gzip", "date", "extra"),
)
def test_a_page_of_jobs_says_the_same_in_every_form(name: str, value: str) -> None:
    async def check(site: Site) -> None:
        plain = await jobs(site, 2)
        await choose(site, name, value)
        for filters in ({"status": "Active"}, {"type": "project scan"}, {"status": "Active|New"}, {"type": "Report"}):
            for record in await jobs(site, limit=50, **filters):
                if "type" not in filters:
                    assert record.state.value in ("running", "waiting")
        varied = await jobs(site, 2)
        assert [told(record) for record in varied] == [told(record) for record in plain]
        assert len(varied) == 7
        if name == "job-times" and value != "missing":
            times = [(record.detail.when("queued_at"), record.since_at) for record in plain]
            found = [(record.detail.when("queued_at"), record.since_at) for record in varied]
            assert [t and t.replace(microsecond=0) for pair in found for t in pair] == [
                t and t.replace(microsecond=0) for pair in times for t in pair
            ]

    on_site(check, "day")


@pytest.mark.parametrize(
    ("name", "value"), pairs("server-field", "project-field", "user-field", "job-wrap", "job-times")
)
def test_one_job_in_every_form(name: str, value: str) -> None:
    async def check(site: Site) -> None:
        plain = (await of_the_day(site, "job")).readings[0].record
        await choose(site, name, value)
        record = (await of_the_day(site, "job")).readings[0].record
        assert plain is not None
        assert record is not None
        assert (record.target, record.state) == (plain.target, plain.state)
        field = {"server-field": "server", "project-field": "project", "user-field": "user"}.get(name)
        if field is not None and value in ("off", "null"):
            assert record.detail.get(field) is None
        elif value == "word":  # the word null or N/A, where there is none to name
            assert record.detail.get(field or "") in (None, plain.detail.get(field or ""))
        elif field is not None:
            assert record.detail.get(field) == plain.detail.get(field)
            assert record.name == plain.name

    on_site(check, "day")


@pytest.mark.parametrize("form", VALUES["empty"])
@pytest.mark.parametrize("errors", VALUES["errors"])
def test_no_jobs_is_an_empty_page(form: str, errors: str) -> None:
    async def check(site: Site) -> None:
        await choose(site, "empty", form)
        await choose(site, "errors", errors)
        assert await jobs(site, user="nobody") == []
        assert await jobs(site, page=500) == []

    on_site(check, "day")


@pytest.mark.parametrize("zone", ["America/Chicago", "Asia/Kolkata", "UTC"])
def test_local_times_are_read_in_the_servers_zone(zone: str) -> None:
    async def check(site: Site) -> None:
        (first,) = await jobs(site, limit=1)
        at = first.detail.when("queued_at")
        assert at is not None
        assert abs((at - site.world.clock.server_at()).total_seconds()) < 3600

    on_site(check, "day", variants=f"zone={zone}")


@pytest.mark.parametrize(("name", "value"), pairs("job-missing"))
def test_a_job_that_is_not_there(name: str, value: str) -> None:
    async def check(site: Site) -> None:
        await choose(site, name, value)
        async with client_of(site, "codeinsight") as client:
            problem = problem_of(await client.read([Target("codeinsight", "job", ("999999",))]))
        assert problem is not None
        # A web page tells of a wrong url or too old a server, not of a job.
        assert problem.code is (ProblemCode.BAD_ANSWER if value == "html" else ProblemCode.MISSING)

    on_site(check, "day")


@pytest.mark.parametrize(
    ("name", "value"),
    pairs("times", "xray-case", "categories", "transfer", "gzip", "date", "extra", "report-end", "report-words"),
)
@pytest.mark.parametrize("question", ["build", "artifact", "report"])
def test_xray_says_the_same_in_every_form(question: str, name: str, value: str) -> None:
    async def check(site: Site) -> None:
        plain = (await of_the_day(site, question)).readings[0].record
        await choose(site, name, value)
        varied = (await of_the_day(site, question)).readings[0].record
        assert plain is not None
        assert varied is not None
        if name == "categories" and value == "off":
            assert (varied.categories, varied.stages) == ((), plain.stages)
            return
        assert told(varied) == told(plain)
        if name == "times" and value in ("zero", "missing"):
            assert {stage.time_at for stage in varied.stages} <= {None}
        elif name == "times":
            assert [t and t.replace(microsecond=0) for t in (s.time_at for s in varied.stages)] == [
                s.time_at for s in plain.stages
            ]
            assert varied.since_at is not None

    on_site(check, "day")


@pytest.mark.parametrize("form", VALUES["stages"])
def test_stages_that_are_absent(form: str) -> None:
    async def check(site: Site) -> None:
        async with client_of(site, "xray") as client:
            target = (await of_the_day(site, "artifact")).readings[0].target
            await choose(site, "stages", form)
            record = (await client.read([target])).readings[0].record
        assert record is not None
        absent = [stage.name for stage in record.stages if stage.state.value == "absent"]
        assert (
            absent
            == {
                "natural": absent,
                "no-exposures": ["exposures"],
                "minimal": ["contextual_analysis", "exposures"],
                "none": list(STAGES),
            }[form]
        )
        assert len(record.stages) == 4

    on_site(check, "day")


@pytest.mark.parametrize("form", VALUES["xray-errors"])
def test_errors_of_xray_in_every_form(form: str) -> None:
    async def check(site: Site) -> None:
        await choose(site, "xray-errors", form)
        async with client_of(site, "xray") as client:
            problem = problem_of(await client.read([Target("xray", "build", ("my-build", "3"))]))
        assert problem is not None
        assert problem.code is ProblemCode.MISSING
        assert "not indexed or does not exist" in problem.text
        assert "my-build build number: 3" in problem.text

    on_site(check)


@pytest.mark.parametrize("version", ["2.8.8", "2.7.6", "2.4.5"])
def test_releases_of_threadfix(version: str) -> None:
    async def check(site: Site) -> None:
        await choose(site, "threadfix", version)
        record = (await of_the_day(site, "scan")).readings[0].record
        assert record is not None
        assert record.state.value == "done"
        assert (record.detail.get("scanId") is None) == (version != "2.8.8")
        assert (record.detail.get("modified_at") is None) == (version != "2.8.8")
        assert record.since_at is not None

    on_site(check, "day")


def test_threadfix_3_1_is_explained() -> None:
    async def check(site: Site) -> None:
        await choose(site, "threadfix", "3.1")
        problem = problem_of(await asked(site, "scan"))
        assert problem is not None
        assert problem.code is ProblemCode.BAD_ANSWER
        assert "3.1" in problem.text + problem.advice

    on_site(check)


@pytest.mark.parametrize("form", VALUES["threadfix-auth"])
def test_a_wrong_key_in_every_form_is_a_refusal(form: str) -> None:
    async def check(site: Site) -> None:
        await choose(site, "threadfix-auth", form)
        site.announced["servers"]["threadfix"]["token"] = "wrong"
        answer = await asked(site, "scan")
        problem = problem_of(answer)
        assert problem is not None
        assert problem.code is ProblemCode.UNAUTHORISED
        assert answer.problem == problem

    on_site(check)


@pytest.mark.parametrize("form", VALUES["threadfix-errors"])
def test_a_lost_scan_in_every_form(form: str) -> None:
    async def check(site: Site) -> None:
        await choose(site, "threadfix-errors", form)
        async with client_of(site, "threadfix") as client:
            problem = problem_of(await client.read([Target("threadfix", "scan", ("6", "999999"))]))
        assert problem is not None
        assert problem.code is (ProblemCode.BAD_ANSWER if form == "html" else ProblemCode.MISSING), problem

    on_site(check)


@pytest.mark.parametrize("kind", ["xray", "threadfix", "codeinsight"])
def test_a_wrong_token_is_a_refusal_of_the_server(kind: str) -> None:
    async def check(site: Site) -> None:
        site.announced["servers"][kind]["token"] = "wrong"
        question = {"xray": "build", "threadfix": "scan", "codeinsight": "jobs"}[kind]
        answer = await asked(site, question)
        assert answer.problem is not None
        assert answer.problem.code is ProblemCode.UNAUTHORISED
        assert len(answer.calls) == 1

    on_site(check)


def test_every_watched_thing_of_a_working_day_is_read() -> None:
    async def check(site: Site) -> None:
        from tui.servers.kind import kinds
        from tui.settings import WatchedTarget

        for table in site.announced["watch"]:
            kind = table["server"]
            inner = {key: value for key, value in table.items() if key != "server"}
            form = next(form for form in kinds()[kind].watch_forms if form.marker in inner)
            for item in form.read(kind, inner):
                if not isinstance(item, WatchedTarget):
                    continue
                async with client_of(site, kind) as client:
                    reading = (await client.read([item.target])).readings[0]
                assert reading.record is not None or reading.problem is not None
                if reading.problem is not None:
                    assert reading.problem.code is ProblemCode.MISSING, reading.problem

    on_site(check, "day")
