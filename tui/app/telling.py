"""Telling a person that what they wait for has ended: a bell, and a notification of the terminal where it is wanted.

Owns what is waited for (this run's, a person's own choice, so nothing rings at the start), and that one look at the
store rings once, however many ended. What it writes to the terminal holds no server text but cleaned names.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Protocol

from tui.domain.snapshot import Entry
from tui.polling.messages import Change
from tui.present.format import count
from tui.present.ringing import BELL, sequence
from tui.present.safe import clean

if TYPE_CHECKING:
    from tui.app.app import ScantopApp

NAME_CELLS = 60
RING_GAP_S = 6.0  # rings that are closer are one: a rule waits for a round of polls before it tells, `w` does not


class Rules(Protocol):
    """What tells by rules beside the polling: it has no terminal of its own."""

    ring: Callable[[str, str, str], bool] | None


class Telling:
    """What one app tells. `write` puts a sequence on the terminal; `rules` tell by it too."""

    def __init__(self, app: ScantopApp, how: str, write: Callable[[str], None], rules: Rules | None = None) -> None:
        self.app = app
        self._how = how
        self._write = write
        self._wanted: set[str] = set()
        self._rang_s = float("-inf")
        if rules is not None:
            rules.ring = self.ring

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
        tone = next(iter(ended)).state.value if len(ended) == 1 else "strong"
        if self._how == "off":
            self.app.say(text, tone)
        else:
            self.ring(text, tone, self._how)

    def ring(self, text: str, tone: str, how: str) -> bool:
        """Say it, ring, and have the terminal show it where `how` asks for that; False once the app leaves."""
        if self.app.is_leaving:
            return False
        self.app.say(text, tone)
        now_s = self.app.clock.monotonic()
        is_heard = now_s < self._rang_s + RING_GAP_S
        self._rang_s = self._rang_s if is_heard else now_s
        if written := ("" if is_heard else BELL) + sequence(how, text, os.environ):
            self._write(written)
        return True

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
