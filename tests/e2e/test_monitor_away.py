"""Since you left, on a real terminal: its focus comes and goes, the monitor ends and starts again."""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from pathlib import Path

from command import simulated
from pty_screen import on_terminal

SCANTOP = [sys.executable, "-m", "tui"]
WATCH = """
[[watch]]
server = "prod"
build = "sessions-web"
number = "804"

[[watch]]
server = "tf"
application = 1
pending_scan = 101

[poll]
active = "1s"
settled = "1s"
"""
FOCUS, BLUR = "\x1b[I", "\x1b[O"  # what a terminal sends where mode 1004 is on
BAR = re.compile("▌[✓✗▶◌◐⊘○□]")  # in a row's margin; progress is drawn with half blocks too
SINCE = re.compile(r"^ since \d\d:\d\d: .*\d (done|failed|running|partial)", re.MULTILINE)


def test_what_changed_is_told_when_the_focus_comes_back_and_at_the_next_start(tmp_path: Path) -> None:
    with simulated("--scenario=day", "--frozen", "--seed=5") as world:
        command = [*SCANTOP, "--config", str(world.config(tmp_path / "config.toml", WATCH))]
        environ = {**os.environ, "SCANTOP_STATE": str(tmp_path / "state")}
        with on_terminal(command, 80, 24, environ) as terminal:
            text = terminal.until(lambda text: re.search("✓ done +sessions-web", text) is not None, "the build, done")
            assert b"\x1b[?1004h" in terminal.written and "since" not in text and BAR.search(text) is None
            terminal.type(BLUR)
            world.control("clock", {"advance_s": 3_600})
            text = terminal.until(lambda text: BAR.search(text) is not None, "a bar beside a row")
            assert SINCE.search(text) is None
            terminal.type(FOCUS)
            terminal.until(lambda text: SINCE.search(text) is not None and "l list" in text, "what changed")
            terminal.type("l")
            terminal.until_shown("Changed since you looked", "not looked at", "sessions-web")
            terminal.type("\x1b")
            terminal.until(lambda text: "Enter open" in text and "since" not in text, "the rows without the line")
            terminal.type("q")
            assert terminal.end() == 0
        kept = tmp_path / "state" / "absence.json"
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert "prod:build/sessions-web/804" in json.loads(kept.read_text())["unseen"]
        world.control("clock", {"advance_s": 7_200})
        with on_terminal(command, 120, 36, environ) as terminal:
            terminal.until(
                lambda text: SINCE.search(text) is not None and BAR.search(text) is not None, "what changed meanwhile"
            )
            terminal.type("A")
            terminal.until(lambda text: BAR.search(text) is None and SINCE.search(text) is None, "no news")
            terminal.type("q")
            assert terminal.end() == 0
        assert json.loads(kept.read_text())["unseen"] == {}
