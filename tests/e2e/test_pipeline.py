"""A pipeline as CI systems run it, a shell script, against servers that are late, fail, and are killed meanwhile."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from command import PATIENCE_S, Simulated, scantop

from tui.simulator.clock import StoryClock
from tui.simulator.scenarios import scenario
from tui.simulator.world import World

SCRIPT = Path(__file__).with_name("pipeline.sh")
START = ("--scenario=day", "--seed=3", "--start-at=2026-11-22T07:00:00Z", "--frozen")
FAST = '[poll]\nactive = "200ms"\nsettled = "2s"\n'
SEEK_S = 3600  # story seconds in which a fitting build must be published
STEP_S = 5


def four_ports() -> int:
    """The first of four free ports in a row, below those that the system gives to clients by itself."""
    for first in random.sample(range(20_000, 32_000, 4), 100):
        with ExitStack() as stack:
            try:
                for port in range(first, first + 4):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return first
    raise AssertionError("no four ports in a row are free")


class Server:
    """A simulator that can be killed and started again on its port; the story then goes on where it was told to."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[str] | None = None
        self.jobs: list[subprocess.Popen[str]] = []
        self.port = four_ports()
        self.simulated = self.start()

    def start(self) -> Simulated:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tui", "simulate", "--until-eof", f"--port={self.port}", *START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._child.stdout is not None
        self.simulated = Simulated(json.loads(self._child.stdout.readline()))
        return self.simulated

    def kill(self) -> None:
        assert self._child is not None and self._child.stdin is not None and self._child.stdout is not None
        self._child.kill()
        self._child.wait(PATIENCE_S)
        self._child.stdin.close()
        self._child.stdout.close()

    def advance(self, seconds: float) -> None:
        """Story and server go on by so many seconds."""
        self.simulated.control("clock", {"advance_s": seconds})

    def runs(self, speed: float) -> None:
        """The story goes on by itself, so many times as fast as life."""
        self.simulated.control("clock", {"frozen": False, "speed": speed})

    def asked(self, endpoint: str, status: int) -> int:
        """How often it gave that answer."""
        found = self.simulated.control("requests", method="GET")["requests"]
        return sum(1 for one in found if (one["endpoint"], one["status"]) == (endpoint, status))


@contextmanager
def running() -> Iterator[Server]:
    server = Server()
    try:
        yield server
    finally:
        server.kill()
        for job in server.jobs:
            job.kill()
            job.communicate()


def build_that(ends: str) -> tuple[str, float, float]:
    """A build that is published during the story: its address, when, and when it has ended (story seconds).

    `ends` is what Xray says of its violations in the end, while no other stage fails.
    """
    world = World(scenario("day"), seed=3, clock=StoryClock(is_frozen=True))
    for index in range(world.scans.build_names):
        line = world.scans.line("build", index)
        for number in range(line.base + 1, line.newest(SEEK_S) + 1):
            published_s = line.published_s(number)
            for moment in range(int(published_s) + 30, int(published_s) + 200, STEP_S):
                view = world.scans.view("build", line, number, float(moment))
                words = {seen.word for seen in view.stages.values()}
                if published_s < 30 or not words <= {"DONE", "FAILED"}:
                    continue
                failed = [name for name, seen in view.stages.items() if seen.word == "FAILED"]
                if failed == (["violations"] if ends == "FAILED" else []):
                    scope = f"?project={line.project}" if line.project else ""
                    return f"prod:build/{line.name}/{number}{scope}", published_s, float(moment)
    raise AssertionError("the story has no such build")


