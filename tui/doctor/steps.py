"""What a look at a server is made of: steps with a verdict, a sentence, and one that says how to mend it. Values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tui.domain.problem import Problem, ProblemCode
from tui.servers.probing import Verdict

Fact = str | int | float | bool | None | tuple[str, ...]
NAMES = ("name", "connection", "tls", "authentication", "permission", "version", "clock", "latency")


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `code` is the problem's, where one was met; `facts` are the figures behind the sentence."""

    name: str
    verdict: Verdict
    text: str
    advice: str = ""
    code: ProblemCode | None = None
    http_status: int | None = None
    facts: tuple[tuple[str, Fact], ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """All steps of one server."""

    name: str
    kind: str
    title: str
    url: str
    steps: tuple[Step, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of the steps."""
        return worst(step.verdict for step in self.steps)


# What can be done where a problem brings no advice of its own.
_ADVICE: Mapping[ProblemCode, str] = MappingProxyType(
    {
        ProblemCode.SERVER_ERROR: "Its own log says more: ask whoever runs it, and look again once it is well.",
        ProblemCode.TIMEOUT: "Look at the network and the server's load; answer_timeout gives it more time.",
        ProblemCode.REFUSED: "Check that it is up, and whether a firewall or a proxy stands between.",
        ProblemCode.RATE_LIMITED: "Wait, and lower budget_per_minute for this server.",
        ProblemCode.TOO_LARGE: "answer_bytes takes longer answers, if this is an honest one.",
    }
)
_OTHER_ADVICE = "Check the server's url: something else may answer there."


def advice_for(problem: Problem) -> str:
    """What to do about a problem; never empty."""
    return problem.advice or _ADVICE.get(problem.code, _OTHER_ADVICE)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Failed before note before ok; ok for none."""
    found = set(verdicts)
    return next((each for each in (Verdict.FAILED, Verdict.NOTE) if each in found), Verdict.OK)


def failed(name: str, problem: Problem, facts: tuple[tuple[str, Fact], ...] = ()) -> Step:
    """A step that met a problem."""
    return Step(name, Verdict.FAILED, problem.text, advice_for(problem), problem.code, problem.http_status, facts)


def not_tried(names: Iterable[str], because: str) -> list[Step]:
    """The steps that stand on one that failed."""
    return [Step(name, Verdict.NOT_TRIED, f"not tried, since {because}") for name in names]
