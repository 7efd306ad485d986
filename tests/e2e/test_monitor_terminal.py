"""The monitor through real keys on a real terminal, over real HTTP to a simulator: what a person does in a day."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import Simulated, simulated
from pty_screen import Terminal, on_terminal

SCANTOP = [sys.executable, "-m", "tui"]
WATCH = """
[[watch]]
server = "prod"
build = "my-build"
number = "1"
project = "my-project"

[[watch]]
server = "tf"
application = 6
pending_scan = 41
"""
QUIET_S = 12.0  # long enough for two ticks of the ages and several polls
QUIET_BYTES = 300  # the budget of one changed row; an age or the clock may move once in that time
END_S = 2.0  # the promise: a process without a terminal ends within this


@pytest.fixture(scope="module")
def world() -> Iterator[Simulated]:
    """A frozen simulator: what it answers, it answers every time."""
    with simulated("--scenario=documents", "--frozen") as running:
        yield running


@pytest.fixture
def command(world: Simulated, tmp_path: Path) -> list[str]:
    """The monitor on that simulator."""
    world.faults()
    return [*SCANTOP, "--config", str(world.config(tmp_path / "config.toml", WATCH))]


def resize(terminal: Terminal, columns: int, lines: int) -> None:
    """What a terminal emulator does when its window is dragged."""
    terminal._screen.resize(lines, columns)
    fcntl.ioctl(terminal._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    os.kill(terminal.pid, signal.SIGWINCH)


def leave(terminal: Terminal) -> None:
    """Quit; the terminal is as it was, and nothing was spilt on it."""
    terminal.type("q")
    assert terminal.end() == 0
    last = terminal.written[-300:]
    assert b"\x1b[?1049l" in last and b"\x1b[?25h" in last and b"\x1b[?1003l" in last
    assert b"Traceback" not in terminal.written


def test_look_filter_open_and_come_back(command: list[str]) -> None:
    with on_terminal(command, 80, 24) as terminal:
        terminal.until_shown("1 Builds and artifacts", "my-build")
        terminal.type("/nothing-like-it")
        terminal.until_shown("No row matches /nothing-like-it")
        terminal.type("\x1b")
        terminal.until(lambda text: "No row matches" not in text and "my-build" in text, "the rows again")
        terminal.type("\r")
        terminal.until_shown("Stages", "contextual analysis", "Esc back")
        terminal.type("G")
        terminal.until_shown("}")
        terminal.type("\x1b")
        terminal.until_shown("state", "Enter open")
        leave(terminal)


def test_pages_and_filters_of_the_jobs(tmp_path: Path) -> None:
    with simulated("--frozen", "--seed=5", "--jobs=437") as world:
        command = [*SCANTOP, "--config", str(world.config(tmp_path / "config.toml"))]
        page_and_filter(command)


def page_and_filter(command: list[str]) -> None:
    with on_terminal(command, 80, 24) as terminal:
        terminal.until_shown("1 Builds")
        terminal.type("4")
        first = terminal.until(lambda text: "page 1 of" in text, "the first page")
        terminal.type("]")
        terminal.until(lambda text: re.search(r"page 2 of \d+", text) is not None and text != first, "page 2")
        terminal.type("f")
        terminal.until_shown("Jobs: status", "Failed")
        terminal.type("jjjjjj\r")
        terminal.until(lambda text: "Jobs: status" not in text and "status=Failed" in text, "only failed jobs")
        terminal.until(lambda text: "✓ done" not in text and "✗ failed" in text, "failed rows only")
        leave(terminal)


def test_resize_storm_ends_in_a_right_screen(command: list[str]) -> None:
    with on_terminal(command, 120, 40) as terminal:
        terminal.until_shown("1 Builds and artifacts", "2 Exposures", "3 ThreadFix", "4 Jobs", "my-build")
        for columns, lines in ((40, 10), (1, 1), (200, 60), (80, 24), (119, 36), (120, 35), (10, 3)) * 3:
            resize(terminal, columns, lines)
        resize(terminal, 100, 30)
        terminal.until(lambda text: text.splitlines()[0].startswith(" scantop") and "q quit" in text, "one pane")
        assert "page 1 of" not in terminal.text
        resize(terminal, 120, 40)
        terminal.until_shown("1 Builds and artifacts", "2 Exposures", "3 ThreadFix", "4 Jobs", "page 1 of")
        leave(terminal)


def test_a_server_that_refuses_says_so_and_the_others_live(command: list[str], world: Simulated) -> None:
    with on_terminal(command, 120, 40) as terminal:
        terminal.until_shown("my-build", "page 1 of")
        world.faults("codeinsight:401")
        terminal.type("r")
        terminal.until_shown("sca ⊠ refused", "prod ● ok")
        world.faults()
        terminal.type("r")
        terminal.until_shown("sca ● ok")
        leave(terminal)


def test_nothing_is_sent_while_nothing_changes(command: list[str]) -> None:
    with on_terminal(command, 120, 40) as terminal:
        terminal.until_shown("my-build", "page 1 of")
        settle(terminal)
        before = len(terminal.written)
        listen(terminal, QUIET_S)
        assert len(terminal.written) - before <= QUIET_BYTES, terminal.written[before:][:2_000]
        leave(terminal)


def settle(terminal: Terminal) -> None:
    """Take in what comes until nothing has come for a while."""
    while True:
        before = len(terminal.written)
        listen(terminal, 3.0)
        if len(terminal.written) - before < QUIET_BYTES:
            return


def listen(terminal: Terminal, seconds: float) -> None:
    """Take in what comes for that long."""
    until_s = time.monotonic() + seconds
    while (left_s := until_s - time.monotonic()) > 0:
        if select.select([terminal._master], [], [], left_s)[0]:
            terminal._take(left_s)


@pytest.mark.parametrize("has_hangup", [True, False], ids=["SIGHUP", "end of file, SIGHUP ignored"])
def test_the_process_ends_with_its_terminal(command: list[str], has_hangup: bool) -> None:
    import pty

    pid, master = pty.fork()
    if pid == 0:
        try:
            if not has_hangup:
                signal.signal(signal.SIGHUP, signal.SIG_IGN)
            os.execvpe(command[0], command, dict(os.environ))
        finally:
            os._exit(127)
    seen = b""
    while b"my-build" not in seen:
        seen += os.read(master, 65536)
    os.close(master)
    gone_s = time.monotonic()
    descriptor = os.pidfd_open(pid)
    ended = select.select([descriptor], [], [], 10 * END_S)[0]
    took_s = time.monotonic() - gone_s
    if not ended:
        os.kill(pid, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(descriptor)
    assert ended and took_s < END_S + 1.0  # a second for a machine that is busy with other tests
    assert code == 129


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 0)])
def test_signals_restore_the_terminal(command: list[str], number: signal.Signals, code: int) -> None:
    with on_terminal(command, 80, 24) as terminal:
        terminal.until_shown("my-build")
        if number is signal.SIGINT:
            terminal.type("\x03")
        else:
            os.kill(terminal.pid, number)
        assert terminal.end() == code
    assert b"\x1b[?1049l" in terminal.written[-300:]
    assert b"Traceback" not in terminal.written


def fill(terminal: Terminal) -> None:
    """Have the screen drawn again and again, and take nothing of it, until no more goes into the terminal."""
    before, same = -1, 0
    while same < 100:
        terminal.type("z")
        select.select([], [], [], 0.05)
        held = struct.unpack("i", fcntl.ioctl(terminal._master, termios.FIONREAD, b"\0" * 4))[0]
        before, same = held, same + 1 if held == before else 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_while_nobody_reads_the_terminal(command: list[str], number: signal.Signals) -> None:
    with on_terminal(command) as terminal:
        terminal.until_shown("my-build")
        fill(terminal)
        descriptor = os.pidfd_open(terminal.pid)
        os.kill(terminal.pid, number)
        ended = select.select([descriptor], [], [], END_S + 1.0)[0]  # a second for a busy machine
        os.close(descriptor)
        assert ended and terminal.wait() == 128 + number


def test_exported_columns_and_lines_do_not_fix_the_size(command: list[str]) -> None:
    with on_terminal(command, 100, 30, {**os.environ, "COLUMNS": "60", "LINES": "12"}) as terminal:
        terminal.until_shown("1 Builds", "my-build")
        terminal.until(lambda text: len(text.splitlines()[-1]) > 60, "a footer on the last line")
        resize(terminal, 120, 36)
        terminal.until_shown("1 Builds and artifacts", "2 Exposures", "3 ThreadFix", "4 Jobs")
        leave(terminal)
