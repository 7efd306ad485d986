"""A command on a terminal of its own: what it draws, what is typed into it, how it ends. pyte is the screen."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyte
import warm

PATIENCE_S = 60.0  # until a test gives up; a well machine needs one or two


class Terminal:
    """The master side of a pty with a screen behind it."""

    def __init__(self, pid: int, master: int, columns: int, lines: int, started: warm.Started | None = None) -> None:
        self.pid = pid
        self._started = started
        self._master = master
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self.written = b""
        self.code: int | None = None

    @property
    def text(self) -> str:
        """The screen as it is now."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def until(self, condition: Callable[[str], bool], what: str) -> str:
        """Take in what the command draws until the screen fulfils the condition; gives the screen."""
        give_up_s = time.monotonic() + PATIENCE_S
        while not condition(self.text):
            is_open = self._take(give_up_s - time.monotonic())
            if not is_open and not condition(self.text):
                raise AssertionError(f"never saw {what}; the last screen was:\n{self.text}")
        return self.text

    def until_shown(self, *words: str) -> str:
        """Take in what the command draws until all the words are on the screen."""
        return self.until(lambda text: all(word in text for word in words), " and ".join(words))

    def press_until(self, keys: str, condition: Callable[[str], bool], what: str) -> str:
        """Press keys, again where nothing is drawn for a while: right behind a paste they come to nothing."""
        give_up_s = time.monotonic() + PATIENCE_S
        while not condition(self.text):
            assert time.monotonic() < give_up_s, f"never saw {what}; the last screen was:\n{self.text}"
            self.type(keys)
            if self._take(2.0):
                self.until(condition, what)
        return self.text

    def end(self) -> int:
        """Take in everything until the command has closed the terminal; its exit code, negative for a signal."""
        give_up_s = time.monotonic() + PATIENCE_S
        while self._take(give_up_s - time.monotonic()):
            pass
        return self.wait()

    def wait(self) -> int:
        """The exit code, negative for a signal."""
        if self.code is None and self._started is not None:
            self.code = self._started.wait()
        if self.code is None:
            self.code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.code

    def _take(self, left_s: float) -> bool:
        if left_s <= 0 or not select.select([self._master], [], [], left_s)[0]:
            return False
        try:
            piece = os.read(self._master, 65536)
        except OSError:  # EIO: the other side was closed
            return False
        self.written += piece
        self._stream.feed(without_queries(piece))
        return bool(piece)


def without_queries(piece: bytes) -> bytes:
    """What pyte cannot read: private CSI sequences that end in u, p, or q, and begin with =, >, or <."""
    return re.sub(rb"\x1b\[[=<>][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p", b"", piece)


@contextmanager
def on_terminal(
    argv: Sequence[str],
    columns: int = 120,
    lines: int = 36,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
    *,
    is_fresh: bool = False,
) -> Iterator[Terminal]:
    """Run a command on a terminal of that size; it is killed at the end of the block if it still runs.

    A command of ours is started warm (see `warm.py`) unless it `is_fresh`.
    """
    whole = dict(os.environ if environ is None else environ)
    started, size = None, struct.pack("HHHH", lines, columns, 0, 0)
    if not is_fresh and warm.can_be_warm(argv, whole):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, size)
        started = warm.start(argv[len(warm.COMMAND) :], (slave, slave, slave), whole, folder, has_terminal=True)
        os.close(slave)
        pid = started.pid
    else:
        pid, master = pty.fork()
        if pid == 0:
            try:
                if folder is not None:
                    os.chdir(folder)
                fcntl.ioctl(0, termios.TIOCSWINSZ, size)
                os.execvpe(argv[0], list(argv), whole)
            finally:
                os._exit(127)
    terminal = Terminal(pid, master, columns, lines, started)
    try:
        yield terminal
    finally:
        if terminal.code is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            terminal.wait()
        os.close(master)


def children_of(pid: int) -> list[int]:
    """The processes that a process started and that still run. Linux."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def await_end(descriptor: int) -> None:
    """Wait until the process behind a pidfd has ended."""
    assert select.select([descriptor], [], [], PATIENCE_S)[0], "the process did not end"
