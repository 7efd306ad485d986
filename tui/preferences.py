"""What a person chose on the screen, kept for the next start: sort, filter, columns, focus, theme, lines typed.

Owns the file in the state folder: its form, that it is private and replaced as a whole. A file that cannot be used
(damaged, of a newer scantop, of somebody else) is set aside under another name, never overwritten and never an error.
Knows neither panes nor themes: names that are not there any more are the reader's to leave out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tui.locations import PRIVATE_FILE, make_private_folder

FILE_NAME = "preferences.json"
FORM = "scantop preferences"
VERSION = 1
FILE_BYTES = 256 * 1024  # a hundred lines and nine panes are a few kB; more is the wrong file
MOST_LINES = 100  # typed lines that are kept, the newest last
MOST_PANES = 64
TEXT_CHARACTERS = 4_096  # of one filter, name or line


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
        self.path = folder / FILE_NAME
        self._is_told = False

    def load(self) -> tuple[Preferences, str]:
        """What was kept, and what there is to say about it ("" mostly). Never raises."""
        try:
            with self.path.open("rb") as file:
                text = file.read(FILE_BYTES + 1)
        except FileNotFoundError:
            return Preferences(), ""
        except OSError as error:
            self._is_told = True
            return Preferences(), f"Your preferences cannot be read ({error.strerror or type(error).__name__})."
        try:
            if len(text) > FILE_BYTES:
                raise _Unusable(f"is larger than {FILE_BYTES // 1024} KiB")
            return _read(json.loads(text)), ""
        except _Unusable as error:
            return Preferences(), self._set_aside(str(error))
        except (ValueError, RecursionError):
            return Preferences(), self._set_aside("is damaged")

    def save(self, preferences: Preferences) -> str:
        """Replace what is kept; what there is to say where that was not possible, once. Never raises."""
        new = self.path.with_name(f"{FILE_NAME}.{os.getpid()}.new")
        try:
            make_private_folder(self.path.parent)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
            with os.fdopen(os.open(new, flags, PRIVATE_FILE), "w", encoding="utf-8") as file:
                json.dump(_document(preferences), file, indent=1)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            os.replace(new, self.path)
        except (OSError, UnicodeError) as error:
            _remove(new)
            if self._is_told:
                return ""
            self._is_told = True
            reason = (error.strerror if isinstance(error, OSError) else "") or type(error).__name__
            return f"What you choose here is not kept for the next start: {self.path} cannot be written ({reason})."
        return ""

    def _set_aside(self, trouble: str) -> str:
        stem = f"{FILE_NAME}.aside-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        for number in range(1, 1000):
            place = self.path.with_name(stem if number == 1 else f"{stem}-{number}")
            if os.path.lexists(place):
                continue
            try:
                os.rename(self.path, place)
            except OSError as error:
                self._is_told = True
                return f"{self.path} {trouble}, and cannot be set aside ({error.strerror or type(error).__name__})."
            return f"{self.path} {trouble}; it was set aside as {place.name}."
        self._is_told = True
        return f"{self.path} {trouble}, and too many like it were set aside already."


class _Unusable(ValueError):
    """The file is none that can be read; a sentence's end."""


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return


def _read(document: object) -> Preferences:
    if not isinstance(document, dict) or document.get("form") != FORM:
        raise _Unusable("is not of scantop")
    version = document.get("version")
    if isinstance(version, int) and not isinstance(version, bool) and version > VERSION:
        raise _Unusable(f"was written by a newer scantop (version {version} of the form)")
    panes = document.get("panes", {})
    if version is True or version != VERSION or not isinstance(panes, dict) or len(panes) > MOST_PANES:
        raise _Unusable("is damaged")
    return Preferences(
        theme=_text(document, "theme"),
        theme_over=_text(document, "theme_over"),
        focus=_text(document, "focus"),
        panes=tuple((name, _pane(pane)) for name, pane in panes.items()),
        lines=_texts(document, "lines")[-MOST_LINES:],
    )


def _pane(document: object) -> PaneChoice:
    if not isinstance(document, dict) or not isinstance(document.get("is_reverse", False), bool):
        raise _Unusable("is damaged")
    return PaneChoice(
        _text(document, "sort"),
        document.get("is_reverse", False),
        _text(document, "filter"),
        _texts(document, "hidden"),
    )


def _text(document: Mapping[str, object], name: str) -> str:
    value = document.get(name, "")
    if not isinstance(value, str) or len(value) > TEXT_CHARACTERS or not value.isprintable():
        raise _Unusable("is damaged")
    return value


def _texts(document: Mapping[str, object], name: str) -> tuple[str, ...]:
    values = document.get(name, [])
    if not isinstance(values, list):
        raise _Unusable("is damaged")
    return tuple(_text({name: value}, name) for value in values)


def _document(preferences: Preferences) -> dict[str, object]:
    panes = {
        pane_id: {"sort": one.sort, "is_reverse": one.is_reverse, "filter": one.filter, "hidden": list(one.hidden)}
        for pane_id, one in preferences.panes
    }
    return {
        "form": FORM,
        "version": VERSION,
        "theme": preferences.theme,
        "theme_over": preferences.theme_over,
        "focus": preferences.focus,
        "panes": panes,
        "lines": list(preferences.lines[-MOST_LINES:]),
    }
