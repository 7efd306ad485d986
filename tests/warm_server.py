"""Starts commands by forking, so that each is a process of its own without loading the same modules again.

The other end of `warm.py`, run by it as a script. One thread; a request is one connection: a JSON line with what to run
and the three standard streams as descriptors; the answer is the child's number, then how it ended.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import random
import selectors
import signal
import socket
import sys
import threading
import time
import traceback
from typing import Any, NoReturn

HEAD = 4  # bytes that tell how long a request is
# Loaded by the libraries when first needed, which here would be in every command anew.
LOADED = ("anyio._backends._asyncio", "httpcore._async.connection_pool", "httpcore._async.http11", "httpx", "zoneinfo")


def load() -> None:
    """Load whatever commands may need."""
    import tui

    found = (module.name for module in pkgutil.walk_packages(tui.__path__, "tui."))
    for name in (*LOADED, *found):
        importlib.import_module(name)


def receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """One request whole."""
    head, fds, _, _ = socket.recv_fds(connection, HEAD, 3)
    length, body = int.from_bytes(head, "big"), b""
    while len(body) < length:
        body += connection.recv(length - len(body))
    return json.loads(body), list(fds)


def become(request: dict[str, Any], fds: list[int]) -> NoReturn:
    """The child: be the command, with its own streams, folder and environment, and end as an interpreter ends."""
    if request["has_terminal"]:
        os.setsid()
        import fcntl
        import termios

        fcntl.ioctl(fds[0], termios.TIOCSCTTY, 0)
    for number, fd in enumerate(fds):
        os.dup2(fd, number)
    os.closerange(3, 256)
    os.environ.clear()
    os.environ.update(request["environ"])
    os.chdir(request["folder"])
    os.umask(request["mask"])
    time.tzset()
    random.seed()
    signal.set_wakeup_fd(-1)
    for number, what in ((signal.SIGCHLD, signal.SIG_DFL), (signal.SIGINT, signal.default_int_handler)):
        signal.signal(number, what)
    sys.argv = ["scantop", *request["argv"]]
    sys.stdin, sys.stdout, sys.stderr = (
        open(0, encoding="utf-8", errors="surrogateescape"),  # noqa: SIM115
        open(1, "w", encoding="utf-8", buffering=1 if os.isatty(1) else -1),  # noqa: SIM115
        open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1),  # noqa: SIM115
    )
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr  # type: ignore[misc]
    code = 1
    try:
        from tui.__main__ import main

        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):
            threading._shutdown()  # type: ignore[attr-defined]
            atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        os._exit(code)


def serve(path: str) -> None:
    """Fork for whoever connects, until standard input ends."""
    load()
    gc.collect()
    gc.freeze()
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(path)
    listening.listen(64)
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    chooser = selectors.DefaultSelector()
    for what in (0, listening, reading):
        chooser.register(what, selectors.EVENT_READ)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    waiting: dict[int, socket.socket] = {}
    while True:
        ready = {key.fileobj for key, _ in chooser.select()}
        if reading in ready:
            os.read(reading, 4096)
            reap(waiting)
        if listening in ready:
            connection = listening.accept()[0]
            request, fds = receive(connection)
            pid = os.fork()
            if not pid:
                become(request, fds)
            for fd in fds:
                os.close(fd)
            waiting[pid] = connection
            connection.sendall(f"{pid}\n".encode())
        if 0 in ready and not os.read(0, 1):
            break


def reap(waiting: dict[int, socket.socket]) -> None:
    """Tell of every child that has ended."""
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            connection = waiting.pop(found[0], None)
            if connection is not None:
                with connection, contextlib.suppress(OSError):
                    connection.sendall(f"{os.waitstatus_to_exitcode(found[1])}\n".encode())


if __name__ == "__main__":
    serve(sys.argv[1])
