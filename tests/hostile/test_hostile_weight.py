"""Answers that are far too large, and servers that hang: the processes stay small, and the keys are free all the while.

Bodies of 300 MB, plain and packed, real processes, a real terminal. Nothing here is bounded by a clock: the servers
hang for longer than a test waits, so what ends in time has not waited for them.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import PATIENCE_S, Simulated, simulated
from pty_screen import Terminal, on_terminal

MOST_KB = 120 * 1024  # of a process at its fattest, Textual and all; a body alone has three times as much
MEASURED = """
import sys
from tui.cli.main import main
code = main(sys.argv[1:])
fattest = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
sys.stderr.write(fattest)
raise SystemExit(code)
"""
BODIES = ("huge=300", "gzip-bomb=300")
WATCH = """
[[watch]]
target = "prod:build/my-build/1?project=my-project"
[[watch]]
target = "prod:artifact/docker-local/desktop-storage/1.0/manifest.json"
[[watch]]
target = "tf:scan/6/41"
[[watch]]
target = "sca:job/1234"
"""


@pytest.fixture(scope="module")
def world() -> Iterator[Simulated]:
    """A frozen simulator."""
    with simulated("--scenario=documents", "--frozen") as running:
        yield running


@pytest.fixture
def config(world: Simulated, tmp_path: Path) -> Iterator[Path]:
    """The config for it; a whole answer has ten minutes."""
    world.faults()
    patient = {name: {"answer_timeout": "10m", "first_byte_timeout": "10m"} for name in ("prod", "tf", "sca")}
    yield world.config(tmp_path / "config.toml", WATCH, **patient)
    world.faults()


@pytest.mark.parametrize("body", BODIES)
def test_a_body_of_300_mb_is_left_where_it_is(body: str, world: Simulated, config: Path) -> None:
    world.faults(body)
    argv = [sys.executable, "-c", MEASURED, "--config", str(config), "status"]
    ran = subprocess.run(argv, capture_output=True, text=True, timeout=PATIENCE_S)
    assert ran.returncode == 3
    assert ran.stdout.count("is larger than 8 MiB and was not read to its end") == WATCH.count("target")
    assert int(ran.stderr.rpartition("VmHWM:")[2].split()[0]) < MOST_KB


def fattest_kb(pid: int) -> int:
    text = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in text.splitlines() if line.startswith("VmHWM")))


def under_way(world: Simulated) -> int:
    """How many questions have come so far."""
    counts: dict[str, int] = world.control("requests", method="GET")["counts"]
    return sum(counts.values())


def look_around(terminal: Terminal) -> None:
    """What a person does with keys while nothing answers."""
    terminal.type("gj\r")
    terminal.until_shown("Esc back", "address  prod:artifact/docker-local")
    terminal.type("\x1b")
    terminal.until_shown("z zoom")
    terminal.type("gk\r")
    terminal.until_shown("Esc back", "address  prod:build/my-build/1")
    terminal.type("\x1b")
    terminal.until_shown("z zoom")
    terminal.type("/my-bui")
    terminal.until_shown("1 of 2")
    terminal.type("\x1b")
    terminal.until(lambda text: "1 of 2" not in text and "z zoom" in text, "all rows again")
    terminal.type("?")
    terminal.until_shown("Find a command")
    terminal.type("\x1b")
    terminal.until_shown("z zoom")


@pytest.mark.parametrize(("body", "hang"), list(zip(BODIES, ("hang", "hang-body"), strict=True)))
def test_the_monitor_stays_small_and_its_keys_act_while_every_server_hangs(
    body: str, hang: str, world: Simulated, config: Path
) -> None:
    with on_terminal([sys.executable, "-m", "tui", "--config", str(config)], 120, 50) as terminal:
        terminal.until_shown("my-build", "desktop-storage", "page 1 of", "z zoom")
        world.faults(body)
        terminal.type("r")
        terminal.until_shown("larger than")
        world.faults()
        terminal.type("r")
        terminal.until(lambda text: "larger than" not in text, "all is well again")
        assert fattest_kb(terminal.pid) < MOST_KB
        world.faults(hang)
        before, give_up_s = under_way(world), time.monotonic() + PATIENCE_S
        terminal.type("r")
        while under_way(world) < before + 3:
            assert time.monotonic() < give_up_s, "nothing is asked"
            terminal._take(0.05)
        look_around(terminal)
        terminal.type("q")
        assert terminal.end() == 0
    assert b"Traceback" not in terminal.written
