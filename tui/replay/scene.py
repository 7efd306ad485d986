"""What is known at one moment of the replay: a target's parts as its transitions left them, and the entry they make.

Owns the way back from transitions to a record as a server's answer would have made it. Each step costs the same however
much was played before; entries are made when they are asked for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import NamedTuple

from tui.domain.learning import Learner, Told
from tui.domain.problem import Problem, ProblemCode
from tui.domain.records import CATEGORIES, STAGES, Fields, FieldValue, Record, Stage
from tui.domain.snapshot import Entry, Mark, Transition
from tui.domain.state import BAD_ENDS, THREADFIX_PIPELINE, State
from tui.polling.observe import CATEGORY_SIGN, TRANSITIONS_KEPT
from tui.replay.tape import Played, Step, Tape

# Lines of stages that are shown as a whole, also what of them has not begun.
LINES = (STAGES, tuple(word.lower() for word in THREADFIX_PIPELINE))
SEEN_FOR = timedelta(minutes=5)  # after the last look: what has ended is looked at so often only
ENDED_FOR = timedelta(hours=1)  # after the last change of what has ended, where the last look is not known …
OPEN_FOR = timedelta(days=1)  # … and of what waits or runs
GONE = Problem(ProblemCode.MISSING, "It was missing then: not indexed, or it did not exist.")


class _Part(NamedTuple):
    state: State
    status: str | None
    since_at: datetime
    server_at: datetime | None


@dataclass(slots=True)
class _Thing:
    """One target so far."""

    played: Played
    first_at: datetime
    began_at: datetime
    seen_at: datetime
    word: tuple[str | None, datetime]  # the newest status of any part, and since when
    parts: dict[str, _Part] = field(default_factory=dict)
    newest: deque[Transition] = field(default_factory=lambda: deque(maxlen=TRANSITIONS_KEPT))


class Scene:
    """The targets that are on the screen. `forget_after`: what has ended leaves so long after its last change."""

    def __init__(self, tape: Tape, learner: Learner, forget_after: timedelta | None = None) -> None:
        self.learner = learner
        self._tape = tape
        self._forget_after = forget_after
        self._things: dict[str, _Thing] = {}
        self._leaving: list[tuple[datetime, str]] = []

    @property
    def keys(self) -> Iterable[str]:
        """The addresses of what is there."""
        return self._things.keys()

    @property
    def next_leave_at(self) -> datetime | None:
        """When the next target leaves."""
        return self._leaving[0][0] if self._leaving else None

    def take(self, place: int) -> Step:
        """Play one step of the tape."""
        step = self._tape.steps[place]
        played, one = self._tape.targets[step.key], step.transition
        thing = self._things.get(step.key)
        if thing is None:
            began_at = one.server_at or one.seen_at
            thing = self._things[step.key] = _Thing(played, one.seen_at, began_at, one.seen_at, (one.status, began_at))
        thing.seen_at = one.seen_at
        thing.newest.append(one)
        since_at = one.server_at or one.seen_at
        if one.before is not None and one.after_at is not None:
            since_at = max(since_at, one.after_at)  # the old state was seen then, whatever the server's time says
        if one.after is State.ABSENT:
            thing.parts.pop(one.part, None)
        else:
            thing.parts[one.part] = _Part(one.after, one.status, since_at, one.server_at)
            if one.status:
                thing.word = (one.status, since_at)
        self.learner.take(played.scope, one, played.told)
        if played.last == place:
            heappush(self._leaving, (self._leave_at(thing), step.key))
        return step

    def _leave_at(self, thing: _Thing) -> datetime:
        """When a target of which nothing more comes leaves the screen: soon after it was looked at last."""
        own = thing.parts.get("")
        has_ended = own is None or own.state.is_terminal
        last_at = thing.played.last_seen_at
        if last_at is not None:
            leave_at = max(last_at, thing.seen_at) + SEEN_FOR
        else:  # an export that does not tell
            leave_at = thing.seen_at + (ENDED_FOR if has_ended else OPEN_FOR)
        if has_ended and self._forget_after is not None:
            return min(leave_at, thing.seen_at + self._forget_after)
        return leave_at

    def leave(self, now: datetime) -> list[str]:
        """The addresses of what leaves by now; it is not there any more."""
        found = []
        while self._leaving and self._leaving[0][0] <= now:
            key = heappop(self._leaving)[1]
            if self._things.pop(key, None) is not None:
                found.append(key)
        return found

    def subject(self, key: str) -> Entry:
        """The target as messages speak of it: its name and its error, whatever became of it."""
        played = self._tape.targets[key]
        record = Record(played.target, played.name or played.target.title, State.UNKNOWN, None, error=played.error)
        return Entry(key, played.target, record)

    def entry(self, key: str) -> Entry | None:
        """What the store would have held of it; None where it is not there."""
        thing = self._things.get(key)
        if thing is None:
            return None
        own = _own(thing)
        is_missing = own is not None and own.state is State.MISSING
        return Entry(
            key,
            thing.played.target,
            record=None if is_missing else _record(thing, own),
            problem=GONE if is_missing else None,
            first_seen_at=thing.first_at,
            since_at=own.since_at if own is not None else None,
            polled_at=thing.seen_at,
            good_at=None if is_missing else thing.seen_at,
            transitions=tuple(thing.newest),
            marks=tuple(Mark(name, part.state, part.since_at) for name, part in thing.parts.items()),
            is_watched=True,
            label=thing.played.label,
        )


def _own(thing: _Thing) -> _Part | None:
    """The target as a whole. On a pipeline it stands in one stage, whose word and time are its own."""
    own = thing.parts.get("")
    if own is None or not _is_pipeline(thing.played):
        return own
    word, since_at = thing.word
    return own._replace(status=word, since_at=max(own.since_at, since_at))


def _is_pipeline(played: Played) -> bool:
    return bool(played.grammar.stages) and STAGES[0] not in played.grammar.stages


def _record(thing: _Thing, own: _Part | None) -> Record:
    played = thing.played
    state = own.state if own is not None else State.UNKNOWN
    error = played.error if state in BAD_ENDS else ""
    return Record(
        target=played.target,
        name=played.name or played.target.title,
        state=state,
        status=own.status if own is not None else None,
        since_at=own.server_at if own is not None else None,
        stages=_stages(thing),
        categories=_categories(thing),
        detail=_detail(thing, own, error),
        error=error,
    )


def _stages(thing: _Thing) -> tuple[Stage, ...]:
    """The stages that were seen, within the whole line that they belong to."""
    known = thing.played.grammar.stages
    line = next((line for line in LINES if line[0] in known), ())
    parts = {name: part for name, part in thing.parts.items() if name and not name.startswith(CATEGORY_SIGN)}
    if parts and all(name in known and name not in line for name in parts):
        line = ()  # it has left that line for another one
    further = [name for name in parts if name not in line]
    return tuple(_stage(name, parts.get(name)) for name in (*line, *further))


def _categories(thing: _Thing) -> tuple[Stage, ...]:
    """The four once any of them was seen, then those that nobody knew."""
    sign = len(CATEGORY_SIGN)
    parts = {name[sign:]: part for name, part in thing.parts.items() if name.startswith(CATEGORY_SIGN)}
    further = [name for name in parts if name not in CATEGORIES]
    return tuple(_stage(name, parts.get(name)) for name in (*CATEGORIES, *further)) if parts else ()


def _stage(name: str, part: _Part | None) -> Stage:
    return Stage(name, None, State.ABSENT) if part is None else Stage(name, part.status, part.state, part.server_at)


def _detail(thing: _Thing, own: _Part | None, error: str) -> Fields:
    """The fields that panes and estimates read, as far as an export has them, and never from the future."""
    played, state = thing.played, own.state if own is not None else State.UNKNOWN
    told = played.told or Told()
    kind_type = played.scope.type
    items: list[tuple[str, FieldValue]] = [("category" if kind_type in CATEGORIES else "type", kind_type or None)]
    if played.project and played.target.param("project") is None:
        items.append(("project", Fields((("name", played.project),))))
    items.append(("queued_at", told.queued_at))
    items.append(("activated_at", told.began_at if state is not State.WAITING else None))
    items.append(("completed_at", told.ended_at if state.is_terminal else None))
    if _is_pipeline(played):  # its first and its newest sign
        items.append(("time", thing.began_at))
        items.append(("modified_at", own.since_at if own is not None else None))
    items.append(("error", error or None))
    return Fields(tuple((name, value) for name, value in items if value is not None))
