"""A popup to choose one of a few words. Typing narrows it, Enter takes, Esc leaves. Polling goes on below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.app.line import Piece
from tui.app.widgets.cell_line import CellLine
from tui.app.widgets.scan_pane import ScanPane
from tui.domain.records import Fields
from tui.present.safe import clean

CHOICE_CELLS = 60
ANY = "any"  # the word for no filter


def list_values(pane: ScanPane, name: str, chosen: str) -> tuple[str, ...]:
    """What a list can be asked for by one of its filters: any, the known words, what the rows show, what is chosen."""
    seen = {
        text
        for entry in pane.table.model.entries()
        if entry.record is not None and (text := _text(entry.record.detail, name))
    }
    known = dict(pane.spec.list_choices).get(name, ())
    return (ANY, *known, *sorted((seen | {chosen}) - {*known, ""}))


def _text(detail: Fields, name: str) -> str:
    value = detail.get(name)
    return value.text("name") or value.text("id") if isinstance(value, Fields) else detail.text(name)


class Picker(ModalScreen[str | None], inherit_bindings=False):
    """Choose one word; the result is the word, or None when the person left."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", show=False),
        Binding("j", "down", "Down", show=False),
        Binding("k", "up", "Up", show=False),
    ]

    def __init__(self, title: str, choices: Sequence[str], chosen: str, *, is_wide: bool = False) -> None:
        super().__init__()
        self._title = title
        self._choices = tuple(choices)
        self._chosen = chosen
        self._is_wide = is_wide

    def compose(self) -> ComposeResult:
        """A title and the words."""
        with Vertical(id="popup", classes="wide" if self._is_wide else None):
            yield CellLine(classes="popup-title")
            options = (
                Option(Content(("• " if choice == self._chosen else "  ") + clean(choice, CHOICE_CELLS)))
                for choice in self._choices
            )
            yield OptionList(*options)

    def on_mount(self) -> None:
        """Stand on the word that is in force."""
        self.query_one(CellLine).show(lambda width: (Piece(self._title, "strong"),))
        words = self.query_one(OptionList)
        words.highlighted = self._choices.index(self._chosen) if self._chosen in self._choices else 0
        words.focus()

    def action_leave(self) -> None:
        """Leave it as it was."""
        self.dismiss(None)

    def action_down(self) -> None:
        """The next word."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """The word before."""
        self.query_one(OptionList).action_cursor_up()

    @on(OptionList.OptionSelected)
    def _taken(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._choices[event.option_index])

    def on_click(self, event: events.Click) -> None:
        """A click beside the popup leaves."""
        if event.widget is self:
            self.dismiss(None)
