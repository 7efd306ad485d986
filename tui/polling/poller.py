"""The loop of one server: what is due is asked, within its limits, and put back into the schedule. Never raises.

Owns the rules of section 7 of the contract: no source is asked twice at once, a server in trouble is asked by one probe
at a time, nothing is forgotten (every source is either being asked or has a next due time). Knows no HTTP library.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from tui.clock import Clock
from tui.domain.records import ListQuery
from tui.domain.snapshot import ServerHealth
from tui.domain.target import Target
from tui.polling.alarm import Alarm
from tui.polling.asking import Line
from tui.polling.budget import Budget
from tui.polling.delivery import Delivery, Flight
from tui.polling.history import History
from tui.polling.intake import Intake
from tui.polling.messages import Message
from tui.polling.outage import Outage
from tui.polling.plan import ServerPlan
from tui.polling.roster import Roster
from tui.polling.sources import (
    BATCH_LIMIT,
    Source,
    latest_source_key,
    list_interval_s,
    list_source_key,
)
from tui.polling.store import Store
from tui.polling.vitals import Vitals
from tui.polling.words import note, overload_message
from tui.settings import PollSettings, WatchedLatest, WatchedTarget

GAP_S = 30.0  # a wait that ended this much late was a suspend: what fell due meanwhile is spread anew
FAULT_S = 5.0  # pause after a fault of our own in the loop, so that it cannot spin
OVERLOAD_TOLD = 1.5  # a need of that many times the budget is worth a message


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
        self._clock = clock
        self._poll = poll
        self._chance = chance
        self._next_seq = next_seq
        self._line = Line(plan.open_client)
        self._budget = Budget(plan.budget_per_minute, clock.monotonic())
        self.roster = Roster(self._budget)
        self._agenda = self.roster.agenda
        self._load = self.roster.load
        self._flights: dict[str, Flight] = {}
        self._in_flight = 0
        self._alarm = Alarm(clock)
        self._outage = Outage(poll.active_s)
        self._has_told_load = False
        self._is_draining = False
        self.intake = Intake(plan.name, store, history, clock, poll.grace_s)
        shown = ServerHealth(
            plan.name,
            plan.kind,
            budget_per_minute=plan.budget_per_minute,
            is_insecure=plan.is_insecure,
            is_read_only=plan.is_read_only,
        )
        self.vitals = Vitals(shown, store, history, clock, self._budget, self._outage, chance)
        self._delivery = Delivery(self.roster, self.intake, self.vitals, store, clock, poll, follow)
        self.vitals.publish()

    # What is polled

    def add_targets(self, wanted: Sequence[WatchedTarget], holder: str) -> None:
        """Watch these targets; new ones are asked as soon as the budget allows, spread if they are many."""
        self.intake.enter(wanted, holder)
        new = [
            self.roster.add(Source(target.key, self._poll.active_s, target=target, batch=self.plan.batch(target)))
            for target in (item.target for item in wanted)
            if target.key not in self.roster
        ]
        self.roster.spread([source for source in new if source.key not in self._flights], self._clock.monotonic())
        self._alarm.ring()

    def remove_target(self, key: str, holder: str) -> None:
        """Stop watching it for `holder`."""
        if self.intake.leave(key, holder) and self.roster.drop(key):
            self._outage.forget(key)

    def set_list(self, query: ListQuery) -> None:
        """Poll this list; a new page or filter is asked for at once and the question under way is given up."""
        key = list_source_key(query.key)
        source = self.roster.get(key)
        if source is None:
            source = self.roster.add(Source(key, list_interval_s(True, self._poll), query=query))
        source.query = query
        source.failures = 0
        self.intake.want_list(query)
        flight = self._flights.get(key)
        if flight is None:
            self._agenda.set(source, self._clock.monotonic())
            self._agenda.force(key, is_first=True)
        elif flight.query != query and flight.is_asking and flight.task is not None:
            flight.task.cancel()  # it is asked anew as soon as that one has ended
        if self._outage.is_on:
            self._outage.hasten(self._clock.monotonic())
        self._alarm.ring()

    def add_latest(self, item: WatchedLatest) -> None:
        """Follow the newest of a name."""
        key = latest_source_key(item)
        if key not in self.roster:
            source = self.roster.add(Source(key, list_interval_s(False, self._poll), latest=item))
            self._agenda.set(source, self._clock.monotonic())
            self._alarm.ring()

    def poll_now(self, key: str | None = None) -> None:
        """Ask for one source, or for all, as soon as may be. What is being asked already is not asked again."""
        now = self._clock.monotonic()
        keys: Iterable[str] = tuple(source.key for source in self.roster)
        if key is not None:  # a row that only a list shows is asked for by its list
            rows = self._store.holders(key) if key not in self.roster else ()
            keys = (key, list_source_key(key), *map(list_source_key, rows))
        for one in keys:
            if one in self.roster and one not in self._flights:
                self._agenda.force(one)
        self._outage.hasten(now)
        self._alarm.ring()

    def set_paused(self, is_paused: bool) -> None:
        """Ask nothing but what a person asks for by hand; what falls due meanwhile is spread afterwards."""
        if self.vitals.is_paused and not is_paused:
            self.roster.spread_overdue(self._clock.monotonic())
        self.vitals.is_paused = is_paused
        self.vitals.publish()
        self._alarm.ring()

    @property
    def is_taking(self) -> bool:
        """An answer is being kept at this moment."""
        return self.intake.is_taking

    def shift(self, by_s: float) -> None:
        """The wall clock leapt. What is due, late or backing off goes by the other one, and stays."""
        self.intake.shift(by_s)
        self.vitals.shift(by_s)

    # The loop

    async def run(self) -> None:
        """Poll until cancelled."""
        wake_at: float | None = None
        while True:
            now = self._clock.monotonic()
            try:
                if wake_at is not None and now - wake_at > GAP_S:
                    self.roster.spread_overdue(now)
                self._launch(now)
                self._mark_late(now)
            except Exception as error:  # one more try is worth more than a server that is silently forgotten
                self._tell_fault("polling met a fault", error)
                await self._clock.sleep(FAULT_S)
            wake_at = self._next_wake(self._clock.monotonic())
            await self._alarm.wait(wake_at)

    async def drain(self, keys: Iterable[str]) -> None:
        """Ask these sources once and end; an outage is not waited for: what is left then has its problem."""
        self._is_draining = self._outage.is_single = True
        self._budget.allow_all_at_once()
        self._agenda.unforce()
        for key in keys:
            self._agenda.force(key)
        while self._in_flight or self._agenda.has_forced:
            if self._outage.problem is not None and not self._in_flight:
                await self._delivery.give_up(self._outage.problem, self._next_seq())
                break
            now = self._clock.monotonic()
            self._launch(now)
            await self._alarm.wait(self._wake_at(now))
        self._alarm.silence()
        self._is_draining = self._outage.is_single = False

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
            source = self.roster.get(key) if key is not None else None
            if source is None:
                continue
            self._budget.take(now, is_forced=is_forced)
            sources = [source]
            if not self._outage.is_on:
                mates = self._agenda.take_mates(source, now, BATCH_LIMIT - 1)
                sources += [mate for key in mates if (mate := self.roster.get(key)) is not None]
            flight = Flight(tuple(sources), self._next_seq(), now, self._outage.is_on, source.query)
            for one in sources:
                self._flights[one.key] = flight
            self._in_flight += 1
            flight.task = asyncio.create_task(self._fly(flight))
            # A task that is cancelled before its first step runs nothing of itself, not even a finally.
            flight.task.add_done_callback(partial(self._land, flight))

    async def _fly(self, flight: Flight) -> None:
        """Ask and take in the answer; `_land` follows whatever becomes of it."""
        try:
            flight.reply = await self._line.ask(flight.sources, flight.query)
            flight.is_asking = False
            await self._delivery.deliver(flight, flight.reply)
        except Exception as error:  # the loop must outlive a fault of ours; it is told of, not hidden
            self._tell_fault("an answer could not be kept", error)

    def _land(self, flight: Flight, _: asyncio.Task[None]) -> None:
        """Give each source its next due time, and judge the server by the reply (none where it was given up)."""
        now = self._clock.monotonic()
        reply = flight.reply
        problems = {reading.target.key: reading.problem for reading in reply.readings} if reply is not None else {}
        self._in_flight -= 1
        for source in flight.sources:
            self._flights.pop(source.key, None)
            current = self.roster.get(source.key)
            if current is None:
                continue
            if reply is None or current is not source or source.query != flight.query:
                self._agenda.set(current, now)  # given up, dropped and added again, or another page is wanted
            else:
                problem = problems.get(source.key, reply.problem)
                wait_s = self._delivery.rate(source).wait_s(problem, self._poll, self._chance())
                self._agenda.set(source, max(now + wait_s, source.covered_until))
            if current.query != flight.query:
                self._agenda.force(current.key, is_first=True)
        messages: tuple[Message, ...] = ()
        if reply is not None:
            has_recovered, messages = self.vitals.judge(
                reply, flight.sources[0].key, len(self.roster), is_probe=flight.is_probe
            )
            if has_recovered:
                self.roster.revive(now)
        self.vitals.publish(*messages, *self._overload())
        self._alarm.ring()

    def _overload(self) -> tuple[Message, ...]:
        """Say once that the budget does not suffice."""
        if self._has_told_load or self._load.stretch < OVERLOAD_TOLD:
            return ()
        self._has_told_load = True
        return (
            overload_message(self.plan.name, self._load.per_minute, self.plan.budget_per_minute, self._clock.now()),
        )

    def _mark_late(self, now: float) -> None:
        due = self.intake.late.next_due()
        if due is not None and due <= now and self.intake.mark_late(now):
            self.vitals.is_late()
            self.vitals.publish()

    def _tell_fault(self, what: str, error: Exception) -> None:
        text = f"{self.plan.name}: {what} ({type(error).__name__}); this is a fault of scantop."
        self._store.publish(messages=(note(self._clock.now(), text, self.plan.name, tone="bad"),))
