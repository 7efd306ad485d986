"""A believable past of the story: what somebody would have seen who had watched it for a day, as an export of it.

Owns that form on this side (the command line's tests hold that it can be imported). Numbers and uploads are older than
any that the servers tell of; jobs and reports are the servers' own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tui.domain.state import THREADFIX_PIPELINE, State, threadfix_state, xray_overall, xray_state
from tui.simulator.chance import Draw
from tui.simulator.threadfix_story import FIRST_ID, Upload
from tui.simulator.weather import weather_lines
from tui.simulator.world import World
from tui.simulator.xray import manifest, repository
from tui.simulator.xray_story import Line, ScanView, plan_of

BUILDS, IMAGES, UPLOADS, JOBS, REPORTS = 72, 36, 60, 250, 30
LOOK_S = 3.0  # between two looks at a scan: what is shorter goes unseen, as it does for a monitor
LONGEST_S = 300.0  # of a scan that is looked at; those that hang end here, without an end
SPREAD_S = 700.0  # from one scan of the past to the next, on the average: a day and a half in all
RUSH = 5  # scans come in rushes of about so many …
RUSH_S = 40.0  # … so many seconds apart
HALF_S = 0.5  # an upload's change is known to lie between two polls, a second apart
NUMBERS_BACK = 30  # builds and images are so many numbers before those that are watched


@dataclass
class _Seen:
    """What one target was last seen as, part by part."""

    target: str
    type: str = ""
    project: str = ""
    parts: dict[str, State] = field(default_factory=dict)

    def line(self, part: str, after: State, status: str, seen_at: datetime, **more: Any) -> dict[str, Any] | None:
        """The transition to a state, None where it is no other than before."""
        before = self.parts.get(part)
        if before is after or (before is None and after in (State.ABSENT, State.NOT_SCANNED)):
            return None
        self.parts[part] = after
        facts = {"target": self.target, "type": self.type, "project": self.project, "part": part}
        word = before.value if before is not None else None
        return {**facts, "before": word, "after": after.value, "status": status, "seen_at": _text(seen_at), **more}


def past_lines(world: World) -> Iterator[str]:
    """The export's lines, the head first."""
    yield json.dumps({"scantop": "history", "version": 2})
    if world.scenario.is_documents:
        return
    speed = world.clock.speed or 1.0
    for found in (_scans(world, speed), _uploads(world, speed), _jobs(world), _reports(world), weather_lines(world)):
        for line in found:
            if line is not None:
                yield json.dumps(line)


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _ago_s(world: World, kind: str, place: int) -> float:
    """How long ago the scan at this place began: in rushes, with quiet times between them, the newest first."""
    rush, within = divmod(place, RUSH)
    pause = Draw(world.seed, "rush", kind, rush).between(0.05, 0.95)
    return (rush + pause) * RUSH * SPREAD_S + LONGEST_S + within * RUSH_S


def _scans(world: World, speed: float) -> Iterator[dict[str, Any] | None]:
    """Older numbers of every build and image, scanned one after another."""
    story = world.scans
    kinds = (("build", BUILDS, story.build_names), ("image", IMAGES, story.image_names))
    for kind, count, different in kinds:
        for place in range(count if different else 0):
            index = place % different
            line = story.line(kind, index)
            number = line.base - NUMBERS_BACK - place // different
            began_at = world.clock.start_at - timedelta(seconds=_ago_s(world, kind, place))
            seen = _Seen(_scan_address(kind, index, line, number), project=line.project if kind == "build" else "")
            draw = (world.seed, "past", kind, line.name, number)
            last: ScanView | None = None
            for look in range(1, int(LONGEST_S / LOOK_S)):
                view = plan_of(Draw(*draw), world.scenario, kind, 0.0).at(look * LOOK_S)
                if view != last:
                    last = view
                    yield from _scan_lines(seen, view, began_at, look * LOOK_S, speed)
                if seen.parts.get("", State.WAITING).is_terminal:
                    break


def _scan_address(kind: str, index: int, line: Line, number: int) -> str:
    if kind == "image":
        return f"xray:artifact/{repository(index)}/{manifest(line, number)}"
    return f"xray:build/{line.name}/{number}" + (f"?project={line.project}" if line.project else "")


