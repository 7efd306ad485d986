"""Evidence in words and as JSON: ``explain --json`` is an interface (version 1). Server text in it may be hostile."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tui.domain.evidence import Evidence
from tui.domain.snapshot import Entry
from tui.domain.stuck import span_words
from tui.present.as_json import VERSION, Json, problem_document, target_document
from tui.present.format import FRESH_STEP_S, rfc3339

_TARGET_FIELDS = ("target", "server", "kind", "name", "state", "status", "since")
_MINUTE_S = 60


def source_text(evidence: Evidence, now: datetime) -> str:
    """The call that a piece comes from, and when: ``Code Insight GET /…, 5 s ago``; "" for our own reckoning.

    Coarse under a minute, so that a screen seldom has to change.
    """
    if not evidence.call:
        return ""
    if evidence.at is None:
        return evidence.call
    gone_s = max(0, int((now - evidence.at).total_seconds()))
    if gone_s < _MINUTE_S:
        gone_s = gone_s // FRESH_STEP_S * FRESH_STEP_S
    return f"{evidence.call}, " + (f"{span_words(gone_s)} ago" if gone_s else "just now")


def explain_document(told: Iterable[tuple[Entry, tuple[Evidence, ...]]], now: datetime) -> dict[str, Json]:
    """What ``explain --json`` prints: the targets in the order given, their evidence in its own."""
    return {"version": VERSION, "explained_at": rfc3339(now), "targets": [_target(*pair) for pair in told]}


def _target(entry: Entry, evidence: tuple[Evidence, ...]) -> Json:
    document = target_document(entry)
    pieces: list[Json] = [_piece(one) for one in evidence]
    return {
        **{name: document[name] for name in _TARGET_FIELDS},
        "problem": problem_document(entry.problem),
        "evidence": pieces,
    }


def _piece(one: Evidence) -> Json:
    return {
        "rule": one.rule,
        "text": one.text,
        "is_telling": one.is_telling,
        "about": one.about or None,
        "call": one.call or None,
        "at": rfc3339(one.at),
    }
