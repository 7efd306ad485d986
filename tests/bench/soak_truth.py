"""What the simulated servers held, and from when till when: worked out from the story alone.

Owns the reading of a server's words by the contract's rules (section 3) and the true course of each target. Knows no
client, no wire and no history, so that all of these can be held against it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from tui.domain.state import State, job_state, report_state, threadfix_state, xray_overall, xray_state
from tui.domain.target import Target
from tui.simulator.jobs_story import NEW_S
from tui.simulator.reports_story import KEPT
from tui.simulator.world import World
from tui.simulator.xray import MANIFEST
from tui.simulator.xray_story import Line, ScanView

Reading = dict[str, str]  # part → state, for what a server tells by a word of its own; parts as in the history
GONE: Mapping[str, str] = {"": State.MISSING.value}
TINY_S = 1e-6  # beyond a moment, so that rounding does not leave us before it


def scan_reading(overall: str, stages: Mapping[str, str], categories: Mapping[str, str]) -> Reading:
    """A build or an artifact, from the words of its parts."""
    found = {name: xray_state(word) for name, word in stages.items()}
    own, _ = xray_overall(xray_state(overall), found)
    parts = {"": own, **found, **{f"@{name}": xray_state(word) for name, word in categories.items()}}
    return {name: state.value for name, state in parts.items()}


def upload_reading(word: str, error: str | None) -> Reading:
    """A pending scan: itself, and the step of the pipeline that it is in."""
    state = threadfix_state(word, is_error=bool(error), error_message=error).value
    return {"": state, word.lower(): state}


def job_reading(word: str) -> Reading:
    """A job of the queue."""
    return {"": job_state(word).value}


def report_reading(word: str) -> Reading:
    """An exposures report."""
    return {"": report_state(word).value}


def view_reading(view: ScanView) -> Reading:
    """A scan as the story tells it."""
    stages = {name: seen.word for name, seen in view.stages.items()}
    return scan_reading(view.overall.word, stages, {name: seen.word for name, seen in view.categories.items()})


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of wall time (seconds since 1970) in which nothing changed."""

    begin_s: float
    end_s: float
    reading: Reading

    @property
    def state(self) -> State:
        """The target's own."""
        return State(self.reading[""])


class Truth:
    """The courses of a world's targets. `wall` gives the wall time of a story second."""

    def __init__(self, world: World, wall: Callable[[float], float]) -> None:
        self._world = world
        self._wall = wall

    def course(self, target: Target, begin_s: float, end_s: float) -> list[Span]:
        """How the target stood from one story second to another."""
        moments, at = {
            "build": self._build,
            "artifact": self._artifact,
            "scan": self._upload,
            "job": self._job,
            "report": self._report,
        }[target.kind](target, begin_s, end_s)
        edges = sorted({begin_s, end_s, *(moment for moment in moments if begin_s < moment < end_s)})
        spans: list[Span] = []
        for begin, end in pairwise(edges):
            reading = at((begin + end) / 2)
            if spans and spans[-1].reading == reading:
                spans[-1] = Span(spans[-1].begin_s, self._wall(end), reading)
            else:
                spans.append(Span(self._wall(begin), self._wall(end), reading))
        return spans

    def _build(self, target: Target, begin_s: float, end_s: float) -> _Course:
        line = self._world.scans.find("build", target.parts[0])
        assert line is not None
        return self._scans("build", line, int(target.parts[1]), begin_s, end_s)

    def _artifact(self, target: Target, begin_s: float, end_s: float) -> _Course:
        found = MANIFEST.fullmatch(target.parts[1])
        assert found is not None
        line = self._world.scans.find("image", found[1])
        assert line is not None
        return self._scans("image", line, int(found[2]), begin_s, end_s)

    def _scans(self, kind: str, line: Line, number: int, begin_s: float, end_s: float) -> _Course:
        scans, published_s = self._world.scans, line.published_s(number)
        moments, t = {published_s}, max(begin_s, published_s + TINY_S)
        while t < end_s:
            plan, next_s = scans.round(kind, line, number, t)
            moments.update((*plan.moments(), next_s))
            t = next_s + TINY_S

        def at(moment: float) -> Reading:
            is_there = scans.is_published(line, number, moment)
            return view_reading(scans.view(kind, line, number, moment)) if is_there else dict(GONE)

        return moments, at

    def _upload(self, target: Target, begin_s: float, end_s: float) -> _Course:
        uploads, (application, scan) = self._world.uploads, (int(part) for part in target.parts)
        moments: set[float] = set()
        t = begin_s
        while t < end_s:
            upload = uploads.find(application, scan, t)
            assert upload is not None
            next_s = upload.uploaded_s + uploads.round_s
            moments.update((*(begins_s for _, begins_s, _ in uploads.steps(upload)), next_s))
            t = next_s + TINY_S

        def at(moment: float) -> Reading:
            upload = uploads.find(application, scan, moment)
            assert upload is not None
            view = uploads.view(upload, moment)
            return upload_reading(view.status, view.error)

        return moments, at

    def _job(self, target: Target, begin_s: float, end_s: float) -> _Course:
        jobs, number = self._world.jobs, int(target.parts[0])
        job = jobs.job(number)
        comes_s = jobs.queued_s(jobs.ledger.place(number))  # an update's job is told of a little later than it begins
        ends = (comes_s, job.queued_s, job.queued_s + NEW_S, job.start_s, job.end_s, *(job.held_s or ()))
        return (
            [moment for moment in ends if moment is not None],
            lambda moment: job_reading(job.status(moment)) if jobs.arrived(moment) >= number else dict(GONE),
        )

    def _report(self, target: Target, begin_s: float, end_s: float) -> _Course:
        reports, number = self._world.reports, int(target.parts[0])
        every_s, first = self._world.scenario.report_every_s, reports.first
        comes_s = (number - first + 1 - reports.count) * every_s
        report = reports.find(number, max(begin_s, comes_s) + TINY_S)
        ends = (report.start_s, report.end_s) if report is not None else ()

        def at(moment: float) -> Reading:
            found = reports.find(number, moment)
            return report_reading(reports.view(found, moment).status) if found is not None else dict(GONE)

        return [comes_s, comes_s + KEPT * every_s, *ends], at


_Course = tuple[Iterable[float], Callable[[float], Reading]]
