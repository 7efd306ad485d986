"""ThreadFix through its client: the documents' samples, older releases, and errors that hide behind HTTP 200."""

from __future__ import annotations

from typing import Any

import pytest
from wire_bench import SCAN, Wire, epoch_ms, fixture, listing, read, read_one, record_of, reply

from tui.domain.problem import ProblemCode
from tui.domain.records import ListQuery
from tui.domain.state import State

BEHIND = ["queued", "uploaded", "findings_generating", "channel_merging", "application_merging", "application_merged"]


def scan(status: str, **more: Any) -> dict[str, Any]:
    return {"message": "", "success": True, "responseCode": -1, "object": {"id": 41, "status": status, **more}}


def failure(message: str | None) -> dict[str, Any]:
    return {"message": message, "success": False, "responseCode": -1, "object": None}


def test_the_documents_sample() -> None:
    wire = Wire(fixture("threadfix/pending_scan_status.json"))
    record = read_one("threadfix", wire, SCAN).record
    assert wire.paths == ["GET /threadfix/rest/latest/applications/6/pendingScan/41/status"]
    assert wire.requests[0].headers["authorization"] == "APIKEY canary-token-4711"
    assert wire.requests[0].headers["accept"] == "application/json"
    assert record is not None
    assert (record.target, record.name, record.state, record.status) == (SCAN, "contoso.fpr", State.DONE, "DONE")
    assert record.since_at == epoch_ms(1570117773000)
    assert dict(record.detail) == {
        "file": "contoso.fpr",
        "files": ("contoso.fpr",),
        "scanId": 12,
        "appId": 6,
        "id": 2,
        "type": "upload",
        "message": "Scan Processing Completed. Statistics Update Queued.",
        "time": epoch_ms(1570117773000),
        "modified_at": epoch_ms(1570117773000),
        "error": None,
    }
    assert [(stage.name, stage.state) for stage in record.stages] == [
        *((name, State.DONE) for name in BEHIND),
        ("linking_defects", State.ABSENT),
        ("done", State.DONE),
    ]
    assert record.error == ""
    assert record.web_url == "https://tf.test/threadfix/scans"


def test_the_sample_of_releases_before_2_7_7() -> None:
    record = record_of("threadfix", fixture("threadfix/pending_scan_status_before_2_7_7.json"), SCAN)
    assert (record.state, record.status) == (State.RUNNING, "FINDINGS_GENERATING")
    assert record.since_at == epoch_ms(1490907959000)
    assert (record.detail.get("scanId"), record.detail.get("modified_at")) == (None, None)
    assert [stage.state for stage in record.stages] == [State.DONE, State.DONE, State.RUNNING, *[State.ABSENT] * 5]
    assert [stage.status for stage in record.stages] == [None, None, "FINDINGS_GENERATING", *[None] * 5]


def test_linking_defects_is_an_optional_stage() -> None:
    now = record_of("threadfix", scan("LINKING_DEFECTS"), SCAN)
    assert [stage.state for stage in now.stages] == [*[State.DONE] * 6, State.RUNNING, State.ABSENT]


def test_lines_beside_the_main_one() -> None:
    pulled = record_of("threadfix", scan("FINISHED_FINDING_PULLING"), SCAN)
    assert [(s.name, s.state) for s in pulled.stages][:3] == [
        ("queued", State.DONE),
        ("finished_finding_pulling", State.RUNNING),
        ("channel_merging", State.ABSENT),
    ]
    queued = record_of("threadfix", scan("SCAN_QUEUED_FOR_DELETE"), SCAN)
    deleted = record_of("threadfix", scan("SCAN_DELETED"), SCAN)
    assert (queued.state, deleted.state) == (State.RUNNING, State.DONE)
    assert [(s.name, s.state) for s in deleted.stages] == [
        ("scan_queued_for_delete", State.DONE),
        ("scan_deleted", State.DONE),
    ]


def test_failures_are_failures_in_their_stage() -> None:
    failed = record_of("threadfix", scan("CHANNEL_MERGING", error=True, errorMessage="Wrong format."), SCAN)
    assert (failed.state, failed.status, failed.error) == (State.FAILED, "CHANNEL_MERGING", "Wrong format.")
    assert [stage.state for stage in failed.stages] == [*[State.DONE] * 3, State.FAILED, *[State.ABSENT] * 4]
    silent = record_of("threadfix", scan("DONE", error="true"), SCAN)
    assert silent.state is State.FAILED
    assert "no reason" in silent.error
    assert failed.detail.get("error") == "Wrong format."
    worded = record_of("threadfix", scan("DONE", errorMessage="late trouble"), SCAN)
    assert (worded.state, worded.error) == (State.FAILED, "late trouble")
    cut = record_of("threadfix", scan("SCAN_INTERRUPTED", scanMessage="Scan processing was interrupted"), SCAN)
    assert (cut.state, cut.note, cut.error) == (State.FAILED, "interrupted", "Scan processing was interrupted")
    assert (cut.stages[-1].name, cut.stages[-1].state) == ("scan_interrupted", State.FAILED)


def test_a_word_that_nobody_knows_is_shown() -> None:
    record = record_of("threadfix", scan("QUANTUM_MERGING"), SCAN)
    assert (record.state, record.status) == (State.UNKNOWN, "QUANTUM_MERGING")
    assert (record.stages[-1].name, record.stages[-1].status) == ("quantum_merging", "QUANTUM_MERGING")


