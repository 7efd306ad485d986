"""ThreadFix: uploads and deletes followed by their links, and what it does not know."""

from __future__ import annotations

from typing import Any

import pytest
from simulator_site import Site, running

pytestmark = pytest.mark.anyio


async def upload(site: Site, application: int, *files: str, path: str = "upload") -> dict[str, Any]:
    parts = [("file", (name, b"findings")) for name in files]
    answer = await site.call("threadfix", "POST", f"/applications/{application}/{path}", files=parts)
    return dict(answer.json())


async def test_an_upload_is_followed_by_the_ids_in_its_links() -> None:
    async with running() as site:
        answer = await upload(site, 6, "contoso.fpr")
        assert (answer["success"], answer["object"]) == (True, "Scan upload process started.")
        link = answer["links"][0]
        assert (link["method"], link["rel"]) == ("GET", "related")
        path = str(link["href"]).partition("/rest/latest")[2]
        first = (await site.call("threadfix", "GET", path)).json()["object"]
        assert (first["status"], first["name"], first["error"], "scanId" in first) == (
            "QUEUED",
            "contoso.fpr",
            False,
            False,
        )
        await site.control("clock", {"advance_s": 150})
        done = (await site.call("threadfix", "GET", path)).json()["object"]
        assert done["status"] == "DONE"
        scan = (await site.call("threadfix", "GET", f"/scans/{done['scanId']}")).json()
        assert scan["success"] is False or scan["object"]["id"] == done["scanId"]


async def test_several_files_make_several_scans_where_they_are_asked_for() -> None:
    async with running() as site:
        assert len((await upload(site, 2, "a.fpr", "b.fpr", path="upload/multi"))["links"]) == 2
        assert len((await upload(site, 2, "a.fpr", "b.fpr"))["links"]) == 1
        assert (await upload(site, 2))["success"] is False
        assert (await upload(site, 999, "a.fpr"))["message"] == "Invalid application ID."


async def test_a_bad_file_fails_with_a_reason_in_the_stage_where_it_stuck() -> None:
    async with running() as site:
        path = (await upload(site, 6, "virus.exe"))["links"][0]["href"].partition("/rest/latest")[2]
        await site.control("clock", {"advance_s": 150})
        failed = (await site.call("threadfix", "GET", path)).json()
        assert failed["success"] is True
        assert failed["object"]["error"] is True and failed["object"]["errorMessage"]
        assert failed["object"]["status"] in ("FINDINGS_GENERATING", "CHANNEL_MERGING", "APPLICATION_MERGING")


async def test_a_finished_scan_is_listed_and_can_be_deleted() -> None:
    async with running() as site:
        path = (await upload(site, 3, "x.fpr"))["links"][0]["href"].partition("/rest/latest")[2]
        await site.control("clock", {"advance_s": 200})
        scan = (await site.call("threadfix", "GET", path)).json()["object"]["scanId"]
        shown = (await site.call("threadfix", "GET", f"/scans/{scan}")).json()
        assert shown["object"]["id"] == scan and shown["object"]["numberTotalVulnerabilities"] is not None
        listed = (await site.call("threadfix", "GET", "/applications/3/scans")).json()["object"]
        assert scan in [each["id"] for each in listed]
        answer = (await site.call("threadfix", "DELETE", f"/scans/{scan}/delete")).json()
        assert answer["object"] == "Successfully queued scan to be deleted."
        path = answer["links"][0]["href"].partition("/rest/latest")[2]
        assert (await site.call("threadfix", "GET", path)).json()["object"]["status"] == "SCAN_QUEUED_FOR_DELETE"
        await site.control("clock", {"advance_s": 80})
        assert (await site.call("threadfix", "GET", path)).json()["object"]["status"] == "SCAN_DELETED"


async def test_what_threadfix_does_not_know() -> None:
    async with running() as site:
        for path in (
            "/applications/999/pendingScan/101/status",
            "/applications/1/pendingScan/999999/status",
            "/scans/1",
        ):
            answer = await site.call("threadfix", "GET", path)
            assert (answer.status_code, answer.json()["success"], answer.json()["object"]) == (200, False, None)
        table = next(table for table in site.announced["watch"] if "application" in table)
        wrong = await site.scan(int(table["application"]) % 5 + 1, int(table["pending_scan"]))
        assert wrong.json()["success"] is False
        base = str(site.announced["servers"]["threadfix"]["url"])
        path = "/applications/6/pendingScan/41/status"
        for version, is_known in (
            ("/latest", True),
            ("/v2.8.3", True),
            ("", True),
            ("/legacy", True),
            ("/newest", False),
        ):
            answer = await site.client.get(f"{base}/rest{version}{path}", headers=site.auth("threadfix"))
            assert (answer.status_code, answer.json()["success"]) == ((200, True) if is_known else (404, False))
        page = await site.call("threadfix", "GET", "/applications/6/pendingScan/x/status")
        assert page.status_code == 404 and "html" in page.headers["Content-Type"]


async def test_teams_and_applications_have_names() -> None:
    async with running() as site:
        teams = (await site.call("threadfix", "GET", "/teams")).json()["object"]
        named = {each["id"]: each["name"] for team in teams for each in team["applications"]}
        one = (await site.call("threadfix", "GET", "/applications/4")).json()["object"]
        assert (one["name"], one["organization"]["id"] in {team["id"] for team in teams}) == (named[4], True)
