"""Reading and writing the history's rows. Plain functions on an open connection, run by the writer thread alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tui.domain.durations import facts_of
from tui.domain.learning import Told, told_of
from tui.domain.snapshot import Entry, Mark, Remembered, Transition
from tui.domain.state import State
from tui.history import tallies
from tui.history.schema import to_number, to_time

RECALLED = 50  # newest transitions of a target that are given back: as many as an entry keeps
BATCH = 500  # addresses in one question; SQLite takes 999 in its oldest builds
TEXT_LIMIT = 512  # characters of a server's word or name that are kept: statuses are short, and text is hostile
KEEP = timedelta(days=400)  # a year and a bit, so that "as long as last year" can be asked
KEEP_ROWS = 2_000_000  # transitions; about 200 MB
PRUNED_AT_ONCE = 20_000  # rows that one pruning takes: more would hold the write lock for long
OUTAGE_GAP = timedelta(minutes=15)  # without a failed poll: another outage; no back-off is half as long
STALE = timedelta(seconds=60)  # how far behind another process a sight may be; more is a clock that was set back


def recall(db: sqlite3.Connection, keys: Sequence[str]) -> dict[str, Remembered]:
    """What is known of these addresses."""
    found: dict[str, Remembered] = {}
    for start in range(0, len(keys), BATCH):
        some = keys[start : start + BATCH]
        signs = ",".join("?" * len(some))
        rows = db.execute(
            f"SELECT id, address, first_seen_at, last_seen_at FROM target WHERE address IN ({signs})",  # noqa: S608
            some,
        ).fetchall()
        for target_id, key, first_at, last_at in rows:
            marks = tuple(
                Mark(part, read_state(state), to_time(since_at))
                for part, state, since_at in db.execute(
                    "SELECT part, state, since_at FROM mark WHERE target_id = ? AND state != 'absent'", (target_id,)
                )
            )
            newest = db.execute(
                "SELECT part, before, after, status, after_at, seen_at, server_at FROM transition"
                " WHERE target_id = ? ORDER BY id DESC LIMIT ?",
                (target_id, RECALLED),
            ).fetchall()
            transitions = tuple(_transition(key, row) for row in reversed(newest))
            found[key] = Remembered(key, to_time(first_at), to_time(last_at), marks, transitions)
    return found


def record(
    db: sqlite3.Connection, transitions: Iterable[Transition], entries: Iterable[Entry], now: datetime
) -> tuple[int, ...]:
    """Write the transitions, inside the transaction that is open; gives the rows of those that were new.

    One that another process has written already (the part is in that state since a later or equal sight) is left out,
    so that each is in the history once. A sight after `now` was no other process's: the clock was set back since.
    """
    written_at = to_number(now)
    ids = {entry.key: _target_id(db, entry) for entry in entries}
    written: list[int] = []
    for item in transitions:
        target_id = ids.get(item.key)
        if target_id is None:
            continue
        seen_at = to_number(item.seen_at)
        status = _short(item.status)
        known = db.execute(
            "SELECT state, status, seen_at FROM mark WHERE target_id = ? AND part = ?", (target_id, item.part)
        ).fetchone()
        if known is not None:
            is_same = known[0] == item.after.value and (item.after is not State.UNKNOWN or known[1] == status)
            is_overtaken = known[2] <= written_at and 0 < known[2] - seen_at < STALE // timedelta(microseconds=1)
            if is_same or is_overtaken:
                continue
        elif item.after is State.ABSENT:
            continue
        server_at = to_number(item.server_at) if item.server_at is not None else None
        after_at = to_number(item.after_at) if item.after_at is not None else None
        before = known[0] if known is not None else (item.before.value if item.before is not None else None)
        row = db.execute(
            "INSERT INTO transition (target_id, part, before, after, status, after_at, seen_at, server_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (target_id, item.part, before, item.after.value, status, after_at, seen_at, server_at),
        )
        since_at = max(server_at if server_at is not None else seen_at, after_at or 0)
        db.execute(
            "INSERT INTO mark (target_id, part, state, status, since_at, seen_at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (target_id, part) DO UPDATE SET state = excluded.state, status = excluded.status,"
            " since_at = excluded.since_at, seen_at = excluded.seen_at",
            (target_id, item.part, item.after.value, status, since_at, seen_at),
        )
        written.append(row.lastrowid or 0)
    return tuple(written)


@dataclass(frozen=True, slots=True)
class Own:
    """What one run wrote: rows of transitions, its newest sight by address, its newest failure by server and code."""

    transitions: Sequence[int]
    began_at: datetime
    seen: Mapping[str, datetime]
    failing: Mapping[tuple[str, str], datetime]


def shift(db: sqlite3.Connection, own: Own, by: timedelta) -> None:
    """Move what a run wrote in time: transitions and the marks that they made, sights, outages that are not over.

    Of a target and of an outage the run that saw it last moves the row: others on this file leave it alone.
    """
    by_us = by // timedelta(microseconds=1)
    moved = [(by_us, number) for number in own.transitions]
    db.executemany(
        "UPDATE mark SET since_at = since_at + ?1, seen_at = seen_at + ?1"
        " WHERE (target_id, part, seen_at) = (SELECT target_id, part, seen_at FROM transition WHERE id = ?2)",
        moved,
    )
    db.executemany(
        "UPDATE transition SET after_at = after_at + ?1, seen_at = seen_at + ?1, server_at = server_at + ?1"
        " WHERE id = ?2",
        moved,
    )
    began_at = to_number(own.began_at)
    db.executemany(
        "UPDATE target SET last_seen_at = last_seen_at + ?1, first_seen_at ="
        " min(first_seen_at + CASE WHEN first_seen_at >= ?2 THEN ?1 ELSE 0 END, last_seen_at + ?1)"
        " WHERE address = ?3 AND last_seen_at = ?4",
        [(by_us, began_at, key, to_number(at)) for key, at in own.seen.items()],
    )
    db.executemany(
        "UPDATE outage SET started_at = started_at + ?1, last_at = last_at + ?1"
        " WHERE server = ?2 AND code = ?3 AND ended_at IS NULL AND last_at = ?4",
        [(by_us, server, code, to_number(at)) for (server, code), at in own.failing.items()],
    )


def see(db: sqlite3.Connection, sights: Mapping[str, datetime]) -> None:
    """Move the last sight of these addresses on; unknown ones are left out."""
    db.executemany(
        "UPDATE target SET last_seen_at = max(last_seen_at, ?) WHERE address = ?",
        [(to_number(at), key) for key, at in sights.items()],
    )


def fail(db: sqlite3.Connection, server: str, code: str, first_at: datetime, last_at: datetime, polls: int) -> None:
    """Note polls that failed: the server's open outage of that kind grows, or one begins.

    A failure that nobody told the end of (a single target's, or a monitor was killed) ended with its last poll.
    """
    db.execute(
        "UPDATE outage SET ended_at = last_at WHERE server = ? AND code = ? AND ended_at IS NULL AND last_at < ?",
        (server, code, to_number(first_at - OUTAGE_GAP)),
    )
    grown = db.execute(
        "UPDATE outage SET last_at = max(last_at, ?), polls = polls + ?"
        " WHERE id = (SELECT max(id) FROM outage WHERE server = ? AND code = ? AND ended_at IS NULL)",
        (to_number(last_at), polls, server, code),
    )
    if grown.rowcount == 0:
        db.execute(
            "INSERT INTO outage (server, code, started_at, last_at, polls) VALUES (?, ?, ?, ?, ?)",
            (server, code, to_number(first_at), to_number(last_at), polls),
        )


def recover(db: sqlite3.Connection, server: str, at: datetime) -> None:
    """The server's open outages are over; none ends before it began, whatever the clock says."""
    sql = "UPDATE outage SET ended_at = max(started_at, ?) WHERE server = ? AND ended_at IS NULL"
    db.execute(sql, (to_number(at), server))


def prune(db: sqlite3.Connection, now: datetime, keep: timedelta = KEEP, keep_rows: int = KEEP_ROWS) -> int:
    """Drop transitions older than `keep` and the oldest beyond `keep_rows`; gives how many went.

    A bounded number each time. A target that was not seen for as long goes with all that is known of it.
    """
    before = to_number(now - keep)
    sql = "DELETE FROM transition WHERE id IN (SELECT id FROM transition WHERE seen_at < ? LIMIT ?)"
    gone = db.execute(sql, (before, PRUNED_AT_ONCE)).rowcount
    sql = "DELETE FROM transition WHERE id IN (SELECT id FROM transition WHERE id <= ? LIMIT ?)"
    newest = db.execute("SELECT max(id) FROM transition").fetchone()[0] or 0
    gone += db.execute(sql, (newest - keep_rows, PRUNED_AT_ONCE)).rowcount
    sql = "DELETE FROM target WHERE id IN (SELECT id FROM target WHERE last_seen_at < ? LIMIT ?)"
    db.execute(sql, (before, PRUNED_AT_ONCE // 10))
    db.execute("DELETE FROM outage WHERE last_at < ?", (before,))
    tallies.prune(db, now, keep)
    return gone


def newest_sight(db: sqlite3.Connection) -> datetime | None:
    """When the newest transition was seen; None where there is none."""
    number = db.execute("SELECT max(seen_at) FROM transition").fetchone()[0]
    return None if number is None else to_time(number)


def read_state(word: str) -> State:
    """A stored state; a word that this version does not know is unknown."""
    try:
        return State(word)
    except ValueError:
        return State.UNKNOWN


def _transition(key: str, row: tuple[str, str | None, str, str | None, int | None, int, int | None]) -> Transition:
    part, before, after, status, after_at, seen_at, server_at = row
    return Transition(
        key,
        part,
        None if before is None else read_state(before),
        read_state(after),
        status,
        None if after_at is None else to_time(after_at),
        to_time(seen_at),
        None if server_at is None else to_time(server_at),
    )


def _target_id(db: sqlite3.Connection, entry: Entry) -> int:
    """The target's row, made or brought up to date."""
    kind_type, project = facts_of(entry)
    told = told_of(entry.record) or Told()
    seen_at = to_number(entry.polled_at) if entry.polled_at is not None else 0
    first_at = to_number(entry.first_seen_at) if entry.first_seen_at is not None else seen_at
    row = db.execute(
        "INSERT INTO target (address, server, kind, name, type, project, first_seen_at, last_seen_at,"
        " error, label, queued_at, began_at, ended_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (address) DO UPDATE SET"
        " name = excluded.name, type = excluded.type, project = excluded.project,"
        " error = excluded.error, label = coalesce(nullif(excluded.label, ''), label),"
        " queued_at = coalesce(excluded.queued_at, queued_at), began_at = coalesce(excluded.began_at, began_at),"
        " ended_at = coalesce(excluded.ended_at, ended_at),"
        " last_seen_at = max(last_seen_at, excluded.last_seen_at) RETURNING id",
        (
            entry.key,
            entry.target.server,
            entry.target.kind,
            _short(entry.name) or "",
            _short(kind_type) or "",
            _short(project) or "",
            first_at,
            seen_at,
            _short(entry.record.error if entry.record is not None else "") or "",
            _short(entry.label) or "",
            *(None if at is None else to_number(at) for at in told),
        ),
    ).fetchone()
    return int(row[0])


def _short(text: str | None) -> str | None:
    """Text that SQLite can hold (no lone surrogates) and that is no longer than it is worth."""
    return None if text is None else text[:TEXT_LIMIT].encode("utf-8", "replace").decode("utf-8")
