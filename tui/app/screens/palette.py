"""The command line and palette: one line with one grammar, and below it what fits what is typed. Polling goes on below.

Owns the line, its history and the choice; what a line means is the speaker's, what there is to choose from the stock's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Protocol

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.app.line import Line, Piece, shorten, trim, width_of
from tui.app.widgets.cell_line import CellLine
from tui.app.widgets.command_line import CommandLine
from tui.app.widgets.line_view import LineView
from tui.present.safe import clean
from tui.typed import LineError

if TYPE_CHECKING:
    from tui.app.candidates import Candidate, Stock
    from tui.app.speaking import Act

SHOWN = 12  # candidates at once; a screen of 24 lines keeps half of its rows in sight
LINE_CELLS = 34  # of a candidate's line; its title stands beside it from there on
FRAME = 4  # lines of the popup and the header that are no candidates


class Reader(Protocol):
    """What the palette needs of the speaker."""

    @property
    def lines(self) -> Sequence[str]:
        """Lines given before, the newest last."""
        ...

    @property
    def last_done(self) -> str:
        """What was done last, as a line."""
        ...

    def prepare(self, text: str) -> Act:
        """The act of a line; raises `LineError`."""
        ...

    def remember(self, line: str) -> None:
        """A line was given."""
        ...


class Palette(ModalScreen["Act | None"], inherit_bindings=False):
    """Type a line, or choose one; the result is the act that it asks for, None when the person left."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Back", show=False)]

    def __init__(self, reader: Reader, stock: Stock, text: str = "", *, is_choosing: bool = False) -> None:
        """`is_choosing`: Enter takes the first that was found where the line itself is no command."""
        super().__init__()
        self._reader = reader
        self._stock = stock
        self._text = text
        self._is_choosing = is_choosing
        self._found: Sequence[Candidate] = stock.find(text)
        self._selected: int | None = None
        self._history_at: int | None = None
        self._draft = ""
        self._said: tuple[str, str] = ("", "")

    @property
    def _history(self) -> Sequence[str]:
        return self._reader.lines

    def compose(self) -> ComposeResult:
        """The line, what fits it, and a line for what there is to say."""
        with Vertical(id="palette"):
            with Horizontal(id="palette-line"):
                yield Static(":", markup=False)
                yield CommandLine(self._text, self._complete)
            yield CellLine(id="palette-said")
            yield LineView(id="palette-found")

    def on_mount(self) -> None:
        """Type at once."""
        self.line.cursor_position = len(self._text)
        self.query_one("#palette-found", LineView).can_focus = False
        self.set_focus(self.line)
        self._draw()

    def on_resize(self) -> None:
        """Fewer candidates on a small screen."""
        self._draw()

    @property
    def line(self) -> CommandLine:
        """The line."""
        return self.query_one(CommandLine)

    @property
    def said(self) -> str:
        """What the palette says about the line."""
        return self._said[0]

    @property
    def found(self) -> Sequence[Candidate]:
        """What is offered, the best first."""
        return self._found

    # what the person does

    def action_leave(self) -> None:
        """Leave, nothing given."""
        self.dismiss(None)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._found = self._stock.find(event.value)
        self._selected = None
        self._said = ("", "")
        self._draw()

    @on(CommandLine.Refused)
    def _refused(self, event: CommandLine.Refused) -> None:
        event.stop()
        self._say(event.text)

    @on(CommandLine.Stepped)
    def _stepped(self, event: CommandLine.Stepped) -> None:
        event.stop()
        match event.how:
            case "enter":
                self._take(event.value)
            case "complete":
                self._put(self._complete(event.value) or event.value)
            case "up":
                self._up()
            case "down":
                self._down()
            case "page_up":
                self._select(max(0, (self._selected or 0) - self._room))
            case "page_down":
                self._select(min(len(self._found) - 1, (self._selected or 0) + self._room))

    def _up(self) -> None:
        if self._selected is not None and (self._selected or self._history_at is None):
            self._select(self._selected - 1 if self._selected else None)
            return
        given = self._history
        older = len(given) - 1 if self._history_at is None else self._history_at - 1
        if older < 0:
            self._say("There are no older lines." if given else "No line was given yet.", "dim")
            return
        if self._history_at is None:
            self._draft = self.line.value
        self._history_at = older
        self._put(given[older])

    def _down(self) -> None:
        if self._history_at is not None and self._selected is None:
            newer = self._history_at + 1
            is_back = newer >= len(self._history)
            self._history_at = None if is_back else newer
            self._put(self._draft if is_back else self._history[newer])
        elif self._found:
            self._select(0 if self._selected is None else min(self._selected + 1, len(self._found) - 1))

    def _select(self, index: int | None) -> None:
        self._selected = index if self._found else None
        self._draw()

    def _take(self, text: str) -> None:
        chosen = self._found[self._selected] if self._selected is not None else None
        if chosen is None:
            try:
                self._give(text)
            except LineError as error:
                first = self._found[0] if self._is_choosing and self._found else None
                if first is None or first.line.casefold() == text.strip().casefold():
                    self._say(str(error))
                    return
                chosen = first
        if chosen is not None:
            self._choose(chosen)

    def _choose(self, chosen: Candidate) -> None:
        if not chosen.is_whole:
            self._put(chosen.line if chosen.line.endswith(":") else chosen.line + " ")
            return
        try:
            self._give(chosen.line)
        except LineError as error:
            self._say(str(error))

    def _give(self, text: str) -> None:
        act = self._reader.prepare(text)
        self._reader.remember(text.strip())
        self.dismiss(act)

    def _complete(self, text: str) -> str:
        from tui.app.candidates import completion

        return completion(text, self._stock.find(text)) if text else ""

    def _put(self, text: str) -> None:
        self.line.value = text
        self.line.cursor_position = len(text)

    def on_click(self, event: events.Click) -> None:
        """A click on a line gives it; one beside the popup leaves."""
        if event.widget is self:
            self.dismiss(None)
        elif isinstance(event.widget, LineView):
            index = self._top + event.y
            if 0 <= index < len(self._found):
                self._selected = index
                self._choose(self._found[index])
                self._draw()

    # drawing

    @property
    def _room(self) -> int:
        return max(1, min(SHOWN, self.app.size.height - FRAME))

    @property
    def _top(self) -> int:
        """The first candidate in sight."""
        return max(0, (self._selected or 0) - self._room + 1)

    def _say(self, text: str, tone: str = "warn") -> None:
        self._said = (text, tone)
        self._draw()

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        shown = self._found[self._top : self._top + self._room]
        view = self.query_one("#palette-found", LineView)
        view.styles.height = max(1, len(shown))
        selected = None if self._selected is None else self._selected - self._top
        view.show(lambda width: [_row(one, width, index == selected) for index, one in enumerate(shown)]
                  or [(Piece(" Nothing fits; Enter says what is wrong.", "dim"),)])  # fmt: skip
        said = self._said
        self.query_one("#palette-said", CellLine).show(lambda width: self._status(said, width))

    def _status(self, said: tuple[str, str], width: int) -> Line:
        """What is wrong; else how many there are, and what was done last as a line."""
        if said[0]:
            return (Piece(" " + shorten(clean(said[0]), max(1, width - 1)), said[1]),)
        keys = f" {len(self._found)} found  Tab completes  ↑ older  ↓ choose" if self._text or self.line.value else ""
        last = self._reader.last_done
        hint = keys or " Enter gives  Tab completes  ↑ older  ↓ choose"
        if last:
            hint += f"   last: {clean(last, 40)}"
        return trim((Piece(hint, "dim"),), width)


def _row(candidate: Candidate, width: int, is_selected: bool) -> Line:
    tone = "tab-active" if is_selected else ""
    dim = f"{tone}:dim" if tone else "dim"
    keys = f" {candidate.keys} " if candidate.keys else " "
    cells = min(max(LINE_CELLS, 1), max(1, width - 2))
    title = candidate.title if not candidate.reason else f"not now: {candidate.reason}"
    line = clean(candidate.line)
    room = width - width_of((Piece(keys),)) - 2
    if len(line) > cells and title:
        cells = min(len(line), max(cells, room - 24))
    text = f" {shorten(line, cells):<{cells}} "
    left = room - width_of((Piece(text),))
    body = shorten(title, left) if left > 0 else ""
    pieces = [Piece(text, tone if not candidate.reason else dim), Piece(body, dim)]
    gap = width - width_of(pieces) - width_of((Piece(keys),))
    return trim([*pieces, Piece(" " * max(0, gap), tone), Piece(keys, f"{tone}:key" if tone else "key")], width)
