"""From a reading to the next entry and its transitions. Pure: entries, readings and times in, entries out.

Owns what counts as a change (a part's state differs; for unknown states also the server's word) and since when a part
has been in its state. Knows nothing of polling, storage or other targets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tui.domain.problem import Problem, ProblemCode
from tui.domain.records import Call, Reading, Record
from tui.domain.snapshot import Entry, Mark, Remembered, Transition
from tui.domain.state import State

TRANSITIONS_KEPT = 50  # an entry's newest; the history keeps them all
CALLS_KEPT = 10  # "how the last polls went" in the detail view
CATEGORY_SIGN = "@"  # a category's part is its name with this before it


@dataclass(frozen=True, slots=True)
class Sight:
    """When and how a reading came about.

    `seen_at` is our wall time of the answer, `offset_s` how far the server's clock is ahead of ours (seconds), `calls`
    the exchanges that brought it.
    """

    seen_at: datetime
    offset_s: float = 0.0
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    state: State
    status: str | None
    time_at: datetime | None


def recall(entry: Entry, remembered: Remembered) -> Entry:
    """The entry with what an earlier run saw; what this run has seen already wins."""
    return replace(
        entry,
        first_seen_at=remembered.first_seen_at,
        marks=entry.marks or remembered.marks,
        transitions=entry.transitions or remembered.transitions[-TRANSITIONS_KEPT:],
    )


def observe(
    entry: Entry, reading: Reading, sight: Sight, last_seen_at: datetime | None
) -> tuple[Entry, tuple[Transition, ...]]:
    """The entry after `reading`, and the transitions that it brought.

    `last_seen_at` is when the old state was last seen, None where it never was. A problem other than "missing" changes
    no state; "missing" is one only while there is no record, because the last good one stays on the screen.
    """
    calls = (*entry.calls, *sight.calls)[-CALLS_KEPT:]
    record = reading.record
    if record is None:
        failed = replace(entry, problem=reading.problem, polled_at=sight.seen_at, calls=calls)
        if not _is_missing(reading.problem) or entry.record is not None:
            return failed, ()
        return _changed(failed, (_Part("", State.MISSING, None, None),), sight, last_seen_at)
    good = replace(
        entry,
        record=record,
        problem=None,
        polled_at=sight.seen_at,
        good_at=sight.seen_at,
        calls=calls,
        is_late=False,
        offset_s=sight.offset_s,
    )
    parts = tuple(_parts(record))
    return _changed(good, parts, sight, last_seen_at, old=entry.record)


def newest_failures(known: tuple[Call, ...], calls: tuple[Call, ...]) -> tuple[Call, ...]:
    """The failed calls of a list or an outage, with those among `calls`; only the newest are kept."""
    return (*known, *(call for call in calls if call.problem is not None))[-CALLS_KEPT:]


def _is_missing(problem: Problem | None) -> bool:
    return problem is not None and problem.code is ProblemCode.MISSING


def _parts(record: Record) -> Iterator[_Part]:
    yield _Part("", record.state, record.status, record.since_at)
    for stage in record.stages:
        yield _Part(stage.name, stage.state, stage.status, stage.time_at)
    for category in record.categories:
        yield _Part(CATEGORY_SIGN + category.name, category.state, category.status, category.time_at)


def _mark(marks: tuple[Mark, ...], part: str) -> Mark | None:
    for mark in marks:
        if mark.part == part:
            return mark
    return None


def _changed(
    entry: Entry,
    parts: tuple[_Part, ...],
    sight: Sight,
    last_seen_at: datetime | None,
    old: Record | None = None,
) -> tuple[Entry, tuple[Transition, ...]]:
    """The entry with new marks, and a transition for each part that differs from its mark."""
    seen_at = sight.seen_at
    after_at = min(last_seen_at, seen_at) if last_seen_at is not None else None
    before_marks = {mark.part: mark for mark in entry.marks}
    old_parts = {part.name: part for part in _parts(old)} if old is not None else {}
    marks: list[Mark] = []
    found: list[Transition] = []
    # A part that the new answer lacks has become absent.
    gone = [_Part(name, State.ABSENT, None, None) for name in before_marks.keys() - {part.name for part in parts}]
    for part in (*parts, *sorted(gone, key=lambda part: part.name)):
        mark = before_marks.get(part.name)
        server_at = _own_time(part.time_at, sight.offset_s, seen_at)
        before = mark.state if mark is not None else (State.ABSENT if before_marks else None)
        is_new_word = part.state is State.UNKNOWN and _word(old_parts.get(part.name)) not in (None, part.status)
        if before is part.state and not is_new_word:
            if mark is not None:
                marks.append(_kept(mark, part, old_parts.get(part.name), server_at, seen_at))
            continue
        if before is None and part.state is State.ABSENT:
            continue  # never seen and not there: nothing happened
        since_at = seen_at if server_at is None else server_at
        if before is not None and after_at is not None:
            since_at = max(since_at, after_at)  # we saw the old state then, whatever the server's time says
        if part.state is not State.ABSENT:
            marks.append(Mark(part.name, part.state, since_at))
        found.append(
            Transition(entry.key, part.name, before, part.state, part.status, after_at, seen_at, server_at),
        )
    own = _mark(tuple(marks), "")
    entry = replace(
        entry,
        first_seen_at=entry.first_seen_at or seen_at,
        since_at=own.since_at if own is not None else entry.since_at,
        marks=tuple(marks),
        transitions=(*entry.transitions, *found)[-TRANSITIONS_KEPT:] if found else entry.transitions,
    )
    return entry, tuple(found)


def _word(part: _Part | None) -> str | None:
    return part.status if part is not None and part.state is State.UNKNOWN else None


def _own_time(time_at: datetime | None, offset_s: float, seen_at: datetime) -> datetime | None:
    """The server's time on our clock, never after our sight of it; None where it gives none that can be."""
    if time_at is None:
        return None
    try:
        return min(time_at - timedelta(seconds=offset_s), seen_at)
    except OverflowError:
        return None


def _kept(mark: Mark, part: _Part, old: _Part | None, server_at: datetime | None, seen_at: datetime) -> Mark:
    """The mark of a part whose state is the same.

    A server time that moved on means that the state was left and entered again between two polls. Without an answer of
    this run (`old` None) an earlier run's mark is taken as it is, unless the server's time is newer. A clock that was
    set back never leaves a mark in the future.
    """
    since_at = min(mark.since_at, seen_at)
    if server_at is not None and server_at > since_at and (old is None or old.time_at != part.time_at):
        since_at = server_at
    return mark if since_at == mark.since_at else replace(mark, since_at=since_at)
