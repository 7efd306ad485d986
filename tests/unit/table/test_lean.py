"""Lean writing: the terminal shows exactly what Textual's own way of writing would show, for fewer bytes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random
from types import SimpleNamespace
from typing import ClassVar

import pytest
from recording import RecordingDriver, Terminal
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from table_samples import BY_VALUE, CONTEXT, entry, key_of
from textual._compositor import ChopsUpdate
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.pilot import Pilot
from textual.screen import ModalScreen, Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input, Static

from tui.app import lean
from tui.app.lean import LeanApp
from tui.app.shadow import Shadow
from tui.app.widgets.record_table import RecordTable
from tui.domain.state import State

pytestmark = pytest.mark.anyio

NAMES = ["plain", "漢字漢字漢字漢字", "e\u0301a\u0308 marks", "漢a字b", "", "  two  blanks  ", "x" * 90, "한글 ok"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Popup(ModalScreen[None]):
    DEFAULT_CSS = "Popup { align: center middle; background: $background 40%; } Popup Static { width: 20; height: 3; }"

    def compose(self) -> ComposeResult:
        yield Static("漢字 in a popup")


class Other(Screen[None]):
    def compose(self) -> ComposeResult:
        yield Static("another screen\n\n   with [b]bold[/b] and [u]underlined[/u] words")


class Drawn(LeanApp[None]):
    ENABLE_COMMAND_PALETTE = False
    CSS = "#words { height: 3; width: 1fr; } #box { height: 4; border: round $primary; } Input { height: 3; }"

    def __init__(self) -> None:
        super().__init__(driver_class=RecordingDriver)
        self.animation_level = "none"
        self.table = RecordTable(BY_VALUE, context=CONTEXT, hold_s=None)

    def compose(self) -> ComposeResult:
        yield Static(id="words")
        with Horizontal(id="box"):
            yield Static("left", id="left")
            yield Static("right", id="right")
        yield self.table
        caret = Input()
        caret.cursor_blink = False
        yield caret


class Plain(Drawn):
    IS_LEAN: ClassVar[bool] = False


class Play:
    """An app on a terminal in memory."""

    def __init__(self, app: Drawn, pilot: Pilot[None], size: tuple[int, int]) -> None:
        self.app, self.pilot = app, pilot
        self.terminal = Terminal(*size)
        self.taken = ""

    @property
    def driver(self) -> RecordingDriver:
        assert isinstance(self.app._driver, RecordingDriver)
        return self.app._driver

    async def settle(self) -> str:
        """Let the app draw; the text that it wrote."""
        quiet = 0
        while quiet < 3:  # rounds: a new screen is mounted, styled and laid out in steps
            count = len(self.driver.written)
            await self.pilot.pause()
            self.app.screen._on_timer_update()
            quiet = quiet + 1 if len(self.driver.written) == count else 0
        self.taken = "".join(self.driver.written)
        self.driver.written.clear()
        self.terminal.feed(self.taken)
        return self.taken

    async def resize(self, width: int, height: int) -> None:
        if self.app.size != (width, height) or self.app.IS_LEAN:  # Textual itself does nothing at the same size
            self.terminal.scramble(width, height)
        self.driver.resize(width, height)
        await self.pilot.pause()


@asynccontextmanager
async def playing(kind: type[Drawn], size: tuple[int, int] = (60, 20)) -> AsyncIterator[Play]:
    app = kind()
    async with app.run_test(headless=False, size=size) as pilot:
        play = Play(app, pilot, size)
        app.table.apply([entry(n, n, name=NAMES[n % len(NAMES)]) for n in range(30)])
        await play.settle()
        yield play


Act = Callable[[Play], object]


def acts(random: Random) -> tuple[str, Act]:
    """One random thing that may happen; the same for every app that it is given to."""
    choice = random.randrange(12)
    number, other, name = random.randrange(40), random.randrange(40), random.choice(NAMES)
    state = random.choice(list(State))
    size = random.choice([(60, 20), (80, 24), (41, 10), (60, 20)])
    theme = random.choice(["textual-dark", "textual-light", "nord", "ansi-dark", "gruvbox"])
    key = random.choice(["j", "k", "pagedown", "G", "g", "space", "tab", "x", "backspace", "left"])
    words = random.choice(
        ["", "[b]bold[/b] 漢字 [red on blue]red[/]", "[link='https://x.y/z']link[/link] [i]i[/i] [s]s[/s]"]
    )
    if choice < 4:
        return f"row {number}", lambda play: play.app.table.apply(
            [entry(number, other, name=name, state=state)], [key_of(other)]
        )
    if choice < 6:
        return f"key {key}", lambda play: play.pilot.press(key)
    if choice == 6:
        return f"words {words}", lambda play: play.app.query_one("#words", Static).update(words)
    if choice == 7:
        return f"size {size}", lambda play: play.resize(*size)
    if choice == 8:
        return f"theme {theme}", lambda play: setattr(play.app, "theme", theme)
    if choice == 9:
        return "release", lambda play: play.app.table.release()
    if choice == 10:

        def hide(play: Play) -> None:
            box = play.app.query_one("#box", Widget)
            box.display = not box.display

        return "hide", hide

    def change_screen(play: Play) -> object:
        if len(play.app.screen_stack) > 1:
            return play.app.pop_screen()
        return play.app.push_screen(Popup() if number % 2 else Other())

    return "screen", change_screen


async def story(kind: type[Drawn], seed: int) -> tuple[list[tuple[str, list[object]]], int]:
    """What stands on the terminal after each of a row of random acts, and how much was written for them."""
    random = Random(seed)
    seen: list[tuple[str, list[object]]] = []
    written = 0
    async with playing(kind) as play:
        assert bool(play.app.lean_reason) == (kind is Plain)
        for _ in range(40):
            name, act = acts(random)
            if len(play.app.screen_stack) > 1 and not name.startswith(("screen", "size", "theme")):
                continue
            result = act(play)
            if hasattr(result, "__await__"):
                await result
            written += len(await play.settle())
            seen.append((name, [*play.terminal.cells()]))
    return seen, written


@pytest.mark.parametrize("seed", range(4))
async def test_the_screen_is_the_plain_one_cell_by_cell(seed: int) -> None:
    lean_seen, lean_written = await story(Drawn, seed)
    plain_seen, plain_written = await story(Plain, seed)
    assert [name for name, _ in lean_seen] == [name for name, _ in plain_seen]
    for (name, shown), (_, expected) in zip(lean_seen, plain_seen, strict=True):
        assert shown == expected, name
    assert lean_written < plain_written / 2


async def test_nothing_changed_writes_nothing() -> None:
    async with playing(Drawn) as play:
        play.app.screen.refresh()
        assert await play.settle() == ""
        play.app.table.refresh(layout=True)
        play.app.refresh_css()
        assert await play.settle() == ""


async def test_what_another_program_left_is_written_over_after_a_suspension() -> None:
    async with playing(Drawn) as play:
        before = play.terminal.cells()
        play.terminal.scramble(60, 20)
        play.app._resume_signal()
        await play.settle()
        assert play.terminal.cells() == before


async def test_a_resize_to_the_same_size_writes_everything_anew() -> None:
    async with playing(Drawn) as play:
        before = play.terminal.cells()
        await play.resize(60, 20)
        await play.settle()
        assert play.terminal.cells() == before


async def test_a_new_writer_means_a_new_terminal() -> None:
    async with playing(Drawn) as play:
        before = play.terminal.cells()
        play.terminal.scramble(60, 20)
        play.driver._writer_thread = object()  # type: ignore[attr-defined]
        play.app.table.refresh()
        await play.settle()
        assert play.terminal.cells() == before


async def test_links_are_written_and_end() -> None:
    async with playing(Drawn) as play:
        play.app.query_one("#words", Static).update("[link='https://x.y/z']there[/link] and on")
        written = await play.settle()
        assert ";https://x.y/z\x1b\\" in written
        assert written.index("there") < written.index("\x1b]8;;\x1b\\") < written.index("and")


async def test_control_characters_do_not_pass_the_second_wall() -> None:
    for kind in (Drawn, Plain):
        async with playing(kind) as play:
            hostile = Strip([Segment("a\x1b]52;c;aGk=\x07b\x9dc\u202ed\u2028e\x7ff\ud800g", Style(bold=True))])

            class Careless(Widget):
                def render_line(self, y: int, strip: Strip = hostile) -> Strip:
                    return strip

            await play.app.mount(Careless())
            written = await play.settle()
            assert "a]52;c;aGk=b" in written
            assert not any(
                sign in written for sign in ("\x1b]52", "\x07", "\x9d", "\u202e", "\u2028", "\x7f", "\ud800")
            )


async def test_the_switch_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCANTOP_LEAN", "0")
    async with playing(Drawn) as play:
        assert play.app.lean_reason == "switched off by SCANTOP_LEAN=0"
        assert "plain" in "".join(cell[0] for line in play.terminal.cells() for cell in line)  # type: ignore[misc]


async def test_other_internals_mean_the_plain_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lean, "pieces", lambda update: iter(()))
    async with playing(Drawn) as play:
        assert play.app.lean_reason == "the compositor's updates are built in another way"
        assert "plain" in "".join(cell[0] for line in play.terminal.cells() for cell in line)  # type: ignore[misc]


async def test_a_failure_while_writing_falls_back_and_repaints(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing(Plain) as other:
        other.app.table.apply([entry(3, -5, name="changed")])
        await other.settle()
        expected = other.terminal.cells()
    async with playing(Drawn) as play:
        monkeypatch.setattr(Shadow, "draw", lambda *_: {}["gone"])
        play.app.table.apply([entry(3, -5, name="changed")])
        await play.settle()
        assert play.app.lean_reason == "KeyError: 'gone'"
        assert play.terminal.cells() == expected


async def test_a_slow_terminal_gets_fewer_frames_and_the_newest_state() -> None:
    async with playing(Drawn) as play:
        waiting = [9]
        play.driver._writer_thread = SimpleNamespace(_queue=SimpleNamespace(qsize=lambda: waiting[0]))  # type: ignore[attr-defined]
        for n in range(20):
            play.app.table.apply([entry(0, -1, name=f"at last {n}")])
            assert await play.settle() == ""
        waiting[0] = 0
        caught_up = asyncio.Event()
        look = play.app._look_again

        def looked() -> None:
            look()
            caught_up.set()

        play.app._look_again = looked  # type: ignore[method-assign]
        play.app._is_behind = False
        waiting[0] = 9
        play.app.table.apply([entry(0, -1, name="at last 99")])
        assert await play.settle() == ""
        waiting[0] = 0
        await asyncio.wait_for(caught_up.wait(), 10)
        await play.settle()
        assert "at last 99" in "".join(str(cell[0]) for line in play.terminal.cells() for cell in line)


async def test_headless_apps_write_nothing_and_live() -> None:
    app = Drawn()
    async with app.run_test(size=(60, 20)) as pilot:
        app.table.apply([entry(1)])
        await pilot.pause()
        assert app._shadow is None


def test_wide_characters_are_never_cut_in_half() -> None:
    shadow = Shadow(4, 1, ColorSystem.TRUECOLOR)
    terminal = Terminal(4, 1)
    for text, expected in (
        ("漢字", "漢字"),
        ("a漢b", "a漢b"),
        ("漢ab", "漢ab"),
        ("abc字", "abc "),
        ("e\u0301漢x", "é漢x"),
    ):
        shadow.draw(0, 0, Strip([Segment(text)]))
        terminal.feed(shadow.take())
        assert terminal.screen.display[0] == expected


def test_a_wide_character_whose_half_was_overwritten_is_written_whole_again() -> None:
    shadow = Shadow(4, 1, ColorSystem.TRUECOLOR)
    wide = Strip([Segment("漢")])
    for x, strip in ((0, wide), (1, Strip([Segment("z")]))):
        shadow.draw(0, x, strip)
        shadow.take()
    shadow.draw(0, 0, wide)
    assert shadow.take() == "\x1b[1;1H漢"


def test_of_a_partial_update_only_what_its_spans_touch_counts() -> None:
    left, middle, right = (Strip([Segment(text)]) for text in ("left", "mid", "covered"))
    update = ChopsUpdate([{0: left, 4: middle, 7: right}], [(0, 4, 7)], [[4, 7, 14]])
    assert list(lean.pieces(update)) == [(0, 4, middle)]


def test_a_short_gap_is_rewritten_and_a_long_one_jumped() -> None:
    shadow = Shadow(40, 1, ColorSystem.TRUECOLOR)
    shadow.draw(0, 0, Strip([Segment("a" * 40)]))
    shadow.take()
    shadow.draw(0, 0, Strip([Segment("baab" + "a" * 35 + "b")]))
    assert shadow.take() == "\x1b[1;1Hbaab\x1b[40Gb"
