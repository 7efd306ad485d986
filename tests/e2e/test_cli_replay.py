"""`scantop replay`: a real export on a real terminal, and every file that is none."""

from __future__ import annotations

import gzip
import json
import shlex
import sys
from pathlib import Path

import pytest
from command import scantop
from pty_screen import on_terminal

from tui.cli import monitor_command
from tui.cli.main import main

HEAD = {"scantop": "history", "version": 1}
ITEM = {"target": "prod:build/shop/412", "name": "shop 412", "part": "", "after": "running"}
LINES = [
    json.dumps(one)
    for one in (
        HEAD,
        {**ITEM, "seen_at": "2026-11-22T07:00:00Z"},
        {**ITEM, "part": "sca", "seen_at": "2026-11-22T07:00:00Z", "from the future": [1]},
        {
            **ITEM,
            "before": "running",
            "after": "failed",
            "error": "it fell \x1b]0;over",
            "seen_at": "2026-11-22T07:30:00Z",
        },
        {**ITEM, "target": "prod:build/shop/413", "name": "shop 413", "seen_at": "2026-11-22T07:30:00Z"},
        {
            **ITEM,
            "target": "prod:build/shop/413",
            "name": "shop 413",
            "after": "done",
            "seen_at": "2026-11-22T07:39:00Z",
        },
    )
]
TEXT = "\n".join(LINES) + "\n"


def test_an_export_from_a_pipe_is_played_and_leaves_no_trace(own_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "seen.jsonl.gz"
    file.write_bytes(gzip.compress(TEXT.encode(), mtime=0))
    command = f"cat {shlex.quote(str(file))} | {shlex.quote(sys.executable)} -m tui replay - --from 07:30 --speed 0.01"
    before = sorted(own_home.rglob("*"))
    with on_terminal(["/bin/sh", "-c", command]) as terminal:
        screen = terminal.until_shown("replay x0.01", "2026-11-22 07:30", "shop 412", "✗ failed", "shop 413")
        assert "req/min" not in screen and "codeinsight" not in screen
        terminal.type("r")
        terminal.until_shown("This is a replay: no server is asked, and nothing is kept.")
        terminal.type(":seek start\r")
        terminal.until_shown("2026-11-22 07:00", "▶ running")
        terminal.type("q")
        assert terminal.end() == 0
        assert b"\x1b]0;over" not in terminal.written
    assert sorted(own_home.rglob("*")) == before


def test_without_a_terminal_it_says_what_the_monitor_says(tmp_path: Path) -> None:
    file = tmp_path / "seen.jsonl"
    file.write_text(TEXT)
    for argv, stdin in (([str(file)], ""), (["-"], TEXT)):
        said = scantop("replay", *argv, stdin=stdin)
        assert (said.code, said.out) == (2, "") and "needs a terminal; for scripts" in said.err


@pytest.mark.parametrize(
    ("content", "flags", "words"),
    [
        (None, [], "No such file or directory"),
        (b"", [], ": line 1 is missing"),
        (LINES[0].encode(), [], ": it holds no transition, so there is nothing to play"),
        (b"hello\n", [], ": line 1 does not say that this is an export"),
        (TEXT.encode() + b'{"target": 1}\n', [], ": line 7 names no target by its address"),
        (TEXT.encode() + b"\xff\n", [], ": line 7 is not UTF-8 text"),
        (b'{"scantop": "history", "version": 9}\n', [], ": line 1: the export is of a newer scantop"),
        (gzip.compress(TEXT.encode(), mtime=0)[:-9], [], "cannot be unpacked: the gzip file is damaged or cut off"),
        (b"\x1f\x8bhello", [], ": line 1 cannot be unpacked: the gzip file is damaged or cut off"),
        (b"x" * 900_000, [], ": line 1 is longer than any of an export"),
        (TEXT.encode(), ["--server", "tf"], ": it has nothing of a server 'tf'; there are: prod"),
        (TEXT.encode(), ["--from", "12:00"], "--from: There is no 12:00 in this replay"),
        (TEXT.encode(), ["--config", "/nowhere.toml"], "/nowhere.toml"),
        *((TEXT.encode(), ["--speed", speed], "is not a number above 0") for speed in ("0", "-1", "nan", "inf", "x")),
    ],
)
def test_what_cannot_be_played_is_one_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    content: bytes | None,
    flags: list[str],
    words: str,
) -> None:
    monkeypatch.setattr(monitor_command, "check_terminal", lambda: None)
    file = tmp_path / "seen.jsonl"
    if content is not None:
        file.write_bytes(content)
    assert main(["replay", str(file), *flags]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("scantop: ") and said.err.count("\n") == 1
    assert words in said.err
