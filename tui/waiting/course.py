"""One target on its way to its end: what was last seen of it, since when, and what that means under the terms.

Pure: entries and times in, outcomes out. Times that end in `_s` are monotonic. Knows no other target and no output.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tui.domain.problem import REFUSALS, ProblemCode
from tui.domain.records import STAGES, Record, Stage
from tui.domain.snapshot import Entry
from tui.domain.state import ACTIVE, BAD_ENDS, State
from tui.domain.target import Target
from tui.polling.words import WAITING
from tui.present.format import duration
from tui.waiting.terms import Outcome, PartChange, Terms

Verdict = tuple[Outcome, str]


class Course:
    """The way of one target. `outcome` stands once it is set."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.entry = Entry(target.key, target)
        self.outcome: Outcome | None = None
        self.reason = ""
        self.ended_at: datetime | None = None
        self.refusals = 0
        self.trouble: ProblemCode | None = None
        self.trouble_s = 0.0
        self.is_answered = False
        self.polled_s: float | None = None
        self._missing_s: float | None = None
        self._changed_s = 0.0
        self._begun_s: dict[str, float] = {}

    @property
    def is_pending(self) -> bool:
        """Nothing came of it yet."""
        return self.outcome is None

    def settle(self, verdict: Verdict, at: datetime) -> None:
        """This came of it, for good."""
        self.outcome, self.reason = verdict
        self.ended_at = at

    def see(self, entry: Entry, now: datetime, now_s: float) -> tuple[PartChange, ...]:
        """Take in an entry that was polled; gives what differs from the last sight."""
        last, self.entry, self.polled_s = self.entry, entry, now_s
        before, problem = last.record, entry.problem
        if problem is None or problem.code is ProblemCode.MISSING:
            self.is_answered = self.is_answered or entry.polled_at is not None
            self.refusals = 0
        if problem is None:
            self._missing_s = None
        elif problem.code is ProblemCode.MISSING and self._missing_s is None:
            self._missing_s = now_s
        record = entry.record
        if entry.state is State.MISSING and last.state is not State.MISSING:
            return (PartChange("", None, State.MISSING, None),)
        if record is None or problem is not None:
            return ()
        self._note_change(before, record, now, now_s)
        self._note_stages(record, now, now_s)
        return tuple(_changes(before, record, State.MISSING if last.state is State.MISSING else None))

    def judge(self, terms: Terms, now_s: float, *, is_fresh: bool) -> Verdict | None:
        """What has come of it, None while it goes on. `is_fresh`: its server answers, so what is known is true now."""
        entry = self.entry
        if entry.problem is None and entry.record is not None:
            ended = _end_of_stage(entry.record, terms.stage) if terms.stage else _end(entry.record)
            if ended is not None:
                return ended
        if not is_fresh:
            return None
        for due_s, verdict in self._limits(terms):
            if now_s >= due_s:
                return verdict
        return None

    def next_due(self, terms: Terms) -> float | None:
        """When time alone would bring an outcome about; None where it would not."""
        return min((due_s for due_s, _ in self._limits(terms)), default=None)

    def give_up(self, *, is_reached: bool) -> Verdict:
        """What to call it when the time is up. `is_reached`: its server gave some answer during this wait."""
        problem = self.entry.problem
        if problem is not None and problem.code in REFUSALS:
            return Outcome.REFUSED, problem.text
        if not self.is_answered and (problem is not None or not is_reached):
            return Outcome.NOT_ASKED, problem.text if problem is not None else "Its server never answered."
        return Outcome.OUT_OF_TIME, self.standing()

    def standing(self) -> str:
        """How it stands, in a few words: ``running, contextual_analysis running``."""
        record, problem = self.entry.record, self.entry.problem
        if record is None:
            if problem is None:
                return "not asked yet"
            return "missing" if problem.code is ProblemCode.MISSING else problem.text
        active = [f"{stage.name} {stage.state.word}" for stage in record.stages if stage.state in ACTIVE]
        return ", ".join([record.state.word, *active])

    def _limits(self, terms: Terms) -> Iterator[tuple[float, Verdict]]:
        entry = self.entry
        if self._missing_s is not None and entry.problem is not None and entry.problem.code is ProblemCode.MISSING:
            text = "never appeared" if entry.record is None else "is gone, and did not come back"
            words = f"{text} within {duration(terms.grace_s)}: {entry.problem.text.removeprefix(WAITING)}"
            yield self._missing_s + terms.grace_s, (Outcome.NEVER_APPEARED, words)
        if entry.record is None or entry.problem is not None:
            return
        for name, begun_s in self._begun_s.items():
            limit_s = terms.stage_limits_s.get(name)
            if limit_s is not None:
                text = f"{name} took longer than {duration(limit_s)}"
                yield begun_s + limit_s, (Outcome.OUT_OF_TIME, f"{text} ({self.standing()})")
        stuck_s = terms.stuck_limit(entry)
        if stuck_s is not None:
            text = f"nothing changed for {duration(stuck_s)} ({self.standing()})"
            yield self._changed_s + stuck_s, (Outcome.STUCK, text)

    def _note_change(self, before: Record | None, record: Record, now: datetime, now_s: float) -> None:
        if before is None:  # what the server (or an earlier run) tells of the time before we looked counts
            since_at = max((mark.since_at for mark in self.entry.marks), default=now)
            self._changed_s = now_s - max(0.0, (now - since_at).total_seconds())
        elif _print_of(before) != _print_of(record):
            self._changed_s = now_s

    def _note_stages(self, record: Record, now: datetime, now_s: float) -> None:
        """A stage's time runs while it waits or runs, from the server's own beginning of it where that is known."""
        since = {mark.part.removeprefix("@"): mark.since_at for mark in self.entry.marks if mark.part}
        active = {part.name for part in (*record.stages, *record.categories) if part.state in ACTIVE}
        for name in self._begun_s.keys() - active:
            del self._begun_s[name]
        for name in active - self._begun_s.keys():
            age_s = (now - since[name]).total_seconds() if name in since else 0.0
            self._begun_s[name] = now_s - max(0.0, age_s)


