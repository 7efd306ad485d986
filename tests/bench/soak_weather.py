"""The weather of a soak: seeded faults that come every few seconds, stay a while, and go.

Owns which faults there are and how long scantop may stay away after each, by the rules of its back-off that are
published (`tui.polling.backoff`): they bound what a fault may hide.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from tui.polling.backoff import (
    FORBIDDEN_BASE_S,
    RATE_LIMITED_BASE_S,
    REFUSED_BASE_S,
    REFUSED_CEILING_S,
    SOURCE_CEILING_S,
)

# Faults that strike one question, and those that strike a whole server; none of them tells anything untrue of a target.
FAULTS = (
    "reset",
    "reset-body",
    "close",
    "truncated",
    "500",
    "502",
    "503",
    "429",
    "429=3",
    "401",
    "403",
    "400",
    "login",
    "html",
    "empty",
    "invalid-json",
    "half-json",
)
HANGING = ("hang", "hang-body")  # last as long as an answer may take, in real time whatever the clock
WHOLE = ("refused=600", "reset-accept")
ENDPOINTS = {
    "xray": ("build-status", "artifact-status", "reports", "report", "build-versions"),
    "threadfix": ("scan-status",),
    "codeinsight": ("jobs", "job"),
}
BASES = {"401": REFUSED_BASE_S, "403": FORBIDDEN_BASE_S, "429": RATE_LIMITED_BASE_S, "429=3": RATE_LIMITED_BASE_S}
CEILING_S = max(SOURCE_CEILING_S, REFUSED_CEILING_S)


@dataclass(frozen=True, slots=True)
class Storm:
    """One fault, from when till when (wall seconds)."""

    server: str
    text: str
    begin_s: float
    end_s: float

    @property
    def name(self) -> str:
        """The fault alone."""
        return self.text.partition(":")[2].partition("@")[0]


def storms(
    seed: int, begin_s: float, end_s: float, every_s: float, lasting_s: tuple[float, float], *, may_hang: bool
) -> Iterator[Storm]:
    """Storms from one time to another; the last has gone by its end."""
    chance = random.Random(f"weather {seed}")
    faults = (*FAULTS, *HANGING) if may_hang else FAULTS
    at_s = begin_s
    while True:
        at_s += every_s * chance.uniform(0.5, 1.5)
        until_s = at_s + chance.uniform(*lasting_s)
        if until_s >= end_s:
            return
        server = chance.choice(sorted(ENDPOINTS))
        if chance.random() < 0.15:
            text = f"{server}:{chance.choice(WHOLE)}"
        else:
            endpoint = chance.choice(("*", *ENDPOINTS[server]))
            share = chance.choice(("", "@0.5"))
            name = chance.choice(faults)
            if name in BASES:  # keep us away for minutes: too many of them, and nothing would be asked
                name = chance.choice((name, *FAULTS))
            text = f"{server}:{name}{share}" if endpoint == "*" else f"{server}/{endpoint}:{name}{share}"
        yield Storm(server, text, at_s, until_s)


def longest_s(names: set[str], lasted_s: float, active_s: float) -> float:
    """How long after trouble that lasted so long the next question may come, at most.

    Waits double from a base, of which a random half may be taken off: the wait that is on after `lasted_s` cannot be
    longer than twice that and the base.
    """
    base_s = max((BASES.get(name, active_s) for name in names), default=active_s)
    return min(CEILING_S, 2 * lasted_s + base_s)
