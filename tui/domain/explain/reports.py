"""Rules for reports that a server makes: how many it keeps, how many it makes at once."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tui.domain.evidence import Case, Evidence, Question, found, last_call
from tui.domain.problem import ProblemCode
from tui.domain.state import ACTIVE, State

_LIMIT = re.compile(
    r"too many reports|(report|saved).{0,40}\blimit\b|\blimit\b.{0,40}report|maximum.{0,40}report", re.I
)


def limit_reached(case: Case) -> Iterator[Evidence]:
    """The server keeps no more reports, by its own numbers or its own words."""
    entry = case.entry
    if entry.target.kind != "report":
        return
    fact = case.fact(Question.REPORTS_KEPT)
    if fact is not None and fact.count is not None and fact.limit is not None and fact.count >= fact.limit > 0:
        text = (
            f"The limit of reports is reached: {fact.count} of {fact.limit} are kept. No more are made until some go."
        )
        yield from found(case, "limit_reached", text, fact.call)
        return
    said = entry.record.error if entry.record is not None else ""
    said = said or (entry.problem.text if entry.problem is not None else "")
    is_told = entry.problem is not None and entry.problem.code is ProblemCode.RATE_LIMITED
    if said and _LIMIT.search(said) and (is_told or entry.state is State.FAILED or entry.record is None):
        text = "The limit of reports is reached, by the server's words; no more are made until some are deleted."
        yield from found(case, "limit_reached", text, case.own_call())


def others_run(case: Case) -> Iterator[Evidence]:
    """Others are being made at this moment."""
    entry = case.entry
    if entry.target.kind != "report" or entry.state not in ACTIVE:
        return
    running = [one for one in case.others if one.target.kind == "report" and one.state is State.RUNNING]
    if running:
        many = "1 other report is" if len(running) == 1 else f"{len(running)} other reports are"
        text = f"{many} being made on the same server now."
        yield from found(case, "others_run", text, last_call(running[0]), about=running[0].key, is_telling=False)
