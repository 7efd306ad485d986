"""Every form of every variant, over HTTP, and that the default is the first."""

from __future__ import annotations

import json
import re

import pytest
from simulator_checks import (
    Check,
    artifact_rows,
    bad_request,
    categories,
    deleted,
    ended_report,
    every_job,
    framing,
    header,
    honours_limit,
    ignores_limit,
    indexed_lists,
    is_packed,
    job_times,
    list_shape,
    lookup,
    missing_build,
    missing_project,
    mixed_times,
    past_the_end,
    pending_scan,
    refusal,
    row_key,
    scan_times,
    scan_words,
    single_job,
    some_job,
    stages,
    too_new,
    words_of_reports,
)
from simulator_site import Site, running

from tui.simulator.scenarios import UnknownName
from tui.simulator.variants import VALUES, parse_variants

pytestmark = pytest.mark.anyio

HMS = r"2026-11-\d\d \d\d:\d\d:\d\d"
CHECKS: dict[str, dict[str, Check]] = {
    "list-shape": {
        "data": list_shape(lambda body: body["data"]),
        "bare": list_shape(lambda body: body),
        "content": list_shape(lambda body: body["Content: "]),
        "content-string": list_shape(lambda body: json.loads(body["Content: "])),
        "jobs": list_shape(lambda body: body["jobs"]),
    },
    "headers": {"on": header("Total-records"), "lower": header("total-records"), "off": header(None)},
    "empty": {"list": past_the_end(200), "400": past_the_end(400), "404": past_the_end(404), "204": past_the_end(204)},
    "status-case": {
        "title": every_job(lambda row: row["status"][0].isupper() and not row["status"].isupper()),
        "upper": every_job(lambda row: row["status"].isupper() and " " not in row["status"]),
        "lower": every_job(lambda row: row["status"].islower()),
    },
    "server-field": {
        "object": every_job(lambda row: set(row["server"]) == {"id", "name"}),
        "off": every_job(lambda row: "server" not in row),
        "null": every_job(lambda row: row["server"] is None),
        "string": every_job(lambda row: isinstance(row["server"], str)),
        "alias": every_job(lambda row: set(row["server"]) == {"id", "alias"}),
    },
    "project-field": {
        "on": some_job(lambda row: row["project"] and set(row["project"]) == {"id", "name"}),
        "null": every_job(missing_project),
        "off": every_job(lambda row: "project" not in row),
        "word": every_job(lambda row: row["project"] in (None, "N/A")),
    },
    "user-field": {
        "on": some_job(lambda row: row["triggeredBy"] and set(row["triggeredBy"]) == {"id", "user"}),
        "null": every_job(lambda row: row["triggeredBy"] is None),
        "off": every_job(lambda row: "triggeredBy" not in row),
        "word": every_job(lambda row: row["triggeredBy"] is None or isinstance(row["triggeredBy"], str)),
    },
    "limit": {"honoured": honours_limit, "ignored": ignores_limit},
    "job-wrap": {
        "bare": single_job(lambda answer: answer.json()["id"] == 437),
        "data": single_job(lambda answer: answer.json()["data"]["id"] == 437),
    },
    "job-times": {
        "java": job_times(HMS + r"\.\d{1,3}"),
        "seconds": job_times(HMS),
        "nine-digits": job_times(HMS + r"\.\d{9}"),
        "iso": job_times(HMS.replace(" ", "T")),
        "offset": job_times(HMS.replace(" ", "T") + r"\+00:00"),
        "epoch": job_times(r"1795\d{9}"),
        "missing": every_job(lambda row: "queuedOn" not in row),
    },
    "job-missing": {
        "404": single_job(lambda answer: answer.status_code == 404 and answer.json()["errors"], 9999),
        "400": single_job(lambda answer: answer.status_code == 400 and answer.json()["errors"], 9999),
        "html": single_job(lambda answer: answer.status_code == 404 and "html" in answer.headers["Content-Type"], 9999),
    },
    "errors": {
        "natural": bad_request({"errors"}),
        "old": bad_request({"Arguments: ", "Key: ", "Error: "}),
        "message": bad_request({"message"}),
    },
    "zone": {
        "UTC": every_job(lambda row: row["queuedOn"] < "2026-11-22 07:00:01"),
        "America/Chicago": every_job(lambda row: row["queuedOn"] < "2026-11-22 01:00:01"),
    },
    "times": {
        "seconds": scan_times(r"[\d-]{10}T[\d:]{8}Z"),
        "offset": scan_times(r"[\d-]{10}T[\d:]{8}\+03:00"),
        "millis": scan_times(r"[\d-]{10}T[\d:]{8}\.\d{3}Z"),
        "nine-digits": scan_times(r"[\d-]{10}T[\d:]{8}\.\d{9}Z"),
        "zero": scan_times(r"0001-01-01T00:00:00Z"),
        "missing": scan_times(r""),
        "mixed": mixed_times,
    },
    "xray-case": {
        "upper": scan_words(r"DONE|NOT_SUPPORTED"),
        "lower": scan_words(r"done|not supported"),
        "space": scan_words(r"DONE|NOT SUPPORTED"),
    },
    "stages": {
        "natural": stages("sca", "contextual_analysis", "exposures", "violations"),
        "no-exposures": stages("sca", "contextual_analysis", "violations"),
        "minimal": stages("sca", "violations"),
        "none": stages(),
    },
    "categories": {"on": categories(True), "off": categories(False)},
    "xray-errors": {
        "error": missing_build(lambda answer: set(answer.json()) == {"error"}),
        "errors": missing_build(lambda answer: answer.json()["errors"][0]["status"] == 404),
        "info": missing_build(lambda answer: set(answer.json()) == {"info"}),
        "plain": missing_build(lambda answer: "not indexed" in answer.text and "text/plain" in str(answer.headers)),
    },
    "report-end": {
        "end_time": ended_report(lambda row: "end_time" in row and "end_time_estimation" not in row),
        "estimation": ended_report(lambda row: "end_time" not in row and "end_time_estimation" in row),
        "both": ended_report(lambda row: "end_time" in row and "end_time_estimation" in row),
    },
    "report-progress": {
        "percent": ended_report(lambda row: row["progress"] == 100 or row["status"] != "completed"),
        "one": ended_report(lambda row: row["progress"] == 1),
    },
    "report-words": {
        "natural": words_of_reports("completed", "complete"),
        "complete": words_of_reports("complete", "completed"),
    },
    "report-id": {"exposures_id": row_key("exposures_id"), "exposure_id": row_key("exposure_id")},
    "delete-answer": {
        "info": deleted({"info": "report deleted successfully"}),
        "string": deleted("report deleted successfully"),
    },
    "artifact-status": {"on": artifact_rows(True), "off": artifact_rows(False)},
    "xray-admin": {"on": indexed_lists(200), "off": indexed_lists(403)},
    "threadfix": {
        "2.8.8": pending_scan(True, "/latest"),
        "2.7.6": pending_scan(False, ""),
        "2.4.5": pending_scan(False, None),
        "3.1": too_new,
    },
    "threadfix-auth": {"200": refusal(200, True), "401": refusal(401, False), "403": refusal(403, True)},
    "threadfix-errors": {"200": lookup(200, True), "404": lookup(404, True), "html": lookup(200, False)},
    "transfer": {
        "length": framing(lambda headers: "Content-Length" in headers),
        "chunked": framing(lambda headers: headers["Transfer-Encoding"] == "chunked"),
        "close": framing(lambda headers: headers["Connection"] == "close" and "Content-Length" not in headers),
    },
    "gzip": {"off": framing(lambda headers: "Content-Encoding" not in headers), "on": is_packed},
    "date": {
        "on": framing(lambda headers: headers["Date"] == "Sun, 22 Nov 2026 07:00:00 GMT"),
        "off": framing(lambda headers: "Date" not in headers),
        "ahead": framing(lambda headers: headers["Date"] == "Sun, 22 Nov 2026 08:00:00 GMT"),
        "behind": framing(lambda headers: headers["Date"] == "Sun, 22 Nov 2026 06:00:00 GMT"),
    },
    "extra": {
        "off": single_job(lambda answer: "addedLater" not in answer.json()),
        "on": single_job(lambda answer: "addedLater" in answer.json()),
    },
}
CASES = [(name, value) for name, checks in CHECKS.items() for value in checks]


