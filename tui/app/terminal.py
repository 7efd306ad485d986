"""The terminal's end: hang-up, end of file on standard input, and the signals that must still restore the screen.

Textual's input thread spins for ever at end of file, and a dead terminal can block the writer. So the input thread here
tells the end and stops reading, and a last timer ends the process whatever still hangs. What is pasted is told from
what is pressed by `pasted`. Knows no screen.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import selectors
import signal
import sys
import termios
import threading
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from textual import constants, events
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size

from tui.app.pasted import EscapeKey, Keys, Pasted, PasteGate, Piece, without_alt

# The promise is two seconds; leaving in order (stop polling, close the history) has had its time by then.
LAST_RESORT_S = 1.5
HANGUP_CODE = 128 + signal.SIGHUP
SETTLE_S = 0.05  # after a new size was told: Textual's own wait is over by then
# What Textual's driver writes when it stops: paste, mouse and focus reports off, its keys, the other screen.
RESTORING = b"\x1b[?2004l\x1b[?7h\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"
_LOOK_S = 0.25  # how often the end of the terminal is looked for
_READ_BYTES = 4096  # at once; a paste comes in many pieces
_TICK_S = 0.1  # how often keys that may have something behind them are looked at, as Textual does


class TerminalDriver(LinuxDriver):
    """Textual's driver with an input thread that ends at end of file, and output where the terminal is."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        error, output = sys.__stderr__, sys.__stdout__
        if error is not None and output is not None and not error.isatty() and output.isatty():
            self._file = output  # `scantop 2>log` must not write the screen into the log

    def _get_terminal_size(self) -> tuple[int, int]:
        """The terminal's own size. A shell that exports COLUMNS and LINES fixes them at what they once were."""
        for fileno in (self.fileno, 1, 2):
            with contextlib.suppress(OSError, ValueError):
                columns, lines = os.get_terminal_size(fileno)
                if columns > 0 and lines > 0:
                    return columns, lines
        return super()._get_terminal_size()

    def _run_input_thread(self) -> None:
        """Read keys until the driver or the terminal ends. A terminal that is gone is no error of ours to show."""
        watcher = threading.Thread(target=self._watch_end, name="scantop-terminal-end", daemon=True)
        watcher.start()
        try:
            self.run_input_thread()
        except OSError:
            self._tell_end()
        except Exception as error:  # a bug in reading keys: as loud as any other
            self._app.call_later(self._app._handle_exception, error)

    def run_input_thread(self) -> None:
        """Textual's loop with two differences: no paste can press a key, and no byte that is not UTF-8 ends us."""
        parser, gate = XTermParser(self._debug), PasteGate(constants.ESCAPE_DELAY)
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(_TICK_S):
                    came = os.read(self.fileno, _READ_BYTES)
                    if not came:  # the other side is gone: who watches for that ends us
                        self.exit_event.wait(_LOOK_S)
                    self._take_in(parser, gate.feed(decode(came), time.monotonic()))
                for event in parser.tick():
                    self.process_message(event)
                self._take_in(parser, gate.tick(time.monotonic()))

    def _take_in(self, parser: XTermParser, pieces: Iterable[Piece]) -> None:
        for piece in self._told_apart(pieces):
            if isinstance(piece, Keys):
                for event in parser.feed(piece.text):
                    self.process_message(event)
            elif isinstance(piece, EscapeKey):
                self.process_message(events.Key("escape", "\x1b"))
            elif isinstance(piece, Pasted):
                self.process_message(events.Paste(piece.text.replace("\0", "")))
            else:
                on_stall = getattr(self._app, "paste_stalled", None)
                if on_stall is not None:
                    self._app.call_later(on_stall, piece.is_over)

    def _told_apart(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """Alt is a key only for a person who gave a command one with it."""
        keymap = getattr(self._app, "keymap", None)
        has_alt = keymap is not None and keymap.has_alt
        for piece in pieces:
            if isinstance(piece, Keys) and not has_alt:
                yield from without_alt(piece.text)
            else:
                yield piece

    def restore_now(self) -> None:
        """Give the terminal back where leaving in order hangs on it: what nobody read is dropped, nothing waits."""
        if self.attrs_before is None:
            return
        with contextlib.suppress(OSError, termios.error):
            termios.tcflush(self.fileno, termios.TCOFLUSH)
            termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
            is_blocking = os.get_blocking(self.fileno)  # the shell shares this setting: it is put back
            os.set_blocking(self.fileno, False)
            try:
                os.write(self.fileno, RESTORING)
            finally:
                os.set_blocking(self.fileno, is_blocking)

    def _watch_end(self) -> None:
        """Wait for the other side of the terminal to vanish (readable, and nothing to read for ever)."""
        while not self.exit_event.wait(_LOOK_S):
            if is_hung_up(self.fileno):
                self._tell_end()
                self.exit_event.set()
                return

    def _tell_end(self) -> None:
        on_end = getattr(self._app, "end_of_terminal", None)
        if on_end is not None:
            on_end()


class SettledSize(App[Any]):
    """An app that ends up with the terminal's true size however fast a window is dragged.

    Textual reads the size in a signal handler, and a second signal may come between reading and telling: then the older
    size is told last. And it waits 8 ms for more with a timer that may skip its one shot on a busy machine.
    """

    def on_resize(self, event: events.Resize) -> None:
        """Look again when the storm is over."""
        asyncio.get_running_loop().call_later(SETTLE_S, self._settle_size)

    def _settle_size(self) -> None:
        driver = self._driver
        if self._exit or self.is_headless or not isinstance(driver, TerminalDriver):
            return
        if self._resize_event is not None:
            self._check_resize()
        size = Size(*driver._get_terminal_size())
        if size != self._size:
            self.post_message(events.Resize(size, size))


def is_hung_up(fileno: int) -> bool:
    """True once the other side of a terminal or pipe is gone; reads nothing."""

    poll = select.poll()
    try:
        poll.register(fileno, select.POLLIN)
        found = poll.poll(0)
    except (OSError, ValueError):
        return True
    return any(mask & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, mask in found)


def has_terminal() -> bool:
    """True where a screen can be shown: keys come from a terminal and there is one to draw on."""
    streams = (sys.__stdin__, sys.__stdout__, sys.__stderr__)
    source, output, error = streams
    can_draw = (output is not None and output.isatty()) or (error is not None and error.isatty())
    return source is not None and source.isatty() and can_draw


def arm_last_resort(code: int, restore: Callable[[], None] | None = None, delay_s: float = LAST_RESORT_S) -> None:
    """End the process after `delay_s` seconds whatever hangs, the terminal restored.

    Nothing is lost: the history is written as it is seen.
    """

    def end() -> None:
        try:
            if restore is not None:
                restore()
        finally:
            os._exit(code)

    timer = threading.Timer(delay_s, end)
    timer.daemon = True
    timer.start()


def abandon_terminal() -> None:
    """Let what is still written to a terminal that is gone fall away, so that leaving meets no errors."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for fileno in (1, 2):
        os.dup2(nowhere, fileno)
    os.close(nowhere)


def on_signals(
    loop: asyncio.AbstractEventLoop, leave: Callable[[int], None], restore: Callable[[], None] | None = None
) -> Callable[[], None]:
    """Call `leave(exit code)` on SIGTERM and SIGHUP; returns the function that undoes it.

    A SIGHUP that is ignored already (nohup) stays ignored: end of file tells then. The event loop itself may hang in a
    write to a terminal that nobody reads, so the last resort is armed before the loop is told.
    """
    before: dict[signal.Signals, Any] = {}

    def taken(number: int, frame: object) -> None:
        code = 128 + number
        arm_last_resort(code, restore)
        with contextlib.suppress(RuntimeError):  # the loop is closed: we are leaving already
            loop.call_soon_threadsafe(leave, code)

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, taken)

    def undo() -> None:
        for number, previous in before.items():
            signal.signal(number, signal.SIG_DFL if previous is None else previous)

    return undo
