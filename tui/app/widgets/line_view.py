"""Lines to read: detail, help, messages. Virtual (only what is visible is drawn) and repainted line by line.

Built for the width it has; scroll position stays when the lines change. Knows nothing of what it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.app.line import Line
from tui.app.widgets.drawing import drawing, strip_of

BuildLines = Callable[[int], Sequence[Line]]
_OVERLAP = 1  # lines of the old page that stay visible after a page key


def _nothing(width: int) -> Sequence[Line]:
    return ()


class LineView(ScrollView, can_focus=True, inherit_bindings=False):
    """A scrollable list of lines."""

    DEFAULT_CSS = "LineView { height: 1fr; width: 1fr; }"
    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._build: BuildLines = _nothing
        self._lines: Sequence[Line] = ()
        self._width = -1

    @property
    def lines(self) -> Sequence[Line]:
        """What is shown at the present width."""
        return self._lines

    @property
    def text(self) -> str:
        """Everything there is to read, as plain text."""
        return "\n".join("".join(piece.text for piece in line) for line in self._lines)

    def show(self, build: BuildLines) -> None:
        """Show what `build` makes of the width; only lines that differ are repainted."""
        self._build = build
        if self.size.width:
            self._take(build(self._room), self._room)

    @property
    def _room(self) -> int:
        return max(1, self.scrollable_content_region.width)

    def on_resize(self) -> None:
        """Build the lines anew where the width changed."""
        if self._room != self._width:
            self._take(self._build(self._room), self._room)

    def _take(self, lines: Sequence[Line], width: int) -> None:
        before, self._lines = self._lines, tuple(lines)
        is_wider = width != self._width
        self._width = width
        if is_wider or len(before) != len(self._lines):
            self.virtual_size = Size(width, len(self._lines))
            self.refresh()
            return
        top = self.scroll_offset.y
        for y in range(self.size.height):
            index = top + y
            if index < len(self._lines) and before[index] != self._lines[index]:
                self.refresh(Region(0, y, width, 1))

    def render_line(self, y: int) -> Strip:
        """A visible line, for Textual's line API."""
        base = self.rich_style
        index = self.scroll_offset.y + y
        if index >= len(self._lines):
            return Strip.blank(self.size.width, base)
        return strip_of(self._lines[index], self.size.width, base, drawing(self).tones)

    def move(self, rows: int) -> None:
        """Scroll by lines."""
        self.scroll_to(y=self.scroll_offset.y + rows, animate=False)

    def page(self, pages: int) -> None:
        """Scroll by pages."""
        self.move(pages * max(1, self.size.height - _OVERLAP))

    def go_to_end(self, *, is_last: bool) -> None:
        """Scroll to the first or the last line."""
        self.scroll_to(y=self.max_scroll_y if is_last else 0, animate=False)
