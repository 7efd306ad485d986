"""Where a wait's events go: lines or JSON on standard output, a live view on standard error, annotations for CI.

Owns which of these there are, by what the streams and the environment are. Knows no rule of the wait.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TextIO

from tui.cli.columns import is_ascii_only
from tui.cli.output import emit, narrate

if TYPE_CHECKING:
    from tui.cli.exit_codes import ExitCode
    from tui.clock import Clock
    from tui.waiting.live import LiveView
    from tui.waiting.rules import Wait
    from tui.waiting.terms import Event

FALLBACK_SIZE = (80, 24)  # columns and rows of a terminal that does not tell
NO_TERMINALS = frozenset({"", "dumb", "unknown"})
NO_CI = frozenset({"", "0", "false", "no"})


class WaitOutput:
    """The streams of one wait. `has_reader` turns False, and `on_closed` is called, once nobody reads the data."""

    def __init__(
        self, wait: Wait, clock: Clock, environ: Mapping[str, str], *, is_json: bool, system: str | None
    ) -> None:
        self.has_reader = True
        self.on_closed: Callable[[], None] = lambda: None
        self._wait = wait
        self._clock = clock
        self._is_json = is_json
        self._system = system
        self._has_colour = not environ.get("NO_COLOR")
        self._view = self._live_view(environ)
        self._has_lines = is_json or self._view is None or not _is_terminal(sys.stdout)
        self._is_ascii = is_ascii_only()
        self._annotations: list[str] = []
        self._told_last: frozenset[str] = frozenset()  # the targets whose end was told in the last batch

    @property
    def look_s(self) -> float | None:
        """How often to look at the clock though nothing happens; None without a live view."""
        if self._view is None:
            return None
        from tui.waiting.live import LOOK_S

        return LOOK_S

    def open(self, now: datetime) -> None:
        """What stands before the first event."""
        from tui.waiting.annotations import opening

        if self._system is not None and not self._is_json:
            self._print(opening(self._system, now, "scantop wait"))
        self._draw()

    def tell(self, events: Sequence[Event]) -> None:
        """Write these, and bring the live view up to date."""
        from tui.waiting.annotations import annotation
        from tui.waiting.as_json import event_document, json_line
        from tui.waiting.as_lines import line
        from tui.waiting.terms import EventKind

        if events and self._has_lines and self._view is not None:
            self._write_view(self._view.clear())  # both may be on one terminal after all
        ended = (event.target for event in events if event.kind is EventKind.ENDED)
        self._told_last = frozenset(target.key for target in ended if target is not None)
        for event in events:
            if self._is_json:
                self._print(json_line(event_document(event)))
            elif self._has_lines:
                self._print(line(event, is_ascii=self._is_ascii))
            if self._system is not None:
                text = annotation(self._system, event, has_colour=self._has_colour)
                if text is not None and event.kind is EventKind.PROBLEM:
                    self._annotate(text)
                elif text is not None:
                    self._annotations.append(text)
        self._draw()

    def close(self, code: ExitCode, codes: Mapping[str, ExitCode]) -> None:
        """What stands after the last event: the state where the wait gave up, annotations, the summary, the trouble."""
        from tui.present.format import rfc3339
        from tui.waiting.annotations import closing
        from tui.waiting.as_json import json_line, summary_document
        from tui.waiting.as_lines import state_lines, weather_lines

        now = self._clock.now()
        if self._view is not None:
            self._write_view(self._view.leave(self._wait, now, _size()[0]))
        if not self._is_json and self._has_lines and self._wait.has_given_up:
            for text in state_lines(self._wait, now, self._told_last, is_ascii=self._is_ascii):
                self._print(text)
        if self._system is not None and not self._is_json:
            self._print(closing(self._system, now))
        for text in self._annotations:
            self._annotate(text)
        if self._is_json:
            numbers = {key: int(each) for key, each in codes.items()}
            self._print(json_line(summary_document(self._wait, rfc3339(now), int(code), numbers)))
        for text in weather_lines(self._wait):
            narrate(text)
        narrate(self._summary(code))

    def _summary(self, code: ExitCode) -> str:
        from tui.cli.exit_codes import MEANINGS
        from tui.present.format import count, duration
        from tui.waiting.terms import Outcome

        total = len(self._wait.courses)
        done = sum(outcome is Outcome.DONE for outcome in self._wait.outcomes)
        ended = f"{done} of {count(total, 'target')} done after {duration(self._wait.elapsed_s)}"
        return ended if not code else f"{ended}; exit code {int(code)}: {dict(MEANINGS)[code]}"

    def _print(self, text: str | None) -> None:
        if text is not None and self.has_reader and not emit(text):
            self.has_reader = False
            self.on_closed()

    def _annotate(self, text: str) -> None:
        """CI systems read both streams; with JSON standard output stays JSON."""
        if self._is_json:
            _write(sys.stderr, text + "\n")
        else:
            self._print(text)

    def _live_view(self, environ: Mapping[str, str]) -> LiveView | None:
        from tui.present.spec import ASCII, UNICODE
        from tui.waiting.live import LiveView

        is_in_ci = environ.get("CI", "").lower() not in NO_CI
        if is_in_ci or environ.get("TERM", "") in NO_TERMINALS or not _is_terminal(sys.stderr):
            return None
        if self._is_json and _is_terminal(sys.stdout):
            return None
        return LiveView(ASCII if is_ascii_only(sys.stderr) else UNICODE, has_colour=self._has_colour)

    def _draw(self) -> None:
        if self._view is not None and not self._wait.is_over:
            self._write_view(self._view.draw(self._wait, self._clock.now(), *_size()))

    def _write_view(self, text: str) -> None:
        if text and not _write(sys.stderr, text):
            self._view = None


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and not stream.closed and stream.isatty()


def _size() -> tuple[int, int]:
    try:
        columns, rows = os.get_terminal_size(sys.stderr.fileno())
    except (OSError, ValueError):
        return FALLBACK_SIZE
    return columns or FALLBACK_SIZE[0], rows or FALLBACK_SIZE[1]


def _write(stream: TextIO | None, text: str) -> bool:
    """Write to a stream that may be gone; False where it is."""
    if stream is None:
        return False
    try:
        stream.write(text)
        stream.flush()
    except (OSError, ValueError):
        return False
    return True
