"""What can be asked and done: every endpoint, the refusals of each server, and what a wrong request gets."""

from __future__ import annotations

import base64
import csv
import io
import json
import zipfile
from typing import Any

import httpx
import pytest
from simulator_site import LIST, SCHEMES, running

pytestmark = pytest.mark.anyio

REPORT: dict[str, Any] = {
    "name": "mine",
    "resources": {"repositories": [{"name": "docker-local"}]},
    "filters": {"category": "secrets"},
}
FIRST_PAGE = {"direction": "desc", "page_num": "1", "num_of_rows": "2", "order_by": "jfrog_severity"}
READING = {
    "xray": ("GET", "/builds"),
    "threadfix": ("GET", "/applications/6/pendingScan/41/status"),
    "codeinsight": ("GET", "/jobs"),
}


@pytest.mark.parametrize("server", list(READING))
@pytest.mark.parametrize("given", [None, "Bearer wrong", "APIKEY wrong", "Basic d3Jvbmc6d3Jvbmc=", "nonsense"])
async def test_each_server_refuses_in_its_own_way(server: str, given: str | None) -> None:
    async with running() as site:
        method, path = READING[server]
        headers = {} if given is None else {"Authorization": given}
        answer = await site.client.request(method, site.url(server, path), headers=headers)
        if server == "threadfix":
            assert (answer.status_code, answer.json()["success"], answer.json()["object"]) == (200, False, None)
            assert answer.json()["message"] == "Authentication failed, check your API Key."
        elif server == "codeinsight":
            assert answer.status_code == 401
            assert "HTTP Status 401 – Unauthorized" in answer.text
            assert "html" in answer.headers["Content-Type"]
        elif (given or "").startswith("Bearer"):
            assert (answer.status_code, answer.json()) == (401, {"error": "Found invalid token"})
        else:
            wanted = {"errors": [{"status": 401, "message": "Bad credentials"}]}
            assert (answer.status_code, answer.json()) == (401, wanted)
        assert (await site.call(server, method, path)).is_success


async def test_the_other_ways_to_show_a_token() -> None:
    async with running() as site:
        token = str(site.announced["servers"]["xray"]["token"])
        basic = base64.b64encode(f"admin:{token}".encode()).decode()
        for headers in ({"Authorization": f"Basic {basic}"}, {"X-JFrog-Art-Api": token}):
            assert (await site.client.get(site.url("xray", "/builds"), headers=headers)).status_code == 200
        key = str(site.announced["servers"]["threadfix"]["token"])
        old = await site.client.get(site.url("threadfix", READING["threadfix"][1]), params={"apiKey": key})
        assert old.json()["success"] is True
        logged = await site.control("requests")
        assert key not in json.dumps(logged) and token not in json.dumps(logged)


async def test_a_code_insight_token_tells_whose_it_is() -> None:
    async with running() as site:
        claims = str(site.announced["servers"]["codeinsight"]["token"]).split(".")[1]
        assert json.loads(base64.urlsafe_b64decode(claims + "=="))["sub"] == "admin"


async def test_a_report_lives_from_its_making_to_its_end() -> None:
    async with running() as site:
        made = (await site.call("xray", "POST", "/reports/exposures", json=REPORT)).json()
        assert made["status"] == "pending"
        path = f"/reports/{made['report_id']}"
        newest = (await site.reports())[0]
        assert (newest["id"], newest["name"], newest["status"], newest["report_type"]) == (
            made["report_id"], "mine", "pending", "exposures",
        )  # fmt: skip
        await site.control("clock", {"advance_s": 7})
        running_now = (await site.call("xray", "GET", path)).json()
        assert running_now["status"] == "running" and 0 < running_now["progress"] < 100
        refused = await site.call("xray", "POST", f"/reports/exposures/{made['report_id']}", params=FIRST_PAGE)
        assert refused.status_code == 400
        await site.control("clock", {"advance_s": 40})
        done = (await site.call("xray", "GET", path)).json()
        assert (done["status"], done["progress"]) == ("completed", 100)
        assert done["end_time"] > done["start_time"]


