"""This machine's side: what scantop is, which config it reads, where it keeps its state, what the terminal can show."""

from __future__ import annotations

import os
import platform
import ssl
import sys
from collections.abc import Mapping
from pathlib import Path

from tui import __version__
from tui.doctor.steps import Step
from tui.servers.probing import Verdict
from tui.servers.route import system_store
from tui.settings import Settings

LEAST_COLUMNS, LEAST_ROWS = 40, 10  # what the monitor still draws on without misleading


def look_here(settings: Settings, state: Path, environ: Mapping[str, str]) -> tuple[Step, ...]:
    """The block before the servers. Reads no server and changes nothing."""
    return (
        _program(),
        _config(settings),
        *(Step("config", Verdict.NOTE, warning) for warning in settings.warnings),
        _state(state),
        _terminal(environ),
    )


def _program() -> Step:
    python = platform.python_version()
    text = f"scantop {__version__}, Python {python}, {ssl.OPENSSL_VERSION}; authorities: {system_store()}."
    facts = (("version", __version__), ("python", python), ("openssl", ssl.OPENSSL_VERSION), ("store", system_store()))
    return Step("program", Verdict.OK, text, facts=facts)


def _config(settings: Settings) -> Step:
    names = tuple(server.name for server in settings.servers)
    path = None if settings.path is None else str(settings.path)
    where = path or "no config file; the servers come from the environment or from the JFrog CLI's set-up"
    return Step("config", Verdict.OK, f"{where}: {', '.join(names)}.", facts=(("path", path), ("servers", names)))


def _state(folder: Path) -> Step:
    facts = (("path", str(folder)),)
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        text = f"{folder} cannot be written: no history is kept, and `scantop watch` has no list."
        return Step(
            "state", Verdict.NOTE, text, "Mend its permissions, or name another with SCANTOP_STATE.", facts=facts
        )
    is_there = place == folder
    return Step("state", Verdict.OK, f"{folder}" + (" can be written." if is_there else " will be made."), facts=facts)


def _terminal(environ: Mapping[str, str]) -> Step:
    name = environ.get("TERM", "")
    colours = _colours(environ)
    locale = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or ""
    is_utf8 = "utf8" in locale.lower().replace("-", "")
    is_terminal = _is_terminal()
    words = [name or "TERM is not set", "no colours" if not colours else f"{colours:,} colours"]
    words.append(f"{locale or 'no locale'} ({'UTF-8' if is_utf8 else 'signs in ASCII'})")
    if environ.get("TMUX"):
        words.append("in tmux (copies go by its own buffer)")
    elif environ.get("STY"):
        words.append("in screen")
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        words.append("over SSH")
    size = _size() if is_terminal else None
    words.append(f"{size[0]}x{size[1]}" if size else "standard output is no terminal")
    facts = (
        ("term", name or None),
        ("colours", colours),
        ("locale", locale or None),
        ("is_utf8", is_utf8),
        ("is_terminal", is_terminal),
        ("tmux", bool(environ.get("TMUX"))),
        ("ssh", bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))),
    )
    text = ", ".join(words) + "."
    if name in ("", "dumb", "unknown"):
        advice = "The monitor needs TERM, e.g. TERM=xterm-256color; the other commands do not."
        return Step("terminal", Verdict.NOTE, text, advice, facts=facts)
    if size and (size[0] < LEAST_COLUMNS or size[1] < LEAST_ROWS):
        advice = f"The monitor needs {LEAST_COLUMNS}x{LEAST_ROWS} at least."
        return Step("terminal", Verdict.NOTE, text, advice, facts=facts)
    if not is_utf8:
        advice = "A UTF-8 locale (LANG=C.UTF-8) shows the better signs."
        return Step("terminal", Verdict.NOTE, text, advice, facts=facts)
    return Step("terminal", Verdict.OK, text, facts=facts)


def _colours(environ: Mapping[str, str]) -> int:
    """How many colours the screen will use, told as the screen's library tells it."""
    name = environ.get("TERM", "")
    if environ.get("NO_COLOR") or name in ("", "dumb", "unknown"):
        return 0
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit") or name.endswith("-direct"):
        return 1 << 24
    return 256 if name.endswith("-256color") or name.endswith("-256") or "kitty" in name else 16


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def _size() -> tuple[int, int] | None:
    try:
        found = os.get_terminal_size(sys.stdout.fileno())
    except (OSError, ValueError):
        return None
    return (found.columns, found.lines)
