"""Pens: what a style means to the terminal, so that two styles that look the same are the same pen.

Owns colours and attributes as SGR codes, and the shortest change from one pen to another. Knows no cells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rich.color import ColorSystem
from rich.style import Style

_ATTRIBUTES = (
    ("bold", "1"),
    ("dim", "2"),
    ("italic", "3"),
    ("underline", "4"),
    ("blink", "5"),
    ("blink2", "6"),
    ("reverse", "7"),
    ("conceal", "8"),
    ("strike", "9"),
    ("underline2", "21"),
    ("frame", "51"),
    ("encircle", "52"),
    ("overline", "53"),
)
_SEEN_ON_BLANKS = frozenset({"4", "7", "9", "21", "51", "52", "53"})
_NOT_IN_LINKS = re.compile(r"[^\x21-\x7e]")  # an address is printable ASCII; anything else could end the sequence early
STYLE_CACHE = 4_096  # styles; the marks that Textual hides in styles make many that look the same


@dataclass(frozen=True, slots=True, eq=False)
class Pen:
    """Attributes and colours as SGR codes ("" is the terminal's default); compared by identity, see `Pens`.

    `fore` and `attributes` None: whatever they are, for blanks, on which they cannot be seen (see `is_seen_on_blanks`).
    `link` is (id, address) of a hyperlink.
    """

    attributes: tuple[str, ...] | None = ()
    fore: str | None = ""
    back: str = ""
    link: tuple[str, str] | None = None


def is_seen_on_blanks(attributes: tuple[str, ...] | None) -> bool:
    """A blank with these attributes is no mere ground: it is underlined, reversed and so on."""
    return attributes is not None and not _SEEN_ON_BLANKS.isdisjoint(attributes)


class Pens:
    """Every pen once."""

    def __init__(self, color_system: ColorSystem) -> None:
        self._color_system = color_system
        self._pens: dict[tuple[object, ...], Pen] = {}
        self._styles: dict[Style | None, tuple[Pen, Pen]] = {}

    def of(self, style: Style | None) -> tuple[Pen, Pen]:
        """The pen of a style, and its pen for blanks."""
        found = self._styles.get(style)
        if found is None:
            if len(self._styles) >= STYLE_CACHE:
                self._styles.clear()
            found = self._styles[style] = self._build(style or Style.null())
        return found

    def _build(self, style: Style) -> tuple[Pen, Pen]:
        attributes = tuple(code for name, code in _ATTRIBUTES if getattr(style, name))
        fore = self._codes(style, is_back=False)
        back = self._codes(style, is_back=True)
        link = None
        if style.link:
            link = _NOT_IN_LINKS.sub("", style.link_id), _NOT_IN_LINKS.sub("", style.link)
        text = self._once(attributes, fore, back, link)
        if link is not None or is_seen_on_blanks(attributes):
            return text, text
        return text, self._once(None, None, back, None)

    def _codes(self, style: Style, *, is_back: bool) -> str:
        colour = style.bgcolor if is_back else style.color
        if colour is None or colour.is_default:
            return ""
        return ";".join(colour.downgrade(self._color_system).get_ansi_codes(not is_back))

    def _once(
        self, attributes: tuple[str, ...] | None, fore: str | None, back: str, link: tuple[str, str] | None
    ) -> Pen:
        name = (attributes, fore, back, link)
        pen = self._pens.get(name)
        if pen is None:
            pen = self._pens[name] = Pen(attributes, fore, back, link)
        return pen


class Hand:
    """What the terminal's pen is now, and the sequence that makes it another."""

    __slots__ = ("_attributes", "_back", "_fore", "_link")

    def __init__(self) -> None:
        self._attributes: tuple[str, ...] = ()
        self._fore = ""
        self._back = ""
        self._link: tuple[str, str] | None = None

    def take(self, pen: Pen) -> str:
        """The bytes that change the terminal's pen to `pen`: only what differs."""
        codes: list[str] = []
        wanted = pen.attributes
        if wanted is None:
            wanted = () if is_seen_on_blanks(self._attributes) else self._attributes
        if wanted != self._attributes:
            if self._attributes:
                codes.append("0")
                self._fore = self._back = ""
            codes += wanted
            self._attributes = wanted
        if pen.fore is not None and pen.fore != self._fore:
            codes.append(pen.fore or "39")
            self._fore = pen.fore
        if pen.back != self._back:
            codes.append(pen.back or "49")
            self._back = pen.back
        sequence = f"\x1b[{';'.join(codes)}m" if codes else ""
        if pen.link != self._link:
            self._link = pen.link
            sequence += f"\x1b]8;id={pen.link[0]};{pen.link[1]}\x1b\\" if pen.link else "\x1b]8;;\x1b\\"
        return sequence

    def drop(self) -> str:
        """The bytes that put the pen back to the terminal's default."""
        sequence = "\x1b[0m" if self._attributes or self._fore or self._back else ""
        if self._link:
            sequence += "\x1b]8;;\x1b\\"
        self._attributes, self._fore, self._back, self._link = (), "", "", None
        return sequence
