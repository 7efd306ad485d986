"""Lines to read: detail, help, messages. Virtual (only what is visible is drawn) and repainted line by line.

Built for the width it has; scroll position stays when the lines change. A line whose piece has a command is a spot: it
can be selected and taken, by key and by mouse. Knows nothing of what it shows, or of what a command means.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.app.line import Line, Piece
from tui.app.widgets.drawing import command_at, drawing, strip_of, style_of

BuildLines = Callable[[int], Sequence[Line]]
_OVERLAP = 1  # lines of the old page that stay visible after a page key


def spot_of(line: Line) -> str:
    """The command of a line: that of its first piece that has one; "" if none has."""
    return next((piece.command for piece in line if piece.command), "")


def _nothing(width: int) -> Sequence[Line]:
    return ()


class LineView(ScrollView, can_focus=True, inherit_bindings=False):
    """A scrollable list of lines."""

    DEFAULT_CSS = "LineView { height: 1fr; width: 1fr; }"
    ALLOW_SELECT = False

    class Taken(Message):
        """A spot was clicked; `command` is its piece's."""

        def __init__(self, command: str) -> None:
            super().__init__()
            self.command = command

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._build: BuildLines = _nothing
        self._lines: Sequence[Line] = ()
        self._width = -1
        self._selected = ""

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
        if self._selected and self._lines and self.selected_index is None:
            self._selected = ""
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
        line, tones = self._lines[index], drawing(self).tones
        if self._selected and spot_of(line) == self._selected:
            whole = Piece("".join(piece.text for piece in line))
            return strip_of((whole,), self.size.width, base + style_of(tones, "cursor"), tones)
        return strip_of(line, self.size.width, base, tones)

    # spots

    @property
    def selected(self) -> str:
        """The command of the selected spot; "" if none is selected."""
        return self._selected

    @property
    def selected_index(self) -> int | None:
        """The line of the selected spot."""
        return next(
            (i for i, line in enumerate(self._lines) if self._selected and spot_of(line) == self._selected), None
        )

    def select(self, command: str) -> None:
        """Select the spot with this command ("" for none), and bring it into view; lines may come later than that."""
        before, self._selected = self.selected_index, command
        after = self.selected_index
        if after is None and self._lines:
            self._selected = ""
        for index in (before, after):
            if index is not None:
                self.refresh(Region(0, index - self.scroll_offset.y, self.size.width, 1))
        if after is not None:
            self.reveal(after)

    def select_next(self, step: int, *, is_in_view: bool = False) -> bool:
        """Select the spot after (1) or before (-1) the selected one; without one the first that is in view, or beyond.

        `is_in_view` takes only one that is in view. False where there is none.
        """
        index = self.selected_index
        spots = [i for i, line in enumerate(self._lines) if spot_of(line)]
        if index is None:
            top, bottom = self.scroll_offset.y, self.scroll_offset.y + self.size.height - 1
            ahead = [i for i in spots if i >= top] if step > 0 else [i for i in spots if i <= bottom]
        else:
            others = [i for i in spots if spot_of(self._lines[i]) != self._selected]
            ahead = [i for i in others if (i > index if step > 0 else i < index)]
        if is_in_view:
            ahead = [i for i in ahead if 0 <= i - self.scroll_offset.y < self.size.height]
        if not ahead:
            return False
        self.select(spot_of(self._lines[ahead[0] if step > 0 else ahead[-1]]))
        return True

    def reveal(self, index: int) -> None:
        """Scroll as little as is needed to see a line."""
        top, height = self.scroll_offset.y, max(1, self.size.height)
        if index < top:
            self.scroll_to(y=index, animate=False)
        elif index >= top + height:
            self.scroll_to(y=index - height + 1, animate=False)

    def on_click(self, event: events.Click) -> None:
        """Take the spot under the mouse."""
        index = self.scroll_offset.y + event.y
        if index >= len(self._lines):
            return
        command = command_at(self._lines[index], event.x) or spot_of(self._lines[index])
        if command:
            event.stop()
            self.select(spot_of(self._lines[index]))
            self.post_message(self.Taken(command))

    def move(self, rows: int) -> None:
        """Scroll by lines."""
        self.scroll_to(y=self.scroll_offset.y + rows, animate=False)

    def page(self, pages: int) -> None:
        """Scroll by pages."""
        self.move(pages * max(1, self.size.height - _OVERLAP))

    def go_to_end(self, *, is_last: bool) -> None:
        """Scroll to the first or the last line."""
        self.scroll_to(y=self.max_scroll_y if is_last else 0, animate=False)
