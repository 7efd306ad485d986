"""A moment of a replay as people write it: a time of day, a date with a time, so much on or back."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

from tui.durations import parse_duration

EXAMPLES = "18:05, 2026-11-22T18:05, +1h, -30m, start or end"
DAY = timedelta(days=1)
SHOWN = 40  # characters of what was written that an error repeats
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", re.ASCII)


def find_moment(text: str, span: tuple[datetime, datetime], now: datetime, zone: tzinfo) -> datetime:
    """The moment within `span` that the text names, seen from `now`; without a zone of its own it is `zone`'s.

    A time of day is the one of the present day, else the next or the last one that there is. Raises ValueError with one
    sentence that shows the right form, or what the replay spans.
    """
    first, last = span
    folded = text.strip().lower()
    if folded in ("start", "end"):
        return first if folded == "start" else last
    if folded[:1] in ("+", "-"):
        return _apart(folded, span, now)
    if (found := _TIME.fullmatch(folded)) is not None:
        hour, minute, second = (int(number or 0) for number in found.groups())
        today = now.astimezone(zone).replace(hour=hour, minute=minute, second=second, microsecond=0)
        near = [today, *(today + step * DAY for step in (1, -1))]
        there = [at for at in near if first <= at <= last]
        if there:
            return there[0]
        raise ValueError(f"There is no {folded} in this replay: {_spanned(span, zone)}.")
    try:
        at = datetime.fromisoformat(text.strip().upper())
        at = at if at.tzinfo is not None else at.replace(tzinfo=zone)
        is_within = first <= at <= last
    except (ValueError, OverflowError):
        raise ValueError(f"{text.strip()[:SHOWN]!r} is no time of a replay (write {EXAMPLES}).") from None
    if not is_within:
        raise ValueError(f"{text.strip()[:SHOWN]!r} is not in this replay: {_spanned(span, zone)}.")
    return at


def _apart(text: str, span: tuple[datetime, datetime], now: datetime) -> datetime:
    """So much on or back, at most to an end."""
    try:
        apart = timedelta(seconds=parse_duration(text[1:]))
    except ValueError:
        raise ValueError(f"{text[:SHOWN]!r} is no time of a replay (write {EXAMPLES}).") from None
    at = now + apart if text[0] == "+" else now - apart
    return min(max(at, span[0]), span[1])


def _spanned(span: tuple[datetime, datetime], zone: tzinfo) -> str:
    first, last = (at.astimezone(zone).strftime("%Y-%m-%d %H:%M") for at in span)
    return f"it goes from {first} to {last}"
