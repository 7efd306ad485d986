"""A small story, frozen at one moment: servers, targets, lists and messages as a busy team has them.

For tests of the screen: everything is fixed, so that a picture of it is the same on every machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tui.domain.deadline import Deadline
from tui.domain.problem import Problem, ProblemCode
from tui.domain.records import Call, Fields, ListQuery, Record, Stage
from tui.domain.snapshot import Entry, Health, ListState, Mark, ServerHealth, Transition
from tui.domain.state import THREADFIX_PIPELINE, State, threadfix_state, xray_overall, xray_state
from tui.domain.target import Target
from tui.polling.messages import Message, MessageKind
from tui.polling.store import Store

NOW = datetime(2026, 11, 22, 7, 0, 30, tzinfo=UTC)
XRAY_STAGES = ("sca", "contextual_analysis", "exposures", "violations")
CATEGORIES = ("secrets", "services", "applications", "iac")


def ago(seconds: float) -> datetime:
    """A moment before the story's."""
    return NOW - timedelta(seconds=seconds)


class StillClock:
    """A clock that stands; `advance` moves it by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds


class StillMonitor:
    """What the app needs of a monitor, with a real store and without any server."""

    def __init__(self, store: Store | None = None) -> None:
        self.store = store or Store()
        self.is_paused = False
        self.is_started = False
        self.is_stopped = False
        self.asked: list[tuple[str | None, str | None]] = []
        self.lists: list[ListQuery] = []
        self.watched: list[tuple[str, str, str]] = []
        self.unwatched: list[str] = []

    async def start(self) -> None:
        self.is_started = True

    async def stop(self) -> None:
        self.is_stopped = True

    def pause(self) -> None:
        self.is_paused = True

    def resume(self) -> None:
        self.is_paused = False

    def poll_now(self, key: str | None = None, server: str | None = None) -> None:
        self.asked.append((key, server))

    def watch(
        self, target: Target, label: str = "", *, holder: str = "watch", deadline: Deadline | None = None
    ) -> None:
        self.watched.append((target.key, label, holder))
        known = self.store.entries.get(target.key) or Entry(target.key, target, first_seen_at=NOW)
        self.store.publish(entries=[replace(known, is_watched=True, label=label)])

    def unwatch(self, key: str) -> None:
        self.unwatched.append(key)
        self.store.publish(removed=[key])

    def release(self, key: str, holder: str) -> None:
        self.unwatch(key)

    def set_list(self, query: ListQuery) -> None:
        self.lists.append(query)
        state = self.store.lists[query.key]
        self.store.publish(lists=[replace(state, query=query)])


def call(path: str, seconds: float, status: int = 200, latency: float = 0.045) -> Call:
    return Call(ago(seconds), "GET", path, status, latency, 1_240)


def entry(record: Record, since_s: float, *, is_watched: bool = True, calls: Iterable[Call] = ()) -> Entry:
    """An entry that has been polled a moment ago."""
    parts = [("", record.state), *((s.name, s.state) for s in record.stages)]
    parts += [(f"@{c.name}", c.state) for c in record.categories]
    marks = tuple(Mark(part, state, ago(since_s)) for part, state in parts)
    key = record.target.key
    seen = [Transition(key, "", None, State.WAITING, "PENDING", None, ago(since_s + 400))]
    if record.state is not State.WAITING:
        seen.append(
            Transition(key, "", State.WAITING, record.state, record.status, ago(since_s + 5), ago(since_s), None)
        )
    return Entry(
        key=key,
        target=record.target,
        record=record,
        first_seen_at=ago(since_s + 400),
        since_at=ago(since_s),
        polled_at=ago(2),
        good_at=ago(2),
        transitions=tuple(seen),
        marks=marks,
        calls=tuple(calls) or (call(f"/api/{record.target.kind}", 2), call(f"/api/{record.target.kind}", 7)),
        is_watched=is_watched,
    )


def build(name: str, number: str, words: str, since_s: float, cats: str = "", server: str = "prod") -> Entry:
    """An Xray build: `words` are overall and the four stages, ``-`` for absent; `cats` the four categories."""
    target = Target(server, "build", (name, number))
    return _xray(target, f"{name} {number}", words, since_s, cats)


def artifact(repo: str, path: str, words: str, since_s: float, cats: str = "") -> Entry:
    """An Xray artifact."""
    return _xray(Target("prod", "artifact", (repo, path), has_rest=True), f"{repo}/{path}", words, since_s, cats)


def _xray(target: Target, name: str, words: str, since_s: float, cats: str) -> Entry:
    overall, *rest = words.split()
    at = ago(since_s)
    stages = tuple(
        Stage(stage, None if word == "-" else word, State.ABSENT if word == "-" else xray_state(word), at)
        for stage, word in zip(XRAY_STAGES, rest, strict=True)
    )
    categories = tuple(
        Stage(category, word, xray_state(word), at) for category, word in zip(CATEGORIES, cats.split(), strict=False)
    )
    state, note = xray_overall(xray_state(overall), {stage.name: stage.state for stage in stages})
    raw = {"overall": {"status": overall, "time": at.isoformat()}, "details": {s.name: s.status for s in stages}}
    record = Record(
        target,
        name,
        state,
        overall,
        note,
        at,
        stages,
        categories,
        Fields((("project", "core"),)),
        raw=json.dumps(raw),
        web_url=f"https://prod.example.com/ui/builds/{target.parts[0]}",
    )
    return entry(record, since_s)


def scan(number: int, status: str, file: str, since_s: float, error: str = "") -> Entry:
    """A ThreadFix scan somewhere in its pipeline."""
    target = Target("tf", "scan", ("6", str(number)))
    state = threadfix_state(status, is_error=bool(error))
    stages = []
    for word in THREADFIX_PIPELINE:
        if word == "LINKING_DEFECTS" and word != status:
            continue
        is_now = word == status
        stages.append(Stage(word.lower(), word, state if is_now else State.DONE, ago(since_s)))
        if is_now:
            break
    detail = Fields(
        (
            ("file", file),
            ("files", (file,)),
            ("scanId", 900 + number),
            ("appId", 6),
            ("id", number),
            ("type", "Fortify SCA"),
            ("message", None),
            ("time", ago(since_s + 300)),
            ("modified_at", ago(since_s)),
        )
    )
    record = Record(
        target,
        file,
        state,
        status,
        since_at=ago(since_s),
        stages=tuple(stages),
        detail=detail,
        error=error,
        raw=json.dumps({"success": True, "object": {"id": number, "status": status, "fileNames": [file]}}),
        web_url=f"https://tf.example.com/applications/6/scans/{900 + number}",
    )
    return entry(record, since_s)


def job(number: int, kind: str, status: str, project: str | None, since_s: float, error: str | None = None) -> Entry:
    """A Code Insight job of the queue."""
    from tui.domain.state import job_state

    target = Target("sca", "job", (str(number),))
    state = job_state(status)
    started = ago(since_s) if state is not State.WAITING else None
    ended = ago(since_s) if state.is_terminal else None
    detail = Fields(
        (
            ("id", number),
            ("type", kind),
            ("status", status),
            ("project", Fields((("id", 7), ("name", project))) if project else None),
            ("user", "mlee" if number % 2 else "jdoe"),
            ("server", "scan-1" if status == "Active" else None),
            ("queued_at", ago(since_s + 125)),
            ("activated_at", ago(since_s + 61) if ended else started),
            ("completed_at", ended),
            ("details", f"{kind} of {project}" if project else kind),
            ("error", error),
        )
    )
    record = Record(
        target, f"{kind} {number}", state, status, since_at=ago(since_s), detail=detail, error=error or "",
        raw=json.dumps({"id": number, "type": kind, "status": status, "project": project}),
    )  # fmt: skip
    return entry(record, since_s, is_watched=False)


def report(number: int, name: str, status: str, progress: int, since_s: float) -> Entry:
    """An exposures report."""
    from tui.domain.state import report_state

    detail = Fields(
        (
            ("id", number),
            ("type", "exposures"),
            ("category", "secrets"),
            ("progress", progress),
            ("rows", 1_204 if progress == 100 else None),
            ("author", "mlee"),
            ("started_at", ago(since_s)),
        )
    )
    target = Target("prod", "report", (str(number),))
    record = Record(target, name, report_state(status), status, since_at=ago(since_s), detail=detail, raw="{}")
    return entry(record, since_s, is_watched=False)


def builds() -> list[Entry]:
    """Builds and artifacts in every state that matters."""
    return [
        build("shop-web", "412", "PENDING DONE SCANNING PENDING PENDING", 130, "PENDING PENDING PENDING PENDING"),
        build("shop-web", "411", "DONE DONE DONE DONE DONE", 5_400, "DONE DONE DONE NOT_SUPPORTED"),
        build("shop-api", "87", "FAILED DONE DONE FAILED DONE", 700, "DONE FAILED DONE DONE"),
        build("payments", "1.9.0-rc2", "PENDING PENDING PENDING PENDING PENDING", 42),
        build("ledger", "2026.11.3", "DONE DONE DONE DONE NOT_SCANNED", 16_000, "DONE DONE DONE DONE"),
        build("mobile-gateway", "5501", "PARTIAL DONE PARTIAL - DONE", 92_000),
        artifact("docker-local", "desktop-storage/1.0/manifest.json", "PENDING SCANNING - - -", 18),
        artifact(
            "docker-local", "auth/3.2.1/manifest.json", "DONE DONE DONE DONE DONE", 200_000, "DONE DONE DONE DONE"
        ),
        artifact("npm-local", "left-pad/-/left-pad-1.3.0.tgz", "NOT_SUPPORTED - - - -", 300_000),
    ]


def reports() -> list[Entry]:
    """Exposures reports with progress."""
    return [
        report(301, "secrets in docker-local", "running", 42, 75),
        report(300, "iac of shop", "completed", 100, 4_000),
        report(299, "services of payments", "failed", 12, 9_000),
    ]


def scans() -> list[Entry]:
    """ThreadFix scans along the pipeline."""
    message = "Unable to parse scan: line 14, column 8: unexpected end of element <Issue> in audit.fvdl"
    return [
        scan(41, "CHANNEL_MERGING", "shop-web.fpr", 95),
        scan(42, "QUEUED", "shop-api.fpr", 12),
        scan(40, "DONE", "ledger.fpr", 7_300),
        scan(39, "FINDINGS_GENERATING", "payments-2026-11.fpr", 260, message),
        scan(38, "SCAN_INTERRUPTED", "gateway.zip", 3_900),
    ]


def jobs() -> list[Entry]:
    """A page of the job queue."""
    return [
        job(437, "Project Scan", "Active", "ePortal", 320),
        job(438, "Project Scan", "Waiting on update", "shop", 90),
        job(439, "SBOM Export", "Scheduled", "shop", 30),
        job(436, "PDL Update", "Completed", None, 4_000),
        job(435, "Project Scan", "Failed", "ledger", 8_000, "Scan server scan-1 lost its connection to the database."),
        job(434, "Library Refresh", "Terminated", None, 12_000),
    ]


def servers(health: Health = Health.OK, problem: Problem | None = None) -> list[ServerHealth]:
    """Three servers; the health is that of all of them."""
    good = ago(2) if health is Health.OK else ago(190)
    if health is Health.STARTING:
        good = None  # type: ignore[assignment]
    retry = NOW + timedelta(seconds=40) if health in (Health.FAILING, Health.REFUSED) else None
    return [
        ServerHealth("prod", "xray", health, problem, good, retry, 0.045, 22, 240),
        ServerHealth("tf", "threadfix", health, problem, good, retry, 0.080, 9, 240),
        ServerHealth("sca", "codeinsight", health, problem, good, retry, 0.120, 7, 240, is_insecure=True),
    ]


REFUSED = Problem(
    ProblemCode.UNAUTHORISED,
    "The server did not accept the token (401).",
    401,
    "Put a new token where the config says.",
)
UNREACHABLE = Problem(
    ProblemCode.REFUSED, "Nothing answers at this address (connection refused).", None, "Is the server up?"
)


def job_list(keys: Iterable[str]) -> ListState:
    """The job queue's first page of eighteen."""
    query = ListQuery("sca", "jobs")
    return ListState(query, query, tuple(keys), 1, 18, 437, True, (), None, ago(2), ago(2))


