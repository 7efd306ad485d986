"""An app that writes to the terminal only the cells that differ from what the terminal shows.

Textual repaints whole regions and keeps no picture of the terminal. `LeanApp` keeps one (`shadow`) and turns Textual's
updates into differences, for every widget at once. It rests on internals of Textual; where they are not as expected,
or with ``SCANTOP_LEAN=0``, it writes as Textual does, and `lean_reason` says why. The wall against control characters
stands either way.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from inspect import signature
from typing import TYPE_CHECKING, Any, ClassVar

from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App, ReturnType
from textual.filter import LineFilter
from textual.geometry import Region
from textual.strip import Strip

from tui.app.shadow import Shadow
from tui.app.wall import Wall

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.screen import Screen

SWITCH = "SCANTOP_LEAN"
SYNC_LEAST = 200  # characters; a shorter write arrives whole anyway, and the marks around it cost 16
BEHIND_WRITES = 4  # writes that wait for a slow terminal before frames are left out; Textual blocks at 30
BEHIND_LOOK_S = 0.1  # between two looks whether a slow terminal has caught up; it is only looked while it has not


class LeanApp(App[ReturnType]):
    """Derive from it instead of `App`. `IS_LEAN` False switches it off for a class or an app."""

    IS_LEAN: ClassVar[bool] = True

    _wall = Wall()
    _shadow: Shadow | None = None
    _lean_reason: str | None = None
    _is_behind = False
    _lean_writer: object = None
    _lean_caret: tuple[int, int] | None = None

    @property
    def lean_reason(self) -> str:
        """Why Textual's own way of writing is used; "" while ours is."""
        if self._lean_reason is None:
            self._lean_reason = "" if self.IS_LEAN else "switched off in the code"
            if os.environ.get(SWITCH) == "0":
                self._lean_reason = f"switched off by {SWITCH}=0"
            if not self._lean_reason:
                self._lean_reason = unexpected_internals(self)
        return self._lean_reason

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own filters, and the wall last."""
        return [*super().get_line_filters(), self._wall]

    def repaint_all(self) -> None:
        """Forget what the terminal shows and write everything anew: after anything else has written to it."""
        self._shadow = None
        if self._has_screen:
            self.screen.refresh()

    @property
    def _has_screen(self) -> bool:
        return bool(self._running and self._screen_stack)

    def on_mount(self) -> None:
        """After ctrl+z and back, the terminal is empty."""
        self.app_resume_signal.subscribe(self, lambda _: self.repaint_all())

    def on_resize(self, event: events.Resize) -> None:
        """What a terminal shows after it was resized is its own affair, also when the size is the old one again."""
        if self._shadow is not None:
            self.repaint_all()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Textual's one way out for what screens show."""
        if not isinstance(renderable, CompositorUpdate):
            if renderable is not None:
                self._shadow = None
            super()._display(screen, renderable)
            return
        if self._is_plain(renderable):
            super()._display(screen, renderable)
            return
        try:
            if not self._batch_count:
                self._write_lean(renderable)
        except Exception as error:  # whatever Textual's internals turned into: the screen must go on
            self._lean_reason = f"{type(error).__name__}: {error}"
            self.log.error("lean writing ended", self._lean_reason)
            super()._display(screen, renderable)
            self.repaint_all()
        else:
            self.post_display_hook()

    def _is_plain(self, renderable: CompositorUpdate) -> bool:
        """Textual's own way: off, not on a terminal, inline, or an update of a kind that is not known."""
        driver = self._driver
        is_plain = (
            bool(self.lean_reason)
            or not isinstance(renderable, (LayoutUpdate, ChopsUpdate))
            or self.is_headless
            or driver is None
            or driver.is_inline
            or not self._running
            or self._closed
        )
        if is_plain:
            self._shadow = None
        return is_plain

    def _write_lean(self, renderable: CompositorUpdate) -> None:
        driver = self._driver
        assert driver is not None  # noqa: S101 - `_is_plain` has asked
        if self._is_terminal_behind():
            return
        width, height = self.size
        writer = getattr(driver, "_writer_thread", None)
        shadow = self._shadow
        if shadow is None or (shadow.width, shadow.height) != (width, height) or writer is not self._lean_writer:
            # A new writer means that the terminal was given away and taken back.
            shadow = self._shadow = Shadow(width, height, self.console._color_system or ColorSystem.TRUECOLOR)
            self._lean_writer, self._lean_caret = writer, None
            if not isinstance(renderable, LayoutUpdate):
                self.screen.refresh()
        for y, x, strip in pieces(renderable):
            shadow.draw(y, x, strip)
        written = shadow.take()
        written += self._caret(bool(written))
        if not written:
            return
        if self._sync_available and len(written) > SYNC_LEAST:
            written = SYNC_START + written + SYNC_END
        driver.write(written)
        driver.flush()

    def _caret(self, is_elsewhere: bool) -> str:
        """Puts the terminal's (hidden) cursor where an input's caret is: input methods draw beside it."""
        position = self.screen.outer_size.clamp_offset(self.cursor_position)
        caret = (position.x, position.y) if any(position) else None
        if caret is None or (caret == self._lean_caret and not is_elsewhere):
            return ""
        self._lean_caret = caret
        return f"\x1b[{caret[1] + 1};{caret[0] + 1}H"

    def _is_terminal_behind(self) -> bool:
        """A slow terminal has not taken what was written: leave this frame out, and write the newest state later."""
        queue = getattr(getattr(self._driver, "_writer_thread", None), "_queue", None)
        is_behind = queue is not None and queue.qsize() >= BEHIND_WRITES
        if is_behind and not self._is_behind:
            self._is_behind = True
            self.set_timer(BEHIND_LOOK_S, self._look_again)
        return is_behind

    def _look_again(self) -> None:
        self._is_behind = False
        if not self._is_terminal_behind() and self._has_screen:
            self.screen.refresh()


