"""The small live view of a wait on a terminal: one line a target, rewritten only when its text changed.

Plain ANSI, no library. Gives the bytes to write; knows no stream. Each line is cut to the terminal's width, so that no
line ever wraps and the way back up is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tui.domain.state import ACTIVE, State
from tui.present.cells import since_at
from tui.present.format import age, count, duration, seconds_between
from tui.present.safe import clean
from tui.present.spec import Glyphs
from tui.waiting.as_lines import outcome_words
from tui.waiting.course import Course
from tui.waiting.rules import Wait
from tui.waiting.terms import Outcome

LOOK_S = 1.0  # ages are coarse, so most looks change nothing and write nothing
LEFT_LINES = 2  # of the terminal's height: the head line, and the one that the cursor stands on
_COLOURS = {
    State.DONE: "32",
    State.RUNNING: "36",
    State.FAILED: "31",
    State.PARTIAL: "33",
    State.CANCELED: "33",
    State.MISSING: "33",
    State.UNKNOWN: "33",
}
_RESET = "\x1b[0m"
_NO_WRAP, _WRAP = "\x1b[?7l", "\x1b[?7h"


class LiveView:
    """What stands on the terminal, and how to turn it into what should."""

    def __init__(self, glyphs: Glyphs, *, has_colour: bool) -> None:
        self._glyphs = glyphs
        self._has_colour = has_colour
        self._shown: tuple[str, ...] = ()

    def draw(self, wait: Wait, now: datetime, columns: int, rows: int) -> str:
        """What to write so that the view shows the wait as it is now; "" where it does already."""
        return self._replace(self._lines(wait, now, columns, max(1, rows - LEFT_LINES)))

    def clear(self) -> str:
        """What to write so that the view is gone and other lines can take its place."""
        return self._replace(())

    def leave(self, wait: Wait, now: datetime, columns: int) -> str:
        """What to write at the end: the view goes, and one line a target stays, in the order that was asked for."""
        lines = tuple(self._line(course, now, columns) for course in wait.courses.values())
        return self._replace(lines)

    def _lines(self, wait: Wait, now: datetime, columns: int, rows: int) -> tuple[str, ...]:
        courses = list(wait.courses.values())
        if len(courses) > rows:  # what has not ended matters more
            courses.sort(key=lambda course: not course.is_pending)
        shown = courses if len(courses) <= rows else courses[: max(1, rows - 1)]
        lines = [self._head(wait, columns), *(self._line(course, now, columns) for course in shown)]
        if len(shown) < len(courses):
            lines.append(self._cut(f"  and {len(courses) - len(shown)} more", columns))
        return tuple(lines)

    def _head(self, wait: Wait, columns: int) -> str:
        left = len(wait.pending)
        text = f"waiting for {left} of {count(len(wait.courses), 'target')}, {age(wait.elapsed_s)} so far"
        if wait.terms.timeout_s is not None:
            text += f", {duration(wait.terms.timeout_s)} at most"
        return self._cut(text, columns)

    def _line(self, course: Course, now: datetime, columns: int) -> str:
        entry = course.entry
        state = entry.state
        if course.is_pending:
            words = self._pending_words(course, now)
        else:
            state = _state_of(course)
            words = outcome_words(course.outcome, course.reason)
        text = self._cut(f"{self._glyphs.of(state)} {course.target.key}  {words}", columns)
        colour = _COLOURS.get(state, "")
        if not self._has_colour or not colour:
            return text
        return f"\x1b[{colour}m{text[:1]}{_RESET}{text[1:]}"

    def _pending_words(self, course: Course, now: datetime) -> str:
        entry = course.entry
        record = entry.record
        if record is None:
            return course.standing()
        active = " ".join(stage.name for stage in record.stages if stage.state in ACTIVE)
        since = age(seconds_between(since_at(entry), now))
        words = f"{entry.state.word} {since}".rstrip() + (f"  {active}" if active else "")
        return f"{words}  ({entry.problem.text})" if entry.problem is not None else words

    def _cut(self, text: str, columns: int) -> str:
        return clean(text, max(1, columns - 1), is_ascii=self._glyphs.is_ascii)

    def _replace(self, lines: Sequence[str]) -> str:
        """Go up to the view's first line and write the lines that differ; what is too much below is cleared."""
        wanted, shown = tuple(lines), self._shown
        if wanted == shown:
            return ""
        self._shown = wanted
        pieces = [_NO_WRAP, f"\x1b[{len(shown)}A" if shown else "", "\r"]
        for index, text in enumerate(wanted):
            is_same = index < len(shown) and shown[index] == text
            pieces.append("\n" if is_same else f"{text}\x1b[K\n")
        if len(wanted) < len(shown):
            pieces.append("\x1b[J")
        return "".join([*pieces, _WRAP])


def _state_of(course: Course) -> State:
    """The sign of an outcome: a target that ran out of time is not done, whatever it was seen to be."""
    if course.outcome is Outcome.DONE:
        return State.DONE if course.entry.state is not State.UNSUPPORTED else State.UNSUPPORTED
    if course.outcome is Outcome.ENDED_BADLY:
        return course.entry.state if course.entry.state.is_terminal else State.FAILED
    return State.MISSING if course.outcome is Outcome.NEVER_APPEARED else State.UNKNOWN
