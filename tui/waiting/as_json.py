"""Events as JSON documents, one a line, and the summary at the end: an interface, version 1."""

from __future__ import annotations

import json

from tui.present.as_json import Json, problem_document, target_document
from tui.present.format import rfc3339
from tui.waiting.rules import Wait
from tui.waiting.terms import Event, EventKind, PartChange

VERSION = 1


def event_document(event: Event) -> dict[str, Json]:
    """One event. What does not apply to its kind is left out."""
    found: dict[str, Json] = {"version": VERSION, "event": event.kind.value, "at": rfc3339(event.at)}
    if event.server:
        found["server"] = event.server
    if event.kind is EventKind.HEARTBEAT:
        found["elapsed_s"] = _seconds(event.seconds)
        found["pending"] = [entry.key for entry in event.pending]
        return found
    if event.target is not None:
        found["target"] = event.target.key
    if event.entry is not None:
        record = event.entry.record
        found["state"] = event.entry.state.value
        found["status"] = record.status if record is not None else None
    if event.kind in (EventKind.STATE, EventKind.ENDED):
        found["changes"] = [_change(change) for change in event.changes]
    if event.kind in (EventKind.PROBLEM, EventKind.ENDED):
        found["problem"] = problem_document(event.problem)
    if event.outcome is not None:
        found["outcome"] = event.outcome.value
        found["text"] = event.text
    if event.kind is EventKind.RECOVERED:
        found["lasted_s"] = _seconds(event.seconds)
    return found


def summary_document(wait: Wait, at: str | None, exit_code: int, codes: dict[str, int]) -> dict[str, Json]:
    """The last line: how it ended, every target as in ``status --json`` with what came of it, and what went wrong.

    `codes` has the exit code that each settled target by itself calls for.
    """
    targets: list[Json] = []
    for key, course in wait.courses.items():
        outcome = course.outcome.value if course.outcome is not None else None
        own: dict[str, Json] = {"outcome": outcome, "exit_code": codes.get(key), "text": course.reason or None}
        targets.append({**target_document(course.entry), **own})
    servers: list[Json] = [
        {
            "server": name,
            "polls": weather.polls,
            "failures": {code.value: number for code, number in sorted(weather.failures.items())},
            "longest_without_answer_s": _seconds(wait.longest_silence_s(name)),
        }
        for name, weather in wait.weather.items()
    ]
    return {
        "version": VERSION,
        "event": "summary",
        "at": at,
        "exit_code": exit_code,
        "is_interrupted": wait.is_interrupted,
        "elapsed_s": _seconds(wait.elapsed_s),
        "targets": targets,
        "servers": servers,
    }


def json_line(document: dict[str, Json]) -> str:
    """The document on one line of printable ASCII."""
    return json.dumps(document, ensure_ascii=True, allow_nan=False).replace("\x7f", "\\u007f")


def _change(change: PartChange) -> Json:
    return {
        "part": change.part or None,
        "before": change.before.value if change.before is not None else None,
        "after": change.after.value,
        "status": change.status,
    }


def _seconds(seconds: float | None) -> Json:
    return None if seconds is None else round(seconds, 3)
