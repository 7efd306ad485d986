"""The one live table of scantop: rows of a `RowModel`, line by line, with keys and mouse.

Owns what a person does with it: the cursor, marks, sorting, holding the order while keys are pressed. Drawing and
scrolling are `table_view`'s, which rows there are is the model's, what a cell says is the pane's.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.timer import Timer

from tui.app.widgets.table_lines import MARGIN
from tui.app.widgets.table_view import HEAD, TableView
from tui.domain.snapshot import Entry
from tui.present.rows import RowModel
from tui.present.spec import Context, PaneSpec

HOLD_S = 2.0  # quiet after the last key before rows take their places; shorter moves rows under a thinking finger
WHEEL_LINES = 3  # lines a notch, as terminals and browsers do


class RecordTable(TableView, can_focus=True, inherit_bindings=False):
    """A table over one `PaneSpec`. The cursor, marks and scroll belong to keys of rows."""

    DEFAULT_CSS = """
    RecordTable {
        height: 1fr;
        width: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        & > .record-table--heading { text-style: bold; color: $text-muted; }
        & > .record-table--cursor {
            background: $block-cursor-background; color: $block-cursor-foreground; text-style: $block-cursor-text-style;
        }
        & > .record-table--cursor-blurred {
            background: $block-cursor-blurred-background; color: $block-cursor-blurred-foreground;
        }
        & > .record-table--gone { color: $text-disabled; text-style: strike; }
        & > .record-table--empty { color: $text-muted; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "record-table--heading",
        "record-table--cursor",
        "record-table--cursor-blurred",
        "record-table--gone",
        "record-table--empty",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False, id="table.down"),
        Binding("up,k", "move(-1)", "Up", show=False, id="table.up"),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False, id="table.page_down"),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False, id="table.page_up"),
        Binding("home,g", "first", "First row", show=False, id="table.first"),
        Binding("end,G", "last", "Last row", show=False, id="table.last"),
        Binding("enter", "open", "Open", show=False, id="table.open"),
        Binding("space", "mark", "Mark", show=False, id="table.mark"),
        Binding("ctrl+@", "mark_range", "Mark a range", show=False, id="table.mark_range"),
    ]

    def __init__(
        self,
        spec: PaneSpec,
        model: RowModel | None = None,
        *,
        context: Context | None = None,
        hold_s: float | None = HOLD_S,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """Rows are drawn once there is a `context` (see `set_now`). With `hold_s` None only `release` ends a hold."""
        super().__init__(spec, model, context=context, name=name, id=id, classes=classes)
        self.hold_s = hold_s
        self._hold_timer: Timer | None = None
        self._mark_from: str | None = None

    # sorting

    def sort_next(self, step: int = 1) -> None:
        """Sort by the next column of those that are shown (`step` -1: the one before)."""
        painter = self._ready()
        ids = [placed.column.id for placed in painter.placed] if painter else []
        if ids:
            at = ids.index(self.model.sort[0]) if self.model.sort[0] in ids else -step
            self.set_sort(ids[(at + step) % len(ids)])
            self._tell_sort()

    def sort_reverse(self) -> None:
        """Turn the order round."""
        column_id, is_reverse = self.model.sort
        self.set_sort(column_id, not is_reverse)
        self._tell_sort()

    def choose_sort(self, column_id: str, is_reverse: bool = False) -> None:
        """Sort by a column that the person named. KeyError for one that the pane lacks."""
        self.set_sort(column_id, is_reverse)
        self._tell_sort()

    # the cursor

    @property
    def cursor_key(self) -> str | None:
        """Key of the cursor's row; None only when there are no rows."""
        return self.model.cursor

    @property
    def cursor_entry(self) -> Entry | None:
        """The entry of the cursor's row."""
        return None if self.model.cursor is None else self.model.entry(self.model.cursor)

    def select(self, key: str) -> bool:
        """Put the cursor on a row and bring it into view; False if that row is not shown."""
        index = self.model.index_of(key)
        if index is None:
            return False
        anchor = (key, index - self._top)
        left = self.model.cursor if self.model.is_placed else None
        self.model.move_cursor(key)
        self.post_message(self.RowVisited(self, key, left))
        self._show(anchor, has_cursor_in_view=True)
        return True

    def action_move(self, step: int) -> None:
        """The cursor by `step` rows."""
        self._touch()
        self._go(self.model.cursor_index + step)

    def action_page(self, step: int) -> None:
        """The cursor and the view by a page, so that the cursor keeps its line where it can."""
        self._touch()
        lines = max(1, self._body) * step
        if 0 <= self.model.cursor_index + lines < len(self.model):
            self._scroll_rows(self._top + lines)
        self._go(self.model.cursor_index + lines)

    def action_first(self) -> None:
        """The cursor to the first row."""
        self._touch()
        self._go(0)

    def action_last(self) -> None:
        """The cursor to the last row."""
        self._touch()
        self._go(len(self.model) - 1)

    def action_open(self) -> None:
        """Ask for the detail of the cursor's row."""
        self._touch()
        if self.model.cursor is not None:
            self.post_message(self.RowOpened(self, self.model.cursor))

    def action_mark(self) -> None:
        """Mark the cursor's row, or take its mark away, and go on to the next one."""
        self._touch()
        if self.model.cursor is not None:
            self._mark_from = self.model.cursor
            self.model.toggle_mark(self.model.cursor)
            self._go(self.model.cursor_index + 1)

    def action_mark_range(self) -> None:
        """Mark all rows from the last marked one to the cursor."""
        self._touch()
        if self.model.cursor is not None:
            self.model.mark_range(self._mark_from or self.model.cursor, self.model.cursor)
            self._show(self._anchor())

    def clear_marks(self) -> None:
        """Take all marks away."""
        self.model.clear_marks()
        self._show(self._anchor())

    def release(self) -> None:
        """Let held rows take their places now."""
        if self._hold_timer is not None:
            self._hold_timer.stop()
            self._hold_timer = None
        anchor = self._anchor()
        self.model.release()
        self._show(anchor)

    # events

    def on_key(self, event: events.Key) -> None:
        """Any key means that a person is looking at a row."""
        self._touch()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A button that goes down holds the rows, so that both clicks of two meet the same row."""
        self._touch()

    def on_click(self, event: events.Click) -> None:
        """A row is selected, the second click opens it; a title sorts."""
        offset = event.get_content_offset(self)
        if offset is None or self._painter is None:
            return
        event.stop()
        if offset.y < HEAD:
            self._click_title(offset.x - MARGIN)
            return
        index = offset.y - HEAD + self._top
        if index < len(self.model):
            self._go(index)
            if event.chain == 2:
                self.action_open()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scrolls without moving the cursor, at once."""
        event.stop()
        event.prevent_default()
        self._scroll_rows(self._top + WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scrolls without moving the cursor, at once."""
        event.stop()
        event.prevent_default()
        self._scroll_rows(self._top - WHEEL_LINES)

    def on_focus(self) -> None:
        """The cursor's line looks different with focus."""
        self._repaint()

    def on_blur(self) -> None:
        """The cursor's line looks different without focus."""
        self._repaint()

    def on_resize(self) -> None:
        """Another width, other columns; the cursor stays in view if it was."""
        self._painter = None
        self._lines.clear()
        self._show(self._anchor(), has_cursor_in_view=True)

    def notify_style_update(self) -> None:
        """Textual's notice that colours may differ."""
        super().notify_style_update()
        self._painter = None
        if self.is_attached:
            self.call_later(self._repaint)

    def _go(self, index: int) -> None:
        """The cursor to the row at an index, or the nearest end."""
        if len(self.model):
            self.select(self.model.key_at(max(0, min(index, len(self.model) - 1))))

    # inside

    def _touch(self) -> None:
        """A person is at work: hold the rows, and let them go after a while of quiet."""
        self.model.hold()
        if self._hold_timer is not None:
            self._hold_timer.stop()
        if self.hold_s is not None:
            self._hold_timer = self.set_timer(self.hold_s, self.release)

    def _click_title(self, x: int) -> None:
        painter = self._ready()
        for placed in painter.placed if painter else ():
            if placed.x <= x <= placed.end:
                column_id, is_reverse = self.model.sort
                self.set_sort(placed.column.id, placed.column.id == column_id and not is_reverse)
                self._tell_sort()
                return

    def _tell_sort(self) -> None:
        self.post_message(self.SortChanged(self, *self.model.sort))
