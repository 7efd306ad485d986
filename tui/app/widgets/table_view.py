"""The part of a table that shows: rows on lines, scrolling by key, repainting only what differs.

Owns drawing and the scroll. Keys and the mouse are `record_table`'s; which rows there are, and in which order, is the
model's; what a cell says is the pane's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import ClassVar

from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBarRender
from textual.strip import Strip
from textual.widget import Widget

from tui.app.widgets.columns import place, wanted
from tui.app.widgets.table_lines import MARGIN, LinePainter
from tui.app.widgets.table_styles import LineKind, TableStyles
from tui.domain.snapshot import Entry
from tui.present.rows import Predicate, RowDelta, RowModel
from tui.present.spec import Cell, Context, PaneSpec

HEAD = 1  # lines of the heading


class WholeCells(ScrollBarRender):
    """A scroll bar of whole cells: no block characters, which an ASCII terminal lacks, and fewer repaints."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8


class TableView(ScrollView):
    """Lines of rows under a heading. See `RecordTable` for the whole widget."""

    ALLOW_SELECT = False

    class TableMessage(Message):
        """Of one table: `table` is the widget."""

        def __init__(self, table: TableView) -> None:
            super().__init__()
            self.table = table

        @property
        def control(self) -> Widget:
            """The table."""
            return self.table

    class RowOpened(TableMessage, namespace="record_table"):
        """A person wants the detail of a row."""

        def __init__(self, table: TableView, key: str) -> None:
            super().__init__(table)
            self.key = key

    class CursorMoved(TableMessage, namespace="record_table"):
        """The cursor is on another row; `key` is None when there is no row."""

        def __init__(self, table: TableView, key: str | None) -> None:
            super().__init__(table)
            self.key = key

    class RowVisited(TableMessage, namespace="record_table"):
        """A person put the cursor on the row `key`; before that it was on `left` (None: on no row)."""

        def __init__(self, table: TableView, key: str, left: str | None) -> None:
            super().__init__(table)
            self.key = key
            self.left = left

    class SortChanged(TableMessage, namespace="record_table"):
        """A person chose another sort: by key, command or mouse."""

        def __init__(self, table: TableView, column_id: str, is_reverse: bool) -> None:
            super().__init__(table)
            self.column_id = column_id
            self.is_reverse = is_reverse

    class RowsChanged(TableMessage, namespace="record_table"):
        """What a title may show differs: rows shown, total, marks, rows that wait to move."""

    def __init__(
        self,
        spec: PaneSpec,
        model: RowModel | None = None,
        *,
        context: Context | None = None,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self.spec = spec
        self.model = model or RowModel(spec)
        self._now = context
        self._hidden: frozenset[str] = frozenset()
        self._empty = Cell("")
        self._painter: LinePainter | None = None
        self._lines: dict[int, Strip] = {}
        self._is_showing = False
        self._told: tuple[object, ...] = ()
        self._told_cursor: str | None = None

    def on_mount(self) -> None:
        """Textual makes the scroll bar when it is first asked for."""
        self.vertical_scrollbar.renderer = WholeCells  # type: ignore[misc]

    # what is shown

    def apply(self, entries: Iterable[Entry], removed: Iterable[str] = ()) -> RowDelta:
        """Take new entries and take out removed keys. The cursor's row keeps its line on the screen."""
        anchor = self._anchor()
        delta = self.model.update(entries, removed)
        self._show(anchor)
        return delta

    def set_now(self, context: Context) -> None:
        """Another time, other glyphs, other estimates: repaints the lines whose text differs for it."""
        self._now = context
        self._painter = None
        self._repaint()

    def look_again(self) -> None:
        """What a row's margin says may differ: repaints the lines that do."""
        self._repaint()

    def set_filter(self, predicate: Predicate | None) -> RowDelta:
        """Show only the rows that `predicate` takes (None: all)."""
        anchor = self._anchor()
        delta = self.model.set_filter(predicate)
        self._show(anchor, has_cursor_in_view=True)
        return delta

    def refilter(self, predicate: Predicate | None = None) -> RowDelta:
        """Ask a filter that depends on the time again; rows under a person's hand stay (see `RowModel.refilter`)."""
        anchor = self._anchor()
        delta = self.model.refilter(predicate)
        self._show(anchor)
        return delta

    def set_sort(self, column_id: str, is_reverse: bool = False) -> None:
        """Sort by a column. KeyError for one that the pane lacks."""
        anchor = self._anchor()
        self.model.set_sort(column_id, is_reverse)
        self._show(anchor, has_cursor_in_view=True)

    def set_hidden(self, column_ids: Collection[str]) -> None:
        """Columns that the person does not want to see."""
        self._hidden = frozenset(column_ids)
        self._painter = None
        self._repaint()

    @property
    def hidden(self) -> frozenset[str]:
        """The columns that the person does not want to see."""
        return self._hidden

    @property
    def placed_ids(self) -> tuple[str, ...]:
        """The columns that are shown in the present width."""
        painter = self._ready()
        return tuple(placed.column.id for placed in painter.placed) if painter is not None else ()

    def set_empty(self, text: str, tone: str = "") -> None:
        """The words that stand where rows would, while there are none."""
        self._empty = Cell(text, tone)
        if not len(self.model):
            self._repaint()

    # drawing

    def render_line(self, y: int) -> Strip:
        """One line of the widget; Textual asks only for lines that were refreshed."""
        painter = self._ready()
        if painter is None:
            return Strip.blank(self.size.width, self.rich_style)
        strip = self._draw(painter, y)
        self._lines[y] = strip
        return strip

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scrolled: repaint the lines that differ, which are few when rows came in above."""
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = new_value
        if round(old_value) != round(new_value) and not self._is_showing:
            self._repaint()

    def _ready(self) -> LinePainter | None:
        """A painter for the width, styles and context of the moment; None while there is nothing to paint with."""
        width = self.scrollable_content_region.width
        if self._now is None or not width:
            return None
        if self._painter is None or self._painter.width != width:
            columns = wanted(
                self.spec.columns,
                has_servers=self._now.has_servers,
                has_deadlines=self._now.has_deadlines,
                hidden=self._hidden,
            )
            placed = place(columns, width - MARGIN)
            self._painter = LinePainter(self._now, placed, TableStyles(self), width)
        return self._painter

    def _draw(self, painter: LinePainter, y: int) -> Strip:
        if y < HEAD:
            return painter.heading(*self.model.sort)
        index = y - HEAD + self._top
        if not len(self.model):
            return painter.words(self._empty, self._body)[y - HEAD]
        if index >= len(self.model):
            return painter.blank()
        key = self.model.key_at(index)
        is_gone = self.model.is_gone(key)
        kind = LineKind.GONE if is_gone else LineKind.PLAIN
        if key == self.model.cursor:
            kind = LineKind.CURSOR if self.has_focus else LineKind.BLURRED
        return painter.row(self.model.entry_at(index), kind, is_marked=self.model.is_marked(key), is_gone=is_gone)

    def _repaint(self) -> None:
        """Draw every visible line and refresh those that differ from what is on the screen."""
        if not self.is_on_screen:
            self._lines.clear()
            self.refresh()
            return
        painter = self._ready()
        if painter is None:
            return
        for y in range(self.size.height):
            strip = self._draw(painter, y)
            if self._lines.get(y) != strip:
                self._lines[y] = strip
                self.refresh(Region(0, y, painter.width, 1))

    # scrolling

    @property
    def _top(self) -> int:
        """Index of the row on the first line below the heading."""
        return self.scroll_offset.y

    @property
    def _body(self) -> int:
        """Lines for rows."""
        return max(0, self.size.height - HEAD)

    def _anchor(self) -> tuple[str, int] | None:
        """A row and the line it stands on, to be kept: the cursor's if it is in view, else the first one's.

        None at the top while no one has moved the cursor: there, new rows are to be seen.
        """
        if not len(self.model) or (not self._top and not self.model.is_placed):
            return None
        index = self.model.cursor_index
        if not self._top <= index < self._top + self._body:
            index = min(self._top, len(self.model) - 1)
        return self.model.key_at(index), index - self._top

    def _show(self, anchor: tuple[str, int] | None, *, has_cursor_in_view: bool = False) -> None:
        """After the model changed: scroll so that the anchor keeps its line, repaint what differs, tell."""
        self._is_showing = True
        try:
            self._fit_content()
            top = self._top
            if anchor is not None and (index := self.model.index_of(anchor[0])) is not None:
                # At the top the first row stays the first one, as long as the anchor does not leave the view for it.
                top = 0 if not top and index < self._body else index - anchor[1]
            if has_cursor_in_view and self.model.cursor_index >= 0 and self._body:
                top = min(max(top, self.model.cursor_index - self._body + 1), self.model.cursor_index)
            self._scroll_rows(top)
        finally:
            self._is_showing = False
        self._repaint()
        self._tell()

    def _fit_content(self) -> None:
        """Tell Textual how long the content is without its usual layout of the whole screen for that."""
        size = Size(self.size.width, len(self.model) + HEAD)
        if size != self.virtual_size:
            self.set_reactive(ScrollView.virtual_size, size)
            self._scroll_update(size)

    def _scroll_rows(self, top: int) -> None:
        top = max(0, min(top, len(self.model) - self._body))
        if top != self._top:
            self.scroll_to(y=top, animate=False, force=True)

    def _tell(self) -> None:
        """Post what changed for others: the cursor, and what a title shows."""
        if self.model.cursor != self._told_cursor:
            self._told_cursor = self.model.cursor
            self.post_message(self.CursorMoved(self, self._told_cursor))
        now = (len(self.model), self.model.total, self.model.moved, self.model.marks)
        if now != self._told:
            self._told = now
            self.post_message(self.RowsChanged(self))
