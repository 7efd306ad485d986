"""The rows of an exposures report, paged and sorted by its server, and one finding in full.

Owns the cursor and the keys; the rows are fetched by a worker of the app, so that leaving the screen ends nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult

from tui.app import clipboard
from tui.app.beside import beside
from tui.app.detail.context import DetailContext
from tui.app.detail.findings import (
    FINDING,
    finding_lines,
    finding_title,
    head_line,
    next_sort,
    page_words,
    row_lines,
    sort_title,
)
from tui.app.detail.paging import ReadRows, ReportRows
from tui.app.line import Line, Piece, fit, wrapped
from tui.app.screens.reading import ReadingScreen
from tui.app.widgets.cell_line import CellLine
from tui.app.widgets.line_view import LineView
from tui.commands import Place, Situation
from tui.domain.acts import Finding, RowsPage, RowsQuery
from tui.domain.problem import Problem, ProblemCode
from tui.domain.snapshot import Entry
from tui.domain.state import State
from tui.domain.target import Target
from tui.polling.messages import Change
from tui.present.as_json import fields_document
from tui.present.safe import clean

if TYPE_CHECKING:
    from tui.app.app import ScantopApp


def reader_of(app: ScantopApp) -> ReadRows:
    """How the app reads rows: through its actor, else not at all, with a sentence."""
    actor = app.doing.actor

    async def refuse(target: Target, query: RowsQuery) -> RowsPage | Problem:
        return Problem(ProblemCode.BAD_ANSWER, "This monitor was opened without a way to read rows.")

    return actor.rows if actor is not None else refuse


class ReportRowsScreen(ReadingScreen):
    """The rows of one report. The cursor keeps its place on the page as pages are turned."""

    place = Place.ROWS

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self._entry = entry
        self.rows: ReportRows | None = None

    def compose(self) -> ComposeResult:
        """As for reading, and the titles of the columns."""
        header, title, lines, footer = super().compose()
        yield header
        yield title
        yield CellLine(id="rows-head", classes="pane-strip")
        yield lines
        yield footer

    def on_mount(self) -> None:
        """Ask for the first page at once."""
        self.rows = ReportRows(self._entry.target, reader_of(self.scantop), self._changed)
        super().on_mount()
        self._ask(RowsQuery())

    def _ask(self, query: RowsQuery) -> None:
        if self.rows is not None:
            beside(self.app, self.rows.fetch, query, name="report rows", exit_on_error=False)

    def _changed(self) -> None:
        if self.is_mounted and self.is_attached:
            self.draw()
            if not self._view.selected:
                self._view.select(f"{FINDING}0")

    @property
    def _view(self) -> LineView:
        return self.query_one("#lines", LineView)

    def take(self, change: Change) -> None:
        """The report may have been completed meanwhile: then there are rows to ask for."""
        entry = self.scantop.store.entries.get(self._entry.key)
        if entry is not None and entry.key in change.keys:
            was, self._entry = self._entry.state, entry
            if was is not State.DONE and entry.state is State.DONE and self.rows is not None:
                self._ask(self.rows.query)
        if change.servers:
            self.draw()

    # what is drawn

    def draw(self) -> None:
        """Draw what differs."""
        self.query_one("#rows-head", CellLine).show(lambda width: head_line(width - 1))
        super().draw()

    def title_line(self, width: int) -> Line:
        """Which report, how many rows, which page, which order; that the next page is on its way."""
        rows = self.rows
        name: Line = (Piece(f" {clean(self._entry.label or self._entry.name, max(8, width // 2))}", "strong"),)
        if rows is None:
            return name
        is_other = rows.page is not None and rows.is_fetching
        asked = f"page {rows.query.page}, {sort_title(rows.query)}" if is_other else "its rows"
        state: Line = (Piece(f"  asking for {asked}", "accent"),) if rows.is_fetching else ()
        if rows.problem is not None and not rows.is_fetching:
            state = (Piece("  not read", "bad"),)
        words: Line = (Piece(f"  {page_words(rows.page)}"),) if rows.page is not None else ()
        order: Line = (Piece(f"  {sort_title(rows.page.query)}", "dim"),) if rows.page is not None else ()
        short: Line = (Piece(f"  asking for page {rows.query.page}", "accent"),) if is_other else state
        return fit([(*name, *words, *order, *state), (*name, *words, *short), (*name, *short), (*short,)], width)

    def lines(self, width: int) -> Sequence[Line]:
        """Why there are none or why they are old, then the rows."""
        rows, room = self.rows, max(1, width - 1)
        lines: list[Line] = []
        if rows is None:
            return lines
        if rows.problem is not None:
            lines += [(Piece(f" {text}", "bad"),) for text in wrapped(clean(rows.problem.text), room - 1)]
            advice = clean(rows.problem.advice)
            lines += [(Piece(f" {text}", "dim"),) for text in wrapped(advice, room - 1) if text]
            if rows.page is not None:
                lines.append((Piece(" What is shown was read before.", "dim"),))
            lines.append(())
        if rows.page is None:
            return lines or [(Piece(" Asking the server for the rows.", "dim"),)]
        if not rows.page.rows:
            lines.append(
                (Piece(" This page has no rows." if rows.page.total else " The report found nothing.", "dim"),)
            )
        return [*lines, *row_lines(rows.page, room)]

    # what the person does

    def situation(self) -> Situation:
        """What the page allows."""
        page = self.rows.page if self.rows is not None else None
        has_more = None if page is None else len(page.rows) >= page.query.limit
        return Situation(
            self.place,
            has_row=self._at is not None,
            has_list=page is not None,
            page=self.rows.query.page if self.rows is not None else 1,
            pages=page.pages if page is not None else None,
            has_more=has_more,
            is_paused=self.scantop.monitor.is_paused,
            key_of=self.scantop.keymap.hint,
        )

    @property
    def _at(self) -> int | None:
        """The number of the row under the cursor."""
        command = self._view.selected
        return int(command.removeprefix(FINDING)) if command.startswith(FINDING) else None

    def act_cursor_down(self) -> None:
        """Down a row."""
        self._move(1)

    def act_cursor_up(self) -> None:
        """Up a row."""
        self._move(-1)

    def act_cursor_page_down(self) -> None:
        """Down a screen."""
        self._move(max(1, self._view.size.height - 1))

    def act_cursor_page_up(self) -> None:
        """Up a screen."""
        self._move(-max(1, self._view.size.height - 1))

    def act_cursor_first(self) -> None:
        """To the first row of the page."""
        self._view.go_to_end(is_last=False)
        self._select(0)

    def act_cursor_last(self) -> None:
        """To the last row of the page."""
        self._move(RowsQuery().limit * 1_000)

    def _move(self, step: int) -> None:
        self._select((self._at or 0) + step)

    def _select(self, number: int) -> None:
        page = self.rows.page if self.rows is not None else None
        if page is not None and page.rows:
            self._view.select(f"{FINDING}{min(len(page.rows) - 1, max(0, number))}")

    async def act_rows_open(self) -> None:
        """Open the finding."""
        page = self.rows.page if self.rows is not None else None
        if page is not None and self._at is not None:
            await self.app.push_screen(FindingScreen(page, self._at, self._follow))

    def _follow(self, number: int) -> None:
        """The finding that is open is another one now: so is the cursor's row."""
        self._select(number)

    @on(LineView.Taken)
    async def _row_clicked(self, event: LineView.Taken) -> None:
        event.stop()
        await self.action_give("rows.open")

    def act_rows_page_back(self) -> None:
        """The page before."""
        self._turn(-1)

    def act_rows_page_on(self) -> None:
        """The next page."""
        self._turn(1)

    def _turn(self, step: int) -> None:
        if self.rows is not None:
            self._ask(replace(self.rows.query, page=max(1, self.rows.query.page + step)))

    def act_rows_sort(self) -> None:
        """Have them sorted by the next field; the first page of that."""
        if self.rows is not None:
            query = self.rows.query
            sort = next_sort(query, self.rows.page)
            self._ask(replace(query, page=1, sort=sort, is_descending=sort == "jfrog_severity"))

    def act_rows_reverse(self) -> None:
        """Have the order turned round."""
        if self.rows is not None:
            query = self.rows.query
            self._ask(replace(query, page=1, is_descending=not query.is_descending))

    def act_poll_refresh(self) -> None:
        """Ask for the same page again."""
        if self.rows is not None:
            self._ask(self.rows.query)

    async def act_rows_copy(self) -> None:
        """Copy the finding under the cursor."""
        page = self.rows.page if self.rows is not None else None
        if page is not None and self._at is not None:
            self.say(await copied(self.scantop, page.rows[self._at]))


