"""Rules for any target: whether what is shown can be trusted, how it gets on, what could not be asked."""

from __future__ import annotations

from collections.abc import Iterator

from tui.domain.deadline import has_ended, is_overdue, slack_s
from tui.domain.evidence import Case, Evidence, found
from tui.domain.problem import ProblemCode
from tui.domain.snapshot import Health
from tui.domain.state import BAD_ENDS, State
from tui.domain.stuck import Pace, span_words

_TROUBLE = {
    Health.FAILING: "cannot be asked",
    Health.REFUSED: "does not accept the token",
    Health.LATE: "has not answered in time",
    Health.PAUSED: "is not asked, because polling is paused",
}


def shown_is_old(case: Case) -> Iterator[Evidence]:
    """The last poll failed, or the server is late: what is shown is what was so then."""
    entry = case.entry
    problem = entry.problem
    trouble = _TROUBLE.get(case.health.health, "") if case.health is not None else ""
    if problem is not None and problem.code is ProblemCode.MISSING:
        if entry.record is not None:
            text = f"The server no longer knows it: {problem.text} What is shown is{_then(case)}."
            yield from found(case, "shown_is_old", text, entry.calls[-1] if entry.calls else None)
        return
    if problem is None and not entry.is_late and not trouble:
        return
    if problem is None and case.health is not None and not entry.is_late:
        problem = case.health.problem
    late = "has given no good answer for a while" if problem is not None else "has not answered in time"
    head = f"{entry.target.server} {late if trouble in ('', _TROUBLE[Health.LATE]) else trouble}"
    text = f"{head}: {problem.text}" if problem is not None else f"{head}."
    kept = f"What is shown is{_then(case)}." if entry.record is not None else "It was never seen in this run."
    bad = next((call for call in reversed(entry.calls) if call.problem is not None), None)
    yield from found(case, "shown_is_old", f"{text} {kept}", bad)


def reason_given(case: Case) -> Iterator[Evidence]:
    """The server's own words for a failure."""
    record = case.entry.record
    if record is not None and record.error:
        yield from found(case, "reason_given", f"The server's own words: {record.error}", case.own_call())
    elif record is not None and record.state is State.CANCELED:
        text = f"It was ended on the server ({record.status}), which does not tell by whom."
        yield from found(case, "reason_given", text, case.own_call())


def pace(case: Case) -> Iterator[Evidence]:
    """It is slow or stuck, by what is usual."""
    verdict = case.verdict
    if verdict.pace is not Pace.USUAL:
        word = "Stuck" if verdict.pace is Pace.STUCK else "Slow"
        yield Evidence("pace", f"{word}: {verdict.text}.", is_telling=verdict.pace is Pace.STUCK)


def deadline(case: Case) -> Iterator[Evidence]:
    """How its deadline stands."""
    seconds = slack_s(case.entry, case.now)
    if seconds is None:
        return
    span = span_words(abs(seconds))
    if has_ended(case.entry):
        text = f"It ended {span} {'before' if seconds >= 0 else 'after'} it was due."
    elif is_overdue(case.entry, case.now):
        text = f"It is overdue by {span}."
    elif case.left is not None and case.left.low_s > seconds:
        text = f"It is due in {span}, and more than that is usually left."
    else:
        text = f"It is due in {span}."
    yield Evidence("deadline", text, is_telling=False)


def server_quiet(case: Case) -> Iterator[Evidence]:
    """Nothing on the whole server finishes."""
    if case.quiet:
        yield Evidence("server_quiet", f"On all of {case.entry.target.server} {case.quiet}.")


def standing(case: Case) -> Iterator[Evidence]:
    """How things stand: the server's word, since when, what is usually left of it."""
    entry = case.entry
    if entry.record is None:
        return
    parts = [f"The server says {entry.record.status or 'nothing'}"]
    gone_s = case.gone_s(entry.since_at)
    if gone_s is not None:
        parts.append(f"and it has been {entry.state.word} for {span_words(gone_s)}")
    text = " ".join(parts)
    if case.left is not None:
        basis = f"{case.left.runs} runs {case.left.basis}".strip()
        low, high = span_words(case.left.low_s), span_words(case.left.high_s)
        text += f"; {low} to {high} are usually left (from {basis})"
    elif entry.state in BAD_ENDS:
        text += "; nothing more is expected to happen"
    yield from found(case, "standing", f"{text}.", case.own_call(), is_telling=False)


def asked_in_vain(case: Case) -> Iterator[Evidence]:
    """What would have told more could not be asked."""
    for fact in case.facts:
        if fact.problem is not None:
            status = fact.problem.http_status
            code = f"HTTP {status}: " if status and f"HTTP {status}" not in fact.problem.text else ""
            text = f"It could not be asked {fact.question.value}: {code}{fact.problem.text}"
            yield from found(case, "asked_in_vain", text, fact.call, is_telling=False)


def _then(case: Case) -> str:
    gone_s = case.gone_s(case.entry.good_at)
    return f" {span_words(gone_s)} old" if gone_s is not None else " old"
