"""Taking things along: a field, a web page, a file. Each says what became of it in one sentence.

Owns the forms and sentences; how text leaves is `clipboard`'s, files are `saving`'s, reports the actor's.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tui.app import clipboard
from tui.app.browsing import browser, is_web_address, open_page
from tui.app.saving import (
    PANE_CSV,
    PANE_JSON,
    SCREEN_SVG,
    SCREEN_TEXT,
    SUFFIXES,
    file_name,
    pane_csv_text,
    pane_json_text,
    screen_svg,
    screen_text,
    write_text,
)
from tui.app.screens.confirm import Notice
from tui.app.screens.form import Form, FormField, Refusal, Values
from tui.app.screens.picker import Picker
from tui.domain.acts import FORMATS, ExportProgress
from tui.domain.problem import Problem
from tui.domain.records import Fields, FieldValue
from tui.domain.snapshot import Entry
from tui.exporting import ExportError
from tui.present.format import rfc3339
from tui.present.safe import clean

if TYPE_CHECKING:
    from tui.app.app import ScantopApp

REPORT = "report "  # before a format, in the form's words
PROGRESS_S = 0.2  # over SSH; more often nobody sees
NAME_CELLS = 22  # of a field's name in the picker
FOOTER_CELLS = 60  # an address that is longer would be cut in the footer, and is shown in full instead


class Taking:
    """Takes along for one app."""

    def __init__(self, app: ScantopApp) -> None:
        self.app = app
        self._offered = ""

    # the clipboard and the web

    async def act_row_copy_field(self) -> None:
        """Choose one field of the row, and copy its full value."""
        entry = self._entry()
        if entry is None:
            return
        found = {f"{name[:NAME_CELLS]:<{NAME_CELLS}} {value}": (name, value) for name, value in fields_of(entry)}

        async def chosen(choice: str | None) -> None:
            if choice is not None:
                name, value = found[choice]
                how = await clipboard.copy(value, os.environ, self.app.copy_to_clipboard)
                shown = clean(name, NAME_CELLS)
                self.app.say(f"{shown} was {how}." if how.startswith("NOT") else f"{shown} was copied {how}.")

        await self.app.push_screen(Picker("Copy which field?", tuple(found), "", is_wide=True), chosen)

    async def act_row_web(self) -> None:
        """Open the web page where there is a desktop to do it, else show its address."""
        entry = self._entry()
        url = entry.record.web_url if entry is not None and entry.record is not None else ""
        if not is_web_address(url):
            self.app.say("That web address is none that a browser opens.", "warn")
            return
        trouble = await open_page(url, os.environ) if browser(os.environ) else "no browser is at hand"
        if not trouble:
            self.app.say(f"Opened {url}")
        elif len(url) <= FOOTER_CELLS:
            self.app.say(f"Web page: {url}")
        else:
            copy = self.app.keymap.hint("row.copy_field")
            texts = [(url, "strong"), (f"Not opened: {trouble}. {copy} copies it (the field web_url).", "dim")]
            await self.app.push_screen(Notice("Web page", texts))

    # files

    async def act_pane_export(self) -> None:
        """Ask what to write, and where to."""
        entry = self._entry()
        is_report = entry is not None and entry.target.kind == "report" and not self.app.doing.why_not("report.export")
        dashboard, now = self.app.dashboard, self.app.clock.now()
        choices = [PANE_CSV, PANE_JSON] if self.app.top is dashboard else []
        choices += [SCREEN_SVG, SCREEN_TEXT]
        if is_report:
            formats = [REPORT + form for form in FORMATS]
            choices = [*choices, *formats] if self.app.top is dashboard else [*formats, *choices]
        stems = {choice: "scantop" for choice in (SCREEN_SVG, SCREEN_TEXT)}
        stems |= {choice: dashboard.pane.spec.id for choice in (PANE_CSV, PANE_JSON)}
        if entry is not None:
            stems |= {REPORT + form: f"report-{entry.target.parts[-1]}" for form in FORMATS}
        suffixes = {**SUFFIXES, **{REPORT + form: form for form in FORMATS}}
        names = {choice: file_name(stems[choice], suffixes[choice], now) for choice in choices}
        await self.app.push_screen(ExportForm(names, partial(self._export, entry)))

    async def _export(self, entry: Entry | None, form: Form, values: Values) -> Refusal | None:
        what, where = values["what"], values["where"].strip()
        if not where:
            return Refusal("Where to? The name of a file.", "where")
        path, is_taken = await asyncio.to_thread(_place_of, where, form, what)
        is_agreed = self._offered == where
        self._offered = ""
        if is_taken and not is_agreed:
            self._offered = where
            return Refusal(f"{where} exists; Enter once more overwrites it.", "where", tone="warn")
        try:
            if what.startswith(REPORT) and entry is not None:
                return await self._export_report(entry, what.removeprefix(REPORT), path, form, is_agreed)
            text = self._text(what)
            done = await asyncio.to_thread(write_text, path, text, is_overwriting=is_agreed)
        except ExportError as error:
            return Refusal(str(error), "where")
        self.app.say(f"Wrote {done.path} ({done.size:,} bytes, readable by you alone).")
        return None

    def _text(self, what: str) -> str:
        dashboard, top = self.app.dashboard, self.app.top
        if what == PANE_CSV:
            return pane_csv_text(dashboard.pane)
        if what == PANE_JSON:
            return pane_json_text(dashboard.pane, self.app.clock.now())
        return screen_svg(top, "scantop") if what == SCREEN_SVG else screen_text(top)

    async def _export_report(
        self, entry: Entry, what: str, path: Path, form: Form, is_overwriting: bool
    ) -> Refusal | None:
        actor, next_s = self.app.doing.actor, 0.0
        if actor is None:
            return Refusal(self.app.doing.why_not("report.export"))
        form.say(f"Asking {entry.target.server} …", "dim")

        def show(progress: ExportProgress) -> None:
            nonlocal next_s
            if time.monotonic() >= next_s:
                next_s = time.monotonic() + PROGRESS_S
                form.say(progress_line(progress), "dim")

        done = await actor.export_report(entry.target, what, path, is_overwriting=is_overwriting, progress=show)
        if isinstance(done, Problem):
            return Refusal(f"{done.text} {done.advice}".strip())
        self.app.say(f"Wrote {done.path} ({done.size:,} bytes).")
        return None

    def _entry(self) -> Entry | None:
        entry: Entry | None = getattr(self.app.top, "target_entry", lambda: None)()
        return entry


def _place_of(where: str, form: Form, what: str) -> tuple[Path, bool]:
    """The file that is meant (in a folder, under its proposed name), and whether there is one already."""
    path = Path(where).expanduser()
    if path.is_dir() and isinstance(form, ExportForm):
        path = path / form.name_of(what)
    return path, os.path.lexists(path)


class ExportForm(Form):
    """What to write and where to; the proposed name follows the choice until somebody writes another."""

    def __init__(self, names: dict[str, str], attempt: object) -> None:
        """`names` maps each choice to its proposed file name."""
        self._names = names
        first = next(iter(names))
        fields = (
            FormField("what", "What", first, choices=tuple(names)),
            FormField("where", "Where", names[first], "a file, or a folder that exists"),
        )
        super().__init__("Export", fields, attempt, verb="writes it")  # type: ignore[arg-type]  # an Attempt

    def first_field(self) -> str:
        """Start at the choice."""
        return "what"

    def name_of(self, what: str) -> str:
        """The proposed file name of a choice."""
        return self._names[what]

    def choice_changed(self, field_id: str) -> None:
        """Another kind of file has another name."""
        before = self.values["where"]
        for name in self._names.values():
            if before.endswith(name):
                self._line("where").put(before.removesuffix(name) + self._names[self.values["what"]])
                return


def progress_line(progress: ExportProgress) -> str:
    """``1.5 of 4.0 MB``; without a total only what has come."""
    done = f"{progress.done / 1e6:.1f}"
    return f"Receiving: {done} of {progress.total / 1e6:.1f} MB" if progress.total else f"Receiving: {done} MB"


def fields_of(entry: Entry) -> Iterator[tuple[str, str]]:
    """Every field of a row that says something, by name, in full."""
    record = entry.record
    facts = {
        "address": entry.key,
        "name": entry.name,
        "label": entry.label,
        "state": entry.state.value,
        "since": rfc3339(entry.since_at) or "",
        "problem": entry.problem.text if entry.problem is not None else "",
    }
    if record is not None:
        facts |= {"status": record.status or "", "note": record.note, "error": record.error, "web_url": record.web_url}
        facts |= {part.name: part.status or "" for part in (*record.stages, *record.categories)}
        facts |= {f"detail.{name}": text for name, text in _flat(record.detail)}
        facts["raw"] = record.raw
    yield from ((name, text) for name, text in facts.items() if text)


def _flat(fields: Fields, before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in fields:
        if isinstance(value, Fields):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield before + name, _text(value)


def _text(value: FieldValue) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ", ".join(_text(item) for item in value)
    return (rfc3339(value) or "") if isinstance(value, datetime) else str(value)
