"""Asks the history for the last runs of what a detail shows: once as it opens, and when the target's state changes.

Owns when it is asked and that an answer which was overtaken is dropped. Drawing only reads what was found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from tui.app.beside import beside
from tui.app.detail.past import ASKED
from tui.domain.durations import scope_of_entry
from tui.domain.past_runs import LastRuns
from tui.domain.snapshot import Entry

if TYPE_CHECKING:
    from datetime import datetime

    from tui.app.screens.reading import ReadingScreen
    from tui.domain.state import State
    from tui.polling.lookback import Lookback


class PastAsker:
    """`found` is what is known so far; `screen` is drawn anew when that changed."""

    def __init__(self, screen: ReadingScreen) -> None:
        self.found = LastRuns()
        self._screen = screen
        self._asked_for: tuple[str, State, datetime | None] | None = None
        self._number = 0

    def follow(self, entry: Entry | None) -> None:
        """Ask, where this target or its state is not the one that was asked for last."""
        lookback = cast("Lookback | None", getattr(self._screen.scantop.monitor, "lookback", None))
        if lookback is None or entry is None or entry.record is None:
            return
        wanted = (entry.key, entry.state, entry.since_at)
        if wanted == self._asked_for:
            return
        if entry.key != self.found.key:
            self.found = LastRuns()
        self._asked_for = wanted
        self._number += 1
        beside(*(self._screen.app, self._ask, lookback, entry, self._number), name="last runs", exit_on_error=False)

    async def _ask(self, lookback: Lookback, entry: Entry, number: int) -> None:
        scope = scope_of_entry(entry)
        runs = await lookback.last_runs(scope, entry.key, ASKED)
        if number != self._number:
            return
        self.found = LastRuns(entry.key, scope.words, runs)
        if self._screen.is_mounted and self._screen.is_attached:
            self._screen.draw()
