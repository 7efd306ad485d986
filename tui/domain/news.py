"""What has happened to targets since somebody began to look: events, each told once. Pure.

Owns what counts as news. A change that was seen is, also one that happened between two runs of the monitor; a first
sight is only where the server's own time says that it came about after the start; and what time alone brought about
(stuck, overdue, missing for too long) is where that moment came after the start. So nothing is told anew by a monitor
that was started again, and nothing old by a new one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tui.domain.deadline import is_overdue
from tui.domain.problem import ProblemCode
from tui.domain.shifting import later
from tui.domain.snapshot import Entry, Transition
from tui.domain.state import State
from tui.domain.stuck import Pace, Verdict

ENDS = ("done", "partial", "failed", "canceled", "unsupported")
ENDED = "ended"  # whichever way
STUCK, OVERDUE, MISSING = "stuck", "overdue", "missing"
EVENTS = (*ENDS, ENDED, STUCK, OVERDUE, MISSING)  # the words that a rule may use
BY_TIME = frozenset({STUCK, OVERDUE, MISSING})  # what no answer brings: somebody must look at the clock
AWAY_KEPT = 4096  # targets that nothing wants any more of which is known what was told: a page may be turned back to
SAME = timedelta(seconds=2)  # one moment read twice: how far a server's clock is ahead is known to a second or so


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; `word` is one of `EVENTS`, the particular one."""

    word: str
    entry: Entry


def is_asked_for(word: str, on: Collection[str]) -> bool:
    """A rule that tells of `on` tells of this."""
    return word in on or (ENDED in on and word in ENDS)


class News:
    """What is news, for one run. `began_at` is its start, `grace_s` how long a new target may be missing (seconds)."""

    def __init__(self, began_at: datetime, grace_s: float) -> None:
        self._began_at = began_at
        self._grace_s = grace_s
        self._last: dict[str, Transition] = {}
        self._gone: set[str] = set()
        self._told: dict[tuple[str, str], datetime] = {}  # since when what was told of a target has been so
        self._ended: dict[
            str, tuple[str, datetime]
        ] = {}  # the last end that was told of a target, and when it was seen
        self._away: dict[str, None] = {}  # what left, the longest gone first

    def brought(self, entry: Entry) -> Iterator[Event]:
        """What the answer that this entry is made of has brought; nothing for one that was looked at already."""
        self._away.pop(entry.key, None)
        fresh: list[Transition] = []
        for transition in reversed(entry.transitions):
            if transition.seen_at != entry.polled_at or transition is self._last.get(entry.key):
                break
            if not transition.part:
                fresh.append(transition)
        for transition in reversed(fresh):
            self._last[entry.key] = transition
            word = self._word(transition)
            if word:
                yield Event(word, entry)
        if self._is_gone(entry):
            yield Event(MISSING, entry)

    def passed(self, entry: Entry, now: datetime, judge: Callable[[Entry], Verdict]) -> Iterator[Event]:
        """What has come about for this entry by the passing of time; `judge` says whether it is stuck."""
        if is_overdue(entry, now) and entry.due_at is not None and self._is_new(entry.key, OVERDUE, entry.due_at):
            yield Event(OVERDUE, entry)
        verdict = judge(entry)
        if verdict.pace is Pace.STUCK and verdict.since_at is not None:
            became_at = verdict.since_at + timedelta(seconds=verdict.limit_s or 0.0)
            if self._is_new(entry.key, STUCK, verdict.since_at, became_at):
                yield Event(STUCK, entry)
        if entry.state is State.MISSING and entry.since_at is not None:
            became_at = entry.since_at + timedelta(seconds=self._grace_s)
            if became_at <= now and self._is_new(entry.key, MISSING, entry.since_at, became_at):
                yield Event(MISSING, entry)

    def shift(self, by_s: float, entries: Mapping[str, Entry]) -> None:
        """The clock was set, and the entries' times have moved with it: what was told of them stays told."""
        self._began_at = later(self._began_at, by_s)
        for key in self._last.keys() & entries.keys():
            whole = (one for one in reversed(entries[key].transitions) if not one.part)
            self._last[key] = next(whole, self._last[key])
        for key, word in tuple(self._told):
            entry = entries.get(key)
            due_at = entry.due_at if entry is not None and word == OVERDUE else None
            self._told[key, word] = due_at or later(self._told[key, word], by_s)
        for key, (word, seen_at) in self._ended.items():
            self._ended[key] = (word, later(seen_at, by_s))

    def leave(self, key: str) -> None:
        """Nothing wants this target any more. It may come back, as a list's row does: what was told stays told."""
        self._last.pop(key, None)
        self._gone.discard(key)
        self._away[key] = None
        if len(self._away) > AWAY_KEPT:
            self._forget(next(iter(self._away)))

    def _forget(self, key: str) -> None:
        del self._away[key]
        self._ended.pop(key, None)
        for word in BY_TIME:
            self._told.pop((key, word), None)

    def _word(self, transition: Transition) -> str:
        after = transition.after
        if transition.before is after:
            return ""
        if transition.before is None and not self._is_fresh(transition):
            return ""
        if after is State.MISSING:
            self._told[transition.key, MISSING] = transition.seen_at
            return MISSING
        if not after.is_terminal:
            return ""
        self._ended[transition.key] = (after.value, transition.seen_at)
        return after.value

    def _is_fresh(self, first: Transition) -> bool:
        """What is seen for the first time came about after the start, and is not what was told before it left."""
        if first.server_at is None or first.server_at < self._began_at or not first.after.is_terminal:
            return False
        word, seen_at = self._ended.get(first.key, ("", None))
        return word != first.after.value or seen_at is None or first.server_at > seen_at + SAME

    def _is_gone(self, entry: Entry) -> bool:
        """The server knew it in this run and knows it no longer: told once, until it is there again."""
        if entry.problem is None:
            self._gone.discard(entry.key)
            return False
        is_gone = entry.record is not None and entry.problem.code is ProblemCode.MISSING
        if not is_gone or entry.key in self._gone:
            return False
        self._gone.add(entry.key)
        return True

    def _is_new(self, key: str, word: str, since_at: datetime, became_at: datetime | None = None) -> bool:
        told_of = self._told.get((key, word))
        if told_of is not None and abs(told_of - since_at) <= SAME:
            return False
        if (became_at or since_at) < self._began_at:
            return False
        self._told[key, word] = since_at
        return True
