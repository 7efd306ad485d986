"""The documents' own examples, field for field, over HTTP. The samples here are typed from the documents."""

from __future__ import annotations

import json

import pytest
from simulator_site import running

pytestmark = pytest.mark.anyio

BUILD = """{ "overall": { "status": "DONE", "time": "2024-07-09T07:22:05Z" }, "details": {
"sca": { "status": "DONE", "time": "2024-07-09T07:22:04Z" },
"contextual_analysis": { "status": "DONE", "time": "2024-07-09T07:22:04Z" },
"violations": { "status": "DONE", "time": "2024-07-09T07:22:05Z" } } }"""
ARTIFACT = """{"overall": {"status": "DONE", "time": "2024-07-04T07:05:51Z"}, "details": {
"sca": {"status": "DONE", "time": "2024-07-04T07:05:27Z"},
"contextual_analysis": {"status": "DONE", "time": "2024-07-04T07:05:26Z"},
"exposures": {"status": "DONE", "time": "2024-05-16T07:57:35Z", "categories": {
"iac": {"time": "2024-05-16T07:57:35Z", "status": "NOT_SUPPORTED"},
"secrets": {"time": "2024-05-16T07:57:35Z", "status": "DONE"},
"services": {"time": "2024-05-16T07:57:35Z", "status": "DONE"},
"applications": {"time": "2024-05-16T07:57:35Z", "status": "DONE"}}},
"violations": {"status": "DONE", "time": "2024-07-04T07:05:51Z"}}}"""
SCAN = """{"message": "Scan Processing Completed. Statistics Update Queued.", "success": true, "responseCode": -1,
"object": {"id": 2, "modifiedDate": 1570117773000, "active": true,
"fileDataList": [{"id": 12, "originalName": "contoso.fpr"}], "appId": 6, "errorMessage": null, "status": "DONE",
"error": false, "scanId": 12, "type": "upload", "name": "contoso.fpr", "time": 1570117773000,
"scanMessage": "Scan Processing Completed. Statistics Update Queued."}}"""
OLD_SCAN = """{"message":"Generating Findings","success":true,"responseCode":-1,
"object":{"id":41,"active":true,"fileDataList":[{"id":56,"originalName":"WebGoat_Benchmark_ShortenedScan.ozasmt"}],
"appId":6,"errorMessage":null,"status":"FINDINGS_GENERATING","error":false,"type":"upload",
"name":"WebGoat_Benchmark_ShortenedScan.ozasmt","time":1490907959000,"scanMessage":"Generating Findings"}}"""
JOB = """{"id": 0, "jobType": "Project Branching", "project": {}, "server": {}, "status": "NEW", "triggeredBy": {},
"queuedOn": "2017-10-24 13:04:26.0", "activatedOn": "2017-10-24 13:04:26.0", "completedOn": "2017-10-24 13:04:26.0",
"jobDetails": "string", "error": "string"}"""
REPORT = """{"name": "exposures-report", "resources": {"repositories": [{"name": "repository-name"}]},
"filters": {"category": "secrets", "impacted_artifact": "*bin*",
"scan_date": {"start": "2023-01-05T08:00:00Z", "end": "2026-01-22T20:00:00Z"}}}"""


@pytest.mark.parametrize("name", ["documents", "day"])
async def test_the_examples_of_the_documents_are_answered_field_for_field(name: str) -> None:
    async with running(name) as site:
        assert (await site.build("my-build", "1", "my-project")).json() == json.loads(BUILD)
        assert (await site.artifact("docker-local/desktop-storage/1.0/manifest.json")).json() == json.loads(ARTIFACT)
        assert (await site.scan(6, 41)).json() == json.loads(SCAN)
        assert (await site.call("codeinsight", "GET", "/jobs/0")).json() == json.loads(JOB)


@pytest.mark.parametrize("name", ["documents", "day"])
async def test_the_errors_of_the_documents(name: str) -> None:
    async with running(name) as site:
        missing = await site.build("my-build", "3")
        assert (missing.status_code, missing.json()) == (
            404,
            {
                "error": "Request payload is invalid as build name: my-build build number: 3 is either not indexed or "
                "does not exist"
            },
        )
        absent = await site.artifact("myrepo/myartifact")
        assert (absent.status_code, absent.json()) == (
            404,
            {"error": "artifact at path myrepo/myartifact does not exist in Artifactory"},
        )


async def test_the_first_report_that_is_made_is_the_one_of_the_document() -> None:
    async with running("documents") as site:
        answer = await site.call("xray", "POST", "/reports/exposures", json=json.loads(REPORT))
        assert (answer.status_code, answer.json()) == (200, {"report_id": 22, "status": "pending"})


async def test_a_server_before_2_7_7_answers_the_older_example() -> None:
    async with running("documents", variants="threadfix=2.7.6") as site:
        assert (await site.scan(6, 41)).json() == json.loads(OLD_SCAN)


async def test_the_documents_story_has_no_more_than_the_documents() -> None:
    async with running("documents") as site:
        assert [job["id"] for job in (await site.jobs()).json()["data"]] == [1234]
        assert (await site.jobs(offset=2)).json()["data"] == []
        assert [report["id"] for report in await site.reports()] == [1234]
        watched = [set(table) - {"server"} for table in site.announced["watch"]]
        assert watched == [{"build", "number", "project"}, {"artifact"}, {"application", "pending_scan"}, {"jobs"}]
