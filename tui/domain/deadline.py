"""Deadlines: when a target is due, how much slack it has, and whether it was met. Pure; the zone is the callers'.

A deadline counts from the beginning of the run that is shown: the server's own time of it where it gives one, else our
first sight of it. A run begins when a target appears, and again when one that had ended is scanned anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

from tui.domain.state import BAD_ENDS, State

if TYPE_CHECKING:
    from tui.domain.snapshot import Entry, Transition

DAYS_LOOKED = 3  # days in which the next such time of day must lie, whatever the clocks do meanwhile


@dataclass(frozen=True, slots=True)
class Deadline:
    """One of three: so many seconds after the run began, the next such time of day after that, or one moment."""

    within_s: float | None = None
    by: time | None = None
    at: datetime | None = None


def due_at(deadline: Deadline | None, entry: Entry, zone: tzinfo | None = None) -> datetime | None:
    """When the entry is due; None where it has no deadline, or its run began at a time that nobody knows.

    What is missing yet has not begun: only a time of day (counted from our first look) or a moment is due then. `zone`
    is that of the time of day, None for this machine's own.
    """
    if deadline is None:
        return None
    if deadline.at is not None:
        return deadline.at
    began_at = entry.first_seen_at if entry.state is State.MISSING and deadline.by is not None else run_began_at(entry)
    if began_at is None:
        return None
    try:
        if deadline.within_s is not None:
            return began_at + timedelta(seconds=deadline.within_s)
        return next_time(deadline.by, began_at, zone) if deadline.by is not None else None
    except OverflowError:  # a server's clock at the end of time
        return None


def next_time(by: time, after: datetime, zone: tzinfo | None = None) -> datetime:
    """The first moment after `after` at which clocks in the zone show `by`.

    A time that is left out when clocks are put forward comes as much later; one that comes twice counts at its first.
    """
    day = after.astimezone(zone).date()
    for days in range(DAYS_LOOKED):
        naive = datetime.combine(day + timedelta(days=days), by)
        # Without a zone the system's own is taken, with its rules for that day and not with today's offset.
        found = (naive if zone is None else naive.replace(tzinfo=zone)).astimezone(after.tzinfo)
        if found > after:
            return found
    return found


def run_began_at(entry: Entry) -> datetime | None:
    """When the run that is shown began; None where it is missing, or was at its end when it was first seen."""
    if entry.state is State.MISSING:
        return None
    began: Transition | None = None
    is_over = True
    for transition in entry.transitions:
        if transition.part:
            continue
        if transition.after is State.MISSING:
            began, is_over = None, True
        elif transition.after.is_terminal:
            if is_over:  # from one end to another: it was scanned anew between two looks, and nobody saw it begin
                began = None
            is_over = True
        elif is_over:
            began, is_over = transition, False
    if began is None:
        # The beginning is no longer among the transitions that are kept; of what had ended at first sight it never was.
        has_whole = any(not transition.part for transition in entry.transitions)
        return None if has_whole or entry.state.is_terminal else entry.first_seen_at
    if began.server_at is None:
        return began.seen_at
    return began.server_at if began.after_at is None else max(began.server_at, began.after_at)


def slack_s(entry: Entry, now: datetime) -> float | None:
    """Seconds until it is due, negative beyond; of what has ended those that it had to spare. None without a deadline.

    None too for what ended at a time that is not known.
    """
    if entry.due_at is None:
        return None
    until = entry.since_at if has_ended(entry) else now
    return None if until is None else (entry.due_at - until).total_seconds()


def has_ended(entry: Entry) -> bool:
    """There is an answer, and it says that nothing more is expected."""
    return entry.record is not None and entry.state.is_terminal


def is_overdue(entry: Entry, now: datetime) -> bool:
    """It is due and has not ended."""
    return entry.due_at is not None and now > entry.due_at and not has_ended(entry)


def is_met(entry: Entry) -> bool | None:
    """It ended well and in time; None for what has not ended, has no deadline, or ended badly before it was due."""
    slack = slack_s(entry, entry.since_at) if has_ended(entry) and entry.since_at is not None else None
    if slack is None or (slack >= 0 and entry.state in BAD_ENDS):
        return None
    return slack >= 0
