"""What happened so far: transitions, problems and recoveries as they came, the newest first. Live while open.

Owns the filter.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from tui.app.line import Line, Piece
from tui.app.screens.choosing import ChoosingScreen
from tui.app.widgets.cell_line import CellLine
from tui.app.widgets.filter_line import FilterLine
from tui.app.widgets.footer_bar import FooterBar
from tui.app.widgets.header_bar import HeaderBar
from tui.app.widgets.line_view import LineView
from tui.commands import Place, Situation
from tui.domain.snapshot import Entry
from tui.polling.messages import Change, Message
from tui.present.format import count, moment
from tui.present.safe import clean

SERVER_CELLS = 12
TIME_CELLS = 13
HINT = "words  !not"


def matches(message: Message, text: str) -> bool:
    """Every word of `text` is in the message (kind, server, address or text), and no word after a ``!``."""
    held = f"{message.kind.value} {message.server} {message.key} {message.text}".casefold()
    for word in text.casefold().split():
        wanted = word.removeprefix("!")
        if wanted and (wanted in held) is word.startswith("!"):
            return False
    return True


class MessagesScreen(ChoosingScreen[Message]):
    """Every message that the store still has, or those that match."""

    place = Place.MESSAGES

    def __init__(self) -> None:
        super().__init__()
        self._text = ""

    def compose(self) -> ComposeResult:
        """Header, title, filter, lines, footer."""
        yield HeaderBar(id="header")
        yield CellLine(classes="pane-title -active")
        line = FilterLine()
        line.placeholder = HINT
        line.display = False
        yield line
        yield LineView(id="lines")
        yield FooterBar(id="footer")

    # what there is

    def target_entry(self) -> Entry | None:
        """What the chosen message is about, where it is still known."""
        message = self._shown[self._at] if self._shown else None
        return self.scantop.store.entries.get(message.key) if message is not None else None

    def situation(self) -> Situation:
        """What the chosen message allows."""
        app, entry = self.scantop, self.target_entry()
        return Situation(
            self.place,
            has_row=entry is not None,
            is_paused=app.monitor.is_paused,
            key_of=app.keymap.hint,
        )

    # drawing

    def title_line(self, width: int) -> Line:
        """How many, and of how many."""
        total = len(self.scantop.store.messages)
        words = f"  {len(self._shown)} of {count(total, 'line')} /{clean(self._text, 30)}" if self._text else ""
        last = self.scantop.choices.done[-1] if self.scantop.choices.done else ""
        done = (Piece(f"   done last: {clean(last, 40)}", "dim"),) if last and width >= 80 else ()
        return (
            Piece(" Messages", "strong"),
            Piece(words or f"  {count(total, 'line')}", "accent" if words else "dim"),
            *done,
        )

    def draw(self) -> None:
        """Gather what matches, and draw what differs."""
        self._shown = tuple(m for m in reversed(self.scantop.store.messages) if matches(m, self._text))
        super().draw()
        if isinstance(self.focused, Input):
            keys = (Piece(" Enter ", "key"), Piece("keep  "), Piece("Esc ", "key"), Piece("clear"))
            self.footer.show_line(keys)

    def lines(self, width: int) -> Sequence[Line]:
        """One line a message."""
        app = self.scantop
        now, at = app.clock.now(), self._at
        lines: list[Line] = []
        for index, message in enumerate(self._shown):
            time = moment(message.at, now, app.zone)
            server = clean(message.server, SERVER_CELLS)
            text = clean(message.text, max(10, width - TIME_CELLS - SERVER_CELLS - 3))
            tone = "tab-active:" if index == at else ""
            head = f" {time:<{TIME_CELLS}}{server:<{SERVER_CELLS + 1}}"
            rest = width - len(head) - len(text)
            tail = (Piece(" " * rest, tone.rstrip(":")),) if tone and rest > 0 else ()
            lines.append((Piece(head, f"{tone}dim"), Piece(text, f"{tone}{message.tone}".rstrip(":")), *tail))
        empty = "No message matches." if self._text else "Nothing has happened yet."
        return lines or [(Piece(f" {empty}", "dim"),)]

    def take(self, change: Change) -> None:
        """New lines come in at the top; the chosen one stays in view."""
        if change.messages or change.servers:
            is_first = self._at == 0 and self.query_one(LineView).scroll_offset.y == 0
            if not is_first and self._chosen is None and self._shown:
                self._chosen = self._shown[0]
            self.draw()
            if not is_first and change.messages:
                self.call_after_refresh(self._keep_in_view)

    # what a person does

    def act_pane_filter(self) -> None:
        """Type a filter."""
        line = self.query_one(FilterLine)
        line.display = True
        self.set_focus(line)
        self.draw()

    @property
    def can_go_back(self) -> bool:
        """There is always the dashboard."""
        return True

    def act_back(self) -> None:
        """Clear the filter, then leave."""
        line = self.query_one(FilterLine)
        if self._text or line.has_focus:
            line.value = ""
            self._filter("")
            self._leave_line()
        else:
            self.dismiss()

    def act_app_messages(self) -> None:
        """The same key leads back."""
        self.dismiss()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._filter(event.value)

    @on(FilterLine.Left)
    def _left(self, event: FilterLine.Left) -> None:
        event.stop()
        self._leave_line()

    def _filter(self, text: str) -> None:
        if text.strip() != self._text:
            self._text, self._chosen = text.strip(), None
            self.query_one(LineView).go_to_end(is_last=False)
            self.draw()

    def _leave_line(self) -> None:
        line = self.query_one(FilterLine)
        line.display = bool(self._text)
        self.set_focus(self.query_one(LineView))
        self.draw()
