"""The limits of `wait` go by the monotonic clock: a machine whose clock is set neither ends nor prolongs them."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from hostile_site import HostileSite, hostile_site
from test_hostile_time import DAY_S, NEGATIVE
from time_site import SetClock, life, settings_on

from tui.clock import SteadyClock
from tui.domain.records import STAGES
from tui.domain.target import Target
from tui.waiting.as_json import event_document, summary_document
from tui.waiting.as_lines import line, state_lines
from tui.waiting.follow import Follower
from tui.waiting.rules import Wait
from tui.waiting.terms import Event, Outcome, Terms
from tui.wiring import open_monitor

LIMIT_S = 300.0
TROUBLE_S = (20.0, 60.0)  # the server fails from then until then
SET_AT_S = 240.0  # it answers again by then, however long it was left alone
STEP_S = 10.0


OUTCOMES = {
    "--timeout": Outcome.OUT_OF_TIME,
    "--stage-timeout": Outcome.OUT_OF_TIME,
    "--grace": Outcome.NEVER_APPEARED,
    "--stuck-after": Outcome.STUCK,
}


class Endless(NamedTuple):
    """A target of which a stage runs for ever: since how many seconds, and since when nothing else changed."""

    target: Target
    stage: str
    stage_s: float
    quiet_s: float


@pytest.fixture(scope="module")
def site() -> Iterator[HostileSite]:
    """Whatever is scanned here never ends."""
    with hostile_site("day", stuck=1.0) as running:
        yield running


@pytest.fixture(scope="module")
def endless(site: HostileSite, tmp_path_factory: pytest.TempPathFactory) -> Endless:
    """A build of which a stage runs for ever."""

    async def run() -> Endless:
        async with life(site, tmp_path_factory.mktemp("look"), warm_s=0.0) as told:
            now = told.clock.now()
            for entry in told.active().values():
                since = {mark.part: (now - mark.since_at).total_seconds() for mark in entry.marks}
                running = [mark.part for mark in entry.marks if mark.state.is_active and mark.part in STAGES]
                if running:
                    return Endless(entry.target, running[0], since[running[0]], min(since.values()))
        raise AssertionError("nothing runs")

    return asyncio.run(run())


def terms_for(limit: str, endless: Endless) -> Terms:
    """Terms under which the wait ends after about `LIMIT_S`."""
    if limit == "--timeout":
        return Terms(timeout_s=LIMIT_S)
    if limit == "--grace":
        return Terms(grace_s=LIMIT_S)
    if limit == "--stage-timeout":
        return Terms(stage_limits_s={endless.stage: endless.stage_s + LIMIT_S})
    return Terms(stuck_limit=lambda entry: endless.quiet_s + LIMIT_S)


async def waited(site: HostileSite, folder: Path, target: Target, terms: Terms, by_s: float) -> tuple[float, Wait]:
    """One wait to its end, the clock set by `by_s` on the way; how many seconds it took."""
    machine = SetClock()
    clock = SteadyClock(machine, machine.asleep)
    settings = dataclasses.replace(settings_on(site, folder), watch=())
    monitor = open_monitor(settings, clock=clock, seed=1, has_default_lists=False)
    wait = Wait((target,), terms, clock)
    said: list[str] = []

    def tell(events: Sequence[Event]) -> None:
        said.extend(line(event) for event in events)
        said.extend(str(event_document(event)) for event in events)

    follower = asyncio.ensure_future(Follower(monitor, wait, clock, tell).run())
    while not follower.done() and machine.elapsed_s < 2 * LIMIT_S:
        await asyncio.sleep(0)
        site.faults(*(["xray:503"] if TROUBLE_S[0] <= machine.elapsed_s < TROUBLE_S[1] else []))
        if machine.elapsed_s >= SET_AT_S:
            machine.set_s = by_s
        if monitor.is_running:
            await machine.step(monitor, STEP_S)
    if not follower.done():
        follower.cancel()
    await asyncio.gather(follower, return_exceptions=True)
    said += [*state_lines(wait, clock.now()), str(summary_document(wait, None, 0, {}))]
    assert said and not [text for text in said if NEGATIVE.search(text) or "_s': -" in text]
    return machine.elapsed_s, wait


@pytest.mark.parametrize("limit", OUTCOMES)
def test_a_set_clock_neither_ends_nor_prolongs_a_limit(
    limit: str, site: HostileSite, endless: Endless, tmp_path: Path
) -> None:
    terms = terms_for(limit, endless)
    target = Target("prod", "build", ("no-such-build", "1")) if limit == "--grace" else endless.target
    for by_s in (DAY_S, -DAY_S):
        took_s, wait = asyncio.run(waited(site, tmp_path, target, terms, by_s))
        assert tuple(wait.outcomes) == (OUTCOMES[limit],)
        assert abs(took_s - LIMIT_S) <= STEP_S, (limit, by_s, took_s)