def pieces(update: CompositorUpdate) -> Iterator[tuple[int, int, Strip]]:
    """What an update puts where: (line, first cell, strip).

    Of a partial update, only pieces that touch its spans: the others may be those of a widget that something covers.
    """
    if isinstance(update, LayoutUpdate):
        for y, strips in enumerate(update.strips, update.region.y):
            x = update.region.x
            for strip in strips:
                if strip is not None:
                    yield y, x, strip
                    x += strip.cell_length
    elif isinstance(update, ChopsUpdate):
        for y, first, end in update.spans:
            for stop, (x, piece) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if piece is not None and x < end and stop > first:
                    yield y, x, piece


def unexpected_internals(app: App[Any]) -> str:
    """What of Textual is not as this module needs it, "" if all is: a trial of each kind of update."""
    try:
        if list(signature(App._display).parameters) != ["self", "screen", "renderable"]:
            return "App._display takes other arguments"
        for name in ("_batch_count", "_closed", "_driver", "_running", "_sync_available"):
            if not hasattr(app, name):
                return f"App lacks {name}"
        if not hasattr(App, "_screen_stack"):
            return "App lacks _screen_stack"
        strip = Strip([Segment("ab", Style(bold=True)), Segment("c")])
        whole = LayoutUpdate([[strip]], Region(1, 2, 3, 1))
        part = ChopsUpdate([{}, {0: None, 1: strip}], [(1, 1, 4)], [[], [1, 4]])
        if list(pieces(whole)) != [(2, 1, strip)] or list(pieces(part)) != [(1, 1, strip)]:
            return "the compositor's updates are built in another way"
        shadow = Shadow(4, 3, ColorSystem.TRUECOLOR)
        shadow.draw(2, 1, strip)
        if shadow.take() != "\x1b[3;2H\x1b[1mab\x1b[0mc":
            return "strips are built in another way"
    except Exception as error:  # anything may be missing in another release
        return f"{type(error).__name__}: {error}"
    return ""
