"""One server's health for the header, published only when a person would see a difference.

Rates and latencies wobble with every poll; a header that followed them would be redrawn for nothing. They move here
only when they differ enough to matter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from tui.clock import Clock
from tui.domain.problem import ProblemCode
from tui.domain.records import Call
from tui.domain.shifting import moved, moved_calls, moved_server
from tui.domain.snapshot import Health, Lookup, ServerHealth
from tui.polling.asking import Reply
from tui.polling.budget import Budget
from tui.polling.history import History
from tui.polling.messages import Message
from tui.polling.observe import newest_failures
from tui.polling.outage import Outage, Verdict, verdict
from tui.polling.store import Store
from tui.polling.words import outage_message, server_back_message

OFFSET_NOISE_S = 2.0  # an HTTP Date has whole seconds, and the answer was under way: less is no difference of clocks
RATE_STEP = 0.2  # share by which a rate must move to be shown anew …
RATE_STEP_MIN = 3  # … and by how many requests a minute at least
LATENCY_STEP = 0.5  # share by which a latency must move to be shown anew
DATE_HALF_S = 0.5  # a Date is cut to the second: on average it is half a second old


class Vitals:
    """Keeps one `ServerHealth` in the store up to date."""

    def __init__(
        self,
        shown: ServerHealth,
        store: Store,
        history: History,
        clock: Clock,
        budget: Budget,
        outage: Outage,
        chance: Callable[[], float],
    ) -> None:
        self._shown = shown
        self._store = store
        self._history = history
        self._chance = chance
        self._clock = clock
        self._budget = budget
        self._outage = outage
        self._good_at: datetime | None = None
        self._latency_s: float | None = None
        self._offset_s: float | None = None
        self._is_late = False
        self._lookups: dict[str, Lookup] = {}
        self._failed_calls: tuple[Call, ...] = ()
        self.is_paused = False

    @property
    def offset_s(self) -> float:
        """How far the server's clock is ahead of ours, in seconds; 0 where that cannot be told from noise."""
        offset = self._offset_s
        return offset if offset is not None and abs(offset) >= OFFSET_NOISE_S else 0.0

    def answered(self, calls: tuple[Call, ...], server_at: datetime | None, took_s: float, *, is_good: bool) -> None:
        """Note what one answer tells of the server; `took_s` is how long the whole cycle took."""
        if server_at is not None:
            middle = self._clock.now() - timedelta(seconds=took_s / 2)
            self._offset_s = (server_at - middle).total_seconds() + DATE_HALF_S
        latency_s = calls[-1].latency_s if calls else took_s
        self._history.polled(self._shown.name, self._clock.now(), latency_s if is_good else None)
        if is_good:
            self._good_at = self._clock.now()
            self._is_late = False
            shown = self._latency_s
            if shown is None or abs(latency_s - shown) > max(shown, latency_s) * LATENCY_STEP:
                self._latency_s = latency_s

    def judge(self, reply: Reply, source: str, sources: int, *, is_probe: bool) -> tuple[bool, tuple[Message, ...]]:
        """Let the outage know of a reply; gives whether it ended one, and what there is to say of it."""
        now, at, name = self._clock.monotonic(), self._clock.now(), self._shown.name
        problem = reply.worst
        says = verdict(problem)
        if says is Verdict.OWN and not (is_probe and self._outage.is_on):
            return False, ()
        if problem is None or says in (Verdict.LIVES, Verdict.OWN):  # a probe that is answered ends an outage
            since, self._failed_calls = self._outage.since, ()
            if not self._outage.lives():
                return False, ()
            self._history.recovered(name, at)
            return True, (server_back_message(name, now - since, at),)
        self._history.failed(name, problem.code, at)
        self._failed_calls = newest_failures(self._failed_calls, reply.calls)
        before = self._outage.problem
        self._outage.failed(problem, source, sources, now, self._chance(), is_probe=is_probe)
        after = self._outage.problem
        if after is None or (before is not None and before.code is after.code):
            return False, ()
        return False, (outage_message(name, after, at),)

    def looked_up(self, key: str, failed: Lookup | None) -> None:
        """Note how the look-up of the source `key` ended (None: it is known now); shown with the next `publish`."""
        if failed is None:
            self._lookups.pop(key, None)
        else:
            self._lookups[key] = failed

    def is_late(self) -> None:
        """Something on this server became late without a problem that explains it."""
        self._is_late = True

    def shift(self, by_s: float) -> None:
        """This machine's clock leapt by so much: the server's is where it was."""
        self._good_at = moved(self._good_at, by_s)
        self._shown = moved_server(self._shown, by_s)
        self._failed_calls = moved_calls(self._failed_calls, by_s)
        if self._offset_s is not None:
            self._offset_s -= by_s
        self.publish()

    def publish(self, *messages: Message) -> None:
        """Put the health into the store; the listeners hear of it only if something to see changed."""
        outage = self._outage
        retry_at = None
        if outage.is_on:
            same = outage.problem == self._shown.problem and self._shown.retry_at is not None
            wait_s = max(0.0, outage.retry_at - self._clock.monotonic())
            retry_at = self._clock.now() + timedelta(seconds=wait_s)
            if same and self._shown.retry_at is not None and abs((retry_at - self._shown.retry_at).total_seconds()) < 1:
                retry_at = self._shown.retry_at
        rate = self._budget.count(self._clock.monotonic())
        if abs(rate - self._shown.per_minute) < max(RATE_STEP_MIN, RATE_STEP * self._shown.per_minute) and rate:
            rate = self._shown.per_minute or rate
        offset = self.offset_s or None
        known = self._shown.clock_offset_s
        if offset is not None and known is not None and abs(offset - known) < OFFSET_NOISE_S:
            offset = known
        shown = replace(
            self._shown,
            health=self._health(),
            problem=outage.problem,
            retry_at=retry_at,
            latency_s=self._latency_s,
            per_minute=rate,
            clock_offset_s=offset,
            lookups=tuple(self._lookups.values()),
            failed_calls=self._failed_calls if outage.is_on else (),
        )
        is_quiet = shown == self._shown and not messages  # when it was last good is not shown by itself
        self._shown = replace(shown, good_at=self._good_at)
        self._store.publish(servers=(self._shown,), messages=messages, is_quiet=is_quiet)

    def _health(self) -> Health:
        problem = self._outage.problem
        if problem is not None:
            return Health.REFUSED if problem.code is ProblemCode.UNAUTHORISED else Health.FAILING
        if self.is_paused:
            return Health.PAUSED
        if self._is_late:
            return Health.LATE
        return Health.STARTING if self._good_at is None else Health.OK
