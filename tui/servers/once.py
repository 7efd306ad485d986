"""Acts that must not be asked for twice: send once, and where the answer is lost look whether it happened.

Owns when an answer counts as lost, how often is looked, and the words for what came of it. Knows no server kind and no
wire: a kind gives the sending and the looking.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from tui.clock import Clock
from tui.domain.acts import Fate, Look, Outcome
from tui.domain.problem import Problem, ProblemCode
from tui.domain.target import Target
from tui.servers.errors import ServerError

# Seconds before each look. A server that broke off may still be at work on what it was asked.
LOOKS_S = (0.0, 1.0, 3.0)
# Answers of the server itself that say "it failed"; a gateway's 502 or 504 says only that it did not wait.
OWN_FAILURES = frozenset({500, 501, 503})


class Misread(Exception):
    """The answer does not tell what was made; the problem says why. `said` is a clear yes, in the server's words."""

    def __init__(self, problem: Problem, said: str = "") -> None:
        super().__init__(problem.text)
        self.problem = problem
        self.said = said


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look showed; `target` is what was found, `problem` why it cannot be told."""

    look: Look
    target: Target | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one act. `permission` is what a 403 wants; `gone` what its absence means, for a look."""

    act: str  # "make the secrets report 'nightly'"
    done: Callable[[Target | None], str]
    permission: str
    not_found: str  # "No report of that name has appeared"
    advice: Callable[[Problem], str] = lambda problem: ""
    subject: Target | None = None  # what the act is about, where that was there before


async def once(
    clock: Clock,
    words: Words,
    send: Callable[[], Awaitable[Target | None]],
    look: Callable[[], Awaitable[Seen]],
) -> Outcome:
    """Send, exactly once. `send` gives what was made; it raises `ServerError`, or `Misread` for a yes without an id."""
    said = ""
    try:
        target = await send()
    except Misread as error:
        problem, said = error.problem, error.said
    except ServerError as error:
        problem = error.problem
        if not is_lost(error):
            return refused(words, problem)
    else:
        return Outcome(words.act, Fate.DONE, words.done(target), target)
    seen = await _look(clock, look)
    if said:
        text = _joined(words.done(seen.target), "" if seen.target is not None else f"The server says: {said}")
        return Outcome(words.act, Fate.DONE, text, seen.target, None, seen.look)
    return _looked(words, problem, seen)


def is_lost(error: ServerError) -> bool:
    """Whether the act may have happened all the same."""
    status = error.call.http_status if error.call is not None else None
    if status is None:
        return error.may_have_arrived
    # 2xx with a body that is no answer, a request that timed out at the server, its own and a gateway's errors
    return 200 <= status < 300 or status == 408 or status >= 500


def refused(words: Words, problem: Problem) -> Outcome:
    """It did not happen; a 403 says which permission the server wants."""
    advice = words.advice(problem) or problem.advice
    if problem.code is ProblemCode.FORBIDDEN:
        advice = f"It wants {words.permission}."
    told = Problem(problem.code, problem.text, problem.http_status, advice, problem.retry_after_s)
    return Outcome(words.act, Fate.REFUSED, _joined(problem.text, advice), words.subject, told)


async def _look(clock: Clock, look: Callable[[], Awaitable[Seen]]) -> Seen:
    seen = Seen(Look.CANNOT_TELL)
    for pause_s in LOOKS_S:
        await clock.sleep(pause_s)
        seen = await look()
        if seen.look is Look.FOUND or (seen.problem is not None and seen.problem.code is ProblemCode.TIMEOUT):
            break
    return seen


def _looked(words: Words, lost: Problem, seen: Seen) -> Outcome:
    if seen.look is Look.FOUND:
        text = _joined(lost.text, f"It happened all the same, as looking showed: {words.done(seen.target)}")
        return Outcome(words.act, Fate.DONE, text, seen.target, lost, Look.FOUND)
    if seen.look is Look.NOT_FOUND:
        did_fail = lost.http_status in OWN_FAILURES
        text = _joined(lost.text, words.advice(lost), f"{words.not_found}; it was asked for once and not again.")
        return Outcome(words.act, Fate.REFUSED if did_fail else Fate.UNSURE, text, words.subject, lost, Look.NOT_FOUND)
    why = seen.problem.text if seen.problem is not None else ""
    text = "Whether it happened cannot be seen" + (f": {why}" if why else ".")
    text = _joined(lost.text, text, "It was asked for once and not again: look before you do.")
    return Outcome(words.act, Fate.UNSURE, text, words.subject, lost, Look.CANNOT_TELL)


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def new_one(found: Collection[Target], known: frozenset[str] | None) -> Seen:
    """What a look at a list shows: the one target that was not there before (`known` are keys; None: not known)."""
    if known is None:
        return Seen(Look.CANNOT_TELL)
    fresh = [target for target in found if target.key not in known]
    if len(fresh) == 1:
        return Seen(Look.FOUND, fresh[0])
    return Seen(Look.CANNOT_TELL if fresh else Look.NOT_FOUND)
