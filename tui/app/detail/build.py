"""The lines of one target's detail, section by section, in the order in which a person asks: what is wrong, where does
it stand, what is it, what has been seen, how do the polls go, what did the server really say.

Pure: entry, time and signs in, lines out. Server text is cleaned here; nothing is markup.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import lru_cache

from tui.app.line import Line, Piece, server_text, width_of, wrapped
from tui.app.signs import Signs
from tui.domain.outlook import Outlook
from tui.domain.records import Call, Fields, FieldValue, Stage
from tui.domain.snapshot import Entry, Transition
from tui.domain.state import State
from tui.domain.stuck import Pace
from tui.present.format import age, count, full_moment, moment
from tui.present.left import left_text
from tui.present.safe import clean, clean_lines

LABEL_CELLS = 22  # of a field's name; longer ones are shortened
CALLS_SHOWN = 10
TRANSITIONS_SHOWN = 50
RAW_LINES = 2_000  # of the raw answer; a whole answer is for a file, not for a screen
ERROR_CELLS = 20_000  # of an error text: pages of it, as the server's own logs have


@dataclass(frozen=True, slots=True)
class DetailContext:
    """What the lines need beside the entry."""

    now: datetime
    zone: tzinfo
    signs: Signs
    outlook: Outlook = field(default_factory=Outlook)


def heading(title: str, note: str = "") -> Line:
    """A section's first line."""
    return (Piece(title, "heading"), Piece(f"  {note}", "dim")) if note else (Piece(title, "heading"),)


def detail_lines(entry: Entry, context: DetailContext, width: int) -> list[Line]:
    """Everything that is known of a target, in lines of `width` cells."""
    sections = (
        _trouble(entry, context, width),
        _pace(entry, context, width),
        _stages(entry, context, "Stages", "", _record_stages(entry)),
        _stages(entry, context, "Exposure categories", "@", _record_categories(entry)),
        _fields(entry, context, width),
        _seen(entry, context),
        _polls(entry, context, width),
        _places(entry, width),
        _raw(entry, width),
    )
    lines: list[Line] = []
    for section in sections:
        found = list(section)
        if found:
            if lines:
                lines.append(())
            lines.extend(found)
    return lines


def title_line(entry: Entry, context: DetailContext, width: int) -> Line:
    """The detail's title: sign, name, state, the server's word, since when."""
    state = entry.state
    sign = Piece(f" {context.signs.glyphs.of(state)} ", state.value)
    word = entry.record.status if entry.record is not None else None
    said = "" if word is None or word.lower() == state.word else f" ({clean(word or 'no word', 40)})"
    since = entry.since_at
    aged = f" for {age((context.now - since).total_seconds())}" if since is not None else ""
    tail: Line = (Piece(f"  {state.word}", state.value), Piece(f"{said}{aged}", "dim"))
    room = max(8, width - width_of((sign, *tail)) - 1)
    return (sign, Piece(clean(entry.label or entry.name, room), "strong"), *tail)


def _record_stages(entry: Entry) -> tuple[Stage, ...]:
    return entry.record.stages if entry.record is not None else ()


def _record_categories(entry: Entry) -> tuple[Stage, ...]:
    return entry.record.categories if entry.record is not None else ()


def _trouble(entry: Entry, context: DetailContext, width: int) -> Iterator[Line]:
    record = entry.record
    if record is not None and record.error:
        yield heading("Error", "the server's own words")
        for text in clean_lines(record.error, ERROR_CELLS):
            for line in wrapped(text, width - 2):
                yield (Piece("  "), Piece(line, "failed"))
    if record is not None and record.note:
        yield (Piece(f"{context.signs.bullet} "), server_text(record.note, record.state.value))
    if entry.problem is not None:
        old = ""
        if entry.good_at is not None:
            old = f" What is shown is {age((context.now - entry.good_at).total_seconds())} old."
        text = f"Last poll: {clean(entry.problem.text, 2_000)}{old}"
        for number, line in enumerate(wrapped(text, width - 2)):
            yield (Piece(f"{context.signs.glyphs.of(State.FAILED)} " if not number else "  ", "bad"), Piece(line))
        if entry.problem.advice:
            for line in wrapped(clean(entry.problem.advice, 2_000), width - 2):
                yield (Piece("  "), Piece(line, "dim"))
    elif entry.is_late:
        yield (Piece(f"{context.signs.bullet} ", "warn"), Piece("Late: no answer for longer than planned.", "warn"))


