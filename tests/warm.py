"""Commands in processes of their own that need not load their modules first: half of the suite's time would be that.

`start` has a server (`warm_server.py`, one a test process) fork. What such a process does is what `python -m tui` does,
but for its start: tests of the start itself, of command lines as other processes see them, or of an interpreter with
settings of its own, run the command plainly.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

PATIENCE_S = 60.0
COMMAND = (sys.executable, "-m", "tui")
# Read by the interpreter before its first line: whoever sets one of these wants a start of his own.
_OF_THE_START = ("PYTHON", "LC_", "LANG", "MALLOC_")


class Started:
    """A running command."""

    def __init__(self, pid: int, connection: socket.socket) -> None:
        self.pid = pid
        self._connection = connection
        self.code: int | None = None

    def wait(self, patience_s: float = PATIENCE_S) -> int:
        """Its exit code, negative for a signal. Raises `TimeoutError`."""
        if self.code is None:
            self._connection.settimeout(patience_s)
            self.code = int(_line(self._connection))
            self._connection.close()
        return self.code


def can_be_warm(argv: Sequence[str], environ: Mapping[str, str]) -> bool:
    """The command is ours, and the environment asks for no interpreter of its own."""
    ours = {name: value for name, value in environ.items() if name.startswith(_OF_THE_START)}
    return tuple(argv[:3]) == COMMAND and ours == {
        name: value for name, value in _environ_of_server().items() if name.startswith(_OF_THE_START)
    }


def start(
    argv: Sequence[str],
    streams: tuple[int, int, int],
    environ: Mapping[str, str],
    folder: Path | None = None,
    *,
    has_terminal: bool = False,
) -> Started:
    """Start ``scantop`` with these arguments; `streams` are descriptors of its standard streams (ours stay open)."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(_server())
    mask = os.umask(0)
    os.umask(mask)
    request = {
        "argv": list(argv),
        "mask": mask,
        "environ": dict(environ),
        "folder": str(folder or Path.cwd()),
        "has_terminal": has_terminal,
    }
    body = json.dumps(request).encode()
    socket.send_fds(connection, [len(body).to_bytes(4, "big")], list(streams))
    connection.sendall(body)
    connection.settimeout(PATIENCE_S)
    return Started(int(_line(connection)), connection)


def run(
    argv: Sequence[str], stdin: bytes, environ: Mapping[str, str], folder: Path | None = None
) -> tuple[int, bytes, bytes]:
    """Run to the end: exit code, standard output, standard error."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        reading, writing = os.pipe()
        try:
            child = start(argv, (reading, out.fileno(), err.fileno()), environ, folder)
        finally:
            os.close(reading)
        with contextlib.suppress(BrokenPipeError), os.fdopen(writing, "wb") as stream:
            stream.write(stdin)
        code = child.wait()
        out.seek(0)
        err.seek(0)
        return code, out.read(), err.read()


def _line(connection: socket.socket) -> str:
    text = b""
    while not text.endswith(b"\n"):
        piece = connection.recv(1)
        if not piece:
            raise RuntimeError("the server of warm commands has gone")
        text += piece
    return text.decode()


@cache
def _environ_of_server() -> dict[str, str]:
    """The environment that every test gets (see conftest.py), whichever fixture asks for the server first."""
    return {**os.environ, "LC_ALL": "C.UTF-8"}


@cache
def _server() -> str:
    """The path of this test process's server; started when first asked for, ended with us."""
    folder = tempfile.mkdtemp(prefix="warm-")
    path = str(Path(folder) / "s")
    child = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("warm_server.py")), path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[1],
        env=_environ_of_server(),
    )
    assert child.stdin is not None and child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    child.stdout.close()

    def end() -> None:
        child.stdin.close()  # type: ignore[union-attr]
        child.wait(PATIENCE_S)
        Path(path).unlink(missing_ok=True)
        Path(folder).rmdir()

    atexit.register(end)
    return path