async def test_a_reports_rows_are_paged_and_sorted_and_exported_as_they_are() -> None:
    async with running() as site:
        number = (await site.call("xray", "POST", "/reports/exposures", json=REPORT)).json()["report_id"]
        await site.control("clock", {"advance_s": 60})
        rows: list[dict[str, Any]] = []
        total = 1
        while len(rows) < total:
            query = FIRST_PAGE | {"page_num": str(len(rows) // 50 + 1), "num_of_rows": "50"}
            page = (await site.call("xray", "POST", f"/reports/exposures/{number}", params=query)).json()
            rows, total = rows + page["rows"], page["total_rows"]
        rank = ("critical", "high", "medium", "low", "unknown")
        assert [rank.index(row["jfrog_severity"]) for row in rows] == sorted(
            rank.index(row["jfrog_severity"]) for row in rows
        )
        assert len({row["exposures_id"] for row in rows}) == total > 3
        assert {row["category"] for row in rows} == {"secrets"}
        for form in ("json", "csv", "pdf"):
            query = {"file_name": "out", "format": form}
            packed = await site.call("xray", "GET", f"/reports/export/{number}", params=query)
            assert packed.headers["Content-Type"] == "application/zip"
            with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
                assert archive.namelist() == [f"out.{form}"]
                text = archive.read(f"out.{form}").decode()
            if form == "json":
                assert sorted(json.loads(text)["rows"], key=str) == sorted(rows, key=str)
            elif form == "csv":
                assert len(list(csv.DictReader(io.StringIO(text)))) == total
            else:
                assert text.startswith("%PDF")
        assert (await site.call("xray", "GET", f"/reports/export/{number}")).status_code == 400
        wrong = await site.call("xray", "POST", f"/reports/exposures/{number}", params=FIRST_PAGE | {"order_by": "x"})
        assert wrong.status_code == 400


async def test_a_report_is_deleted_for_good_and_its_id_not_given_again() -> None:
    async with running() as site:
        number = (await site.call("xray", "POST", "/reports/exposures", json=REPORT)).json()["report_id"]
        gone = await site.call("xray", "DELETE", f"/reports/{number}")
        assert (gone.status_code, gone.json()) == (200, {"info": "report deleted successfully"})
        assert (await site.call("xray", "GET", f"/reports/{number}")).status_code == 404
        assert (await site.call("xray", "DELETE", f"/reports/{number}")).status_code == 404
        assert number not in [report["id"] for report in await site.reports()]
        assert (await site.call("xray", "POST", "/reports/exposures", json=REPORT)).json()["report_id"] == number + 1


async def test_a_running_report_can_be_aborted_once() -> None:
    async with running() as site:
        number = (await site.call("xray", "POST", "/reports/exposures", json=REPORT)).json()["report_id"]
        await site.control("clock", {"advance_s": 6})
        assert (await site.call("xray", "POST", f"/reports/abort/{number}")).status_code == 200
        await site.control("clock", {"advance_s": 60})
        stopped = (await site.call("xray", "GET", f"/reports/{number}")).json()
        assert (stopped["status"], stopped["aborting_user"]) == ("aborted", "admin")
        assert (await site.call("xray", "POST", f"/reports/abort/{number}")).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"resources": {}},
        {"resources": {"repositories": [{"name": "a"}], "builds": {"names": ["b"]}}},
        {"filters": {}},
        {"filters": {"category": "nonsense"}},
    ],
)
async def test_a_report_needs_a_name_one_resource_type_and_a_category(change: dict[str, Any]) -> None:
    async with running() as site:
        before = len(await site.reports(num_of_rows="100"))
        answer = await site.call("xray", "POST", "/reports/exposures", json=REPORT | change)
        assert answer.status_code == 400
        assert len(await site.reports(num_of_rows="100")) == before


