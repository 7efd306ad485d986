"""What a person chose on the screen, kept for the next start: sort, filter, columns, focus, theme, lines typed.

Owns what the document holds; how it is kept, and what becomes of one that cannot be used, is `tui.kept_file`'s. Knows
neither panes nor themes: names that are not there any more are the reader's to leave out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tui.kept_file import FILE_BYTES, TEXT_CHARACTERS, KeptFile, KeptForm, UnusableError, text_of

__all__ = ["FILE_BYTES", "FILE_NAME", "TEXT_CHARACTERS", "PaneChoice", "Preferences", "PreferencesFile"]

FILE_NAME = "preferences.json"
FORM = KeptForm(
    *("scantop preferences", 1, "Your preferences"), lost="What you choose here is not kept for the next start"
)
MOST_LINES = 100  # typed lines that are kept, the newest last
MOST_PANES = 64


@dataclass(frozen=True, slots=True)
class PaneChoice:
    """What was chosen for one pane. `sort` is a column's id ("" for the pane's own), `hidden` ids of columns."""

    sort: str = ""
    is_reverse: bool = False
    filter: str = ""
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preferences:
    """Everything that was chosen. `theme` holds while the config's own theme is still `theme_over`."""

    theme: str = ""
    theme_over: str = ""
    focus: str = ""
    panes: tuple[tuple[str, PaneChoice], ...] = ()
    lines: tuple[str, ...] = ()

    def pane(self, pane_id: str) -> PaneChoice:
        """The choice for a pane; the defaults where there is none."""
        return dict(self.panes).get(pane_id, PaneChoice())


class PreferencesFile:
    """The file in one folder."""

    def __init__(self, folder: Path) -> None:
        self._file = KeptFile(folder / FILE_NAME, FORM)
        self.path = self._file.path

    def load(self) -> tuple[Preferences, str]:
        """What was kept, and what there is to say about it ("" mostly). Never raises."""
        found, notice = self._file.read(_read)
        return found or Preferences(), notice

    def save(self, preferences: Preferences) -> str:
        """Replace what is kept; what there is to say where that was not possible, once. Never raises."""
        return self._file.write(_document(preferences))


def _read(document: Mapping[str, object]) -> Preferences:
    panes = document.get("panes", {})
    if not isinstance(panes, dict) or len(panes) > MOST_PANES:
        raise UnusableError("is damaged")
    return Preferences(
        theme=text_of(document, "theme"),
        theme_over=text_of(document, "theme_over"),
        focus=text_of(document, "focus"),
        panes=tuple((name, _pane(pane)) for name, pane in panes.items()),
        lines=_texts(document, "lines")[-MOST_LINES:],
    )


def _pane(document: object) -> PaneChoice:
    if not isinstance(document, dict) or not isinstance(document.get("is_reverse", False), bool):
        raise UnusableError("is damaged")
    return PaneChoice(
        text_of(document, "sort"),
        document.get("is_reverse", False),
        text_of(document, "filter"),
        _texts(document, "hidden"),
    )


def _texts(document: Mapping[str, object], name: str) -> tuple[str, ...]:
    values = document.get(name, [])
    if not isinstance(values, list):
        raise UnusableError("is damaged")
    return tuple(text_of({name: value}, name) for value in values)


def _document(preferences: Preferences) -> dict[str, object]:
    panes = {
        pane_id: {"sort": one.sort, "is_reverse": one.is_reverse, "filter": one.filter, "hidden": list(one.hidden)}
        for pane_id, one in preferences.panes
    }
    return {
        "theme": preferences.theme,
        "theme_over": preferences.theme_over,
        "focus": preferences.focus,
        "panes": panes,
        "lines": list(preferences.lines[-MOST_LINES:]),
    }
