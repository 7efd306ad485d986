"""The history's file: made private to its owner, opened, and set aside where it cannot be used. Never deleted."""

from __future__ import annotations

import os
import sqlite3
from datetime import datetime
from pathlib import Path

from tui.history.schema import Standing, migrate, standing
from tui.locations import make_private_folder

BUSY_S = 2.0  # how long another process may hold the write lock; ours hold it for milliseconds
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})
SIDE_FILES = ("-wal", "-shm", "-journal")


class NewerHistory(Exception):
    """The file was written by a newer scantop."""


class ForeignHistory(Exception):
    """The file is a database of something else."""


def open_database(path: Path) -> sqlite3.Connection:
    """The open history, made or migrated if needed, in WAL mode.

    Raises `NewerHistory`, `ForeignHistory`, `sqlite3.Error` and `OSError`. In WAL mode with synchronous NORMAL a commit
    survives kill -9 of this process; only the machine itself falling over may lose the last ones.
    """
    make_private_folder(path.parent)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        found = standing(db)
        if found is Standing.NEWER:
            raise NewerHistory
        if found is Standing.FOREIGN:
            raise ForeignHistory
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA foreign_keys = ON")
        migrate(db)
    except BaseException:
        db.close()
        raise
    return db


def open_read_only(path: Path) -> sqlite3.Connection:
    """The file as it is, for reading alone. Raises `sqlite3.Error`."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_S, check_same_thread=False)


def inode(path: Path) -> int | None:
    """Which file stands there now; None where there is none."""
    try:
        return path.stat().st_ino
    except OSError:
        return None


def is_damage(error: Exception) -> bool:
    """The file itself is broken, so that no later try can succeed (a lock or a full disk may pass).

    SQLITE_ERROR is among it: our own statements fail that way only where our tables are not what they were.
    """
    if isinstance(error, ForeignHistory):
        return True
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _DAMAGE


def set_aside(path: Path, now: datetime) -> Path:
    """Give the file another name beside it, one that nothing has yet; gives that name. Raises `OSError`."""
    stem = f"{path.name}.set-aside-{now:%Y%m%dT%H%M%SZ}"
    aside = path.with_name(stem)
    count = 1
    while aside.exists():
        count += 1
        aside = path.with_name(f"{stem}-{count}")
    os.rename(path, aside)
    for side in SIDE_FILES:
        other = path.with_name(path.name + side)
        if other.exists():
            os.rename(other, aside.with_name(aside.name + side))
    return aside
