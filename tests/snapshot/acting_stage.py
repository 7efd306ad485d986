"""An actor for tests of the screen: it answers as it is told to, and counts what it was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

from screen_story import StillClock, StillMonitor, fill
from textual.pilot import Pilot

from tui.acting import Progress
from tui.app.app import ScantopApp
from tui.app.signs import UNICODE_SIGNS
from tui.domain.acts import Ask, ExportProgress, Fate, JobRequest, Look, Outcome, ReportRequest, Suggestion, Suggestions
from tui.domain.problem import Problem, ProblemCode
from tui.domain.target import Target
from tui.exporting import Export
from tui.keymap import resolve
from tui.servers.kind import kinds
from tui.settings import ServerSettings, Settings, UiSettings

SERVERS = (
    ServerSettings("prod", "xray", "https://prod.example.com"),
    ServerSettings("tf", "threadfix", "https://tf.example.com/threadfix"),
    ServerSettings("sca", "codeinsight", "https://sca.example.com"),
)
FORBIDDEN = Problem(ProblemCode.FORBIDDEN, "prod refused (HTTP 403).", 403)


class StillActor:
    """Acts on nothing. `fates` are what comes of the next acts, in order; DONE where they run out."""

    def __init__(self, fates: Sequence[Fate] = (), reason: str = "") -> None:
        self.fates = list(fates)
        self.reason = reason
        self.reports: list[ReportRequest] = []
        self.jobs: list[JobRequest] = []
        self.deleted: list[str] = []
        self.asked: list[tuple[str, Ask]] = []
        self.exports: list[tuple[str, str, Path, bool]] = []
        self.names: Mapping[str, tuple[str, ...]] = {"build": ("shop-web", "shop/api"), "number": ("412", "413")}
        self.problem: Problem | None = None
        self.is_closed = False

    def servers_for(self, act: str) -> tuple[str, ...]:
        known = kinds()
        return tuple(one.name for one in SERVERS if act in known[one.kind].abilities)

    def why_not(self, server: str, act: str) -> str:
        return self.reason

    async def create_report(self, server: str, request: ReportRequest) -> tuple[Outcome, ...]:
        self.reports.append(request)
        targets = [Target(server, "report", (str(700 + i),)) for i in range(len(request.categories))]
        return tuple(
            self._outcome(f"make {category}", target)
            for category, target in zip(request.categories, targets, strict=True)
        )

    async def delete_report(self, target: Target) -> Outcome:
        self.deleted.append(target.key)
        return self._outcome("delete it", target)

    async def start_job(self, server: str, request: JobRequest) -> Outcome:
        self.jobs.append(request)
        return self._outcome("start it", Target(server, "job", ("4711",)))

    async def export_report(
        self, target: Target, form: str, path: Path, *, is_overwriting: bool, progress: Progress
    ) -> Export | Problem:
        self.exports.append((target.key, form, path, is_overwriting))
        progress(ExportProgress(1_500_000, 4_000_000))
        return self.problem or Export(path, 4_000_000)

    async def suggest(self, server: str, ask: Ask) -> Suggestions:
        self.asked.append((server, ask))
        if self.problem is not None:
            return Suggestions(ask, problem=self.problem)
        found = (name for name in self.names.get(ask.what, ()) if name.startswith(ask.prefix))
        return Suggestions(ask, tuple(Suggestion(name, "today") for name in found))

    async def aclose(self) -> None:
        self.is_closed = True

    def _outcome(self, act: str, target: Target) -> Outcome:
        fate = self.fates.pop(0) if self.fates else Fate.DONE
        if fate is Fate.DONE:
            return Outcome(act, fate, f"Done: {act} ({target.key}).", target)
        if fate is Fate.REFUSED:
            return Outcome(act, fate, f"{FORBIDDEN.text} It wants the permission 'Manage Reports'.", problem=FORBIDDEN)
        return Outcome(act, fate, f"The answer to {act} was lost; looking found none.", look=Look.NOT_FOUND)


def acting_app(actor: StillActor, ui: UiSettings | None = None, **options: Any) -> ScantopApp:
    """The app on the story, with servers in its settings and this actor."""
    monitor = StillMonitor()
    fill(monitor.store)
    settings = Settings(servers=SERVERS, ui=ui or UiSettings())
    defaults: dict[str, Any] = {"clock": StillClock(), "zone": UTC, "signs": UNICODE_SIGNS, "keymap": resolve({})}
    return ScantopApp(settings, monitor, actor=actor, **{**defaults, **options})  # type: ignore[arg-type]


async def settled(app: ScantopApp, pilot: Pilot[Any]) -> None:
    """Let what forms have started come to its end, or to a question."""
    for _ in range(5):
        await pilot.pause()


async def asked_to_the_end(app: ScantopApp, pilot: Pilot[Any]) -> None:
    """Let everything end that a form has started."""
    await app.workers.wait_for_complete([one for one in app.workers if one.group == "forms"])
    await pilot.pause()
