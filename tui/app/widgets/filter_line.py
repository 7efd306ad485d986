"""The line in which a filter is typed: live at every key, never refusing anything. Knows no rows."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

FILTER_LENGTH = 500  # characters; more is a paste by mistake


class FilterLine(Input):
    """A text input without frame or blinking. Enter keeps the filter and goes back to the rows; so do the arrows."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("down,up,tab", "leave", "To the rows", show=False)]

    class Left(Message):
        """The person is done typing."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(
            placeholder='words  !not  state:failed|partial  stage:sca  type:"Project Scan"  age<2h',
            id=id,
            compact=True,
            max_length=FILTER_LENGTH,
            select_on_focus=False,
        )
        self.cursor_blink = False

    def action_leave(self) -> None:
        """Back to the rows, with the filter as it is."""
        self.post_message(self.Left())

    async def action_submit(self) -> None:
        """Enter does the same."""
        self.post_message(self.Left())

    def _on_paste(self, event: events.Paste) -> None:
        """Only the first line of a paste, as one line is what there is, and of it what can be seen."""
        first = next(iter(event.text.replace("\t", " ").splitlines()), "")
        event.text = "".join(filter(str.isprintable, first))
        super()._on_paste(event)
