"""`scantop job start`: the real command against a real server, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import Said, Simulated, scantop, simulated

ENDED = {"done", "failed", "canceled"}


@pytest.fixture(scope="module")
def day() -> Iterator[Simulated]:
    """A working day whose clock stands still until a test moves it."""
    with simulated("--scenario=day", "--frozen", "--start-at=2026-11-22T07:00:00Z") as world:
        yield world


@pytest.fixture
def config(day: Simulated, tmp_path: Path) -> Path:
    day.faults()
    return day.config(tmp_path / "config.toml")


def job(config: Path, *argv: str, **more: str) -> Said:
    said = scantop("--config", str(config), "job", "start", *argv, **more)
    assert "Traceback" not in said.err and "unexpected" not in said.err, said.err
    return said


def free(config: Path) -> str:
    """A project of which nothing is under way."""
    jobs = scantop("--config", str(config), "jobs", "--limit", "500", "--json").document["jobs"]
    busy = {one["project"]["id"] for one in jobs if one["project"] and one["state"] not in ENDED}
    return str(next(one["project"]["id"] for one in jobs if one["project"] and one["project"]["id"] not in busy))


def started(day: Simulated) -> int:
    counts: dict[str, int] = day.control("requests", method="GET")["counts"]
    return counts.get("codeinsight/notices", 0) + counts.get("codeinsight/sbom-export", 0)


@pytest.mark.parametrize(
    ("argv", "kind"),
    [
        (("sbom-export", "{}"), "Export to SBOM Insights"),
        (("notices", "{}"), "Update Notices"),
        (("notices", "{}", "--overwrite-all"), "Update Notices"),
    ],
)
def test_a_job_is_started_and_its_address_printed(config: Path, argv: tuple[str, ...], kind: str) -> None:
    project = free(config)
    said = job(config, *(word.format(project) for word in argv), "--yes")
    assert said.code == 0, said.err
    address = said.out.strip()
    shown = scantop("--config", str(config), "status", address, "--json").document["targets"][0]
    assert shown["target"] == address and address.startswith("sca:job/")
    assert shown["detail"]["type"] == kind and shown["detail"]["project"]["id"] == int(project)
    assert (shown["detail"]["details"] == "Overwrite all") is ("--overwrite-all" in argv)


@pytest.mark.parametrize("fault", ["reset", "truncated", "login"])
def test_a_lost_answer_is_looked_after_in_the_queue(day: Simulated, config: Path, fault: str) -> None:
    project, before = free(config), started(day)
    day.faults(f"codeinsight/notices:{fault}")
    said = job(config, "notices", project, "--yes", "--json")
    (outcome,) = said.document["outcomes"]
    assert said.code == 0 and (outcome["fate"], outcome["look"]) == ("done", "found")
    assert started(day) == before + 1
    assert outcome["target"] == f"sca:job/{outcome['id']}"


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("403", 4, "Analyst"),
        ("401", 4, "refused the token"),
        ("502", 3, "asked for once and not again"),
        ("503", 3, "electronic update"),
        ("400", 3, "while a scan"),
    ],
)
def test_refusals(day: Simulated, config: Path, fault: str, code: int, words: str) -> None:
    project, before = free(config), started(day)
    day.faults(f"codeinsight/sbom-export:{fault}")
    said = job(config, "sbom-export", project, "--yes")
    assert (said.code, said.out) == (code, "") and words in said.err and said.err.count("\n") == 1
    assert started(day) == before + 1


def test_a_project_that_is_not_there(config: Path) -> None:
    said = job(config, "notices", "99999", "--yes")
    assert said.code == 6 and "There is no such project" in said.err


def test_without_a_terminal_and_without_yes_nothing_is_started(day: Simulated, config: Path) -> None:
    before = started(day)
    said = job(config, "notices", "3", "--overwrite-all", stdin="y\n")
    assert (said.code, said.out) == (2, "") and started(day) == before
    assert "Start notices for project 3, overwriting all on sca (http://127.0.0.1:" in said.err


def test_read_only_is_off(day: Simulated, tmp_path: Path) -> None:
    config = day.config(tmp_path / "config.toml", sca={"read_only": True})
    before = started(day)
    said = job(config, "notices", "3", "--yes")
    assert said.code == 2 and "read_only = true stands in [servers.sca]" in said.err and started(day) == before


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("scan", "3"), "invalid choice: 'scan'"),
        (("notices",), "required: PROJECT_ID"),
        (("notices", "0"), "not a whole number between 1"),
        (("notices", "three"), "not a whole number between 1"),
        (("sbom-export", "3", "--overwrite-all"), "takes no"),
        (("notices", "3", "--server", "prod"), "no configured server can start jobs"),
        (("notices", "3", "--timeout", "5s"), "goes with --wait"),
    ],
)
def test_wrong_usage_is_one_sentence(config: Path, argv: tuple[str, ...], words: str) -> None:
    said = job(config, *argv, "--yes")
    assert (said.code, said.out) == (2, "") and words in said.err and said.err.count("\n") == 1


def test_wait_follows_the_new_job(day: Simulated, config: Path) -> None:
    for _ in range(4):  # the story goes on: the project that was free may be taken when the job is to start
        project = free(config)
        day.control("clock", {"frozen": False, "speed": 600})
        try:
            said = job(config, "notices", project, "--yes", "--wait", "--timeout", "60s", "--json")
        finally:
            day.control("clock", {"frozen": True})
        lines = [json.loads(line) for line in said.out.splitlines()]
        if lines[-1].get("event") == "summary":
            break
    summary = lines[-1]
    assert summary["event"] == "summary", said.err
    assert summary["targets"][0]["target"] == lines[0]["outcomes"][0]["target"]
    assert said.code == {"done": 0, "failed": 1, "canceled": 1}[summary["targets"][0]["state"]]
