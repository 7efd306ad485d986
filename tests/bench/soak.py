"""Hours of story in minutes, thousands of targets, a fault every few seconds: nothing missed, made up or left behind.

    python tests/bench/soak.py --minutes 3 --targets 3000 --seed 7          # in real time, the simulator in a process
    python tests/bench/soak.py --minutes 60 --targets 300 --stepped         # time goes from one thing to do to the next

Prints a report and ends with 1 where a promise was broken: every status that was held for longer than it may go unasked
is in the history, exactly once; nothing is that never was; what is in memory does not grow; no task, file or socket is
left; no minute had more requests than allowed. The short form of it is `test_soak.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "hostile"))

from hostile_site import START_AT, SteppedClock
from soak_checks import Event, Findings, check_back, check_budget, check_seen, check_told, check_true
from soak_gauge import count_tasks, gauge, grown
from soak_site import Told, site_in_child, site_on_thread
from soak_truth import Truth
from soak_under_way import BUDGETS, Plan, Soak

from tui.clock import SystemClock

MARGIN_MB = 30.0  # by which a process may grow after its warm-up, beside what is kept on purpose
OBJECT_MB = 0.0004  # of one object that is kept, with its texts and numbers
TURNS = 5  # of the event loop, for what was cancelled
SWITCH_S = 0.0002  # two busy threads take turns at every answer; the usual 5 ms would be most of a stepped soak
# In real time a fault comes every few seconds, answers may hang, and what others do on this machine makes things late.
IN_REAL_TIME: dict[str, Any] = {
    "storm_every_s": 6.0,
    "storm_s": (1.0, 5.0),
    "hand_every_s": 4.0,
    "answer_s": 10.0,
    "late_s": 6.0,
}


@dataclass(slots=True)
class Outcome:
    """What a soak found."""

    findings: Findings
    figures: list[tuple[str, object]] = field(default_factory=list)

    def figure(self, name: str, value: object) -> None:
        """Note one for the report."""
        self.figures.append((name, value))

    def text(self) -> str:
        """The report."""
        lines = [f"{name:<52} {value}" for name, value in self.figures]
        lines += [f"{name:<52} {count}" for name, count in sorted(self.findings.counts.items())]
        lines += [f"BROKEN {text}" for text in self.findings.broken] or ["every promise was kept"]
        return "\n".join(lines)


@contextmanager
def _quick_turns() -> Iterator[None]:
    """Let threads take turns as often as they answer each other."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def weigh(soak: Soak, events: Sequence[Event], ledger: Sequence[Told]) -> Findings:
    """Hold a history against what the servers told and held."""
    findings, terms, plan = Findings(), soak.terms(ledger), soak.plan
    truth = Truth(soak.story.world(lambda: 0.0), soak.story.wall)
    first_s, last_s = (soak.begun_s - soak.story.begun_s) * plan.speed, plan.seconds * plan.speed
    courses = {key: truth.course(each, first_s, first_s + last_s) for key, each in soak.watched.items()}
    check_told(findings, ledger, events, plan.late_s, () if plan.is_stepped else soak.cuts())
    check_true(findings, courses, events, plan.late_s)
    check_seen(findings, courses, events, ledger, soak.weather, terms)
    check_back(findings, ledger, soak.weather, terms)
    return findings