class FindingScreen(ReadingScreen):
    """One row of a page in full. `follow` is told which row of the page is open."""

    place = Place.FINDING

    def __init__(self, page: RowsPage, number: int, follow: object) -> None:
        super().__init__()
        self._page = page
        self._number = number
        self._follow = follow

    @property
    def _row(self) -> Finding:
        return self._page.rows[self._number]

    def situation(self) -> Situation:
        """There is a finding."""
        app = self.scantop
        return Situation(self.place, has_row=True, is_paused=app.monitor.is_paused, key_of=app.keymap.hint)

    def title_line(self, width: int) -> Line:
        """Severity, id, which row."""
        return finding_title(self._row, self._number, self._page, width)

    def lines(self, width: int) -> Sequence[Line]:
        """Every field."""
        app = self.scantop
        context = DetailContext(app.clock.now(), app.zone, app.signs, app.outlook)
        return finding_lines(self._row, context, max(1, width - 1))

    def act_detail_next(self) -> None:
        """The next finding of the page."""
        self._step(1)

    def act_detail_previous(self) -> None:
        """The finding before."""
        self._step(-1)

    def _step(self, step: int) -> None:
        number = self._number + step
        if not 0 <= number < len(self._page.rows):
            self.say("This is the last row of the page." if step > 0 else "This is the first row of the page.")
            return
        self._number = number
        if callable(self._follow):
            self._follow(number)
        self.draw()
        self.act_cursor_first()

    async def act_rows_copy(self) -> None:
        """Copy the finding."""
        self.say(await copied(self.scantop, self._row))


async def copied(app: ScantopApp, row: Finding) -> str:
    """Copy a finding as JSON; the sentence that says how, or why not."""
    text = json.dumps(fields_document(row.fields), indent=2, ensure_ascii=False)
    how = await clipboard.copy(text, os.environ, app.copy_to_clipboard)
    return f"The finding was copied {how}." if not how.startswith("NOT") else f"The finding was {how}."