class Pipeline:
    """One job on a host of its own."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.folder = folder
        self._jobs = server.jobs
        config = server.simulated.config(folder / "config.toml", FAST)
        self.environ = {
            **os.environ,
            "SCANTOP": f"{sys.executable} -m tui",
            "SCANTOP_CONFIG": str(config),
            "SCANTOP_STATE": str(folder / "state"),
            "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
            "CI": "true",
        }

    def start(self, **variables: str) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            ["sh", str(SCRIPT)],
            cwd=self.folder,
            env={**self.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._jobs.append(child)
        return child

    def listed(self) -> list[Mapping[str, Any]]:
        entries: list[Mapping[str, Any]] = scantop("watch", "list", "--json", environ=self.environ).document["entries"]
        return entries


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as one:
        yield one


def lines_until(child: subprocess.Popen[str], *words: str) -> str:
    """What the job says up to a line with all these words."""
    assert child.stdout is not None
    seen = ""
    for line in child.stdout:
        seen += line
        if all(word in line for word in words):
            return seen
    raise AssertionError(f"never said {words}, but:\n{seen}\n{child.communicate()[1]}")


def test_a_build_that_appears_late_and_ends_well(server: Server, tmp_path: Path) -> None:
    address, published_s, ended_s = build_that("DONE")
    job = Pipeline(server, tmp_path)
    server.advance(published_s - 20)
    child = job.start(BUILD=address)
    lines_until(child, address, "missing")
    assert server.asked("build-status", 404) >= 1
    assert [(one["target"], one["label"]) for one in job.listed()] == [(address, "pipeline")]
    server.advance(30)
    lines_until(child, address, "missing -> ")
    server.advance(ended_s - published_s)
    out, err = child.communicate(timeout=PATIENCE_S)
    assert child.returncode == 0, err
    assert "the build is right" in out and "::notice title=" in out


def test_a_failed_violation_breaks_the_job(server: Server, tmp_path: Path) -> None:
    address, published_s, ended_s = build_that("FAILED")
    server.advance(published_s + 5)
    child = Pipeline(server, tmp_path).start(BUILD=address)
    lines_until(child, address)
    server.advance(ended_s - published_s)
    out, _ = child.communicate(timeout=PATIENCE_S)
    assert child.returncode == 1
    assert "ended failed: violations failed" in out and "::error title=" in out and "is right" not in out


def test_a_server_that_is_killed_and_started_again_is_survived(server: Server, tmp_path: Path) -> None:
    address, published_s, ended_s = build_that("DONE")
    server.advance(published_s + 5)
    child = Pipeline(server, tmp_path).start(BUILD=address)
    lines_until(child, address)
    server.kill()
    lines_until(child, "prod", "could not be asked")
    server.start()
    server.advance(ended_s)
    out, err = child.communicate(timeout=PATIENCE_S)
    assert child.returncode == 0, err
    assert "the build is right" in out and "polls failed (refused " in err


def test_a_build_that_never_comes_breaks_the_job_with_six(server: Server, tmp_path: Path) -> None:
    child = Pipeline(server, tmp_path).start(BUILD="prod:build/no-such/1", GRACE="500ms")
    out, _ = child.communicate(timeout=PATIENCE_S)
    assert child.returncode == 6 and "never appeared" in out


def test_a_server_that_is_gone_for_good_breaks_the_job_with_three(server: Server, tmp_path: Path) -> None:
    job = Pipeline(server, tmp_path)
    server.kill()
    child = job.start(BUILD="prod:build/x/1", LIMIT="1s")
    out, _ = child.communicate(timeout=PATIENCE_S)
    assert child.returncode == 3 and "could not be asked" in out
    server.start()  # for the fixture's end


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl, as such jobs do")
@pytest.mark.parametrize(("name", "code", "outcome"), [("app.fpr", 0, "done"), ("app.bad", 1, "ended_badly")])
def test_an_upload_is_followed_to_its_end(server: Server, tmp_path: Path, name: str, code: int, outcome: str) -> None:
    (tmp_path / name).write_text("findings")
    settings = server.simulated.line["servers"]["threadfix"]
    server.runs(100)
    child = Pipeline(server, tmp_path).start(
        UPLOAD=f"{settings['url']}/rest/latest/applications/6/upload", KEY=settings["token"], FILE=str(tmp_path / name)
    )
    out, err = child.communicate(timeout=PATIENCE_S)
    assert child.returncode == code, (out, err)
    assert ("the upload is right" in out) == (code == 0)
    summary = json.loads((tmp_path / "events.jsonl").read_text().splitlines()[-1])
    assert [one["outcome"] for one in summary["targets"]] == [outcome] and summary["exit_code"] == code
