"""Copying: tmux's buffer under tmux, OSC 52 else; the words say which, and a failure is no lie."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tui.app import clipboard

FAKE_TMUX = """#!/bin/sh
[ "$1 $2 $3" = "load-buffer -w -" ] || exit 3
cat > "{out}"
exit {code}
"""


def fake_tmux(folder: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> Path:
    out = folder / "buffer"
    program = folder / "tmux"
    program.write_text(FAKE_TMUX.format(out=out, code=code))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return out


def copy(text: str, environ: dict[str, str]) -> tuple[str, list[str]]:
    written: list[str] = []
    return asyncio.run(clipboard.copy(text, environ, written.append)), written


def test_without_tmux_it_is_osc_52() -> None:
    assert copy("prod:build/x/1", {}) == ("with OSC 52", ["prod:build/x/1"])


def test_under_tmux_it_is_tmux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = fake_tmux(tmp_path, monkeypatch, 0)
    assert copy("grüße\n", {"TMUX": "/tmp/x,1,0"}) == ("with tmux load-buffer -w", [])
    assert out.read_text("utf-8") == "grüße\n"


def test_where_tmux_refuses_it_says_so_and_tries_osc_52(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_tmux(tmp_path, monkeypatch, 1)
    how, written = copy("x", {"TMUX": "/tmp/x,1,0"})
    assert how == "with OSC 52, as tmux refused (exit code 1)"
    assert written == ["x"]


def test_without_the_program_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert copy("x", {"TMUX": "1"})[0].startswith("with OSC 52, as tmux refused (No such file")


def test_what_terminals_drop_is_not_called_copied() -> None:
    how, written = copy("x" * 80_000, {})
    assert how.startswith("NOT copied: 80,000 bytes")
    assert written == []


def test_what_is_copied_is_clean_since_it_may_be_pasted_into_a_shell() -> None:
    text = "a\x1b[201~rm -rf ~\n\u202e\u009b31m\tb" + "w" * 3_000
    assert copy(text, {}) == ("with OSC 52", ["a␛[201~rm -rf ~\n��31m    b" + "w" * 3_000])