def _pace(entry: Entry, context: DetailContext, width: int) -> Iterator[Line]:
    """How it gets on, by what is usual; why it is slow or stuck; nothing where nothing is known."""
    verdict = context.outlook.verdict(entry, context.now)
    if verdict.text:
        tone = "bad" if verdict.pace is Pace.STUCK else "warn"
        since = f" Since {moment(verdict.since_at, context.now, context.zone)}." if verdict.since_at is not None else ""
        text = f"{verdict.pace.value.capitalize()}: {clean(verdict.text, 2_000)}.{since}"
        for number, line in enumerate(wrapped(text, width - 2)):
            yield (Piece(f"{context.signs.bullet} " if not number else "  ", tone), Piece(line, tone))
    left = context.outlook.time_left(entry, context.now)
    if left is not None:
        yield (Piece(f"{context.signs.bullet} "), Piece("Time left: ", "dim"), Piece(left_text(left)))


def _stages(entry: Entry, context: DetailContext, title: str, prefix: str, stages: Sequence[Stage]) -> Iterator[Line]:
    if not stages:
        return
    since = {mark.part: mark.since_at for mark in entry.marks}
    names = [clean(stage.name.replace("_", " "), LABEL_CELLS) for stage in stages]
    size = max(width_of((Piece(name),)) for name in names)
    states = max(len(stage.state.word) for stage in stages)
    words = [clean(stage.status, 24) if stage.status is not None else "" for stage in stages]
    room = max(len(word) for word in words)
    yield heading(title)
    for stage, name, word in zip(stages, names, words, strict=True):
        seen_at = since.get(prefix + stage.name)
        aged = age((context.now - seen_at).total_seconds()) if seen_at is not None else ""
        at = moment(stage.time_at, context.now, context.zone)
        tone = stage.state.value
        line: list[Piece] = [
            Piece(f"  {context.signs.glyphs.of(stage.state)} ", tone),
            Piece(_pad(name, size + 2), "dim" if stage.state is State.ABSENT else ""),
            Piece(stage.state.word.ljust(states + 2), tone),
            Piece(_pad(word, room + 2), "dim"),
            Piece(at.ljust(12 if at else 0)),
        ]
        if aged:
            line.append(Piece(f"  for {aged}", "dim"))
        yield tuple(line)


def _pad(text: str, cells: int) -> str:
    return text + " " * max(0, cells - width_of((Piece(text),)))


def _fields(entry: Entry, context: DetailContext, width: int) -> Iterator[Line]:
    record = entry.record
    if record is None:
        return
    rows = list(_flat(record.detail, context, ""))
    word = "" if record.status is None else (record.status or "(empty)")
    rows = [("status", word), *(row for row in rows if row != ("status", word))]
    if record.since_at is not None:
        rows.append(("since, says the server", full_moment(record.since_at, context.zone)))
    if entry.first_seen_at is not None:
        rows.append(("watched since", full_moment(entry.first_seen_at, context.zone)))
    rows = [(name, text) for name, text in rows if text and not (name == "error" and text == record.error)]
    yield heading("Details")
    size = min(LABEL_CELLS, max(width_of((Piece(name),)) for name, _ in rows)) if rows else 0
    for name, text in rows:
        label = _pad(clean(name, LABEL_CELLS), size + 2)
        room = max(10, width - width_of((Piece(label),)) - 2)
        for number, line in enumerate(wrapped(clean(text, ERROR_CELLS), room)):
            yield (Piece(f"  {label}" if not number else " " * (size + 4), "dim"), Piece(line))


