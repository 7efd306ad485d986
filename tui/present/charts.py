"""Small charts of blocks, or of plain signs where there are none: a line of bars, columns of several lines. Pure.

Every scale begins at nought. What is not known is blank, nought is a dot, and anything above nought shows at least the
lowest bar. A scale may end below a lone spike, so that the rest can be read; what lies beyond has a sign of its own.
Knows no colours and no screen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

BLOCKS = "▁▂▃▄▅▆▇█"
ASCII_BLOCKS = ".:-=+*%#"
EIGHTHS = 8
NOUGHT, ASCII_NOUGHT = "·", "_"
BEYOND, ASCII_BEYOND = "▲", "^"
SPIKE = 10.0  # times the usual; small counts are no spikes before
ROOM = 2.0  # times the usual that a scale has which ends below a spike

Value = float | None


@dataclass(frozen=True, slots=True)
class Scale:
    """From nought to `top`; `most` is the largest value that there is, which may lie beyond."""

    top: float
    most: float

    def eighths(self, value: float, lines: int = 1) -> int:
        """The height of a value in eighths of a line, of `lines` lines; at least one for whatever is above nought."""
        if not value > 0 or not self.top > 0:
            return 0
        share = min(1.0, value / self.top) if math.isfinite(value) else 1.0
        return max(1, min(lines * EIGHTHS, round(share * lines * EIGHTHS)))

    def is_beyond(self, value: float) -> bool:
        """The scale ends below this value."""
        return value > self.top


def scale_of(*series: Sequence[Value], spike: float = SPIKE) -> Scale:
    """The one scale of several series: to their largest value, or not quite where that one stands alone.

    It does so beyond `spike` times what nine of ten values reach at most.
    """
    values = sorted(value for one in series for value in one if value is not None and 0 < value < math.inf)
    if not values:
        return Scale(0.0, 0.0)
    most = values[-1]
    usual = values[max(0, math.ceil(len(values) * 0.9) - 1)]
    if usual * spike < most and len(values) > 2:
        return Scale(usual * ROOM, most)
    return Scale(most, most)


def sparkline(values: Sequence[Value], scale: Scale, *, is_ascii: bool = False) -> str:
    """One sign a value."""
    return "".join(_sign(value, scale, is_ascii) for value in values)


def _sign(value: Value, scale: Scale, is_ascii: bool) -> str:
    if value is None or not math.isfinite(value):
        return " "
    if scale.is_beyond(value):
        return ASCII_BEYOND if is_ascii else BEYOND
    eighths = scale.eighths(value)
    if not eighths:
        return ASCII_NOUGHT if is_ascii else NOUGHT
    return (ASCII_BLOCKS if is_ascii else BLOCKS)[eighths - 1]


def columns(values: Sequence[Value], scale: Scale, lines: int, *, is_ascii: bool = False) -> tuple[str, ...]:
    """`lines` lines from the top down, one sign a value: blocks stand on the last line."""
    lines = max(1, lines)
    signs = ASCII_BLOCKS if is_ascii else BLOCKS
    found = [[" "] * len(values) for _ in range(lines)]
    for column, value in enumerate(values):
        if value is None or not math.isfinite(value):
            continue
        eighths = scale.eighths(value, lines)
        if not eighths:
            found[-1][column] = ASCII_NOUGHT if is_ascii else NOUGHT
        for line in range(lines):
            filled = min(EIGHTHS, eighths - line * EIGHTHS)
            if filled > 0:
                found[lines - 1 - line][column] = signs[filled - 1]
        if scale.is_beyond(value):
            found[0][column] = ASCII_BEYOND if is_ascii else BEYOND
    return tuple("".join(line) for line in found)


def widened(text: str, cells: int) -> str:
    """Each sign `cells` times."""
    return "".join(sign * max(1, cells) for sign in text)
