"""The first picture fills the screen in the theme's colours, and gives the terminal back as it took it."""

from __future__ import annotations

import json
from pathlib import Path

import pyte
import pytest

from tui.cli.curtain import LEAVE, nearest, picture, selecting, theme_of
from tui.settings import Settings, UiSettings

DARK = {"foreground": "#dadada", "background": "#121212"}
BAR = {"foreground": "#dadada", "background": "#1c1c1c"}


@pytest.mark.parametrize(("columns", "lines"), [(120, 40), (80, 24), (10, 3)])
def test_it_fills_the_screen_without_scrolling_it(columns: int, lines: int) -> None:
    screen = pyte.Screen(columns, lines)
    colours = (selecting(DARK, True), selecting(BAR, True))
    pyte.Stream(screen).feed(picture(["prod", "sca\x1b[31m"], colours, columns, lines))
    assert screen.display[0].rstrip() == " scantop   prod   sca?[31m"[: columns - 1].rstrip()
    backgrounds = [screen.buffer[line][columns - 1].bg for line in range(lines)]
    assert backgrounds == ["1c1c1c", *["121212"] * (lines - 2), "1c1c1c"]
    assert ("Starting" in screen.display[2]) == (lines > 3)


def test_the_terminal_is_given_back_in_the_order_of_taking() -> None:
    assert picture([], ("", ""), 80, 24).startswith("\x1b[?1049h\x1b[?25l")
    assert LEAVE.endswith("\x1b[?25h\x1b[?1049l")


def test_colours_of_the_terminal_itself_select_nothing() -> None:
    assert selecting({"foreground": "ansi_default", "background": "ansi_default"}, True) == ""
    assert selecting({"foreground": "#zzzzzz", "background": "#121212"}, True) == ""
    assert selecting(DARK, False) == "\x1b[38;5;253;48;5;233m"


def test_the_nearest_colour_is_itself_where_there_is_one() -> None:
    assert [nearest(*levels) for levels in ((95, 215, 255), (18, 18, 18), (255, 255, 255), (0, 0, 0))] == [
        *(81, 233, 231, 16)
    ]


@pytest.mark.parametrize(
    ("kept", "wanted"),
    [
        (json.dumps({"theme": "scantop-light", "theme_over": "scantop-dark"}), "scantop-light"),
        (json.dumps({"theme": "scantop-light", "theme_over": "scantop-mono"}), "scantop-dark"),
        ("{damaged", "scantop-dark"),
        ("[]", "scantop-dark"),
    ],
)
def test_the_theme_is_the_one_that_the_app_will_choose(kept: str, wanted: str, tmp_path: Path) -> None:
    file = tmp_path / "preferences.json"
    file.write_text(kept)
    assert theme_of(Settings(servers=(), ui=UiSettings(theme="scantop-dark")), tmp_path) == wanted
    assert file.read_text() == kept
