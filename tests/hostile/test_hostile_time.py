"""Somebody sets the machine's clock, or it sleeps, while the monitor polls over HTTP: no age, limit or rate leaps."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hostile_site import PATIENCE_S, START_AT, HostileSite, command, hostile_site
from time_site import ACTIVE_S, SAME_S, SETTLED_S, Life, life, seconds_of

from tui.domain.snapshot import Health
from tui.domain.state import State
from tui.locations import history_file
from tui.polling.backoff import RATE_LIMITED_BASE_S, REFUSED_CEILING_S, RETRY_AFTER_CAP_S
from tui.polling.clock_follower import LOOK_S

HOUR_S, DAY_S, YEAR_S = 3600.0, 86_400.0, 31_557_600.0
LEAPS = {
    "an hour forward": HOUR_S,
    "a day back": -DAY_S,
    "half a minute back": -30.0,
    "to before 1970": -60 * YEAR_S,
    "to after 2038": 30 * YEAR_S,
}
NEGATIVE = re.compile(r"(?<![\w.:/-])-\d+(?:\.\d+)?\s?(?:s|m|h|d|min)\b")
MINUTE_S = 60.0
DRIFT = 0.02  # a server's clock that gains 29 minutes a day
FOLLOWED_S = LOOK_S + 2.0  # it has looked by then


@pytest.fixture
def site() -> Iterator[HostileSite]:
    """A working day of its own: its clock is moved on."""
    with hostile_site("day", stuck=0.0) as running:
        yield running


def grew(before: dict[tuple[str, str, str], float], after: dict[tuple[str, str, str], float], by_s: float) -> None:
    """What is in the same state as before is older by exactly the time that passed."""
    same = before.keys() & after.keys()
    assert len(same) > 20, "the story has enough that stays as it is"
    wrong = {key: (before[key], after[key]) for key in same if after[key] - before[key] > by_s + SAME_S}
    assert not wrong, f"older by more than {by_s} s: {wrong}"
    assert not [key for key in after if after[key] < -SAME_S], "nothing is from the future"
    steady = [key for key in same if abs(after[key] - before[key] - by_s) <= SAME_S]
    assert len(steady) > 0.7 * len(same), "younger is only what left its state and came back"


def calm(told: Life) -> None:
    """Nobody is alarmed."""
    now = told.clock.now()
    entries = told.monitor.store.entries.values()
    assert not [entry.key for entry in entries if told.outlook.is_stuck(entry, now)]
    assert not [entry.key for entry in entries if entry.is_late]
    assert {server.health for server in told.monitor.store.servers.values()} == {Health.OK}


def well_worded(told: Life) -> None:
    """No text of the screen holds a negative span, or calls anything stuck."""
    assert not [text for text in told.texts() if NEGATIVE.search(text) or "stuck" in text]


def states(told: Life) -> dict[str, State]:
    """What is known of each, now."""
    return {key: entry.state for key, entry in told.monitor.store.entries.items()}


@pytest.mark.parametrize("leap", LEAPS)
def test_a_clock_that_is_set_moves_no_age_no_limit_and_no_rate(leap: str, site: HostileSite, tmp_path: Path) -> None:
    by_s, history_path = LEAPS[leap], history_file(os.environ)

    async def run() -> None:
        async with life(site, tmp_path, history_path=history_path) as told:
            told.teach()
            usual = await told.live(MINUTE_S)
            ages, left, before = told.ages(), told.left(), states(told)
            told.machine.set_s += by_s
            grew(ages, told.ages(), 0.0)
            assert told.left() == left
            calm(told)
            storm = await told.live(FOLLOWED_S)
            assert abs((told.clock.now() - told.machine.now()).total_seconds()) < 1, "by now it goes by the new time"
            later = told.left()
            assert left.keys() & later.keys()
            assert all(later[key] <= left[key] + SAME_S for key in left.keys() & later.keys())
            storm += await told.live(MINUTE_S - FOLLOWED_S)
            grew(ages, told.ages(), MINUTE_S)
            calm(told)
            assert storm <= 1.3 * usual + 6, (usual, storm)
            said = [message.text for message in told.monitor.store.messages if "clock was set" in message.text]
            assert len(said) == (abs(by_s) >= MINUTE_S)
            await told.live(MINUTE_S)
            calm(told)
            well_worded(told)
            now = states(told)
            assert sum(now[key] is not before[key] for key in now.keys() & before.keys()) >= 2, "states move on"

    asyncio.run(run())
    seen = command("history", "--json").document["transitions"]
    assert len(seen) > 50
    assert all(one["after_at"] is None or one["after_at"] <= one["seen_at"] for one in seen)
    stages = command("history", "--stages", "--json").document["stages"]
    assert stages and all(min(one["p50_s"]) >= 0 and max(one["p95_s"]) < HOUR_S for one in stages), stages
    assert not NEGATIVE.search(command("history", "--stages").out)


def test_a_machine_that_slept_finds_its_way_back_without_a_storm(site: HostileSite, tmp_path: Path) -> None:
    async def run() -> None:
        async with life(site, tmp_path) as told:
            usual = await told.live(MINUTE_S)
            told.machine.suspend(8 * HOUR_S)
            assert told.clock.leap_s == 0.0, "nobody set it"
            storm = await told.live(MINUTE_S)
            assert storm <= 1.5 * usual + 12, (usual, storm)
            await told.live(MINUTE_S)
            assert all(
                entry.good_at is not None and (told.clock.now() - entry.good_at).total_seconds() <= 2 * SETTLED_S
                for entry in told.monitor.store.entries.values()
            )
            calm(told)
            well_worded(told)
            assert not [m.text for m in told.monitor.store.messages if "clock was set" in m.text]

    asyncio.run(run())


def test_a_clock_set_in_the_middle_of_a_request_or_while_paused(site: HostileSite, tmp_path: Path) -> None:
    async def run() -> None:
        async with life(site, tmp_path) as told:
            ages = told.ages()
            site.faults("*:slow=0.3")
            step = asyncio.ensure_future(told.machine.step(told.monitor, ACTIVE_S))
            async with asyncio.timeout(PATIENCE_S):
                await told.sent()
            told.machine.set_s += DAY_S  # the question is out, its answer not in
            await step
            site.faults()
            passed_s = told.machine.elapsed_s
            await told.live(MINUTE_S)
            told.monitor.pause()
            told.machine.set_s -= 2 * DAY_S
            assert await told.live(MINUTE_S) == 0
            calm_ages = told.ages()
            grew(ages, calm_ages, 2 * MINUTE_S + passed_s - MINUTE_S)
            told.monitor.resume()
            assert await told.live(MINUTE_S) < 100
            calm(told)
            well_worded(told)

    asyncio.run(run())


@pytest.mark.parametrize("fault", ["refused=600", "429=date"])
def test_a_clock_set_during_a_back_off_neither_ends_nor_prolongs_it(
    fault: str, site: HostileSite, tmp_path: Path
) -> None:
    async def run() -> None:
        async with life(site, tmp_path) as told:
            site.faults(f"xray:{fault}")
            await told.live(2 * MINUTE_S)
            usual = await told.live(2 * MINUTE_S)
            shown = told.monitor.store.servers["prod"]
            assert shown.problem is not None and shown.retry_at is not None
            for by_s in (DAY_S, -2 * DAY_S):
                left_s = (shown.retry_at - told.clock.now()).total_seconds()
                told.machine.set_s += by_s
                assert abs((shown.retry_at - told.clock.now()).total_seconds() - left_s) < 1
                assert await told.live(2 * MINUTE_S) <= 1.3 * usual + 4
                shown = told.monitor.store.servers["prod"]
                assert shown.problem is not None and shown.retry_at is not None
                assert -1 <= (shown.retry_at - told.clock.now()).total_seconds() <= RETRY_AFTER_CAP_S * 1.1
            site.faults()
            await told.live(REFUSED_CEILING_S)
            calm(told)
            well_worded(told)

    asyncio.run(run())


def test_a_server_whose_clock_is_an_hour_off_shows_true_ages_and_says_so(tmp_path: Path) -> None:
    async def seen(by_s: float) -> tuple[dict[tuple[str, str, str], float], set[str]]:
        with hostile_site("day", stuck=0.0, start_at=START_AT + timedelta(seconds=by_s)) as site:
            async with life(site, tmp_path) as told:
                told.machine.drift = DRIFT
                await told.live(MINUTE_S)
                calm(told)
                well_worded(told)
                assert told.is_skew_told() is bool(by_s)
                ages, spans = told.ages(), {text for key in told.active() for text in told.spans(key)}
                site.faults("xray:429=date")  # five seconds from its own now
                await told.live(2 * ACTIVE_S)
                retry_at = told.monitor.store.servers["prod"].retry_at
                assert retry_at is not None
                assert (retry_at - told.clock.now()).total_seconds() <= 2 * RATE_LIMITED_BASE_S
                return ages, spans

    right, right_spans = asyncio.run(seen(0.0))
    for ahead_s in (HOUR_S, -HOUR_S):
        off, off_spans = asyncio.run(seen(ahead_s))
        same = right.keys() & off.keys()
        assert len(same) > 20
        wrong = {key: (right[key], off[key]) for key in same if abs(right[key] - off[key]) > 2 * ACTIVE_S}
        assert not wrong, f"ages are not by our clock: {wrong}"
        assert off_spans and max(map(seconds_of, off_spans)) <= max(map(seconds_of, right_spans)) + MINUTE_S
