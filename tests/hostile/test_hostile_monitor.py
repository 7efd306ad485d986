"""Every fault x every endpoint x the monitor over real HTTP: what was seen stays, and it comes back.

Time is the test's own, so that an hour of backing off takes a moment; time limits of an answer are the real ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest
from faults_table import FAULTS, QUESTIONS, Fault, Question
from hostile_site import HostileSite, SteppedClock, hostile_site

from tui import config
from tui.app.detail.build import DetailContext, detail_lines
from tui.app.signs import UNICODE_SIGNS
from tui.domain.problem import Problem
from tui.domain.records import ListQuery
from tui.domain.snapshot import Entry, Health, ListState
from tui.polling.backoff import REFUSED_CEILING_S, RETRY_AFTER_CAP_S
from tui.polling.monitor import Monitor
from tui.present.safe import clean
from tui.settings import PollSettings, Settings
from tui.simulator.faults import LISTENER_FAULTS
from tui.wiring import open_monitor

LIMIT = "600ms"  # a whole answer
BYTES = 256 * 1024  # of an answer; reading eight million takes a busy machine longer than the limit
EVERY_S = 20.0  # what is active
SETTLED_S = 120.0  # what has ended, as often as a list without active rows
NOTICED_S = 3 * SETTLED_S
ROUND_S = 1.5 * SETTLED_S  # everything is asked at least once
BACK_S = REFUSED_CEILING_S * 1.2  # the longest back-off, with its jitter; it is back by then
STEP_S = EVERY_S
WATCH = """
[[watch]]
server = "prod"
build = "my-build"
number = "1"
project = "my-project"
[[watch]]
server = "prod"
artifact = "docker-local/desktop-storage/1.0/manifest.json"
[[watch]]
server = "prod"
report = 1234
[[watch]]
server = "tf"
application = 6
pending_scan = 41
[[watch]]
server = "sca"
job = 1234
"""
LISTS = {"reports": ListQuery("prod", "reports", limit=25).key, "jobs": ListQuery("sca", "jobs", limit=25).key}
WHOLE = ("build", "scan", "jobs")  # one of each server; the others meet every fourth fault, which takes long enough
# An answer in pieces over the limit would take seconds each; the contract's tests have these.
SLOW_ENOUGH = ("hang", "drip=1")


@pytest.fixture(scope="module")
def site() -> Iterator[HostileSite]:
    """One simulator for all questions."""
    with hostile_site() as running:
        yield running


def settings_for(site: HostileSite, folder: Path) -> Settings:
    path = site.config(folder / "config.toml", WATCH, answer_timeout=LIMIT, answer_bytes=BYTES)
    return replace(config.load(path, {}), poll=PollSettings(active_s=EVERY_S, settled_s=SETTLED_S, grace_s=0.0))


class Watching:
    """A started monitor and the clock it lives on."""

    def __init__(self, monitor: Monitor, clock: SteppedClock) -> None:
        self.monitor = monitor
        self.clock = clock

    def seen(self, name: str) -> Entry | ListState:
        """What is known of one endpoint's target or list."""
        store = self.monitor.store
        return store.entries[QUESTIONS[name].key] if QUESTIONS[name].key else store.lists[LISTS[name]]

    def problem(self, name: str) -> Problem | None:
        """Its own, or its server's: a server that is down is asked by one question at a time."""
        own, server = self.seen(name).problem, self.monitor.store.servers[QUESTIONS[name].server]
        return own or server.problem

    def is_well(self, name: str) -> bool:
        """Its server is, and its own last answer was good."""
        return self.problem(name) is None

    async def until(self, name: str, *, is_in_trouble: bool, most_s: float) -> float:
        """Let time pass until it is so; how long that took."""
        begun_s = self.clock.elapsed_s
        while self.is_well(name) is is_in_trouble:
            assert self.clock.elapsed_s - begun_s <= most_s, f"{name}: {self.seen(name)}, {self.monitor.store.servers}"
            await self.clock.step(self.monitor, STEP_S)
        return self.clock.elapsed_s - begun_s


def struck(question: Question, fault: Fault) -> list[str]:
    if fault.told in LISTENER_FAULTS:  # these strike before there is an endpoint
        return [f"{question.kind}:{fault.told}"]
    return [f"{question.kind}/{endpoint}:{fault.told}" for endpoint in question.endpoints]


