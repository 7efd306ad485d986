"""A picture of what the terminal shows, cell by cell, and the bytes that turn it into something else.

Owns cells, wide characters and combining marks, and the moves between changed cells. Knows strips, but no app, no
driver and no screen: it is told what is to stand where.
"""

from __future__ import annotations

from rich.cells import split_graphemes
from rich.color import ColorSystem
from textual.strip import Strip

from tui.app.pens import Hand, Pen, Pens, is_seen_on_blanks

Cell = tuple[str, Pen]
"""A character with its marks, and its pen. The right half of a wide one is ("", pen)."""

GAP_CELLS = 4  # unchanged cells in the same pen are rewritten rather than jumped over: a jump takes about as many bytes
UNSURE_FROM = "\U0001f000"  # from here on (emoji) terminals disagree about widths; so they do where marks are joined


class Shadow:
    """What a terminal of `width` by `height` cells shows. At first nothing is known, so everything drawn is written."""

    def __init__(self, width: int, height: int, color_system: ColorSystem) -> None:
        self.width = width
        self.height = height
        self._pens = Pens(color_system)
        self._cells: list[list[Cell | None]] = [[None] * width for _ in range(height)]
        self._strips: list[dict[int, Strip]] = [{} for _ in range(height)]
        self._hand = Hand()
        self._bytes: list[str] = []
        self._at: tuple[int, int] | None = None

    def draw(self, y: int, x: int, strip: Strip) -> None:
        """`strip` is to stand on line `y` from cell `x` on. What is outside of the terminal is left out."""
        if not 0 <= y < self.height or x >= self.width or x < 0:
            return
        strips = self._strips[y]
        if strips.get(x) is strip:
            return
        cells = self._cells_of(strip)
        room = self.width - x
        if len(cells) > room:
            is_split = cells[room][0] == ""
            del cells[room:]
            if is_split:
                cells[-1] = (" ", cells[-1][1])
        end = x + len(cells)
        for start in [start for start, other in strips.items() if start < end and x < start + other.cell_length]:
            del strips[start]
        strips[x] = strip
        line = self._cells[y]
        old = line[x:end]
        if old != cells:
            self._write(y, x, old, cells)
            line[x:end] = cells

    def take(self) -> str:
        """The bytes of all that was drawn since the last time; "" if the terminal shows it already."""
        if not self._bytes:
            return ""
        written = "".join(self._bytes) + self._hand.drop()
        self._bytes.clear()
        self._at = None
        return written

    def _cells_of(self, strip: Strip) -> list[Cell]:
        cells: list[Cell] = []
        for text, style, control in strip:
            if control:
                continue
            pen, blank = self._pens.of(style)
            if text.isascii():
                cells += [(character, blank if character == " " else pen) for character in text]
                continue
            for start, end, size in split_graphemes(text)[0]:
                cluster = text[start:end]
                if size:
                    cells.append((cluster, blank if cluster == " " else pen))
                    cells += [("", pen)] * (size - 1)
                elif cells:
                    at = -1 if cells[-1][0] or len(cells) < 2 else -2
                    cells[at] = (cells[at][0] + cluster, pen)
        return cells

    def _write(self, y: int, x: int, old: list[Cell | None], cells: list[Cell]) -> None:
        """Write the cells that differ, with what lies between two of them where that is shorter than a jump."""
        count = len(cells)
        i = 0
        while i < count:
            if cells[i] == old[i]:
                i += 1
                continue
            if not cells[i][0] and i:
                i -= 1
            self._put(y, x + i, cells[i])
            i += 1
            while i < count and not cells[i][0]:
                i += 1
            after = i
            pen = cells[i - 1][1]
            while (
                after < count and after - i < GAP_CELLS and cells[after] == old[after] and _is_plain(cells[after], pen)
            ):
                after += 1
            if i < after < count and cells[after] != old[after]:
                for at in range(i, after):
                    self._put(y, x + at, cells[at])
                i = after

    def _put(self, y: int, x: int, cell: Cell) -> None:
        text, pen = cell
        if not text:
            return
        if self._at != (y, x):
            is_same_line = self._at is not None and self._at[0] == y
            self._bytes.append(f"\x1b[{x + 1}G" if is_same_line else f"\x1b[{y + 1};{x + 1}H")
        self._bytes.append(self._hand.take(pen))
        self._bytes.append(text)
        if text.isascii():
            self._at = (y, x + 1)
        elif len(text) > 1 or text >= UNSURE_FROM:
            self._at = (y, -1)  # the next cell says where it is, whatever this terminal thinks
        else:
            self._at = (y, x + split_graphemes(text)[1])


def _is_plain(cell: Cell, pen: Pen) -> bool:
    """One byte, and no change of pen (nor for a blank on the same ground)."""
    text, own = cell
    if own is pen:
        return len(text) == 1 and text.isascii()
    return own.fore is None and own.back == pen.back and not is_seen_on_blanks(pen.attributes) and pen.link is None
