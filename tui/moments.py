"""A point in time as people write it: a date, RFC 3339, or how long ago. Text in, aware UTC out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tui.durations import parse_duration

DAY = timedelta(days=1)
_DATE_CHARACTERS = len("2026-11-22")
EXAMPLES = "2026-11-22, 2026-11-22T07:00:00Z, or 7d for a week ago"


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
