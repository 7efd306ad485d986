"""The document of `scantop doctor --json`. A contract: what is here stays, more may come."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tui import __version__
from tui.doctor.steps import Look, Step
from tui.present.as_json import Json
from tui.present.format import rfc3339

VERSION = 1


def doctor_document(here: Iterable[Step], looks: Iterable[Look], now: datetime) -> Json:
    """Everything that was found: this machine, then each server with its steps."""
    return {
        "version": VERSION,
        "checked_at": rfc3339(now),
        "scantop": __version__,
        "here": [_step(step) for step in here],
        "servers": [
            {
                "name": look.name,
                "kind": look.kind,
                "url": look.url,
                "verdict": look.verdict.value,
                "steps": [_step(step) for step in look.steps],
            }
            for look in looks
        ],
    }


def _step(step: Step) -> Json:
    problem: Json = None
    if step.code is not None:
        problem = {"code": step.code.value, "text": step.text, "http_status": step.http_status}
    return {
        "step": step.name,
        "verdict": step.verdict.value,
        "text": step.text,
        "advice": step.advice or None,
        "problem": problem,
        "facts": {name: list(value) if isinstance(value, tuple) else value for name, value in step.facts},
    }
