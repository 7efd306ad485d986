"""From lines of pieces to strips of a widget: the only place where a tone becomes a Rich style. No state of its own."""

from __future__ import annotations

from typing import Protocol, cast

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tui.app.line import Line
from tui.app.signs import Signs
from tui.app.theming import Tones


class Drawing(Protocol):
    """What a widget needs of the app to draw: the styles of the tones, and the signs of this terminal."""

    tones: Tones
    signs: Signs

    async def give(self, command_id: str) -> None:
        """Give a command, as its key would."""
        ...


def drawing(widget: Widget) -> Drawing:
    """The app of a widget, as far as drawing goes."""
    return cast(Drawing, widget.app)


def style_of(tones: Tones, tone: str) -> Style:
    """Style of a tone; ``one:two`` lays the second over the first."""
    style = Style()
    for part in tone.split(":"):
        style = laid_over(style, tones.style(part))
    return style


def laid_over(base: Style, style: Style) -> Style:
    """`style` over `base`; on a reversed base its colours would become the background, so its weight alone tells."""
    if not base.reverse:
        return base + style
    return base + Style(bold=style.bold, underline=style.underline)


def strip_of(line: Line, width: int, base: Style, tones: Tones) -> Strip:
    """A line as a strip of exactly `width` cells over the widget's own style."""
    segments = [Segment(piece.text, laid_over(base, style_of(tones, piece.tone))) for piece in line if piece.text]
    return Strip(segments).adjust_cell_length(width, base).simplify()


def command_at(line: Line, x: int) -> str:
    """The command of the piece that lies under cell `x`; "" if it has none."""
    from rich.cells import cell_len

    for piece in line:
        size = cell_len(piece.text)
        if x < size:
            return piece.command
        x -= size
    return ""
