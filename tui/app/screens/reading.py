"""A screen of lines to read: a title, the lines, the keys. Detail, help and messages are made of it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult

from tui.app.line import Line
from tui.app.screens.command_screen import CommandScreen
from tui.app.widgets.cell_line import CellLine
from tui.app.widgets.footer_bar import FooterBar
from tui.app.widgets.header_bar import HeaderBar
from tui.app.widgets.line_view import LineView


class ReadingScreen(CommandScreen):
    """`title_line` and `lines` say what there is to read, for a width."""

    def compose(self) -> ComposeResult:
        """Header, title, lines, footer."""
        yield HeaderBar(id="header")
        yield CellLine(classes="pane-title -active")
        yield LineView(id="lines")
        yield FooterBar(id="footer")

    def on_mount(self) -> None:
        """Draw once."""
        super().on_mount()
        self.query_one(LineView).focus()
        self.draw()

    def on_resize(self) -> None:
        """Small screens keep what is read."""
        height = self.app.size.height
        self.query_one(HeaderBar).display = height > 8
        self.query_one("#footer").display = height > 2

    def title_line(self, width: int) -> Line:
        """The title."""
        raise NotImplementedError

    def lines(self, width: int) -> Sequence[Line]:
        """What is to be read."""
        raise NotImplementedError

    def draw(self) -> None:
        """Draw what differs."""
        app = self.scantop
        self.query_one(HeaderBar).tell(app.header_facts(), app.signs)
        self.query_one(".pane-title", CellLine).show(lambda width: self.title_line(width))
        self.query_one("#lines", LineView).show(self.lines)
        self.show_keys()

    def tick(self) -> None:
        """Ages may read differently."""
        self.draw()

    def act_cursor_down(self) -> None:
        """Down a line."""
        self.query_one(LineView).move(1)

    def act_cursor_up(self) -> None:
        """Up a line."""
        self.query_one(LineView).move(-1)

    def act_cursor_page_down(self) -> None:
        """Down a page."""
        self.query_one(LineView).page(1)

    def act_cursor_page_up(self) -> None:
        """Up a page."""
        self.query_one(LineView).page(-1)

    def act_cursor_first(self) -> None:
        """To the top."""
        self.query_one(LineView).go_to_end(is_last=False)

    def act_cursor_last(self) -> None:
        """To the bottom."""
        self.query_one(LineView).go_to_end(is_last=True)
