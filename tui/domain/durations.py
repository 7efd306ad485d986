"""How long things took: runs kept by step and by scope, the narrowest scope with enough of them first. Pure.

A run is an interval, not a number: its ends were seen between two polls, unless the server told them. Low ends answer
"at least", high ends "at most". Seconds throughout. Knows no clock, no storage and no server kind.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from tui.domain.records import Fields
from tui.domain.snapshot import Entry
from tui.domain.state import State

MIN_RUNS = 8  # fewer say nothing: the widest of seven holds for three in four at best
NARROW_RUNS = 12  # runs that a narrower scope needs before it is preferred to a wider one with more
SAMPLES_KEPT = (
    30_000  # steps by scope; names made of hashes would add some for ever, so what got no run for longest goes
)
KEPT_RUNS = 300  # newest runs of one step and scope; older ones tell of servers that have changed since
VAGUE_S = 30.0  # seconds between a run's low and high end that are always taken: a few slow polls
VAGUE_SHARE = 0.5  # … beyond that, as a share of the high end; vaguer runs would widen every range for nothing

_VERSION = re.compile(r"v?\d+(?:[.-]\d+)+.*|\d+")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run is a run of. `family` is the name without its numbers: all builds of a name are one."""

    server: str
    kind: str
    type: str = ""
    project: str = ""
    family: str = ""

    def ladder(self) -> tuple[Scope, ...]:
        """The scopes that this one is part of, the narrowest first. Types are never mixed: their times have nothing
        to do with each other."""
        whole = replace(self, project="", family="")
        named = (self,) if self.family else ()
        owned = (replace(self, family=""),) if self.project else ()
        return (*named, *owned, whole)

    @property
    def words(self) -> str:
        """What its runs have in common, for a person."""
        if self.family:
            return "of the same name"
        if self.project:
            return "of the same project"
        return "of the same type" if self.type else "of this kind"


class Run(NamedTuple):
    """One run: it took between `low_s` and `high_s`.

    `gap_s` is how long the step that it is the rest of was the newest thing known (`high_s` where that says nothing).
    """

    low_s: float
    high_s: float
    gap_s: float

    @property
    def is_vague(self) -> bool:
        """Nobody looked for too long to say how long it took."""
        return self.high_s - self.low_s > max(VAGUE_S, VAGUE_SHARE * self.high_s)


class Sample:
    """The newest runs of one step in one scope."""

    __slots__ = ("_highs", "_lows", "_runs")

    def __init__(self) -> None:
        self._runs: deque[Run] = deque(maxlen=KEPT_RUNS)
        self._lows: list[float] | None = None
        self._highs: list[float] | None = None

    def __len__(self) -> int:
        return len(self._runs)

    def __iter__(self) -> Iterator[Run]:
        return iter(self._runs)

    def add(self, run: Run) -> None:
        """Take one more; the oldest goes where there are too many."""
        self._runs.append(run)
        self._lows = self._highs = None

    def at_least(self, share: float) -> float:
        """The quantile of the low ends, seconds; ValueError without any run."""
        if self._lows is None:
            self._lows = sorted(run.low_s for run in self._runs)
        return quantile(self._lows, share)

    def at_most(self, share: float) -> float:
        """The quantile of the high ends, seconds; ValueError without any run."""
        if self._highs is None:
            self._highs = sorted(run.high_s for run in self._runs)
        return quantile(self._highs, share)


class Found(NamedTuple):
    """Runs that answer a question, and what they are runs of."""

    scope: Scope
    sample: Sample


class Durations:
    """All runs that are known, by scope and step."""

    def __init__(self) -> None:
        self._samples: dict[tuple[Scope, str], Sample] = {}

    def add(self, scope: Scope, step: str, run: Run) -> None:
        """Take a run of a step; a vague or impossible one is left out."""
        if run.is_vague or not 0 <= run.low_s <= run.high_s:
            return
        for each in scope.ladder():
            sample = self._samples.pop((each, step), None)  # what was added to last stands last
            if sample is None:
                sample = Sample()
            sample.add(run)
            self._samples[each, step] = sample
        while len(self._samples) > SAMPLES_KEPT:
            del self._samples[next(iter(self._samples))]

    def find(self, scope: Scope, step: str, least: int = MIN_RUNS) -> Found | None:
        """The runs to judge by: of the narrowest scope with `NARROW_RUNS`, else of the widest with `least`."""
        widest: Found | None = None
        for each in scope.ladder():
            sample = self._samples.get((each, step))
            if sample is None:
                continue
            widest = Found(each, sample)
            if len(sample) >= max(NARROW_RUNS, least):
                return widest
        return widest if widest is not None and len(widest.sample) >= least else None

    def steps(self) -> Iterator[tuple[Scope, str, Sample]]:
        """Everything that is known, for tables."""
        for (scope, step), sample in self._samples.items():
            yield scope, step, sample


def quantile(ordered: list[float], share: float) -> float:
    """The quantile of ascending numbers, between two of them in proportion; ValueError for none."""
    if not ordered:
        raise ValueError("there is nothing to take a quantile of")
    place = min(1.0, max(0.0, share)) * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def wait_step(part: str) -> str:
    """The step in which a part waits, from its first sign to its start."""
    return f"{part}|wait"


def run_step(part: str) -> str:
    """The step in which a part runs, from its start to its end."""
    return f"{part}|run"


def rest_step(part: str, state: State) -> str:
    """What is left of the whole target once this part has come into this state."""
    return f"{part}|>{state.value}"


def scope_of(address: str, kind_type: str, project: str) -> Scope:
    """The scope of a target by its address; type and project as the server tells them, "" where it does not."""
    head, _, query = address.partition("?")
    server, _, path = head.partition(":")
    kind, *parts = path.split("/")
    if not parts:
        return Scope(server, kind, kind_type, project)
    named = ["#" if _VERSION.fullmatch(part) and len(parts) > 2 else part for part in parts[:-1]]
    last = _DIGITS.sub("#", parts[-1])
    family = "/".join([*named, last]) if named or last != "#" else ""
    return Scope(server, kind, kind_type, project, f"{family}?{query}" if family and query else family)


def scope_of_entry(entry: Entry) -> Scope:
    """The scope of a target that is known now."""
    kind_type, project = facts_of(entry)
    return scope_of(entry.key, kind_type, project)


def facts_of(entry: Entry) -> tuple[str, str]:
    """Type and project of an entry in the server's own words, "" where it tells none."""
    detail = entry.record.detail if entry.record is not None else Fields()
    project = detail.get("project")
    name = project.text("name") or project.text("id") if isinstance(project, Fields) else str(project or "")
    return detail.text("type") or detail.text("category"), entry.target.param("project") or name
