"""The two ways out: data on standard output, narration on standard error. A reader that went away is no error.

Knows nothing of what is written. Everything that a server said must have gone through `present.safe` or JSON before.
"""

from __future__ import annotations

import os
import sys
from typing import TextIO

NARRATION_CELLS = 4000  # one sentence, and perhaps a long path or address in it


def emit(text: str) -> bool:
    """Write data and a line break; False where nobody reads any more (a closed pipe), and the rest goes nowhere."""
    return _write(sys.stdout, text + "\n")


def narrate(text: str) -> None:
    """Write one line for the person, marked as ours; names and servers' words in it may hold anything."""
    from tui.present.safe import clean

    _write(sys.stderr, f"scantop: {clean(text, NARRATION_CELLS)}\n")


def _write(stream: TextIO | None, text: str) -> bool:
    if stream is None:  # started with the descriptor closed: that was somebody's choice
        return True
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        _silence(stream)
        return False
    except OSError:  # a full disk: said once, here, and not again when the interpreter flushes at its end
        _silence(stream)
        raise
    return True


def _silence(stream: TextIO) -> None:
    """Point the stream's descriptor at nothing, so that neither later writes nor the flush at exit fail again."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        return


def close_quietly() -> None:
    """Flush what is left, at the very end."""
    for stream in (sys.stdout, sys.stderr):
        _write(stream, "")
