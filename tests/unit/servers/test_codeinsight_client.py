"""Code Insight through its client: one job, pages in every shape, filters that the server cannot do."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from wire_bench import JOBS, Wire, ask, fixture, ids, listing, page_of, read_one, record_of, reply, utc

from tui.domain.problem import ProblemCode
from tui.domain.records import Fields, ListQuery, Page
from tui.domain.state import State
from tui.domain.target import Target

JOB = Target("codeinsight", "job", ("1234",))
WRAPPED = [
    lambda rows: {"data": rows},
    lambda rows: rows,
    lambda rows: {"Content: ": rows},
    lambda rows: {"Content: ": json.dumps(rows)},
    lambda rows: {"Content: ": json.dumps({"data": rows})},
    lambda rows: {"jobs": rows},
]


def job(number: int, status: str = "Completed", type_: str = "Project Scan", **more: Any) -> dict[str, Any]:
    return {"id": number, "jobType": type_, "status": status, "queuedOn": "2024-07-09 07:00:00.0", **more}


def jobs(**filters: str) -> ListQuery:
    query = {key: value for key, value in filters.items() if key not in ("page", "limit")}
    return ListQuery(
        "codeinsight", "jobs", tuple(query.items()), int(filters.get("page", 1)), int(filters.get("limit", 25))
    )


class Queue:
    """A server with many jobs, newest first, that filters by one value and pages; switches make it worse."""

    def __init__(self, rows: list[dict[str, Any]], *, has_headers: bool = True, ignores: tuple[str, ...] = ()) -> None:
        self.rows = rows
        self.has_headers = has_headers
        self.ignores = ignores

    def __call__(self, request: httpx.Request) -> httpx.Response:
        asked = {key: value for key, value in request.url.params.items() if key not in self.ignores}
        rows = [row for row in self.rows if asked.get("status", row["status"]) == row["status"]]
        rows = [row for row in rows if asked.get("jobType", row["jobType"]) == row["jobType"]]
        limit, page = int(asked.get("limit", 10**9)), int(asked.get("offset", 1))
        pages = -(-len(rows) // limit)
        if page > max(pages, 1):
            text = (
                f"The page {page} you requested is out of bounds. Total records :{len(rows)} number of pages :{pages}"
            )
            return reply({"errors": [{"message": text}]}, 400)
        headers = {"Current-page": str(page), "number-of-pages": str(pages), "TOTAL-RECORDS": str(len(rows))}
        shown = rows[(page - 1) * limit : page * limit]
        return reply({"data": shown}, headers=headers if self.has_headers else {})


def test_the_documents_sample() -> None:
    wire = Wire(fixture("codeinsight/job.json"))
    record = read_one("codeinsight", wire, JOB, extra={"timezone": "America/Chicago"}).record
    assert wire.paths == ["GET /codeinsight/api/jobs/1234"]
    assert wire.requests[0].headers["authorization"] == "Bearer canary-token-4711"
    assert record is not None
    assert (record.name, record.state, record.status) == ("Project Scan ePortal", State.DONE, "Completed")
    at = utc(2017, 10, 24, 18, 4, 26)
    assert dict(record.detail) == {
        "id": 1234,
        "type": "Project Scan",
        "status": "Completed",
        "project": Fields((("id", 10), ("name", "ePortal"))),
        "user": "admin",
        "server": "Core Server",
        "queued_at": at,
        "activated_at": at,
        "completed_at": at,
        "details": "string",
        "error": "string",
    }
    assert (record.since_at, record.error) == (at, "string")
    assert record.web_url == "https://ci.test/codeinsight/FNCI#myprojectdetails/?id=10&tab=projectInventory"


def test_nothing_but_an_id_and_a_status_is_needed() -> None:
    empty = {
        "project": None,
        "triggeredBy": None,
        "server": "",
        "error": "N/A",
        "jobDetails": "null",
        "queuedOn": "N/A",
    }
    for body in ({}, empty, {"project": {}, "server": {}, "triggeredBy": {}}, {"project": "N/A"}):
        record = record_of("codeinsight", {"id": 7, "status": "NEW", **body}, Target("codeinsight", "job", ("7",)))
        assert record.state is State.WAITING
        assert [value for key, value in record.detail if key not in ("id", "status")] == [None] * 9
        assert (record.name, record.error, record.since_at) == ("job 7", "", None)
        assert record.web_url == "https://ci.test/codeinsight/FNCI"


@pytest.mark.parametrize(
    ("told", "server"),
    [
        *(({"id": 1, "name": "a"}, "a"), ("alias", "alias"), ({"alias": "x"}, "x"), ({"serverName": "s"}, "s")),
        *(({"scanServerAlias": "y"}, "y"), ({"hostName": "h", "id": 3}, "h"), ({"id": 3}, "3"), (5, "5"), ([], None)),
    ],
)
def test_servers_are_named_in_many_ways(told: object, server: str | None) -> None:
    assert (
        record_of("codeinsight", job(7, server=told), Target("codeinsight", "job", ("7",))).detail.get("server")
        == server
    )


@pytest.mark.parametrize("status", ["Waiting on update", "WAITING_ON_UPDATE", "waiting on update"])
def test_statuses_in_any_spelling(status: str) -> None:
    record = record_of("codeinsight", job(7, status), Target("codeinsight", "job", ("7",)))
    assert (record.state, record.status) == (State.WAITING, status)


def test_since_is_the_time_of_the_state() -> None:
    times = {"activatedOn": "2024-07-09 07:05:00.0", "completedOn": "2024-07-09 07:09:00.0"}
    seven = Target("codeinsight", "job", ("7",))
    assert record_of("codeinsight", job(7, "New"), seven).since_at == utc(2024, 7, 9, 7, 0)
    assert record_of("codeinsight", job(7, "Active", **times), seven).since_at == utc(2024, 7, 9, 7, 5)
    assert record_of("codeinsight", job(7, "Failed", **times), seven).since_at == utc(2024, 7, 9, 7, 9)


def test_an_hour_that_comes_twice_keeps_the_order_of_events() -> None:
    body = job(
        7,
        "Completed",
        queuedOn="2024-11-03 01:50:00.0",
        activatedOn="2024-11-03 01:55:00.0",
        completedOn="2024-11-03 01:10:00.0",
    )
    record = record_of("codeinsight", body, Target("codeinsight", "job", ("7",)), extra={"timezone": "America/Chicago"})
    assert record.detail.get("activated_at") == utc(2024, 11, 3, 6, 55)
    assert record.detail.get("completed_at") == utc(2024, 11, 3, 7, 10)


@pytest.mark.parametrize("wrap", WRAPPED[:1] + WRAPPED[2:5])
def test_one_job_in_a_wrapper(wrap: Any) -> None:
    assert record_of("codeinsight", wrap(fixture("codeinsight/job.json")), JOB).state is State.DONE


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (404, {"errors": [{"message": "x"}]}, ProblemCode.MISSING),
        (400, {"Error: ": "The task Id entered was not found", "Key: ": "k"}, ProblemCode.MISSING),
        (400, {"errors": [{"message": "Bad moon"}]}, ProblemCode.BAD_ANSWER),
        (404, "<html><title>HTTP Status 404 – Not Found</title></html>", ProblemCode.BAD_ANSWER),
        (401, "<html><title>HTTP Status 401 – Unauthorized</title></html>", ProblemCode.UNAUTHORISED),
        (200, "<html><title>HTTP Status 401 – Unauthorized</title></html>", ProblemCode.UNAUTHORISED),
        (200, {"status": "Active", "id": "x"}, None),
        (200, {"id": 1234, "jobType": "Project Scan"}, None),
        (200, {"id": 5, "status": "Completed"}, ProblemCode.BAD_ANSWER),
        (200, {"error": "x"}, ProblemCode.BAD_ANSWER),
        (404, "404 page not found", ProblemCode.BAD_ANSWER),
        (200, [], ProblemCode.BAD_ANSWER),
    ],
)
def test_one_job_that_cannot_be_told(status: int, body: object, code: ProblemCode | None) -> None:
    problem = read_one("codeinsight", Wire(handler=lambda _: reply(body, status)), JOB).problem
    assert (problem.code if problem else None) == code


@pytest.mark.parametrize("wrap", WRAPPED)
def test_a_page_in_every_wrapper(wrap: Any) -> None:
    headers = {"CURRENT-PAGE": "2", "Number-of-pages": "18", "total-records": "437"}
    wire = Wire(handler=lambda _: reply(wrap([job(9), job(8)]), headers=headers))
    page = page_of("codeinsight", wire, jobs(page="2"))
    assert wire.paths == ["GET /codeinsight/api/jobs?limit=25&offset=2"]
    assert ids(page.records) == [9, 8]
    assert (page.page, page.pages, page.total, page.has_more, page.notes) == (2, 18, 437, True, ())
    assert json.loads(page.records[0].raw)["id"] == 9


@pytest.mark.parametrize(
    ("answer", "pages", "total"),
    [
        (lambda: reply({"data": []}), None, None),
        (lambda: reply([], headers={"Total-records": "0", "Number-of-pages": "0"}), 0, 0),
        (lambda: reply({"data": None}), None, None),
        (lambda: reply(b"", 204), None, None),
        (lambda: reply(fixture("codeinsight/page_past_the_end.json"), 400), 0, 0),
        (lambda: reply({"Error: ": "Page out of bounds. Total records :51 number of pages :3"}, 400), 3, 51),
        (lambda: reply({"errors": [{"message": "no jobs"}]}, 404), 0, 0),
        (lambda: reply(b"", 404), 0, 0),
    ],
)
def test_no_jobs_is_a_page_in_whatever_form(answer: Any, pages: int | None, total: int | None) -> None:
    result = listing("codeinsight", Wire(handler=lambda _: answer()), JOBS)
    assert result.problem is None
    assert result.page is not None
    assert (result.page.records, result.page.pages, result.page.total) == ((), pages, total)
    assert result.page.has_more is (pages == 3)
    assert [call.problem for call in result.calls] == [None]


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (404, "<html><title>HTTP Status 404 – Not Found</title></html>", ProblemCode.BAD_ANSWER),
        (400, {"errors": [{"message": "Bad"}]}, ProblemCode.BAD_ANSWER),
        (200, {"data": "x"}, ProblemCode.BAD_ANSWER),
        (200, {"Content: ": "not json"}, ProblemCode.BAD_ANSWER),
        (200, {"data": [{"status": "New"}, 5]}, ProblemCode.BAD_ANSWER),
        (200, {}, ProblemCode.BAD_ANSWER),
        (200, "", ProblemCode.BAD_ANSWER),
        (503, "<html><title>Down</title></html>", ProblemCode.SERVER_ERROR),
    ],
)
def test_a_list_that_cannot_be_read(status: int, body: object, code: ProblemCode) -> None:
    problem = listing("codeinsight", Wire(handler=lambda _: reply(body, status)), JOBS).problem
    assert problem is not None
    assert (problem.code, problem.http_status) == (code, status)


def test_rows_that_cannot_be_read_are_counted_and_doubles_are_one() -> None:
    page = page_of("codeinsight", Wire({"data": [job(9), {"id": None}, "x", job(9), {"id": 8}]}), JOBS)
    assert ids(page.records) == [9, 8]
    assert [record.state for record in page.records] == [State.DONE, State.UNKNOWN]
    assert page.notes == ("2 jobs could not be read",)


def test_without_totals_a_full_page_may_have_more() -> None:
    full = page_of("codeinsight", Wire({"data": [job(n) for n in range(25, 0, -1)]}), JOBS)
    assert (full.pages, full.total, full.has_more) == (None, None, None)
    part = page_of("codeinsight", Wire({"data": [job(1)]}), JOBS)
    assert part.has_more is False


def test_all_filters_go_to_the_server_in_its_own_spelling() -> None:
    wire = Wire({"data": []})
    page_of(
        "codeinsight",
        wire,
        jobs(status="waiting_on_UPDATE", type="project re-scan", project="10", user="me@x", days="7"),
    )
    assert wire.paths == [
        "GET /codeinsight/api/jobs?jobType=Project%20Re-Scan&status=Waiting%20on%20update&projectId=10"
        "&triggeredBy=me%40x&jobsHistoryInDays=7&limit=25&offset=1"
    ]


def test_a_type_that_nobody_knows_is_sent_as_it_is() -> None:
    wire = Wire({"data": [job(3, type_="Library Refresh")]})
    page = page_of("codeinsight", wire, jobs(type="Library Refresh"))
    assert "jobType=Library%20Refresh" in wire.paths[0]
    assert (ids(page.records), page.notes) == ([3], ())


def test_an_ignored_page_size_is_paged_here() -> None:
    queue = Queue([job(n) for n in range(60, 0, -1)], has_headers=False, ignores=("limit", "offset"))
    page = page_of("codeinsight", Wire(handler=queue), jobs(page="3"))
    assert ids(page.records) == list(range(10, 0, -1))
    assert (page.pages, page.total, page.has_more) == (3, 60, False)
    assert "ignores the page size" in page.notes[0]


def test_a_server_that_gives_the_first_page_for_ever() -> None:
    wire = Wire({"data": [job(n) for n in range(25, 0, -1)]})

    async def both(client: Any) -> Page:
        await client.list(JOBS)
        return (await client.list(jobs(page="2"))).page  # type: ignore[no-any-return]

    page = ask("codeinsight", wire, both)
    assert (page.records, page.has_more) == ((), False)
    assert "ignores paging" in page.notes[0]


@pytest.mark.parametrize("has_headers", [True, False])
def test_several_statuses_are_joined(has_headers: bool) -> None:
    rows = [job(n, ("Active", "New", "Completed")[n % 3]) for n in range(90, 0, -1)]
    wire = Wire(handler=Queue(rows, has_headers=has_headers))
    page = page_of("codeinsight", wire, jobs(status="Active|new", limit="10"))
    expected = [n for n in range(90, 0, -1) if n % 3 < 2]
    assert ids(page.records) == expected[:10]
    assert len(wire.requests) == 2
    assert "several statuses are joined here" in page.notes[0]
    assert (page.pages, page.total, page.has_more) == ((6, 60, True) if has_headers else (None, None, None))
    third = page_of("codeinsight", wire, jobs(status="Active|new", limit="10", page="6"))
    assert ids(third.records) == expected[50:60]


@pytest.mark.parametrize("asked", ["Audit Report", "Report - Audit Report", "report-audit report"])
@pytest.mark.parametrize("sent", ["Audit Report", "Report - Audit Report", "Report-Audit Report"])
def test_reports_are_filtered_here_whatever_their_spelling(asked: str, sent: str) -> None:
    rows = [job(n, type_=sent if n % 50 == 0 else "Project Scan") for n in range(500, 0, -1)]
    wire = Wire(handler=Queue(rows))
    page = page_of("codeinsight", wire, jobs(type=asked, limit="4"))
    assert ids(page.records) == [500, 450, 400, 350]
    assert page.has_more is True
    assert "type is filtered here" in page.notes[0]
    assert not any("jobType" in path for path in wire.paths)
    last = page_of("codeinsight", wire, jobs(type=asked, limit="4", page="3"))
    assert (ids(last.records), last.has_more, last.total) == ([100, 50], False, 10)


def test_a_walk_ends_at_its_limit_and_says_so() -> None:
    wire = Wire(handler=Queue([job(n) for n in range(5000, 0, -1)]))
    page = page_of("codeinsight", wire, jobs(type="Report"))
    assert (page.records, page.total, page.has_more) == ((), None, None)
    assert "only the newest 2000 jobs" in page.notes[1]
    assert len(wire.requests) == 10


@pytest.mark.parametrize("limit_is_ignored", [True, False])
def test_a_walk_through_a_server_without_totals_reaches_the_end(limit_is_ignored: bool) -> None:
    rows = [job(n, type_="Report - X" if n == 1 else "Project Scan") for n in range(30, 0, -1)]

    def answer(request: httpx.Request) -> httpx.Response:
        size = 25 if limit_is_ignored else int(request.url.params["limit"])
        page = int(request.url.params["offset"])
        return reply(rows[(page - 1) * size : page * size])

    page = page_of("codeinsight", Wire(handler=answer), jobs(type="Report - X"))
    assert (ids(page.records), page.total) == ([1], 1)


def test_a_filter_that_the_server_ignores_is_done_here() -> None:
    rows = [job(n, "Active" if n % 10 == 0 else "Completed") for n in range(100, 0, -1)]
    wire = Wire(handler=Queue(rows, ignores=("status",)))
    page = page_of("codeinsight", wire, jobs(status="Active", limit="3"))
    assert ids(page.records) == [100, 90, 80]
    assert "ignores a filter" in page.notes[0]
    joined = page_of("codeinsight", wire, jobs(status="Active|Failed", limit="3"))
    assert ids(joined.records) == [100, 90, 80]


def test_a_status_that_nobody_knows_is_filtered_here() -> None:
    page = page_of("codeinsight", Wire(handler=Queue([job(2, "Paused"), job(1)])), jobs(status="paused"))
    assert ids(page.records) == [2]
    assert "no such status" in page.notes[0]


def test_a_project_by_name_is_looked_up_once() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/project/id"):
            known = request.url.params["projectName"] == "e Portal"
            return reply({"Content: ": 330}) if known else reply({"Error: ": "was not found", "Key: ": "k"}, 400)
        return reply([job(4, project={"id": 330, "name": "e Portal"})])

    wire = Wire(handler=answer)

    async def twice(client: Any) -> Any:
        await client.list(jobs(project="e Portal"))
        return (await client.list(jobs(project="e Portal"))).page

    assert ids(ask("codeinsight", wire, twice).records) == [4]
    assert [path.partition("?")[0] for path in wire.paths].count("GET /codeinsight/api/project/id") == 1
    assert "projectId=330" in wire.paths[-1]
    none = page_of("codeinsight", wire, jobs(project="nobody"))
    assert (none.records, none.total) == ((), 0)
    assert "no project named 'nobody'" in none.notes[0]


def test_an_unknown_zone_reads_utc_and_says_so() -> None:
    page = page_of("codeinsight", Wire([job(1)]), JOBS, extra={"timezone": "Mars/Olympus"})
    assert page.records[0].detail.get("queued_at") == utc(2024, 7, 9, 7)
    assert "Mars/Olympus" in page.notes[0]


def test_times_without_a_configured_timezone_are_marked() -> None:
    body = fixture("codeinsight/job.json")
    assert record_of("codeinsight", body, JOB).detail.get("times_approximate") is True
    sure = record_of("codeinsight", body, JOB, extra={"timezone": "America/Chicago"})
    assert sure.detail.get("times_approximate") is None
