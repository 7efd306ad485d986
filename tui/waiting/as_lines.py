"""Events as plain lines for logs: the time first, then the address, then what is to be said. All of it is clean text.

Owns the wording. A line never begins with anything but the time, so no server can write a command for a CI system.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime

from tui.domain.problem import Problem
from tui.domain.snapshot import Entry
from tui.domain.state import ACTIVE, State
from tui.present.format import count, duration
from tui.present.safe import clean
from tui.waiting.course import Course
from tui.waiting.rules import Wait
from tui.waiting.terms import Event, EventKind, Outcome, PartChange

LINE_CELLS = 1000  # a long address and a sentence
NAMED = 5  # targets that a heartbeat names; the others are counted

_ENDS = {
    Outcome.ENDED_BADLY: "ended",
    Outcome.REFUSED: "refused:",
    Outcome.NOT_ASKED: "could not be asked:",
    Outcome.NEVER_APPEARED: "",
    Outcome.STUCK: "is stuck:",
    Outcome.OUT_OF_TIME: "ran out of time:",
}


def stamp(at: datetime) -> str:
    """The time of a line, UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def line(event: Event, *, is_ascii: bool = False) -> str:
    """One event as one line."""
    subject = event.target.key if event.target is not None else event.server
    words = " ".join(part for part in (subject, words_of(event)) if part)
    return f"{stamp(event.at)} {clean(words, LINE_CELLS, is_ascii=is_ascii)}"


def words_of(event: Event) -> str:
    """What an event says of its target, server or wait; a server's own words in it are not clean yet."""
    match event.kind:
        case EventKind.STATE:
            return _state_words(event)
        case EventKind.PROBLEM:
            return f"{_problem_words(event.problem)} (asked again)"
        case EventKind.RECOVERED:
            return f"answers again after {duration(event.seconds)}"
        case EventKind.HEARTBEAT:
            return _heartbeat_words(event)
        case EventKind.ENDED:
            return outcome_words(event.outcome, event.text)


def outcome_words(outcome: Outcome | None, text: str) -> str:
    """What came of a target: ``done``, ``ended failed: …``, ``never appeared within 5m00: …``."""
    if outcome is None or outcome is Outcome.DONE:
        return text
    return f"{_ENDS[outcome]} {text}".strip()


def state_lines(wait: Wait, at: datetime, told: Collection[str] = (), *, is_ascii: bool = False) -> Iterator[str]:
    """The whole state where a wait gives up: a line a target, but for those whose address was `told`."""
    for course in wait.courses.values():
        if course.target.key in told:
            continue
        words = f"{course.target.key} {_whole_words(course)}"
        yield f"{stamp(at)} {clean(words, LINE_CELLS, is_ascii=is_ascii)}"


def weather_lines(wait: Wait) -> Iterator[str]:
    """What the wait had to survive, a sentence a server."""
    for name, weather in wait.weather.items():
        failed = sum(weather.failures.values())
        if failed:
            codes = ", ".join(f"{code.value} {number}" for code, number in weather.failures.most_common())
            polls, silent = count(weather.polls, "poll"), duration(wait.longest_silence_s(name))
            yield f"{name}: {failed} of {polls} failed ({codes}), without an answer for {silent} at most"


def _whole_words(course: Course) -> str:
    if course.outcome is not None and course.outcome is not Outcome.OUT_OF_TIME:
        return outcome_words(course.outcome, course.reason)
    return f"has not ended: {course.standing()}{_stages(course.entry)}"


def _stages(entry: Entry) -> str:
    if entry.record is None:
        return ""
    told = [f"{stage.name} {stage.state.word}" for stage in entry.record.stages if stage.state is not State.ABSENT]
    return f" ({', '.join(told)})" if told else ""


def _state_words(event: Event) -> str:
    own = next((change for change in event.changes if not change.part), None)
    parts = [_part_words(change) for change in event.changes if change.part]
    entry = event.entry
    state = entry.state if entry is not None else State.UNKNOWN
    head = state.word
    if own is not None and own.before is not None:
        head = f"{own.before.word} -> {state.word}"
    status = entry.record.status if entry is not None and entry.record is not None else None
    if state is State.UNKNOWN and status:
        head += f" ({status})"
    if state is State.MISSING and entry is not None and entry.problem is not None:
        head += f": {entry.problem.text}"
    return head + (f": {', '.join(parts)}" if parts else "")


def _part_words(change: PartChange) -> str:
    after = change.status or change.after.word if change.after is State.UNKNOWN else change.after.word
    if change.before is None or change.before is State.ABSENT:
        return f"{change.part} {after}"
    return f"{change.part} {change.before.word} -> {after}"


def _problem_words(problem: Problem | None) -> str:
    if problem is None:
        return "could not be asked"
    return f"could not be asked: {problem.text}"


def _heartbeat_words(event: Event) -> str:
    left = [f", {words}" if words else "" for words in event.left] or [""] * len(event.pending)
    named = [
        f"{entry.key} {_standing(entry)}{words}"
        for entry, words in zip(event.pending[:NAMED], left[:NAMED], strict=True)
    ]
    more = len(event.pending) - len(named)
    if more:
        named.append(f"and {more} more")
    trouble = f"; {event.text}" if event.text else ""
    return f"waiting for {duration(event.seconds)}: {', '.join(named)}{trouble}"


def _standing(entry: Entry) -> str:
    if entry.record is None:
        return "missing" if entry.state is State.MISSING else "not answered yet"
    active = [stage.name for stage in entry.record.stages if stage.state in ACTIVE]
    return entry.state.word + (f" ({' '.join(active)})" if active else "")