def _print_of(record: Record) -> tuple[object, ...]:
    """Everything whose change shows that the target lives, a report's progress too."""
    return (record.state, record.status, record.stages, record.categories, record.detail)


def _changes(before: Record | None, after: Record, before_all: State | None) -> Iterator[PartChange]:
    """What differs between two answers. `before_all` is the target's state before the first of them."""
    old = {} if before is None else {part.name: part for part in _parts(before)}
    for part in _parts(after):
        known = old.get(part.name)
        if known is None and part.state is State.ABSENT:
            continue
        is_new_word = part.state is State.UNKNOWN and known is not None and known.status != part.status
        if known is None or known.state is not part.state or is_new_word:
            was = known.state if known is not None else (before_all if not part.name else None)
            yield PartChange(part.name, was, part.state, part.status)


def _parts(record: Record) -> Iterator[Stage]:
    yield Stage("", record.status, record.state)
    yield from record.stages
    yield from record.categories


def _end(record: Record) -> Verdict | None:
    if not record.state.is_terminal:
        return None
    if record.state not in BAD_ENDS:
        return Outcome.DONE, record.state.word
    bad = [f"{part.name} {part.state.word}" for part in record.stages if part.state in BAD_ENDS]
    why = record.error or record.note or ", ".join(bad)
    return Outcome.ENDED_BADLY, record.state.word + (f": {why}" if why else "")


def _end_of_stage(record: Record, name: str) -> Verdict | None:
    """What came of one stage. A stage that never came before the target ended is no success, unless it was passed."""
    part = next((one for one in (*record.stages, *record.categories) if one.name == name), None)
    if part is not None and part.state.is_terminal:
        words = f"{name} {part.state.word}"
        if part.state not in BAD_ENDS:
            return Outcome.DONE, words
        return Outcome.ENDED_BADLY, words + (f": {record.error}" if record.error else "")
    if _is_passed(record, part):
        return Outcome.DONE, f"{name} was passed over"
    if not record.state.is_terminal:
        return None
    ended = _end(record)
    if ended is not None and ended[0] is not Outcome.DONE:
        return ended
    words = part.state.word if part is not None and part.state is not State.ABSENT else "not reported"
    return Outcome.ENDED_BADLY, f"ended {record.state.word}, and {name} was {words}"


def _is_passed(record: Record, part: Stage | None) -> bool:
    """The stages of a build stand side by side; those of any other target are a line that it moves along."""
    if not record.stages or any(stage.name in STAGES for stage in record.stages):
        return False
    if record.state is State.DONE:
        return True
    if part is None or part not in record.stages:
        return False
    later = record.stages[record.stages.index(part) + 1 :]
    return (
        part.state is State.ABSENT
        and record.state not in BAD_ENDS
        and any(stage.state is not State.ABSENT for stage in later)
    )
