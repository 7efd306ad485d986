"""Acts on a server that is a function: what is sent, how often, and what is made of every kind of answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest
from wire_bench import TOKEN, Wire, ask, reply

from tui.domain.acts import Fate, JobRequest, Look, Outcome, ReportRequest, RowsPage, RowsQuery, Scope
from tui.domain.problem import Problem, ProblemCode
from tui.domain.target import Target

CREATE = "/xray/api/v1/reports/exposures"
LIST = "/xray/api/v1/reports"
REQUEST = ReportRequest("nightly", Scope("builds", ("app",), 2), ("secrets",))
REPORT = Target("xray", "report", ("22",))
MADE = {"report_id": 22, "status": "pending"}

Answer = Callable[[], httpx.Response]


def lost() -> httpx.Response:
    raise httpx.ReadError("connection reset by peer")


def hung() -> httpx.Response:
    raise httpx.ReadTimeout("nothing came")


def unreachable() -> httpx.Response:
    raise httpx.ConnectError("refused")


def says(body: Any, status: int = 200) -> Answer:
    return lambda: reply(body, status)


def listed(*ids: int, name: str = "nightly") -> Answer:
    rows = [{"id": number, "name": name, "status": "running", "report_type": "exposures"} for number in ids]
    return says({"total_reports": len(rows), "reports": rows})


class Server:
    """Answers in turn (the last one for ever) by method, or by method and the path's last word; and counts."""

    def __init__(self, **answers: list[Answer]) -> None:
        self.answers = answers
        self.wire = Wire(handler=self.answer)

    def answer(self, request: httpx.Request) -> httpx.Response:
        word = request.url.path.rpartition("/")[2]
        answers = self.answers.get(f"{request.method} {word}") or self.answers[request.method]
        return (answers.pop(0) if len(answers) > 1 else answers[0])()

    def count(self, method: str, path: str) -> int:
        return sum(1 for each in self.wire.requests if (each.method, each.url.path) == (method, path))


def xray(create: list[Answer], lists: list[Answer]) -> Server:
    return Server(**{"POST exposures": create, "POST reports": lists})


def made(server: Server, request: ReportRequest = REQUEST, category: str = "secrets") -> Outcome:
    outcome: Outcome = ask("xray", server.wire, lambda client: client.make_report(request, category))
    assert TOKEN not in outcome.text
    return outcome


# what is sent


@pytest.mark.parametrize(
    ("scope", "resources"),
    [
        (Scope("builds", ("a", "b"), 2), {"builds": {"names": ["a", "b"], "number_of_latest_versions": 2}}),
        (Scope("projects", ("web",)), {"projects": {"keys": ["web"]}}),
        (Scope("release_bundles_v2", ("rb",)), {"release_bundles_v2": {"names": ["rb"]}}),
        (
            Scope("repositories", ("r", "s"), None, ("a/**",), ("b/*",)),
            {
                "repositories": [
                    {"name": "r", "include_path_patterns": ["a/**"], "exclude_path_patterns": ["b/*"]},
                    {"name": "s", "include_path_patterns": ["a/**"], "exclude_path_patterns": ["b/*"]},
                ]
            },
        ),
    ],
)  # fmt: skip
def test_what_a_report_is_about(scope: Scope, resources: dict[str, object]) -> None:
    server = xray([says(MADE)], [listed()])
    assert made(server, replace(REQUEST, scope=scope)).is_done
    assert server.wire.bodies[-1] == {"name": "nightly", "resources": resources, "filters": {"category": "secrets"}}


def test_the_filters_of_a_report_are_in_utc_and_its_project_in_the_url() -> None:
    zone = timezone(timedelta(hours=2))
    request = replace(
        REQUEST,
        start_at=datetime(2026, 11, 1, 1, 30, tzinfo=zone),
        end_at=datetime(2026, 11, 2, tzinfo=UTC),
        artifact="*bin*",
        project="web",
        categories=("secrets", "iac"),
    )
    server = xray([says(MADE)], [listed()])
    outcome = made(server, request, "iac")
    assert server.wire.bodies[-1]["name"] == "nightly-iac"
    assert server.wire.bodies[-1]["filters"] == {
        "category": "iac",
        "impacted_artifact": "*bin*",
        "scan_date": {"start": "2026-10-31T23:30:00Z", "end": "2026-11-02T00:00:00Z"},
    }
    assert server.wire.paths[-1] == f"POST {CREATE}?projectKey=web"
    assert (outcome.fate, outcome.target, outcome.id, outcome.look) == (Fate.DONE, REPORT, 22, Look.NOT_NEEDED)


