"""The second wall: no control character leaves in any segment of any widget, whatever a widget forgot to clean.

The first is `tui.present.safe`, at the border where server text becomes cells. Knows nothing of where text came from.
"""

from __future__ import annotations

import re

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

STAND_IN = "\N{REPLACEMENT CHARACTER}"
# C0, DEL, C1, the bidi controls and marks, line separators, lone surrogates (which no terminal encoding has).
_REFUSED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\U000e0001\U000e0020-\U000e007f]"
)


class Wall(LineFilter):
    """Replaces refused characters in rendered lines, each by as many cells as the layout gave it (mostly none)."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Segments as they are if all are clean, which is nearly always."""
        for text, _, control in segments:
            if control is None and not (text.isascii() and text.isprintable()) and _REFUSED.search(text):
                break
        else:
            return segments
        return [
            segment if segment.control else Segment(_REFUSED.sub(_stand_in, segment.text), segment.style)
            for segment in segments
        ]


def _stand_in(match: re.Match[str]) -> str:
    return STAND_IN * cell_len(match.group())
