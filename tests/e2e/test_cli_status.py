"""`scantop status` and `scantop jobs`: the real command against a real server, over HTTP."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import Said, Simulated, scantop, simulated

WATCH = """
[[watch]]
server = "prod"
build = "my-build"
number = "1"
project = "my-project"

[[watch]]
server = "prod"
artifact = "docker-local/desktop-storage/1.0/manifest.json"

[[watch]]
server = "tf"
application = 6
pending_scan = 41
"""
BUILD = "prod:build/my-build/1?project=my-project"
ARTIFACT = "prod:artifact/docker-local/desktop-storage/1.0/manifest.json"
SCAN = "tf:scan/6/41"


@pytest.fixture(scope="module")
def documents() -> Iterator[Simulated]:
    """Servers that answer exactly what the vendors' documents show; time stands still."""
    with simulated("--scenario=documents", "--frozen") as world:
        yield world


@pytest.fixture(scope="module")
def day() -> Iterator[Simulated]:
    """A working day at which nothing moves any more."""
    with simulated("--scenario=day", "--frozen", "--start-at=2026-11-22T07:00:00Z") as world:
        yield world


def status(world: Simulated, folder: Path, *argv: str, **changes: dict[str, object]) -> Said:
    """`scantop status` on a config that watches what the documents show."""
    world.faults()
    return scantop("--config", str(world.config(folder / "config.toml", WATCH, **changes)), "status", *argv)


def test_status_json_is_the_contracts(documents: Simulated, tmp_path: Path) -> None:
    said = status(documents, tmp_path, "--json")
    assert (said.code, said.err) == (0, "")
    document = said.document
    assert list(document) == ["version", "polled_at", "targets", "problems"]
    assert document["version"] == 1 and document["polled_at"].endswith("Z")
    build, artifact, scan = document["targets"]
    assert [one["target"] for one in document["targets"]] == [BUILD, ARTIFACT, SCAN]
    assert list(build) == [
        "target",
        "server",
        "kind",
        "name",
        "state",
        "status",
        "since",
        "problem",
        "stages",
        "categories",
        "detail",
        "note",
        "left",
        "due_at",
        "slack_s",
    ]
    assert {key: build[key] for key in ("server", "kind", "name", "state", "status", "problem")} == {
        "server": "prod",
        "kind": "build",
        "name": "my-build 1",
        "state": "done",
        "status": "DONE",
        "problem": None,
    }
    names = ["sca", "contextual_analysis", "exposures", "violations"]
    assert [stage["name"] for stage in build["stages"]] == names
    assert build["stages"][0] == {
        "name": "sca",
        "status": "DONE",
        "state": "done",
        "time": build["stages"][0]["time"],
    }
    assert build["stages"][2] == {"name": "exposures", "status": None, "state": "absent", "time": None}
    assert [one["name"] for one in artifact["categories"]] == ["secrets", "services", "applications", "iac"]
    assert (scan["state"], scan["status"], scan["detail"]["scanId"]) == ("done", "DONE", scan["detail"]["scanId"])
    assert scan["kind"] == "scan" and scan["detail"]["file"]


def test_status_table(documents: Simulated, tmp_path: Path) -> None:
    said = status(documents, tmp_path)
    assert said.code == 0
    header, *rows = said.out.splitlines()
    assert header.split() == ["STATE", "SINCE", "TARGET", "STATUS", "STAGES", "AND", "NOTES"]
    assert [row.split()[3] for row in rows] == [BUILD, ARTIFACT, SCAN]
    assert "sca=done contextual_analysis=done violations=done" in rows[0]


def test_status_in_a_terminal_without_unicode(documents: Simulated, tmp_path: Path) -> None:
    path = documents.config(tmp_path / "config.toml", WATCH)
    environ = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    said = scantop("status", "--config", str(path), environ=environ)
    assert said.code == 0 and said.out.isascii() and "+ done" in said.out


@pytest.mark.parametrize(
    ("texts", "keys"),
    [
        ([SCAN, BUILD], [SCAN, BUILD]),
        (["scan/6/41"], [SCAN]),
        (["https://elsewhere.example.com/threadfix/rest/latest/applications/6/pendingScan/41/status"], [SCAN]),
        (["docker-local/desktop-storage:1.0"], [ARTIFACT]),
        ([BUILD, BUILD], [BUILD]),
    ],
)
def test_status_of_named_targets(documents: Simulated, tmp_path: Path, texts: list[str], keys: list[str]) -> None:
    said = status(documents, tmp_path, *texts, "--json")
    assert said.code == 0, said.err
    assert [one["target"] for one in said.document["targets"]] == keys


def test_one_server_only(documents: Simulated, tmp_path: Path) -> None:
    said = status(documents, tmp_path, "--json", "--server", "tf")
    assert [one["target"] for one in said.document["targets"]] == [SCAN]


@pytest.mark.parametrize(
    ("fault", "code", "problem", "http_status"),
    [
        ("threadfix:401", 4, "unauthorised", 401),
        ("threadfix:403", 4, "forbidden", 403),
        ("threadfix:503", 3, "server_error", 503),
        ("threadfix:login", 3, "bad_answer", 200),
        ("threadfix:half-json", 3, "bad_answer", 200),
        ("threadfix:404", 6, "missing", 404),
        ("threadfix:429=3", 3, "rate_limited", 429),
    ],
)
def test_what_a_server_does_wrong_is_a_problem_of_its_target_and_an_exit_code(
    documents: Simulated, tmp_path: Path, fault: str, code: int, problem: str, http_status: int
) -> None:
    path = documents.config(tmp_path / "config.toml", WATCH)
    documents.faults(fault)
    said = scantop("--config", str(path), "status", "--json")
    documents.faults()
    assert said.code == code
    build, _, scan = said.document["targets"]
    assert build["state"] == "done" and build["problem"] is None
    assert (scan["problem"]["code"], scan["problem"]["http_status"]) == (problem, http_status)
    assert scan["problem"]["text"] and scan["state"] in ("unknown", "missing")
    assert "Traceback" not in said.err


