"""The documents for scripts: exactly the fields of the contract, in their order, with its nulls."""

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from present_builders import NOW, ago, build, job, report, scan, stage, unanswered

from tui.domain.problem import Problem, ProblemCode
from tui.domain.records import Fields, ListQuery
from tui.domain.snapshot import ListState
from tui.domain.target import Target
from tui.present.as_json import jobs_document, json_text, status_document, target_document

ABSENT = [
    {"name": name, "status": None, "state": "absent", "time": None} for name in ("contextual_analysis", "exposures")
]


def test_a_status_document_in_full() -> None:
    entry = build(
        stages={"sca": "done", "violations": "waiting"},
        categories={"secrets": "done", "iac": "unsupported"},
        status="PENDING",
        seconds=110,
    )
    assert status_document([entry], NOW) == {
        "version": 1,
        "polled_at": "2026-11-22T07:00:00Z",
        "targets": [
            {
                "target": "prod:build/my-build/1",
                "server": "prod",
                "kind": "build",
                "name": "my-build 1",
                "state": "running",
                "status": "PENDING",
                "since": "2026-11-22T06:58:10Z",
                "problem": None,
                "stages": [
                    {"name": "sca", "status": "DONE", "state": "done", "time": None},
                    *ABSENT,
                    {"name": "violations", "status": "PENDING", "state": "waiting", "time": None},
                ],
                "categories": [
                    {"name": "secrets", "status": "DONE", "state": "done", "time": None},
                    {"name": "services", "status": None, "state": "absent", "time": None},
                    {"name": "applications", "status": None, "state": "absent", "time": None},
                    {"name": "iac", "status": "NOT_SUPPORTED", "state": "unsupported", "time": None},
                ],
                "detail": {},
                "note": None,
                "left": None,
                "due_at": None,
                "slack_s": None,
            }
        ],
        "problems": [],
    }


def test_the_order_of_the_fields() -> None:
    document = target_document(build())
    own = ["target", "server", "kind", "name", "state", "status", "since", "problem", "stages", "categories", "detail"]
    assert list(document) == [*own, "note", "left", "due_at", "slack_s"]
    assert document["categories"] == []


def test_a_build_that_never_answered_still_has_its_four_stages() -> None:
    problem = Problem(ProblemCode.UNAUTHORISED, "prod refused the token.", 401, advice="Renew it.")
    document = target_document(unanswered(Target("prod", "build", ("a", "1")), problem))
    assert (document["state"], document["status"], document["since"]) == ("unknown", None, None)
    assert document["problem"] == {
        "code": "unauthorised",
        "text": "prod refused the token. Renew it.",
        "http_status": 401,
    }
    assert [(s["name"], s["state"]) for s in document["stages"]] == [
        ("sca", "absent"),
        ("contextual_analysis", "absent"),
        ("exposures", "absent"),
        ("violations", "absent"),
    ]


def test_a_missing_target_is_missing() -> None:
    problem = Problem(ProblemCode.MISSING, "not indexed or does not exist", 404)
    assert target_document(unanswered(Target("prod", "build", ("a", "1")), problem))["state"] == "missing"


def test_stage_times_and_own_fields() -> None:
    at = datetime(2024, 7, 9, 7, 22, 4, 120_000, tzinfo=UTC)
    entry = scan(stages=(stage("queued", "done", "QUEUED", at),), detail={"scanId": 12, "files": (), "time": at})
    document = target_document(entry)
    assert document["stages"] == [
        {"name": "queued", "status": "QUEUED", "state": "done", "time": "2024-07-09T07:22:04Z"}
    ]
    assert document["detail"] == {
        "file": "contoso.fpr",
        "scanId": 12,
        "appId": 6,
        "id": 41,
        "files": [],
        "time": "2024-07-09T07:22:04Z",
    }
    assert target_document(report(progress=None))["detail"]["progress"] is None


def test_a_jobs_document_in_full() -> None:
    first, second = job(437), job(436, "failed", "Failed", detail={"project": None, "error": "boom", "user": None})
    query = ListQuery("sca", "jobs")
    shown = ListState(query, query, (first.key, second.key, "sca:job/gone"), 1, 18, 437)
    document = jobs_document(shown, {entry.key: entry for entry in (second, first)})
    assert list(document) == ["version", "page", "pages", "total", "jobs"]
    assert (document["version"], document["page"], document["pages"], document["total"]) == (1, 1, 18, 437)
    assert document["jobs"][0] == {
        "id": 437,
        "type": "Project Scan",
        "status": "Active",
        "state": "running",
        "project": {"id": 10, "name": "ePortal"},
        "user": "admin",
        "server": "Core Server",
        "queued_at": "2026-11-22T06:00:00Z",
        "activated_at": "2026-11-22T06:30:00Z",
        "completed_at": None,
        "details": "",
        "error": None,
    }
    order = ("id", "type", "status", "state", "project", "user", "server", "queued_at", "activated_at", "completed_at")
    assert list(document["jobs"][0]) == [*order, "details", "error"]
    assert [(j["id"], j["project"], j["error"]) for j in document["jobs"][1:]] == [(436, None, "boom")]


def test_a_page_of_unknown_length_has_nulls() -> None:
    query = ListQuery("sca", "jobs")
    assert jobs_document(ListState(query, query), {}) == {
        "version": 1,
        "page": 1,
        "pages": None,
        "total": None,
        "jobs": [],
    }


def test_since_prefers_the_servers_own_time() -> None:
    assert target_document(build(record_since_at=ago(60), seconds=5))["since"] == "2026-11-22T06:59:00Z"
    assert target_document(build(seconds=5))["since"] == "2026-11-22T06:59:55Z"


@given(st.text(st.characters(exclude_categories=()), max_size=40), st.floats())
def test_the_text_is_printable_ascii_and_reads_back(name: str, number: float) -> None:
    entry = build(name, detail={name or "x": name, "n": number, "f": Fields((("a", (1, None)),))})
    text = json_text(status_document([entry], NOW))
    assert text.replace("\n", "").isascii() and text.replace("\n", "").isprintable()
    assert json.loads(text)["targets"][0]["name"] == f"{name} 1"
