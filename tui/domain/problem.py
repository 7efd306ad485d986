"""Expected failures as values: what happened, what still holds, what to do. Never an exception outside `servers`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ProblemCode(StrEnum):
    """The closed list that scripts may rely on (`status --json`, exit codes)."""

    UNAUTHORISED = "unauthorised"
    FORBIDDEN = "forbidden"
    MISSING = "missing"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    TLS = "tls"
    DNS = "dns"
    SERVER_ERROR = "server_error"
    BAD_ANSWER = "bad_answer"
    TOO_LARGE = "too_large"
    REDIRECTED = "redirected"
    RATE_LIMITED = "rate_limited"
    INTERNAL = "internal"  # a mistake in scantop, never the server's


REFUSALS = frozenset({ProblemCode.UNAUTHORISED, ProblemCode.FORBIDDEN})
# The whole server is in trouble, not one target of it.
SERVER_WIDE = frozenset(ProblemCode) - {
    ProblemCode.MISSING,
    ProblemCode.FORBIDDEN,
    ProblemCode.BAD_ANSWER,
    ProblemCode.INTERNAL,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One expected failure.

    `text` is one sentence for a person, free of secrets and of control characters; `advice` says what to do ("" if
    nothing can be said); `retry_after_s` is what the server asked us to wait, in seconds. `is_everywhere`: whatever is
    asked there would likely be answered so (a login page), so that an answer that cannot be read is not one target's.
    """

    code: ProblemCode
    text: str
    http_status: int | None = None
    advice: str = ""
    retry_after_s: float | None = None
    is_everywhere: bool = False

    @property
    def words(self) -> str:
        """What happened and what to do, for places that have no room of their own for the advice."""
        return f"{self.text} {self.advice}" if self.advice else self.text
