"""One line of pieces: headers, titles, notices, footers. Repaints only when its text or tones differ."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from tui.app.line import Line
from tui.app.widgets.drawing import command_at, drawing, strip_of

Build = Callable[[int], Line]


def _nothing(width: int) -> Line:
    return ()


class CellLine(Widget, inherit_bindings=False):
    """A line that is built for the width it has. A click on a piece gives the piece's command."""

    DEFAULT_CSS = "CellLine { height: 1; width: 1fr; }"
    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._build: Build = _nothing
        self._line: Line = ()
        self._width = -1

    @property
    def line(self) -> Line:
        """What is shown at the present width."""
        return self._line

    @property
    def text(self) -> str:
        """What is shown, as plain text."""
        return "".join(piece.text for piece in self._line)

    def show(self, build: Build) -> None:
        """Show what `build` makes of the width; nothing is repainted where it is what is shown already."""
        self._build = build
        width = self.size.width
        line = build(width) if width else ()
        if line != self._line or width != self._width:
            self._line, self._width = line, width
            self.refresh()

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """As wide as there is room."""
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """One line."""
        return 1

    def render_line(self, y: int) -> Strip:
        """The line, for Textual's line API."""
        width = self.size.width
        if width != self._width:
            self._line, self._width = self._build(width), width
        base = self.rich_style
        if y:
            return Strip.blank(width, base)
        return strip_of(self._line, width, base, drawing(self).tones)

    def notify_style_update(self) -> None:
        """The theme or a class changed: the styles are looked up again when the line is drawn."""
        super().notify_style_update()
        self.refresh()

    async def on_click(self, event: events.Click) -> None:
        """Give the command of the piece under the mouse."""
        command = command_at(self._line, event.x)
        if command:
            event.stop()
            await drawing(self).give(command)
