"""Errors that nobody waits for: of callbacks, of tasks that were let go, of threads, of objects being taken apart.

Left alone, Python writes each across the screen. A bug among them ends the app in order; the network's noise does not.
Knows no screen.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from typing import Any


def catch_strays(loop: asyncio.AbstractEventLoop, fail: Callable[[BaseException], None]) -> None:
    """Give `fail`, on the loop, what a callback, a task or a thread raised and nobody took."""

    def of_loop(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if error is not None and is_bug(error, context):
            fail(error)

    def of_thread(told: threading.ExceptHookArgs) -> None:
        if told.exc_value is not None and not isinstance(told.exc_value, OSError):
            loop.call_soon_threadsafe(fail, told.exc_value)

    loop.set_exception_handler(of_loop)
    threading.excepthook = of_thread


def is_bug(error: BaseException, context: dict[str, Any]) -> bool:
    """Not the end of a connection: asyncio tells of those in the same way, with the transport beside."""
    return "transport" not in context and not isinstance(error, (OSError, asyncio.CancelledError))


def silence_strays() -> Callable[[], None]:
    """What threads raise, and what fails while something is taken apart, is not printed; returns what undoes it."""
    thread_hook, unraisable_hook = threading.excepthook, sys.unraisablehook
    threading.excepthook = lambda _: None
    sys.unraisablehook = lambda _: None

    def undo() -> None:
        threading.excepthook, sys.unraisablehook = thread_hook, unraisable_hook

    return undo
