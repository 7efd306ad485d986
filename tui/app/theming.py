"""Themes: finding the TOML files, reading them into Textual themes, and the style of each tone.

A theme file has `name`, `dark`, `ansi` (colours are the terminal's own), `[base]` with Textual's base colours, and
tables of our own whose entries become variables ``$TABLE-KEY``: `[state]` one colour a state, `[tone]` dim, accent,
warn and bad, `[style]` text styles by tone, `[cursor]`, `[title]` and others. What a file leaves out is derived from
its base, so a variable is never missing (the app would not start). Knows no widget.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from rich.style import Style
from textual.color import Color, ColorParseError
from textual.theme import Theme

from tui.domain.state import State

DEFAULT_THEME = "scantop-dark"
MONO_THEME = "scantop-mono"
# Textual's words
_BASE = (
    *("primary", "secondary", "warning", "error", "success", "accent"),
    *("foreground", "background", "surface", "panel", "boost"),
)
TONES = (*(state.value for state in State), "dim", "accent", "warn", "bad")
# Used where no theme file is found at all; 256-colour-safe greys and the plainest hues.
_FALLBACK = Theme(
    DEFAULT_THEME,
    primary="#5fafd7",
    secondary="#87afaf",
    warning="#d7af5f",
    error="#ff8787",
    success="#87d787",
    accent="#5fafd7",
    foreground="#d0d0d0",
    background="#121212",
    surface="#1c1c1c",
    panel="#262626",
    dark=True,
)
_STATE_FROM: Mapping[str, str] = {
    "waiting": "secondary",
    "running": "accent",
    "done": "success",
    "partial": "warning",
    "failed": "error",
    "canceled": "warning",
    "not_scanned": "text-muted",
    "unsupported": "text-muted",
    "absent": "text-muted",
    "missing": "warning",
    "unknown": "warning",
}


class ThemeError(ValueError):
    """A theme file that cannot be used; one sentence that names the file."""


def _folders() -> Iterator[Traversable]:
    """Where themes lie: in the installed package, else beside it in a checkout."""
    packaged = resources.files("tui") / "themes"
    if packaged.is_dir():
        yield packaged
        return
    root = Path(__file__).resolve().parent.parent.parent
    if (root / "pyproject.toml").is_file() and (root / "themes").is_dir():
        yield root / "themes"


def load_themes() -> dict[str, Theme]:
    """Every theme by name, in the order of the files; there is always a default. Raises `ThemeError`."""
    found: dict[str, Theme] = {}
    for folder in _folders():
        for file in sorted(folder.iterdir(), key=lambda item: item.name):
            if file.name.endswith(".toml"):
                theme = read_theme(file.read_text("utf-8"), file.name)
                found[theme.name] = theme
    found.setdefault(DEFAULT_THEME, _FALLBACK)
    return found


def read_theme(text: str, file_name: str) -> Theme:
    """One theme from its TOML text. Raises `ThemeError`."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ThemeError(f"{file_name}: {error}") from None
    base = {key: value for key, value in document.get("base", {}).items() if isinstance(value, str)}
    name = document.get("name")
    if not isinstance(name, str) or "primary" not in base:
        raise ThemeError(f"{file_name}: a theme needs a name and [base] primary.")
    unknown = [key for key in base if key not in _BASE]
    if unknown:
        raise ThemeError(f"{file_name}: [base] {unknown[0]} is no base colour; they are {', '.join(_BASE)}.")
    variables: dict[str, str] = {}
    for table, entries in document.items():
        if isinstance(entries, dict) and table != "base":
            for key, value in entries.items():
                prefix = "" if table == "variables" else f"{table}-"
                variables[f"{prefix}{key}".replace("_", "-")] = str(value)
    for name_of, value in {**base, **variables}.items():
        if not name_of.startswith("style-") and not name_of.endswith("-style"):
            _check_colour(value, name_of, file_name)
    is_dark, is_ansi = bool(document.get("dark", True)), bool(document.get("ansi", False))
    theme = Theme(name=name, primary=base.pop("primary"), dark=is_dark, ansi=is_ansi, variables=variables)
    return replace(theme, **base)  # type: ignore[arg-type]  # every other base colour is a str field too


