"""Telling a person that what they wait for has ended: a bell, and a notification of the terminal where it is wanted.

Owns what is waited for (this run's, a person's own choice, so nothing rings at the start), and that one look at the
store rings once, however many ended. What it writes to the terminal holds no server text but cleaned names.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from tui.domain.snapshot import Entry
from tui.polling.messages import Change
from tui.present.format import count
from tui.present.safe import clean

if TYPE_CHECKING:
    from tui.app.app import ScantopApp

NAME_CELLS = 60
NOTICE_CELLS = 160  # of a terminal's notification; desktops cut there anyway
HOWS = ("bell", "osc9", "osc777", "off")


def sequence(how: str, text: str, environ: Mapping[str, str]) -> str:
    """What makes a terminal show a notification; "" for none. Under tmux it is wrapped, for tmux drops it otherwise.

    tmux passes it on where `allow-passthrough` is on, and swallows it where it is not.
    """
    body = clean(text, NOTICE_CELLS).replace(";", ",")
    if how == "osc9":
        code = f"\x1b]9;{body}\x07"
    elif how == "osc777":
        code = f"\x1b]777;notify;scantop;{body}\x07"
    else:
        return ""
    return "\x1bPtmux;" + code.replace("\x1b", "\x1b\x1b") + "\x1b\\" if environ.get("TMUX") else code


class Telling:
    """What one app tells. `write` puts a sequence on the terminal."""

    def __init__(self, app: ScantopApp, how: str, write: Callable[[str], None]) -> None:
        self.app = app
        self._how = how
        self._write = write
        self._wanted: set[str] = set()

    def is_wanted(self, key: str) -> bool:
        """Its end is to be told."""
        return key in self._wanted

    def act_row_tell(self) -> None:
        """Tell when these rows end, or no longer."""
        entries = self._entries()
        open_ones = [entry for entry in entries if not _has_ended(entry)]
        if not open_ones:
            states = {entry.state.word for entry in entries}
            self.app.say(f"Ended already: {', '.join(sorted(states))}.", "warn")
            return
        keys = {entry.key for entry in open_ones}
        what = clean(open_ones[0].name, NAME_CELLS) if len(keys) == 1 else count(len(keys), "row")
        if keys <= self._wanted:
            self._wanted -= keys
            self.app.say(f"Not told any more: {what}.")
        else:
            self._wanted |= keys
            self.app.say(f"You are told when {what} {'ends' if len(keys) == 1 else 'end'}.")
        self.app.redraw_rows()

    def follow(self, change: Change) -> None:
        """The store changed: tell of what has ended, once."""
        known = self.app.store.entries
        ended = [known[key] for key in self._wanted & change.keys if _has_ended(known.get(key))]
        gone = self._wanted & change.removed
        if not (ended or gone):
            return
        self._wanted -= {entry.key for entry in ended} | gone
        self.app.redraw_rows()
        if ended:
            self._tell(ended)

    def _tell(self, ended: Collection[Entry]) -> None:
        text = _sentence(ended)
        self.app.say(text, next(iter(ended)).state.value if len(ended) == 1 else "strong")
        if self._how == "off":
            return
        self._write("\x07" + sequence(self._how, text, os.environ))

    def _entries(self) -> list[Entry]:
        known = self.app.store.entries
        marked: Iterable[str] = getattr(self.app.top, "marked", lambda: ())()
        found = [known[key] for key in marked if key in known]
        entry: Entry | None = getattr(self.app.top, "target_entry", lambda: None)()
        return found or ([entry] if entry is not None else [])


def _has_ended(entry: Entry | None) -> bool:
    return entry is not None and entry.record is not None and entry.state.is_terminal


def _sentence(ended: Collection[Entry]) -> str:
    if len(ended) == 1:
        entry = next(iter(ended))
        return f"{clean(entry.label or entry.name, NAME_CELLS)}: {entry.state.word}."
    states: dict[str, int] = {}
    for entry in ended:
        states[entry.state.word] = states.get(entry.state.word, 0) + 1
    return f"{len(ended)} have ended: " + ", ".join(f"{many} {word}" for word, many in sorted(states.items())) + "."
