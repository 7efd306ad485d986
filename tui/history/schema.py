"""The tables of the history, and whether a file is ours. Knows no polling and no threads.

`application_id` says whose file it is, `user_version` which schema it has. A file of a newer schema is never written
to. Times are whole microseconds since 1970 UTC: they compare and subtract as numbers.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import Enum

APPLICATION_ID = 0x5343414E  # "SCAN"
VERSION = 4
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_FIRST = """
CREATE TABLE target (
    id INTEGER PRIMARY KEY,
    address TEXT NOT NULL UNIQUE,
    server TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    type TEXT NOT NULL DEFAULT '',
    project TEXT NOT NULL DEFAULT '',
    first_seen_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL
);
-- The state a part is in: what the next transition must differ from, whichever process sees it.
CREATE TABLE mark (
    target_id INTEGER NOT NULL REFERENCES target (id) ON DELETE CASCADE,
    part TEXT NOT NULL,
    state TEXT NOT NULL,
    status TEXT,
    since_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (target_id, part)
) WITHOUT ROWID;
-- It happened between after_at (last sight of the old state) and seen_at; server_at is the server's own time of it.
CREATE TABLE transition (
    id INTEGER PRIMARY KEY,
    target_id INTEGER NOT NULL REFERENCES target (id) ON DELETE CASCADE,
    part TEXT NOT NULL,
    before TEXT,
    after TEXT NOT NULL,
    status TEXT,
    after_at INTEGER,
    seen_at INTEGER NOT NULL,
    server_at INTEGER
);
CREATE INDEX transition_by_target ON transition (target_id, id);
CREATE INDEX transition_by_time ON transition (seen_at);
CREATE TABLE outage (
    id INTEGER PRIMARY KEY,
    server TEXT NOT NULL,
    code TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    ended_at INTEGER,
    polls INTEGER NOT NULL
);
CREATE INDEX outage_by_server ON outage (server, started_at);
"""

# What a server tells of a run by itself (its own clock, as it told it). New columns cost nothing in a large table; the
# index spares pruning a look at every target.
_SECOND = """
ALTER TABLE target ADD COLUMN queued_at INTEGER;
ALTER TABLE target ADD COLUMN began_at INTEGER;
ALTER TABLE target ADD COLUMN ended_at INTEGER;
CREATE INDEX target_by_sight ON target (last_seen_at);
CREATE INDEX outage_by_time ON outage (last_at);
"""

# What a picture of it needs beside its states: the server's newest words of what went wrong, and the person's own name.
_THIRD = """
ALTER TABLE target ADD COLUMN error TEXT NOT NULL DEFAULT '';
ALTER TABLE target ADD COLUMN label TEXT NOT NULL DEFAULT '';
"""

# How polls went, a row a server and five minutes (see `tui.domain.latency`): what a chart of hours needs, and no more.
# By time first, so that a question for the last hours and the pruning each read one stretch. The index finds the newest
# targets that are runs of the same thing.
_FOURTH = """
CREATE TABLE tally (
    bucket_s INTEGER NOT NULL,
    server TEXT NOT NULL,
    polls INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    sum_us INTEGER NOT NULL,
    longest_us INTEGER NOT NULL,
    spread TEXT NOT NULL,
    PRIMARY KEY (bucket_s, server)
) WITHOUT ROWID;
CREATE INDEX target_by_likeness ON target (server, kind, type, project, first_seen_at);
"""

# The step at index n brings a file from schema n to n + 1.
_STEPS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    lambda db: run_script(db, _FIRST),
    lambda db: run_script(db, _SECOND),
    lambda db: run_script(db, _THIRD),
    lambda db: run_script(db, _FOURTH),
)


class Standing(Enum):
    """What a file is to us."""

    EMPTY = "empty"
    OURS = "ours"
    NEWER = "newer"
    FOREIGN = "foreign"


def standing(db: sqlite3.Connection) -> Standing:
    """What the open file is. Raises `sqlite3.DatabaseError` where it is no database at all.

    One statement sees one state: between several, another process may just have made its tables.
    """
    tables, application_id, version = db.execute(
        "SELECT (SELECT count(*) FROM sqlite_master), application_id, user_version"
        " FROM pragma_application_id, pragma_user_version"
    ).fetchone()
    if application_id == APPLICATION_ID:
        return Standing.NEWER if version > VERSION else Standing.OURS
    return Standing.EMPTY if tables == 0 and application_id == 0 else Standing.FOREIGN


def migrate(db: sqlite3.Connection) -> None:
    """Bring an empty or an older file to the present schema, in one transaction; several processes may try at once."""
    db.execute("BEGIN IMMEDIATE")
    try:
        version = int(db.execute("PRAGMA user_version").fetchone()[0])
        for step in _STEPS[version:]:
            step(db)
        if version < VERSION:
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            db.execute(f"PRAGMA user_version = {VERSION}")
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


def run_script(db: sqlite3.Connection, script: str) -> None:
    """Run statements inside the transaction that is open (`executescript` would commit it)."""
    for statement in script.split(";\n"):
        if statement.strip():
            db.execute(statement)


def to_number(at: datetime) -> int:
    """A time as it is stored."""
    return (at - EPOCH) // timedelta(microseconds=1)


def to_time(number: int) -> datetime:
    """A stored time; one that no calendar has (a damaged row) is the epoch."""
    try:
        return EPOCH + timedelta(microseconds=number)
    except (OverflowError, TypeError):
        return EPOCH
