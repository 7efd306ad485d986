"""The plain facts of a target: what is wrong, how it gets on, its fields, what was seen, how the polls went, its place.

Pure. Server text is cleaned here; nothing is markup.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tui.app.detail.context import ERROR_CELLS, LABEL_CELLS, DetailContext, flowed, heading, pad, told
from tui.app.line import Line, Piece, width_of, wrapped
from tui.domain.deadline import is_overdue
from tui.domain.problem import Problem
from tui.domain.records import Call, Fields, FieldValue
from tui.domain.snapshot import Entry, Transition
from tui.domain.state import State
from tui.domain.stuck import Pace
from tui.present.format import age, full_moment, moment, skew
from tui.present.left import left_text
from tui.present.safe import clean, clean_lines
from tui.present.slack import due_text
from tui.present.timeline import lanes, spent

CALLS_SHOWN = 10
TRANSITIONS_SHOWN = 50
NO_ANSWER = "no answer"  # in the place of an HTTP status
SENTENCE_CELLS = 2_000  # of a problem, a piece of advice, an address


def trouble_lines(entry: Entry, context: DetailContext, width: int) -> Iterator[Line]:
    """The server's error in full, our note, and what stands in the way of asking."""
    record, signs = entry.record, context.signs
    if record is not None and record.error:
        yield heading("Error", "the server's own words")
        for text in clean_lines(record.error, ERROR_CELLS):
            yield from told(text, width, Piece("  "), "failed")
    if record is not None and record.note:
        bullet = Piece(f"{signs.bullet} ")
        yield from told(clean(record.note, SENTENCE_CELLS), width, bullet, record.state.value)
    problem = _problem(entry, context)
    if problem is not None:
        old = ""
        if entry.good_at is not None:
            old = f" What is shown is {age((context.now - entry.good_at).total_seconds())} old."
        text = f"Last poll: {clean(problem.text, SENTENCE_CELLS)}{old}"
        yield from told(text, width, Piece(f"{signs.glyphs.of(State.FAILED)} ", "bad"))
        if problem.advice:
            yield from told(clean(problem.advice, SENTENCE_CELLS), width, Piece("  "), "dim")
    elif entry.is_late:
        late = "Late: no answer for longer than planned."
        yield from told(late, width, Piece(f"{signs.bullet} ", "warn"), "warn")


def _problem(entry: Entry, context: DetailContext) -> Problem | None:
    """Why it is not known how it stands now: its own problem, its server's, or that of the list that brings it."""
    own = entry.problem or (context.server.problem if context.server is not None else None)
    listed = () if entry.is_watched else context.lists
    return own or next((state.problem for state in listed if state.problem is not None), None)


def pace_lines(entry: Entry, context: DetailContext, width: int) -> Iterator[Line]:
    """How it gets on, by what is usual; why it is slow or stuck; nothing where nothing is known."""
    verdict = context.outlook.verdict(entry, context.now)
    bullet = context.signs.bullet
    if verdict.text:
        tone = "bad" if verdict.pace is Pace.STUCK else "warn"
        since = f" Since {moment(verdict.since_at, context.now, context.zone)}." if verdict.since_at is not None else ""
        text = f"{verdict.pace.value.capitalize()}: {clean(verdict.text, SENTENCE_CELLS)}.{since}"
        yield from told(text, width, Piece(f"{bullet} ", tone), tone)
    left = context.outlook.time_left(entry, context.now)
    if left is not None:
        yield from flowed((Piece(f"{bullet} "), Piece("Time left: ", "dim"), Piece(left_text(left))), width, 2)
    due = due_text(entry, context.now, context.zone, left)
    if not due and entry.deadline is not None and entry.record is not None:
        due = "when it is due is not known, for nobody saw its run begin"
    if due:
        tone = "bad" if is_overdue(entry, context.now) else ""
        yield from told(f"{due[:1].upper()}{due[1:]}.", width, Piece(f"{bullet} ", tone), tone)


def field_lines(entry: Entry, context: DetailContext, width: int) -> Iterator[Line]:
    """Every field that the kind has, the server's word first."""
    record = entry.record
    if record is None:
        return
    rows = list(flat(record.detail, context))
    word = "" if record.status is None else (record.status or "(empty)")
    rows = [("status", word), *(row for row in rows if row != ("status", word))]
    if not record.stages:
        rows += [(lane.name, spent(lane.bars)) for lane in lanes(entry, context.now)]
    if ahead := skew(entry.offset_s):
        rows.append(("server's clock", f"{ahead}; its own times are by that clock, ages by ours"))
    if record.since_at is not None:
        rows.append(("since, says the server", full_moment(record.since_at, context.zone)))
    if entry.first_seen_at is not None:
        rows.append(("watched since", full_moment(entry.first_seen_at, context.zone)))
    rows = [(name, text) for name, text in rows if text and not (name == "error" and text == record.error)]
    yield heading("Details")
    yield from table_lines(rows, width)