# creating, when something goes wrong

BEFORE = listed(7)
FORBIDDEN = says({"error": "no"}, 403)


@pytest.mark.parametrize("answer", [lost, hung, says("", 200), says("<html>sign in</html>"), says({}), says("x", 502)])
def test_a_report_whose_answer_is_lost_is_found(answer: Answer) -> None:
    server = xray([answer], [BEFORE, listed(8, 7)])
    outcome = made(server)
    assert (outcome.fate, outcome.look, outcome.id) == (Fate.DONE, Look.FOUND, 8)
    assert outcome.problem is not None and "happened all the same" in outcome.text
    assert server.count("POST", CREATE) == 1


@pytest.mark.parametrize("answer", [lost, hung, says("", 200), says("x", 504), says({"error": "slow"}, 408)])
def test_one_that_is_not_found_is_unsure_and_not_asked_for_again(answer: Answer) -> None:
    server = xray([answer], [BEFORE])
    outcome = made(server)
    assert (outcome.fate, outcome.look, outcome.target) == (Fate.UNSURE, Look.NOT_FOUND, None)
    assert "No report named 'nightly' has appeared" in outcome.text
    assert server.count("POST", CREATE) == 1 and server.count("POST", LIST) == 4  # before, and three looks


def test_a_report_that_appears_late_is_found_by_a_later_look() -> None:
    server = xray([hung], [BEFORE, BEFORE, BEFORE, listed(9, 7)])
    assert made(server).id == 9


def test_an_error_of_the_servers_own_with_nothing_made_is_a_refusal() -> None:
    outcome = made(xray([says("", 500)], [BEFORE]))
    assert (outcome.fate, outcome.look) == (Fate.REFUSED, Look.NOT_FOUND)


@pytest.mark.parametrize(
    "lists",
    [
        [BEFORE, lost],  # looking fails
        [BEFORE, FORBIDDEN],
        [FORBIDDEN, listed(8)],  # nobody knows what was there before
        [BEFORE, listed(9, 8, 7)],  # two new ones of that name: somebody else is at work
    ],
)
def test_where_looking_does_not_tell_it_says_so(lists: list[Answer]) -> None:
    server = xray([lost], lists)
    outcome = made(server)
    assert (outcome.fate, outcome.look) == (Fate.UNSURE, Look.CANNOT_TELL)
    assert "cannot be seen" in outcome.text and server.count("POST", CREATE) == 1


def test_a_report_of_another_name_is_not_taken_for_it() -> None:
    server = xray([lost], [BEFORE, listed(8, name="nightly-2")])
    assert made(server).look is Look.NOT_FOUND


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (FORBIDDEN, ProblemCode.FORBIDDEN, "Manage Reports"),
        (says({"error": "Found invalid token"}, 401), ProblemCode.UNAUTHORISED, "refused the token"),
        (says({"error": "name taken"}, 400), ProblemCode.BAD_ANSWER, "name taken"),
        (says({"error": "off"}, 412), ProblemCode.BAD_ANSWER, "Advanced Security"),
        (says({"error": "Too many reports"}, 429), ProblemCode.RATE_LIMITED, "delete some"),
        (says("", 302), ProblemCode.REDIRECTED, "redirects"),
    ],
)
def test_a_refusal_is_not_looked_after(answer: Answer, code: ProblemCode, words: str) -> None:
    server = xray([answer], [BEFORE])
    outcome = made(server)
    assert (outcome.fate, outcome.look) == (Fate.REFUSED, Look.NOT_NEEDED)
    assert outcome.problem is not None and outcome.problem.code is code and words in outcome.text
    assert server.count("POST", CREATE) == 1 and server.count("POST", LIST) == 1


