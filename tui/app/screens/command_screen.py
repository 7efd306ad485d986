"""What all our screens share: keys come from the registry, and one dispatcher gives commands or says why not.

A command ``pane.zoom`` is the method ``act_pane_zoom`` of the screen, or else of the app; ``pane.3`` is
``act_pane(3)``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, cast

from textual.screen import Screen
from textual.widgets import Input

from tui.app.bindings import bindings_for
from tui.app.widgets.footer_bar import FooterBar
from tui.commands import COMMANDS, Command, Place, Situation, find
from tui.keymap import places_of
from tui.polling.messages import Change

if TYPE_CHECKING:
    from tui.app.app import ScantopApp


def act_of(command_id: str, *owners: object) -> Callable[[], Any] | None:
    """The act of a command on the first of the owners that has it."""
    *words, last = command_id.split(".")
    for owner in owners:
        if last.isdigit():
            numbered = getattr(owner, "act_" + "_".join(words), None)
            if numbered is not None:
                return lambda call=numbered, number=int(last): call(number)  # type: ignore[misc]
        found = getattr(owner, "act_" + command_id.replace(".", "_"), None)
        if found is not None:
            return cast("Callable[[], Any]", found)
    return None


class CommandScreen(Screen[None], inherit_bindings=False):
    """A screen whose keys are commands."""

    place: Place = Place.READING
    ALLOW_SELECT = False

    @property
    def scantop(self) -> ScantopApp:
        """The app, by its own type."""
        return cast("ScantopApp", self.app)

    def on_mount(self) -> None:
        """Bind the keys of this place."""
        self._bindings = bindings_for(self.place, self.scantop.keymap)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a text is typed, keys are letters; only the way back stays a command."""
        return action != "give" or not isinstance(self.focused, Input) or parameters == ("back",)

    @property
    def footer(self) -> FooterBar:
        """This screen's footer."""
        return self.query_one(FooterBar)

    def situation(self) -> Situation:
        """What the availability of commands depends on, here and now."""
        app = self.scantop
        return Situation(self.place, is_paused=app.monitor.is_paused, key_of=app.keymap.hint)

    def standing(self) -> Situation:
        """The situation, and whether this is a replay."""
        return replace(self.situation(), is_replay=self.scantop.player is not None)

    async def action_give(self, command_id: str) -> None:
        """Give a command; where it cannot be given, say why. A screen that it opens is awaited."""
        command = find(command_id)
        reason = command.why_not(self.standing())
        if reason:
            self.say(reason, "warn")
            return
        act = act_of(command_id, self, self.scantop, *self.scantop.owners)
        if act is None and command.takes:
            await self.scantop.acts.open_line(f"{command.line} ")
            return
        if act is None:
            self.say(f"{command.title} is not possible here.", "warn")
            return
        self.footer.hush()
        result = act()
        if isawaitable(result):
            await result
        self.scantop.note_done(self.scantop.speaker.line_of(command_id))

    @property
    def can_go_back(self) -> bool:
        """Esc would do something here."""
        return True

    def say(self, text: str, tone: str = "") -> None:
        """One sentence for the person, in the footer."""
        self.footer.say(text, tone)

    def show_keys(self) -> None:
        """Draw the footer for the situation of the moment."""
        self.footer.show_keys(self.footer_commands(), self.scantop.keymap, is_ascii=self.scantop.signs.glyphs.is_ascii)

    def footer_commands(self) -> list[Command]:
        """The commands of this place that can be given now."""
        situation = self.standing()
        commands = places_of(COMMANDS, self.place)
        return [c for c in commands if not c.why_not(situation) and (c.id != "back" or self.can_go_back)]

    def take(self, change: Change) -> None:
        """The store changed."""

    def tick(self) -> None:
        """Time went by: ages may read differently."""

    def act_back(self) -> None:
        """Leave this screen."""
        self.dismiss()
