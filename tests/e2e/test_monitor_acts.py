"""Acting from the monitor through real keys on a real terminal: asked first, done once, followed, kept."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import Simulated, scantop, simulated
from pty_screen import Terminal, on_terminal

SCANTOP = [sys.executable, "-m", "tui"]
WATCH = """
[[watch]]
server = "prod"
build = "app"
number = "1"
"""


@pytest.fixture(scope="module")
def world() -> Iterator[Simulated]:
    """A frozen simulator: what it answers, it answers every time."""
    with simulated("--scenario=day", "--frozen", "--seed=3") as running:
        yield running


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A state folder of the test's own, and no tmux but a stand-in where the test brings one."""
    plain = {name: value for name, value in os.environ.items() if name not in ("TMUX", "DISPLAY", "BROWSER")}
    return {**plain, "SCANTOP_STATE": str(tmp_path / "state"), "TERM": "xterm-256color"}


def command(world: Simulated, folder: Path, head: str = "") -> list[str]:
    """The monitor on that simulator."""
    world.faults()
    config = world.config(folder / "config.toml", WATCH)
    config.write_text(head + config.read_text())
    return [*SCANTOP, "--config", str(config)]


def created(world: Simulated) -> int:
    """How often the server was asked to make a report."""
    counts: dict[str, int] = world.control("requests", method="GET")["counts"]
    return counts.get("xray/report-create", 0)


def leave(terminal: Terminal) -> None:
    """Quit; nothing was spilt on the terminal."""
    terminal.type("q")
    assert terminal.end() == 0
    assert b"Traceback" not in terminal.written


def ask(terminal: Terminal, name: str) -> None:
    """Fill in a report about the build of the row, up to the question."""
    terminal.until_shown("1 Builds and artifacts", "app 1")
    terminal.type("n")
    terminal.until_shown("New exposures report on prod")
    terminal.type("\x15" + name + "\r")
    terminal.until_shown("on prod (http://127.0.0.1:", "make it")


def test_a_report_is_asked_for_once_and_followed(world: Simulated, tmp_path: Path, environ: dict[str, str]) -> None:
    before = created(world)
    with on_terminal(command(world, tmp_path), 120, 36, environ) as terminal:
        ask(terminal, "from-the-screen")
        assert created(world) == before
        terminal.type("y")
        terminal.until_shown("is being made on prod (prod:report/")
        assert created(world) == before + 1
        terminal.type("2/from-the\r")
        terminal.until_shown("from-the", "waiting", "Esc back")  # the filter line has let go of the keys
        world.control("clock", {"advance_s": 120})
        terminal.type("r")
        terminal.until(
            lambda text: any("done" in line and "from-" in line and "100%" in line for line in text.splitlines()[2:]),
            "the report's own row, done",
        )
        leave(terminal)
    assert created(world) == before + 1


def test_a_refusal_keeps_the_form_and_names_the_permission(
    world: Simulated, tmp_path: Path, environ: dict[str, str]
) -> None:
    with on_terminal(command(world, tmp_path), 80, 24, environ) as terminal:
        terminal.until_shown("app 1")
        world.faults("xray/report-create:403")
        ask(terminal, "refused-one")
        before = created(world)
        terminal.type("y")
        terminal.until_shown("403", "refused-one", "New exposures report")
        assert created(world) == before + 1
        terminal.type("\x1b")
        terminal.until(lambda text: "New exposures report" not in text, "the dashboard again")
        leave(terminal)


def test_a_lost_answer_is_looked_after_and_never_repeated(
    world: Simulated, tmp_path: Path, environ: dict[str, str]
) -> None:
    with on_terminal(command(world, tmp_path), 80, 24, environ) as terminal:
        ask(terminal, "lost-one")
        before = created(world)
        world.faults("xray/report-create:502")
        terminal.type("y")
        terminal.until_shown("The answer was lost", "Nothing was asked for twice")
        terminal.type("\r\r")
        terminal.until(lambda text: "The answer was lost" not in text, "the dashboard again")
        world.faults()
        leave(terminal)
    assert created(world) == before + 1


@pytest.mark.parametrize("head", ["read_only = true\n"])
def test_read_only_changes_nothing_and_says_so(
    world: Simulated, tmp_path: Path, environ: dict[str, str], head: str
) -> None:
    before = created(world)
    with on_terminal(command(world, tmp_path, head), 80, 24, environ) as terminal:
        terminal.until_shown("app 1")
        terminal.type("n")
        terminal.until_shown("Nothing is changed on prod: this scantop is read-only.")
        terminal.type("b")
        terminal.until_shown("Nothing is changed on sca: this scantop is read-only.")
        leave(terminal)
    assert created(world) == before


def test_what_is_watched_and_taken_off_is_so_at_the_next_start(
    world: Simulated, tmp_path: Path, environ: dict[str, str]
) -> None:
    argv = command(world, tmp_path)
    with on_terminal(argv, 80, 24, environ) as terminal:
        terminal.until_shown("app 1")
        terminal.type("a")
        terminal.until_shown("Watch one more target")
        terminal.type("prod:build/app\r")
        terminal.until_shown("is not of the form")
        terminal.type("/2\r")
        terminal.until_shown("Now watched: prod:build/app/2")
        leave(terminal)
    listed = scantop("watch", "list", "--json", environ=environ).document["entries"]
    assert [one["target"] for one in listed] == ["prod:build/app/2"]
    with on_terminal(argv, 80, 24, environ) as terminal:
        terminal.until_shown("app 1", "app 2")
        terminal.type("/app 2\r")
        terminal.until(lambda text: "app 1 " not in text and "Esc back" in text, "only the one row")
        terminal.type("x")
        terminal.until_shown("No longer watched: prod:build/app/2", "U undoes")
        leave(terminal)
    assert scantop("watch", "list", "--json", environ=environ).document["entries"] == []


def test_copying_under_tmux_goes_through_tmux(world: Simulated, tmp_path: Path, environ: dict[str, str]) -> None:
    (tmp_path / "bin").mkdir()
    stand_in = tmp_path / "bin" / "tmux"
    stand_in.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/said\ncat > {tmp_path}/copied\n')
    stand_in.chmod(0o755)
    under = {**environ, "TMUX": "/tmp/none,1,0", "PATH": f"{tmp_path / 'bin'}:{environ['PATH']}"}
    with on_terminal(command(world, tmp_path), 80, 24, under) as terminal:
        terminal.until_shown("app 1")
        terminal.type("y")
        terminal.until_shown("copied with tmux load-buffer -w")
        leave(terminal)
    assert (tmp_path / "copied").read_text() == "prod:build/app/1"
    assert (tmp_path / "said").read_text().split() == ["load-buffer", "-w", "-"]


def test_an_export_writes_one_private_file(world: Simulated, tmp_path: Path, environ: dict[str, str]) -> None:
    with on_terminal(command(world, tmp_path), 80, 24, environ, tmp_path) as terminal:
        terminal.until_shown("app 1")
        terminal.type("e")
        terminal.until_shown("pane CSV", "Where")
        terminal.type("\x1b[B\x15out.csv\r")
        terminal.until_shown("Wrote out.csv")
        leave(terminal)
    assert "prod:build/app/1" in (tmp_path / "out.csv").read_text()
