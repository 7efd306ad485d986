"""Which watched targets ended so long ago that nobody needs them on the screen. Pure; off unless the config says so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tui.domain.snapshot import Entry
from tui.present.cells import since_at

FORGET_S = 60.0  # between two looks over all entries; the rule counts in hours or days


def aged_out(entries: Iterable[Entry], now: datetime, after_s: float) -> list[str]:
    """Keys of what is watched and has been at its end for longer than `after_s` seconds; none for 0."""
    if not after_s:
        return []
    return [entry.key for entry in entries if entry.is_watched and _is_old(entry, now, after_s)]


def _is_old(entry: Entry, now: datetime, after_s: float) -> bool:
    since = since_at(entry)
    if entry.record is None or not entry.state.is_terminal or since is None:
        return False
    return (now - since).total_seconds() > after_s
