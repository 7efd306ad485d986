"""Why a target stands where it stands: rules, each a function of its own, the most telling first. Pure.

The rules of what servers do by their own design come from their vendors' documents and from what their users met
(queues that updates hold up, refusals by order, codes that do not tell two things apart). None of them guesses: where
nothing is known, that is what is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tui.domain.evidence import Case, Evidence
from tui.domain.explain import general, jobs, pipeline, reports, scans
from tui.domain.state import State

Rule = Callable[[Case], Iterator[Evidence]]

# The order is that in which evidence is shown.
RULES: tuple[Rule, ...] = (
    general.shown_is_old,
    scans.not_found,
    scans.left_out,
    pipeline.older_than_newest,
    pipeline.interrupted,
    pipeline.deletion_locks,
    jobs.behind_update,
    jobs.behind_project,
    jobs.behind_scan,
    jobs.server_stopped,
    reports.limit_reached,
    general.reason_given,
    scans.stage_failed,
    scans.time_moves,
    scans.never_scanned,
    scans.exposures_unsupported,
    scans.stage_absent,
    jobs.update_waits,
    general.pace,
    general.server_quiet,
    jobs.queued_before,
    reports.others_run,
    pipeline.others_run,
    pipeline.numbers_lag,
)
# What is said below all others: how things stand, and what could not be found out.
CLOSING: tuple[Rule, ...] = (general.standing, general.deadline, general.asked_in_vain)


def explain(case: Case) -> tuple[Evidence, ...]:
    """The evidence for a case, never empty."""
    told = [evidence for rule in RULES for evidence in rule(case)]
    if not any(evidence.is_telling for evidence in told):
        told.append(_nothing_known(case))
    return (*told, *(evidence for rule in CLOSING for evidence in rule(case)))


def _nothing_known(case: Case) -> Evidence:
    state = case.entry.state
    if state is State.DONE:
        text = "It has ended well: there is nothing to explain."
    elif state is State.RUNNING and case.left is not None and not case.verdict.pace:
        text = "It takes no longer than usual so far, and nothing that scantop can read holds it up."
    elif state in (State.WAITING, State.RUNNING):
        doing = "waits" if state is State.WAITING else "runs"
        text = f"Nothing that scantop can read says why it still {doing}."
    else:
        text = f"Nothing that scantop can read says why it is {state.word}."
    return Evidence("nothing_known", text, is_telling=False)
