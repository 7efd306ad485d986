"""A point in time as people write it: a date, RFC 3339, or how long ago; and a time of day. Text in, times out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

from tui.durations import parse_duration

DAY = timedelta(days=1)
_DATE_CHARACTERS = len("2026-11-22")
EXAMPLES = "2026-11-22, 2026-11-22T07:00:00Z, or 7d for a week ago"
_TIME_OF_DAY = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def parse_moment(text: str, now: datetime, *, is_end: bool = False) -> datetime:
    """The moment; a date alone as an end means its last second, without a zone it is this machine's.

    Raises ValueError with one sentence that shows the right form.
    """
    folded = text.strip()
    try:
        return now - timedelta(seconds=parse_duration(folded))
    except (ValueError, OverflowError):
        pass
    try:
        found = datetime.fromisoformat(folded)
        found = found + DAY - timedelta(seconds=1) if is_end and len(folded) <= _DATE_CHARACTERS else found
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{folded[:40]!r} is no time (write {EXAMPLES}).") from None


def parse_time_of_day(text: str) -> time:
    """``17:30``. Raises ValueError with a sentence's end that shows the right form."""
    found = _TIME_OF_DAY.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text[:40]!r} is no time of day (write it as 17:30)")
    return time(int(found.group(1)), int(found.group(2)))