async def test_the_report_list_wants_all_four_parameters_and_filters() -> None:
    async with running() as site:
        for name in LIST:
            query = {key: value for key, value in LIST.items() if key != name}
            assert (await site.call("xray", "POST", "/reports", params=query)).status_code == 400
        both = [await site.reports(page_num=page, num_of_rows="10") for page in ("1", "2")]
        ids = [report["id"] for report in both[0] + both[1]]
        assert ids == sorted(ids, reverse=True) and len(set(ids)) == 20
        body = {"filters": {"status": ["running"], "type": "exposures", "name": "*"}}
        found = (await site.call("xray", "POST", "/reports", params=LIST, json=body)).json()
        assert {report["status"] for report in found["reports"]} == {"running"}
        assert 0 < found["total_reports"] < 30


async def test_new_reports_come_between_those_that_are_made() -> None:
    async with running() as site:
        first = (await site.call("xray", "POST", "/reports/exposures", json=REPORT)).json()["report_id"]
        await site.control("clock", {"advance_s": 80})
        second = (await site.call("xray", "POST", "/reports/exposures", json=REPORT)).json()["report_id"]
        assert second == first + 4  # three came in eighty seconds
        names = {report["id"]: report["name"] for report in await site.reports()}
        assert [number for number, name in names.items() if name == "mine"] == [second, first]


async def test_builds_can_be_looked_up_in_xray_and_in_artifactory() -> None:
    async with running() as site:
        rows = (await site.call("xray", "GET", "/builds", params={"num_of_rows": "4", "order_by": "name"})).json()
        assert len(rows["data"]) == 4 and rows["offset"] == 4
        rest = (await site.call("xray", "GET", "/builds", params={"num_of_rows": "40", "offset": "4"})).json()
        assert rest["offset"] == -1
        first = rows["data"][0]
        repository = first["build_repository"]
        path = f"/builds/{first['name']}/versions"
        assert (await site.call("xray", "GET", path)).status_code == 400
        versions = (await site.call("xray", "GET", path, params={"build_repository": repository})).json()["data"]
        assert versions[0]["version"] == first["latest_version"]
        base = site.announced["servers"]["xray"]["url"] + "/artifactory/api/build"
        for project in {table.get("project", "") for table in site.announced["watch"] if "build" in table}:
            query = {"project": project} if project else {}
            listed = (await site.client.get(base, params=query, headers=site.auth("xray"))).json()["builds"]
            name = listed[0]["uri"][1:]
            numbers = (await site.client.get(f"{base}/{name}", params=query, headers=site.auth("xray"))).json()
            newest = numbers["buildsNumbers"][0]
            assert newest["started"].endswith("+0000")
            assert (await site.build(name, newest["uri"][1:], project)).status_code == 200
            assert (await site.build(name, str(int(newest["uri"][1:]) + 1), project)).status_code == 404
        nothing = await site.client.get(base, params={"project": "none"}, headers=site.auth("xray"))
        assert nothing.status_code == 404


async def test_a_new_number_of_a_build_comes_by_itself() -> None:
    async with running() as site:
        table = next(table for table in site.announced["watch"] if "latest" in table)
        base = f"{site.announced['servers']['xray']['url']}/artifactory/api/build/{table['build']}"
        query = {"project": table["project"]} if "project" in table else {}

        async def newest() -> str:
            answer = await site.client.get(base, params=query, headers=site.auth("xray"))
            return str(answer.json()["buildsNumbers"][0]["uri"])

        before = await newest()
        await site.control("clock", {"advance_s": 320})
        assert await newest() != before


