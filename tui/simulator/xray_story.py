"""The story of builds and artifacts: when each is published, and how far each stage of its scan is at a moment.

All times are story seconds. Everything is worked out from the seed, the name and the moment, so ten thousand targets
cost nothing until they are asked for. Knows no wire: words are Xray's, shapes are ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tui.simulator import names
from tui.simulator.chance import Draw
from tui.simulator.scenarios import Scenario

NEVER = float("inf")
STAGES = ("sca", "contextual_analysis", "exposures", "violations")
CATEGORIES = ("secrets", "services", "applications", "iac")
ENDED = frozenset({"DONE", "PARTIAL", "FAILED", "NOT_SUPPORTED"})


@dataclass(frozen=True, slots=True)
class Seen:
    """A status word and when it came about."""

    word: str
    at_s: float


@dataclass(frozen=True, slots=True)
class ScanView:
    """One scan at one moment: overall, the stages it reports, the categories of its exposures."""

    overall: Seen
    stages: dict[str, Seen]
    categories: dict[str, Seen]


@dataclass(frozen=True, slots=True)
class Step:
    """A stage's plan: pending, running, ended; before it pends it is not scanned."""

    pending_s: float
    start_s: float
    end_s: float
    end_word: str = "DONE"

    def at(self, t: float, began_s: float) -> Seen:
        """What is seen at `t` of a scan that began at `began_s`."""
        if t >= self.end_s:
            return Seen(self.end_word, self.end_s)
        if t >= self.start_s:
            return Seen("SCANNING", self.start_s)
        if t >= self.pending_s:
            return Seen("PENDING", self.pending_s)
        return Seen("NOT_SCANNED", began_s)


