"""The styles of a table's lines: by tone and by what the line is (plain, under the cursor, gone, the heading).

Owns how theme variables and component classes come together. Knows no rows.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from rich.style import Style
from textual.color import ColorParseError

from tui.app.theming import Tones

if TYPE_CHECKING:
    from textual.widget import Widget

PREFIX = "record-table--"


class LineKind(Enum):
    """What a line is; its value names the component class."""

    PLAIN = ""
    CURSOR = "cursor"
    BLURRED = "cursor-blurred"
    GONE = "gone"
    HEADING = "heading"
    EMPTY = "empty"


class TableStyles:
    """Styles of one table under the theme of the moment; make a new one when styles change."""

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._tones = Tones(widget.app.theme_variables)
        self._base = widget.rich_style
        self._found: dict[tuple[LineKind, str], Style] = {}

    def style(self, kind: LineKind, tone: str = "") -> Style:
        """Style of a cell with `tone` on a line of `kind`.

        Under the focused cursor the tone's colour gives way to the cursor's own, which is sure to be readable there;
        sign and word still tell the state.
        """
        found = self._found.get((kind, tone))
        if found is None:
            found = self._found[kind, tone] = self._build(kind, tone)
        return found

    def _build(self, kind: LineKind, tone: str) -> Style:
        style = self._base
        if tone:
            style += self._tone(tone)
        if kind is LineKind.PLAIN:
            return style
        if kind is LineKind.BLURRED and tone:
            line = self._component(kind.value) + self._named(kind.value)
            return style + Style(bgcolor=line.bgcolor, bold=line.bold, reverse=line.reverse, underline=line.underline)
        return style + self._component(kind.value) + self._named(kind.value)

    def _component(self, name: str) -> Style:
        return self._widget.get_component_rich_style(PREFIX + name, partial=True, default=Style())

    def _tone(self, tone: str) -> Style:
        try:
            return self._tones.style(tone)
        except (KeyError, ColorParseError):
            return Style()

    def _named(self, name: str) -> Style:
        """The theme's own colours of a kind of line, where it has them."""
        style = Style()
        for end, field in (("foreground", "color"), ("background", "bgcolor")):
            try:
                colour = self._tones.colour(f"{name}-{end}").rich_color
            except (KeyError, ColorParseError):
                continue
            style += Style(color=colour) if field == "color" else Style(bgcolor=colour)
        return style + Style.parse(self._tones.variables.get(f"style-{name}", "") or "none")
