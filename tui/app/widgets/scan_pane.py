"""One live pane of whatever spec it is given: title, notice, strip, filter line, table.

Owns what the person chose here (filter, sort); which rows there are is the feed's, how they are drawn the table's. No
subclasses, no `if pane.id ==`: what is special about a pane stands in its spec.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingsMap
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from tui.app.feed import Known, PaneFeed
from tui.app.line import from_cells, wrapped_line
from tui.app.signs import Signs
from tui.app.widgets.cell_line import Build, CellLine
from tui.app.widgets.filter_line import FILTER_LENGTH, FilterLine
from tui.app.widgets.line_view import LineView
from tui.app.widgets.record_table import RecordTable
from tui.app.words import TabFacts, TitleFacts, empty, notice, strip, title, worst
from tui.commands import default_key
from tui.domain.records import ListQuery
from tui.domain.snapshot import Entry, ListState
from tui.polling.messages import Change
from tui.present.query import Query, parse
from tui.present.rows import Predicate
from tui.present.spec import Context, PaneSpec

# A strip counts every row of its pane; beyond so many rows it is drawn by the tick only, not by each change.
STRIP_ROWS = 2_000
LEAST_HEIGHT_FOR_STRIP = 8  # lines of a pane; below that the rows need the place


@dataclass(frozen=True, slots=True)
class PaneWords:
    """What a pane cannot know by itself: its number, its server kind's title, the person's own keys, a replay."""

    number: int
    server_title: str
    key_of: Callable[[str], str] = default_key
    is_replay: bool = False


class ScanPane(Widget, inherit_bindings=False):
    """A pane. `follow` and `set_now` are called by the dashboard; everything else comes from the person."""

    ALLOW_SELECT = False

    class Changed(Message):
        """Something that tabs or footer may show differs."""

        def __init__(self, pane: ScanPane) -> None:
            super().__init__()
            self.pane = pane

    class Chosen(Message):
        """The person chose something that is to be kept; `line` is the command that does the same, "" for none."""

        def __init__(self, line: str) -> None:
            super().__init__()
            self.line = line

    class Entered(Message):
        """The person went into this pane, by mouse for instance."""

        def __init__(self, pane: ScanPane) -> None:
            super().__init__()
            self.pane = pane

    def __init__(self, spec: PaneSpec, words: PaneWords, known: Known, context: Context, signs: Signs) -> None:
        super().__init__(id=f"pane-{spec.id}", classes="scan-pane")
        self.spec = spec
        self.words = words
        self.known = known
        self.context = context
        self.signs = signs
        self.feed = PaneFeed(spec)
        self.query_now: Query = parse("")
        self.is_zoomed = False
        self.table = RecordTable(spec, context=context)
        # Kept, not looked up: the clock may tick before they are mounted and while they are taken down.
        self._title = CellLine(classes="pane-title")
        self._notice = CellLine(classes="pane-notice")
        self._strip = CellLine(classes="pane-strip")
        self._filter_line = FilterLine()
        self._empty = LineView(classes="pane-empty")
        self._column_titles = {column.id: column.title for column in spec.columns}

    def compose(self) -> ComposeResult:
        """Title, notice, strip, filter line, table, from top to bottom."""
        self._empty.can_focus = False
        yield from (self._title, self._notice, self._strip, self._filter_line, self.table, self._empty)

    def on_mount(self) -> None:
        """Draw what is known already; the keys are the screen's."""
        self.table._bindings = BindingsMap()
        self._filter_line.display = False
        entries = self.feed.reset(self.known)
        self._mind_deadlines()
        self.table.apply(entries)
        self.draw()

    # what comes from the store and the clock

    def follow(self, change: Change) -> None:
        """Take one change of the store, at a cost in proportion to it."""
        updated, removed = self.feed.take(change, self.known)
        if updated or removed:
            self._mind_deadlines()
            self.table.apply(updated, removed)
        if updated or removed or change.servers or change.lists:
            self.draw(has_strip=len(self.feed) <= STRIP_ROWS)

    def set_now(self, context: Context) -> None:
        """Time went by."""
        self.context = context = replace(context, has_deadlines=self.feed.has_deadlines)
        self.table.set_now(context)
        if self.query_now.has_ages:
            self.table.refilter(self._predicate(context.now))
        self.draw()

    def look_again(self) -> None:
        """What changed, and was not looked at, is another."""
        self.table.look_again()
        if self.query_now.has_marks:
            self.table.refilter(self._predicate(self.context.now))
            self.draw(has_strip=False)

    def _mind_deadlines(self) -> None:
        """The column of slack comes with the first deadline and goes with the last."""
        if self.feed.has_deadlines is not self.context.has_deadlines:
            self.context = replace(self.context, has_deadlines=self.feed.has_deadlines)
            self.table.set_now(self.context)

    # what the person does

    def open_filter(self) -> None:
        """Show the filter line and type into it."""
        line = self._filter_line
        line.display = True
        self.screen.set_focus(line)  # at once: what is typed in the same breath belongs here

    def set_filter(self, text: str) -> None:
        """Filter by a text; "" shows all."""
        query = parse(text)
        if query.text == self.query_now.text:
            return
        self.query_now = query
        self.table.set_filter(None if query.is_empty else self._predicate(self.context.now))
        self.draw()

    def put_filter(self, text: str) -> None:
        """Filter by a text that was not typed into the filter line; there it can be gone on with."""
        text = text[:FILTER_LENGTH]
        with self.prevent(Input.Changed):
            self._filter_line.value = text
        self.set_filter(text)
        self.post_message(self.Chosen(""))

    def clear_filter(self) -> bool:
        """Take the filter away; True if there was one, or a line to type it in."""
        line = self._filter_line
        was_there = line.display or bool(self.query_now.text)
        line.value = ""
        self.set_filter("")
        self._close_filter()
        self.post_message(self.Chosen(""))
        return was_there

    def focus_rows(self) -> None:
        """Give the keys to the table."""
        self.screen.set_focus(self.table, scroll_visible=False)

    @property
    def lists(self) -> tuple[ListState, ...]:
        """The lists that are shown here."""
        return self.feed.lists(self.known)

    def list_at_cursor(self) -> ListState | None:
        """The list that page and filter commands are about: the cursor row's server's, else the first."""
        entry = self.table.cursor_entry
        server = entry.target.server if entry is not None else ""
        states = self.lists
        return next((state for state in states if state.query.server == server), states[0] if states else None)

    def with_list_filter(self, name: str, value: str) -> list[ListQuery]:
        """The queries that ask every list of this pane for `value` only ("" for any), from the first page."""
        queries = []
        for state in self.lists:
            kept = tuple((key, text) for key, text in state.query.filters if key != name)
            filters = (*kept, (name, value)) if value else kept
            queries.append(replace(state.query, filters=filters, page=1))
        return queries

    # drawing

    def draw(self, *, has_strip: bool = True) -> None:
        """Draw title, notice, strip and empty text; each repaints only if it differs."""
        if not self.is_attached:
            return
        facts = self.title_facts()
        self._title.show(lambda width: title(facts, self.signs, width))
        servers, lists = self.feed.servers(self.known), self.lists
        now = self.context.now
        told = bool(len(self.feed) and notice(servers, lists, self.signs, now, self.size.width))
        self._show_line(self._notice, lambda width: notice(servers, lists, self.signs, now, width), is_there=told)
        if self.spec.strip is not None and has_strip:
            has_room = self.size.height >= LEAST_HEIGHT_FOR_STRIP
            cells = self.spec.strip(list(self.table.model.entries()), self.context) if has_room else ()
            line = from_cells(cells)
            self._show_line(self._strip, lambda width: strip(line, self.signs, width), is_there=bool(line))
        elif self.spec.strip is None:
            self._show_line(self._strip, lambda width: (), is_there=False)
        self._draw_empty()
        self.set_class(told, "-troubled")
        self.post_message(self.Changed(self))

    @staticmethod
    def _show_line(line: CellLine, build: Build, *, is_there: bool) -> None:
        line.display = is_there
        if is_there:
            line.show(build)

    def _draw_empty(self) -> None:
        is_empty = not len(self.table.model)
        self.set_class(is_empty, "-empty")
        if not is_empty:
            return
        is_filtered = not self.query_now.is_empty and len(self.feed) > 0
        servers = self.feed.servers(self.known)
        own = self.words
        words = self.spec.empty(
            self.feed.situation(self.known, is_filtered=is_filtered, key_of=own.key_of, is_replay=own.is_replay)
        )
        text = self.query_now.text if is_filtered else ""
        lines = empty(
            words, worst(servers), self.signs, filter_text=text, total=len(self.feed), back=self.words.key_of("back")
        )
        self._empty.show(lambda width: [part for line in lines for part in wrapped_line(line, width)])

    def title_facts(self) -> TitleFacts:
        """What the title tells now."""
        model = self.table.model
        column_id, is_reverse = model.sort
        return TitleFacts(
            self.words.number,
            self.spec.title,
            self.spec.short,
            dict(self.feed.states),
            len(self.feed),
            model.matching,
            "" if self.query_now.is_empty else self.query_now.text,
            self._column_titles.get(column_id, column_id),
            is_reverse,
            model.is_held and model.moved > 0,
            model.moved,
            self.lists,
            len(self.feed.servers(self.known)) > 1,
            self.is_zoomed,
            len(model.marks),
        )

    def tab_facts(self, *, is_active: bool) -> TabFacts:
        """What this pane's tab tells."""
        return TabFacts(
            self.words.number,
            self.spec.title,
            self.spec.short,
            dict(self.feed.states),
            len(self.feed),
            is_active,
            worst(self.feed.servers(self.known)),
        )

    # events

    @on(Input.Changed)
    def _filter_typed(self, event: Input.Changed) -> None:
        event.stop()
        self.set_filter(event.value)

    @on(FilterLine.Left)
    def _filter_left(self, event: FilterLine.Left) -> None:
        event.stop()
        self._close_filter()
        self.post_message(self.Chosen(f"filter {self.query_now.text}" if self.query_now.text else ""))

    @on(RecordTable.RowsChanged)
    def _rows_changed(self, event: RecordTable.RowsChanged) -> None:
        event.stop()
        self.draw(has_strip=False)

    @on(RecordTable.SortChanged)
    def _sort_changed(self, event: RecordTable.SortChanged) -> None:
        event.stop()
        self.draw(has_strip=False)
        self.post_message(self.Chosen(f"sort {event.column_id}{' reverse' if event.is_reverse else ''}"))

    def on_resize(self) -> None:
        """A strip comes or goes with the height."""
        self.draw()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The mouse may bring a person here."""
        self.post_message(self.Entered(self))

    def _close_filter(self) -> None:
        line = self._filter_line
        had_focus = line.has_focus
        line.display = False
        if had_focus:
            self.focus_rows()

    def _predicate(self, now: datetime) -> Predicate:
        query, pace, is_changed = self.query_now, self.context.pace, self.context.is_changed

        def takes(entry: Entry) -> bool:
            return query.matches(entry, now, pace, is_changed)

        return takes
