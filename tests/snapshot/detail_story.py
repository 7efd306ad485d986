"""Targets whose details have much to tell: a course that was seen, related reports, jobs that hold up, report rows."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

from screen_story import StillMonitor, ago, build, call, fill, job, job_list, report, scan, servers

from tui.domain.acts import Finding, RowsPage, RowsQuery
from tui.domain.problem import Problem, ProblemCode
from tui.domain.records import Fields
from tui.domain.snapshot import Entry, Health, ListState, ServerHealth, Transition
from tui.domain.state import State
from tui.domain.target import Target

ROWS = 61
SEVERITIES = ("critical", "high", "medium", "low")


def seen(
    key: str, part: str, before: str | None, after: str, at_s: float, after_s: float | None, told_s: float | None
) -> Transition:
    """A transition that was seen `at_s` seconds ago; the server says `told_s`."""
    was = State(before) if before else None
    told_at = None if told_s is None else ago(told_s)
    after_at = None if after_s is None else ago(after_s)
    status = None if part in ("queued", "uploaded") and after == "done" else after.upper()
    return Transition(key, part, was, State(after), status, after_at, ago(at_s), told_at)


def seen_build() -> Entry:
    """A build whose stages were followed: one was over before the watch began, one runs, one waits."""
    entry = build("shop-web", "412", "PENDING DONE SCANNING PENDING PENDING", 130, "DONE SCANNING PENDING PENDING")
    key = entry.key
    course = (
        seen(key, "", None, "waiting", 640, None, 640),
        seen(key, "sca", None, "running", 640, None, None),
        seen(key, "violations", None, "waiting", 640, None, None),
        seen(key, "sca", "running", "done", 400, 405, 402),
        seen(key, "contextual_analysis", "absent", "waiting", 400, 405, 402),
        seen(key, "", "waiting", "running", 400, 405, 402),
        seen(key, "contextual_analysis", "waiting", "running", 250, 255, 252),
        seen(key, "exposures", "absent", "waiting", 250, 255, 252),
        seen(key, "@secrets", "absent", "done", 200, 290, None),
        seen(key, "@services", "absent", "running", 130, 135, 131),
    )
    raw = {
        "overall": {"status": "PENDING", "time": "2026-11-22T06:49:50Z"},
        "details": {
            "sca": {"status": "DONE", "time": "2026-11-22T06:53:48Z"},
            "contextual_analysis": {"status": "SCANNING"},
            "exposures": {"status": "PENDING", "categories": {"secrets": {"status": "DONE"}}},
        },
    }
    assert entry.record is not None
    return replace(entry, transitions=course, record=replace(entry.record, raw=json.dumps(raw)))


def seen_scan() -> Entry:
    """A scan that was followed through its pipeline."""
    entry = scan(41, "CHANNEL_MERGING", "shop-web.fpr", 95)
    key = entry.key
    course = (
        seen(key, "queued", None, "waiting", 300, None, 310),
        seen(key, "queued", "waiting", "done", 280, 285, None),
        seen(key, "uploaded", "absent", "waiting", 280, 285, 283),
        seen(key, "uploaded", "waiting", "done", 270, 275, None),
        seen(key, "findings_generating", "absent", "running", 270, 275, 272),
        replace(seen(key, "findings_generating", "running", "done", 95, 100, None), status=None),
        seen(key, "channel_merging", "absent", "running", 95, 100, 96),
    )
    return replace(entry, transitions=course)


def scoped(number: int, name: str, repositories: tuple[str, ...]) -> Entry:
    """A completed report about some repositories."""
    entry = report(number, name, "completed", 100, 4_000)
    assert entry.record is not None
    raw = json.dumps({"id": number, "resources": {"repositories": [{"name": name} for name in repositories]}})
    return replace(entry, record=replace(entry.record, raw=raw))


def held_job() -> Entry:
    """A job that an update holds up."""
    return job(438, "Project Scan", "Waiting on update", "shop", 90)


def rich_monitor() -> StillMonitor:
    """The still story with these targets in it."""
    monitor = StillMonitor()
    fill(monitor.store)
    monitor.store.publish(
        entries=[
            seen_build(),
            seen_scan(),
            held_job(),
            scoped(300, "weekly secrets", ("docker-local", "npm-local")),
            report(301, "secrets in shop-web", "running", 42, 75),
            job(437, "PDL Update", "Active", None, 320),
            job(436, "Project Scan", "Active", "shop", 60),
        ]
    )
    return monitor


class RowsActor:
    """An actor that only reads rows, when it is told to; what it was asked is in `asked`."""

    def __init__(self, *, is_slow: bool = False, problem: Problem | None = None) -> None:
        self.asked: list[RowsQuery] = []
        self.problem = problem
        self.gate = asyncio.Event()
        self._is_slow = is_slow

    async def rows(self, target: Target, query: RowsQuery | None = None) -> RowsPage | Problem:
        query = query or RowsQuery()
        self.asked.append(query)
        if self._is_slow and len(self.asked) > 1:
            await self.gate.wait()
        if self.problem is not None:
            return self.problem
        start = (query.page - 1) * query.limit
        numbers = range(start, min(ROWS, start + query.limit))
        return RowsPage(query, tuple(finding(number) for number in numbers), ROWS)

    def why_not(self, server: str, act: str) -> str:
        return ""

    def servers_for(self, act: str) -> tuple[str, ...]:
        return ("prod",)

    async def aclose(self) -> None:
        self.gate.set()


def finding(number: int) -> Finding:
    """The finding of that number."""
    rows: dict[str, Any] = {
        "category": "secrets",
        "jfrog_severity": SEVERITIES[min(3, number // 16)],
        "exposures_id": f"EXP-300-{number + 1:05d}",
        "description": "Hardcoded AWS secret access key in a configuration file that is part of the image",
        "file_path": f"/srv/shop/config/keys{number + 1}.py",
        "location": f"Line Number: {number * 7 + 3}",
        "repository": "docker-local",
        "impacted_artifact": "docker://shop-web:1.41.0",
        "cwe": Fields((("cwe_id", "CWE-798"), ("cwe_name", "Use of hard-coded credentials"))),
        "evidence": "$gcyD6**********",
        "origin": "jfrog",
    }
    return Finding(Fields(tuple(rows.items())))


def job_in_trouble() -> tuple[Entry, ListState, ServerHealth]:
    """A job whose list cannot be read since a while, and whose server then went away: what was seen stays."""
    broken = Problem(ProblemCode.BAD_ANSWER, "sca.test sent a login page titled 'Sign in' in place of an answer.", 200)
    gone = Problem(ProblemCode.REFUSED, "sca.test refused the connection.", None, "Check that it is up.")
    path = "/codeinsight/api/jobs?limit=25&page=1"
    seen_job = job(437, "Project Scan", "Active", "shop", 320)
    calls = (call(path, 320), call(path, 310))
    entry = replace(seen_job, calls=calls, good_at=ago(310), polled_at=ago(310), is_late=True)
    failed = (replace(call(path, 250), problem=broken), replace(call(path, 190, latency=2.4), problem=broken))
    silent = replace(call(path, 100, latency=0.002), http_status=None, size=0, problem=gone)
    state = replace(job_list((entry.key,)), problem=broken, failed_calls=failed)
    down = replace(servers()[2], health=Health.FAILING, problem=gone, failed_calls=(silent,))
    return entry, state, down
