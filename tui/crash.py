"""What is left of a crash: a redacted report in the state folder, private to its owner, and one line that says where.

Owns the report's form and place. Holds no values of variables: the error's own words and the places it came through,
with every secret that this run knows starred. Knows no screen; nothing here raises because a disk is full.
"""

from __future__ import annotations

import os
import platform
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from tui import __version__
from tui.locations import create_private_file
from tui.present.safe import clean_lines
from tui.secrets import redact_all

REPORT_CHARACTERS = 64 * 1024  # a deep recursion's places are folded by Python; more is an error that quotes an answer
KEPT = 20  # reports; a crash at each start of a supervised run must not fill the disk
_PREFIX, _SUFFIX = "crash-", ".txt"
_TELLING = ("TERM", "COLORTERM", "LANG", "LC_ALL", "NO_COLOR", "TMUX", "SSH_TTY")


class Crashed(Exception):
    """The screen met an error that nobody expected; `error` is that one. The terminal is restored by now."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(type(error).__name__)
        self.error = error


def report_text(error: BaseException, now: datetime, environ: Mapping[str, str]) -> str:
    """The report: versions, the terminal, the error with what it came from. Without secrets and control characters."""
    told = {name: environ[name] for name in _TELLING if name in environ}
    head = [
        f"scantop {__version__} ended by a mistake of its own at {now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}.",
        f"Python {platform.python_version()} on {platform.system()} {platform.release()} {platform.machine()}",
        " ".join(f"{name}={value}" for name, value in told.items()),
        "",
    ]
    lines = traceback.TracebackException.from_exception(error, capture_locals=False, compact=True).format()
    text = redact_all("\n".join(head) + "".join(lines), environ)
    return "\n".join(clean_lines(text[:REPORT_CHARACTERS])) + "\n"


def place_of(error: BaseException) -> str:
    """Where it was raised, as ``store.py:12``; "" where that is not known."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""


def keep_report(folder: Path, error: BaseException, now: datetime, environ: Mapping[str, str]) -> Path | None:
    """Write the report into the folder, and drop the oldest of too many; None where it cannot be written."""
    stamp = now.astimezone(UTC)
    path = folder / f"{_PREFIX}{stamp:%Y%m%dT%H%M%S}-{stamp.microsecond:06d}-{os.getpid()}{_SUFFIX}"
    try:
        create_private_file(path, report_text(error, now, environ))
        for old in sorted(folder.glob(f"{_PREFIX}*{_SUFFIX}"))[:-KEPT]:
            old.unlink(missing_ok=True)
    except OSError:
        return path if path.exists() else None
    return path


def sentence(error: BaseException, folder: Path, now: datetime, environ: Mapping[str, str]) -> str:
    """Keep a report, and give the one line that says what happened and where the report is."""
    path = keep_report(folder, error, now, environ)
    place = place_of(error)
    what = f"unexpected {type(error).__name__}{f' at {place}' if place else ''}; this is a mistake in scantop"
    return f"{what}; its report, without secrets, is {path}" if path is not None else f"{what}; no report could be kept"
