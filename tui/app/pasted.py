"""Keeps what is pasted apart from what is pressed, before anything reads it as keys.

A pasted text may hold anything that a server sent, also the escape sequences that end a paste, and what follows them
would press keys. So a paste ends at its end mark alone, and what arrives in one breath after that is no key either.
Knows characters and seconds; no terminal, no parser, no widget.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

START, END = "\x1b[200~", "\x1b[201~"  # bracketed paste, as xterm has it
PASTE_MOST = 1024 * 1024  # characters that are kept of a paste; what takes one says that it is too long well before
WAKE_S = 0.25  # after an end mark; what comes without such a pause was pasted too: nobody types so soon
SPLIT_S = 5.0  # a start mark that arrives in pieces is one if its rest comes within this
STALLED_S = 2.0  # a paste without its end is told after so long a silence, and Ctrl+C then ends it
GIVE_UP = "\x03"  # Ctrl+C, alone
_FOCUS = re.compile(r"\x1b\[[IO]")  # the terminal's own report, which may come right behind a paste


# Escape, and a key behind it that came before anybody read: a terminal sends Alt and that key in the same way. Behind
# the others a sequence begins.
# b, f and Backspace: some terminals send those for a word back, a word on, a word away.
_ESCAPE_AND_KEY = re.compile(r"\x1b(?=[^\x1b\[\]OPXN_^\\bf\x7f])")


@dataclass(frozen=True, slots=True)
class Keys:
    """What was pressed, or what the terminal reports."""

    text: str


@dataclass(frozen=True, slots=True)
class EscapeKey:
    """Escape was pressed: the escape character came, and nothing behind it."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """A whole paste, as it came; `is_cut` where it was longer than `PASTE_MOST`."""

    text: str
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Stalled:
    """A paste has begun and does not go on, told once; `is_over` once Ctrl+C has ended it."""

    is_over: bool = False


Piece = Keys | EscapeKey | Pasted | Stalled


def without_alt(text: str) -> Iterator[Keys | EscapeKey]:
    """Keys in which Alt is none: Escape that was pressed just before another key stays Escape, however busy we are."""
    for number, part in enumerate(_ESCAPE_AND_KEY.split(text)):
        if number:
            yield EscapeKey()
        if part:
            yield Keys(part)


class _Place(Enum):
    OUTSIDE = auto()
    INSIDE = auto()
    WAKE = auto()


class PasteGate:
    """Sorts what a terminal sends. `hold_s` is how long an escape character waits for what belongs to it."""

    def __init__(self, hold_s: float) -> None:
        self._hold_s = hold_s
        self._place = _Place.OUTSIDE
        self._held = ""  # the beginning of a mark, perhaps
        self._gone = ""  # the beginning of a start mark that was let go; its rest may still come
        self._parts: list[str] = []
        self._size = 0
        self._is_stalled = False
        self._heard_at_s = float("-inf")

    def feed(self, text: str, now_s: float) -> Iterator[Piece]:
        """Take what came at `now_s` (any clock that never goes back)."""
        yield from self._pass_time(now_s)
        self._heard_at_s = now_s
        if self._is_stalled and text == GIVE_UP:
            self._parts, self._held, self._place = [], "", _Place.OUTSIDE
            yield Stalled(is_over=True)
        else:
            yield from self._sort(text)
        self._is_stalled = False

    def tick(self, now_s: float) -> Iterator[Piece]:
        """Nothing came up to `now_s`."""
        yield from self._pass_time(now_s)
        if self._place is _Place.INSIDE and not self._is_stalled and now_s - self._heard_at_s >= STALLED_S:
            self._is_stalled = True
            yield Stalled()

    def _pass_time(self, now_s: float) -> Iterator[Piece]:
        silent_s = now_s - self._heard_at_s
        if silent_s >= SPLIT_S:
            self._gone = ""
        if self._place is _Place.WAKE and silent_s >= WAKE_S:
            self._place, self._gone, self._held = _Place.OUTSIDE, self._held, ""
        elif self._place is _Place.OUTSIDE and self._held and silent_s >= self._hold_s:
            held, self._held = self._held, ""
            self._gone += held
            yield EscapeKey() if held == "\x1b" else Keys(held)

    def _sort(self, text: str) -> Iterator[Piece]:
        while text:
            if self._place is _Place.INSIDE:
                text, found = self._inside(text)
            elif self._place is _Place.WAKE:
                text, found = self._wake(text)
            else:
                text, found = self._outside(text)
            yield from found

    def _outside(self, text: str) -> tuple[str, list[Piece]]:
        """Keys up to a start mark; gives what is behind it."""
        text, self._held = self._held + text, ""
        if self._gone:
            whole = self._gone + text
            if START.startswith(whole) and whole != START:
                self._held = text
                return "", []
            is_start = whole.startswith(START)
            text, self._gone = (whole, "") if is_start else (text, "")
        keys, text = self._before_start(text)
        return text, [Keys(keys)] if keys else []

    def _before_start(self, text: str) -> tuple[str, str]:
        before, mark, behind = text.partition(START)
        if mark:
            self._place, self._size = _Place.INSIDE, 0
            return before, behind
        kept = _length_of_beginning(text, START)
        self._held = text[len(text) - kept :]
        return text[: len(text) - kept], ""

    def _inside(self, text: str) -> tuple[str, list[Piece]]:
        """Gather up to an end mark; gives what is behind it."""
        text, self._held = self._held + text, ""
        content, mark, behind = text.partition(END)
        if not mark:
            kept = _length_of_beginning(text, END)
            content, self._held = text[: len(text) - kept], text[len(text) - kept :]
        if self._size < PASTE_MOST:
            self._parts.append(content[: PASTE_MOST - self._size])
        self._size += len(content)
        if not mark:
            return "", []
        pasted = Pasted("".join(self._parts), self._size > PASTE_MOST)
        self._parts, self._place = [], _Place.WAKE
        return behind, [pasted] if pasted.text else []

    def _wake(self, text: str) -> tuple[str, list[Piece]]:
        """Drop everything up to a pause or another start mark, but that the window was left or entered."""
        dropped, text = self._before_start(self._held + text)
        return text, [Keys(report) for report in _FOCUS.findall(dropped)]


def _length_of_beginning(text: str, mark: str) -> int:
    """How many of the last characters of a text may be the beginning of a mark."""
    return next((size for size in range(min(len(mark) - 1, len(text)), 0, -1) if text.endswith(mark[:size])), 0)
