"""The dashboard: header, tabs where there is no room for all panes, the panes, the footer.

Owns the layout and which pane is the active one; a pane's content is the pane's. Made of whatever panes it is given.
"""

from __future__ import annotations

from collections.abc import Callable

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container
from textual.widgets import Input

from tui.app.away_words import away_line
from tui.app.line import Piece, server_text
from tui.app.screens.command_screen import CommandScreen
from tui.app.screens.list_acts import ListActs
from tui.app.widgets.cell_line import CellLine
from tui.app.widgets.footer_bar import FooterBar
from tui.app.widgets.header_bar import HeaderBar
from tui.app.widgets.record_table import RecordTable
from tui.app.widgets.scan_pane import PaneWords, ScanPane
from tui.app.words import tabs
from tui.commands import Place, Situation
from tui.domain.snapshot import Entry
from tui.polling.messages import Change
from tui.present.spec import PaneSpec

# Two by two from here on: a pane then has 59 columns and 16 lines, enough for its stages and ten rows.
WIDE_COLUMNS = 120
WIDE_LINES = 36
LEAST_LINES_FOR_AWAY = 5  # a header, a title and a row have their place first


class Dashboard(ListActs):
    """The first screen. `active` is the pane that has the keys."""

    place = Place.DASHBOARD

    def __init__(self, specs: tuple[PaneSpec, ...], server_titles: dict[str, str]) -> None:
        super().__init__()
        self._specs = specs
        self._server_titles = server_titles
        self._active = 0
        self._is_zoomed = False

    def compose(self) -> ComposeResult:
        """Header, tabs, panes, footer."""
        app = self.scantop
        yield HeaderBar(id="header")
        yield CellLine(id="away")
        yield CellLine(id="tabs")
        with Container(id="panes"):
            for number, spec in enumerate(self._specs, 1):
                title = self._server_titles.get(spec.server_kind, spec.server_kind)
                words = PaneWords(number, title, app.keymap.hint, app.player is not None)
                yield ScanPane(spec, words, app.store, app.context_for(spec), app.signs)
        yield FooterBar(id="footer")

    def on_mount(self) -> None:
        """Draw everything once, before any answer."""
        super().on_mount()
        self.panes = tuple(self.query(ScanPane))
        self.query_one("#panes").styles.grid_size_columns = 2 if len(self.panes) > 1 else 1
        self._arrange()
        self.scantop.choices.restore(self)
        self.pane.focus_rows()
        self._draw_frame()

    @property
    def pane(self) -> ScanPane:
        """The active pane."""
        return self.panes[self._active]

    @property
    def is_single(self) -> bool:
        """One pane fills the screen: too little room for all, or zoomed."""
        return self._is_zoomed or self._is_narrow

    @property
    def _is_narrow(self) -> bool:
        width, height = self.app.size
        return width < WIDE_COLUMNS or height < WIDE_LINES

    # from the store and the clock

    def take(self, change: Change) -> None:
        """Hand the change to every pane, also those that are not shown: their tabs count."""
        for pane in self.panes:
            pane.follow(change)
        if change.servers:
            self._draw_header()

    def tick(self) -> None:
        """Time went by."""
        for pane in self.panes:
            pane.set_now(self.scantop.context_for(pane.spec))
        self._draw_frame()

    # layout

    def on_resize(self, event: events.Resize) -> None:
        """Arrange at once, whatever the size."""
        if self.query("#tabs"):  # a last resize may come while the screen is taken down
            self._arrange()

    def _arrange(self) -> None:
        if not hasattr(self, "panes"):
            return
        is_single = self.is_single
        self.set_class(is_single, "-single")
        self.query_one("#tabs").display = is_single and self.app.size.height > 3
        self.query_one("#footer").display = self.app.size.height > 2
        self.draw_away()
        for index, pane in enumerate(self.panes):
            pane.display = not is_single or index == self._active
            pane.set_class(index == self._active, "-active")
            pane.is_zoomed = self._is_zoomed
        self._draw_frame()

    def _activate(self, index: int, *, has_focus: bool = True) -> None:
        self._active = index % len(self.panes)
        self._arrange()
        self.scantop.choices.changed()
        if has_focus:
            self.pane.focus_rows()

    def _draw_frame(self) -> None:
        self._draw_header()
        self._draw_tabs()
        self.show_keys()

    def _draw_header(self) -> None:
        app = self.scantop
        for bar in self.query(HeaderBar):  # none is left while the screen is taken down
            bar.tell(app.header_facts(), app.signs)

    def _draw_tabs(self) -> None:
        facts = [pane.tab_facts(is_active=index == self._active) for index, pane in enumerate(self.panes)]
        signs = self.scantop.signs
        for line in self.query("#tabs").results(CellLine):
            line.show(lambda width: tabs(facts, signs, width))

    def draw_away(self) -> None:
        """What happened while the person was away, in a line of its own until it is dealt with."""
        absence, signs = self.scantop.absence, self.scantop.signs
        is_told = absence.is_told and self.app.size.height > LEAST_LINES_FOR_AWAY
        facts = absence.facts
        for line in self.query("#away").results(CellLine):
            line.display = is_told
            if is_told:
                line.show(lambda width: away_line(facts, signs, width))

    # what can be done here

    def situation(self) -> Situation:
        """What the active pane allows."""
        pane = self.pane
        entry = pane.table.cursor_entry
        state = pane.list_at_cursor()
        return Situation(
            self.place,
            panes=len(self.panes),
            has_row=entry is not None,
            has_url=entry is not None and entry.record is not None and bool(entry.record.web_url),
            has_list=state is not None,
            page=state.query.page if state is not None else 1,
            pages=state.pages if state is not None else None,
            has_more=state.has_more if state is not None else None,
            list_filters=pane.spec.list_filters,
            is_paused=self.scantop.monitor.is_paused,
            is_watched=entry is not None and entry.is_watched,
            marks=len(pane.table.model.marked()),
            changed=len(self.scantop.absence.unseen.news),
            key_of=self.scantop.keymap.hint,
            target_kind=entry.target.kind if entry is not None else "",
            why_not=self.scantop.permits.why_not,
        )

    def show_keys(self) -> None:
        """The keys; while a filter is typed, how it is understood."""
        if not isinstance(self.focused, Input):
            super().show_keys()
            return
        keys = (Piece(" Enter ", "key"), Piece("keep  "), Piece("Esc ", "key"), Piece("clear  "))
        self.footer.show_line((*keys, server_text(self.pane.query_now.explain, "dim")))

    def target_entry(self) -> Entry | None:
        """The row that commands are about."""
        return self.pane.table.cursor_entry

    @property
    def can_go_back(self) -> bool:
        """There is a line to put away, a filter or a zoom to leave."""
        return self.scantop.absence.is_told or self._is_zoomed or not self.pane.query_now.is_empty

    def act_back(self) -> None:
        """Put the line away, clear the filter, then the zoom; at the top nothing."""
        if self.scantop.absence.put_away():
            return
        if self.pane.clear_filter():
            return
        if self._is_zoomed:
            self.act_pane_zoom()

    def act_pane(self, number: int) -> None:
        """Go to a pane by its number."""
        self._activate(number - 1)

    def act_pane_next(self) -> None:
        """Go to the next pane."""
        self._activate(self._active + 1)

    def act_pane_previous(self) -> None:
        """Go to the pane before."""
        self._activate(self._active - 1)

    def act_pane_zoom(self) -> None:
        """One pane on the whole screen, or all again."""
        if self._is_narrow and not self._is_zoomed:
            self.say(f"One pane fills this screen already; all show from {WIDE_COLUMNS}x{WIDE_LINES}.")
            return
        self._is_zoomed = not self._is_zoomed
        self._arrange()

    def act_pane_filter(self) -> None:
        """Type a filter."""
        self.pane.open_filter()
        self.show_keys()

    def act_pane_sort(self) -> None:
        """Sort by the next column."""
        self.pane.table.sort_next()

    def act_pane_reverse(self) -> None:
        """Turn the order round."""
        self.pane.table.sort_reverse()

    async def act_row_open(self) -> None:
        """Open the row's detail."""
        key = self.pane.table.cursor_key
        if key is not None:
            await self.app.push_screen(self._detail(key))

    @staticmethod
    def _detail(key: str) -> CommandScreen:
        from tui.app.screens.detail import DetailScreen  # not needed for the first frame, as the popups below

        return DetailScreen(key)

    def show_row(self, key: str) -> bool:
        """Put the cursor on a row, in whichever pane shows it; False where none does."""
        order = [self._active, *(index for index in range(len(self.panes)) if index != self._active)]
        for index in order:
            if self.panes[index].table.select(key):
                if index != self._active:
                    self._activate(index, has_focus=self.is_current)
                return True
        return False

    def go_to_changed(self, is_changed: Callable[[str], bool]) -> str:
        """The cursor to the next row that changed, from here on through the panes and round; "" or why not."""
        count = len(self.panes)
        for step in range(count + 1):
            model = self.panes[(self._active + step) % count].table.model
            keys = list(model.keys())
            here = model.cursor_index + model.is_placed  # where nobody put it yet, its own row is the first
            ahead = keys[here:] if not step else keys[:here] if step == count else keys
            key = next((key for key in ahead if is_changed(key)), None)
            if key is not None:
                if step % count:
                    self._activate(self._active + step, has_focus=self.is_current)
                self.pane.table.select(key)
                return ""
        return "A filter hides what changed, or its row is gone."

    def act_row_mark(self) -> None:
        """Mark the row."""
        self.pane.table.action_mark()

    def act_row_mark_range(self) -> None:
        """Mark rows up to here."""
        self.pane.table.action_mark_range()

    def act_row_clear_marks(self) -> None:
        """Take all marks away."""
        self.pane.table.clear_marks()

    def marked(self) -> tuple[str, ...]:
        """The rows that acts on all marked rows are about."""
        return self.pane.table.model.marked()

    async def act_pane_columns(self) -> None:
        """Choose the columns."""
        from tui.app.screens.columns import ColumnChooser

        pane = self.pane

        def chosen(hidden: frozenset[str] | None) -> None:
            if hidden is not None and hidden != pane.table.hidden:
                pane.table.set_hidden(hidden)
                self.scantop.choices.changed()

        await self.app.push_screen(ColumnChooser(pane.spec, pane.table.hidden, pane.table.placed_ids), chosen)

    # events

    @on(RecordTable.RowOpened)
    def _open_row(self, event: RecordTable.RowOpened) -> None:
        event.stop()
        self.app.push_screen(self._detail(event.key))

    @on(RecordTable.CursorMoved)
    def _cursor_moved(self, event: RecordTable.CursorMoved) -> None:
        event.stop()
        self.show_keys()

    @on(RecordTable.RowVisited)
    def _row_visited(self, event: RecordTable.RowVisited) -> None:
        event.stop()
        self.scantop.absence.visit(event.key, event.left)

    @on(ScanPane.Changed)
    def _pane_changed(self, event: ScanPane.Changed) -> None:
        event.stop()
        self._draw_tabs()
        if event.pane is self.pane:
            self.show_keys()

    @on(ScanPane.Chosen)
    def _pane_chosen(self, event: ScanPane.Chosen) -> None:
        event.stop()
        if event.line:
            self.scantop.note_done(event.line)
        self.scantop.choices.changed()
        self.show_keys()

    @on(ScanPane.Entered)
    def _pane_entered(self, event: ScanPane.Entered) -> None:
        event.stop()
        index = self.panes.index(event.pane)
        if index != self._active:
            self._activate(index, has_focus=False)
