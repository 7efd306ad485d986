"""The lines of a form: a text that is typed or pasted, and a choice between a few words. They know no form."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.widgets import Input

from tui.app.line import Piece
from tui.app.widgets.cell_line import CellLine

# Characters; an upload answer with hundreds of scans is still smaller, and a line that long can be edited.
ENTRY_LENGTH = 64 * 1024


def complaint_about(text: str) -> str:
    """Why a text cannot stand in a line ("" if it can): too long, or a character that nobody can see."""
    if len(text) > ENTRY_LENGTH:
        return f"That has {len(text):,} characters; a field takes {ENTRY_LENGTH:,} at most."
    for place, sign in enumerate(text, 1):
        if not sign.isprintable():
            return (
                f"That holds a character that cannot be seen (U+{ord(sign):04X}, the {place}. one); nothing was taken."
            )
    return ""


class EntryLine(Input):
    """A text input without frame or blinking. A paste becomes one line, or is refused as a whole."""

    class Refused(Message):
        """A paste was not taken; `text` says why."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, text: str, hint: str, *, id: str) -> None:
        super().__init__(text, placeholder=hint, compact=True, select_on_focus=False, id=id)
        self.cursor_blink = False

    def put(self, text: str) -> None:
        """Another text, with the cursor behind it."""
        self.value = text
        self.cursor_position = len(text)

    async def _on_key(self, event: events.Key) -> None:
        """Editing keys in the order in which they came: as bindings they would be overtaken by the letters after them.

        Over a slow line several keys arrive at once. What is no editing key is left to the input itself.
        """
        bindings = self._bindings.key_to_bindings.get(event.key, [])
        if bindings:
            event.stop()
            event.prevent_default()
            await self.run_action(bindings[0].action)

    def _on_paste(self, event: events.Paste) -> None:
        """Several lines become one, so that a whole answer can be pasted; what cannot be shown is refused."""
        text = " ".join(event.text.replace("\t", " ").splitlines()).strip()
        complaint = complaint_about(text) or complaint_about(self.value + text)
        event.stop()
        event.prevent_default()
        if complaint:
            self.post_message(self.Refused(complaint))
        elif text:
            self.insert_text_at_cursor(text)


class ChoiceLine(CellLine, can_focus=True):
    """One of a few words, or several of them. Left and right go to a word, space takes it; so does a click.

    With one choice, going to a word takes it.
    """

    class Changed(Message):
        """Another choice."""

        def __init__(self, line: ChoiceLine) -> None:
            super().__init__()
            self.line = line

    def __init__(self, choices: tuple[str, ...], value: str, *, is_many: bool, id: str) -> None:
        super().__init__(id=id)
        self._choices = choices
        self._is_many = is_many
        self._chosen = [word for word in choices if word in value.split(",")]
        self._at = choices.index(self._chosen[0]) if self._chosen else 0

    @property
    def value(self) -> str:
        """The chosen words, comma-separated, in their order."""
        return ",".join(word for word in self._choices if word in self._chosen)

    def put(self, value: str) -> None:
        """Other choices."""
        self._chosen = [word for word in self._choices if word in value.split(",")]
        if not self._is_many and self._chosen:
            self._at = self._choices.index(self._chosen[0])
        self.draw()

    def on_mount(self) -> None:
        """Draw it once."""
        self.draw()

    def on_focus(self) -> None:
        """The word of the cursor shows."""
        self.draw()

    def on_blur(self) -> None:
        """It shows no more."""
        self.draw()

    def on_key(self, event: events.Key) -> None:
        """Its own keys, in the order in which they were pressed, before whatever comes after them."""
        if event.key in ("left", "right", "space"):
            event.stop()
            if event.key == "space":
                self.action_take()
            else:
                self.action_go(-1 if event.key == "left" else 1)

    def action_go(self, step: int) -> None:
        """To another word."""
        self._at = (self._at + step) % len(self._choices)
        if not self._is_many:
            self._chosen = [self._choices[self._at]]
            self.post_message(self.Changed(self))
        self.draw()

    def action_take(self) -> None:
        """Take the word, or leave it; of a single choice, the next one."""
        if not self._is_many:
            self.action_go(1)
            return
        word = self._choices[self._at]
        self._chosen = [one for one in self._chosen if one != word] if word in self._chosen else [*self._chosen, word]
        self.post_message(self.Changed(self))
        self.draw()

    async def on_click(self, event: events.Click) -> None:
        """Take the word under the mouse."""
        event.stop()
        x = event.x
        for index, piece in self._pieces(self.size.width):
            if x < len(piece.text):
                self._at = index
                if self._is_many:
                    self.action_take()
                else:
                    self.action_go(0)
                return
            x -= len(piece.text)

    def draw(self) -> None:
        """Draw the words."""
        self.show(lambda width: tuple(piece for _, piece in self._pieces(width)))

    def _pieces(self, width: int) -> list[tuple[int, Piece]]:
        """The words with their places; where not all fit, from the left as many are left out as the cursor needs."""
        pieces = []
        for index, word in enumerate(self._choices):
            is_chosen = word in self._chosen
            box = ("[x] " if is_chosen else "[ ] ") if self._is_many else ("(*) " if is_chosen else "( ) ")
            tone = "tab-active" if index == self._at and self.has_focus else "strong" if is_chosen else "dim"
            pieces.append((index, Piece(f"{box}{word}  ", tone)))
        while len(pieces) > 1 and pieces[0][0] < self._at and _width_to(pieces, self._at) > width:
            del pieces[0]
        return pieces


def _width_to(pieces: list[tuple[int, Piece]], at: int) -> int:
    return sum(len(piece.text) for index, piece in pieces if index <= at)
