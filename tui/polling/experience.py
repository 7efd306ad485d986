"""A history that is learnt from: everything goes through to the real one, and what it holds and gets feeds an outlook.

Owns when the past is read (after the start, beside the polling) and that the outlook is only touched by one thread at a
time. Knows no database.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from tui.domain.durations import scope_of_entry
from tui.domain.learning import Lesson, learn, told_of
from tui.domain.outlook import Outlook
from tui.domain.problem import ProblemCode
from tui.domain.snapshot import Entry, Remembered, Transition
from tui.polling.history import History


class Archive(Protocol):
    """A history whose past can be read as a whole."""

    def past(self) -> AsyncIterator[Sequence[Lesson]]:
        """What it holds, oldest first, a piece at a time."""
        ...


class Experience:
    """Implements `History` around another one. `archive` is where the past is read from, None for none."""

    def __init__(self, inner: History, outlook: Outlook, archive: Archive | None = None) -> None:
        self.outlook = outlook
        self._inner = inner
        self._archive = archive
        self._waiting: list[Lesson] | None = [] if archive is not None else None
        self._reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open the history, and begin to read its past beside whatever comes next."""
        await self._inner.start()
        if self._archive is not None and self._reading is None:
            self._reading = asyncio.create_task(self._read(self._archive), name="learn from history")

    async def learnt(self) -> None:
        """Wait until the past has been read (for commands that ask once)."""
        if self._reading is not None:
            await asyncio.shield(self._reading)

    async def recall(self, keys: Sequence[str]) -> Mapping[str, Remembered]:
        """See `History`."""
        return await self._inner.recall(keys)

    async def record(self, transitions: Sequence[Transition], entries: Sequence[Entry]) -> None:
        """Keep the transitions, then learn from them."""
        await self._inner.record(transitions, entries)
        facts = {entry.key: (scope_of_entry(entry), told_of(entry.record)) for entry in entries}
        fresh: list[Lesson] = []
        for transition in transitions:
            if transition.key in facts:
                scope, told = facts[transition.key]
                fresh.append((scope, transition, told))
        if self._waiting is not None:
            self._waiting += fresh
        else:
            learn(self.outlook.learner, fresh)

    def saw(self, keys: Sequence[str], at: datetime) -> None:
        """See `History`."""
        self._inner.saw(keys, at)

    def failed(self, server: str, code: ProblemCode, at: datetime) -> None:
        """See `History`."""
        self._inner.failed(server, code, at)

    def polled(self, server: str, at: datetime, latency_s: float | None) -> None:
        """See `History`."""
        self._inner.polled(server, at, latency_s)

    def recovered(self, server: str, at: datetime) -> None:
        """See `History`."""
        self._inner.recovered(server, at)

    def shift(self, by_s: float) -> None:
        """See `History`; what is learnt of this run moves with it."""
        self._inner.shift(by_s)
        self.outlook.learner.shift(by_s)

    def take_notices(self) -> tuple[str, ...]:
        """See `History`."""
        return self._inner.take_notices()

    async def close(self) -> None:
        """Stop reading, close the history."""
        if self._reading is not None:
            self._reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reading
        await self._inner.close()

    async def _read(self, archive: Archive) -> None:
        """Fill another outlook's learner in a thread; it takes the present one's place at the end."""
        learner = type(self.outlook.learner)()
        async for lessons in archive.past():
            await asyncio.to_thread(learn, learner, lessons)
        waiting, self._waiting = self._waiting or [], None
        learn(learner, waiting)
        self.outlook.learner = learner
