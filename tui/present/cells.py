"""Cells and sort keys that every kind's pane is made of: state, name, server, age, severity.

Pure functions of an entry; knows no server kind. Text is the server's own: the table cleans it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from tui.domain.records import Stage
from tui.domain.snapshot import Entry
from tui.domain.state import State
from tui.present.format import age, seconds_between
from tui.present.spec import Cell, ColumnSpec, Context, SortKey

# What a person looks for first: what moves, then what went wrong, then what waits, then what is over.
_SEVERITY = (
    State.RUNNING,
    State.FAILED,
    State.PARTIAL,
    State.WAITING,
    State.MISSING,
    State.UNKNOWN,
    State.NOT_SCANNED,
    State.CANCELED,
    State.UNSUPPORTED,
    State.DONE,
    State.ABSENT,
)

STATE_WIDTH = 13  # cells: a glyph, a blank and the longest word, "unsupported" or "not scanned"
AGE_WIDTH = 6  # cells: "2d04h", "9999d"


def since_at(entry: Entry) -> datetime | None:
    """Since when the entry is in its state: the server's own time where it gives one, else when we saw it."""
    if entry.record is not None and entry.record.since_at is not None:
        return entry.record.since_at
    return entry.since_at or entry.first_seen_at


def age_s(entry: Entry, now: datetime) -> float | None:
    """Seconds that the entry has been in its state; None where that is not known."""
    return seconds_between(since_at(entry), now)


def severity(state: State) -> int:
    """Place of a state in the order of attention, 0 first."""
    return _SEVERITY.index(state)


def state_cell(entry: Entry, context: Context) -> Cell:
    """Glyph and word; our note or the server's word where the state alone would say too little."""
    state = entry.state
    if entry.record is None and state is State.UNKNOWN:
        return Cell(f"{context.glyphs.of(state)} no answer yet" if entry.problem is None else "! no answer", "dim")
    if entry.record is None:
        return Cell(f"{context.glyphs.of(state)} {state.word}", state.value)
    return Cell(f"{context.glyphs.of(state)} {_state_words(entry)}", "dim" if entry.is_late else state.value)


def _state_words(entry: Entry) -> str:
    record = entry.record
    if record is not None and record.state is State.UNKNOWN and record.status:
        return record.status
    return entry.state.word


def stage_cell(stage: Stage | None, context: Context) -> Cell:
    """One stage or category: glyph and a word of at most eight letters; the tone of its state."""
    if stage is None:
        return Cell(context.glyphs.of(State.ABSENT), State.ABSENT.value)
    word = stage.status or "" if stage.state is State.UNKNOWN else _SHORT[stage.state]
    return Cell(f"{context.glyphs.of(stage.state)} {word}".rstrip(), stage.state.value)


_SHORT: Mapping[State, str] = {
    State.WAITING: "waiting",
    State.RUNNING: "running",
    State.DONE: "done",
    State.PARTIAL: "partial",
    State.FAILED: "failed",
    State.CANCELED: "canceled",
    State.NOT_SCANNED: "not run",
    State.UNSUPPORTED: "n/a",
    State.ABSENT: "",
    State.MISSING: "missing",
    State.UNKNOWN: "",
}


def part_of(entry: Entry, name: str) -> Stage | None:
    """The stage or category of that name, None where there is none."""
    if entry.record is None:
        return None
    for part in (*entry.record.stages, *entry.record.categories):
        if part.name == name:
            return part
    return None


def age_cell(entry: Entry, context: Context) -> Cell:
    """Time in state, coarse; marked where the poll is late."""
    text = age(age_s(entry, context.now))
    return Cell(text, "dim" if entry.is_late or entry.state.is_terminal else "")


def name_cell(entry: Entry, context: Context) -> Cell:
    """The label that a person gave, else the server's name; dim before any answer."""
    return Cell(entry.label or entry.name, "" if entry.record is not None else "dim")


def detail_cell(entry: Entry, name: str, tone: str = "") -> Cell:
    """One of the kind's own fields as text."""
    return Cell(entry.record.detail.text(name) if entry.record is not None else "", tone)


def newest_first(at: datetime | None) -> float:
    """A sort key that puts later times first and unknown ones last."""
    return -at.timestamp() if at is not None else float("inf")


def by_attention(entry: Entry) -> SortKey:
    """Active and bad first, the newest first within a state."""
    return (severity(entry.state), newest_first(since_at(entry)))


def by_name(entry: Entry) -> SortKey:
    """By the shown name, numbers in it by value (``build 9`` before ``build 10``)."""
    return natural(entry.label or entry.name)


def natural(text: str) -> SortKey:
    """A sort key that reads runs of digits as numbers."""
    pieces: list[tuple[int, int, str]] = []
    run = ""
    for character in text.casefold() + "\0":
        if run and (character.isascii() and character.isdigit()) != run[0].isdigit():
            pieces.append((0, int(run), run) if run[0].isdigit() else (1, 0, run))
            run = ""
        run += character
    return tuple(pieces)


def state_column(title: str = "state") -> ColumnSpec:
    """The column that never drops: glyph, word, colour; sorts by attention."""
    return ColumnSpec("state", title, STATE_WIDTH, state_cell, by_attention)


def name_column(title: str = "name", width: int = 14, flex: int = 3) -> ColumnSpec:
    """The name, which takes what is left over."""
    return ColumnSpec("name", title, width, name_cell, by_name, flex=flex)


def age_column(title: str = "for") -> ColumnSpec:
    """Time in state; never drops."""
    return ColumnSpec(
        "age",
        title,
        AGE_WIDTH,
        age_cell,
        lambda entry: (newest_first(since_at(entry)),),
        is_right=True,
        is_time=True,
    )


def server_column(priority: int) -> ColumnSpec:
    """The server's name; shown only where there is more than one of the pane's kind (empty cells else)."""
    return ColumnSpec(
        "server",
        "server",
        8,
        lambda entry, context: Cell(entry.target.server if context.has_servers else "", "dim"),
        lambda entry: (entry.target.server,),
        priority=priority,
    )


def left_column(priority: int) -> ColumnSpec:
    """Time left, where there is a basis for an estimate."""
    return ColumnSpec(
        "left",
        "left",
        8,
        lambda entry, context: Cell(context.time_left(entry), "dim"),
        lambda entry: (severity(entry.state),),
        priority=priority,
        is_right=True,
        is_time=True,
    )
