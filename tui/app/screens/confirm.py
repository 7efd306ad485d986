"""A question before something is changed, and a notice that stays until it was read. Polling goes on below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.app.line import Line, Piece, wrapped
from tui.app.widgets.cell_line import CellLine
from tui.app.widgets.line_view import LineView
from tui.present.safe import clean

TEXT_LIMIT = 2000  # characters of one sentence; server text may be in it
MOST_LINES = 14  # of a question or a notice; beyond it scrolls


class Confirm(ModalScreen[bool], inherit_bindings=False):
    """Asks one question; only ``y`` means yes, so that no Enter too many changes a server."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", show=False),
        Binding("n,escape,q", "answer(False)", "No", show=False),
    ]

    def __init__(self, question: str, yes: str) -> None:
        """`yes` says what ``y`` does: "make them"."""
        super().__init__()
        self._question = clean(question, TEXT_LIMIT)
        self._yes = yes

    def compose(self) -> ComposeResult:
        """The question and the two answers."""
        with Vertical(id="popup", classes="wide"):
            yield CellLine(classes="popup-title")
            yield LineView(classes="popup-text")
            yield CellLine(id="confirm-yes")
            yield CellLine(id="confirm-no")

    def on_mount(self) -> None:
        """Show it."""
        self.query_one(".popup-title", CellLine).show(lambda width: (Piece(" This changes a server", "strong"),))
        _show_text(self.query_one(LineView), [(self._question, "")])
        self.query_one("#confirm-yes", CellLine).show(lambda width: (Piece(" y ", "key"), Piece(f" {self._yes}")))
        self.query_one("#confirm-no", CellLine).show(lambda width: (Piece(" n ", "key"), Piece(" leave it as it is")))

    @property
    def text(self) -> str:
        """The question."""
        return self._question

    def action_answer(self, is_yes: bool) -> None:
        """The answer."""
        self.dismiss(is_yes)

    def on_click(self, event: events.Click) -> None:
        """The mouse answers too; beside the popup means no."""
        where = event.widget
        if where is self or (where is not None and where.id in ("confirm-yes", "confirm-no")):
            event.stop()
            self.dismiss(where is not self and where is not None and where.id == "confirm-yes")


class Notice(ModalScreen[None], inherit_bindings=False):
    """Sentences that must be read: they stay until a key."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q,space", "leave", "Read", show=False),
        Binding("j,down", "move(1)", "Down", show=False),
        Binding("k,up", "move(-1)", "Up", show=False),
    ]

    def __init__(self, title: str, texts: Sequence[tuple[str, str]]) -> None:
        """`texts` are sentences with their tones; server text may be in them."""
        super().__init__()
        self._title = title
        self._texts = [(clean(text, TEXT_LIMIT), tone) for text, tone in texts]

    def compose(self) -> ComposeResult:
        """A title, the text, the key."""
        with Vertical(id="popup", classes="wide"):
            yield CellLine(classes="popup-title")
            yield LineView(classes="popup-text")
            yield CellLine(id="notice-key")

    def on_mount(self) -> None:
        """Show it."""
        self.query_one(".popup-title", CellLine).show(lambda width: (Piece(f" {self._title}", "strong"),))
        _show_text(self.query_one(LineView), self._texts)
        self.query_one("#notice-key", CellLine).show(lambda width: (Piece(" Enter ", "key"), Piece(" I have read it")))

    @property
    def text(self) -> str:
        """What is to be read."""
        return "\n".join(text for text, _ in self._texts)

    def action_leave(self) -> None:
        """It was read."""
        self.dismiss(None)

    def action_move(self, rows: int) -> None:
        """Scroll."""
        self.query_one(LineView).move(rows)

    def on_click(self, event: events.Click) -> None:
        """A click beside it, or on the key, means that it was read."""
        if event.widget is self or (event.widget is not None and event.widget.id == "notice-key"):
            self.dismiss(None)


def _show_text(view: LineView, texts: Sequence[tuple[str, str]]) -> None:
    def build(width: int) -> list[Line]:
        lines: list[Line] = [
            (Piece(f" {line}", tone),) for text, tone in texts for line in wrapped(text, max(1, width - 2))
        ]
        view.styles.height = min(MOST_LINES, len(lines))
        return lines

    view.can_focus = False
    view.show(build)
