"""Entries as JSON documents for scripts: field order, nulls and spellings are an interface (version 1).

Owns the documents of ``status --json`` and ``jobs --json``. Values are the server's own, exactly; `json_text` is what
makes them harmless on a terminal (everything beyond printable ASCII is escaped).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TypeAlias

from tui.domain.deadline import slack_s
from tui.domain.estimates import Left
from tui.domain.problem import Problem
from tui.domain.records import CATEGORIES, STAGES, Fields, FieldValue, Stage
from tui.domain.snapshot import Entry, ListState
from tui.domain.state import State
from tui.present.cells import since_at
from tui.present.format import rfc3339
from tui.present.left import left_text

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

LeftOf = Callable[[Entry], Left | None]

VERSION = 1
# The targets whose stages are always the four, reported or not.
_FOUR_STAGED = frozenset({"build", "artifact"})
_JOB_FIELDS = ("project", "user", "server", "queued_at", "activated_at", "completed_at", "details", "error")


def nothing_left(entry: Entry) -> Left | None:
    """No range: where nothing is known of durations."""
    return None


def status_document(
    entries: Iterable[Entry],
    now: datetime,
    left: LeftOf = nothing_left,
    problems: Iterable[tuple[str, str, Problem]] = (),
) -> dict[str, Json]:
    """What ``status --json`` prints, the targets in the order given; `now` is when they were polled.

    `left` gives a target's time left, None where there is no basis. `problems` are those of no target, with their
    server and what could not be read there (a list, the newest of a build).
    """
    targets: list[Json] = [target_document(entry, left, now) for entry in entries]
    others: list[Json] = [
        {"server": server, "about": about, **_problem_fields(problem)} for server, about, problem in problems
    ]
    return {"version": VERSION, "polled_at": rfc3339(now), "targets": targets, "problems": others}


def target_document(entry: Entry, left: LeftOf = nothing_left, now: datetime | None = None) -> dict[str, Json]:
    """One target of a status document. Its slack is told of what has ended, and of the rest where `now` is given."""
    record = entry.record
    stages = record.stages if record is not None else ()
    categories = record.categories if record is not None else ()
    if entry.target.kind in _FOUR_STAGED:
        stages = _in_order(stages, STAGES)
        categories = _in_order(categories, CATEGORIES) if categories else ()
    return {
        "target": entry.key,
        "server": entry.target.server,
        "kind": entry.target.kind,
        "name": entry.name,
        "state": entry.state.value,
        "status": record.status if record is not None else None,
        "since": rfc3339(_since_at(entry)),
        "problem": problem_document(entry.problem),
        "stages": [_stage(stage) for stage in stages],
        "categories": [_stage(stage) for stage in categories],
        "detail": fields_document(record.detail) if record is not None else {},
        "note": record.note or None if record is not None else None,
        "left": left_document(left(entry)),
        "due_at": rfc3339(entry.due_at),
        "slack_s": _slack(entry, now),
    }


def _slack(entry: Entry, now: datetime | None) -> Json:
    at = now or (entry.since_at if entry.state.is_terminal else None)
    seconds = None if at is None else slack_s(entry, at)
    return None if seconds is None else round(seconds, 1)


def left_document(left: Left | None) -> Json:
    """A range of time left with its basis, or null."""
    if left is None:
        return None
    low_s, high_s = round(left.low_s, 1), round(left.high_s, 1)
    return {"low_s": low_s, "high_s": high_s, "runs": left.runs, "text": left_text(left)}


def _since_at(entry: Entry) -> datetime | None:
    """The server's own time of the state, as it gave it, before anything that we worked out."""
    told = entry.record.since_at if entry.record is not None else None
    return told or since_at(entry)


def jobs_document(list_state: ListState, entries: Mapping[str, Entry]) -> dict[str, Json]:
    """What ``jobs --json`` prints: one page, its jobs in the server's order."""
    found = (entries[key] for key in list_state.keys if key in entries)
    return {
        "version": VERSION,
        "page": list_state.page,
        "pages": list_state.pages,
        "total": list_state.total,
        "jobs": [_job(entry) for entry in found],
    }


def problem_document(problem: Problem | None) -> Json:
    """A problem, or null. Its text says what happened and what to do."""
    return None if problem is None else _problem_fields(problem)


def _problem_fields(problem: Problem) -> dict[str, Json]:
    return {"code": problem.code.value, "text": problem.words, "http_status": problem.http_status}


def json_text(document: Json) -> str:
    """The document as indented text of printable ASCII and line breaks, safe on any terminal; ends without one."""
    # The encoder escapes all but ASCII and its control characters, and leaves one of these: DEL.
    return json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False).replace("\x7f", "\\u007f")


def _in_order(parts: tuple[Stage, ...], names: tuple[str, ...]) -> tuple[Stage, ...]:
    by_name = {part.name: part for part in parts}
    return tuple(by_name.get(name, Stage(name, None, State.ABSENT)) for name in names)


def _stage(stage: Stage) -> Json:
    return {
        "name": stage.name,
        "status": stage.status,
        "state": stage.state.value,
        "time": rfc3339(stage.time_at),
    }


def _job(entry: Entry) -> Json:
    detail = entry.record.detail if entry.record is not None else Fields()
    return {
        "id": _value(detail.get("id")) if detail.get("id") is not None else _number(entry.target.parts[-1]),
        "type": _value(detail.get("type")),
        "status": entry.record.status if entry.record is not None else None,
        "state": entry.state.value,
        **{name: _value(detail.get(name)) for name in _JOB_FIELDS},
    }


def _number(text: str) -> Json:
    return int(text) if text.isascii() and text.isdigit() else text


def fields_document(fields: Fields) -> dict[str, Json]:
    """A kind's own fields as an object, in their order."""
    return {name: _value(value) for name, value in fields}


def _value(value: FieldValue) -> Json:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, Fields):
        return fields_document(value)
    if isinstance(value, tuple):
        return [_value(item) for item in value]
    if isinstance(value, float) and not abs(value) < float("inf"):
        return None  # JSON has no word for these
    return value
