"""A screen of lines with links: going from one to the next, and taking one. What there is to read is its own."""

from __future__ import annotations

from textual import on

from tui.app.detail.context import OPEN
from tui.app.screens.detail import DetailScreen
from tui.app.screens.reading import ReadingScreen
from tui.app.widgets.line_view import LineView


class LinkedScreen(ReadingScreen):
    """Lines whose links open details or give commands."""

    @property
    def _view(self) -> LineView:
        return self.query_one("#lines", LineView)

    def act_detail_link_next(self) -> None:
        """Select the next link."""
        if not self._view.select_next(1):
            self.say("There is no further link here.")

    def act_detail_link_previous(self) -> None:
        """Select the link before."""
        if not self._view.select_next(-1):
            self.say("There is no link before this one.")

    async def act_detail_open(self) -> None:
        """Take the selected link; where none is, select the first in view."""
        if self._view.selected:
            await self._open(self._view.selected)
        elif not self._view.select_next(1):
            self.say("There is nothing to open here.")

    @on(LineView.Taken)
    async def _spot_taken(self, event: LineView.Taken) -> None:
        event.stop()
        await self._open(event.command)

    async def _open(self, command: str) -> None:
        if command.startswith(OPEN):
            await self.app.push_screen(DetailScreen(command.removeprefix(OPEN)))
        else:
            await self.action_give(command)
