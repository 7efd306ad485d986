"""Bare `scantop`: the first screen where there is no configuration, the monitor where there is one."""

from __future__ import annotations

import sys
from pathlib import Path

from command import scantop, simulated
from pty_screen import on_terminal

SCANTOP = [sys.executable, "-m", "tui"]
BUILD = '[[watch]]\nserver = "prod"\nbuild = "my-build"\nnumber = "1"\nproject = "my-project"\n'


def test_the_first_screen_writes_a_config_that_check_understands(own_home: Path) -> None:
    path = own_home / ".config" / "scantop" / "config.toml"
    with on_terminal(SCANTOP, columns=160) as terminal:
        terminal.until_shown("There is no configuration yet", str(path), "demo", "JFrog CLI", "commented config")
        terminal.type("3")
        terminal.until_shown("Wrote")
        terminal.type("q")
        assert terminal.end() == 0
    assert path.stat().st_mode & 0o777 == 0o600
    said = scantop("config", "check")
    assert said.code == 2 and "names no server" in said.err


def test_the_first_screen_opens_the_demo() -> None:
    with on_terminal(SCANTOP) as terminal:
        terminal.until_shown("There is no configuration yet")
        terminal.type("1")
        terminal.until_shown("Builds and artifacts", "Exposures", "ThreadFix", "Jobs", "▶ running")
        terminal.type("q")
        assert terminal.end() == 0
    assert b"Traceback" not in terminal.written


def test_the_monitor_on_a_config_keeps_its_history_in_the_state_folder(own_home: Path, tmp_path: Path) -> None:
    with simulated("--scenario=documents", "--frozen") as world:
        path = world.config(tmp_path / "config.toml", BUILD)
        with on_terminal([*SCANTOP, "--config", str(path)]) as terminal:
            terminal.until_shown("Builds and artifacts", "my-build", "✓ done")
            terminal.type("q")
            assert terminal.end() == 0
    history = own_home / ".local" / "state" / "scantop" / "history.sqlite"
    assert history.exists() and history.parent.stat().st_mode & 0o777 == 0o700
    assert history.stat().st_mode & 0o077 == 0


def test_a_wrong_config_is_told_before_any_screen(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[servers.prod]\nkind = "xray"\nurl = "https://a.example.com"\ntokn = 1\n')
    with on_terminal([*SCANTOP, "--config", str(path)], columns=200) as terminal:
        terminal.until_shown("servers.prod.tokn: unknown key; did you mean 'token'?")
        assert terminal.end() == 2
    assert b"\x1b[?1049h" not in terminal.written
