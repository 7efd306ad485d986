"""Times, durations and counts as a person reads them: short, coarse, never negative.

Ages are coarse on purpose: a line is repainted only when its text changes, and nothing may be sent while nothing
happens. Knows no zone of its own: callers give the zone to show times in.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

SKEW_S = 30.0  # a difference of clocks from which a person reading times side by side is misled
FRESH_STEP_S = 5  # seconds; ages under a minute change no more often than this
_MINUTE_S = 60
_HOUR_S = 3_600
_DAY_S = 86_400
_LONGEST_S = 9_999 * _DAY_S  # longer ones come from clocks that are wrong, and would not fit a column
_LONG_DAYS = 10  # from here on hours say nothing, and six cells would widen every column of ages
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def age(seconds: float | None) -> str:
    """An age in coarse steps: ``5s`` steps, then ``12m``, ``3h05``, ``2d04h``; "" for None. At most 5 cells.

    A negative one (clocks differ) reads as none at all.
    """
    if seconds is None:
        return ""
    whole = _whole(seconds)
    if whole < _MINUTE_S:
        return f"{whole // FRESH_STEP_S * FRESH_STEP_S}s"
    return _coarse(whole)


def duration(seconds: float | None) -> str:
    """A span that has ended, exact where it is short: ``7s``, ``1m30``, ``3h05``, ``2d04h``; "" for None."""
    if seconds is None:
        return ""
    whole = _whole(seconds)
    if whole < _MINUTE_S:
        return f"{whole}s"
    if whole < _HOUR_S:
        minutes, rest = divmod(whole, _MINUTE_S)
        return f"{minutes}m{rest:02d}"
    return _coarse(whole)


def skew(ahead_s: float | None) -> str:
    """How far another clock is from ours: ``1h00 ahead``, ``2m10 behind``; "" where that misleads nobody."""
    if ahead_s is None or abs(ahead_s) <= SKEW_S:
        return ""
    rounded_s = round(abs(ahead_s) / FRESH_STEP_S) * FRESH_STEP_S  # a Date tells whole seconds, and was under way
    return f"{duration(rounded_s)} {'ahead' if ahead_s > 0 else 'behind'}"


def seconds_between(start_at: datetime | None, end_at: datetime | None) -> float | None:
    """Seconds from start to end, not less than 0; None where either is not known."""
    if start_at is None or end_at is None:
        return None
    return max(0.0, (end_at - start_at).total_seconds())


def moment(at: datetime | None, now: datetime, zone: tzinfo = UTC) -> str:
    """A time as short as it can be: ``14:02:09`` today, ``Jul 09 14:02`` this year, else ``2024-07-09``."""
    if at is None:
        return ""
    here, today = _in_zone(at, zone), _in_zone(now, zone)
    if here.date() == today.date():
        return here.strftime("%H:%M:%S")
    if here.year == today.year:
        return f"{_MONTHS[here.month - 1]} {here:%d %H:%M}"
    return f"{here.year:04d}-{here:%m-%d}"


def full_moment(at: datetime | None, zone: tzinfo = UTC) -> str:
    """A time in full with its zone: ``2024-07-09 07:22:05 UTC``; "" for None."""
    if at is None:
        return ""
    here = _in_zone(at, zone)
    return f"{here.year:04d}-{here:%m-%d %H:%M:%S} {here.tzname() or ''}".rstrip()


def rfc3339(at: datetime | None) -> str | None:
    """A time for programs: ``2024-07-09T07:22:05Z``, None for None.

    A fraction of a second is cut off: no reading here is finer than a poll, and `jq` takes none.
    """
    if at is None:
        return None
    return _in_zone(at, UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def count(number: int, noun: str, plural: str = "") -> str:
    """``1 target``, ``12 targets``, ``12,340 rows``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def bar(part: float, cells: int, *, is_ascii: bool = False) -> str:
    """A bar `cells` wide, filled by `part` (0 to 1; more or less is taken as these).

    Block characters show eighths of a cell; ASCII is ``[###..]``. It is never full before `part` is 1.
    """
    part = min(1.0, max(0.0, part)) if part == part else 0.0
    if is_ascii:
        inner = max(0, cells - 2)
        full = int(part * inner)
        return ("[" + "#" * full + "." * (inner - full) + "]")[: max(0, cells)]
    full, eighth = divmod(int(part * cells * 8), 8)
    partial = _EIGHTHS[eighth] if full < cells and eighth else ""
    return ("█" * full + partial).ljust(max(0, cells), "░")


def percent(number: float | int | None) -> str:
    """``42%``; "" for None; beyond 0 to 100 is taken as these."""
    return "" if number is None or number != number else f"{int(min(100, max(0, number)))}%"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _in_zone(at: datetime, zone: tzinfo) -> datetime:
    """The time in the zone; as it is where the zone's calendar ends before it."""
    try:
        return at.astimezone(zone)
    except (OverflowError, ValueError):
        return at


def _whole(seconds: float) -> int:
    if seconds != seconds:
        return 0
    return int(min(float(_LONGEST_S), max(0.0, seconds)))


def _coarse(whole: int) -> str:
    if whole < _HOUR_S:
        return f"{whole // _MINUTE_S}m"
    if whole < _DAY_S:
        return f"{whole // _HOUR_S}h{whole % _HOUR_S // _MINUTE_S:02d}"
    days, rest = divmod(whole, _DAY_S)
    return f"{days}d{rest // _HOUR_S:02d}h" if days < _LONG_DAYS else f"{days}d"
