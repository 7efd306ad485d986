"""Keeps what the person chose: gathers it from the dashboard, gives it back at the next start, and remembers lines.

Owns when the preferences' file is written: a moment after the last change, and on leaving. Knows no file's form.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from tui.app.beside import beside
from tui.preferences import MOST_LINES, TEXT_CHARACTERS, PaneChoice, Preferences, PreferencesFile

if TYPE_CHECKING:
    from textual.timer import Timer
    from textual.worker import Worker

    from tui.app.app import ScantopApp
    from tui.app.screens.dashboard import Dashboard
    from tui.app.widgets.scan_pane import ScanPane

WAIT_S = 1.0  # after the last change: a person turns a sort round several times before it is right
MOST_DONE = 200  # lines of what was done that the messages show


class Choices:
    """The choices of one app. `file` None keeps nothing."""

    def __init__(self, app: ScantopApp, file: PreferencesFile | None) -> None:
        self._app = app
        self._file = file
        self._timer: Timer | None = None
        self._writing: Worker[None] | None = None
        self._is_due = False
        self._kept, self.notice = file.load() if file is not None else (Preferences(), "")
        self.lines = deque(self._kept.lines, MOST_LINES)
        self.done: deque[str] = deque(maxlen=MOST_DONE)

    @property
    def theme(self) -> str:
        """The theme that was chosen while the config said what it still says; "" for none."""
        return self._kept.theme if self._kept.theme_over == self._app.settings.ui.theme else ""

    def remember_line(self, line: str) -> None:
        """A line was given; a repeated one moves to the end."""
        if line in self.lines:
            self.lines.remove(line)
        if len(line) <= TEXT_CHARACTERS:
            self.lines.append(line)
        self.changed()

    def restore(self, dashboard: Dashboard) -> None:
        """Give back what was chosen; names that are not there any more are left out."""
        for pane in dashboard.panes:
            choice = self._kept.pane(pane.spec.id)
            known = {column.id for column in pane.spec.columns}
            if choice.sort in known:
                pane.table.set_sort(choice.sort, choice.is_reverse)
            hidden = known.intersection(choice.hidden)
            if hidden and hidden != known:
                pane.table.set_hidden(hidden)
            if choice.filter:
                pane.put_filter(choice.filter)
        numbers = {pane.spec.id: pane.words.number for pane in dashboard.panes}
        if self._kept.focus in numbers:
            dashboard.act_pane(numbers[self._kept.focus])

    def changed(self) -> None:
        """Something was chosen: write it in a moment."""
        if self._file is None or not self._app.is_running:
            return
        self._is_due = True
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._app.set_timer(WAIT_S, self._save)

    def close(self) -> None:
        """Write what waits to be written; the app leaves."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self._is_due and self._file is not None:
            self._is_due = False
            now = self._gather()
            if now != self._kept:
                self._file.save(now)

    def _save(self) -> None:
        """Beside the app's own messages: a key must not wait for the disk."""
        if self._writing is not None and not self._writing.is_finished:
            self.changed()  # a slow disk
        else:
            name = "choices"
            self._writing = beside(self._app, self._write, name=name, group=name, exit_on_error=False)

    async def _write(self) -> None:
        self._is_due = False
        now = self._gather()
        if self._file is not None and now != self._kept:
            self._kept = now
            notice = await asyncio.to_thread(self._file.save, now)
            if notice:
                self._app.say(notice, "warn")

    def _gather(self) -> Preferences:
        dashboard = self._app.dashboard
        before = dict(self._kept.panes)
        panes = before | {pane.spec.id: _choice(pane) for pane in dashboard.panes}
        return replace(
            self._kept,
            theme=self._app.chosen_theme,
            theme_over=self._app.settings.ui.theme if self._app.chosen_theme else "",
            focus=dashboard.pane.spec.id,
            panes=tuple(panes.items()),
            lines=tuple(self.lines),
        )


def _choice(pane: ScanPane) -> PaneChoice:
    sort = pane.table.model.sort
    column, is_reverse = sort if sort != pane.spec.default_sort else ("", False)
    return PaneChoice(column, is_reverse, pane.query_now.text, tuple(sorted(pane.table.hidden)))