def detail_of(watching: Watching, name: str) -> str:
    """The detail of the endpoint's target, or of a row of the list, blanks and line breaks left out."""
    store, seen = watching.monitor.store, watching.seen(name)
    entry = seen if isinstance(seen, Entry) else store.entries[seen.keys[0]]
    lists = tuple(state for state in store.lists.values() if entry.key in state.keys)
    server = store.servers[QUESTIONS[name].server]
    context = DetailContext(watching.clock.now(), UTC, UNICODE_SIGNS, server=server, lists=lists)
    return "".join("".join(piece.text for piece in line) for line in detail_lines(entry, context, 200)).replace(" ", "")


def shown_of(seen: Entry | ListState) -> object:
    return seen.record if isinstance(seen, Entry) else (seen.keys, seen.total)


async def through(watching: Watching, site: HostileSite, name: str, fault: Fault) -> None:
    """One fault from its beginning to its end."""
    question = QUESTIONS[name]
    before = watching.seen(name)
    neighbours = [other for other in QUESTIONS if QUESTIONS[other].kind != question.kind]
    if fault.told == "reset-accept":  # strikes new connections; the kept ones go first
        site.faults(f"{question.kind}:refused=600")
    site.faults(*struck(question, fault))
    await watching.until(name, is_in_trouble=True, most_s=NOTICED_S)
    broken, problem = watching.seen(name), watching.problem(name)
    assert problem is not None and problem.code is fault.code, (fault.what, problem)
    assert fault.words in problem.text
    assert shown_of(broken) == shown_of(before) and shown_of(before), "the last good state stays"
    last_good_at = broken.good_at
    assert last_good_at is not None
    if name != "reports":  # a list without rows
        detail, words = detail_of(watching, name), clean(problem.text).replace(" ", "")
        polls = detail.partition("Lastpolls")[2].partition("Where")[0]
        assert words in polls, (fault.what, polls)
        # The row of the list is watched by itself too, and may be well.
        assert not question.key or f"Lastpoll:{words}Whatisshownis" in detail, (fault.what, detail)
    # Long enough for a few rounds of the others, and for a second failure of this one.
    good_at = {other: watching.seen(other).good_at for other in neighbours}
    begun_s = watching.clock.elapsed_s
    while watching.clock.elapsed_s - begun_s < ROUND_S:
        await watching.clock.step(watching.monitor, STEP_S)
    assert watching.seen(name).good_at == last_good_at and not watching.is_well(name)
    for other in neighbours:
        seen, then = watching.seen(other), good_at[other]
        assert seen.problem is None and then is not None and seen.good_at is not None, (fault.what, other)
        assert seen.good_at > then, f"{other} is asked on during {fault.what}"
    healthy = {server.health for server in watching.monitor.store.servers.values() if server.kind != question.kind}
    assert healthy == {Health.OK}, (
        fault.what,
        [watching.seen(other) for other in QUESTIONS if watching.seen(other).is_late],
    )
    site.faults()
    cap_s = RETRY_AFTER_CAP_S * 1.2 if fault.told == "429=absurd" else BACK_S
    await watching.until(name, is_in_trouble=False, most_s=cap_s)
    assert watching.seen(name).good_at != last_good_at
    assert shown_of(watching.seen(name)) == shown_of(before)


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_was_seen_stays_the_others_go_on_and_it_comes_back_alone(
    name: str, site: HostileSite, tmp_path: Path
) -> None:
    async def run() -> None:
        clock = SteppedClock()
        monitor = open_monitor(settings_for(site, tmp_path), clock=clock, seed=1)
        watching = Watching(monitor, clock)
        await monitor.start()
        await monitor.idle()
        for each in QUESTIONS:
            assert watching.seen(each).good_at is not None and watching.is_well(each), watching.seen(each)
        try:
            for fault in FAULTS if name in WHOLE else FAULTS[::4]:
                if fault.is_slow and fault.told not in SLOW_ENOUGH:
                    continue
                if (name, fault.told) == ("jobs", "404"):  # this server says so when there are none
                    continue
                await through(watching, site, name, fault)
        finally:
            site.faults()
            await monitor.stop()
        texts = [message.text for message in monitor.store.messages]
        assert not [text for text in texts if "fault of scantop" in text]

    site.faults()
    asyncio.run(run())
