"""The first screen: no configuration yet, so what now? Demo, import, or a commented config. Returns the choice.

An app of its own, small: it polls nothing and writes nothing but through the function that it is given.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.theme import Theme
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.app.line import Line, Piece, wrapped
from tui.app.signs import Signs, from_environment
from tui.app.terminal import HANGUP_CODE, SettledSize, TerminalDriver, arm_last_resort, on_signals
from tui.app.themed import Themed
from tui.app.theming import DEFAULT_THEME, MONO_THEME, Tones, load_themes
from tui.app.widgets.cell_line import CellLine
from tui.app.widgets.line_view import LineView
from tui.present.safe import clean

SHORT_LINES = 14  # lines of a terminal; below that each offer takes one


class FirstChoice(StrEnum):
    """What the person wants. WRITTEN: a config was written, and there is nothing more to do here."""

    DEMO = "demo"
    IMPORT = "import"
    WRITTEN = "written"
    QUIT = "quit"


class FirstScreenApp(SettledSize, Themed, App[FirstChoice], inherit_bindings=False):
    """Three offers and what each would do. `write_config` writes the file; it raises OSError with a sentence."""

    CSS_PATH = "styles/scantop.tcss"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    TITLE = "scantop"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,escape", "leave", "Quit", show=False),
        Binding("ctrl+c", "leave", "Quit", show=False, priority=True),
        Binding("j", "down", "Down", show=False),
        Binding("k", "up", "Up", show=False),
    ]

    def __init__(
        self,
        config_path: Path,
        write_config: Callable[[], None],
        *,
        has_import: bool = False,
        has_color: bool = True,
        signs: Signs | None = None,
        themes: dict[str, Theme] | None = None,
    ) -> None:
        super().__init__(driver_class=TerminalDriver)
        self.config_path = config_path
        self._write_config = write_config
        self._has_import = has_import
        self.signs = signs or from_environment(None)
        self.tones = Tones({})
        self.animation_level = "none"
        self.end_code = 0
        self._is_written = False
        self._said: Line = ()
        self._undo_signals: Callable[[], None] | None = None
        self.use_themes(load_themes() if themes is None else themes, DEFAULT_THEME if has_color else MONO_THEME)

    async def give(self, command_id: str) -> None:
        """No commands here."""

    def compose(self) -> ComposeResult:
        """Words, offers, keys."""
        yield CellLine(classes="pane-title -active")
        words = LineView(id="first-words")
        words.can_focus = False
        yield words
        later = "" if self._has_import else "   (comes later)"
        offers = (
            ("1", "Look around in the demo", "a simulator of all three servers on this machine; nothing else is asked"),
            ("2", f"Import from the JFrog CLI{later}", "takes over the servers that `jf config` knows"),
            ("3", "Write a commented config", "to fill in; only you can read it"),
        )
        yield OptionList(
            *(
                Option(
                    Content.assemble((f" {key}  ", "bold"), title, ("" if self._is_short else f"\n    {about}", "dim"))
                )
                for key, title, about in offers
            )
        )
        yield CellLine(id="footer")

    @property
    def _is_short(self) -> bool:
        """Too few lines for every word: the offers go first."""
        return self.size.height < SHORT_LINES

    def on_mount(self) -> None:
        """Draw once."""
        if not self.is_headless:
            self._undo_signals = on_signals(asyncio.get_running_loop(), self.end)
        self.query_one(".pane-title", CellLine).show(lambda width: (Piece("scantop  first start", "strong"),))
        keys = (Piece(" Enter ", "key"), Piece("choose  "), Piece("q ", "key"), Piece("quit"))
        self.query_one("#footer", CellLine).show(lambda width: keys)
        self.query_one(OptionList).focus()
        self._draw()

    def on_unmount(self) -> None:
        """Give the signals back."""
        if self._undo_signals is not None:
            self._undo_signals()

    def _draw(self) -> None:
        self.query_one("#first-words", LineView).show(self._words)

    def _words(self, width: int) -> list[Line]:
        if self._said:
            return [(Piece(text, self._said[0].tone),) for text in wrapped(self._said[0].text, width)]
        path = clean(str(self.config_path), 2_000)
        text = f"There is no configuration yet: no file {path}, and no JF_URL, THREADFIX_URL or CODEINSIGHT_URL."
        if self._is_short:
            text = f"No configuration yet: {path}"
        return [(Piece(line),) for line in wrapped(text, width)]

    def _say(self, text: str, tone: str = "") -> None:
        self._said = (Piece(clean(text, 2_000), tone),)
        self._draw()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        (self._demo, self._import, self._write)[event.option_index]()

    def on_key(self, event: events.Key) -> None:
        """The digits choose at once."""
        act = {"1": self._demo, "2": self._import, "3": self._write}.get(event.key)
        if act is not None:
            event.stop()
            act()

    def _demo(self) -> None:
        self.exit(FirstChoice.DEMO)

    def _import(self) -> None:
        if self._has_import:
            self.exit(FirstChoice.IMPORT)
        else:
            self._say("The import from the JFrog CLI comes later. A written config shows how to refer to it.", "warn")

    def _write(self) -> None:
        try:
            self._write_config()
        except FileExistsError:
            self._say(f"{self.config_path} is there already and was left as it is. q leaves.", "warn")
        except OSError as error:
            self._say(f"{self.config_path} cannot be written: {error.strerror or error}.", "bad")
        else:
            self._is_written = True
            self._say(f"Wrote {self.config_path}. Fill in your servers, then start scantop again. q leaves.", "done")

    def action_leave(self) -> None:
        """Done here."""
        self.exit(FirstChoice.WRITTEN if self._is_written else FirstChoice.QUIT)

    def action_down(self) -> None:
        """The next offer."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """The offer before."""
        self.query_one(OptionList).action_cursor_up()

    def end(self, code: int) -> None:
        """A signal ends us."""
        self.end_code = code
        if code == HANGUP_CODE:
            arm_last_resort(code)
        self.exit(FirstChoice.QUIT)

    def end_of_terminal(self) -> None:
        """The terminal is gone."""
        arm_last_resort(HANGUP_CODE)
        self.call_later(self.end, HANGUP_CODE)


def run_first_screen(
    config_path: Path, write_config: Callable[[], None], *, has_import: bool = False
) -> tuple[FirstChoice, int]:
    """Show the first screen; the choice, and the exit code where a signal ended it (else 0)."""
    app = FirstScreenApp(config_path, write_config, has_import=has_import, has_color="NO_COLOR" not in os.environ)
    choice = app.run()
    return choice or FirstChoice.QUIT, app.end_code or (app.return_code or 0)
