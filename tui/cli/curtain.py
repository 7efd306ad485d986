"""The first picture of the monitor, drawn before the screen's library is loaded: header, empty middle, footer.

Loading that library and laying out takes half a second on a slow host; nobody should look at a dead prompt meanwhile.
Plain escape sequences in the theme's own colours, so that the real first frame only fills it in. Knows no widget; once
the app draws, the terminal is the app's.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn, TextIO

if TYPE_CHECKING:
    from tui.settings import Settings

MONO = "scantop-mono"
ENTER, LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[0m\x1b[?25h\x1b[?1049l"
TRUE_COLOUR = ("truecolor", "24bit")  # values of COLORTERM, as other programs read it
CUBE = (0, 95, 135, 175, 215, 255)  # the levels of the 256-colour cube (xterm)
GREY_FIRST, GREY_STEP, GREYS = 8, 10, 24  # of the grey ramp behind it


class Curtain:
    """One first picture. It is up from `draw` until the app draws over it, or `lift`."""

    def __init__(self, settings: Settings, theme: str, environ: Mapping[str, str]) -> None:
        self._names = [server.name for server in settings.servers]
        self._theme = MONO if "NO_COLOR" in environ else theme
        self._is_true_colour = environ.get("COLORTERM", "").lower() in TRUE_COLOUR
        self._file = _terminal()

    def draw(self) -> None:
        """Draw it. A terminal that is gone, or tells no size, gets none."""
        with suppress(OSError, ValueError):
            columns, lines = os.get_terminal_size(self._file.fileno())
            if columns > 0 and lines > 2:
                if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
                    signal.signal(signal.SIGTERM, _leave)  # the default would leave the picture standing
                self._file.write(picture(self._names, self._colours(), columns, lines))
                self._file.flush()

    def lift(self) -> None:
        """Give the terminal back, where the app will not: something went wrong before it drew."""
        with suppress(OSError, ValueError):
            self._file.write(LEAVE)
            self._file.flush()

    def _colours(self) -> tuple[str, str]:
        """What selects the colours of the screen and of its bars; "" for the terminal's own."""
        from tui.locations import theme_text

        try:
            theme = tomllib.loads(theme_text(self._theme))
        except (OSError, ValueError):
            return "", ""
        tables = [theme.get(name) for name in ("base", "bar")]
        return tuple(selecting(table if isinstance(table, dict) else {}, self._is_true_colour) for table in tables)  # type: ignore[return-value]


def picture(names: list[str], colours: tuple[str, str], columns: int, lines: int) -> str:
    """The sequences that draw it: `colours` of the screen and of the bars, a size in cells (three lines at least)."""
    screen, bar = colours
    header = "   ".join([" scantop", *names])[: columns - 1]
    header = "".join(letter if letter.isprintable() else "?" for letter in header)
    rows = ["", "", "  Starting ..."[:columns], *([""] * lines)][1 : lines - 1]
    middle = "".join(f"\r\n{row}\x1b[K" for row in rows)  # line by line: not every terminal clears in a colour
    return f"{ENTER}\x1b[0m\x1b[2J\x1b[H{bar}{header}\x1b[K\x1b[0m{screen}{middle}\r\n\x1b[0m{bar}\x1b[K\x1b[0m\x1b[H"


def selecting(table: Mapping[str, object], is_true_colour: bool) -> str:
    """The sequence that selects a theme table's foreground and background; "" unless both are of the form #rrggbb."""
    found = [str(table.get(name)) for name in ("foreground", "background")]
    if not all(len(one) == 7 and one.startswith("#") for one in found):
        return ""
    try:
        levels = [[int(one[at : at + 2], 16) for at in (1, 3, 5)] for one in found]
    except ValueError:
        return ""
    codes = []
    for layer, (red, green, blue) in zip((38, 48), levels, strict=True):
        codes.append(f"{layer};2;{red};{green};{blue}" if is_true_colour else f"{layer};5;{nearest(red, green, blue)}")
    return f"\x1b[{';'.join(codes)}m"


def nearest(red: int, green: int, blue: int) -> int:
    """The number of the nearest of the 256 colours, levels 0 to 255."""
    cube = [min(range(6), key=lambda step, level=level: abs(CUBE[step] - level)) for level in (red, green, blue)]  # type: ignore[misc]
    step = min(max(round(((red + green + blue) / 3 - GREY_FIRST) / GREY_STEP), 0), GREYS - 1)
    grey = GREY_FIRST + step * GREY_STEP
    far_cube = sum((CUBE[at] - level) ** 2 for at, level in zip(cube, (red, green, blue), strict=True))
    far_grey = sum((grey - level) ** 2 for level in (red, green, blue))
    return 232 + step if far_grey < far_cube else 16 + 36 * cube[0] + 6 * cube[1] + cube[2]


def theme_of(settings: Settings, folder: Path) -> str:
    """The theme that the app will choose, by the preferences in `folder`; these are read here only, never put right."""
    from tui.preferences import FILE_BYTES, FILE_NAME

    with suppress(OSError, ValueError, RecursionError), (folder / FILE_NAME).open("rb") as file:
        kept = json.loads(file.read(FILE_BYTES))
        if isinstance(kept, dict) and kept.get("theme") and kept.get("theme_over") == settings.ui.theme:
            return str(kept["theme"])
    return settings.ui.theme


def _terminal() -> TextIO:
    """Where the app will draw: standard error, unless only standard output is the terminal."""
    error, output = sys.__stderr__, sys.__stdout__
    found = error if error is not None and error.isatty() else output
    return found if found is not None else sys.stdout


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
