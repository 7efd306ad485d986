"""Entries for tests of what is shown: short to write, complete, and the same in every test."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tui.domain.problem import Problem
from tui.domain.records import CATEGORIES, STAGES, Fields, Record, Stage
from tui.domain.snapshot import Entry
from tui.domain.state import State
from tui.domain.target import Target

NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
WORDS = {"waiting": "PENDING", "running": "SCANNING", "unsupported": "NOT_SUPPORTED"}


def ago(seconds: float) -> datetime:
    """A time before NOW."""
    return NOW - timedelta(seconds=seconds)


def fields(items: Mapping[str, Any]) -> Fields:
    """Fields of a plain mapping, nested ones too."""
    return Fields(tuple((key, fields(value) if isinstance(value, Mapping) else value) for key, value in items.items()))


def stage(name: str, state: str, status: str | None = "", time_at: datetime | None = None) -> Stage:
    """A stage whose status is Xray's word for its state, unless one is given."""
    word = WORDS.get(state, state.upper()) if status == "" else status
    return Stage(name, None if state == "absent" else word, State(state), time_at)


def entry_of(record: Record, *, seconds: float | None = None, **more: Any) -> Entry:
    """An entry with a good record, polled now, `seconds` in its state."""
    given: dict[str, Any] = {"polled_at": NOW, "good_at": NOW, "is_watched": True}
    given["since_at"] = None if seconds is None else ago(seconds)
    return Entry(record.target.key, record.target, record, **{**given, **more})


def build(name: str = "my-build", number: str = "1", state: str = "running", **more: Any) -> Entry:
    """A build; `stages` and `categories` map names to states, the rest is as in a record or an entry."""
    target = Target(more.pop("server", "prod"), "build", (name, number), tuple(more.pop("params", ())))
    stages = more.pop("stages", {})
    categories = more.pop("categories", None)
    record = Record(
        target,
        f"{name} {number}",
        State(state),
        more.pop("status", WORDS.get(state, state.upper())),
        note=more.pop("note", ""),
        since_at=more.pop("record_since_at", None),
        stages=tuple(stage(part, stages.get(part, "absent")) for part in STAGES),
        categories=tuple(stage(part, categories.get(part, "absent")) for part in CATEGORIES) if categories else (),
        detail=fields(more.pop("detail", {})),
        error=more.pop("error", ""),
    )
    return entry_of(record, **more)


def report(number: int = 22, state: str = "running", progress: int | None = 40, **more: Any) -> Entry:
    """An exposures report."""
    target = Target(more.pop("server", "prod"), "report", (str(number),))
    detail = {"id": number, "type": "exposures", "progress": progress, "author": "admin", **more.pop("detail", {})}
    name = more.pop("name", f"report-{number}")
    words = {"waiting": "pending", "done": "completed", "canceled": "aborted"}
    record = Record(
        target, name, State(state), words.get(state, state), detail=fields(detail), error=more.pop("error", "")
    )
    return entry_of(record, **more)


def scan(pending: int = 41, state: str = "running", stages: tuple[Stage, ...] = (), **more: Any) -> Entry:
    """A ThreadFix pending scan."""
    target = Target(more.pop("server", "tf"), "scan", ("6", str(pending)))
    detail = {"file": "contoso.fpr", "scanId": None, "appId": 6, "id": pending, **more.pop("detail", {})}
    status = more.pop("status", "CHANNEL_MERGING")
    record = Record(
        target,
        more.pop("name", "contoso.fpr"),
        State(state),
        status,
        stages=stages,
        detail=fields(detail),
        error=more.pop("error", ""),
    )
    return entry_of(record, **more)


def job(number: int = 437, state: str = "running", status: str = "Active", **more: Any) -> Entry:
    """A Code Insight job that was queued an hour ago and began half an hour ago."""
    target = Target(more.pop("server", "sca"), "job", (str(number),))
    detail = {
        "id": number,
        "type": "Project Scan",
        "status": status,
        "project": {"id": 10, "name": "ePortal"},
        "user": "admin",
        "server": "Core Server",
        "queued_at": ago(3600),
        "activated_at": ago(1800),
        "completed_at": None,
        "details": "",
        "error": None,
        **more.pop("detail", {}),
    }
    record = Record(
        target, f"Project Scan {number}", State(state), status, detail=fields(detail), error=more.pop("error", "")
    )
    return entry_of(record, **more)


def unanswered(target: Target, problem: Problem | None = None, **more: Any) -> Entry:
    """An entry that no server has answered for yet."""
    return Entry(target.key, target, None, problem, is_watched=True, **more)
