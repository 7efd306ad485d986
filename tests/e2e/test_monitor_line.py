"""The command line and what is kept, on a real terminal: lines typed in one breath, and the choices of the last run."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import Simulated, scantop, simulated
from pty_screen import on_terminal

SCANTOP = [sys.executable, "-m", "tui"]
MORE = """
[[watch]]
server = "prod"
build = "my-build"
number = "1"
project = "my-project"

[ui.filters]
"what failed" = "state:failed|stuck"
"""


@pytest.fixture(scope="module")
def world() -> Iterator[Simulated]:
    """A frozen simulator: what it answers, it answers every time."""
    with simulated("--scenario=documents", "--frozen") as running:
        yield running


def test_lines_and_choices_over_a_restart(world: Simulated, tmp_path: Path) -> None:
    command = [*SCANTOP, "--config", str(world.config(tmp_path / "config.toml", MORE))]
    environ = {**os.environ, "SCANTOP_STATE": str(tmp_path / "state")}
    with on_terminal(command, 80, 24, environ) as terminal:
        terminal.until_shown("1 Builds and artifacts", "my-build")
        terminal.type(":sort name reverse\r")
        terminal.until_shown("▼ name")
        terminal.type(":statsu x\r")
        terminal.until_shown("There is no command 'statsu'; did you mean 'status'?", ":statsu x")
        terminal.type("\x1b")
        terminal.until(lambda text: "statsu" not in text, "the rows again")
        terminal.type("\x10what failed")
        terminal.until_shown("saved what failed")
        terminal.type("\r")
        terminal.until_shown("No row matches /state:failed|stuck")
        terminal.type(":watch add prod:build/other/7\r")
        terminal.until_shown("Now watched: prod:build/other/7.")
        terminal.type(":\x1b[200~" + "y" * 10_240 + "\x1b[201~")
        terminal.until_shown("That has 10,240 characters")
        terminal.press_until("\x1b", lambda text: "10,240" not in text, "the rows again")
        terminal.type("3q")
        assert terminal.end() == 0
    kept = tmp_path / "state" / "preferences.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    with on_terminal(command, 80, 24, environ) as terminal:
        terminal.until_shown("3 ThreadFix")
        terminal.type("1")
        terminal.until_shown("No row matches /state:failed|stuck")
        terminal.type("\x1b")
        terminal.until_shown("my-build", "other", "▼ name")
        terminal.type(":\x1b[A")
        terminal.until_shown(":watch add prod:build/other/7")
        terminal.type("\x1b")
        terminal.until(lambda text: ":watch" not in text, "the rows again")
        terminal.type(":quit\r")
        assert terminal.end() == 0


def test_keys_are_printed_with_the_persons_own(world: Simulated, tmp_path: Path) -> None:
    path = world.config(tmp_path / "config.toml", '[ui]\nkeymap = { "poll.refresh" = "f5, ctrl+r" }\n')
    said = scantop("--config", str(path), "keys", "--json")
    assert said.code == 0
    rows = {row["command"]: row for row in said.document["keys"]}
    assert rows["poll.refresh"]["keys"] == ["f5", "ctrl+r"] and rows["poll.refresh"]["own"]
    assert not rows["poll.pause"]["own"]
    plain = scantop("--config", str(path), "keys")
    assert "F5 ^R*" in plain.out and "own keys" in plain.err
    assert json.loads(scantop("--config", str(path), "keys", "--json").out)["version"] == 1


@pytest.mark.parametrize(
    ("keymap", "said_then"),
    [
        ('"poll.refrsh" = "f5"', "did you mean 'poll.refresh'?"),
        ('"poll.refresh" = "q"', "already the key of 'app.quit'"),
        ('"poll.refresh" = "escape"', "is reserved"),
        ('"poll.refresh" = "ctrl+["', "is reserved"),
    ],
)
def test_a_keymap_that_cannot_be_used_ends_the_start_with_2(tmp_path: Path, keymap: str, said_then: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'[servers.tf]\nkind = "threadfix"\nurl = "http://127.0.0.1:1"\n[ui]\nkeymap = {{ {keymap} }}\n')
    for argv in (["config", "check"], ["keys"]):
        said = scantop("--config", str(path), *argv)
        assert said.code == 2 and said_then in said.err
    with on_terminal([*SCANTOP, "--config", str(path)], 80, 24) as terminal:
        assert terminal.end() == 2
        assert said_then.encode() in terminal.written.replace(b"\r\n", b"")
