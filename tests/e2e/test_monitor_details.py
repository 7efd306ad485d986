"""Details and report rows through real keys on a real terminal, over real HTTP to a simulator."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import Simulated, scantop, simulated
from pty_screen import Terminal, on_terminal

SCANTOP = [sys.executable, "-m", "tui"]
PAGE = 25  # rows that a page of the monitor has
WATCH = """
[[watch]]
server = "tf"
application = 6
pending_scan = 41
"""


@pytest.fixture(scope="module")
def world() -> Iterator[Simulated]:
    """A frozen simulator: what it answers, it answers every time."""
    with simulated("--frozen", "--seed=5") as running:
        yield running


@pytest.fixture
def config(world: Simulated, tmp_path: Path) -> str:
    """A configuration for that simulator."""
    world.faults()
    return str(world.config(tmp_path / "config.toml", WATCH))


def open_address(terminal: Terminal, address: str, *words: str) -> None:
    """Open a target's detail by the command line."""
    terminal.until_shown("1 Builds", "q quit")
    terminal.type(":")
    terminal.type(f"status {address}\r")
    terminal.until_shown(*words)


def long_report(config: str) -> dict[str, object]:
    """A completed report whose rows fill more than a page."""
    reports = scantop("--config", config, "report", "list", "--json").document["reports"]
    return next(one for one in reports if one["state"] == "done" and (one["rows"] or 0) > PAGE)


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (120, 36)])
def test_the_rows_of_a_report(config: str, columns: int, lines: int) -> None:
    report = long_report(config)
    pages = -(-int(str(report["rows"])) // PAGE)
    first, second = (
        scantop("--config", config, "report", "rows", str(report["id"]), "--json", f"--page={page}").document["rows"]
        for page in (1, 2)
    )
    with on_terminal([*SCANTOP, "--config", config], columns, lines) as terminal:
        open_address(terminal, str(report["target"]), "Report", "progress", "100%", "v rows")
        terminal.type("v")
        terminal.until_shown(f"page 1 of {pages}", "severity", "description")
        terminal.type("\r")
        terminal.until_shown("as the server sent them", first[0]["exposures_id"], first[0]["location"])
        terminal.type("\x1b")
        terminal.until_shown(f"page 1 of {pages}")
        terminal.type("]")
        terminal.until_shown(f"page 2 of {pages}")
        terminal.type("\r")
        terminal.until_shown("as the server sent them", second[0]["exposures_id"])
        terminal.type("\x1b")
        terminal.until_shown(f"page 2 of {pages}")
        terminal.type("s")
        terminal.until_shown(f"page 1 of {pages}", "by file")
        terminal.type("\x1b")
        terminal.until_shown("Report", "progress")
        terminal.type("\x1b")
        terminal.until_shown("1 Builds")
        terminal.type("q")
        assert terminal.end() == 0


def test_a_refusal_of_the_rows_names_the_permission(config: str, world: Simulated) -> None:
    report = long_report(config)
    with on_terminal([*SCANTOP, "--config", config], 80, 24) as terminal:
        open_address(terminal, str(report["target"]), "v rows")
        world.faults("xray:403")
        terminal.type("v")
        terminal.until_shown("Manage Reports")
        world.faults()
        terminal.type("r")
        terminal.until_shown("page 1 of")
        terminal.type("q")
        assert terminal.end() == 0


def test_find_in_a_detail_and_fold_its_raw_answer(config: str) -> None:
    with on_terminal([*SCANTOP, "--config", config], 80, 24) as terminal:
        open_address(terminal, "tf:scan/6/41", "Pipeline", "with the time spent")
        terminal.type("/appid\r")
        terminal.until_shown("1 of 2 hits")
        terminal.type("n")
        terminal.until_shown("2 of 2 hits", '"appId": 6')
        terminal.type("\x1b")
        terminal.until(lambda text: "hits" not in text, "the end of the search")
        terminal.type("G-")
        terminal.until_shown("{…}")
        terminal.type("+")
        terminal.until(lambda text: "{…}" not in text.splitlines()[-2] and '"success"' in text, "the answer unfolded")
        terminal.type("q")
        assert terminal.end() == 0