def _scan_lines(
    seen: _Seen, view: ScanView, began_at: datetime, look_s: float, speed: float
) -> Iterator[dict[str, Any] | None]:
    stages = {name: xray_state(one.word) for name, one in view.stages.items()}
    state, _ = xray_overall(xray_state(view.overall.word), stages)
    times: dict[str, Any] = {"seen_at": began_at + timedelta(seconds=look_s / speed)}
    if seen.parts:
        times["after_at"] = _text(began_at + timedelta(seconds=(look_s - LOOK_S) / speed))
    parts = {"": view.overall, **view.stages, **{f"@{name}": one for name, one in view.categories.items()}}
    for part, one in parts.items():
        after = xray_state(one.word) if part else state
        server_at = _text(began_at + timedelta(seconds=one.at_s / speed))
        yield seen.line(part, after, one.word, server_at=server_at, **times)


def _uploads(world: World, speed: float) -> Iterator[dict[str, Any] | None]:
    """Older pending scans, with ids from before those that the server still knows."""
    story = world.uploads
    for place in range(min(UPLOADS, FIRST_ID - 1) if story.count else 0):
        draw = Draw(world.seed, "past upload", place)
        number = FIRST_ID - 1 - place
        fate = "failed" if draw.is_one_in(world.scenario.trouble * 0.5) else "done"
        application = 1 + place % story.applications
        upload = Upload(number, application, "", "upload", fate, 0.0, draw.between(10, 70))
        began_at = world.clock.start_at - timedelta(seconds=_ago_s(world, "upload", place))
        seen = _Seen(f"threadfix:scan/{application}/{number}", upload.kind)
        for word, at_s, error in [("QUEUED", 0.0, None), *story.steps(upload)]:
            at = began_at + timedelta(seconds=at_s / speed)
            times: dict[str, Any] = {"seen_at": at + timedelta(seconds=HALF_S / speed)}
            if seen.parts:
                times["after_at"] = _text(at - timedelta(seconds=HALF_S / speed))
            state = threadfix_state(word, error_message=error)
            yield seen.line("", state, word, server_at=_text(at), **times)
            now = THREADFIX_PIPELINE.index(word) if word in THREADFIX_PIPELINE else len(THREADFIX_PIPELINE)
            for name in [name for name in seen.parts if name and name != word.lower()]:
                if name.upper() in THREADFIX_PIPELINE[:now]:
                    yield seen.line(name, State.DONE, "", **times)
            yield seen.line(word.lower(), state, word, server_at=_text(at), **times)


def _jobs(world: World) -> Iterator[dict[str, Any] | None]:
    """Jobs of the queue that have ended, seen once they had; the server tells when they were queued and begun."""
    story = world.jobs
    newest = story.arrived(0.0)
    for place in range(max(0, newest - JOBS), newest):
        job = story.brought(place)
        if job.start_s is None or job.end_s >= 0 or job.end_word != "Completed":
            continue
        project = story.project_name(job.project) if job.project is not None else ""
        seen = _Seen(f"codeinsight:job/{place + 1}", job.kind, project)
        yield _ended(world, seen, job.end_word, {"queued_at": job.queued_s, "began_at": job.start_s}, job.end_s)


def _reports(world: World) -> Iterator[dict[str, Any] | None]:
    story = world.reports
    for number in range(max(story.first, story.ledger.newest(0.0) - REPORTS), story.ledger.newest(0.0) + 1):
        report = story.find(number, 0.0)
        if report is not None and report.end_s < 0 and report.end_word == "completed":
            seen = _Seen(f"xray:report/{number}", report.kind)
            yield _ended(world, seen, report.end_word, {"began_at": report.start_s}, report.end_s)


def _ended(world: World, seen: _Seen, word: str, told_s: Mapping[str, float], end_s: float) -> dict[str, Any] | None:
    end_at = world.clock.at(end_s)
    told = {name: _text(world.clock.at(at_s)) for name, at_s in told_s.items()}
    seen_at = end_at + timedelta(seconds=HALF_S)
    return seen.line("", State.DONE, word, seen_at, server_at=_text(end_at), ended_at=_text(end_at), **told)
