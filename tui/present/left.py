"""Time left in words: a range with its basis for a sentence, and one that fits a column. Coarse, like every age.

Knows what a range is and nothing of how it was found.
"""

from __future__ import annotations

import math

from tui.domain.estimates import Left
from tui.present.format import count

SHORT_CELLS = 6  # of the column
STEP_S = 5  # seconds; what is shown of ranges under two minutes changes no more often than this
_MINUTE_S = 60
_HOUR_S = 3_600
_DAY_S = 86_400
SECONDS_UP_TO_S = 95.0
MINUTES_UP_TO_S = 99 * _MINUTE_S
HOURS_UP_TO_S = 99 * _HOUR_S


def left_text(left: Left) -> str:
    """``6 to 11 min, from 23 runs of the same name``."""
    low, high, unit = _rounded(left)
    basis = f", from {count(left.runs, 'run')} {left.basis}".rstrip()
    if low == high:
        return f"about {high} {unit}{basis}"
    return (f"{low} to {high} {unit}" if low else f"up to {high} {unit}") + basis


def left_short(left: Left) -> str:
    """``6-11m``, ``<5m``, ``~20s``: at most 6 cells."""
    low, high, unit = _rounded(left)
    sign = unit[0]
    if low == high:
        return f"~{high}{sign}"
    text = f"{low}-{high}{sign}"
    return text if low and len(text) <= SHORT_CELLS else f"<{high}{sign}"


def _rounded(left: Left) -> tuple[int, int, str]:
    """Low and high in the unit that fits the high one, outwards to whole numbers."""
    low_s, high_s = max(0.0, left.low_s), max(0.0, left.high_s)
    if high_s <= SECONDS_UP_TO_S:
        return int(low_s // STEP_S * STEP_S), max(STEP_S, math.ceil(high_s / STEP_S) * STEP_S), "s"
    for most_s, size_s, unit in ((MINUTES_UP_TO_S, _MINUTE_S, "min"), (HOURS_UP_TO_S, _HOUR_S, "h")):
        if high_s <= most_s:
            return int(low_s // size_s), math.ceil(high_s / size_s), unit
    return int(low_s // _DAY_S), min(999, math.ceil(high_s / _DAY_S)), "days"
