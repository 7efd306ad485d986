"""The sentences of the messages screen. Server text in them is as hostile as it came: the screen cleans it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from tui.domain.problem import Problem, ProblemCode
from tui.domain.snapshot import Entry, ListState, Transition
from tui.domain.state import BAD_ENDS, State
from tui.polling.messages import Message, MessageKind
from tui.polling.observe import CATEGORY_SIGN
from tui.polling.outage import Verdict, verdict
from tui.settings import WatchedLatest

ERROR_SHOWN = 160  # characters of a server's error in a message; the detail view has it whole
WAITING = "Waiting to appear: "


def note(at: datetime, text: str, server: str = "", key: str = "", tone: str = "") -> Message:
    """A sentence of scantop's own."""
    return Message(at, MessageKind.NOTE, server, key, text, tone)


def waiting_to_appear(problem: Problem) -> Problem:
    """A "missing" within the grace time says that it may still come; other problems are as they are."""
    if problem.code is not ProblemCode.MISSING or problem.text.startswith(WAITING):
        return problem
    return replace(problem, text=WAITING + problem.text)


def transition_message(entry: Entry, transition: Transition) -> Message:
    """One change of a target, a stage or a category."""
    before = transition.before.word if transition.before is not None else "nothing"
    after = transition.after.word
    if transition.after is State.UNKNOWN and transition.status:
        after = f"{after} ({transition.status})"
    part = transition.part.removeprefix(CATEGORY_SIGN).replace("_", " ")
    subject = f"{entry.name}: {part}" if part else entry.name
    text = f"{subject} went from {before} to {after}"
    error = entry.record.error if entry.record is not None and transition.after in BAD_ENDS and not part else ""
    if error:
        text += ": " + " ".join(error.split())[:ERROR_SHOWN]
    return Message(
        transition.seen_at, MessageKind.TRANSITION, entry.target.server, entry.key, text, transition.after.value
    )


def _is_own(problem: Problem | None) -> bool:
    """The problem is the target's, so that it is told of here and not once for the whole server."""
    return problem is not None and verdict(problem) is not Verdict.DOWN


def problem_message(server: str, before: Entry, after: Entry, at: datetime) -> Iterator[Message]:
    """A target cannot be read any more, or for another reason than before."""
    problem = after.problem
    if problem is None or not _is_own(problem):
        return
    if before.problem is not None and before.problem.code is problem.code:
        return
    tone = State.MISSING.value if problem.code is ProblemCode.MISSING else "bad"
    yield Message(at, MessageKind.PROBLEM, server, after.key, f"{after.name}: {problem.text}", tone)


def recovered_message(server: str, before: Entry, after: Entry, at: datetime) -> Iterator[Message]:
    """A target can be read again (one that was missing says so by its transition)."""
    if after.problem is not None or before.problem is None or before.record is None or not _is_own(before.problem):
        return
    yield Message(at, MessageKind.RECOVERED, server, after.key, f"{after.name} can be read again", after.state.value)


def list_problem_message(server: str, state: ListState, problem: Problem, at: datetime) -> Iterator[Message]:
    """A list cannot be read; only where that is not the whole server's trouble."""
    if _is_own(problem):
        yield Message(at, MessageKind.PROBLEM, server, state.query.key, f"{state.query.key}: {problem.text}", "bad")


def latest_message(item: WatchedLatest, problem: Problem, at: datetime) -> Iterator[Message]:
    """The newest of a name cannot be found out."""
    if _is_own(problem):
        text = f"The newest of {item.name or 'all'} are not known: {problem.text}"
        yield Message(at, MessageKind.PROBLEM, item.server, item.server, text, "bad")


def outage_message(server: str, problem: Problem, at: datetime) -> Message:
    """The server cannot be asked, or refuses."""
    text = f"{server}: {problem.text}" + (f" {problem.advice}" if problem.advice else "")
    return Message(at, MessageKind.PROBLEM, server, server, text, "bad")


def server_back_message(server: str, after_s: float, at: datetime) -> Message:
    """The server answers again, `after_s` seconds after it stopped."""
    span = f"{after_s:.0f} s" if after_s < 120 else f"{after_s / 60:.0f} min"
    return Message(at, MessageKind.RECOVERED, server, server, f"{server} answers again, after {span}", State.DONE.value)


def overload_message(server: str, needed: float, budget: int, at: datetime) -> Message:
    """What is watched needs more requests than may be sent."""
    text = (
        f"{server}: what is watched would need about {needed:.0f} requests a minute and the budget is {budget}, "
        "so each is asked less often; raise budget_per_minute or poll.active if the server can bear it"
    )
    return note(at, text, server, server)