@pytest.mark.parametrize("before", [unreachable, hung, says("", 503), says({"error": "x"}, 401)])
def test_nothing_is_sent_to_a_server_that_cannot_even_be_asked(before: Answer) -> None:
    server = xray([says(MADE)], [before])
    assert made(server).fate is Fate.REFUSED
    assert server.count("POST", CREATE) == 0


# deleting


def deleted(delete: Answer, *looks: Answer) -> tuple[Outcome, Server]:
    server = Server(DELETE=[delete], GET=list(looks) or [lost])
    outcome: Outcome = ask("xray", server.wire, lambda client: client.delete_report(REPORT))
    assert server.count("DELETE", f"{LIST}/22") == 1
    assert outcome.target == REPORT
    return outcome, server


@pytest.mark.parametrize("answer", [says('"report deleted successfully"'), says({"info": "deleted"}), says("", 204)])
def test_a_deletion_in_every_form_of_yes(answer: Answer) -> None:
    outcome, server = deleted(answer)
    assert outcome.is_done and server.count("GET", f"{LIST}/22") == 0


GONE = says({"error": "report not found"}, 404)
THERE = says({"id": 22, "status": "completed"})


@pytest.mark.parametrize(
    ("looks", "fate", "look"),
    [
        ([GONE], Fate.DONE, Look.FOUND),
        ([THERE, GONE], Fate.DONE, Look.FOUND),
        ([THERE], Fate.UNSURE, Look.NOT_FOUND),
        ([lost], Fate.UNSURE, Look.CANNOT_TELL),
        ([FORBIDDEN], Fate.UNSURE, Look.CANNOT_TELL),
    ],
)
def test_a_deletion_whose_answer_is_lost(looks: list[Answer], fate: Fate, look: Look) -> None:
    outcome, _ = deleted(lost, *looks)
    assert (outcome.fate, outcome.look) == (fate, look)


def test_deleting_what_is_not_there_and_what_may_not_be() -> None:
    outcome, _ = deleted(GONE)
    assert outcome.fate is Fate.REFUSED and outcome.problem is not None
    assert outcome.problem.code is ProblemCode.MISSING and "no such report" in outcome.text
    assert "Manage Reports" in deleted(FORBIDDEN)[0].text


# rows


def rows_of(*answers: Answer, query: RowsQuery | None = None) -> tuple[RowsPage | Problem, Server]:
    server = Server(POST=list(answers))
    page: RowsPage | Problem = ask("xray", server.wire, lambda client: client.rows(REPORT, query or RowsQuery()))
    return page, server


def test_every_field_of_a_finding_is_kept() -> None:
    row = {"exposures_id": "E-1", "jfrog_severity": "high", "new": {"a": [1, None, True]}, "odd\ud800": "x"}
    page, server = rows_of(says({"total_rows": 3, "rows": [row, "no row"]}))
    assert isinstance(page, RowsPage)
    (finding,) = page.rows
    assert [name for name, _ in finding.fields] == ["exposures_id", "jfrog_severity", "new", "odd\ufffd"]
    assert page.total == 3 and page.notes == ("1 of 2 rows could not be read",)
    assert server.wire.paths == [f"POST {CREATE}/22?direction=desc&page_num=1&num_of_rows=25&order_by=jfrog_severity"]


def test_a_sort_that_the_server_does_not_know_falls_back_to_its_own() -> None:
    query = RowsQuery(3, 10, "cwe", is_descending=False)
    page, server = rows_of(says({"error": "order_by"}, 400), says({"total_rows": 0, "rows": []}), query=query)
    assert isinstance(page, RowsPage) and page.query == query
    assert page.notes == ("the server does not sort by cwe, so the rows stand in its own order",)
    assert server.wire.paths[1] == f"POST {CREATE}/22?direction=asc&page_num=3&num_of_rows=10"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (says({"error": "report is not completed"}, 400), ProblemCode.BAD_ANSWER),
        (GONE, ProblemCode.MISSING),
        (FORBIDDEN, ProblemCode.FORBIDDEN),
        (says({"total_rows": 5}), ProblemCode.BAD_ANSWER),
        (says([]), ProblemCode.BAD_ANSWER),
        (lost, ProblemCode.REFUSED),
    ],
)
def test_rows_that_cannot_be_had(answer: Answer, code: ProblemCode) -> None:
    page, _ = rows_of(answer)
    assert isinstance(page, Problem) and page.code is code


