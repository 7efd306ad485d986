"""A terminal in memory: a driver that keeps what an app writes, and an emulator that shows it."""

from __future__ import annotations

from typing import Any

import pyte
from textual import events
from textual.driver import Driver
from textual.geometry import Size


class RecordingDriver(Driver):
    """Keeps what is written to it."""

    def __init__(self, app: Any, *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None):
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.written: list[str] = []

    def write(self, data: str) -> None:
        self.written.append(data)

    def start_application_mode(self) -> None:
        self.resize(*(self._size or (80, 24)))

    def resize(self, width: int, height: int) -> None:
        size = Size(width, height)
        self._app.call_later(self._app.post_message, events.Resize(size, size))

    def disable_input(self) -> None: ...

    def stop_application_mode(self) -> None: ...


class Terminal:
    """What a person would see of the bytes."""

    def __init__(self, width: int, height: int) -> None:
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.Stream(self.screen)

    def feed(self, text: str) -> None:
        self._stream.feed(text)

    def scramble(self, width: int, height: int) -> None:
        """Another size, and rubbish everywhere: what a terminal shows after a resize is its own affair."""
        self.screen.resize(height, width)
        self.feed("\x1b[H" + "\r\n".join("#" * width for _ in range(height)))

    def cells(self) -> list[list[tuple[object, ...]]]:
        """(character, colours, attributes) of every cell; the colour of a blank is not seen."""
        found: list[list[tuple[object, ...]]] = []
        for y in range(self.screen.lines):
            line = self.screen.buffer[y]
            found.append([_look(line[x]) for x in range(self.screen.columns)])
        return found


def _look(cell: Any) -> tuple[object, ...]:
    is_blank = cell.data == " " and not (cell.reverse or cell.underscore or cell.strikethrough)
    if is_blank:
        return " ", cell.bg
    return cell.data, cell.fg, cell.bg, cell.bold, cell.italics, cell.underscore, cell.strikethrough, cell.reverse
