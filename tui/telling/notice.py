"""What a rule tells at one time: in a sentence, as placeholders' values, as JSON. Pure; server text is cleaned here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tui.domain.news import Event
from tui.present.as_json import Json
from tui.present.format import count, rfc3339
from tui.present.safe import clean

VERSION = 1
NAME_CELLS = 60
FIELD_CELLS = 300  # of an address, a URL, a server's word
# Chat services read "<!channel>" and "@here" in a text as a call to all, so no name may hold them.
_AS_PLAIN = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "\N{FULLWIDTH COMMERCIAL AT}"})
NAMES_SHOWN = 5  # of one event in a sentence
LISTED = 20  # targets in a placeholder
TOLD_KEPT = 500  # in one message; what is beyond is counted
TEST_TEXT = "A test of scantop: rule {name} tells by this channel."


@dataclass(frozen=True, slots=True)
class Told:
    """One event as it is told: cleaned texts, nothing of the answer that it came from."""

    event: str
    target: str
    name: str
    server: str
    kind: str
    state: str
    status: str
    url: str
    due_at: datetime | None = None

    @property
    def words(self) -> str:
        """The event as a person reads it."""
        return self.event.replace("_", " ")


def told_of(event: Event) -> Told:
    """An event without what nobody is told."""
    entry = event.entry
    record = entry.record
    return Told(
        event=event.word,
        target=clean(entry.key, FIELD_CELLS),
        name=clean(entry.label or entry.name, NAME_CELLS),
        server=entry.target.server,
        kind=entry.target.kind,
        state=entry.state.value,
        status=clean(record.status or "", NAME_CELLS) if record is not None else "",
        url=clean(record.web_url, FIELD_CELLS) if record is not None else "",
        due_at=entry.due_at,
    )


@dataclass(frozen=True, slots=True)
class Notice:
    """One message of one rule. `more` events are counted and not listed; `was_held`: they came in quiet hours."""

    rule: str
    at: datetime
    events: tuple[Told, ...] = ()
    more: int = 0
    was_held: bool = False
    is_test: bool = False

    @property
    def text(self) -> str:
        """``3 failed: a, b, c; 1 stuck: d``, or ``a: failed`` where there is one event alone."""
        if self.is_test:
            return TEST_TEXT.format(name=clean(self.rule, NAME_CELLS))
        head = "While it was quiet: " if self.was_held else ""
        if len(self.events) == 1 and not self.more:
            return f"{head}{self.events[0].name}: {self.events[0].words}"
        parts = []
        for word in dict.fromkeys(told.words for told in self.events):
            names = [told.name for told in self.events if told.words == word]
            rest = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
            parts.append(f"{len(names)} {word}: {', '.join(names[:NAMES_SHOWN])}{rest}")
        if self.more:
            parts.append(f"and {count(self.more, 'more event')}")
        return head + "; ".join(parts)

    @property
    def tone(self) -> str:
        """The tone in which a person is shown it: that of its one state, where it has one."""
        states = {told.state if told.event == told.state else "bad" for told in self.events}
        return states.pop() if len(states) == 1 else "strong"

    def values(self) -> dict[str, str]:
        """What placeholders stand for; those of several targets are joined by commas."""

        def joined(texts: Sequence[str]) -> str:
            found = [text for text in dict.fromkeys(texts) if text]
            rest = [f"and {len(found) - LISTED} more"] if len(found) > LISTED else []
            return ", ".join([*found[:LISTED], *rest])

        events = self.events
        return {
            "text": self.text,
            "rule": clean(self.rule, NAME_CELLS),
            "event": "test" if self.is_test else joined([told.event for told in events]),
            "target": joined([told.target for told in events]),
            "name": joined([told.name for told in events]),
            "state": joined([told.state for told in events]),
            "server": joined([told.server for told in events]),
            "url": joined([told.url for told in events]),
        }

    def document(self) -> dict[str, Json]:
        """What is posted to a webhook. `text` is what chat services show: it calls nobody there."""
        events: list[Json] = [
            {
                "event": told.event,
                "target": told.target,
                "name": told.name,
                "server": told.server,
                "kind": told.kind,
                "state": told.state,
                "status": told.status or None,
                "url": told.url or None,
                "due_at": rfc3339(told.due_at),
            }
            for told in self.events
        ]
        return {
            "version": VERSION,
            "text": self.text.translate(_AS_PLAIN),
            "rule": self.rule,
            "at": rfc3339(self.at),
            "is_test": self.is_test,
            "more": self.more,
            "events": events,
        }
