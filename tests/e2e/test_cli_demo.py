"""`scantop demo` on a terminal: the panes live, and both processes end however the monitor ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pty_screen import Terminal, await_end, children_of, on_terminal

DEMO = [sys.executable, "-m", "tui", "demo"]
PANES = ("Builds and artifacts", "Exposures", "ThreadFix", "Jobs")

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds child processes in /proc")


def simulator_of(terminal: Terminal) -> int:
    """A pidfd of the demo's simulator."""
    (child,) = children_of(terminal.pid)
    assert b"simulate" in Path(f"/proc/{child}/cmdline").read_bytes()
    return os.pidfd_open(child)


def test_the_demo_lives_and_q_ends_both_processes(tmp_path: Path) -> None:
    environ = {**os.environ, "TMPDIR": str(tmp_path)}
    with on_terminal([*DEMO, "--speed=20", "--seed=3"], environ=environ) as terminal:
        first = terminal.until_shown(*PANES, "▶ running", "page 1 of 18")
        rows = [line[4:] for line in first.splitlines()[2:-2]]
        terminal.until(lambda text: [line[4:] for line in text.splitlines()[2:-2]] != rows, "a change")
        simulator = simulator_of(terminal)
        terminal.type("q")
        assert terminal.end() == 0
        await_end(simulator)
        os.close(simulator)
    assert terminal.written.endswith(b"\x1b[?1049l") or b"\x1b[?1049l" in terminal.written[-200:]
    assert b"Traceback" not in terminal.written
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_the_simulator_ends_when_the_monitor_is_killed(tmp_path: Path, number: signal.Signals) -> None:
    environ = {**os.environ, "TMPDIR": str(tmp_path)}
    with on_terminal(DEMO, environ=environ) as terminal:
        terminal.until_shown(*PANES)
        simulator = simulator_of(terminal)
        os.kill(terminal.pid, number)
        terminal.end()
        await_end(simulator)
        os.close(simulator)
    assert number is signal.SIGKILL or list(tmp_path.iterdir()) == []


def test_the_demo_needs_a_terminal_and_a_scenario_that_exists() -> None:
    ran = subprocess.run(DEMO, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert (ran.returncode, ran.stdout) == (2, "") and "needs a terminal" in ran.stderr
    with on_terminal([*DEMO, "--scenario=dya"], columns=200) as terminal:
        terminal.until_shown("the simulator did not start", "did you mean 'day'?")
        assert terminal.end() == 2


def test_the_monitor_on_a_dumb_terminal_says_what_to_use_instead() -> None:
    with on_terminal(DEMO, columns=200, environ={**os.environ, "TERM": "dumb"}) as terminal:
        terminal.until_shown("try `scantop status`")
        assert terminal.end() == 2
