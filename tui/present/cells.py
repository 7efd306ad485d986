"""Cells and sort keys that every kind's pane is made of: state, name, server, age, severity.

Pure functions of an entry; knows no server kind. Text is the server's own: the table cleans it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

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

STATE_WIDTH = 10  # cells: a glyph, a blank and "canceled"; the few longer words are shortened where it is narrow
STAGE_WIDTH = 6  # cells: a glyph, a blank and a word of four letters
AGE_WIDTH = 5  # cells: "2d04h", "59m59"
STUCK = "stuck"  # the pace that is marked by a sign too: colour never stands alone

# The words of stages that stand side by side, four letters at most; the state's own word is in the detail view.
_SHORT: Mapping[State, str] = {
    State.WAITING: "wait",
    State.RUNNING: "run",
    State.DONE: "done",
    State.PARTIAL: "part",
    State.FAILED: "fail",
    State.CANCELED: "canc",
    State.NOT_SCANNED: "none",
    State.UNSUPPORTED: "n/a",
    State.ABSENT: "",
    State.MISSING: "miss",
    State.UNKNOWN: "",
}

_NO_CONTEXT = Context(datetime.min.replace(tzinfo=UTC))  # for sort keys, which no clock may change


def since_at(entry: Entry) -> datetime | None:
    """Since when the entry is in its state, on our clock (the store has weighed the server's time and our sight)."""
    if entry.since_at is not None:
        return entry.since_at
    return entry.record.since_at if entry.record is not None and entry.record.since_at else entry.first_seen_at


def mark_at(entry: Entry, part: str) -> datetime | None:
    """Since when a stage (``sca``) or category (``@secrets``) is in its state; None where that is not known."""
    return next((mark.since_at for mark in entry.marks if mark.part == part), None)


def age_s(entry: Entry, now: datetime) -> float | None:
    """Seconds that the entry has been in its state; None where that is not known."""
    return seconds_between(since_at(entry), now)


def severity(state: State) -> int:
    """Place of a state in the order of attention, 0 first."""
    return _SEVERITY.index(state)


def state_cell(entry: Entry, context: Context) -> Cell:
    """Glyph and word; before any answer the problem's code, or that we wait for one."""
    if entry.record is not None:
        record = entry.record
        word = record.status if record.state is State.UNKNOWN and record.status else record.state.word
        return Cell(f"{context.glyphs.of(record.state)} {word}", "dim" if entry.is_late else record.state.value)
    if entry.state is State.MISSING:
        return Cell(f"{context.glyphs.of(entry.state)} {entry.state.word}", entry.state.value)
    if entry.problem is not None:
        return Cell(f"{context.glyphs.of(State.UNKNOWN)} {entry.problem.code.value.replace('_', ' ')}", "bad")
    return Cell(f"{context.glyphs.of(State.WAITING)} asking", "dim")


def stage_cell(stage: Stage | None, context: Context, *, is_late: bool = False) -> Cell:
    """One stage or category: its state's glyph and a word of at most four letters (an unknown one: the server's)."""
    state = stage.state if stage is not None else State.ABSENT
    word = (stage.status or "") if stage is not None and state is State.UNKNOWN else _SHORT[state]
    return Cell(f"{context.glyphs.of(state)} {word}".rstrip(), "dim" if is_late else state.value)


def signs_cell(stages: Iterable[Stage | None], context: Context, *, is_late: bool, gap: str = "") -> Cell:
    """Several stages as one glyph each, in its own tone, with `gap` between."""
    states = [stage.state if stage is not None else State.ABSENT for stage in stages]
    text = gap.join(context.glyphs.of(state) for state in states)
    tones = [tone for state in states for tone in (*("" for _ in gap), "dim" if is_late else state.value)]
    return Cell(text, "dim" if is_late else "", tuple(tones[len(gap) :]))


def part_column(name: str, title: str, priority: int) -> ColumnSpec:
    """One stage or category by name, with its word."""
    return ColumnSpec(
        name,
        title,
        STAGE_WIDTH,
        lambda entry, context: stage_cell(part_of(entry, name), context, is_late=entry.is_late),
        lambda entry: (severity(part.state if (part := part_of(entry, name)) is not None else State.ABSENT),),
        priority=priority,
    )


def why_cell(entry: Entry, context: Context) -> Cell:
    """Why the state is what it is: the server's error, our note, or what stands in the way of asking."""
    if entry.record is not None and entry.record.error:
        return Cell(entry.record.error, "dim" if entry.is_late else entry.record.state.value)
    if entry.problem is not None:
        return Cell(entry.problem.text, "warn" if entry.state is State.MISSING else "bad")
    return Cell(entry.record.note if entry.record is not None else "", "warn")


def why_column(title: str, width: int, priority: int) -> ColumnSpec:
    """The reason, sorted by its text so that rows with the same one stand together."""
    return ColumnSpec(
        "why", title, width, why_cell, lambda entry: (why_cell(entry, _NO_CONTEXT).text,), priority=priority, flex=4
    )


def part_of(entry: Entry, name: str) -> Stage | None:
    """The stage or category of that name, None where there is none."""
    if entry.record is None:
        return None
    for part in (*entry.record.stages, *entry.record.categories):
        if part.name == name:
            return part
    return None


def age_cell(entry: Entry, context: Context) -> Cell:
    """Time in state, coarse; dim where it no longer matters or is not fresh; marked where it is far too long."""
    text = age(age_s(entry, context.now))
    if entry.is_late or entry.state.is_terminal:
        return Cell(text, "dim")
    pace = context.pace(entry)
    if pace == STUCK:
        short = text if len(text) < AGE_WIDTH else text[: text.find("d") + 1] or text
        return Cell(f"!{short}"[:AGE_WIDTH], "bad")
    return Cell(text, "warn" if pace else "")


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
    return ColumnSpec("state", title, STATE_WIDTH, state_cell, by_attention, flex=1)


def name_column(title: str = "name", width: int = 12, flex: int = 5) -> ColumnSpec:
    """The name, which takes most of what is left over."""
    return ColumnSpec("name", title, width, name_cell, by_name, flex=flex, keeps_end=True)


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


def _left_cell(entry: Entry, context: Context) -> Cell:
    pace = context.pace(entry)
    if pace == STUCK:
        return Cell(pace, "bad")
    return Cell(context.time_left(entry) or pace, "warn" if pace else "dim")


def left_column(priority: int) -> ColumnSpec:
    """Time left, where there is a basis for an estimate; that it is slow or stuck, where that says more."""
    return ColumnSpec(
        "left",
        "left",
        6,
        _left_cell,
        lambda entry: (severity(entry.state),),
        priority=priority,
        is_right=True,
        is_time=True,
    )
