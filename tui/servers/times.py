"""Every form of a time that the three servers send, read into aware UTC. Knows no server and no clock.

Forms: RFC 3339 with 0 to 9 and more fraction digits and offsets with and without a colon (Xray, Artifactory); Go's
zero time; epoch milliseconds (ThreadFix); Java's local time without a zone, read in a zone that the caller knows (Code
Insight).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from itertools import pairwise, product
from zoneinfo import ZoneInfo

_FORM = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]|\s+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d*))?)?)?"
    r"\s*(?:([Zz]|UTC|GMT)|([+-])(\d{2}):?(\d{2})?)?",
    re.ASCII,
)
_NO_TIME = frozenset({"", "n/a", "na", "null", "none", "-", "0"})
_OFFSET = re.compile(r"([+-])(\d{1,2}):?(\d{2})?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(9999, 12, 30, tzinfo=UTC)  # later ones have no local time in every zone, and mean "never"
TEXT_LIMIT = 64  # characters; longer ones are no time


def parse_time(value: object, zone: tzinfo = UTC) -> datetime | None:
    """One time of the wire as aware UTC; None for "no time" in any spelling and for what cannot be read.

    Numbers (and texts of digits) are epoch milliseconds; 0 is Java's "not set". A text without a zone is local to
    `zone`; where the clock was set back and the text is ambiguous, the first of the two is taken. Never raises.
    """
    found = _read(value, zone, 0)
    return None if found is None or found >= _LATEST else found


def parse_steps(values: Sequence[object], zone: tzinfo) -> tuple[tuple[datetime | None, ...], bool]:
    """The times of one thing's steps, in the order in which they happen; and whether any may be an hour off.

    An hour that comes twice can mean two times, and one that never was (a server whose clock does not follow `zone`)
    too. Each is then the earliest that is not before the step ahead of it: that never changes as later steps come.
    Where another reading keeps the order as well, or none does, nobody can tell.
    """
    readings = [_readings(value, zone) for value in values]
    chosen: list[datetime | None] = []
    last: datetime | None = None
    for some in readings:
        found = next((at for at in some if last is None or at >= last), some[0] if some else None)
        chosen.append(found)
        last = found or last
    ordered = sum(_is_in_order(course) for course in product(*filter(None, readings)))
    is_unsure = any(len(some) > 1 for some in readings) and ordered != 1
    return tuple(chosen), is_unsure


def _readings(value: object, zone: tzinfo) -> list[datetime]:
    """What the value may mean, the earliest first; nothing where it is no time."""
    both = {_read(value, zone, 0), _read(value, zone, 1)}
    return sorted(at for at in both if at is not None and at < _LATEST)


def _is_in_order(course: Sequence[datetime]) -> bool:
    return all(before <= after for before, after in pairwise(course))


def _read(value: object, zone: tzinfo, fold: int) -> datetime | None:
    """The value; a local time that the zone has twice, or never, is read as its `fold` says."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _epoch(value)
    if not isinstance(value, str) or len(value) > TEXT_LIMIT:
        return None
    text = value.strip()
    if text.lower() in _NO_TIME:
        return None
    if text.isascii() and text.isdigit() and len(text) > 8:
        return _epoch(int(text))
    found = _FORM.fullmatch(text)
    return None if found is None else _build(found, zone, fold)


def _epoch(milliseconds: float) -> datetime | None:
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds) if milliseconds > 0 else None
    except (OverflowError, ValueError):
        return None


def _build(found: re.Match[str], zone: tzinfo, fold: int) -> datetime | None:
    year, month, day, hour, minute, second, fraction, utc, sign, off_hours, off_minutes = found.groups()
    if int(year) <= 1:  # Go's zero time, in whatever zone it was printed
        return None
    micro = int((fraction or "")[:6].ljust(6, "0"))
    try:
        naive = datetime(  # noqa: DTZ001 - the zone is put on below
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), min(int(second or 0), 59), micro
        )
        if int(second or 0) > 60:
            return None
        if utc:
            return naive.replace(tzinfo=UTC)
        if sign:
            return naive.replace(tzinfo=_fixed(sign, off_hours, off_minutes)).astimezone(UTC)
        return naive.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _fixed(sign: str, hours: str, minutes: str | None) -> timezone:
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(-offset if sign == "-" else offset)


def zone_of(name: str) -> tzinfo:
    """The zone of a setting: "" is UTC, ``+02:00`` a fixed offset, else a name such as ``America/Chicago``.

    Raises ValueError with one sentence.
    """
    text = name.strip()
    if text.upper() in {"", "UTC", "Z", "GMT"}:
        return UTC
    found = _OFFSET.fullmatch(text)
    try:
        if found is not None:
            return _fixed(found.group(1), found.group(2), found.group(3))
        return ZoneInfo(text)
    except (ValueError, OSError, KeyError):  # an unknown zone is a KeyError, a folder of zones an OSError
        raise ValueError(f"{name!r} is no time zone; write one such as America/Chicago, UTC or +02:00.") from None


def parse_http_date(text: str | None) -> datetime | None:
    """An HTTP date (Date, Retry-After) as aware UTC; None where it is absent or broken."""
    if not text or len(text) > TEXT_LIMIT:
        return None
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
