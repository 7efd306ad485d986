"""A home that cannot be written, that is not there, or that is full: the monitor works and says what it cannot keep."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import Simulated, simulated
from pty_screen import on_terminal

SCANTOP = [sys.executable, "-m", "tui"]
WATCH = '[[watch]]\nserver = "prod"\nbuild = "my-build"\nnumber = "1"\nproject = "my-project"\n'


@pytest.fixture(scope="module")
def world() -> Iterator[Simulated]:
    """A frozen simulator."""
    with simulated("--scenario=documents", "--frozen") as running:
        yield running


@pytest.mark.parametrize("home", ["/dev/null", "/proc"], ids=["a home that is no folder", "a home that takes no file"])
def test_a_home_that_takes_nothing_leaves_a_working_monitor(
    home: str, world: Simulated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = world.config(tmp_path / "config.toml", WATCH)
    monkeypatch.setenv("HOME", home)
    with on_terminal([*SCANTOP, "--config", str(config)], 120, 36) as terminal:
        terminal.until_shown("my-build", "page 1 of")
        terminal.type("m")
        terminal.until_shown("No history is kept")
        terminal.type("\x1b")
        terminal.until_shown("1 Builds and artifacts", "my-build")
        terminal.type("q")
        assert terminal.end() == 0
    assert b"Traceback" not in terminal.written


def test_a_home_that_is_missing_is_made_for_its_owner_alone(
    world: Simulated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = world.config(tmp_path / "config.toml", WATCH)
    monkeypatch.setenv("HOME", str(tmp_path / "no" / "such" / "home"))
    with on_terminal([*SCANTOP, "--config", str(config)], 120, 36) as terminal:
        terminal.until_shown("my-build", "page 1 of")
        terminal.type("q")
        assert terminal.end() == 0
    state = tmp_path / "no/such/home/.local/state/scantop"
    assert {path.name for path in state.iterdir()} >= {"history.sqlite"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in (state, *state.rglob("*")))


def test_a_full_disk_leaves_a_working_monitor(world: Simulated, tmp_path: Path) -> None:
    """A limit on the size of files does to a write what a full disk does."""
    config = world.config(tmp_path / "config.toml", WATCH)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))  # the child inherits it; this process writes no file
    try:
        terminal_on = on_terminal([*SCANTOP, "--config", str(config)], 120, 36, is_fresh=True)
        terminal = terminal_on.__enter__()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    try:
        terminal.until_shown("my-build", "page 1 of")
        terminal.type("m")
        terminal.until_shown("No history is kept")
        terminal.type("\x1b")
        terminal.until_shown("1 Builds and artifacts", "my-build")
        terminal.type("s")
        terminal.until_shown("is not kept for the next start")
        terminal.type("q")
        assert terminal.end() == 0
    finally:
        terminal_on.__exit__(None, None, None)
    assert b"Traceback" not in terminal.written
