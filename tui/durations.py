"""Durations as people write them: ``300ms``, ``5s``, ``30m``, ``2h``, ``7d``, also ``1h30m``. Text in, seconds out.

Used by the config file and by the command line's flags; knows neither.
"""

from __future__ import annotations

import re

_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_WHOLE = re.compile(rf"(?:{_PART.pattern})+", re.ASCII)
LONGEST_S = 366 * 86400.0  # a year: anything longer is a slip of the keyboard, and timers overflow somewhere above
EXAMPLES = "300ms, 5s, 30m, 2h or 7d"


def parse_duration(text: str) -> float:
    """Seconds of a duration; ValueError with one sentence that shows the right form."""
    folded = text.strip().lower()
    if not _WHOLE.fullmatch(folded):
        hint = f"; did you mean {folded}s?" if folded.isascii() and folded.isdigit() else ""
        raise ValueError(f"{text!r} is not a duration (write {EXAMPLES}){hint}")
    seconds = sum(float(number) * _UNITS_S[unit] for number, unit in _PART.findall(folded))
    if seconds > LONGEST_S:
        raise ValueError(f"{text!r} is longer than a year")
    return seconds
