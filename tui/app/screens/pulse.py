"""The pulse: how each server got on over the last hours. Asks the history for it now and then, never while drawing.

Owns how long a time is looked back on and when the history is asked again: where the time, the width or the column of
the moment is another one, and, at most every `AGAIN_S`, where something came into another state. What is there now is
counted change by change.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import cast

from tui.app.beside import beside
from tui.app.line import Line, Piece, width_of
from tui.app.pulse.census import Census
from tui.app.pulse.page import NO_PAST, PulseFacts, measures, pulse_lines, step_words
from tui.app.screens.linked import LinkedScreen
from tui.app.widgets.header_bar import HeaderBar
from tui.app.widgets.line_view import LineView
from tui.commands import Place, Situation
from tui.domain.pulse import Grid, ServerPulse, grid_for
from tui.domain.snapshot import Health
from tui.polling.lookback import Lookback
from tui.polling.messages import Change

HOUR_S = 3_600
TIMES_S = (HOUR_S, 6 * HOUR_S, 24 * HOUR_S, 7 * 24 * HOUR_S)
WORDS = ("hour", "6 hours", "24 hours", "7 days")
USUAL = 1  # the index of the time that is shown first
AGAIN_S = 15.0
MARGIN_CELLS = 3  # of the screen's width that the lines do not have: a blank, and the scroll bar with one before it


class PulseScreen(LinkedScreen):
    """The last hours of every server."""

    place = Place.PULSE

    def __init__(self) -> None:
        super().__init__()
        self._time = USUAL
        self._grid: Grid | None = None  # that was asked for last
        self._shown: tuple[Grid, tuple[ServerPulse, ...]] | None = None
        self._asked_s = 0.0
        self._asked_with = 0
        self._number = 0
        self._census = Census()
        self._healths: tuple[tuple[str, Health], ...] = ()  # as they were drawn

    def on_mount(self) -> None:
        """Count and ask, then draw what is known without an answer."""
        self._census.recount(self.scantop.store.entries)
        super().on_mount()
        self._ask_if_due()

    def on_resize(self) -> None:
        """Another width has other columns."""
        super().on_resize()
        self._ask_if_due()

    def situation(self) -> Situation:
        """Whether a longer or a shorter time can be shown."""
        app = self.scantop
        return Situation(
            self.place,
            is_paused=app.monitor.is_paused,
            key_of=app.keymap.hint,
            page=self._time + 1,
            pages=len(TIMES_S),
        )

    # what is asked

    @property
    def _lookback(self) -> Lookback | None:
        return cast("Lookback | None", getattr(self.scantop.monitor, "lookback", None))

    def _wanted(self) -> Grid:
        """The columns for this time, width and moment."""
        app = self.scantop
        now = app.clock.now()
        offset = now.astimezone(app.zone).utcoffset() or timedelta()
        sizes = measures(app.size.width - MARGIN_CELLS, len(app.store.servers))
        return grid_for(now, TIMES_S[self._time], sizes.chart, int(offset.total_seconds()))

    def _ask_if_due(self) -> None:
        """Ask where another grid is wanted, or something changed since it was asked last and that is a while ago."""
        lookback, app = self._lookback, self.scantop
        if lookback is None:
            return
        grid, now_s, state = self._wanted(), app.clock.monotonic(), self._census.number
        if grid == self._grid and (state == self._asked_with or now_s - self._asked_s < AGAIN_S):
            return
        self._grid, self._asked_s, self._asked_with = grid, now_s, state
        self._number += 1
        beside(app, self._ask, lookback, grid, self._number, name="pulse", exit_on_error=False)

    async def _ask(self, lookback: Lookback, grid: Grid, number: int) -> None:
        app = self.scantop
        found = await lookback.pulse(tuple(app.store.servers), grid, app.clock.now())
        if number != self._number:
            return
        self._shown = (grid, found)
        if self.is_mounted and self.is_attached:
            self.draw()

    # from the store and the clock

    def take(self, change: Change) -> None:
        """The header and the healths follow at once; other lines wait for the next tick, as many polls end together."""
        app = self.scantop
        self._census.follow(app.store.entries, change.keys | change.removed)
        if not change.servers or not self.is_attached:
            return
        if self._healths == self._healths_now():
            self.query_one(HeaderBar).tell(app.header_facts(), app.signs)
        else:
            self.draw()

    def _healths_now(self) -> tuple[tuple[str, Health], ...]:
        return tuple((server.name, server.health) for server in self.scantop.store.servers.values())

    def tick(self) -> None:
        """Time went by, and perhaps something happened."""
        self._ask_if_due()
        super().tick()

    # what is drawn

    def title_line(self, width: int) -> Line:
        """Which time, and how long a column is."""
        grid = self._shown[0] if self._shown is not None else self._wanted()
        title = (Piece(" Pulse", "strong"), Piece(f"  the last {WORDS[self._time]}"))
        tail = Piece(f", a column is {step_words(grid)}", "dim")
        return (*title, tail) if width_of((*title, tail)) <= width else title

    def lines(self, width: int) -> Sequence[Line]:
        """What waits longest, and the charts."""
        app = self.scantop
        grid, found = self._shown if self._shown is not None else (self._wanted(), None)
        servers, entries, self._healths = tuple(app.store.servers.values()), app.store.entries, self._healths_now()
        counts = {server.name: self._census.counts(server.name) for server in servers}
        longest = {server.name: self._census.longest(server.name) for server in servers}
        waits = {name: entries[key] for name, key in longest.items() if key in entries}
        facts = PulseFacts(servers, counts, waits, grid, found, app.clock.now(), app.zone, app.signs)
        lines = pulse_lines(facts, max(1, width - 1), self.query_one("#lines", LineView).size.height)
        return [*lines, (Piece(NO_PAST, "dim"),)] if self._lookback is None else lines

    # what the person does

    def act_pulse_longer(self) -> None:
        """Look back on a longer time."""
        self._choose(self._time + 1)

    def act_pulse_shorter(self) -> None:
        """Look back on a shorter time."""
        self._choose(self._time - 1)

    def _choose(self, time: int) -> None:
        self._time = min(len(TIMES_S) - 1, max(0, time))
        self._ask_if_due()
        self.draw()

    def act_app_pulse(self) -> None:
        """The same key leads back."""
        self.dismiss()
