"""Every form of a time that the three servers send, read into aware UTC. Knows no server and no clock.

Forms: RFC 3339 with 0 to 9 and more fraction digits and offsets with and without a colon (Xray, Artifactory); Go's
zero time; epoch milliseconds (ThreadFix); Java's local time without a zone, read in a zone that the caller knows (Code
Insight).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

_FORM = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]|\s+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d*))?)?)?"
    r"\s*(?:([Zz]|UTC|GMT)|([+-])(\d{2}):?(\d{2})?)?",
    re.ASCII,
)
_NO_TIME = frozenset({"", "n/a", "na", "null", "none", "-", "0"})
_OFFSET = re.compile(r"([+-])(\d{1,2}):?(\d{2})?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TEXT_LIMIT = 64  # characters; longer ones are no time


def parse_time(value: object, zone: tzinfo = UTC, not_before: datetime | None = None) -> datetime | None:
    """One time of the wire as aware UTC; None for "no time" in any spelling and for what cannot be read.

    Numbers (and texts of digits) are epoch milliseconds; 0 is Java's "not set". A text without a zone is local to
    `zone`; where the clock was set back and the text is ambiguous, `not_before` (an earlier event of the same thing)
    decides, else the first of the two is taken. Never raises.
    """
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
    return None if found is None else _build(found, zone, not_before)


def _epoch(milliseconds: float) -> datetime | None:
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds) if milliseconds > 0 else None
    except (OverflowError, ValueError):
        return None


def _build(found: re.Match[str], zone: tzinfo, not_before: datetime | None) -> datetime | None:
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
        first = naive.replace(tzinfo=zone).astimezone(UTC)
        if not_before is not None and first < not_before:
            second_time = naive.replace(tzinfo=zone, fold=1).astimezone(UTC)
            return second_time if second_time >= not_before else first
        return first
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
