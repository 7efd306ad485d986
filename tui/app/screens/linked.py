"""A screen of lines with links: taking one opens a detail or gives a command. What there is to read is its own."""

from __future__ import annotations

from tui.app.detail.context import OPEN
from tui.app.screens.detail import DetailScreen
from tui.app.screens.spots import SpotScreen


class LinkedScreen(SpotScreen):
    """Lines whose links open details or give commands."""

    async def take_spot(self, command: str) -> None:
        """Open the detail, or give the command."""
        if command.startswith(OPEN):
            await self.app.push_screen(DetailScreen(command.removeprefix(OPEN)))
        else:
            await self.action_give(command)
