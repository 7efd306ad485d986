"""Where a reply goes: readings to the entries, a page to its list, the newest of a name to whoever follows it.

Owns how often each source is asked from then on. Decides neither when a question goes out nor whether the server is
well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tui.clock import Clock
from tui.domain.problem import Problem
from tui.domain.records import ListQuery, Reading
from tui.domain.snapshot import Entry, Lookup
from tui.domain.target import Target
from tui.polling.asking import Reply
from tui.polling.intake import Intake
from tui.polling.observe import Sight
from tui.polling.roster import Roster
from tui.polling.sources import Source, late_after_s, list_interval_s, target_interval_s
from tui.polling.store import Store
from tui.polling.vitals import Vitals
from tui.polling.words import latest_message
from tui.settings import PollSettings, WatchedLatest

COVERED_FACTOR = 1.5  # a target that a list just showed is asked by itself only if the list skips it next time
SHARED_CALLS_KEPT = 1  # of an answer for many targets, each entry keeps only the last call


@dataclass(slots=True, eq=False)
class Flight:
    """One question under way."""

    sources: tuple[Source, ...]
    seq: int
    sent_s: float
    is_probe: bool
    query: ListQuery | None = None
    task: asyncio.Task[None] | None = None
    is_asking: bool = True
    reply: Reply | None = None


class Delivery:
    """Takes the replies of one server in."""

    def __init__(
        self,
        roster: Roster,
        intake: Intake,
        vitals: Vitals,
        store: Store,
        clock: Clock,
        poll: PollSettings,
        follow: Callable[[WatchedLatest, Sequence[Target]], None],
    ) -> None:
        self._roster = roster
        self._intake = intake
        self._vitals = vitals
        self._store = store
        self._clock = clock
        self._poll = poll
        self._follow = follow

    async def deliver(self, flight: Flight, reply: Reply) -> None:
        """Take in the reply to a question; returns when it can be seen in the store."""
        now = self._clock.monotonic()
        is_good = reply.is_from_living_server
        self._roster.budget.charge(now, len(reply.calls) - 1)
        self._vitals.answered(reply.calls, reply.server_at, now - flight.sent_s, is_good=is_good)
        calls = reply.calls if len(flight.sources) == 1 and flight.query is None else reply.calls[-SHARED_CALLS_KEPT:]
        sight = Sight(self._clock.now(), self._vitals.offset_s, calls)
        source = flight.sources[0]
        if flight.query is not None:
            await self._page(source, flight.query, flight.seq, reply, sight)
        elif source.latest is not None:
            self._newest(source, source.latest, reply)
        else:
            await self._intake.take(reply.readings, flight.seq, sight, self._late_after_s)

    async def give_up(self, problem: Problem, seq: int) -> None:
        """Let everything that is still forced have the server's problem, and say that it was not asked for."""
        problem = replace(problem, text=f"Not asked: {problem.text}", http_status=None)
        sight = Sight(self._clock.now())
        readings = []
        for key in self._roster.agenda.forced:
            source = self._roster.get(key)
            if source is not None and source.target is not None:
                readings.append(Reading(source.target, problem=problem))
            elif source is not None and source.query is not None:
                await self._page(source, source.query, seq, Reply(problem=problem), sight)
            elif source is not None and source.latest is not None:
                self._newest(source, source.latest, Reply(problem=problem))
        await self._intake.take(readings, seq, sight, self._late_after_s)
        self._roster.agenda.unforce()
        self._vitals.publish()

    def rate(self, source: Source) -> Source:
        """The source with the interval that what is known of it asks for."""
        entry = self._store.entries.get(source.key)
        if source.target is not None and entry is not None:
            source.interval_s = self._interval_of(entry)
        self._roster.load.note(source)
        return source

    async def _page(self, source: Source, query: ListQuery, seq: int, reply: Reply, sight: Sight) -> None:
        rows = await self._intake.take_page(
            query,
            reply.page,
            reply.problem,
            seq,
            sight,
            is_wanted=lambda: source.query == query and source.key in self._roster,
            late_after=lambda rows: late_after_s(self._list_interval_of(rows) * self._roster.load.stretch),
        )
        if rows is None:
            return
        source.interval_s = self._list_interval_of(rows)
        now = self._clock.monotonic()
        for row in rows:
            watched = self._roster.get(row.key)
            if watched is None:
                continue
            watched.failures = 0
            watched.covered_until = now + max(self.rate(watched).interval_s, COVERED_FACTOR * source.interval_s)
            if (due := self._roster.agenda.due_of(row.key)) is not None:
                self._roster.agenda.set(watched, max(due, watched.covered_until))

    def _newest(self, source: Source, item: WatchedLatest, reply: Reply) -> None:
        if reply.found is not None and source.key in self._roster:
            self._follow(item, reply.found)
        problem = reply.problem
        self._vitals.looked_up(source.key, None if problem is None else Lookup(item.name, problem))
        code = problem.code if problem is not None else None
        if problem is not None and code is not source.told:
            self._store.publish(messages=latest_message(item, problem, self._clock.now()))
        source.told = code

    def _interval_of(self, entry: Entry) -> float:
        return target_interval_s(entry, self._poll, is_in_grace=self._intake.is_in_grace(entry.key))

    def _late_after_s(self, entry: Entry) -> float:
        return late_after_s(self._interval_of(entry) * self._roster.load.stretch)

    def _list_interval_of(self, rows: Sequence[Entry]) -> float:
        return list_interval_s(any(row.state.is_active for row in rows), self._poll)
