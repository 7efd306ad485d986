"""Cases for the tests of the rules: short to write, with a call behind everything that a server said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tui.domain.evidence import Case, Fact, Question
from tui.domain.explain import explain
from tui.domain.records import CATEGORIES, STAGES, Call, Fields, Record, Stage
from tui.domain.snapshot import Entry
from tui.domain.state import State
from tui.domain.target import Target

NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
TITLES = {"job": "Code Insight", "scan": "ThreadFix"}


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def call(path: str, method: str = "GET") -> Call:
    return Call(ago(5), method, path, 200, 0.1, 100)


def fact(question: Question, path: str, **more: Any) -> Fact:
    return Fact(question, call(path), **more)


def case(entry: Entry, *facts: Fact, others: tuple[Entry, ...] = (), **more: Any) -> Case:
    title = TITLES.get(entry.target.kind, "JFrog Xray")
    return Case(entry, NOW, title, facts=facts, others=others, **more)


def rules(case: Case) -> list[str]:
    return [one.rule for one in explain(case)]


def texts(case: Case) -> list[str]:
    return [one.text for one in explain(case)]


def job(
    number: int, state: str = "running", *, status: str = "Active", kind: str = "Project Scan", **more: Any
) -> Entry:
    """A job that was queued an hour ago and began half an hour ago, of project 10 on scan-east-1."""
    project = more.pop("project", 10)
    items = {
        "id": number,
        "type": kind,
        "project": None if project is None else Fields((("id", project), ("name", f"p{project}"))),
        "server": "scan-east-1",
        "queued_at": ago(3_600),
        "activated_at": ago(1_800),
        **{name: more.pop(name) for name in ("server", "queued_at", "activated_at") if name in more},
    }
    target = Target("sca", "job", (str(number),))
    return _entry(target, f"{kind} p{project}", state, status, Fields(tuple(items.items())), **more)


def scan(pending: int, state: str = "running", *, status: str = "CHANNEL_MERGING", **more: Any) -> Entry:
    target = Target("tf", "scan", (more.pop("application", "6"), str(pending)))
    detail = Fields((("time", more.pop("time", ago(600))),))
    return _entry(target, more.pop("name", f"scan-{pending}.fpr"), state, status, detail, **more)


def build(**more: Any) -> Entry:
    return _scanned(Target("prod", "build", ("app", "412")), **more)


def artifact(**more: Any) -> Entry:
    return _scanned(Target("prod", "artifact", ("docker-local", "app/1.0/manifest.json"), (), True), **more)


def report(state: str, number: int = 22, **more: Any) -> Entry:
    return _entry(Target("prod", "report", (str(number),)), f"report-{number}", state, state, Fields(), **more)


def _scanned(target: Target, *, state: str = "running", status: str = "SCANNING", **more: Any) -> Entry:
    stages, categories, time_at = more.pop("stages", {}), more.pop("categories", {}), more.pop("time_at", None)
    more["stages"] = tuple(
        Stage(n, stages.get(n), State(stages.get(n, "absent")), time_at) for n in STAGES if n in stages or stages
    )
    more["categories"] = tuple(Stage(n, categories[n], State(categories[n])) for n in CATEGORIES if n in categories)
    return _entry(target, target.title, state, status, Fields(), **more)


def _entry(target: Target, name: str, state: str, status: str, detail: Fields, **more: Any) -> Entry:
    told = {key: more.pop(key) for key in ("error", "stages", "categories") if key in more}
    record = Record(target, name, State(state), status, detail=detail, **told)
    return Entry(target.key, target, record, polled_at=NOW, good_at=NOW, calls=(call(f"/of/{target.kind}"),), **more)
