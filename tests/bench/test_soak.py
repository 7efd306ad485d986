"""The soak in short: a few hundred targets, faults that come and go, and a judge that must not be lenient.

The clock is stepped from one thing to do to the next, so nothing here depends on how fast the machine is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import soak
from soak_checks import Event, Findings, check_budget
from soak_site import Told

PLAN = soak.Plan(
    seconds=300.0,
    targets=180,
    seed=9,  # of which the weather closes Xray's port early, and brings a bit of everything
    active_s=20.0,
    settled_s=60.0,
    storm_every_s=20.0,
    storm_s=(4.0, 12.0),
    budgets={**soak.BUDGETS, "threadfix": 60},
)
Change = Callable[[list[Event], list[Told]], tuple[list[Event], list[Told]]]


@pytest.fixture(scope="module")
def soaked(tmp_path_factory: pytest.TempPathFactory) -> tuple[soak.Soak, list[Told], soak.Outcome]:
    """One soak for all tests: what ran, what the servers told, what was found."""
    return soak.soak(PLAN, tmp_path_factory.mktemp("soak"))


def test_what_the_servers_held_long_enough_was_seen_exactly_once_and_nothing_is_left(
    soaked: tuple[soak.Soak, list[Told], soak.Outcome], figure: Callable[[str, object], None]
) -> None:
    _, _, outcome = soaked
    for name, value in outcome.figures:
        figure(f"soak: {name}", value)
    assert outcome.findings.broken == [], outcome.text()
    counts = outcome.findings.counts
    assert counts["statuses that had to be seen"] > 100 and counts["transitions told and kept"] > 1000
    assert counts["returns of servers after trouble"] >= 3


def _one_lost(events: list[Event], ledger: list[Told]) -> tuple[list[Event], list[Told]]:
    place = next(place for place, event in enumerate(events) if event.before == "running" and not event.part)
    return [*events[:place], *events[place + 1 :]], ledger


def _one_twice(events: list[Event], ledger: list[Told]) -> tuple[list[Event], list[Told]]:
    place = next(place for place, event in enumerate(events) if event.before == "running")
    return [*events[: place + 1], replace(events[place], seen_s=events[place].seen_s + 1), *events[place + 1 :]], ledger


def _one_invented(events: list[Event], ledger: list[Told]) -> tuple[list[Event], list[Told]]:
    place = next(place for place, event in enumerate(events) if event.after == "done" and event.status == "DONE")
    return [*events[:place], replace(events[place], after="failed"), *events[place + 1 :]], ledger


def _one_late(events: list[Event], ledger: list[Told]) -> tuple[list[Event], list[Told]]:
    place = next(place for place, event in enumerate(events) if event.before == "running")
    return [*events[:place], replace(events[place], seen_s=events[place].seen_s + 60), *events[place + 1 :]], ledger


def _builds_forgotten(events: list[Event], ledger: list[Told]) -> tuple[list[Event], list[Told]]:
    """From some time on nothing of a build was kept."""
    from_s = ledger[0].at_s + PLAN.seconds / 3
    return [event for event in events if not event.key.startswith("xray:build/") or event.seen_s < from_s], ledger


def _xray_given_up(events: list[Event], ledger: list[Told]) -> tuple[list[Event], list[Told]]:
    """After its port was closed nobody asked it again."""
    from_s = next(row.at_s for row in ledger if row.server == "xray" and row.at_s > ledger[0].at_s + 60)
    return events, [row for row in ledger if row.server != "xray" or row.at_s < from_s - 15]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_one_lost, "told, not kept as told"),
        (_one_twice, "not a change"),
        (_one_invented, "never was"),
        (_one_late, "told, not kept as told"),
        (_builds_forgotten, "held long, never seen"),
        (_xray_given_up, "not asked again in time"),
    ],
)
def test_the_judge_finds_what_is_planted(
    change: Change, said: str, soaked: tuple[soak.Soak, list[Told], soak.Outcome]
) -> None:
    run, ledger, _ = soaked
    found = soak.weigh(run, *change(run.events(), ledger))
    assert any(text.startswith(said) for text in found.broken), found.broken


def test_the_judge_counts_each_minute(soaked: tuple[soak.Soak, list[Told], soak.Outcome]) -> None:
    run, ledger, _ = soaked
    found = Findings()
    most = check_budget(found, ledger, replace(run.terms(), budgets=dict.fromkeys(soak.BUDGETS, 10)))
    assert len(found.broken) == len(soak.BUDGETS)
    assert most["threadfix"] >= 50, "its budget was all but used up, so that its limit was felt"
