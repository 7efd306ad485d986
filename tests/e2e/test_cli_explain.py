"""`scantop explain`: the real command against a real server, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from command import Said, Simulated, scantop, simulated

NIGHTLY = "prod:build/nightly-tools/3"


@pytest.fixture(scope="module")
def day() -> Iterator[Simulated]:
    """A working day at which nothing moves any more."""
    with simulated("--scenario=day", "--frozen", "--start-at=2026-11-22T07:00:00Z") as world:
        yield world


def said(world: Simulated, folder: Path, *argv: str, **changes: dict[str, object]) -> Said:
    return scantop("--config", str(world.config(folder / "config.toml", **changes)), "explain", *argv)


def test_a_missing_build_with_the_calls_behind_what_is_said(day: Simulated, tmp_path: Path) -> None:
    told = said(day, tmp_path, NIGHTLY)
    assert (told.code, told.err) == (6, "")
    head, first, source, *rest = told.out.splitlines()
    assert NIGHTLY in head and "missing" in head
    assert first.startswith("  1. The build list has number 3, so it exists: it is not indexed, or was not reached yet")
    assert source.startswith("     [JFrog Xray GET /artifactory/api/build/nightly-tools, ")
    assert any(
        "could not be asked whether the build is set to be indexed" in line and "HTTP 403" in line for line in rest
    )


def test_an_administrator_learns_which_it_is(tmp_path: Path) -> None:
    with simulated("--scenario=day", "--frozen", "--variants=xray-admin=on") as world:
        assert "is not set to be indexed" in said(world, tmp_path, NIGHTLY).out.splitlines()[1]


def test_json_is_the_contracts(day: Simulated, tmp_path: Path) -> None:
    waiting = scantop(
        "--config", str(day.config(tmp_path / "c.toml")), "jobs", "--status=Scheduled", "--json"
    ).document["jobs"]
    address = f"sca:job/{waiting[0]['id']}"
    told = said(day, tmp_path, "--json", address, NIGHTLY)
    assert told.code == 6
    assert list(told.document) == ["version", "explained_at", "targets"] and told.document["version"] == 1
    job, build = told.document["targets"]
    keys = ["target", "server", "kind", "name", "state", "status", "since", "problem", "evidence"]
    assert list(job) == list(build) == keys
    assert (job["target"], job["state"], job["problem"]) == (address, "waiting", None)
    assert build["state"] == "missing" and build["problem"]["http_status"] == 404
    for piece in (*job["evidence"], *build["evidence"]):
        assert list(piece) == ["rule", "text", "is_telling", "about", "call", "at"] and piece["text"]
    standing = job["evidence"][-1]
    assert standing["rule"] == "standing" and standing["call"].startswith("Code Insight GET /codeinsight/api/jobs/")
    assert [piece["rule"] for piece in build["evidence"]] == ["listed", "new", "asked_in_vain"]


def test_a_job_that_is_held_up_names_what_holds_it(tmp_path: Path) -> None:
    with simulated("--scenario=stuck", "--frozen", "--start-at=2026-11-22T07:00:00Z") as world:
        world.control("clock", {"advance_s": 120})
        config = str(world.config(tmp_path / "config.toml"))
        jobs = scantop("--config", config, "jobs", "--json", "--limit=100").document["jobs"]
        held = next(one for one in jobs if one["status"] == "Waiting on update" and one["type"] != "Remote Scan")
        (target,) = said(world, tmp_path, "--json", f"sca:job/{held['id']}").document["targets"]
    first = target["evidence"][0]
    assert first["rule"] == "behind_update" and first["text"].startswith("It waits behind ")
    assert first["about"].startswith("sca:job/") and "status=Active" in first["call"]


@pytest.mark.parametrize(
    ("token", "argv", "code"), [("wrong", (NIGHTLY,), 4), (None, ("prod:bild/x/1",), 2), (None, (), 2)]
)
def test_exit_codes(day: Simulated, tmp_path: Path, token: str | None, argv: tuple[str, ...], code: int) -> None:
    changes: dict[str, dict[str, object]] = {"prod": {"token": token}} if token else {}
    assert said(day, tmp_path, *argv, **changes).code == code


def test_a_server_that_cannot_be_asked_is_explained_too(day: Simulated, tmp_path: Path) -> None:
    told = said(day, tmp_path, "tf:scan/6/41", tf={"url": "http://127.0.0.1:9/threadfix"})
    assert told.code == 3
    assert "tf cannot be asked" in told.out and "It was never seen in this run." in told.out
