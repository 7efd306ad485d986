"""What is on each line of a table: the heading, a row, or the words of an empty table, as strips.

Owns turning cells into segments, and a cache of rows already drawn. Knows no keys, no scrolling and no terminal.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.app.line import wrapped
from tui.app.widgets.columns import GAP, Placed, fit
from tui.app.widgets.table_styles import LineKind, TableStyles
from tui.domain.snapshot import Entry
from tui.present.safe import clean
from tui.present.spec import Cell, Context

MARGIN = 1  # cells at the left for marks and for rows that are gone
# A bar beside what changed, as editors and documents have it; the bullet is a person's own mark.
CHANGED, CHANGED_ASCII = "▌", "|"
CACHE_ROWS = 512  # drawn rows kept; some screens full, so that scrolling back and forth draws nothing anew


class LinePainter:
    """Draws lines for one width, one context and one set of styles; make a new one when any of them changes."""

    def __init__(self, context: Context, placed: Sequence[Placed], styles: TableStyles, width: int) -> None:
        self.context = context
        self.placed = tuple(placed)
        self.styles = styles
        self.width = width
        self._is_ascii = context.glyphs.is_ascii
        self._rows: dict[tuple[str, LineKind, str], tuple[Entry, Strip]] = {}

    def row(self, entry: Entry, kind: LineKind, *, is_marked: bool, is_gone: bool) -> Strip:
        """One row. The margin tells marks, goneness and changes to those who see no colour."""
        margin = self._margin(entry.key, is_marked=is_marked, is_gone=is_gone)
        name = (entry.key, kind, margin)
        found = self._rows.get(name)
        if found is not None and found[0] is entry:
            return found[1]
        strip = self._row(entry, kind, margin)
        if len(self._rows) >= CACHE_ROWS:
            self._rows.clear()
        self._rows[name] = (entry, strip)
        return strip

    def heading(self, sort_id: str, is_reverse: bool) -> Strip:
        """The titles, with an arrow at the column that the rows are sorted by."""
        style = self.styles.style(LineKind.HEADING)
        parts = [" " * MARGIN]
        for place in self.placed:
            title, arrow = place.column.title, ""
            if place.column.id == sort_id:
                up, down = ("^", "v") if self._is_ascii else ("▲", "▼")
                arrow = down if is_reverse else up
            text = fit(title, min(place.width - len(arrow), len(title)), is_ascii=self._is_ascii) + arrow
            parts.append(fit(text, place.width, is_right=place.column.is_right, is_ascii=self._is_ascii))
            parts.append(" " * GAP)
        return self._padded([Segment("".join(parts), style)], style)

    def words(self, cell: Cell, height: int) -> list[Strip]:
        """The words of an empty table, wrapped, in `height` lines after a blank one."""
        style = self.styles.style(LineKind.EMPTY, cell.tone)
        blank = Strip.blank(self.width, self.styles.style(LineKind.PLAIN))
        margin = 2 if self.width > 20 else 0  # cells; none to spare where the pane is tiny
        text = clean(cell.text, is_ascii=self._is_ascii)
        lines = [blank] if height > 2 else []
        for line in wrapped(text, self.width - 2 * margin) if text else []:
            lines.append(self._padded([Segment(" " * margin + line, style)], style))
        return [*lines[:height], *[blank] * max(0, height - len(lines))]

    def blank(self) -> Strip:
        """A line below the last row."""
        return Strip.blank(self.width, self.styles.style(LineKind.PLAIN))

    def _margin(self, key: str, *, is_marked: bool, is_gone: bool) -> str:
        """The one sign that matters most: what acts are about comes before what happened, and that before what may."""
        if is_gone:
            return "-"
        if is_marked:
            return "*" if self._is_ascii else "•"
        if self.context.is_changed(key):
            return CHANGED_ASCII if self._is_ascii else CHANGED
        if self.context.is_told(key):
            return "!" if self._is_ascii else "♪"
        return " "

    def _row(self, entry: Entry, kind: LineKind, margin: str) -> Strip:
        style_of = self.styles.style
        plain = style_of(kind)
        segments: list[Segment] = []
        run, run_style = margin, plain if margin == " " else style_of(kind, "accent")
        for place in self.placed:
            cell = place.column.cell(entry, self.context)
            tone = "" if kind is LineKind.GONE else cell.tone
            style = style_of(kind, tone) if tone else plain
            column = place.column
            text = fit(
                cell.text,
                place.width,
                is_right=column.is_right,
                is_ascii=self._is_ascii,
                keeps_end=column.keeps_end,
            )
            tones = cell.tones if kind is not LineKind.GONE and text.startswith(cell.text) else ()
            pieces = [(sign, style_of(kind, tone)) for sign, tone in zip(cell.text, tones, strict=False)]
            for piece, piece_style in [*pieces, (text[len(pieces) :], style)]:
                if not piece or piece_style is run_style:
                    run += piece
                else:
                    segments.append(Segment(run, run_style))
                    run, run_style = piece, piece_style
            if place is not self.placed[-1]:
                if run_style is not plain:
                    segments.append(Segment(run, run_style))
                    run, run_style = " " * GAP, plain
                else:
                    run += " " * GAP
        segments.append(Segment(run, run_style))
        return self._padded(segments, plain)

    def _padded(self, segments: list[Segment], style: Style) -> Strip:
        return Strip(segments).adjust_cell_length(self.width, style)