def test_a_server_that_is_not_there(documents: Simulated, tmp_path: Path) -> None:
    said = status(documents, tmp_path, "--json", tf={"url": "http://127.0.0.1:9/threadfix"})
    assert said.code == 3
    assert [one["problem"] and one["problem"]["code"] for one in said.document["targets"]] == [None, None, "refused"]


def test_a_wrong_token_is_refused_and_told_nowhere(documents: Simulated, tmp_path: Path) -> None:
    said = status(documents, tmp_path, prod={"token": "wr0ng-s3cret"})
    assert said.code == 4
    assert "wr0ng-s3cret" not in said.out + said.err


def test_the_environment_alone_is_enough(documents: Simulated, tmp_path: Path) -> None:
    servers = documents.line["servers"]
    environ = {
        **os.environ,
        "JF_URL": servers["xray"]["url"],
        "JF_ACCESS_TOKEN": servers["xray"]["token"],
        "THREADFIX_URL": servers["threadfix"]["url"],
        "THREADFIX_API_KEY": servers["threadfix"]["token"],
    }
    said = scantop("status", "build/my-build/1?project=my-project", "scan/6/41", "--json", environ=environ)
    assert said.code == 0, said.err
    assert [one["state"] for one in said.document["targets"]] == ["done", "done"]


def test_exit_status_judges(day: Simulated, tmp_path: Path) -> None:
    path = day.config(tmp_path / "config.toml")
    found: dict[str, str] = {}
    jobs = scantop("--config", str(path), "jobs", "--limit", "200", "--json").document["jobs"]
    for job in jobs:
        found.setdefault(job["state"], f"sca:job/{job['id']}")
    expected = {"done": 0, "failed": 1, "canceled": 1, "running": 8, "waiting": 8}
    assert expected.keys() <= found.keys()
    for state, code in expected.items():
        assert scantop("--config", str(path), "status", found[state]).code == 0
        assert scantop("--config", str(path), "status", "--exit-status", found[state]).code == code, state
    assert scantop("--config", str(path), "status", "--exit-status", found["running"], found["failed"]).code == 1


def test_a_watched_list_is_part_of_everything(day: Simulated, tmp_path: Path) -> None:
    watch = '[[watch]]\nserver = "sca"\njobs = { status = "Completed", limit = 3 }\n'
    path = day.config(tmp_path / "config.toml", watch)
    said = scantop("--config", str(path), "status", "--json")
    assert said.code == 0
    assert [one["kind"] for one in said.document["targets"]] == ["job"] * 3
    day.faults("codeinsight/jobs:503")
    said = scantop("--config", str(path), "status", "--json")
    day.faults()
    assert said.code == 3 and said.document["targets"] == [] and "sca:jobs: " in said.err


def test_jobs_pages_and_filters(day: Simulated, tmp_path: Path) -> None:
    config = ("--config", str(day.config(tmp_path / "config.toml")))
    first = scantop("jobs", "--limit", "10", "--json", *config).document
    second = scantop("jobs", "--limit", "10", "--page", "2", "--json", *config).document
    assert list(first) == ["version", "page", "pages", "total", "jobs"]
    assert (first["page"], second["page"]) == (1, 2)
    assert first["pages"] == -(-first["total"] // 10) and first["total"] > 20
    ids = [job["id"] for job in first["jobs"] + second["jobs"]]
    assert ids == sorted(set(ids), reverse=True) and len(ids) == 20
    keys = [
        "id",
        "type",
        "status",
        "state",
        "project",
        "user",
        "server",
        "queued_at",
        "activated_at",
        "completed_at",
        "details",
        "error",
    ]
    assert all(list(job) == keys for job in first["jobs"])
    failed = scantop("jobs", "--status", "Failed", "--limit", "50", "--json", *config).document["jobs"]
    assert failed and {job["state"] for job in failed} == {"failed"}
    project = first["jobs"][0]["project"]["id"]
    mine = scantop("jobs", "--project", str(project), "--limit", "50", "--json", *config).document["jobs"]
    assert mine and {job["project"]["id"] for job in mine} == {project}


def test_jobs_table_keeps_its_page_line_off_standard_output(day: Simulated, tmp_path: Path) -> None:
    said = scantop("jobs", "--limit", "3", "--config", str(day.config(tmp_path / "config.toml")))
    assert said.code == 0
    header, *rows = said.out.splitlines()
    assert header.split()[:3] == ["JOB", "STATE", "STATUS"] and len(rows) == 3
    assert said.err.startswith("scantop: page 1 of ")


def test_jobs_refused_and_missing(day: Simulated, documents: Simulated, tmp_path: Path) -> None:
    path = day.config(tmp_path / "config.toml", sca={"token": "wrong"})
    said = scantop("jobs", "--json", "--config", str(path))
    assert (said.code, said.out) == (4, "") and said.err.startswith("scantop: sca: ")
    said = scantop("jobs", "--config", str(path), "--server", "tf")
    assert (said.code, said.err) == (2, "scantop: no configured server keeps a queue of jobs (kind codeinsight)\n")
