"""The loop of one server: what is due is asked, within its limits, and put back into the schedule. Never raises.

Owns the rules of section 7 of the contract: no source is asked twice at once, a server in trouble is asked by one probe
at a time, nothing is forgotten (every source is either being asked or has a next due time). Knows no HTTP library.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tui.clock import Clock
from tui.domain.problem import Problem, ProblemCode
from tui.domain.records import ListQuery, Reading
from tui.domain.snapshot import Entry, ServerHealth
from tui.domain.target import Target
from tui.polling.agenda import Agenda
from tui.polling.alarm import Alarm
from tui.polling.asking import Line, Reply
from tui.polling.backoff import FORBIDDEN_BASE_S, SOURCE_CEILING_S, delay_s, shaken_s, spread_s
from tui.polling.budget import Budget
from tui.polling.history import History
from tui.polling.intake import Intake
from tui.polling.messages import Message
from tui.polling.observe import Sight
from tui.polling.outage import Outage, Verdict, verdict
from tui.polling.plan import ServerPlan
from tui.polling.sources import (
    Source,
    late_after_s,
    latest_source_key,
    list_interval_s,
    list_source_key,
    target_interval_s,
)
from tui.polling.store import Store
from tui.polling.vitals import Vitals
from tui.polling.words import note, outage_message, server_back_message
from tui.settings import PollSettings, WatchedLatest

BATCH_LIMIT = 50  # targets that one read is given; more would make one failure cost too much
GAP_S = 30.0  # a wait that ended this much late was a suspend: what fell due meanwhile is spread anew
COVERED_FACTOR = 1.5  # a target that a list just showed is asked by itself only if the list skips it next time
SHARED_CALLS_KEPT = 1  # of an answer for many targets, each entry keeps only the last call


@dataclass(slots=True, eq=False)
class _Flight:
    """One question under way."""

    sources: tuple[Source, ...]
    seq: int
    sent_s: float
    is_probe: bool
    query: ListQuery | None = None
    task: asyncio.Task[None] | None = None
    is_asking: bool = True


class Poller:
    """All sources of one server."""

    def __init__(
        self,
        plan: ServerPlan,
        store: Store,
        history: History,
        clock: Clock,
        poll: PollSettings,
        chance: Callable[[], float],
        next_seq: Callable[[], int],
        follow: Callable[[WatchedLatest, Sequence[Target]], None],
    ) -> None:
        self.plan = plan
        self._store = store
        self._history = history
        self._clock = clock
        self._poll = poll
        self._chance = chance
        self._next_seq = next_seq
        self._follow = follow
        self._line = Line(plan.open_client)
        self._sources: dict[str, Source] = {}
        self._agenda = Agenda()
        self._flights: dict[str, _Flight] = {}
        self._in_flight = 0
        self._alarm = Alarm(clock)
        self._budget = Budget(plan.budget_per_minute, clock.monotonic())
        self._outage = Outage(poll.active_s)
        self._is_draining = False
        self.intake = Intake(plan.name, store, history, clock, poll.grace_s)
        shown = ServerHealth(
            plan.name,
            plan.kind,
            budget_per_minute=plan.budget_per_minute,
            is_insecure=plan.is_insecure,
            is_read_only=plan.is_read_only,
        )
        self.vitals = Vitals(shown, store, clock, self._budget, self._outage)
        self.vitals.publish()

    # What is polled

    def add_targets(self, wanted: Sequence[tuple[Target, str]], holder: str) -> None:
        """Watch these targets; new ones are asked as soon as the budget allows, spread if they are many."""
        self.intake.enter(wanted, holder)
        new = [target for target, _ in wanted if target.key not in self._sources]
        now = self._clock.monotonic()
        window_s = spread_s(len(new), self._budget.at_once, self.plan.budget_per_minute)
        for index, target in enumerate(new):
            source = Source(target.key, self._poll.active_s, target=target, batch=self.plan.batch(target))
            self._sources[source.key] = source
            self._agenda.set(source, now + window_s * index / len(new))
        self._alarm.ring()

    def remove_target(self, key: str, holder: str) -> None:
        """Stop watching it for `holder`."""
        if self.intake.leave(key, holder):
            self._drop(key)

    def target_keys(self) -> list[str]:
        """Addresses of everything that is watched here."""
        return [key for key, source in self._sources.items() if source.target is not None]

    def set_list(self, query: ListQuery) -> None:
        """Poll this list; a new page or filter is asked for at once and the question under way is given up."""
        key = list_source_key(query.key)
        source = self._sources.get(key)
        if source is None:
            source = self._sources[key] = Source(key, list_interval_s(True, self._poll), query=query)
        flight = self._flights.get(key)
        if source.query != query and flight is not None and flight.is_asking and flight.task is not None:
            flight.task.cancel()
        source.query = query
        source.failures = 0
        self.intake.want_list(query)
        self._agenda.set(source, self._clock.monotonic())
        self._agenda.force(key, is_first=True)
        if self._outage.is_on:
            self._outage.hasten(self._clock.monotonic())
        self._alarm.ring()

    def add_latest(self, item: WatchedLatest) -> None:
        """Follow the newest of a name."""
        key = latest_source_key(item)
        if key not in self._sources:
            source = Source(key, list_interval_s(False, self._poll), latest=item)
            self._sources[key] = source
            self._agenda.set(source, self._clock.monotonic())
            self._alarm.ring()

    def poll_now(self, key: str | None = None) -> None:
        """Ask for one source, or for all, as soon as may be. What is being asked already is not asked again."""
        now = self._clock.monotonic()
        keys: Iterable[str] = tuple(self._sources) if key is None else (key, list_source_key(key))
        for one in keys:
            if one in self._sources and one not in self._flights:
                self._agenda.force(one)
        self._outage.hasten(now)
        self._alarm.ring()

    def set_paused(self, is_paused: bool) -> None:
        """Ask nothing but what a person asks for by hand; what falls due meanwhile is spread afterwards."""
        if self.vitals.is_paused and not is_paused:
            self._spread_overdue(self._clock.monotonic())
        self.vitals.is_paused = is_paused
        self.vitals.publish()
        self._alarm.ring()

    # The loop

    async def run(self) -> None:
        """Poll until cancelled."""
        wake_at: float | None = None
        while True:
            now = self._clock.monotonic()
            if wake_at is not None and now - wake_at > GAP_S:
                self._spread_overdue(now)
            self._launch(now)
            self._mark_late(now)
            wake_at = self._next_wake(now)
            await self._alarm.wait(wake_at)

    async def drain(self, keys: Iterable[str]) -> None:
        """Ask these sources once and end; an outage is not waited for: what is left then has its problem."""
        self._is_draining = True
        for key in keys:
            self._agenda.force(key)
        while self._in_flight or self._agenda.has_forced:
            if self._outage.problem is not None and not self._in_flight:
                await self._give_up(self._outage.problem)
                break
            now = self._clock.monotonic()
            self._launch(now)
            await self._alarm.wait(self._wake_at(now))
        self._alarm.silence()

    def is_quiet(self) -> bool:
        """Nothing is being asked, nothing would be at this moment, and the loop sleeps."""
        now = self._clock.monotonic()
        wake_at = self._next_wake(now)
        return not self._in_flight and (wake_at is None or wake_at > now) and self._alarm.is_settled

    async def close(self) -> None:
        """Give up what is under way and close the client."""
        tasks = [flight.task for flight in self._flights.values() if flight.task is not None]
        for flight in tuple(self._flights.values()):
            if flight.is_asking and flight.task is not None:
                flight.task.cancel()
        self._alarm.silence()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._line.close()

    def _next_wake(self, now: float) -> float | None:
        """When the loop has something to do next: a question or a mark of lateness."""
        times = [at for at in (self._wake_at(now), self.intake.late.next_due()) if at is not None]
        return min(times, default=None)

    def _wake_at(self, now: float) -> float | None:
        """When the next question may go out, None where only an event (an answer, a key) can bring it about."""
        is_forced = self._agenda.has_forced
        if self._in_flight >= self._poll.concurrency or not len(self._agenda):
            return None
        if (self.vitals.is_paused or self._is_draining) and not is_forced:
            return None
        budget_at = self._budget.ready_at(now, is_forced=is_forced)
        if self._outage.is_on:
            return None if self._in_flight else max(self._outage.retry_at, budget_at)
        due = now if is_forced else self._agenda.next_due()
        return None if due is None else max(due, budget_at)

    def _launch(self, now: float) -> None:
        """Send every question that may go out now."""
        while (at := self._wake_at(now)) is not None and at <= now:
            is_forced = self._agenda.has_forced
            key = self._agenda.take(now, is_any=self._outage.is_on, is_forced=is_forced)
            source = self._sources.get(key) if key is not None else None
            if source is None:
                continue
            self._budget.take(now, is_forced=is_forced)
            sources = [source]
            if not self._outage.is_on:
                mates = self._agenda.take_mates(source, now, BATCH_LIMIT - 1)
                sources += [self._sources[mate] for mate in mates]
            flight = _Flight(tuple(sources), self._next_seq(), now, self._outage.is_on, source.query)
            for one in sources:
                self._flights[one.key] = flight
            self._in_flight += 1
            flight.task = asyncio.create_task(self._fly(flight))

    async def _fly(self, flight: _Flight) -> None:
        """Ask, take in the answer, and put the sources back; whatever fails, they are put back."""
        reply: Reply | None = None
        try:
            reply = await self._line.ask(flight.sources, flight.query)
            flight.is_asking = False
            await self._take(flight, reply)
        except asyncio.CancelledError:
            if not flight.is_asking:
                raise
        except Exception as error:  # the loop must outlive a fault of ours; it is told of, not hidden
            text = f"{self.plan.name}: an answer could not be kept ({type(error).__name__})."
            self._store.publish(messages=(note(self._clock.now(), text, self.plan.name, tone="bad"),))
        finally:
            self._land(flight, reply)

    async def _take(self, flight: _Flight, reply: Reply) -> None:
        now = self._clock.monotonic()
        is_good = reply.is_from_living_server
        self._budget.charge(now, len(reply.calls) - 1)
        self.vitals.answered(reply.calls, reply.server_at, now - flight.sent_s, is_good=is_good)
        calls = reply.calls if len(flight.sources) == 1 and flight.query is None else reply.calls[-SHARED_CALLS_KEPT:]
        sight = Sight(self._clock.now(), self.vitals.offset_s, calls)
        source = flight.sources[0]
        if flight.query is not None:
            await self._take_page(source, flight, reply, sight)
        elif source.latest is not None:
            if reply.found is not None and source.key in self._sources:
                self._follow(source.latest, reply.found)
        else:
            await self.intake.take(reply.readings, flight.seq, sight, self._interval_of)

    async def _take_page(self, source: Source, flight: _Flight, reply: Reply, sight: Sight) -> None:
        query = flight.query
        if query is None:
            return
        rows = await self.intake.take_page(
            query,
            reply.page,
            reply.problem,
            flight.seq,
            sight,
            is_wanted=lambda: source.query == query and source.key in self._sources,
            late_after=lambda rows: late_after_s(self._list_interval_of(rows)),
        )
        if rows is None:
            return
        source.interval_s = self._list_interval_of(rows)
        now = self._clock.monotonic()
        for row in rows:
            watched = self._sources.get(row.key)
            if watched is not None and row.key in self._agenda:
                watched.interval_s = self._interval_of(row)
                watched.failures = 0
                wait_s = max(watched.interval_s, COVERED_FACTOR * source.interval_s)
                self._agenda.set(watched, max(now + wait_s, self._agenda.due_of(row.key) or 0.0))

    def _land(self, flight: _Flight, reply: Reply | None) -> None:
        """Judge the server by the reply (None: given up), and give each source its next due time."""
        now = self._clock.monotonic()
        self._in_flight -= 1
        messages = self._judge(flight, reply, now) if reply is not None else ()
        problems = {reading.target.key: reading.problem for reading in reply.readings} if reply is not None else {}
        for source in flight.sources:
            self._flights.pop(source.key, None)
            if self._sources.get(source.key) is not source:
                continue
            problem = problems.get(source.key, reply.problem if reply is not None else None)
            due = now if reply is None or source.query != flight.query else now + self._wait_s(source, problem)
            self._agenda.set(source, due)
            if source.query != flight.query:
                self._agenda.force(source.key, is_first=True)
        self.vitals.publish(*messages)
        self._alarm.ring()

    def _judge(self, flight: _Flight, reply: Reply, now: float) -> tuple[Message, ...]:
        """Let the outage know; gives what there is to say of it."""
        problem = reply.worst
        at = self._clock.now()
        if problem is None or verdict(problem) is Verdict.LIVES:
            since = self._outage.since
            if self._outage.lives():
                self._history.recovered(self.plan.name, at)
                self._spread_overdue(now)
                return (server_back_message(self.plan.name, now - since, at),)
            return ()
        self._history.failed(self.plan.name, problem.code, at)
        before = self._outage.problem
        self._outage.failed(
            problem, flight.sources[0].key, len(self._sources), now, self._chance(), is_probe=flight.is_probe
        )
        after = self._outage.problem
        if after is None or (before is not None and before.code is after.code):
            return ()
        return (outage_message(self.plan.name, after, at),)

    def _wait_s(self, source: Source, problem: Problem | None) -> float:
        """Seconds until the source is asked again."""
        entry = self._store.entries.get(source.key)
        if source.target is not None and entry is not None:
            source.interval_s = self._interval_of(entry)
        if problem is None or problem.code is ProblemCode.MISSING or verdict(problem) is Verdict.DOWN:
            source.failures = 0 if problem is None or problem.code is ProblemCode.MISSING else source.failures
            return shaken_s(source.interval_s, self._chance())
        source.failures += 1
        base_s = FORBIDDEN_BASE_S if problem.code is ProblemCode.FORBIDDEN else self._poll.active_s
        return delay_s(source.failures, base_s, max(SOURCE_CEILING_S, base_s), self._chance())

    def _spread_overdue(self, now: float) -> None:
        """Give everything that is overdue a new due time from now on, as fast as the budget allows and no faster."""
        overdue = self._agenda.overdue(now)
        window_s = spread_s(len(overdue), self._budget.at_once, self.plan.budget_per_minute)
        for index, key in enumerate(overdue):
            source = self._sources.get(key)
            if source is not None:
                self._agenda.set(source, now + window_s * index / len(overdue))

    def _mark_late(self, now: float) -> None:
        due = self.intake.late.next_due()
        if due is not None and due <= now and self.intake.mark_late(now):
            self.vitals.is_late()
            self.vitals.publish()

    async def _give_up(self, problem: Problem) -> None:
        """Let everything that a drain still waits for have the server's problem, without asking."""
        seq, sight = self._next_seq(), Sight(self._clock.now())
        readings = []
        for key in self._agenda.forced:
            source = self._sources.get(key)
            if source is not None and source.target is not None:
                readings.append(Reading(source.target, problem=problem))
            elif source is not None and source.query is not None:
                await self._take_page(
                    source, _Flight((source,), seq, 0.0, False, source.query), Reply(problem=problem), sight
                )
        await self.intake.take(readings, seq, sight, self._interval_of)

    def _drop(self, key: str) -> None:
        if self._sources.pop(key, None) is not None:
            self._agenda.remove(key)
            self._outage.forget(key)

    def _interval_of(self, entry: Entry) -> float:
        return target_interval_s(entry, self._poll, is_in_grace=self.intake.is_in_grace(entry.key))

    def _list_interval_of(self, rows: Sequence[Entry]) -> float:
        return list_interval_s(any(row.state.is_active for row in rows), self._poll)
