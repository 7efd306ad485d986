"""A popup to choose which columns of a pane are shown. Space or Enter switches one, Esc leaves and keeps it so."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.app.line import Piece, trim
from tui.app.widgets.cell_line import CellLine
from tui.present.spec import ColumnSpec, PaneSpec


class ColumnChooser(ModalScreen["frozenset[str] | None"], inherit_bindings=False):
    """The result is the ids of the columns that the person does not want to see."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", show=False),
        Binding("j", "down", "Down", show=False),
        Binding("k", "up", "Up", show=False),
        Binding("space", "switch", "Show or hide", show=False),
        Binding("a", "all", "Show all", show=False),
    ]

    def __init__(self, spec: PaneSpec, hidden: Collection[str], placed: Collection[str]) -> None:
        """`placed` are the columns that have room now."""
        super().__init__()
        self._spec = spec
        self._hidden = set(hidden)
        self._placed = frozenset(placed)
        self._before = frozenset(hidden)

    def compose(self) -> ComposeResult:
        """A title, the columns, the keys."""
        with Vertical(id="popup"):
            yield CellLine(classes="popup-title")
            yield OptionList(*(Option(self._words(column)) for column in self._spec.columns))
            yield CellLine(id="popup-said")

    def on_mount(self) -> None:
        """Stand on the first."""
        self.query_one(".popup-title", CellLine).show(lambda width: (Piece(f"{self._spec.short}: columns", "strong"),))
        self._say("Space shows or hides  a all  Esc done")
        columns = self.query_one(OptionList)
        columns.highlighted = 0
        columns.focus()

    def _words(self, column: ColumnSpec) -> Content:
        mark = " " if column.id in self._hidden else "x"
        is_dropped = column.id not in self._placed and column.id not in self._hidden and column.id not in self._before
        room = "  no room now" if is_dropped else ""
        title = column.title or column.id
        return Content(f"[{mark}] {title}{room}")

    def _say(self, text: str, tone: str = "dim") -> None:
        self.query_one("#popup-said", CellLine).show(lambda width: trim((Piece(f" {text}", tone),), width))

    def _draw(self) -> None:
        columns = self.query_one(OptionList)
        for index, column in enumerate(self._spec.columns):
            columns.replace_option_prompt_at_index(index, self._words(column))

    def _toggle(self, index: int) -> None:
        column_id = self._spec.columns[index].id
        if column_id in self._hidden:
            self._hidden.discard(column_id)
        elif len(self._hidden) + 1 < len(self._spec.columns):
            self._hidden.add(column_id)
        else:
            self._say("One column must stay.", "warn")
        self._draw()

    def action_switch(self) -> None:
        """Show or hide the column."""
        index = self.query_one(OptionList).highlighted
        if index is not None:
            self._toggle(index)

    def action_all(self) -> None:
        """Show all columns."""
        self._hidden.clear()
        self._draw()

    def action_leave(self) -> None:
        """Keep it so."""
        self.dismiss(frozenset(self._hidden))

    def action_down(self) -> None:
        """The next column."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """The column before."""
        self.query_one(OptionList).action_cursor_up()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._toggle(event.option_index)

    def on_click(self, event: events.Click) -> None:
        """A click beside the popup leaves."""
        if event.widget is self:
            self.action_leave()
