"""The stories that can be told, as values: how big, how busy, how often things go wrong.

Knows no server and no wire. A number that is not a rate or a count is in story seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches


class UnknownName(ValueError):
    """A scenario, fault or variant that does not exist; the message is one sentence with the nearest right one."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One story. `targets` and `jobs` are the sizes unless the caller says otherwise."""

    name: str
    summary: str
    targets: int = 48
    jobs: int = 437
    build_every_s: float = 240.0  # a new number of one build name
    rescan_s: tuple[float, float] = (240.0, 420.0)  # from one scan of a thing to its next
    report_every_s: float = 25.0
    job_every_s: float = 10.0
    update_every_s: float = 900.0  # from one PDL Update or Library Refresh to the next
    update_s: float = 100.0
    trouble: float = 0.18  # share of things that do not end well
    stuck: float = 0.02  # share of scans and jobs that never end
    latest_names: int = 2  # build names that are watched by their newest numbers
    is_still: bool = False  # nothing new comes
    is_hostile: bool = False
    is_documents: bool = False  # only what the vendors' documents show
    faults: tuple[str, ...] = field(default=())


SCENARIOS = (
    Scenario("day", "a working day: everything moves, a few things fail"),
    Scenario(
        "documents",
        "exactly what the vendors' documents show",
        targets=0,
        jobs=0,
        is_still=True,
        is_documents=True,
    ),
    Scenario(
        "quiet",
        "a night: nearly everything has ended",
        targets=20,
        jobs=120,
        build_every_s=7200.0,
        rescan_s=(20000.0, 40000.0),
        report_every_s=1800.0,
        job_every_s=240.0,
        update_every_s=14400.0,
        trouble=0.05,
        stuck=0.0,
    ),
    Scenario(
        "busy",
        "the evening of a release: long queues, work arriving all the time",
        targets=200,
        jobs=5000,
        build_every_s=120.0,
        report_every_s=8.0,
        job_every_s=7.5,
    ),
    Scenario(
        "stuck",
        "scans that never end, jobs held up by an update",
        stuck=0.4,
        update_every_s=2400.0,
        update_s=2000.0,
    ),
    Scenario(
        "broken",
        "hostile text in every name, and servers that fail",
        targets=30,
        jobs=200,
        is_hostile=True,
        trouble=0.5,
        faults=(
            "threadfix:503@0.4",
            "xray:slow=1@0.15",
            "xray:half-json@0.1",
            "xray:429=3@0.05",
            "codeinsight:login@0.1",
            "codeinsight:reset-body@0.1",
        ),
    ),
)


def nearest(what: str, given: str, known: list[str]) -> UnknownName:
    """The error for `given`, with the nearest of `known`, or all of them where none is near."""
    near = get_close_matches(given, known, 1, 0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}."
    return UnknownName(f"there is no {what} {given!r}; {hint}")


def scenario(name: str) -> Scenario:
    """The scenario of that name; raises `UnknownName`."""
    for each in SCENARIOS:
        if each.name == name:
            return each
    raise nearest("scenario", name, [each.name for each in SCENARIOS])
