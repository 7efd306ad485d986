"""Runs, transitions and entries for the tests of what is learnt from them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tui.domain.durations import Run, Scope, rest_step, run_step
from tui.domain.learning import Learner, Told
from tui.domain.outlook import Outlook
from tui.domain.records import Fields, Record
from tui.domain.snapshot import Entry, Mark, Transition
from tui.domain.state import State
from tui.domain.target import Target

AT = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
SCOPE = Scope("s", "build", family="app/#")
WAITING, RUNNING, DONE, FAILED = State.WAITING, State.RUNNING, State.DONE, State.FAILED


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def step(
    before: State | None,
    state: State,
    seen_s: float,
    after_s: float | None,
    *,
    part: str = "",
    told_s: float | None = None,
) -> Transition:
    return Transition(
        "s:build/app/1",
        part,
        before,
        state,
        state.value,
        None if after_s is None else after(after_s),
        after(seen_s),
        None if told_s is None else after(told_s),
    )


def taught(*transitions: Transition, told: Told | None = None) -> Learner:
    learner = Learner()
    for transition in transitions:
        learner.take(SCOPE, transition, told)
    return learner


def runs(learner: Learner, name: str) -> list[tuple[float, float]]:
    return [
        (run.low_s, run.high_s)
        for scope, key, sample in learner.durations.steps()
        if key == name and scope == SCOPE
        for run in sample
    ]


def entry(
    state: State, seconds: float, *marks: Mark, target: Target | None = None, detail: Fields | None = None
) -> Entry:
    target = target or Target("s", "build", ("app", "9"))
    record = Record(target, "app 9", state, state.value, detail=detail or Fields())
    own = marks or (Mark("", state, after(-seconds)),)
    return Entry(target.key, target, record, since_at=after(-seconds), marks=own)


def experienced(lengths_s: list[float], name: str = "", scope: Scope = SCOPE) -> Outlook:
    outlook = Outlook()
    for length_s in lengths_s:
        run = Run(length_s, length_s, length_s)
        outlook.learner.durations.add(scope, run_step(name), run)
        outlook.learner.durations.add(scope, rest_step(name, RUNNING), run)
    return outlook
