"""What `scantop doctor` asks a server: harmless questions, one for each endpoint that scantop uses.

Owns the form of a probe and what an answer to it means. Each kind brings its own probes (``<kind>/probes.py``); nothing
here knows a kind, and no probe makes, changes or deletes anything.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from tui.domain.problem import Problem, ProblemCode
from tui.secrets import Secret
from tui.servers.body import is_html
from tui.servers.errors import ServerError
from tui.servers.http import HttpAnswer

NOWHERE = "scantop-doctor"  # the name of a thing that no server has: asking for it shows the permission and no more
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)


class Verdict(StrEnum):
    """How a step ended. A note is worth reading and stops nothing; what was not tried stands on what failed."""

    OK = "ok"
    NOTE = "note"
    FAILED = "failed"
    NOT_TRIED = "not_tried"


@dataclass(frozen=True, slots=True)
class Probe:
    """One endpoint. `purpose` is what scantop uses it for, `permission` what a token needs there, `since` the release
    that brought it ("" if all have it). Without an `is_needed` one something works less well, and the rest goes on.

    `ask` raises `ServerError`; a `MISSING` problem means that the question was understood and the thing is not there.
    """

    endpoint: str
    purpose: str
    permission: str
    ask: Callable[[], Awaitable[HttpAnswer]]
    since: str = ""
    is_needed: bool = True


@dataclass(frozen=True, slots=True)
class Release:
    """What a server says of its own release. `text` is "" where it does not tell; then `note` says what is known.

    `is_shown`: that its endpoints answer shows by itself that the release is one that fits.
    """

    text: str = ""
    note: str = ""
    is_shown: bool = False


@dataclass(frozen=True, slots=True)
class Probes:
    """Everything that one kind's doctor asks. The first probe also shows whether the token is taken.

    `release` raises `ServerError`. `name_token` says what kind of token a secret is by its looks. `untried`
    says in sentences what is used but changes something, so is not asked.
    """

    product: str
    probes: tuple[Probe, ...]
    release: Callable[[], Awaitable[Release]]
    untried: tuple[str, ...] = ()
    name_token: Callable[[Secret], str] = lambda secret: "a token"


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one probe; `answer` is what the server sent, None where nothing whole came."""

    probe: Probe
    verdict: Verdict
    problem: Problem | None = None
    answer: HttpAnswer | None = None


async def ask(probe: Probe) -> Finding:
    """Ask once and judge. Raises nothing that a server can bring about."""
    try:
        return Finding(probe, Verdict.OK, None, await probe.ask())
    except ServerError as error:
        problem, answer = error.problem, error.answer
    if problem.code is ProblemCode.MISSING:
        if answer is None or not is_html(answer.text):
            return Finding(probe, Verdict.OK, None, answer)
        text = f"There is no such path on this server (HTTP {answer.status}, with a page)."
        advice = "Check the server's url" + (f" and its release: this came with {probe.since}." if probe.since else ".")
        problem = replace(problem, code=ProblemCode.BAD_ANSWER, text=text, advice=advice)
    return Finding(probe, Verdict.FAILED if probe.is_needed else Verdict.NOTE, problem, answer)


def is_older(release: str, needed: str) -> bool:
    """Whether a release lies before another, by the numbers in both: 3.79.0 before 3.80.9, 2022 R4 before 2023 R1.

    False where either has no number: what cannot be compared is no reason to warn.
    """
    have, want = ([int(number) for number in _NUMBER.findall(text)] for text in (release, needed))
    return bool(have) and bool(want) and have < want