@dataclass(frozen=True, slots=True)
class Line:
    """What numbers are published of one name: number `base + n` at `phase_s + n * every_s`."""

    name: str
    project: str
    base: int
    phase_s: float
    every_s: float

    def published_s(self, number: int) -> float:
        """When that number is published."""
        return self.phase_s + (number - self.base) * self.every_s

    def newest(self, t: float) -> int:
        """The newest number at `t`."""
        return self.base + int((t - self.phase_s) // self.every_s)


@dataclass(slots=True)
class ScanStory:
    """Builds and artifacts of one seed and scenario."""

    seed: int
    scenario: Scenario
    builds: int
    artifacts: int
    _lines: dict[tuple[str, int], Line] = field(default_factory=dict)

    @property
    def build_names(self) -> int:
        """How many build names there are."""
        return 0 if self.scenario.is_documents else max(6, self.builds // 4)

    @property
    def image_names(self) -> int:
        """How many images there are."""
        return 0 if self.scenario.is_documents else max(4, self.artifacts // 3)

    def line(self, kind: str, index: int) -> Line:
        """The `index`-th build or image (`kind` is ``build`` or ``image``)."""
        found = self._lines.get((kind, index))
        if found is None:
            draw = Draw(self.seed, kind, index)
            every_s = self.scenario.build_every_s * draw.between(0.8, 1.3)
            found = Line(
                name=names.service(self.seed, index if kind == "build" else index + 3),
                project=draw.one_of(names.PROJECT_KEYS) if kind == "build" else "",
                base=draw.whole(40, 900),
                # The watch list names the next number of every fifth: it must not be long in coming.
                phase_s=draw.between(25, 55) - every_s if index % 5 == 0 else -draw.number() * every_s,
                every_s=every_s,
            )
            self._lines[kind, index] = found
        return found

    def find(self, kind: str, name: str) -> Line | None:
        """The build or image of that name."""
        index = names.service_index(self.seed, name)
        if index is None:
            return None
        index -= 0 if kind == "build" else 3
        count = self.build_names if kind == "build" else self.image_names
        return self.line(kind, index) if 0 <= index < count else None

    def is_published(self, line: Line, number: int, t: float) -> bool:
        """True if that number can be asked for at `t`: numbers count from 1 and appear one by one."""
        return 1 <= number <= line.newest(t)

    def watched_builds(self) -> Iterator[tuple[Line, int]]:
        """The builds that the watch list names; every fifth appears only after a while."""
        for place in range(self.builds):
            round_, index = divmod(place, self.build_names)
            line = self.line("build", index)
            yield line, line.base + (1 if round_ == 1 and index % 5 == 0 else -round_)

    def watched_images(self) -> Iterator[tuple[int, Line, int]]:
        """The images that the watch list names, with their index."""
        for place in range(self.artifacts):
            index = place % self.image_names
            line = self.line("image", index)
            yield index, line, line.base - place // self.image_names

    def view(self, kind: str, line: Line, number: int, t: float) -> ScanView:
        """How the scan of that number stands at `t`, which must not lie before its publication."""
        return self.round(kind, line, number, t)[0].at(t)

    def round(self, kind: str, line: Line, number: int, t: float) -> tuple[ScanPlan, float]:
        """The scan that is on at `t` of that number, and when the next one of it begins."""
        draw = Draw(self.seed, kind, line.name, number)
        low, high = self.scenario.rescan_s
        every_s = draw.between(low, high)
        published_s = line.published_s(number)
        if self.scenario.is_still:
            published_s -= every_s
        # Old numbers are in the middle of their rounds when the story starts, not all at its beginning.
        phase_s = published_s if number >= line.base else published_s - draw.number() * every_s
        round_ = int(max(0.0, t - phase_s) // every_s)
        began_s = phase_s + round_ * every_s
        draw = Draw(self.seed, kind, line.name, number, round_)
        return plan_of(draw, self.scenario, kind, began_s), began_s + every_s


@dataclass(frozen=True, slots=True)
class ScanPlan:
    """One round of one scan from its beginning to its end."""

    fate: str
    began_s: float
    sca: Step
    contextual: Step
    violations: Step
    categories: dict[str, Step]

    def at(self, t: float) -> ScanView:
        """How it stands at `t`."""
        began_s = self.began_s
        categories = {name: step.at(t, began_s) for name, step in self.categories.items()}
        stages = {"sca": self.sca.at(t, began_s), "contextual_analysis": self.contextual.at(t, began_s)}
        if categories:
            stages["exposures"] = _together(categories, began_s)
        stages["violations"] = self.violations.at(t, began_s)
        return ScanView(_overall(stages, self.fate, began_s), stages, categories)

    def moments(self) -> list[float]:
        """Every moment at which something of it changes, in order, without those that never come."""
        steps = (self.sca, self.contextual, self.violations, *self.categories.values())
        found = {at_s for step in steps for at_s in (step.pending_s, step.start_s, step.end_s)}
        return sorted(at_s for at_s in found if at_s < NEVER)


def plan_of(draw: Draw, scenario: Scenario, kind: str, began_s: float) -> ScanPlan:
    """The plan of one round that begins at `began_s`."""
    fate = draw.weighted(
        (
            ("done", 1.0 - scenario.trouble - scenario.stuck),
            ("stuck", scenario.stuck),
            ("sca", scenario.trouble * 0.2),
            ("contextual_analysis", scenario.trouble * 0.2),
            ("violations", scenario.trouble * 0.25),
            ("violations-missed", scenario.trouble * 0.15),
            ("exposures", scenario.trouble * 0.2),
        )
    )
    sca_s = began_s + draw.between(4, 25)
    sca = Step(began_s, sca_s, sca_s + draw.between(15, 60), "FAILED" if fate == "sca" else "DONE")
    ca_s = sca.end_s + draw.between(2, 12)
    ca_word = "FAILED" if fate == "contextual_analysis" else "DONE"
    contextual = Step(sca.end_s, ca_s, ca_s + draw.between(20, 80), ca_word)
    if draw.is_one_in(0.12):
        contextual = Step(began_s, began_s, began_s, "NOT_SUPPORTED")
    secrets = _categories(draw, kind, fate, sca.end_s)
    ready_s = max(sca.end_s, contextual.end_s)
    violations_s = ready_s + draw.between(2, 8)
    violations = Step(
        ready_s, violations_s, violations_s + draw.between(5, 20), "FAILED" if fate == "violations" else "DONE"
    )
    if fate == "stuck":
        sca, contextual, violations = _stall(draw, sca, contextual, violations)
    if fate == "sca":
        contextual = Step(NEVER, NEVER, NEVER)
        secrets = {name: Step(NEVER, NEVER, NEVER) for name in secrets}
        violations = Step(NEVER, NEVER, NEVER)
    if fate == "violations-missed":
        violations = Step(NEVER, NEVER, NEVER)
    return ScanPlan(fate, began_s, sca, contextual, violations, secrets)


def _categories(draw: Draw, kind: str, fate: str, ready_s: float) -> dict[str, Step]:
    """The exposure categories: every artifact has them, a build mostly; infrastructure code seldom applies."""
    has_some = draw.is_one_in(0.7) or kind == "image"
    is_supported = draw.is_one_in(0.88)
    iac = draw.is_one_in(0.3)
    if not has_some:
        return {}
    found = {}
    for place, name in enumerate(CATEGORIES):
        start_s = ready_s + 3 + 9 * place + draw.between(0, 8)
        if not is_supported or (name == "iac" and not iac):
            found[name] = Step(ready_s, ready_s, ready_s, "NOT_SUPPORTED")
        else:
            word = "FAILED" if fate == "exposures" and place == 1 else "DONE"
            found[name] = Step(ready_s, start_s, start_s + 15 + 20 * draw.number() * (place + 1), word)
    return found


def _stall(draw: Draw, sca: Step, contextual: Step, violations: Step) -> tuple[Step, Step, Step]:
    """The same three stages with one of them never ending (or never starting), and nothing after it."""
    never = Step(NEVER, NEVER, NEVER)
    if draw.is_one_in(0.5):
        return Step(sca.pending_s, NEVER, NEVER), never, never
    return sca, Step(contextual.pending_s, contextual.start_s, NEVER), never


def _together(categories: dict[str, Seen], began_s: float) -> Seen:
    """What the exposures stage says of its categories."""
    words = {seen.word for seen in categories.values()}
    last_s = max(seen.at_s for seen in categories.values())
    first_s = min(seen.at_s for seen in categories.values())
    if words == {"NOT_SUPPORTED"}:
        return Seen("NOT_SUPPORTED", last_s)
    if words <= ENDED:
        return Seen("PARTIAL" if "FAILED" in words else "DONE", last_s)
    if "SCANNING" in words or words & (ENDED - {"NOT_SUPPORTED"}):
        return Seen("SCANNING", first_s)
    if "PENDING" in words:
        return Seen("PENDING", first_s)
    return Seen("NOT_SCANNED", began_s)


def _overall(stages: dict[str, Seen], fate: str, began_s: float) -> Seen:
    """Xray's word for the whole, no reliable sum of its parts: with violations that were missed it still says DONE."""
    words = {seen.word for seen in stages.values()}
    last_s = max(seen.at_s for seen in stages.values())
    if "SCANNING" in words:
        return Seen("SCANNING", stages["sca"].at_s)
    if fate == "sca" and stages["sca"].word == "FAILED":
        return Seen("FAILED", last_s)
    if fate == "violations-missed" and words <= ENDED | {"NOT_SCANNED"} and stages["contextual_analysis"].word in ENDED:
        return Seen("DONE", last_s)
    if words <= ENDED:
        bad = "FAILED" if stages["violations"].word == "FAILED" else "PARTIAL"
        return Seen(bad if words & {"FAILED", "PARTIAL"} else "DONE", last_s)
    return Seen("PENDING", began_s)
