"""What leaves the screen as a file: a pane as it is filtered, or a picture of the screen; and how a file is written.

Owns the file's name and its mode (its owner's alone), and that nothing is overwritten unasked. Knows no server.
"""

from __future__ import annotations

import io
import os
import re
import tempfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tui.exporting import Export, ExportError, place_new

if TYPE_CHECKING:
    from textual.screen import Screen

    from tui.app.widgets.scan_pane import ScanPane
    from tui.domain.snapshot import Entry

PANE_CSV, PANE_JSON, SCREEN_SVG, SCREEN_TEXT = "pane CSV", "pane JSON", "screen SVG", "screen text"
SUFFIXES = MappingProxyType({PANE_CSV: "csv", PANE_JSON: "json", SCREEN_SVG: "svg", SCREEN_TEXT: "txt"})
_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}")


def file_name(stem: str, suffix: str, now: datetime) -> str:
    """``jobs-20261122-070030.csv``."""
    return f"{re.sub(r'[^A-Za-z0-9._-]+', '-', stem).strip('-.') or 'scantop'}-{now:%Y%m%d-%H%M%S}.{suffix}"


def pane_csv_text(pane: ScanPane) -> str:
    """The rows as they are shown: filtered, sorted."""
    from tui.present.as_csv import pane_csv

    return pane_csv(pane.spec, rows_shown(pane), pane.context)


def rows_shown(pane: ScanPane) -> list[Entry]:
    """The entries that pass the pane's filter, in the order of its rows."""
    model = pane.table.model
    return [model.entry_at(index) for index in range(len(model))]


def pane_json_text(pane: ScanPane, now: datetime) -> str:
    """The rows as they are shown, as ``status --json`` prints them."""
    from tui.present.as_json import json_text, status_document

    return json_text(status_document(rows_shown(pane), now)) + "\n"


def screen_text(screen: Screen[Any]) -> str:
    """The lines on a screen, popups above it left out."""
    strips = screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips) + "\n"


def screen_svg(screen: Screen[Any], title: str) -> str:
    """A picture of a screen, popups above it left out; it fetches no font from anywhere when it is looked at."""
    from rich.console import Console

    width, height = screen.size
    console = Console(
        width=width,
        height=height,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        record=True,
        legacy_windows=False,
        safe_box=False,
    )
    console.print(screen._compositor.render_update(full=True))
    return _FONT_FACE.sub("", console.export_svg(title=title))


def write_text(path: Path, text: str, *, is_overwriting: bool) -> Export:
    """Write a file of the owner's alone, whole or not at all. Blocking. Raises `ExportError` (one sentence)."""
    folder = path.parent
    if not folder.is_dir():
        raise ExportError(f"There is no folder {str(folder)!r} to write to.")
    if path.is_dir():
        raise ExportError(f"{str(path)!r} is a folder.")
    draft = ""
    try:
        number, draft = tempfile.mkstemp(prefix=".scantop-", suffix=".part", dir=folder)
        with os.fdopen(number, "w", encoding="utf-8", errors="replace", newline="") as file:
            file.write(text)
        if is_overwriting:
            os.replace(draft, path)
        else:
            place_new(draft, path, ExportError(f"{str(path)!r} exists and is not overwritten."))
        return Export(path, path.stat().st_size)
    except OSError as error:
        raise ExportError(f"{str(path)!r} cannot be written: {error.strerror or type(error).__name__}.") from None
    finally:
        if draft:
            with suppress(FileNotFoundError):
                os.unlink(draft)
