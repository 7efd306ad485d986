"""Acts that are the same on every screen: leaving, help, polling, copying, watching, themes.

Each is the `act_…` of a command; what a screen does in its own way it does itself. They are about the marked rows where
there are any, else about the row of the cursor.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from tui.app import clipboard
from tui.present.format import count

if TYPE_CHECKING:
    from tui.app.app import ScantopApp
    from tui.app.speaking import Act
    from tui.domain.snapshot import Entry


class Acts:
    """The acts of one app."""

    def __init__(self, app: ScantopApp) -> None:
        self.app = app

    # scantop itself

    def act_app_quit(self) -> None:
        """Leave."""
        self.app.leave()

    async def act_app_help(self) -> None:
        """Show the keys of the screen on top."""
        from tui.app.screens.help import HelpScreen

        await self.app.push_screen(HelpScreen(self.app.top.standing()))

    async def act_app_messages(self) -> None:
        """Show what happened."""
        from tui.app.screens.messages import MessagesScreen

        await self.app.push_screen(MessagesScreen())

    async def act_app_pulse(self) -> None:
        """Show the last hours; where they are open below, go back to them."""
        from tui.app.screens.pulse import PulseScreen

        if not any(isinstance(screen, PulseScreen) for screen in self.app.screen_stack):
            await self.app.push_screen(PulseScreen())
            return
        while not isinstance(self.app.screen, PulseScreen):
            await self.app.pop_screen()

    async def act_app_command(self) -> None:
        """Type a command."""
        await self.open_line()

    async def act_app_palette(self) -> None:
        """Find a command."""
        await self.open_line(is_choosing=True)

    async def open_line(self, text: str = "", *, is_choosing: bool = False) -> None:
        """Open the command line with `text` in it; `is_choosing`: Enter takes the first that is found."""
        from tui.app.screens.palette import Palette

        async def given(act: Act | None) -> None:
            if act is not None:
                await act()

        speaker = self.app.speaker
        await self.app.push_screen(Palette(speaker, speaker.stock(), text, is_choosing=is_choosing), given)

    # polling

    def act_poll_refresh(self) -> None:
        """Poll now: the open target, the marked rows, or everything."""
        key = getattr(self.app.top, "key", None)
        marked = () if key else self._marked()
        for one in marked or (key,):
            self.app.monitor.poll_now(key=one)
        if marked:
            self.app.say(f"Polling {count(len(marked), 'marked row')} now.")
        else:
            self.app.say("Polling this target now." if key else "Polling everything now.")

    def act_poll_pause(self) -> None:
        """Pause, or go on."""
        monitor = self.app.monitor
        if monitor.is_paused:
            monitor.resume()
        else:
            monitor.pause()
        self.app.tick()
        self.app.say("Polling is paused; what is shown grows old." if monitor.is_paused else "Polling goes on.")

    async def act_row_explain(self) -> None:
        """Say why the row stands where it stands."""
        from tui.app.screens.evidence import EvidenceScreen

        entry = self._entry()
        if entry is not None:
            await self.app.push_screen(EvidenceScreen(entry))

    # watching

    async def act_watch_remove(self) -> None:
        """Stop watching the marked rows, or the row of the cursor."""
        entries = [entry for entry in self._entries() if entry.is_watched]
        if entries:
            self.app.doing.remember_removed([entry.target for entry in entries])
            said = await self.app.watching.remove([entry.key for entry in entries])
            self.app.say(f"{said} {self.app.keymap.hint('watch.undo')} undoes.")
        else:
            self.app.say("None of the marked rows is watched: lists of their servers show them.", "warn")

    # taking along

    async def act_row_copy(self) -> None:
        """Copy the address, or those of all marked rows."""
        entries = self._entries()
        if entries:
            what = "The address" if len(entries) == 1 else f"{len(entries)} addresses"
            await self._copy("\n".join(entry.key for entry in entries), what, is_many=len(entries) > 1)

    async def act_row_copy_json(self) -> None:
        """Copy what `status --json` says of the rows."""
        from tui.present.as_json import status_document

        entries = self._entries()
        if entries:
            document = status_document(entries, self.app.clock.now())
            await self._copy(json.dumps(document, indent=2, ensure_ascii=False), "The JSON")

    def _marked(self) -> tuple[str, ...]:
        marked: tuple[str, ...] = getattr(self.app.top, "marked", lambda: ())()
        return marked

    def _entry(self) -> Entry | None:
        entry: Entry | None = getattr(self.app.top, "target_entry", lambda: None)()
        return entry

    def _entries(self) -> list[Entry]:
        """What an act is about."""
        known = self.app.store.entries
        marked = [known[key] for key in self._marked() if key in known]
        entry = self._entry()
        return marked or ([entry] if entry is not None else [])

    async def _copy(self, text: str, what: str, *, is_many: bool = False) -> None:
        how = await clipboard.copy(text, os.environ, self.app.copy_to_clipboard)
        verb = "were" if is_many else "was"
        self.app.say(f"{what} {verb} copied {how}." if not how.startswith("NOT") else f"{what} {verb} {how}.")
