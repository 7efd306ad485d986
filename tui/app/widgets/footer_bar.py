"""The footer: the keys of the focused pane, and for a short while what a command had to say. Owns only how they fit."""

from __future__ import annotations

from collections.abc import Sequence

from textual.timer import Timer

from tui.app.line import Line, Piece, server_text, trim, width_of
from tui.app.widgets.cell_line import CellLine
from tui.commands import Command
from tui.keymap import Keymap

SAID_S = 6.0  # long enough to read one sentence twice


def keys_line(commands: Sequence[Command], keymap: Keymap, width: int, *, is_ascii: bool = False) -> Line:
    """Keys and words of the commands, in their rank's order; whole entries are left out where there is no room."""
    parts: list[tuple[Command, Line]] = []
    merged: dict[str, list[str]] = {}
    shown = [command for command in commands if command.short and keymap.of(command.id)]
    for command in shown:
        merged.setdefault(command.short, []).append(keymap.shown(command.id, 1, is_ascii))
    seen: set[str] = set()
    for command in shown:
        if command.short not in seen:
            seen.add(command.short)
            keys = " ".join(merged[command.short])
            parts.append((command, (Piece(f" {keys} ", "key", command.id), Piece(f"{command.short} ", "", command.id))))
    kept: list[Command] = []
    left = width
    for command, line in sorted(parts, key=lambda part: part[0].rank):
        size = width_of(line)
        if size > left:
            break
        kept.append(command)
        left -= size
    return tuple(piece for command, line in parts if command in kept for piece in line)


class FooterBar(CellLine):
    """Keys, or a message that gives way to the keys again."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._commands: tuple[Command, ...] = ()
        self._keymap = Keymap(())
        self._is_ascii = False
        self._said: Line = ()
        self._timer: Timer | None = None

    def show_keys(self, commands: Sequence[Command], keymap: Keymap, *, is_ascii: bool = False) -> None:
        """Show the keys of these commands (unless a message is being shown)."""
        self._commands, self._keymap, self._is_ascii = tuple(commands), keymap, is_ascii
        self._draw()

    def show_line(self, line: Line) -> None:
        """Show these words in place of the keys, until `show_keys`."""
        self._commands = ()
        self.hush()
        self.show(lambda width: trim(line, width))

    def say(self, text: str, tone: str = "") -> None:
        """Show a sentence in place of the keys for a while."""
        self._said = (Piece(" "), server_text(text, tone or "strong"))
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(SAID_S, self.hush)
        self._draw()

    def hush(self) -> None:
        """Back to the keys."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self._said:
            self._said = ()
            self._draw()

    @property
    def said(self) -> str:
        """The sentence that is being shown, "" if none."""
        return "".join(piece.text for piece in self._said).strip()

    def _draw(self) -> None:
        if self._said:
            said = self._said
            self.show(lambda width: trim(said, width))
        else:
            self.show(lambda width: keys_line(self._commands, self._keymap, width, is_ascii=self._is_ascii))