async def test_artifacts_and_repositories_can_be_looked_up() -> None:
    async with running() as site:
        repos = (await site.call("xray", "GET", "/repos")).json()["data"]
        assert (await site.call("xray", "GET", "/artifacts")).status_code == 400
        rows = (await site.call("xray", "GET", "/artifacts", params={"repo": repos[0]["repo"]})).json()["data"]
        status = (await site.artifact(rows[0]["repo_path"])).json()
        assert rows[0]["scans_status"] == status
        assert set(status["details"]["exposures"]["categories"]) == {"secrets", "services", "applications", "iac"}


@pytest.mark.parametrize("path", ["/system/ping", "/system/version"])
async def test_ping_and_version_need_no_token(path: str) -> None:
    async with running() as site:
        assert (await site.client.get(site.url("xray", path))).status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/build/status", {}),
        ("/build/status", {"name": "x"}),
        ("/build/status", {"name": "x", "number": 1}),
        ("/artifact/status", {"repo": "x"}),
        ("/artifact/status", []),
    ],
)
async def test_a_status_call_without_its_fields_is_a_bad_request(path: str, body: Any) -> None:
    async with running() as site:
        assert (await site.call("xray", "POST", path, json=body)).status_code == 400


async def test_a_build_is_found_in_its_own_project_only_and_by_its_exact_number() -> None:
    async with running() as site:
        table = next(table for table in site.announced["watch"] if "number" in table and "project" in table)
        name, number, project = str(table["build"]), str(table["number"]), str(table["project"])
        assert (await site.build(name, number, project)).status_code == 200
        for other in ((name, number, ""), (name, number, "other"), (name, "0" + number, project), (name, "x", project)):
            assert (await site.build(*other)).status_code == 404
        assert (await site.build(name, "9" * 5000, project)).status_code == 404


async def test_unknown_paths_and_methods_and_keep_alive() -> None:
    async with running() as site:
        assert (await site.client.get(site.url("xray", "/nothing"), headers=site.auth("xray"))).status_code == 404
        assert (await site.call("codeinsight", "PUT", "/jobs")).status_code == 405
        base = str(site.announced["servers"]["xray"]["url"])
        assert (await site.client.get(f"{base}/")).status_code == 404
        ports = {httpx.URL(server["url"]).port for server in site.announced["servers"].values()}
        assert len(ports | {site.announced["port"]}) == 4
        for _ in range(3):
            await site.jobs()
        listener = site.simulator._listeners["codeinsight"]
        assert len(listener.connections) == 1


async def test_the_log_counts_what_was_asked_and_can_be_emptied() -> None:
    async with running() as site:
        await site.jobs(limit=3)
        await site.build("my-build", "1")
        logged = await site.control("requests")
        assert logged["counts"] == {"codeinsight/jobs": 1, "xray/build-status": 1}
        assert logged["requests"][0]["query"] == {"limit": "3"}
        assert "Authorization" not in json.dumps(logged)
        assert (await site.control("requests", method="DELETE"))["total"] == 0


async def test_the_clock_can_be_run_faster_frozen_and_moved() -> None:
    async with running() as site:
        start = await site.control("clock")
        assert (start["story_s"], start["frozen"], start["server_at"]) == (0, True, "2026-11-22T07:00:00+00:00")
        moved = await site.control("clock", {"advance_s": 90})
        assert (moved["story_s"], moved["server_at"]) == (90, "2026-11-22T07:01:30+00:00")
        assert (await site.control("clock", {"frozen": False}))["frozen"] is False
        assert (await site.control("clock", {"speed": 50}))["speed"] == 50
        refused = await site.client.post(f"{site.announced['control']}/clock", json={"speed": -1})
        assert refused.status_code == 400


async def test_control_calls_are_for_loopback_names_only() -> None:
    async with running() as site:
        url = f"{site.announced['control']}/clock"
        assert (await site.client.get(url, headers={"Host": "evil.example:80"})).status_code == 403
        assert (await site.client.get(f"{site.announced['control']}/nothing")).status_code == 404


assert set(SCHEMES) == set(READING)