def judge(soak: Soak, ledger: Sequence[Told]) -> Outcome:
    """Everything that can be told once the soak is over."""
    events, plan = soak.events(), soak.plan
    outcome = Outcome(weigh(soak, events, ledger))
    findings = outcome.findings
    terms = soak.terms(ledger)
    most = check_budget(findings, ledger, terms)
    early, late = soak.early, soak.late
    assert early is not None and late is not None
    if early is late:
        findings.tell(
            "too short", "not everything was asked for once; take more minutes, fewer targets or a larger budget"
        )
    for text in grown(early, late, soak.entries, plan.poll.concurrency * len(plan.budgets)):
        findings.tell("grown", text)
    allowed_mb = early.rss_mb + MARGIN_MB + max(0, late.objects.total() - early.objects.total()) * OBJECT_MB
    if not plan.is_stepped and late.rss_mb > allowed_mb:  # stepped, the simulator and its ledger are in here too
        findings.tell("grown", f"memory from {early.rss_mb:.0f} to {late.rss_mb:.0f} MB")
    for message in soak.monitor.store.messages:
        if "fault of scantop" in message.text or "history" in message.text.lower():
            findings.tell("complaint", message.text)
    outcome.figure("targets watched", len(soak.watched))
    outcome.figure("hours of story", f"{plan.seconds * plan.speed / 3600:.2f}")
    outcome.figure("storms", len(soak.weather))
    outcome.figure("requests, and those that met a fault", f"{len(ledger)} {sum(bool(row.fault) for row in ledger)}")
    outcome.figure("transitions in the history", len(events))
    for server, count in most.items():
        outcome.figure(f"most requests in a minute, {server}", f"{count} of {plan.budgets[server]}")
    for server, took_s in terms.first_round_s.items():
        alone_s = replace(terms, first_round_s={}).wave_s(server)
        outcome.figure(f"first round of {server}, and by the budget alone", f"{took_s:.1f} s, {alone_s:.1f} s")
    outcome.figure("memory after the warm-up and at the end, MB", f"{early.rss_mb:.1f} {late.rss_mb:.1f}")
    outcome.figure("objects of ours", f"{early.objects.total()} {late.objects.total()}")
    for when, seen in (("after the warm-up", early), ("at the end", late)):
        outcome.figure(f"tasks, threads, descriptors {when}", f"{seen.tasks} {seen.threads} {seen.descriptors}")
    return outcome


async def _through(make: Callable[[], Soak]) -> tuple[Soak, int]:
    """Run one; gives how many tasks are left of it in this loop."""
    before = count_tasks()
    made = make()
    await made.run()
    for _ in range(TURNS):
        await asyncio.sleep(0)
    return made, count_tasks() - before


def soak(plan: Plan, folder: Path) -> tuple[Soak, list[Told], Outcome]:
    """The whole of it, from an empty folder to what it found."""
    started, before = time.monotonic(), gauge()
    if plan.is_stepped:
        clock, story = SteppedClock(), plan.story(START_AT.timestamp())
        with _quick_turns(), site_on_thread(story, lambda: clock.elapsed_s) as site:
            ran, tasks = asyncio.run(_through(lambda: Soak(plan, site, story, clock, folder)))
    else:
        with site_in_child(plan.story(time.time()), folder) as (site, story):
            ran, tasks = asyncio.run(_through(lambda: Soak(plan, site, story, SystemClock(), folder)))
    took_s, after = time.monotonic() - started, gauge()
    outcome = judge(ran, site.ledger)
    for name, was, left in (
        ("tasks", 0, tasks),
        ("threads", before.threads, after.threads),
        ("descriptors", before.descriptors, after.descriptors),
    ):
        if left > was:
            outcome.findings.tell("left", f"{name}: {was} before, {left} after")
    outcome.figure("real seconds", f"{took_s:.1f}")
    return ran, site.ledger, outcome


def plan_of(argv: Sequence[str]) -> Plan:
    """The soak that a command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=3.0, help="how long, on its clock")
    parser.add_argument("--targets", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1, help="another story, another weather")
    parser.add_argument("--stepped", action="store_true", help="time goes from one thing to do to the next")
    parser.add_argument("--screen", action="store_true", help="with the app on top, without a terminal")
    parser.add_argument("--speed", type=float, default=1.0, help="the story runs so many times as fast")
    parser.add_argument("--active", type=float, help="seconds between two questions for what waits or runs")
    parser.add_argument("--budget", type=int, default=6000, help="requests a minute and server")
    given = parser.parse_args(argv)
    # So many that one processor can answer and ask: about a hundred requests a second.
    active_s = given.active or max(2.0, given.targets / 200)
    chosen = Plan(
        seconds=given.minutes * 60,
        targets=given.targets,
        seed=given.seed,
        speed=given.speed,
        is_stepped=given.stepped,
        has_screen=given.screen,
        active_s=active_s,
        settled_s=4 * active_s,
        budgets=dict.fromkeys(BUDGETS, given.budget),
    )
    return chosen if given.stepped else replace(chosen, **IN_REAL_TIME)


def main(argv: Sequence[str]) -> int:
    """Run one and print what it found; 1 where a promise was broken."""
    with tempfile.TemporaryDirectory(prefix="scantop-soak-") as folder:
        _, _, outcome = soak(plan_of(argv), Path(folder))
    sys.stdout.write(outcome.text() + "\n")
    return 1 if outcome.findings.broken else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