def table_lines(rows: list[tuple[str, str]], width: int) -> Iterator[Line]:
    """Names and texts (server text, any length) side by side; each text wrapped under its own start."""
    size = min(LABEL_CELLS, max(8, width // 3), max((width_of((Piece(clean(name)),)) for name, _ in rows), default=0))
    for name, text in rows:
        first = Piece(f"  {pad(clean(name, size), size + 2)}", "dim")
        texts = [line for one in clean_lines(text, ERROR_CELLS) for line in wrapped(one, max(8, width - size - 4))]
        for number, line in enumerate(texts):
            yield (first if not number else Piece(" " * (size + 4)), Piece(line))


def flat(fields: Fields, context: DetailContext, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Fields, nested ones too, as names and texts (server text: to be cleaned)."""
    for name, value in fields:
        label = f"{prefix}{name.replace('_', ' ')}"
        if isinstance(value, Fields):
            yield from flat(value, context, f"{label} ")
        elif isinstance(value, tuple):
            plain = [item for item in value if not isinstance(item, Fields)]
            if plain:
                yield label, ", ".join(_value(item, context) for item in plain)
            for number, item in enumerate(value, 1):
                if isinstance(item, Fields):
                    yield from flat(item, context, f"{label} {number} ")
        else:
            yield label, _value(value, context)


def _value(value: FieldValue, context: DetailContext) -> str:
    if isinstance(value, datetime):
        return full_moment(value, context.zone)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def seen_lines(entry: Entry, context: DetailContext, width: int) -> Iterator[Line]:
    """Every transition that is known, with when."""
    if not entry.transitions:
        return
    yield heading("Seen since it was watched", "the newest first")
    for transition in sorted(entry.transitions, key=lambda item: item.seen_at, reverse=True)[:TRANSITIONS_SHOWN]:
        yield from flowed(_transition(transition, context), width)


def _transition(transition: Transition, context: DetailContext) -> Line:
    part = transition.part.removeprefix("@").replace("_", " ") or "as a whole"
    after, before, glyphs = transition.after, transition.before, context.signs.glyphs
    start: Line = (
        Piece(f"  {moment(transition.seen_at, context.now, context.zone):<13}", "dim"),
        Piece(pad(clean(part, LABEL_CELLS), LABEL_CELLS)),
    )
    was: Line = () if before is None else (Piece(f"{before.word} {context.signs.arrow} ", "dim"),)
    now: Line = (Piece(f"{glyphs.of(after)} {after.word}", after.value),)
    at: Line = ()
    if transition.server_at is not None:
        at = (Piece(f"  server's time {moment(transition.server_at, context.now, context.zone)}", "dim"),)
    return (*start, *was, *now, *at)


def poll_lines(entry: Entry, context: DetailContext, width: int) -> Iterator[Line]:
    """The last polls, also those of its list and its server that failed: when, status, latency, size, call, words."""
    found = set(entry.calls)
    for state in context.lists:
        found.update(state.failed_calls)
    if context.server is not None:
        found.update(context.server.failed_calls)
    if not found:
        return
    yield heading("Last polls", "the newest first")
    calls = sorted(found, key=lambda item: item.at, reverse=True)[:CALLS_SHOWN]
    cells = 4 if all(call.http_status is not None for call in calls) else len(NO_ANSWER)
    for call in calls:
        yield from flowed(_call(call, context, cells), width)
        if call.problem is not None:
            yield from told(clean(call.problem.text, SENTENCE_CELLS), width, Piece("    "), "bad")


def _call(call: Call, context: DetailContext, cells: int) -> Line:
    code = NO_ANSWER if call.http_status is None else str(call.http_status)
    tone = "bad" if call.problem is not None else ("done" if call.http_status and call.http_status < 400 else "warn")
    return (
        Piece(f"  {moment(call.at, context.now, context.zone):<13}", "dim"),
        Piece(f"{code:<{cells}}", tone),
        Piece(f" {call.latency_s * 1000:>6,.0f} ms {_size(call.size):>8}  "),
        Piece(clean(f"{call.method} {call.path}", SENTENCE_CELLS), "dim"),
    )


def _size(size: int) -> str:
    return f"{size} B" if size < 1_000 else f"{size / 1_000:.1f} kB" if size < 1_000_000 else f"{size / 1e6:.1f} MB"


def place_lines(entry: Entry, width: int) -> Iterator[Line]:
    """Its address and its web page."""
    yield heading("Where")
    rows = [("address  ", entry.key, "row.copy", "")]
    if entry.record is not None and entry.record.web_url:
        rows.append(("web page ", entry.record.web_url, "row.web", "accent"))
    for name, text, command, tone in rows:
        line = (Piece(f"  {name}", "dim"), Piece(clean(text, SENTENCE_CELLS), tone, command))
        yield from flowed(line, width, 11)
