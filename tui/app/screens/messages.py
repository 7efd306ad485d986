"""What happened so far: transitions, problems and recoveries as they came, the newest first. Live while open."""

from __future__ import annotations

from collections.abc import Sequence

from tui.app.line import Line, Piece
from tui.app.screens.reading import ReadingScreen
from tui.polling.messages import Change
from tui.present.format import count, moment
from tui.present.safe import clean

SERVER_CELLS = 12


class MessagesScreen(ReadingScreen):
    """Every message that the store still has."""

    def title_line(self, width: int) -> Line:
        """How many."""
        return (Piece(" Messages", "strong"), Piece(f"  {count(len(self.scantop.store.messages), 'line')}", "dim"))

    def lines(self, width: int) -> Sequence[Line]:
        """One line a message."""
        app = self.scantop
        now = app.clock.now()
        lines: list[Line] = []
        for message in reversed(app.store.messages):
            at = moment(message.at, now, app.zone)
            server = clean(message.server, SERVER_CELLS)
            room = max(10, width - 16 - SERVER_CELLS)
            lines.append(
                (
                    Piece(f" {at:<13}", "dim"),
                    Piece(f"{server:<{SERVER_CELLS + 1}}", "dim"),
                    Piece(clean(message.text, room), message.tone),
                )
            )
        return lines or [(Piece(" Nothing has happened yet.", "dim"),)]

    def take(self, change: Change) -> None:
        """New lines come in at the top."""
        if change.messages or change.servers:
            self.draw()
