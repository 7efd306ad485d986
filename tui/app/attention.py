"""The signs by which the app knows that a person is there: keys, the mouse, the terminal's focus, a resumed process.

Owns where they are heard. What follows from them is `tui.app.absence`'.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import App

if TYPE_CHECKING:
    from tui.app.absence import AbsenceWatch

# What a person does on purpose. A mouse that merely moves may be on its way across to another window.
_MEANT = (events.Key, events.MouseDown, events.MouseScrollDown, events.MouseScrollUp)


class Attentive(App[Any]):
    """The part of the app that hears them."""

    absence: AbsenceWatch

    def on_mount(self) -> None:
        """A process that was stopped hears of it when it goes on."""
        self.app_resume_signal.subscribe(self, lambda _: self.absence.resume())

    async def on_event(self, event: events.Event) -> None:
        """Hear it first: what is told of the time before comes before what the key does."""
        is_sign = isinstance(event, _MEANT) or (isinstance(event, events.InputEvent) and self.absence.presence.is_here)
        if is_sign and not event.is_forwarded:
            self.absence.sign()
        await super().on_event(event)

    def validate_app_focus(self, has_focus: bool) -> bool:
        """Nothing looks different without the terminal's focus, so nothing is written when it comes or goes."""
        return True

    def on_app_focus(self) -> None:
        """The person looks here again."""
        self.absence.sign()

    def on_app_blur(self) -> None:
        """The person looks elsewhere."""
        self.absence.blur()