def report_list(keys: Iterable[str]) -> ListState:
    """The only page of reports."""
    query = ListQuery("prod", "reports")
    return ListState(query, query, tuple(keys), 1, 1, 3, False, (), None, ago(2), ago(2))


def fill(store: Store, health: Health = Health.OK, problem: Problem | None = None, *, has_rows: bool = True) -> Store:
    """Publish the whole story."""
    is_late = health in (Health.LATE, Health.FAILING, Health.REFUSED)
    rows = [*builds(), *scans()] if has_rows else []
    listed = [*reports(), *jobs()] if has_rows else []
    everything = [replace(row, is_late=is_late, problem=problem) for row in (*rows, *listed)]
    lists = [job_list(row.key for row in jobs()), report_list(row.key for row in reports())] if has_rows else []
    messages = [
        Message(ago(700), MessageKind.TRANSITION, "prod", "prod:build/shop-api/87", "shop-api 87: failed", "failed"),
        Message(ago(95), MessageKind.TRANSITION, "tf", "tf:scan/6/41", "shop-web.fpr: channel merging", "running"),
        Message(ago(30), MessageKind.PROBLEM, "sca", "sca", "sca: no answer within 30 s", "warn"),
        Message(ago(12), MessageKind.RECOVERED, "sca", "sca", "sca answers again", "done"),
    ]  # fmt: skip
    store.publish(entries=everything, servers=servers(health, problem), lists=lists, messages=messages)
    return store
