"""Questions about the past, answered from the history's file beside whoever writes it.

Owns a connection of its own for each question, read-only and in a thread, so that neither the event loop nor the writer
waits. A file that is missing, damaged, locked or of another schema answers nothing: whoever writes tells of it. Every
question goes along an index and has a bound.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from tui.domain.durations import Scope, scope_of
from tui.domain.latency import BUCKET_S
from tui.domain.learning import Told
from tui.domain.past_runs import PastRun, last_run
from tui.domain.pulse import LOOK_S, Grid, Life, ServerPulse, pulses
from tui.domain.snapshot import Transition
from tui.history import tallies
from tui.history.files import open_read_only
from tui.history.rows import read_state
from tui.history.schema import APPLICATION_ID, VERSION, to_number, to_time

LIKE_LOOKED_AT = 4_000  # newest targets of a server, kind, type and project among which those of a name are looked for
LIKE_TRIED = 5  # times as many as are wanted: some have no run of a known length
OWN_LOOKED_AT = 400  # newest transitions of a target, of all its parts, among which those of the whole are looked for
LIVES = 20_000  # newest targets that a pulse is made of
STEPS = 60_000  # newest transitions, of all parts, among which a pulse looks for those of the whole …
WHOLE_STEPS = 20_000  # … and the newest of these, that it is made of: more would keep the event loop

T = TypeVar("T")


class SqliteLookback:
    """Implements `polling.lookback.Lookback` on one SQLite file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def last_runs(self, scope: Scope, key: str, most: int) -> tuple[PastRun, ...]:
        """See `Lookback`."""
        return await self._ask(lambda db: last_runs(db, scope, key, most), ())

    async def pulse(self, servers: Sequence[str], grid: Grid, now: datetime) -> tuple[ServerPulse, ...]:
        """See `Lookback`."""
        wanted = tuple(servers)
        return await self._ask(lambda db: pulse(db, wanted, grid, now), ())

    async def _ask(self, question: Callable[[sqlite3.Connection], T], nothing: T) -> T:
        return await asyncio.to_thread(self._answer, question, nothing)

    def _answer(self, question: Callable[[sqlite3.Connection], T], nothing: T) -> T:
        try:
            with closing(open_read_only(self._path)) as db:
                application_id = db.execute("PRAGMA application_id").fetchone()[0]
                version = db.execute("PRAGMA user_version").fetchone()[0]
                return question(db) if (application_id, version) == (APPLICATION_ID, VERSION) else nothing
        except (sqlite3.Error, OSError, ValueError, TypeError, OverflowError):  # rows of a damaged file hold anything
            return nothing


def last_runs(db: sqlite3.Connection, scope: Scope, key: str, most: int) -> tuple[PastRun, ...]:
    """The newest runs of a scope that have ended, and the address's own; the oldest first."""
    fields = "id, address, name, type, project, queued_at, began_at, ended_at"
    own = db.execute(f"SELECT {fields} FROM target WHERE address = ?", (key,)).fetchone()  # noqa: S608 - our own names
    found = [run] if own is not None and (run := _run_of(db, own)) is not None else []
    rows = db.execute(
        f"SELECT {fields} FROM target WHERE server = ? AND kind = ? AND type = ? AND project = ?"  # noqa: S608
        " ORDER BY first_seen_at DESC LIMIT ?",
        (scope.server, scope.kind, scope.type, scope.project, LIKE_LOOKED_AT),
    )
    tried = 0
    for row in rows:
        if row[1] == key or scope_of(str(row[1]), str(row[3]), str(row[4])) != scope:
            continue
        tried += 1
        run = _run_of(db, row)
        if run is not None and run.ended_at is not None:
            found.append(run)
        if len(found) >= most or tried >= LIKE_TRIED * most:
            break
    return tuple(sorted(found, key=lambda run: (run.began_at, run.key))[-most:])


def _run_of(db: sqlite3.Connection, row: Sequence[object]) -> PastRun | None:
    target_id, address, name = row[0], str(row[1]), str(row[2])
    newest = db.execute(
        "SELECT part, before, after, status, after_at, seen_at, server_at FROM transition"
        " WHERE target_id = ? ORDER BY id DESC LIMIT ?",
        (target_id, OWN_LOOKED_AT),
    ).fetchall()
    steps = [_transition(address, one) for part, *one in reversed(newest) if not part]
    return last_run(address, name, steps, _told(row[5:8]))


def pulse(db: sqlite3.Connection, servers: Sequence[str], grid: Grid, now: datetime) -> tuple[ServerPulse, ...]:
    """The series of these servers over the grid."""
    since_at = grid.start_at - timedelta(seconds=LOOK_S)
    steps: dict[int, list[Transition]] = {}
    since = to_number(since_at)
    last = db.execute(
        "SELECT seen_at FROM transition WHERE seen_at >= ? ORDER BY seen_at DESC, id DESC LIMIT 1 OFFSET ?",
        (since, STEPS - 1),
    ).fetchone()
    oldest_at = None if last is None else to_time(last[0])
    found_steps = db.execute(
        "SELECT target_id, before, after, status, after_at, seen_at, server_at FROM transition"
        " WHERE seen_at >= ? AND part = '' ORDER BY seen_at DESC, id DESC LIMIT ?",
        (since if last is None else last[0], WHOLE_STEPS),
    )
    for number, (target_id, *row) in enumerate(found_steps, 1):
        steps.setdefault(target_id, []).append(_transition("", row))
        if number == WHOLE_STEPS:
            oldest_at = to_time(row[4])
    lives = []
    for target_id, server, first_at, last_at, queued_at, began_at, ended_at, state in db.execute(
        "SELECT id, server, first_seen_at, last_seen_at, queued_at, began_at, ended_at, mark.state FROM target"
        " JOIN mark ON mark.target_id = target.id AND mark.part = '' WHERE last_seen_at >= ?"
        " ORDER BY last_seen_at DESC LIMIT ?",
        (to_number(since_at), LIVES),
    ):
        own = tuple(reversed(steps.get(target_id, ())))
        told = _told((queued_at, began_at, ended_at))
        lives.append(Life(str(server), to_time(first_at), to_time(last_at), read_state(str(state)), own, told))
    found = tallies.read(db, grid.start_at - timedelta(seconds=BUCKET_S), grid.end_at)
    return pulses(servers, lives, found, grid, now, oldest_at)


def _transition(key: str, row: Sequence[object]) -> Transition:
    before, after, status, after_at, seen_at, server_at = row
    return Transition(
        key,
        "",
        None if before is None else read_state(str(before)),
        read_state(str(after)),
        None if status is None else str(status),
        _time(after_at),
        _time(seen_at) or to_time(0),
        _time(server_at),
    )


def _told(times: Sequence[object]) -> Told | None:
    told = Told(*(_time(one) for one in times))
    return told if any(told) else None


def _time(number: object) -> datetime | None:
    return to_time(number) if isinstance(number, int) else None
