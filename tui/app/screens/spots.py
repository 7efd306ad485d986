"""Lines with spots that can be selected, by key and by mouse. What taking one does is each screen's own."""

from __future__ import annotations

from textual import on

from tui.app.screens.reading import ReadingScreen
from tui.app.widgets.line_view import LineView


class SpotScreen(ReadingScreen):
    """Lines to read, with spots; `take_spot` says what one does."""

    is_in_view = False  # where none is selected, Enter looks for one only in what is in view

    @property
    def _view(self) -> LineView:
        return self.query_one("#lines", LineView)

    async def take_spot(self, command: str) -> None:
        """A spot was taken."""
        raise NotImplementedError

    def no_spot(self) -> str:
        """What is said where Enter finds nothing to open."""
        return "There is nothing to open here."

    def act_detail_link_next(self) -> None:
        """Select the next spot."""
        if not self._view.select_next(1):
            self.say("There is no further link here.")

    def act_detail_link_previous(self) -> None:
        """Select the spot before."""
        if not self._view.select_next(-1):
            self.say("There is no link before this one.")

    async def act_detail_open(self) -> None:
        """Take the selected spot; where none is, select the first."""
        if self._view.selected:
            await self.take_spot(self._view.selected)
        elif not self._view.select_next(1, is_in_view=self.is_in_view):
            self.say(self.no_spot())

    @on(LineView.Taken)
    async def _spot_taken(self, event: LineView.Taken) -> None:
        event.stop()
        await self.take_spot(event.command)
