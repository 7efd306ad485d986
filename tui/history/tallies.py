"""How polls went, as rows of the history: added to, read, dropped. Plain functions on an open connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from tui.domain.latency import COUNT_LIMIT, Tallies, Tally, read_spread, spread_text

KEEP = timedelta(days=60)  # twice what anybody looks back for; 17,000 rows a server
READ = 50_000  # rows that one question brings at most: a week of two dozen servers
_US = 1_000_000


def add(db: sqlite3.Connection, tallies: Mapping[tuple[str, int], Tally]) -> None:
    """Add to what is there, also by other processes, inside the transaction that is open."""
    for (server, bucket_s), tally in tallies.items():
        row = db.execute(
            "SELECT polls, failed, sum_us, longest_us, spread FROM tally WHERE bucket_s = ? AND server = ?",
            (bucket_s, server),
        ).fetchone()
        whole = tally if row is None else _tally(*row).plus(tally)
        db.execute("INSERT OR REPLACE INTO tally VALUES (?, ?, ?, ?, ?, ?, ?)", (bucket_s, server, *_row(whole)))


def read(db: sqlite3.Connection, since_at: datetime, until_at: datetime) -> Tallies:
    """What is kept of spans that begin within a time, the newest first where there are too many."""
    found = db.execute(
        "SELECT bucket_s, server, polls, failed, sum_us, longest_us, spread FROM tally"
        " WHERE bucket_s >= ? AND bucket_s < ? ORDER BY bucket_s DESC LIMIT ?",
        (int(since_at.timestamp()), int(until_at.timestamp()), READ),
    )
    return {(str(server), int(bucket_s)): _tally(*row) for bucket_s, server, *row in found}


def put(db: sqlite3.Connection, tallies: Mapping[tuple[str, int], Tally]) -> None:
    """Keep these of spans of which nothing is known yet, inside the transaction that is open."""
    db.executemany(
        "INSERT OR IGNORE INTO tally VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(bucket_s, server, *_row(tally)) for (server, bucket_s), tally in tallies.items()],
    )


def everything(db: sqlite3.Connection) -> Iterator[tuple[tuple[str, int], Tally]]:
    """All that is kept, oldest first."""
    sql = "SELECT bucket_s, server, polls, failed, sum_us, longest_us, spread FROM tally ORDER BY bucket_s, server"
    for bucket_s, server, *row in db.execute(sql):
        yield (str(server), int(bucket_s)), _tally(*row)


def prune(db: sqlite3.Connection, now: datetime, keep: timedelta = KEEP) -> None:
    """Drop what is older than `keep`; nothing is kept for longer than `KEEP`."""
    db.execute("DELETE FROM tally WHERE bucket_s < ?", (int((now - min(keep, KEEP)).timestamp()),))


def _row(tally: Tally) -> tuple[int, int, int, int, str]:
    sum_us, longest_us = round(tally.sum_s * _US), round(tally.longest_s * _US)
    return (tally.polls, tally.failed, sum_us, longest_us, spread_text(tally.spread))


def _tally(polls: object, failed: object, sum_us: object, longest_us: object, spread: object) -> Tally:
    """A row as it was written; whatever a damaged one holds is taken as nought."""
    numbers = [int(one) if isinstance(one, int | float) and one == one else 0 for one in (polls, failed)]
    all_polls = min(COUNT_LIMIT, max(0, numbers[0]))
    seconds = [one / _US if isinstance(one, int) and one >= 0 else 0.0 for one in (sum_us, longest_us)]
    text = spread if isinstance(spread, str) else ""
    return Tally(all_polls, min(all_polls, max(0, numbers[1])), seconds[0], seconds[1], read_spread(text))
