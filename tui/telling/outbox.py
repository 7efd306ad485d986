"""What one rule has to tell and has not told yet: gathered, held in quiet hours, spaced. Pure; times are given."""

from __future__ import annotations

from datetime import datetime, tzinfo

from tui.present.cells import natural
from tui.settings import TellRule
from tui.telling.notice import TOLD_KEPT, Notice, Told

GATHER_S = 5.0  # at most: what one round of polls brings is one message, and does not ring a second time


class Outbox:
    """The messages of one rule. `round_s` is how long a round of polls takes.

    `zone` is that of quiet hours, None for this machine's own.
    """

    def __init__(self, rule: TellRule, zone: tzinfo | None = None, round_s: float = GATHER_S) -> None:
        self.rule = rule
        self._gather_s = min(GATHER_S, round_s)
        self._zone = zone
        self._events: dict[tuple[str, str], Told] = {}
        self._more = 0
        self._first_s = 0.0
        self._sent_s: float | None = None
        self._was_held = False

    def __bool__(self) -> bool:
        return bool(self._events)

    def put(self, told: Told, now_s: float) -> None:
        """One more event. The same of the same target is told once; of too many the number alone is kept."""
        key = (told.target, told.event)
        if key not in self._events and len(self._events) >= TOLD_KEPT:
            self._more += 1
            return
        if not self._events:
            self._first_s = now_s
        self._events[key] = told

    def due_s(self, now_s: float, now: datetime) -> float | None:
        """When there is something to send (monotonic seconds); None while there is nothing."""
        if not self._events:
            return None
        due_s = self._first_s + self._gather_s
        if self._sent_s is not None:
            due_s = max(due_s, self._sent_s + self.rule.every_s)
        quiet = self.rule.quiet
        if quiet is not None and quiet.holds(now, self._zone):
            self._was_held = True
            due_s = max(due_s, now_s + (quiet.ends_at(now, self._zone) - now).total_seconds())
        return due_s

    def take(self, now_s: float, now: datetime) -> Notice:
        """All of it by name, as one message that is sent now."""
        events = sorted(self._events.values(), key=lambda told: (natural(told.name), told.target))
        notice = Notice(self.rule.name, now, tuple(events), self._more, self._was_held)
        self._events.clear()
        self._more, self._was_held, self._sent_s = 0, False, now_s
        return notice
