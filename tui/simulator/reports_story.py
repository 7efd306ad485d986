"""The story of Xray's reports: made at intervals or through the API, pending, running with progress, ended, removed.

All times are story seconds. Knows no wire.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tui.simulator import names
from tui.simulator.chance import Draw
from tui.simulator.ledger import Ledger
from tui.simulator.scenarios import Scenario
from tui.simulator.xray_story import CATEGORIES

KEPT = 500  # reports that the server keeps at most; the oldest of the story go first
OTHER_TYPES = ("vulnerability", "license", "violations")


@dataclass(frozen=True, slots=True)
class Report:
    """One report's whole plan."""

    id: int
    name: str
    kind: str  # exposures, vulnerability, license, violations
    category: str  # "" unless of kind exposures
    author: str
    asked_s: float
    start_s: float
    end_s: float
    end_word: str
    artifacts: int
    rows: int
    error: str = ""
    resources: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReportView:
    """One report at a moment; `progress` in percent."""

    report: Report
    status: str
    progress: int
    processed: int
    rows: int
    started_s: float | None
    ended_s: float | None
    aborting_user: str = ""


class ReportStory:
    """The reports of one seed and scenario."""

    def __init__(self, seed: int, scenario: Scenario, count: int) -> None:
        self.seed = seed
        self.scenario = scenario
        self.count = count
        self.first = 22 if scenario.is_documents else 101
        self.ledger: Ledger[Report] = Ledger(self.first, lambda t: self._arrived(t))
        self._removed: set[int] = set()
        self._aborted: dict[int, tuple[float, str]] = {}

    def _arrived(self, t: float) -> int:
        if self.scenario.is_still:
            return self.count
        return max(0, self.count + int(t // self.scenario.report_every_s))

    def find(self, number: int, t: float) -> Report | None:
        """The report of that id at `t`, None if there is none (any more)."""
        newest = self.ledger.newest(t)
        if number in self._removed or not max(self.first, newest - KEPT + 1) <= number <= newest:
            return None
        made = self.ledger.made(number)
        return made if made is not None else self._brought(number)

    def all(self, t: float) -> Iterator[Report]:
        """Every report at `t`, the newest first."""
        for number in self.ledger.ids(t):
            found = self.find(number, t)
            if found is not None:
                yield found
            elif number not in self._removed:
                return

    def add(self, name: str, category: str, author: str, resources: dict[str, Any], t: float) -> Report:
        """Make an exposures report as the API does."""

        def make(number: int) -> Report:
            draw = Draw(self.seed, "made report", number)
            start_s = t + draw.between(1.5, 4)
            artifacts = draw.whole(20, 400)
            end_s = start_s + draw.between(8, 25)
            rows = draw.whole(3, 180)
            return Report(
                number, name, "exposures", category, author, t, start_s, end_s, "completed", artifacts, rows,
                resources=resources,
            )  # fmt: skip

        return self.ledger.add(t, make)

    def remove(self, number: int) -> None:
        """Delete that report for good."""
        self._removed.add(number)

    def abort(self, number: int, user: str, t: float) -> None:
        """Stop that report where it is."""
        self._aborted[number] = (t, user)

    def _brought(self, number: int) -> Report:
        place = self.ledger.place(number)
        asked_s = (place + 1 - self.count) * self.scenario.report_every_s
        draw = Draw(self.seed, "report", place)
        kind = "exposures" if draw.is_one_in(0.8) else draw.one_of(OTHER_TYPES)
        category = draw.one_of(CATEGORIES) if kind == "exposures" else ""
        subject = names.service(self.seed, draw.whole(0, 60))
        start_s = asked_s + draw.between(3, 10)
        fate = draw.number()
        trouble = self.scenario.trouble * 0.4
        end_word = "failed" if fate < trouble else "aborted" if fate < trouble * 1.4 else "completed"
        length_s = draw.between(25, 90) * (0.5 if end_word != "completed" else 1.0)
        is_stuck = fate > 1 - self.scenario.stuck
        return Report(
            id=number,
            name=f"{category or kind}-{subject}",
            kind=kind,
            category=category,
            author=draw.one_of(names.USERS),
            asked_s=asked_s,
            start_s=start_s,
            end_s=float("inf") if is_stuck else start_s + length_s,
            end_word=end_word,
            artifacts=draw.whole(30, 1500),
            rows=draw.whole(0, 260),
            error="Report generation timed out after the configured limit." if end_word == "failed" else "",
            resources={"repositories": [{"name": names.REPOSITORIES[0][0]}]},
        )

    def view(self, report: Report, t: float) -> ReportView:
        """How that report stands at `t`."""
        stopped = self._aborted.get(report.id)
        if stopped is not None and stopped[0] < report.end_s and stopped[0] <= t:
            at_s = min(t, stopped[0])
            progress = self._progress(report, at_s)
            started_s = report.start_s if at_s >= report.start_s else None
            done = report.artifacts * progress // 100
            return ReportView(report, "aborted", progress, done, 0, started_s, at_s, stopped[1])
        if t < report.start_s:
            return ReportView(report, "pending", 0, 0, 0, None, None)
        if t < report.end_s:
            progress = self._progress(report, t)
            return ReportView(report, "running", progress, report.artifacts * progress // 100, 0, report.start_s, None)
        if report.end_word != "completed":
            progress = 20 + report.id * 7 % 70
            done = report.artifacts * progress // 100
            user = report.author if report.end_word == "aborted" else ""
            return ReportView(report, report.end_word, progress, done, 0, report.start_s, report.end_s, user)
        return ReportView(report, "completed", 100, report.artifacts, report.rows, report.start_s, report.end_s)

    def _progress(self, report: Report, t: float) -> int:
        if t < report.start_s:
            return 0
        if report.end_s == float("inf"):
            return 61
        return min(99, int(100 * (t - report.start_s) / (report.end_s - report.start_s)))
