"""Every fault of the wire: how the simulator is told, the problem's code, what the words hold, and every endpoint.

The table is read by the tests of the command line and of the monitor; WORDS.md is made of what they then see.
"""

from __future__ import annotations

from typing import NamedTuple

from tui.domain.problem import ProblemCode

TIMEOUT, REFUSED, BAD = ProblemCode.TIMEOUT, ProblemCode.REFUSED, ProblemCode.BAD_ANSWER
SERVER, TOO_LARGE, REDIRECTED = ProblemCode.SERVER_ERROR, ProblemCode.TOO_LARGE, ProblemCode.REDIRECTED
LIMITED = ProblemCode.RATE_LIMITED


class Fault(NamedTuple):
    """One line of the table. `told` is how the simulator is told."""

    what: str
    told: str
    code: ProblemCode
    words: str

    @property
    def is_slow(self) -> bool:
        """It costs a whole time limit each time."""
        return self.code is TIMEOUT


FAULTS = (
    Fault("nothing listens", "refused=600", REFUSED, "refused the connection"),
    Fault("reset as soon as it is connected", "reset-accept", REFUSED, "broke the connection"),
    Fault("reset before the answer", "reset", REFUSED, "broke the connection"),
    Fault("reset within the body", "reset-body", REFUSED, "within its answer"),
    Fault("closed before the answer", "close", REFUSED, "without an answer"),
    Fault("hang before the answer", "hang", TIMEOUT, "said nothing for"),
    Fault("hang within the body", "hang-body", TIMEOUT, "did not finish its answer"),
    Fault("one byte a second", "drip=1", TIMEOUT, "did not finish its answer"),
    Fault("slower than the limit", "slow=5", TIMEOUT, "said nothing for"),
    Fault("truncated body", "truncated", BAD, "broke off"),
    Fault("empty body", "empty", BAD, "empty"),
    Fault("invalid JSON", "invalid-json", BAD, "broken JSON"),
    Fault("half JSON", "half-json", BAD, "broken JSON"),
    Fault("100,000 brackets deep", "deep", BAD, "nested deeper than"),
    Fault("bytes that are no UTF-8", "bad-utf8", BAD, "broken JSON"),
    Fault("wrong types", "wrong-types", BAD, "The answer of"),
    Fault("nulls everywhere", "nulls", BAD, "The answer of"),
    Fault("body far over the limit", "huge=20", TOO_LARGE, "was not read to its end"),
    Fault("gzip bomb", "gzip-bomb=20", TOO_LARGE, "was not read to its end"),
    Fault("login page at 200", "login", BAD, "login page titled 'Sign in'"),
    Fault("web page at 200", "html", BAD, "web page titled 'System error'"),
    Fault("redirect to another host", "redirect-host", REDIRECTED, "http://redirected.invalid/"),
    Fault("redirect to another path", "redirect-path", REDIRECTED, "/login.jsp"),
    Fault("redirect to another scheme", "redirect-scheme", REDIRECTED, "https://"),
    Fault("redirect to itself", "redirect-loop", REDIRECTED, "redirects to"),
    Fault("400", "400", BAD, "did not accept the question"),
    Fault("401", "401", ProblemCode.UNAUTHORISED, "refused the token"),
    Fault("403", "403", ProblemCode.FORBIDDEN, "ermi"),
    Fault("404", "404", ProblemCode.MISSING, ""),
    Fault("404 with a web page", "404-page", BAD, "404"),
    Fault("409", "409", BAD, "Conflict"),
    Fault("429", "429", LIMITED, "fewer requests"),
    Fault("429 with Retry-After in seconds", "429=7", LIMITED, "fewer requests"),
    Fault("429 with Retry-After as a date", "429=date", LIMITED, "fewer requests"),
    Fault("429 with an absurd Retry-After", "429=absurd", LIMITED, "fewer requests"),
    Fault("429 with a Retry-After that is none", "429=wrong", LIMITED, "fewer requests"),
    Fault("500 with HTML", "500", SERVER, "Internal Server Error"),
    Fault("502 with HTML", "502", SERVER, "Bad Gateway"),
    Fault("503 with HTML", "503", SERVER, "Temporarily Unavailable"),
    Fault("no HTTP at all", "not-http", REFUSED, "without an answer"),
)
# What is odd but can be read is read; that, too, holds for each endpoint.
HARMLESS = ("wrong-type", "no-type", "hostile", "strange-words", "slow=0.01", "drip=0")


class Question(NamedTuple):
    """One endpoint that is polled. `key` is the target's address, "" for a list; `argv` the command that asks for it;
    `endpoints` the simulator's names of what it asks; `kind` the server's."""

    kind: str
    server: str
    endpoints: tuple[str, ...]
    key: str
    argv: tuple[str, ...]


def _target(kind: str, server: str, key: str, *endpoints: str) -> Question:
    return Question(kind, server, endpoints, key, ("status", key))


QUESTIONS: dict[str, Question] = {
    "build": _target("xray", "prod", "prod:build/my-build/1?project=my-project", "build-status"),
    "artifact": _target(
        "xray", "prod", "prod:artifact/docker-local/desktop-storage/1.0/manifest.json", "artifact-status"
    ),
    "report": _target("xray", "prod", "prod:report/1234", "reports", "report"),
    "reports": Question("xray", "prod", ("reports",), "", ("report", "list")),
    "scan": _target("threadfix", "tf", "tf:scan/6/41", "*"),
    "job": _target("codeinsight", "sca", "sca:job/1234", "jobs", "job"),
    "jobs": Question("codeinsight", "sca", ("jobs",), "", ("jobs",)),
}
