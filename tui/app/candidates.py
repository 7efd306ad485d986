"""What the palette offers: commands, panes, servers, targets, saved filters, columns and themes, found loosely.

Each is a whole line of the one grammar, or the beginning of one. Pure but for reading the app once when it opens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.commands import COMMANDS
from tui.present.query import KEYS, hits
from tui.present.safe import clean
from tui.typed import JOB_FLAGS

if TYPE_CHECKING:
    from tui.app.app import ScantopApp
    from tui.domain.snapshot import Entry

MOST = 60  # that are offered for one text; nobody reads further
MOST_FUZZY = 5_000  # targets; beyond, only those that hold the text as it is are found, which costs a tenth
TITLE_CELLS = 60


@dataclass(frozen=True, slots=True)
class Candidate:
    """One line that can be given. `is_whole` is False where something must follow; `reason` why it cannot be now."""

    line: str
    title: str = ""
    keys: str = ""
    reason: str = ""
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Stock:
    """All that can be offered: `fixed` once, targets as they are asked for."""

    fixed: tuple[Candidate, ...]
    entries: tuple[Entry, ...] = ()
    job_words: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def find(self, text: str) -> list[Candidate]:
        """What fits a text, the best first; for no text every command."""
        wanted = text.strip().casefold()
        if not wanted:
            return list(self.fixed)[:MOST]
        scored: list[tuple[int, bool, int, Candidate]] = []
        for place, candidate in enumerate((*_ongoing(text, self.job_words), *self.fixed)):
            score = _score(wanted, candidate.line.casefold(), candidate.title.casefold())
            if score is not None:
                scored.append((score, bool(candidate.reason), place, candidate))
        scored.sort(key=lambda one: one[:3])
        found = [one[3] for one in scored[:MOST]]
        return found + list(self._targets(wanted, MOST - len(found)))

    def _targets(self, wanted: str, room: int) -> Iterator[Candidate]:
        """Targets by address, name or label; `status` before is no part of what is looked for."""
        if room <= 0:
            return
        verb = next((verb for verb in ("watch remove", "status") if wanted.startswith(verb)), "status")
        wanted = wanted.removeprefix(verb).strip()
        is_loose = len(self.entries) <= MOST_FUZZY and len(wanted) > 1
        for entry in self.entries:
            if verb != "status" and not entry.is_watched:
                continue
            texts = (entry.key.casefold(), entry.name.casefold(), entry.label.casefold())
            if any(wanted in text for text in texts) or (is_loose and hits(wanted, texts[1])):
                title = f"{entry.state.word}: {clean(entry.label or entry.name, TITLE_CELLS)}"
                yield Candidate(f"{verb} {entry.key}", title)
                room -= 1
                if not room:
                    return


def completion(text: str, candidates: Iterable[Candidate]) -> str:
    """What the line would be if the first candidate that goes on from it were taken; "" if none does."""
    for candidate in candidates:
        line = candidate.line
        if len(line) > len(text) and line.casefold().startswith(text.casefold()) and not candidate.reason:
            return text + line[len(text) :]
    return ""


def _score(wanted: str, line: str, title: str) -> int | None:
    if line.startswith(wanted):
        return 0
    if f" {wanted}" in f" {line}":
        return 1
    if wanted in line or wanted in title:
        return 2
    words = wanted.split()
    if all(word in line or word in title for word in words):
        return 3
    if len(wanted) > 1 and (hits(wanted, line) or hits(wanted, title)):
        return 4
    return None


def _ongoing(text: str, job_words: tuple[tuple[str, tuple[str, ...]], ...]) -> Iterator[Candidate]:
    """How the last word of a filter or of a question for jobs may go on."""
    text = text.lstrip().removeprefix(":")
    if text.startswith("filter "):
        base = text[: text.rfind(" ") + 1]
        for key in KEYS:
            yield Candidate(f"{base}{key}:", f"only rows whose {key} …", is_whole=False)
    elif text.startswith("jobs "):
        base = text[: text.rfind(" ") + 1]
        last = re.search(r"--(\w+) \S*$", text)
        known = dict(job_words).get(last.group(1), ()) if last is not None else ()
        for word in known:
            yield Candidate(base + (f'"{word}"' if " " in word else word))
        if not known:
            for flag in JOB_FLAGS:
                if f"{flag} " not in text:
                    yield Candidate(f"{base}{flag}", is_whole=False)


def stock_of(app: ScantopApp) -> Stock:
    """What this app offers on the screen that is on top."""
    screen = app.top
    situation = screen.standing()
    found: list[Candidate] = []
    pane_titles = {f"pane.{number}": title for number, title in _pane_titles(app)}
    for command in COMMANDS:
        is_beyond = command.id.startswith("pane.") and command.keys[:1] and command.keys[0].isdigit()
        if is_beyond and command.id not in pane_titles:
            continue
        if command.is_play and not situation.is_replay:
            continue
        if screen.place not in command.places or command.id in ("app.command", "app.palette"):
            continue
        title = f"{command.title}: {pane_titles[command.id]}" if command.id in pane_titles else command.title
        line = command.line
        keys = app.keymap.shown(command.id, 1, app.signs.glyphs.is_ascii)
        reason = command.why_not(situation)
        found.append(Candidate(line, title + (f"  {command.takes}" if command.takes else ""), keys, reason,
                               not command.needs_more))  # fmt: skip
    pane = app.dashboard.pane
    if screen is app.dashboard:
        saved = app.settings.ui.filters.items()
        found += [Candidate(f"saved {name}", f"filter {clean(text, TITLE_CELLS)}") for name, text in saved]
        found += [
            Candidate(f"sort {one.id}", f"{pane.spec.short}: by {one.title or one.id}") for one in pane.spec.columns
        ]
    for server in app.store.servers.values():
        found.append(Candidate(f"poll {server.name}", f"Ask {server.name} ({server.health.value}) now"))
        if screen is app.dashboard:
            found.append(Candidate(f"filter server:{server.name}", f"Only rows of {server.name}"))
    found += [Candidate(f"theme {name}", "in force" if name == app.theme else "") for name in app.theme_names]
    jobs = next((one.spec for one in app.dashboard.panes if "jobs" in one.spec.lists), None)
    return Stock(tuple(found), tuple(app.store.entries.values()), jobs.list_choices if jobs is not None else ())


def _pane_titles(app: ScantopApp) -> list[tuple[int, str]]:
    return [(pane.words.number, pane.spec.title) for pane in app.dashboard.panes]