def test_every_value_of_every_variant_is_checked() -> None:
    assert {name: set(values) for name, values in VALUES.items()} == {
        name: set(checks) - ({"America/Chicago"} if name == "zone" else set()) for name, checks in CHECKS.items()
    }


@pytest.mark.parametrize(("name", "value"), CASES)
async def test_each_value_does_what_it_says(name: str, value: str) -> None:
    async with running(variants=f"{name}={value}") as site:
        assert await CHECKS[name][value](site)
        others = [other for other in CHECKS[name] if other != value]
        # The check must be able to fail: some other value of the same variant does not pass it.
        await site.control("variants", {name: next(iter(others))})
        if (name, value) != ("zone", "UTC"):
            assert not await passes(CHECKS[name][value], site)


async def passes(check: Check, site: Site) -> bool:
    """Whether a check passes, where failing to read the answer is failing."""
    try:
        return await check(site)
    except (KeyError, ValueError, TypeError, AttributeError, AssertionError, StopIteration):
        return False


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("list-shpe=bare", "'list-shape'"),
        ("list-shape=bar", "'bare'"),
        ("list-shape", "list-shape=data|bare"),
        ("zone=Atlantis/Capital", "no time zone"),
    ],
)
def test_a_wrong_variant_names_the_nearest_right_one(text: str, hint: str) -> None:
    with pytest.raises(UnknownName, match=re.escape(hint)):
        parse_variants(text)


async def test_the_announced_time_zone_is_the_one_that_times_are_told_in() -> None:
    async with running(variants="zone=Asia/Kolkata") as site:
        assert site.announced["servers"]["codeinsight"]["timezone"] == "Asia/Kolkata"


async def test_a_status_filter_works_whatever_the_case_of_the_answer() -> None:
    async with running(variants="status-case=upper") as site:
        rows = (await site.jobs(status="Failed")).json()["data"]
        assert rows and {row["status"] for row in rows} == {"FAILED"}
