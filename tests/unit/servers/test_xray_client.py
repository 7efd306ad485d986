"""Xray through its client: the documents' samples, the forms that servers differ in, and what goes wrong."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from wire_bench import ARTIFACT, BUILD, Wire, ask, fixture, listing, page_of, read, read_one, record_of, reply, utc

from tui.domain.problem import ProblemCode
from tui.domain.records import CATEGORIES, STAGES, ListQuery
from tui.domain.state import State
from tui.domain.target import Target

REPORTS = ListQuery("xray", "reports")
ABSENT = (None, State.ABSENT, None)


def report(number: int) -> Target:
    return Target("xray", "report", (str(number),))


def row(number: int, status: str = "running", **more: Any) -> dict[str, Any]:
    return {"id": number, "name": f"r{number}", "report_type": "exposures", "status": status, **more}


def test_the_documents_build_sample() -> None:
    wire = Wire(fixture("xray/build_status.json"))
    record = read_one("xray", wire, BUILD).record
    assert wire.paths == ["POST /xray/api/v1/build/status"]
    assert wire.bodies == [{"name": "my-build", "number": "1", "project": "my-project"}]
    assert record is not None
    assert (record.name, record.state, record.status, record.note) == ("my-build 1", State.DONE, "DONE", "")
    assert record.since_at == utc(2024, 7, 9, 7, 22, 5)
    assert [(stage.status, stage.state, stage.time_at) for stage in record.stages] == [
        ("DONE", State.DONE, utc(2024, 7, 9, 7, 22, 4)),
        ("DONE", State.DONE, utc(2024, 7, 9, 7, 22, 4)),
        ABSENT,
        ("DONE", State.DONE, utc(2024, 7, 9, 7, 22, 5)),
    ]
    assert record.categories == ()
    assert '"overall"' in record.raw
    assert record.web_url == (
        "https://xray.test/ui/scans-list/builds-scans/my-build/scan-descendants/1?version=1"
        "&package_id=build%3A%2F%2F%5Bmy-project-build-info%5D%2Fmy-build&build_repository=my-project-build-info"
        "&component_id=build%3A%2F%2F%5Bmy-project-build-info%5D%2Fmy-build%3A1&page_type=security-vulnerabilities"
    )


def test_the_documents_artifact_sample() -> None:
    wire = Wire(fixture("xray/artifact_status.json"))
    record = read_one("xray", wire, ARTIFACT).record
    assert wire.paths == ["POST /xray/api/v1/artifact/status"]
    assert wire.bodies == [{"repo": "docker-local", "path": "desktop-storage/1.0/manifest.json"}]
    assert record is not None
    assert record.state is State.DONE
    assert [stage.name for stage in record.stages] == list(STAGES)
    assert [stage.time_at for stage in record.stages] == [
        utc(2024, 7, 4, 7, 5, 27),
        utc(2024, 7, 4, 7, 5, 26),
        utc(2024, 5, 16, 7, 57, 35),
        utc(2024, 7, 4, 7, 5, 51),
    ]
    assert [(category.name, category.status, category.state) for category in record.categories] == [
        ("secrets", "DONE", State.DONE),
        ("services", "DONE", State.DONE),
        ("applications", "DONE", State.DONE),
        ("iac", "NOT_SUPPORTED", State.UNSUPPORTED),
    ]
    assert record.web_url == "https://xray.test/ui/repos/tree/Xray/docker-local/desktop-storage/1.0/manifest.json"


@pytest.mark.parametrize(
    ("target", "name", "reason"),
    [
        (BUILD, "xray/build_status_404.json", "is either not indexed or does not exist"),
        (ARTIFACT, "xray/artifact_status_404.json", "does not exist in Artifactory"),
    ],
)
def test_the_documents_404_samples(target: Target, name: str, reason: str) -> None:
    problem = read_one("xray", Wire(handler=lambda _: reply(fixture(name), 404)), target).problem
    assert problem is not None
    assert (problem.code, problem.http_status) == (ProblemCode.MISSING, 404)
    assert "not indexed or does not exist" in problem.text
    assert reason in problem.text


def test_a_404_is_not_the_servers_problem_but_a_401_is() -> None:
    assert read("xray", Wire(handler=lambda _: reply({"error": "x"}, 404)), BUILD).problem is None
    answer = read("xray", Wire(handler=lambda _: reply({"error": "Found invalid token"}, 401)), BUILD)
    assert answer.problem is not None
    assert answer.problem.code is ProblemCode.UNAUTHORISED
    assert "Found invalid token" in answer.problem.text
    assert answer.calls[-1].problem == answer.problem
    assert (answer.calls[-1].method, answer.calls[-1].http_status) == ("POST", 401)


def test_exposures_without_categories_and_odd_spellings() -> None:
    body = {
        "overall": {"status": "scanning", "time": "2023-08-09T15:14:44+03:00"},
        "details": {
            "sca": {"status": "not scanned", "time": "0001-01-01T00:00:00Z"},
            "contextual_analysis": None,
            "exposures": {"status": "Not-Supported"},
            "violations": {"status": "", "time": None, "new": {"deep": [1]}},
            "secrets_of_tomorrow": 7,
        },
        "extra": [],
    }
    record = record_of("xray", body, BUILD)
    assert record.state is State.RUNNING
    assert record.status == "scanning", "the server's own word"
    assert record.since_at == utc(2023, 8, 9, 12, 14, 44)
    assert [(stage.status, stage.state) for stage in record.stages] == [
        ("not scanned", State.NOT_SCANNED),
        (None, State.ABSENT),
        ("Not-Supported", State.UNSUPPORTED),
        ("", State.NOT_SCANNED),
    ]
    assert [stage.time_at for stage in record.stages] == [None] * 4
    assert record.categories == ()


def test_categories_are_four_in_order_when_some_are_told() -> None:
    told = {"iac": {"status": "DONE"}, "secrets": {"status": "FAILED"}}
    body = {"overall": {"status": "DONE"}, "details": {"exposures": {"status": "PARTIAL", "categories": told}}}
    record = record_of("xray", body, BUILD)
    assert record.state is State.PARTIAL
    assert [(category.name, category.state) for category in record.categories] == [
        (CATEGORIES[0], State.FAILED),
        (CATEGORIES[1], State.ABSENT),
        (CATEGORIES[2], State.ABSENT),
        (CATEGORIES[3], State.DONE),
    ]


def test_overall_alone_is_not_trusted() -> None:
    def state(overall: str, **stages: str) -> tuple[State, str]:
        details = {name: {"status": status} for name, status in stages.items()}
        record = record_of("xray", {"overall": {"status": overall}, "details": details}, BUILD)
        return record.state, record.note

    assert state("DONE", sca="DONE", violations="NOT_SCANNED") == (State.PARTIAL, "violations not scanned")
    assert state("DONE", sca="DONE", violations="FAILED", exposures="NOT_SUPPORTED") == (
        State.FAILED,
        "violations failed",
    )
    assert state("PENDING", sca="PENDING", violations="NOT_SCANNED") == (State.WAITING, "")
    assert state("DONE", sca="DONE", violations="SCANNING") == (State.RUNNING, "")
    assert state("NOT_SUPPORTED", sca="NOT_SUPPORTED") == (State.UNSUPPORTED, "")
    assert state("INDEXING_SOON") == (State.UNKNOWN, "")


def test_overall_without_details_and_details_without_overall() -> None:
    alone = record_of("xray", {"overall": {"status": "DONE"}}, BUILD)
    assert (alone.state, {stage.state for stage in alone.stages}) == (State.DONE, {State.ABSENT})
    headless = record_of("xray", {"details": {"sca": {"status": "DONE"}}}, BUILD)
    assert (headless.state, headless.status) == (State.UNKNOWN, None)


@pytest.mark.parametrize(
    "body",
    [
        *({}, [], 7, "DONE", {"overall": "DONE"}, {"overall": {"status": 5}}, {"details": []}, {"overall": None}),
        {"overall": {"status": None}, "details": {"sca": None}},
        {"overall": {"status": "DONE"}, "details": {"sca": "DONE"}},
    ],
)
def test_an_answer_of_another_form_is_a_bad_answer_of_that_target(body: object) -> None:
    answer = read("xray", Wire(body), BUILD)
    problem = answer.readings[0].problem
    assert problem is not None
    assert problem.code is ProblemCode.BAD_ANSWER
    assert answer.problem is None, "the server itself lives"
    assert answer.calls[-1].problem == problem


def test_a_multi_arch_image_is_found_by_its_other_manifest_and_remembered() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        there = b"list.manifest.json" in request.content
        return reply(fixture("xray/artifact_status.json")) if there else reply({"error": "does not exist"}, 404)

    wire = Wire(handler=answer)

    async def twice(client: Any) -> Any:
        await client.read([ARTIFACT])
        return await client.read([ARTIFACT])

    record = ask("xray", wire, twice).readings[0].record
    assert [body["path"].rpartition("/")[2] for body in wire.bodies] == [
        *("manifest.json", "list.manifest.json", "list.manifest.json")
    ]
    assert record.state is State.DONE
    assert record.name == "docker-local/desktop-storage/1.0/manifest.json"
    assert record.web_url.endswith("/desktop-storage/1.0/list.manifest.json")
    assert record.detail.get("answered_by") == "desktop-storage/1.0/list.manifest.json"


def test_a_missing_file_of_another_name_is_asked_for_once() -> None:
    wire = Wire(handler=lambda _: reply({"error": "no"}, 404))
    read_one("xray", wire, Target("xray", "artifact", ("npm-local", "x/-/x-1.tgz"), (), True))
    assert len(wire.requests) == 1


def test_projects_are_scoped() -> None:
    wire = Wire(fixture("xray/artifact_status.json"))
    read_one("xray", wire, Target("xray", "artifact", ("r", "p/x.jar"), (("project", "my key"),), True))
    assert wire.paths == ["POST /xray/api/v1/artifact/status?projectKey=my%20key"]


def test_the_documents_report_sample() -> None:
    wire = Wire(fixture("xray/report_details.json"))
    record = read_one("xray", wire, report(1234)).record
    assert wire.paths == ["GET /xray/api/v1/reports/1234"]
    assert record is not None
    assert (record.name, record.state, record.status) == ("vul_report_1", State.DONE, "completed")
    assert dict(record.detail) == {
        "id": 1234,
        "type": "vulnerability",
        "category": None,
        "progress": 1,
        "rows": 10,
        "artifacts": 1000,
        "processed": 10,
        "author": "admin",
        "started_at": utc(1970, 1, 1),
        "ended_at": utc(1970, 1, 1, 1),
        "error": None,
    }


@pytest.mark.parametrize(
    ("status", "state"),
    [
        *(("pending", State.WAITING), ("running", State.RUNNING), ("completed", State.DONE), ("complete", State.DONE)),
        *(("failed", State.FAILED), ("aborted", State.CANCELED), ("cancelled", State.CANCELED), ("odd", State.UNKNOWN)),
    ],
)
def test_report_states(status: str, state: State) -> None:
    body = row(7, status, start_time="2024-01-01T00:00:00Z", end_time="2024-01-01T00:10:00Z", error="why")
    record = record_of("xray", body, report(7))
    assert (record.state, record.status, record.error) == (state, status, "why")
    assert record.since_at == (utc(2024, 1, 1, 0, 10) if state.is_terminal else utc(2024, 1, 1))


def test_one_list_call_answers_for_all_reports_and_those_not_on_it_are_asked_singly() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return reply({"total_reports": 2, "reports": [row(1), row(2, "completed"), row(9)]})
        return reply(row(3, "failed")) if request.url.path.endswith("/3") else reply({"error": "no report"}, 404)

    wire = Wire(handler=answer)
    answer_ = read("xray", wire, report(2), report(3), report(1), report(4))
    assert [reading.record.state if reading.record else reading.problem.code for reading in answer_.readings] == [  # type: ignore[union-attr]
        *(State.DONE, State.FAILED, State.RUNNING, ProblemCode.MISSING)
    ]
    assert len(wire.requests) == 3
    assert "reports?direction=desc&page_num=1&num_of_rows=100&order_by=start_time" in wire.paths[0]


def test_reports_of_a_server_that_refuses_the_list_are_not_asked_one_by_one() -> None:
    wire = Wire(handler=lambda _: reply({"error": "no"}, 403))
    answer = read("xray", wire, report(1), report(2))
    assert {reading.problem.code for reading in answer.readings if reading.problem} == {ProblemCode.FORBIDDEN}
    assert len(wire.requests) == 1


def test_a_page_of_reports() -> None:
    rows = [
        row(5, "running", progress=40),
        {**row(4), "report_type": "license"},
        row(3, "aborted", aborting_user="eve"),
        {},
    ]
    wire = Wire({"total_reports": 40, "reports": rows})
    page = page_of("xray", wire, REPORTS)
    assert wire.bodies == [{}]
    assert [record.target.key for record in page.records] == ["xray:report/5", "xray:report/3"]
    assert page.records[0].detail.get("progress") == 40
    assert page.records[1].error == "aborted by eve"
    assert (page.page, page.pages, page.total, page.has_more) == (1, 2, 40, True)
    assert page.notes == (
        "1 of 4 reports could not be read",
        "1 report of another type on this page is not shown",
    )


def test_filters_of_the_reports_go_to_the_server() -> None:
    wire = Wire({"reports": [{**row(4), "report_type": "license"}]})
    query = ListQuery("xray", "reports", (("type", "license"), ("status", "Running|pending"), ("author", "me")), 3, 10)
    page = page_of("xray", wire, query)
    assert wire.bodies == [{"filters": {"type": "license", "author": "me", "status": ["running", "pending"]}}]
    assert "page_num=3&num_of_rows=10" in wire.paths[0]
    assert len(page.records) == 1, "a type that was asked for is shown"
    assert (page.pages, page.total, page.has_more) == (None, None, False)


@pytest.mark.parametrize("body", [{}, {"reports": None}, {"reports": "x"}, {"reports": [{}, 5]}, [], "x"])
def test_a_list_of_reports_of_another_form(body: object) -> None:
    problem = listing("xray", Wire(body), REPORTS).problem
    assert problem is not None
    assert problem.code is ProblemCode.BAD_ANSWER


def test_an_empty_list_of_reports_is_a_page() -> None:
    page = page_of("xray", Wire({"total_reports": 0, "reports": []}), REPORTS)
    assert (page.records, page.total, page.pages, page.has_more) == ((), 0, 0, False)


def test_a_list_that_the_kind_does_not_have() -> None:
    problem = listing("xray", Wire({}), ListQuery("xray", "jobs")).problem
    assert problem is not None
    assert "no list" in problem.text


def test_the_newest_builds_from_xrays_own_list() -> None:
    versions = {
        "data": [
            {"version": "9", "created_at": "2024-01-01T00:00:00Z"},
            {"version": "11", "created_at": "2024-01-03T00:00:00Z"},
            {"version": "10", "created_at": "2024-01-02T00:00:00Z"},
            {},
        ]
    }
    wire = Wire(versions)
    newest = ask("xray", wire, lambda client: client.latest("my/build", 2, (("project", "pay"),)))
    assert wire.paths == [
        "GET /xray/api/v1/builds/my%2Fbuild/versions?build_repository=pay-build-info&order_by=created_at&direction=desc"
    ]
    assert [target.key for target in newest.targets] == [
        "xray:build/my%2Fbuild/11?project=pay",
        "xray:build/my%2Fbuild/10?project=pay",
    ]


def test_the_newest_builds_from_artifactory_where_xray_has_no_list() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/xray/"):
            return reply({"error": "x"}, 403)
        numbers = [
            {"uri": "/51", "started": "2024-07-09T07:22:05.123+0000"},
            {"uri": "/a%2Fb", "started": "2024-07-10T07:22:05.123+0000"},
        ]
        return reply({"uri": "x", "buildsNumbers": numbers})

    wire = Wire(handler=answer)
    newest = ask("xray", wire, lambda client: client.latest("b", 5, ()))
    assert [target.parts[1] for target in newest.targets] == ["a/b", "51"]
    assert wire.paths[1] == "GET /artifactory/api/build/b"
    failed = ask("xray", Wire(handler=lambda _: reply({"error": "x"}, 403)), lambda client: client.latest("b", 5, ()))
    assert failed.problem.code is ProblemCode.FORBIDDEN


@pytest.mark.parametrize(
    ("token", "user", "header", "value"),
    [
        ("abc", None, "authorization", "Bearer abc"),
        ("Bearer abc", None, "authorization", "Bearer abc"),
        ("s3cret", "me", "authorization", "Basic bWU6czNjcmV0"),
        ("AKCp123", None, "x-jfrog-art-api", "AKCp123"),
    ],
)
def test_credentials(token: str, user: str | None, header: str, value: str) -> None:
    import asyncio

    from wire_bench import open_http, settings

    from tui.secrets import Secret
    from tui.servers.kind import kinds

    wire = Wire(fixture("xray/build_status.json"))

    async def run() -> None:
        async def source() -> Secret:
            return Secret(token)

        server = settings("xray", user=user)
        client = kinds()["xray"].open_client(server, open_http(server, wire, source))
        await client.read([BUILD])
        await client.aclose()

    asyncio.run(run())
    assert wire.requests[0].headers[header] == value
    assert ("authorization" in wire.requests[0].headers) == (header == "authorization")


@pytest.mark.parametrize("body", ["404 page not found", "<html><title>HTTP Status 404 – Not Found</title></html>"])
def test_a_404_that_is_no_json_is_a_wrong_url_and_not_a_missing_build(body: str) -> None:
    problem = read_one("xray", Wire(handler=lambda _: reply(body, 404)), BUILD).problem
    assert problem is not None and problem.code is ProblemCode.BAD_ANSWER and problem.http_status == 404
    assert "Check the server's url" in problem.advice and "3.80.9" in problem.advice
    assert read_one("xray", Wire(handler=lambda _: reply("", 404)), BUILD).problem.code is ProblemCode.MISSING


def test_an_error_at_200_is_told_in_the_servers_words() -> None:
    body = {"errors": [{"status": 403, "message": "Forbidden UI"}]}
    problem = read_one("xray", Wire(body), BUILD).problem
    assert problem is not None and "has no status in it; the server says: Forbidden UI." in problem.text