# jobs

START = "/codeinsight/api/jobs/notices/12"


def started(answer: Answer, *lists: Answer, kind: str = "notices", **more: Any) -> tuple[Outcome, Server]:
    server = Server(GET=list(lists) or [jobs()], POST=[answer])
    request = JobRequest(kind, 12, **more)
    outcome: Outcome = ask("codeinsight", server.wire, lambda client: client.start_job(request))
    assert sum(1 for each in server.wire.requests if each.method == "POST") <= 1
    return outcome, server


def jobs(*ids: int, kind: str = "Update Notices") -> Answer:
    return says({"data": [{"id": number, "jobType": kind, "status": "New", "project": {"id": 12}} for number in ids]})


@pytest.mark.parametrize(
    ("kind", "more", "path"),
    [
        ("notices", {}, f"POST {START}?overwriteAll=false"),
        ("notices", {"is_overwriting": True}, f"POST {START}?overwriteAll=true"),
        ("sbom-export", {}, "POST /codeinsight/api/jobs/sbomexport/12"),
    ],
)
def test_a_job_is_started_once(kind: str, more: dict[str, Any], path: str) -> None:
    outcome, server = started(says({"message": "queued. The JobId is : 4711"}, 202), kind=kind, **more)
    assert outcome.target == Target("codeinsight", "job", ("4711",)) and outcome.is_done
    assert server.wire.paths[-1] == path and server.wire.requests[-1].content == b""


@pytest.mark.parametrize("answer", [lost, hung, says("", 202), says("", 502)])
def test_a_job_whose_answer_is_lost_is_found_in_the_queue(answer: Answer) -> None:
    outcome, _ = started(answer, jobs(3), jobs(5, 3))
    assert (outcome.fate, outcome.look, outcome.id) == (Fate.DONE, Look.FOUND, 5)


def test_a_job_of_another_type_is_not_taken_for_it() -> None:
    outcome, _ = started(lost, jobs(), jobs(5, kind="Report - Notices Report"))
    assert (outcome.fate, outcome.look) == (Fate.UNSURE, Look.NOT_FOUND)
    outcome, _ = started(lost, jobs(), jobs(5, kind="UPDATE_NOTICES"))
    assert outcome.id == 5


def test_a_yes_that_names_no_job_is_a_yes() -> None:
    outcome, _ = started(says({"message": "It was queued"}, 202), jobs())
    assert (outcome.fate, outcome.target) == (Fate.DONE, None) and "It was queued" in outcome.text
    outcome, _ = started(says({"message": "It was queued"}, 202), jobs(), jobs(6))
    assert (outcome.fate, outcome.id) == (Fate.DONE, 6)


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (says({"errors": [{"message": "already queued"}]}, 400), ProblemCode.BAD_ANSWER, "while a scan"),
        (says({"Error: ": "no"}, 403), ProblemCode.FORBIDDEN, "Analyst or Reviewer"),
        (says({"errors": [{"message": "not found"}]}, 404), ProblemCode.MISSING, "no such project"),
        (says("<html><title>404</title></html>", 404), ProblemCode.MISSING, "2023 R2"),
        (says("<html><title>HTTP Status 503</title></html>", 503), ProblemCode.SERVER_ERROR, "electronic update"),
    ],
)
def test_a_job_that_is_refused_says_what_the_server_wants(answer: Answer, code: ProblemCode, words: str) -> None:
    outcome, _ = started(answer, jobs())
    assert outcome.fate is Fate.REFUSED and outcome.problem is not None
    assert outcome.problem.code is code and words in outcome.text
