"""The terminal under hostile hands: stopped, continued, not read, tiny, poor, without UTF-8; as it was afterwards."""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import pytest
from command import Simulated, simulated
from pty_screen import Terminal, on_terminal

SCANTOP = [sys.executable, "-m", "tui"]
WATCH = '[[watch]]\nserver = "prod"\nbuild = "my-build"\nnumber = "1"\nproject = "my-project"\n'
END_S = 2.0  # the promise
BUSY_S = 2.0  # for a machine that is busy with other tests
UNREAD_S = 2.0  # without a reader; the writer's queue and the pty's buffer are full long before
GROWN_KB = 8_000  # what a process may take more while nobody reads; a frame a key would be far above


@pytest.fixture(scope="module")
def world() -> Iterator[Simulated]:
    """A frozen simulator."""
    with simulated("--scenario=documents", "--frozen") as running:
        yield running


@pytest.fixture
def command(world: Simulated, tmp_path: Path) -> list[str]:
    """The monitor on it."""
    return [*SCANTOP, "--config", str(world.config(tmp_path / "config.toml", WATCH))]


def resident_kb(pid: int) -> int:
    """The memory of a process."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in text.splitlines() if line.startswith("VmRSS")))


def state_of(pid: int) -> str:
    """R, S, T (stopped) …"""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def await_state(terminal: Terminal, wanted: str) -> None:
    """Take in what is drawn until the process is in that state."""
    give_up_s = time.monotonic() + 20
    while state_of(terminal.pid) not in wanted:
        assert time.monotonic() < give_up_s, state_of(terminal.pid)
        terminal._take(0.05)


def leave(terminal: Terminal, before: list[object]) -> None:
    """Quit, and find everything as it was."""
    terminal.type("q")
    assert terminal.end() == 0
    assert_restored(terminal, before)


def assert_restored(terminal: Terminal, before: list[object]) -> None:
    """The modes of the line and of the screen are what they were, and nothing was spilt."""
    assert termios.tcgetattr(terminal._master) == before
    left = terminal.written.rpartition(b"\x1b[?1049l")[2]
    assert b"\x1b[?25h" in left and b"\x1b[?1049h" not in left
    assert b"Traceback" not in terminal.written


def test_stopped_by_the_shell_and_continued(command: list[str]) -> None:
    with on_terminal(command, 120, 36) as terminal:
        before = termios.tcgetattr(terminal._master)
        terminal.until_shown("my-build", "page 1 of")
        os.kill(terminal.pid, signal.SIGTSTP)
        await_state(terminal, "T")
        while terminal._take(0.1):
            pass
        assert termios.tcgetattr(terminal._master) == before, "the shell has its terminal"
        assert terminal.written.rfind(b"\x1b[?1049l") > terminal.written.rfind(b"\x1b[?1049h")
        os.kill(terminal.pid, signal.SIGCONT)
        await_state(terminal, "RS")
        terminal._screen.reset()
        terminal.until_shown("my-build", "page 1 of", "q quit")
        leave(terminal, before)


def unread(terminal: Terminal, keys: str) -> int:
    """Press keys for a while and read nothing; gives by how much the process grew, in kB."""
    at_first = resident_kb(terminal.pid)
    until_s = time.monotonic() + UNREAD_S
    for key in cycle(keys):
        if time.monotonic() > until_s:
            break
        terminal.type(key)
        time.sleep(0.05)  # the pause between two keys of a person, and the time in which nobody reads
    return resident_kb(terminal.pid) - at_first


def test_nobody_reads_for_a_while_and_it_neither_grows_nor_hangs(command: list[str]) -> None:
    with on_terminal(command, 200, 60) as terminal:
        before = termios.tcgetattr(terminal._master)
        terminal.until_shown("my-build", "page 1 of")
        unread(terminal, "z1z2z3z4")  # what is drawn for the first time is kept
        assert unread(terminal, "z1z2z3z4") < GROWN_KB
        while terminal._take(0.5):
            pass
        leave(terminal, before)


def test_sigterm_while_nobody_reads_ends_in_time_and_restores_the_line(command: list[str]) -> None:
    with on_terminal(command, 200, 60) as terminal:
        before = termios.tcgetattr(terminal._master)
        terminal.until_shown("my-build", "page 1 of")
        unread(terminal, "z1z2z3z4")
        descriptor = os.pidfd_open(terminal.pid)
        try:
            os.kill(terminal.pid, signal.SIGTERM)
            assert select.select([descriptor], [], [], END_S + BUSY_S)[0], "it did not end"
        finally:
            os.close(descriptor)
        assert terminal.wait() == 143
        assert termios.tcgetattr(terminal._master) == before


@pytest.mark.parametrize(
    ("environ", "shown"),
    [
        ({"TERM": "linux"}, "✓ done"),
        ({"TERM": "vt100", "COLUMNS": "20", "LINES": "5"}, "✓ done"),
        ({"TERM": "xterm-256color", "LC_ALL": "C"}, "+ done"),
    ],
    ids=["linux, 8 colours", "vt100, COLUMNS and LINES exported", "C locale"],
)
def test_a_poor_terminal_shows_what_it_can(
    environ: dict[str, str], shown: str, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with on_terminal(command, 120, 36) as terminal:
        before = termios.tcgetattr(terminal._master)
        terminal.until_shown("my-build", shown.split()[1], "1 Builds and artifacts", "4 Jobs", "page 1 of")
        if environ.get("LC_ALL") == "C":
            assert not set(terminal.text) & set("✓✗▶◌●▲▼·█░")
        leave(terminal, before)


@pytest.mark.parametrize("term", [None, "dumb"])
def test_no_terminal_to_speak_of_is_one_sentence(
    term: str | None, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TERM")
    if term is not None:
        monkeypatch.setenv("TERM", term)
    with on_terminal(command, 120, 36) as terminal:
        assert terminal.end() == 2
    assert b"cannot show a screen" in terminal.written and b"\x1b" not in terminal.written