def _check_colour(value: str, name: str, file_name: str) -> None:
    if value.startswith("$"):
        return
    try:
        Color.parse(value.partition(" ")[0])
    except ColorParseError:
        raise ThemeError(f"{file_name}: {name} = {value!r} is no colour.") from None


def default_variables(theme: Theme) -> dict[str, str]:
    """Every variable that the style sheets and the tones use, derived from the theme's base colours.

    The theme's own entries win over these (Textual lays them over the defaults).
    """
    colours = theme.to_color_system().generate()
    muted = "ansi_bright_black" if theme.ansi else _blend(colours["foreground"], colours["background"], 0.42)
    foreground, background = colours["foreground"], colours["background"]
    panel = theme.panel or background
    found = {
        f"state-{state.replace('_', '-')}": muted if source == "text-muted" else colours[source]
        for state, source in _STATE_FROM.items()
    }
    found |= {
        "tone-dim": muted,
        "tone-accent": colours["accent"],
        "tone-warn": colours["warning"],
        "tone-bad": colours["error"],
        "cursor-background": colours["primary"] if theme.ansi else _blend(background, colours["primary"], 0.45),
        "cursor-foreground": foreground,
        "cursor-blurred-background": panel,
        "cursor-blurred-foreground": foreground,
        "title-background": panel,
        "title-foreground": foreground,
        "title-focused-background": "ansi_bright_black" if theme.ansi else _blend(panel, colours["primary"], 0.3),
        "title-focused-foreground": foreground,
        "bar-background": theme.surface or panel,
        "bar-foreground": foreground,
        "heading-foreground": muted,
        "key-foreground": colours["accent"],
        "notice-background": background,
        "notice-foreground": foreground,
        "tab-foreground": muted,
        "tab-active-foreground": foreground,
        "tab-active-background": panel,
        "scroll-foreground": muted,
        "title-style": "none",
        "title-focused-style": "bold",
        "style-strong": "bold",
        "style-heading": "bold",
        "style-hit": "reverse",
        "style-tab-active": "bold",
    }
    return _left_out(colours) | found if theme.ansi else found


def _left_out(colours: Mapping[str, str]) -> dict[str, str]:
    """Variables that Textual's own style sheets use and its generator leaves out for themes of terminal colours."""
    found: dict[str, str] = {}
    for name, value in _FALLBACK.to_color_system().generate().items():
        if name not in colours:
            try:
                Color.parse(value.partition(" ")[0])
            except ColorParseError:
                found[name] = value
            else:
                found[name] = "ansi_default"
    return found


def _blend(one: str, other: str, share: float) -> str:
    return Color.parse(one).blend(Color.parse(other), share).hex


@dataclass(slots=True)
class Tones:
    """The Rich style of each tone under one theme: a colour, text styles, and a background where the theme has one."""

    variables: Mapping[str, str]
    is_ansi: bool = False
    _styles: dict[str, Style] = field(default_factory=dict)

    def style(self, tone: str) -> Style:
        """Style of a tone; plain for "" and for words that are no tone."""
        found = self._styles.get(tone)
        if found is None:
            found = self._styles[tone] = self._build(tone)
        return found

    def colour(self, name: str) -> Color:
        """A variable as a colour. Raises KeyError."""
        text = self.variables[name]
        while text.startswith("$"):
            text = self.variables[text[1:].partition(" ")[0]]
        return Color.parse(text.partition(" ")[0])

    def _build(self, tone: str) -> Style:
        dashed = tone.replace("_", "-")
        style = Style()
        for name in (f"state-{dashed}", f"tone-{dashed}", f"{dashed}-foreground"):
            if tone and name in self.variables:
                style += Style(color=self.colour(name).rich_color)
                break
        background = self.variables.get(f"{dashed}-background") if tone else None
        if background is not None:
            style += Style(bgcolor=self.colour(f"{dashed}-background").rich_color)
        words = self.variables.get(f"style-{dashed}", "") or self.variables.get(f"state-{dashed}-style", "")
        words = " ".join(word for word in words.split() if word != "none")
        return style + Style.parse(words) if words else style
