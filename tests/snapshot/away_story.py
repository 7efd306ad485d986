"""The still story goes on while nobody looks: what changes in it, and a stage whose person comes and goes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from screen_stage import make_app
from screen_story import NOW, StillMonitor, ago, builds, fill, jobs, scans
from textual import events

from tui.absence_file import Absence, AbsenceFile
from tui.app.app import ScantopApp
from tui.domain.snapshot import Entry, Transition
from tui.domain.state import State

LEFT_AT = ago(3 * 3_600)
ENDS = (State.FAILED, State.DONE, State.DONE, State.DONE, State.PARTIAL)


def ended(entry: Entry, state: State, at: datetime, before: State | None = None) -> Entry:
    """The entry after it went into another state, as a poll at that moment saw it."""
    assert entry.record is not None
    was = entry.record.state if before is None else before
    change = Transition(entry.key, "", was, state, state.value.upper(), at - timedelta(seconds=5), at)
    record = replace(entry.record, state=state, status=state.value.upper())
    return replace(entry, record=record, since_at=at, polled_at=at, transitions=(*entry.transitions, change))


def happen(app: ScantopApp, keys: Iterable[str], state: State, seconds: float = 60.0) -> None:
    """These rows go into a state, some time after the story's moment or the last such call."""
    app.clock.advance(seconds)  # type: ignore[attr-defined]
    known = app.store.entries
    app.store.publish(entries=[ended(known[key], state, app.clock.now()) for key in keys])  # type: ignore[attr-defined]
    app.bridge.flush()


async def blur(app: ScantopApp, pilot: Any) -> None:
    """The terminal says that it lost the focus."""
    app.post_message(events.AppBlur())
    await pilot.pause()


async def focus(app: ScantopApp, pilot: Any) -> None:
    """The terminal says that it has the focus again."""
    app.post_message(events.AppFocus())
    await pilot.pause()


async def start(app: ScantopApp, pilot: Any) -> None:
    """Polling has begun, so what was kept is read."""
    while not app.monitor.is_started:  # type: ignore[attr-defined]
        await pilot.pause()


async def arrive(app: ScantopApp, pilot: Any) -> None:
    """What was kept is read, and nobody waits any longer for answers of a clock that stands."""
    await start(app, pilot)
    app.clock.advance(25)  # type: ignore[attr-defined]
    app.tick()
    await pilot.pause()


def story_of_a_night() -> StillMonitor:
    """The story in which a night has passed: five rows were seen to end since the person left."""
    monitor = StillMonitor()
    fill(monitor.store)
    active = [one for one in (*builds(), *scans(), *jobs()) if one.state.is_active]
    rows = [ended(one, state, NOW - timedelta(minutes=7 + place)) for place, (one, state) in
            enumerate(zip(active, ENDS, strict=False))]  # fmt: skip
    monitor.store.publish(entries=[replace(one, is_watched=monitor.store.entries[one.key].is_watched) for one in rows])
    return monitor


def left(folder: Path, at: datetime = LEFT_AT, **unseen: datetime) -> AbsenceFile:
    """The file of somebody who left then."""
    AbsenceFile(folder).save(Absence(at, dict(unseen)))
    return AbsenceFile(folder)


def after_a_night(folder: Path, **options: Any) -> ScantopApp:
    """The app at its next start."""
    return make_app(monitor=story_of_a_night(), absence=left(folder), **options)
