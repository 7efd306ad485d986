"""What `scantop status` says when it cannot tell: look-ups that fail, targets that were not asked, what to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from command import Said, Simulated, scantop, simulated

LATEST = '\n[[watch]]\nserver = "prod"\nbuild = "{name}"\nlatest = 5\n'


@pytest.fixture(scope="module")
def documents() -> Iterator[Simulated]:
    """Servers that answer exactly what the vendors' documents show; time stands still."""
    with simulated("--scenario=documents", "--frozen") as world:
        yield world


def status(world: Simulated, folder: Path, watch: str, *argv: str, faults: tuple[str, ...] = ()) -> Said:
    world.faults(*faults)
    try:
        return scantop("--config", str(world.config(folder / "config.toml", watch)), "status", *argv)
    finally:
        world.faults()


@pytest.mark.parametrize(
    ("fault", "code", "problem"),
    [
        ("xray:401", 4, "unauthorised"),
        ("xray:403", 4, "forbidden"),
        ("xray:502", 3, "server_error"),
        ("xray:reset", 3, "refused"),
        ("xray:login", 3, "bad_answer"),
    ],
)
def test_a_lookup_of_the_newest_that_fails_is_a_problem(
    documents: Simulated, tmp_path: Path, fault: str, code: int, problem: str
) -> None:
    said = status(documents, tmp_path, LATEST.format(name="my-build"), "--json", "--exit-status", faults=(fault,))
    assert said.code == code
    assert said.document["targets"] == []
    (found,) = said.document["problems"]
    assert (found["server"], found["about"], found["code"]) == ("prod", "newest of my-build", problem)
    assert "newest of my-build" in said.err and found["text"] in said.err


def test_the_newest_of_a_build_that_is_not_there_is_missing(documents: Simulated, tmp_path: Path) -> None:
    said = status(documents, tmp_path, LATEST.format(name="no-such-build"))
    assert (said.code, said.out) == (6, "")
    assert "newest of no-such-build" in said.err


@pytest.mark.parametrize(
    "argv",
    [
        ("status", "https://me:s3cretpw@elsewhere.example.com/artifactory/r/p.jar"),
        ("status", "http://h/rest/applications/6/x?apiKey=s3cretpw"),
        ("https://me:s3cretpw@elsewhere.example.com/artifactory/r/p.jar",),
        ("status", "--to=https://me:s3cretpw@elsewhere.example.com/artifactory"),
        ("jobs", "https://elsewhere.example.com/foo?access_token=s3cretpw"),
    ],
)
def test_a_secret_on_the_command_line_is_in_no_error(
    documents: Simulated, tmp_path: Path, argv: tuple[str, ...]
) -> None:
    said = scantop("--config", str(documents.config(tmp_path / "config.toml")), *argv)
    assert said.code == 2 and "s3cret" not in said.out + said.err


@pytest.mark.parametrize(
    "line",
    [
        '[[watch]]\ntarget = "https://me:s3cretpw@elsewhere.example.com/x"',
        '[[watch]]\nserver = "prod"\nartifact = "https://me:s3cretpw@x"',
        '[servers.z]\nkind = "xray"\nurl = "ftp://me:s3cretpw@x/y?token=s3cret"',
        '[servers.z]\nkind = "xray"\nurl = "https://me:s3cretpw@x y/"',
        '[servers.z]\nkind = "xray"\nurl = "https://x"\nproxy = "https//me:s3cretpw@x"',
    ],
)
def test_a_secret_in_a_config_is_in_no_error(documents: Simulated, tmp_path: Path, line: str) -> None:
    path = documents.config(tmp_path / "config.toml", "\n" + line + "\n")
    said = scantop("--config", str(path), "config", "check")
    assert said.code == 2 and said.err and "s3cret" not in said.out + said.err


def test_a_slip_in_a_jobs_status_names_the_right_word(documents: Simulated, tmp_path: Path) -> None:
    path = str(documents.config(tmp_path / "config.toml"))
    said = scantop("--config", path, "jobs", "--status", "Actve")
    assert (said.code, said.out) == (2, "") and "did you mean 'Active'?" in said.err
    several = scantop("--config", path, "jobs", "--status", "Active", "--status", "Completed", "--json")
    assert {one["status"] for one in several.document["jobs"]} <= {"Active", "Completed"}
    assert "Completed" in {one["status"] for one in several.document["jobs"]}
    newer = scantop("--config", path, "jobs", "--status", "Hibernating", "--json")
    assert newer.code == 0 and newer.document["jobs"] == []


@pytest.mark.parametrize(
    ("jobs", "words"),
    [
        ('{ status = "Actve" }', "watch[1].jobs.status: 'Actve' is no status of a job; did you mean 'Active'?"),
        ("{ limit = 0 }", "watch[1].jobs.limit: limit must be a whole number"),
        ("{ history_days = 9999 }", "watch[1].jobs.history_days: history_days is at most 3650"),
        ("{ limt = 5 }", "watch[1].jobs.limt: jobs has no key 'limt'; did you mean limit?"),
    ],
)
def test_a_fault_in_an_inline_table_names_its_key_and_line(
    documents: Simulated, tmp_path: Path, jobs: str, words: str
) -> None:
    path = documents.config(tmp_path / "config.toml", f'\n[[watch]]\nserver = "sca"\njobs = {jobs}\n')
    said = scantop("--config", str(path), "status")
    line = path.read_text().splitlines().index(f"jobs = {jobs}") + 1
    assert said.code == 2 and f"config.toml:{line}: {words}" in said.err


def test_problems_say_what_to_do_and_whose_token_it_is(documents: Simulated, tmp_path: Path) -> None:
    said = status(documents, tmp_path, "", "--json", "prod:build/my-build/1", faults=("xray:401",))
    text = said.document["targets"][0]["problem"]["text"]
    assert "It is that of [servers.prod]: a token in the config file." in text
    path = documents.config(tmp_path / "config.toml", prod={"proxy": "http://me:s3cretpw@127.0.0.1:1"})
    said = scantop("--config", str(path), "status", "prod:build/my-build/1")
    assert said.code == 3 and "s3cret" not in said.out + said.err
    assert "The proxy 127.0.0.1:1 refused the connection. Check proxy in [servers.prod]" in said.out


def test_a_few_hundred_targets_are_asked_without_a_pause_and_more_with_a_word(
    documents: Simulated, tmp_path: Path
) -> None:
    path = documents.config(tmp_path / "config.toml", prod={"budget_per_minute": 20})
    few = [f"prod:build/b/{n}" for n in range(20)]
    documents.faults()
    said = scantop("--config", str(path), "status", "--json", *few)
    assert (said.code, said.err) == (6, "") and len(said.document["targets"]) == 20
    documents.faults("xray:refused")
    said = scantop("--config", str(path), "status", "--json", *few, "prod:build/b/more")
    documents.faults()
    assert "prod: 21 targets and a budget of 20 requests a minute, so this may take a minute" in said.err
