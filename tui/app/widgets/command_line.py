"""The line in which a command is typed: an input with a ghost of what Tab would add, and pastes that are checked.

Knows no command: what the ghost says and what the keys do is the palette's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input

from tui.typed import LINE_LENGTH, refusal


class Ghost(Suggester):
    """What Tab would make of the line."""

    def __init__(self, complete: Callable[[str], str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        """The whole line as it would be, None where nothing would be added."""
        return self._complete(value) or None


class CommandLine(Input):
    """A text input without frame or blinking."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "step('complete')", "Complete", show=False),
        Binding("up", "step('up')", "Older, or the line above", show=False),
        Binding("down", "step('down')", "Newer, or the line below", show=False),
        Binding("pageup", "step('page_up')", "A page up", show=False),
        Binding("pagedown", "step('page_down')", "A page down", show=False),
    ]

    class Stepped(Message):
        """A key that is not text was pressed: `how` is complete, up, down, page_up, page_down or enter.

        `value` is the line as it was then: letters that were typed in the same breath may be in it already later.
        """

        def __init__(self, how: str, value: str) -> None:
            super().__init__()
            self.how = how
            self.value = value

    class Refused(Message):
        """A paste was not taken; `text` says why."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, text: str, complete: Callable[[str], str]) -> None:
        super().__init__(
            text,
            placeholder="a command, a target, a theme …",
            compact=True,
            max_length=LINE_LENGTH,
            select_on_focus=False,
            suggester=Ghost(complete),
        )
        self.cursor_blink = False

    def action_step(self, how: str) -> None:
        """Tell the palette."""
        self.post_message(self.Stepped(how, self.value))

    async def action_submit(self) -> None:
        """Enter is the palette's too."""
        self.post_message(self.Stepped("enter", self.value))

    def _on_paste(self, event: events.Paste) -> None:
        """Several lines become one; what is too long or cannot be seen is refused, and the line stays as it is."""
        text = " ".join(event.text.replace("\t", " ").splitlines()).strip()
        complaint = refusal(self.value + text) if text else ""
        if complaint:
            event.stop()
            event.prevent_default()
            self.post_message(self.Refused(complaint))
            return
        event.text = text
        super()._on_paste(event)
        event.prevent_default()