def _flat(fields: Fields, context: DetailContext, prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in fields:
        label = f"{prefix}{name.replace('_', ' ')}"
        if isinstance(value, Fields):
            yield from _flat(value, context, f"{label} ")
        elif isinstance(value, tuple):
            plain = [item for item in value if not isinstance(item, Fields)]
            if plain:
                yield label, ", ".join(_value(item, context) for item in plain)
            for number, item in enumerate(value, 1):
                if isinstance(item, Fields):
                    yield from _flat(item, context, f"{label} {number} ")
        else:
            yield label, _value(value, context)


def _value(value: FieldValue, context: DetailContext) -> str:
    if isinstance(value, datetime):
        return full_moment(value, context.zone)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _seen(entry: Entry, context: DetailContext) -> Iterator[Line]:
    if not entry.transitions:
        return
    yield heading("Seen since it was watched", "the newest first")
    for transition in sorted(entry.transitions, key=lambda item: item.seen_at, reverse=True)[:TRANSITIONS_SHOWN]:
        yield _transition(transition, context)


def _transition(transition: Transition, context: DetailContext) -> Line:
    part = transition.part.removeprefix("@").replace("_", " ") or "as a whole"
    after = transition.after
    before = transition.before
    glyphs = context.signs.glyphs
    start: Line = (
        Piece(f"  {moment(transition.seen_at, context.now, context.zone):<13}", "dim"),
        Piece(_pad(clean(part, LABEL_CELLS), LABEL_CELLS)),
    )
    was: Line = () if before is None else (Piece(f"{before.word} {context.signs.arrow} ", "dim"),)
    now: Line = (Piece(f"{glyphs.of(after)} {after.word}", after.value),)
    told: Line = ()
    if transition.server_at is not None:
        told = (Piece(f"  server's time {moment(transition.server_at, context.now, context.zone)}", "dim"),)
    return (*start, *was, *now, *told)


def _polls(entry: Entry, context: DetailContext, width: int) -> Iterator[Line]:
    if not entry.calls:
        return
    yield heading("Last polls", "the newest first")
    for call in sorted(entry.calls, key=lambda item: item.at, reverse=True)[:CALLS_SHOWN]:
        yield _call(call, context, width)


def _call(call: Call, context: DetailContext, width: int) -> Line:
    code = "no answer" if call.http_status is None else str(call.http_status)
    tone = "bad" if call.problem is not None else ("done" if call.http_status and call.http_status < 400 else "warn")
    line: list[Piece] = [
        Piece(f"  {moment(call.at, context.now, context.zone):<13}", "dim"),
        Piece(f"{code:<4}", tone),
        Piece(f" {call.latency_s * 1000:>6,.0f} ms {_size(call.size):>8}  "),
    ]
    text = f"{call.method} {call.path}" if call.problem is None else call.problem.text
    line.append(Piece(clean(text, max(10, width - width_of(line))), "dim" if call.problem is None else "bad"))
    return tuple(line)


def _size(size: int) -> str:
    return f"{size} B" if size < 1_000 else f"{size / 1_000:.1f} kB" if size < 1_000_000 else f"{size / 1e6:.1f} MB"


def _places(entry: Entry, width: int) -> Iterator[Line]:
    yield heading("Where")
    yield (Piece("  address  ", "dim"), Piece(clean(entry.key, max(10, width - 11)), "", "row.copy"))
    if entry.record is not None and entry.record.web_url:
        for number, line in enumerate(wrapped(clean(entry.record.web_url, 2_000), max(10, width - 11))):
            yield (Piece("  web page " if not number else " " * 11, "dim"), Piece(line, "accent", "row.web"))


def _raw(entry: Entry, width: int) -> Iterator[Line]:
    if entry.record is None or not entry.record.raw:
        return
    yield heading("The server's raw answer")
    lines = _pretty(entry.record.raw)
    for text in lines[:RAW_LINES]:
        for line in wrapped_keeping_indent(text, width - 2):
            yield (Piece(f"  {line}", "dim"),)
    if len(lines) > RAW_LINES:
        yield (Piece(f"  ({count(len(lines) - RAW_LINES, 'more line')} are not shown)", "warn"),)


@lru_cache(maxsize=4)
def _pretty(raw: str) -> tuple[str, ...]:
    try:
        text = json.dumps(json.loads(raw), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        text = raw
    return tuple(clean_lines(text))


def wrapped_keeping_indent(text: str, width: int) -> list[str]:
    """A line of indented text, wrapped so that what follows stands under its start."""
    body = text.lstrip(" ")
    indent = min(len(text) - len(body), max(0, width - 10))
    return [" " * indent + line for line in wrapped(body, max(1, width - indent))]