def test_several_files_and_no_name() -> None:
    files = [{"id": 1, "originalName": "a.fpr"}, {"id": 2}, {"originalName": "b.xml"}]
    record = record_of("threadfix", scan("QUEUED", fileDataList=files), SCAN)
    assert record.name == "a.fpr, b.xml"
    assert record.detail.get("files") == ("a.fpr", "b.xml")
    assert record_of("threadfix", scan("QUEUED"), SCAN).name == "scan 41"


def test_an_answer_without_an_envelope_is_the_object() -> None:
    assert record_of("threadfix", {"id": 41, "status": "QUEUED"}, SCAN).state is State.WAITING


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("Authentication failed, check your API Key.", ProblemCode.UNAUTHORISED),
        ("API Key not found in database.", ProblemCode.UNAUTHORISED),
        ("The requested URL is restricted for your API Key.", ProblemCode.FORBIDDEN),
        ("You do not have permission to do that.", ProblemCode.FORBIDDEN),
        ("Application lookup failed. Check your ID.", ProblemCode.MISSING),
        ("Invalid application ID.", ProblemCode.MISSING),
        ("No scan exists for requested id", ProblemCode.MISSING),
        ("No scans associated with application: 6", ProblemCode.MISSING),
        ("Pending scan not found", ProblemCode.MISSING),
        ("Invalid pending scan ID", ProblemCode.MISSING),
        ("java.lang.NullPointerException", ProblemCode.SERVER_ERROR),
        ("The moon is full.", ProblemCode.BAD_ANSWER),
        (None, ProblemCode.BAD_ANSWER),
    ],
)
def test_failures_at_http_200(message: str | None, code: ProblemCode) -> None:
    problem = read_one("threadfix", Wire(handler=lambda _: reply(failure(message))), SCAN).problem
    assert problem is not None
    assert (problem.code, problem.http_status) == (code, 200)
    assert (message or "no reason given").rstrip(".") in problem.text


def test_a_refused_key_is_the_servers_problem_a_lost_scan_is_not() -> None:
    refused = read("threadfix", Wire(handler=lambda _: reply(failure("API Key not found in database."))), SCAN)
    assert refused.problem is not None
    assert read("threadfix", Wire(handler=lambda _: reply(failure("Invalid application ID."))), SCAN).problem is None


@pytest.mark.parametrize(
    ("status", "body", "code", "words"),
    [
        (404, failure("Bad rest request due to unrecognized path."), ProblemCode.BAD_ANSWER, "3.1 and later"),
        (404, "<html><title>HTTP Status 404 – Not Found</title></html>", ProblemCode.BAD_ANSWER, "3.1 and later"),
        (404, failure("Scan 41?"), ProblemCode.MISSING, "both ids"),
        (403, failure("Authentication failed, check your API Key."), ProblemCode.UNAUTHORISED, "key"),
        (403, failure("no"), ProblemCode.FORBIDDEN, "Upload Scans"),
        (401, "<html><title>403</title></html>", ProblemCode.UNAUTHORISED, ""),
        (500, failure("Scan is too large"), ProblemCode.SERVER_ERROR, ""),
        (200, "<html><title>System error</title></html>", ProblemCode.BAD_ANSWER, "url"),
        (302, "", ProblemCode.REDIRECTED, ""),
    ],
)
def test_other_http_statuses(status: int, body: object, code: ProblemCode, words: str) -> None:
    problem = read_one("threadfix", Wire(handler=lambda _: reply(body, status)), SCAN).problem
    assert problem is not None
    assert (problem.code, problem.http_status) == (code, status)
    assert words in problem.advice


@pytest.mark.parametrize(
    "body",
    [
        *(
            [],
            5,
            {"success": True},
            {"success": True, "object": None},
            {"success": True, "object": "Scan upload process"},
        ),
        *(scan(None), {"success": True, "object": {"status": 5}}, scan("QUEUED", fileDataList="x")),  # type: ignore[arg-type]
    ],
)
def test_an_answer_of_another_form(body: object) -> None:
    problem = read_one("threadfix", Wire(body), SCAN).problem
    assert problem is not None
    assert problem.code is ProblemCode.BAD_ANSWER


@pytest.mark.parametrize(
    ("url", "version", "path"),
    [
        ("https://tf.test", "latest", "/threadfix/rest/latest"),
        ("https://tf.test/rest/latest", "latest", "/rest/latest"),
        ("https://tf.test/appsec/", "v2.8.3", "/appsec/rest/v2.8.3"),
        ("https://tf.test/threadfix/rest", "", "/threadfix/rest"),
    ],
)
def test_contexts_and_versions(url: str, version: str, path: str) -> None:
    from tui.servers.kind import kinds

    wire = Wire(scan("QUEUED"))
    url = kinds()["threadfix"].normalise_url(url)
    record = read_one("threadfix", wire, SCAN, url=url, extra={"api_version": version}).record
    assert wire.paths == [f"GET {path}/applications/6/pendingScan/41/status"]
    assert record is not None
    assert "/rest" not in record.web_url


def test_there_is_no_list() -> None:
    assert listing("threadfix", Wire({}), ListQuery("threadfix", "jobs")).problem is not None
