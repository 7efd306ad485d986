"""Pastes of what a server may have said, on a real terminal: none presses a key, whatever it holds.

A pasted line is the one way by which a server's text comes back in through the keyboard.
"""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import Simulated, simulated
from pty_screen import PATIENCE_S, Terminal, on_terminal

from tui.app.pasted import WAKE_S
from tui.app.widgets.entry_line import ENTRY_LENGTH

START, END = "\x1b[200~", "\x1b[201~"
# Keys that would be seen: delete the report and say yes, take the row off, zoom, help, leave.
KEYS = "Dy\rxz?q\x03"
PASTES = {
    "an escape character": (START + "\x1b" + KEYS + END,),
    "an arrow and a mouse": (START + "\x1b[B\x1b[<0;20;5M\x1bOP" + KEYS + END,),
    "an end mark within": (START + "a" + END + KEYS + END,),
    "an end and a start mark within": (START + "a" + END + KEYS + START + KEYS + END,),
    "in pieces": tuple(START + "\x1b" + KEYS + "\x1b[201" + KEYS + END),
    "bytes that are no text": (START + "\udcff\udc80\x9b\x00" + KEYS + END,),
    "bytes of another encoding, typed": ("\udcff\udc80\udce9",),
}


@pytest.fixture(scope="module")
def world() -> Iterator[Simulated]:
    """A frozen simulator."""
    with simulated("--scenario=documents", "--frozen") as running:
        yield running


def paste(terminal: Terminal, *pieces: str) -> None:
    """Send it, each piece by itself, and then let go of the keyboard for as long as a hand does."""
    for piece in pieces:
        left = piece.encode("utf-8", "surrogateescape")
        while left:
            left = left[os.write(terminal._master, left) :]
    while select.select([terminal._master], [], [], 1.2 * WAKE_S)[0]:
        terminal._take(PATIENCE_S)


def deletions(world: Simulated) -> int:
    """How often a report was deleted."""
    counts: dict[str, int] = world.control("requests", method="GET")["counts"]
    return counts.get("xray/report-delete", 0)


def below_header(terminal: Terminal) -> list[str]:
    """The screen without its first line, which has the clock."""
    return terminal.text.splitlines()[1:]


def test_no_paste_presses_a_key(world: Simulated, tmp_path: Path) -> None:
    config = world.config(tmp_path / "config.toml", '[[watch]]\nserver = "prod"\nreport = 1234\n')
    with on_terminal([sys.executable, "-m", "tui", "--config", str(config)], 120, 36) as terminal:
        terminal.until_shown("1 Builds", "page 1 of", "q quit")
        terminal.type("2gD")
        terminal.until_shown("elete")  # the key would act on this row
        terminal.type("\x1b")
        terminal.until_shown("Nothing was deleted.")
        for what, pieces in PASTES.items():
            before = below_header(terminal)
            paste(terminal, *pieces)
            assert below_header(terminal) == before, what
        assert deletions(world) == 0
        terminal.type("/")
        terminal.until_shown("Esc")
        for pieces in list(PASTES.values())[::2]:
            paste(terminal, *pieces)
            assert "state▲" in terminal.text and "Help" not in terminal.text and deletions(world) == 0
        terminal.type("\x1b")
        terminal.until(lambda text: "q quit" in text, "the rows again")
        terminal.type("a")
        terminal.until_shown("address")
        paste(terminal, START + "prod:build/x\x1b/1" + END)
        terminal.until_shown("a character that cannot be seen (U+001B, the 13. one)")
        paste(terminal, START + "y" * 1_000_000 + END)
        terminal.until_shown(f"That has 1,000,000 characters; a field takes {ENTRY_LENGTH:,} at most.")
        terminal.type("\x1b")
        terminal.until(lambda text: "q quit" in text, "the rows again")
        paste(terminal, START + KEYS)
        paste(terminal, KEYS)
        terminal.until_shown("A paste has begun and does not end")
        assert deletions(world) == 0
        terminal.type("\x03")
        terminal.until_shown("The paste was given up")
        terminal.type("?")
        terminal.until_shown("Find a command")
        terminal.type("\x1b")
        terminal.until_shown("Enter open")
        terminal.type("q")
        assert terminal.end() == 0
    assert b"Traceback" not in terminal.written
