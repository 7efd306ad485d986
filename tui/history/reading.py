"""Reading the history as a whole: for learning from it, for showing it, for taking it elsewhere. Plain functions.

Every question goes along an index and has a bound, so that it costs what it brings and not what the file holds.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tui.domain.durations import Scope, scope_of
from tui.domain.learning import Told
from tui.domain.snapshot import Transition
from tui.history.rows import read_state
from tui.history.schema import to_number, to_time

LEARNT = 40_000  # newest transitions that a run learns from: some thousand runs, read in about a second of one thread
LEARNT_AT_ONCE = 250  # … so many in one piece: what happens now comes in between two, and a key waits for no frame
EVER = -(2**62)  # before every time that is stored: clocks have been in 1969
SHOWN = 100_000  # transitions that one question brings at most

_FIELDS = (
    "transition.id, address, name, type, project, error, label, last_seen_at, queued_at, began_at, ended_at,"
    " part, before, after, status, after_at, seen_at, server_at"
)
_JOINED = f"SELECT {_FIELDS} FROM transition JOIN target ON target.id = target_id"  # noqa: S608 - our own names


@dataclass(frozen=True, slots=True)
class Seen:
    """One transition with what is known of its target."""

    id: int
    scope: Scope
    transition: Transition
    told: Told | None
    name: str
    project: str
    error: str = ""
    label: str = ""
    last_seen_at: datetime | None = None


def learnt_from(db: sqlite3.Connection) -> tuple[int, int]:
    """The ids between which the transitions lie that are learnt from: after the first, up to the second."""
    newest = db.execute("SELECT max(id) FROM transition").fetchone()[0] or 0
    return max(0, newest - LEARNT), newest


def seen_between(db: sqlite3.Connection, after: int, until: int, most: int) -> list[Seen]:
    """The transitions after one id up to another, oldest first, `most` at most."""
    sql = f"{_JOINED} WHERE transition.id > ? AND transition.id <= ? ORDER BY transition.id LIMIT ?"
    return [_seen(row) for row in db.execute(sql, (after, until, most))]


def seen_of(db: sqlite3.Connection, address: str, since_at: datetime | None, most: int = SHOWN) -> list[Seen]:
    """The newest transitions of one target, oldest first."""
    where = "WHERE target_id = (SELECT id FROM target WHERE address = ?) AND seen_at >= ?"
    sql = f"{_JOINED} {where} ORDER BY transition.id DESC LIMIT ?"
    since = to_number(since_at) if since_at is not None else EVER
    return [_seen(row) for row in db.execute(sql, (address, since, most)).fetchall()][::-1]


def seen_since(
    db: sqlite3.Connection, since_at: datetime | None, server: str | None = None, most: int = SHOWN
) -> list[Seen]:
    """The newest transitions of everything, or of one server, oldest first."""
    conditions: list[tuple[str, object]] = []
    if since_at is not None:
        conditions.append(("transition.seen_at >= ?", to_number(since_at)))
    if server is not None:
        conditions.append(("server = ?", server))
    where = " WHERE " + " AND ".join(condition for condition, _ in conditions) if conditions else ""
    # The sign hides the order of the rows, so that the few since then are found by their time and sorted.
    order = "+transition.id" if since_at is not None else "transition.id"
    sql = f"{_JOINED}{where} ORDER BY {order} DESC LIMIT ?"
    bound = (*(value for _, value in conditions), most)
    return [_seen(row) for row in db.execute(sql, bound).fetchall()][::-1]


def everything(db: sqlite3.Connection, at_once: int = LEARNT_AT_ONCE) -> Iterator[Seen]:
    """All transitions, oldest first, a piece at a time."""
    until = learnt_from(db)[1]
    after = 0
    while found := seen_between(db, after, until, at_once):
        yield from found
        after = found[-1].id


def _seen(row: tuple[object, ...]) -> Seen:
    number, address, name, kind_type, project, error, label, last_at, *told_at, part, before, after, status = row[:-3]
    after_at, seen_at, server_at = (_time(one) for one in row[-3:])
    told = Told(*(_time(one) for one in told_at))
    return Seen(
        int(number),  # type: ignore[call-overload]
        scope_of(str(address), str(kind_type), str(project)),
        Transition(
            str(address),
            str(part),
            None if before is None else read_state(str(before)),
            read_state(str(after)),
            None if status is None else str(status),
            after_at,
            seen_at or to_time(0),
            server_at,
        ),
        told if any(told) else None,
        str(name),
        str(project),
        str(error),
        str(label),
        _time(last_at),
    )


def _time(number: object) -> datetime | None:
    return to_time(number) if isinstance(number, int) else None
