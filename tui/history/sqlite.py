"""The history on disk, behind one writer thread: nothing here keeps the event loop, and nothing here raises to it.

Owns the thread, the order of writes and what is said when the file cannot be used. What waits for the disk is bounded
in time: a history that is too slow is told of and polling goes on without waiting for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from tui.domain.latency import Tally, by_bucket, poll_of
from tui.domain.learning import Lesson
from tui.domain.problem import ProblemCode
from tui.domain.shifting import later
from tui.domain.snapshot import Entry, Remembered, Transition
from tui.history import reading, rows, tallies
from tui.history.files import (
    ForeignHistory,
    NewerHistory,
    inode,
    is_damage,
    open_database,
    open_read_only,
    set_aside,
)

WAIT_S = 5.0  # real seconds that an answer waits for the disk; after that the screen matters more
FLUSH_S = 30.0  # buffered sights and failures are written after so many seconds, or with the next transition
UNSAVED_KEPT = 1000  # writes that failed for the moment (a lock, a full disk) and are tried again with the next
CLOSE_S = 5.0  # real seconds that closing may take
OWN_KEPT = 20_000  # newest transitions of this run that can be moved where the clock is set
SIGHTS_KEPT = 100_000  # newest sights of this run, of as many targets, that can be moved
RETRY_S = 60.0  # how often a file that could not be opened is tried again

T = TypeVar("T")
_Job = Callable[[sqlite3.Connection], object]


class SqliteHistory:
    """Implements `polling.history.History` on one SQLite file. `now` gives the wall time."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self._path = path
        self._now = now
        self._jobs: queue.SimpleQueue[_Posted | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._db: sqlite3.Connection | None = None
        self._inode: int | None = None
        self._is_over = False
        self._is_read_only = False
        self._is_slow = False
        self._unsaved: deque[_Job] = deque(maxlen=UNSAVED_KEPT)
        self._retry_at: datetime | None = None
        self._told: set[str] = set()
        self._notices: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._sights: dict[str, datetime] = {}
        self._failures: dict[tuple[str, str], tuple[datetime, datetime, int]] = {}
        self._recovered: dict[str, datetime] = {}
        self._polls: dict[tuple[str, int], Tally] = {}
        self._flushed_at: datetime | None = None
        self._own: deque[int] = deque(maxlen=OWN_KEPT)
        self._began_at: datetime | None = None
        self._seen: dict[str, datetime] = {}  # newest sight of this run, the longest ago first
        self._failing: dict[tuple[str, str], datetime] = {}  # newest failed poll of this run

    async def start(self) -> None:
        """Start the thread and open the file; what stands in the way becomes a notice."""
        if self._thread is None:
            self._began_at = self._now()
            self._thread = threading.Thread(target=self._work, name="history", daemon=True)
            self._thread.start()
            await self._do(lambda db: None, None, is_write=False)
            self._post(self._prune, is_write=True)

    async def recall(self, keys: Sequence[str]) -> Mapping[str, Remembered]:
        """What earlier runs saw of these addresses."""
        wanted = list(keys)
        return await self._do(lambda db: rows.recall(db, wanted), {}, is_write=False)

    async def record(self, transitions: Sequence[Transition], entries: Sequence[Entry]) -> None:
        """Write; returns once it is committed, or once it is clear that it cannot be."""
        buffered = self._buffered()

        def write(db: sqlite3.Connection) -> tuple[int, ...]:
            self._write_buffered(db, buffered)
            return rows.record(db, transitions, entries, self._now())

        nothing: tuple[int, ...] = ()
        for entry in entries:
            if entry.polled_at is not None:
                self._note_sight(entry.key, entry.polled_at)
        self._own.extend(await self._do(write, nothing, is_write=True))

    async def past(self) -> AsyncIterator[Sequence[Lesson]]:
        """What this file holds by now, the newest part of it, oldest first and a piece at a time."""
        after, until = await self._do(reading.learnt_from, (0, 0), is_write=False)
        while after < until:
            nothing: tuple[int, list[Lesson]] = (until, [])
            after, lessons = await self._do(partial(_lessons, after, until), nothing, is_write=False)
            yield lessons

    def saw(self, keys: Sequence[str], at: datetime) -> None:
        """Remember these sights; written with the next transition or after a while."""
        for key in keys:
            self._sights[key] = at
            self._note_sight(key, at)
        self._flush_in_time(at)

    def failed(self, server: str, code: ProblemCode, at: datetime) -> None:
        """Count a failed poll; written as `saw` is."""
        first_at, _, polls = self._failures.get((server, code.value), (at, at, 0))
        self._failures[(server, code.value)] = (first_at, at, polls + 1)
        self._failing[(server, code.value)] = at
        self._flush_in_time(at)

    def polled(self, server: str, at: datetime, latency_s: float | None) -> None:
        """Count a poll; written as `saw` is."""
        key = (server, by_bucket(at.timestamp()))
        self._polls[key] = self._polls.get(key, Tally()).plus(poll_of(latency_s))
        self._flush_in_time(at)

    def recovered(self, server: str, at: datetime) -> None:
        """The server's outage is over; written now, so that its length is right."""
        self._recovered[server] = at
        self._flush()

    def shift(self, by_s: float) -> None:
        """Move what this run wrote; other processes on this file move their own."""
        by = timedelta(seconds=by_s)
        own = rows.Own(tuple(self._own), self._began_at or self._now(), self._seen, self._failing)
        self._began_at = later(own.began_at, by_s)
        self._seen = {key: later(at, by_s) for key, at in own.seen.items()}
        self._failing = {key: later(at, by_s) for key, at in own.failing.items()}
        self._flush()
        self._post(lambda db: rows.shift(db, own, by), is_write=True)

    def take_notices(self) -> tuple[str, ...]:
        """What there is to say, each once."""
        found = []
        with contextlib.suppress(queue.Empty):
            while True:
                found.append(self._notices.get_nowait())
        return tuple(found)

    async def close(self) -> None:
        """Write what is left and close; bounded in time."""
        if self._thread is None:
            return
        self._flush()
        self._jobs.put(None)
        thread, self._thread = self._thread, None
        await asyncio.to_thread(thread.join, CLOSE_S)

    # The event loop's side

    async def _do(self, job: Callable[[sqlite3.Connection], T], otherwise: T, *, is_write: bool) -> T:
        """Run `job` in the thread; `otherwise` where that cannot be (a notice says why)."""
        future = self._post(job, is_write=is_write)
        if future is None or self._is_slow:
            return otherwise
        try:
            result = await asyncio.wait_for(asyncio.shield(future), WAIT_S)
        except TimeoutError:
            self._is_slow = True
            self._say(f"The history {self._path} does not answer; what happens is shown without waiting for it.")
            return otherwise
        return otherwise if result is None else result  # type: ignore[return-value]

    def _post(self, job: _Job, *, is_write: bool) -> asyncio.Future[object] | None:
        if self._thread is None:
            return None
        loop = asyncio.get_running_loop()
        future: asyncio.Future[object] = loop.create_future()
        self._jobs.put(_Posted(job, is_write, future, loop))
        return future

    def _note_sight(self, key: str, at: datetime) -> None:
        self._seen.pop(key, None)
        self._seen[key] = at
        if len(self._seen) > SIGHTS_KEPT:
            del self._seen[next(iter(self._seen))]

    def _flush_in_time(self, at: datetime) -> None:
        self._flushed_at = self._flushed_at or at
        waited_s = abs((at - self._flushed_at).total_seconds())
        if waited_s >= FLUSH_S:
            self._flush()

    def _flush(self) -> None:
        buffered = self._buffered()
        if any(buffered):
            self._post(lambda db: self._write_buffered(db, buffered), is_write=True)

    def _buffered(self) -> _Buffered:
        buffered = (self._sights, self._failures, self._recovered, self._polls)
        self._sights, self._failures, self._recovered, self._polls = {}, {}, {}, {}
        self._flushed_at = None
        return buffered

    def _prune(self, db: sqlite3.Connection) -> int:
        """By the newest that was seen: a clock that is years ahead must not cost the past."""
        now = self._now()
        return rows.prune(db, min(now, rows.newest_sight(db) or now))

    @staticmethod
    def _write_buffered(db: sqlite3.Connection, buffered: _Buffered) -> None:
        sights, failures, recovered, polled = buffered
        rows.see(db, sights)
        for (server, code), (first_at, last_at, polls) in failures.items():
            rows.fail(db, server, code, first_at, last_at, polls)
        for server, at in recovered.items():
            rows.recover(db, server, at)
        tallies.add(db, polled)

    # The thread's side

    def _work(self) -> None:
        while (posted := self._jobs.get()) is not None:
            try:
                result = self._attempt(posted.job, is_write=posted.is_write)
            except Exception as error:  # the thread must outlive a fault of ours: everybody waits for it
                self._say(f"The history {self._path} met a fault ({type(error).__name__}); polling goes on.")
                result = None
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                posted.loop.call_soon_threadsafe(_resolve, posted.future, result)
        self._close_database()

    def _attempt(self, job: _Job, *, is_write: bool) -> object:
        """The job's result, None where it could not be done. Where the file is damaged, a new one gets the job."""
        for _ in range(2):
            db = self._opened()
            if db is None or (is_write and self._is_read_only):
                return None
            try:
                if not is_write:
                    return job(db)
                result = _in_transaction(db, (*self._unsaved, job))
                self._unsaved.clear()
                return result
            except (sqlite3.Error, OSError) as error:
                if self._is_read_only:
                    return None
                if not is_damage(error):
                    self._say(f"The history {self._path} cannot be used at the moment ({error}); polling goes on.")
                    if is_write:
                        self._unsaved.append(job)
                    return None
                self._close_database()
                if inode(self._path) == self._inode and not self._put_aside(error):
                    return None
        return None

    def _opened(self) -> sqlite3.Connection | None:
        if self._db is not None or self._is_over:
            return self._db
        if self._retry_at is not None and abs((self._now() - self._retry_at).total_seconds()) < RETRY_S:
            return None
        for _ in range(2):
            before = inode(self._path)
            try:
                self._db = open_database(self._path)
                self._inode = inode(self._path)
                self._retry_at = None
                return self._db
            except NewerHistory:
                return self._opened_read_only()
            except (sqlite3.Error, OSError, ForeignHistory) as error:
                if not is_damage(error):
                    self._retry_at = self._now()
                    self._say(f"No history is kept: {self._path} cannot be opened ({error}).")
                    return None
                # Another process may have set it aside and begun a new one meanwhile: that one is not touched.
                if inode(self._path) == before and not self._put_aside(error):
                    return None
        return None

    def _opened_read_only(self) -> sqlite3.Connection | None:
        self._is_read_only = True
        self._say(f"The history {self._path} is of a newer scantop: it is read, and nothing is added to it.")
        try:
            self._db = open_read_only(self._path)
        except sqlite3.Error:
            self._is_over = True
        return self._db

    def _put_aside(self, error: Exception) -> bool:
        what = "is of something else" if isinstance(error, ForeignHistory) else f"is damaged ({error})"
        try:
            aside = set_aside(self._path, self._now())
        except OSError as reason:
            self._is_over = True
            self._say(f"No history is kept: {self._path} {what} and cannot be set aside ({reason}).")
            return False
        self._say(f"The history {self._path} {what}: it was set aside as {aside.name}, and a new one begun.")
        return True

    def _close_database(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            with contextlib.suppress(sqlite3.Error):
                db.close()

    def _say(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self._notices.put(text)


def _lessons(after: int, until: int, db: sqlite3.Connection) -> tuple[int, list[Lesson]]:
    """The next piece of what can be learnt from, and the id up to which it goes."""
    found = reading.seen_between(db, after, until, reading.LEARNT_AT_ONCE)
    return (found[-1].id if found else until), [(seen.scope, seen.transition, seen.told) for seen in found]


_Buffered = tuple[
    dict[str, datetime],
    dict[tuple[str, str], tuple[datetime, datetime, int]],
    dict[str, datetime],
    dict[tuple[str, int], Tally],
]


@dataclass(frozen=True, slots=True)
class _Posted:
    """One job on its way to the thread, and where its result goes."""

    job: _Job
    is_write: bool
    future: asyncio.Future[object]
    loop: asyncio.AbstractEventLoop


def _in_transaction(db: sqlite3.Connection, jobs: Sequence[_Job]) -> object:
    """Run all jobs or none; gives the last one's result."""
    db.execute("BEGIN IMMEDIATE")
    result: object = None
    try:
        for job in jobs:
            result = job(db)
        db.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        raise
    return result


def _resolve(future: asyncio.Future[object], result: object) -> None:
    if not future.done():
        future.set_result(result)
