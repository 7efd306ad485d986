"""What happens to an answer: compared with what is known, written to the history, then published. One a server.

Owns the order: an answer that was overtaken by a later question of the same thing is dropped; a transition is in the
history before it is in the store; two answers never interleave. Knows neither schedule nor network.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tui.clock import Clock
from tui.domain.deadline import due_at
from tui.domain.problem import Problem, ProblemCode
from tui.domain.records import ListQuery, Page, Reading
from tui.domain.shifting import moved
from tui.domain.snapshot import Entry, ListState, Remembered, Transition
from tui.domain.state import State
from tui.polling.history import History
from tui.polling.messages import Message
from tui.polling.observe import Sight, newest_failures, observe, recall
from tui.polling.schedule import Schedule
from tui.polling.sources import list_source_key
from tui.polling.store import Store
from tui.polling.words import (
    list_problem_message,
    note,
    problem_message,
    recovered_message,
    transition_message,
    waiting_to_appear,
)
from tui.settings import WatchedTarget

WATCH = "watch"  # the holder of everything that is watched by itself


@dataclass(slots=True)
class _Track:
    """What is known of an entry beside the entry: questions are numbered, larger is later."""

    good_seq: int = 0
    failed_seq: int = 0
    seen_at: datetime | None = None
    added_s: float = 0.0
    is_recalled: bool = False
    past: Remembered | None = None


class Intake:
    """The entries and lists of one server."""

    def __init__(self, server: str, store: Store, history: History, clock: Clock, grace_s: float) -> None:
        self._server = server
        self._store = store
        self._history = history
        self._clock = clock
        self._grace_s = grace_s
        self._tracks: dict[str, _Track] = {}
        self._list_seqs: dict[str, int] = {}
        self._turn = asyncio.Lock()
        self.late = Schedule()

    def enter(self, wanted: Iterable[WatchedTarget], holder: str = WATCH) -> None:
        """These are watched from now on, for `holder`. A label or a deadline takes the place of an earlier one."""
        changed = []
        now = self._clock.monotonic()
        for item in wanted:
            target = item.target
            self._store.add_hold(holder, target.key)
            entry = self._store.entries.get(target.key) or Entry(target.key, target)
            deadline = item.deadline or entry.deadline
            entry = replace(entry, is_watched=True, label=item.label or entry.label, deadline=deadline)
            entry = replace(entry, due_at=due_at(deadline, entry))
            self._tracks.setdefault(target.key, _Track(added_s=now))
            if self._store.entries.get(target.key) != entry:
                changed.append(entry)
        self._store.publish(entries=changed)

    def leave(self, key: str, holder: str = WATCH) -> bool:
        """`holder` does not watch it any more; True where nothing watches it now."""
        is_orphan = self._store.end_hold(holder, key)
        entry = self._store.entries.get(key)
        if is_orphan:
            self._forget((key,))
            self._store.publish(removed=(key,))
            return True
        is_watched = self._is_watched(key)
        if entry is not None and entry.is_watched and not is_watched:
            self.late.remove(key)
            self._store.publish(entries=(replace(entry, is_watched=False, label="", deadline=None, due_at=None),))
        return not is_watched

    def is_in_grace(self, key: str) -> bool:
        """A missing target may still appear any moment."""
        track = self._tracks.get(key)
        return track is not None and self._clock.monotonic() - track.added_s <= self._grace_s

    async def take(
        self, readings: Sequence[Reading], seq: int, sight: Sight, late_after: Callable[[Entry], float]
    ) -> None:
        """Readings of watched targets, asked by question number `seq`.

        `late_after` gives the seconds after which an entry is late without another good answer.
        """
        async with self._turn:
            await self._recall(reading.target.key for reading in readings)
            found: list[tuple[Entry, tuple[Transition, ...]]] = []
            messages: list[Message] = []
            for reading in readings:
                entry = self._store.entries.get(reading.target.key)
                if entry is not None:
                    self._observe(entry, reading, seq, sight, found, messages)
            await self._keep(found, sight)
            now = self._clock.monotonic()
            entries = tuple(self._current(entry) for entry, _ in found if self._store.is_held(entry.key))
            for entry in entries:
                if entry.polled_at == sight.seen_at and _is_answer(entry.problem):
                    self.late.set(entry.key, now + late_after(entry))
            self._store.publish(entries=entries, messages=(*messages, *self._notices()))

    async def take_page(
        self,
        query: ListQuery,
        page: Page | None,
        problem: Problem | None,
        seq: int,
        sight: Sight,
        *,
        is_wanted: Callable[[], bool],
        late_after: Callable[[Sequence[Entry]], float],
    ) -> tuple[Entry, ...] | None:
        """A page (or the problem) of a list; gives its entries, None where nothing was taken.

        `is_wanted` is asked at the end: a page of an older query is dropped. `late_after` gives the seconds after which
        a list with these rows is late.
        """
        async with self._turn:
            state = self._store.lists.get(query.key) or ListState(query)
            if seq < self._list_seqs.get(query.key, 0) or not is_wanted():
                return None
            self._list_seqs[query.key] = seq
            if page is None:
                self._publish_list_problem(state, problem, sight)
                return None
            records = {record.target.key: record for record in page.records}
            for key in records:
                self._tracks.setdefault(key, _Track(added_s=self._clock.monotonic()))
            await self._recall(records)
            found: list[tuple[Entry, tuple[Transition, ...]]] = []
            messages: list[Message] = []
            for key, record in records.items():
                entry = self._store.entries.get(key) or Entry(key, record.target)
                self._observe(entry, Reading(record.target, record), seq, sight, found, messages)
            await self._keep(found, sight)
            if not is_wanted():  # its rows are news all the same where something else shows them
                self._forget(key for key in records if not self._store.is_held(key))
                held = [self._current(entry) for entry, _ in found if self._store.is_held(entry.key)]
                self._store.publish(entries=held, messages=self._notices())
                return None
            return self._publish_page(query, page, tuple(records), found, messages, sight, late_after)

    def mark_late(self, now: float) -> bool:
        """Mark what has become late; True where that is not explained by a problem of its own."""
        entries: list[Entry] = []
        lists: list[ListState] = []
        is_unexplained = False
        while (key := self.late.pop(now)) is not None:
            entry = self._store.entries.get(key)
            if entry is not None:
                entries.append(replace(entry, is_late=True))
                is_unexplained = is_unexplained or entry.problem is None
                continue
            for state in self._store.lists.values():
                if list_source_key(state.query.key) == key:
                    lists.append(replace(state, is_late=True))
                    is_unexplained = is_unexplained or state.problem is None
                    rows = (self._store.entries.get(row) for row in state.keys)
                    entries += [replace(row, is_late=True) for row in rows if row is not None and not row.is_watched]
        self._store.publish(entries=entries, lists=lists)
        return is_unexplained

    @property
    def is_taking(self) -> bool:
        """An answer is being kept at this moment."""
        return self._turn.locked()

    def shift(self, by_s: float) -> None:
        """The wall clock leapt: the last sights move with it (the entries are the monitor's to move)."""
        for track in self._tracks.values():
            track.seen_at = moved(track.seen_at, by_s)

    def want_list(self, query: ListQuery) -> None:
        """Another page or filter is wanted; the rows shown stay until it is there."""
        state = self._store.lists.get(query.key)
        state = ListState(query) if state is None else replace(state, query=query, problem=None)
        self._store.publish(lists=(state,))

    def _observe(
        self,
        entry: Entry,
        reading: Reading,
        seq: int,
        sight: Sight,
        found: list[tuple[Entry, tuple[Transition, ...]]],
        messages: list[Message],
    ) -> None:
        """Add the entry after `reading` to `found` and what to say of it to `messages`, unless it was overtaken."""
        track = self._tracks.setdefault(entry.key, _Track(added_s=self._clock.monotonic()))
        is_answer = reading.problem is None or _is_answer(reading.problem)
        if seq <= track.good_seq or (not is_answer and seq <= track.failed_seq):
            return
        is_old_news = is_answer and seq < track.failed_seq
        before = entry if track.past is None else recall(entry, track.past)
        track.past = None
        was_never_there = all(mark.state is State.MISSING for mark in before.marks)
        if reading.problem is not None and was_never_there and self.is_in_grace(entry.key):
            reading = replace(reading, problem=waiting_to_appear(reading.problem))
        after, transitions = observe(before, reading, sight, track.seen_at)
        if is_old_news:  # a later question failed meanwhile: its problem stays
            after = replace(after, problem=entry.problem)
        if is_answer:
            after = replace(after, is_late=False) if after.is_late else after
            track.good_seq, track.seen_at = seq, sight.seen_at
        else:
            track.failed_seq = seq
        found.append((after, transitions))
        is_row = entry.record is None and not entry.is_watched
        if not is_row:
            messages += (transition_message(after, transition) for transition in transitions if transition.before)
            messages += problem_message(self._server, entry, after, sight.seen_at)
            messages += recovered_message(self._server, entry, after, sight.seen_at)

    async def _recall(self, keys: Iterable[str]) -> None:
        """Give entries that are new in this run what an earlier run saw of them."""
        new = [key for key in keys if (track := self._tracks.get(key)) is not None and not track.is_recalled]
        if not new:
            return
        remembered = await self._history.recall(new)
        for key in new:
            track = self._tracks.get(key)
            if track is None:
                continue
            track.is_recalled = True
            track.past = remembered.get(key)
            if track.past is not None:
                track.seen_at = track.seen_at or track.past.last_seen_at

    async def _keep(self, found: Sequence[tuple[Entry, tuple[Transition, ...]]], sight: Sight) -> None:
        transitions = [transition for _, some in found for transition in some]
        if transitions:
            await self._history.record(transitions, [entry for entry, some in found if some])
        self._history.saw([entry.key for entry, _ in found if _is_answer(entry.problem)], sight.seen_at)

    def _publish_page(
        self,
        query: ListQuery,
        page: Page,
        keys: tuple[str, ...],
        found: Sequence[tuple[Entry, tuple[Transition, ...]]],
        messages: Sequence[Message],
        sight: Sight,
        late_after: Callable[[Sequence[Entry]], float],
    ) -> tuple[Entry, ...]:
        before = self._store.lists.get(query.key)
        orphans = self._store.hold(query.key, keys)
        self._forget(orphans)
        state = ListState(
            query=query,
            shown=query,
            keys=keys,
            page=page.page,
            pages=page.pages,
            total=page.total,
            has_more=page.has_more,
            notes=page.notes,
            polled_at=sight.seen_at,
            good_at=sight.seen_at,
            failed_calls=before.failed_calls if before is not None else (),
        )
        fresh = {entry.key: self._current(entry) for entry, _ in found}
        self._store.publish(
            entries=fresh.values(), removed=orphans, lists=(state,), messages=(*messages, *self._notices())
        )
        rows = tuple(self._store.entries[key] for key in keys if key in self._store.entries)
        self.late.set(list_source_key(query.key), self._clock.monotonic() + late_after(rows))
        return rows

    def _publish_list_problem(self, state: ListState, problem: Problem | None, sight: Sight) -> None:
        messages: tuple[Message, ...] = ()
        if problem is not None and (state.problem is None or state.problem.code is not problem.code):
            messages = tuple(list_problem_message(self._server, state, problem, sight.seen_at))
        failed = newest_failures(state.failed_calls, sight.calls)
        state = replace(state, problem=problem, polled_at=sight.seen_at, failed_calls=failed)
        self._store.publish(lists=(state,), messages=messages)

    def _current(self, entry: Entry) -> Entry:
        """The entry with what was changed by hand while its answer was being kept."""
        now = self._store.entries.get(entry.key)
        is_watched = self._is_watched(entry.key)
        label, deadline = (now.label, now.deadline) if now is not None else (entry.label, entry.deadline)
        due = due_at(deadline, entry)
        if (entry.is_watched, entry.label, entry.deadline, entry.due_at) == (is_watched, label, deadline, due):
            return entry
        return replace(entry, is_watched=is_watched, label=label, deadline=deadline, due_at=due)

    def _is_watched(self, key: str) -> bool:
        return any(holder not in self._store.lists for holder in self._store.holders(key))

    def _forget(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._tracks.pop(key, None)
            self.late.remove(key)

    def _notices(self) -> tuple[Message, ...]:
        return tuple(note(self._clock.now(), text) for text in self._history.take_notices())


def _is_answer(problem: Problem | None) -> bool:
    return problem is None or problem.code is ProblemCode.MISSING
