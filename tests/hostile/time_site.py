"""A machine whose clock is set and which is suspended, a simulator whose time goes on, and a monitor between the two.

The wall clock, the monotonic one and what was slept move apart; polling, HTTP, history and words are the real ones.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hostile_site import HostileSite, SteppedClock

from tui import config
from tui.app.detail.build import DetailContext, detail_lines
from tui.app.pacing import context_of
from tui.app.signs import UNICODE_SIGNS
from tui.app.specs import all_panes
from tui.app.words import HeaderFacts, header
from tui.clock import SteadyClock
from tui.domain.durations import Run, run_step, scope_of_entry, wait_step
from tui.domain.outlook import Outlook
from tui.domain.snapshot import Entry
from tui.polling.monitor import Monitor
from tui.present.cells import age_s
from tui.settings import PollSettings, Settings
from tui.wiring import open_monitor

STUCK_S = 1800.0  # nothing in the story takes as long
ACTIVE_S, SETTLED_S = 10.0, 60.0
SAME_S = 2.5  # seconds; a Date has whole ones, and an answer was under way
WATCHED = 2  # targets of each kind in the story's own list


SPAN = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")


def seconds_of(span: str) -> float:
    """``3h05``, ``1m30``, ``12s`` in seconds, roughly."""
    found = SPAN.fullmatch(span)
    days, hours, minutes, rest = (int(part or 0) for part in (found.groups() if found is not None else (0, 0, 0, 0)))
    return days * 86_400 + hours * 3600 + minutes * 60 + (rest * 60 if hours else rest)


class SetClock(SteppedClock):
    """The machine's clocks: `set_s` by how much it was set, `slept_s` what it slept, which its monotonic leaves out."""

    def __init__(self, site: HostileSite | None = None) -> None:
        super().__init__()
        self.set_s = 0.0
        self.slept_s = 0.0
        self.drift = 0.0  # by which share the server's clock goes faster than ours
        self._site = site

    def now(self) -> datetime:
        """What the machine shows."""
        return super().now() + timedelta(seconds=self.set_s + self.slept_s)

    def asleep(self) -> float:
        """What it slept."""
        return self.slept_s

    def passed(self, seconds: float) -> None:
        """The server's time goes on with ours."""
        if self._site is not None and seconds > 0:
            self._site.control("clock", {"advance_s": seconds * (1.0 + self.drift)})

    def suspend(self, seconds: float) -> None:
        """The machine sleeps; the server does not."""
        self.slept_s += seconds
        self.passed(seconds)


def settings_on(site: HostileSite, folder: Path, **changes: Any) -> Settings:
    """A config for the site that watches some targets of the story, with the default lists."""
    config_path = site.config(folder / "config.toml", **changes)
    taken: dict[tuple[str, ...], int] = {}
    lines = []
    names = {"xray": "prod", "threadfix": "tf"}
    for item in site.line["watch"]:
        form = tuple(item)
        if item["server"] not in names or "latest" in item or taken.get(form, 0) >= WATCHED:
            continue
        taken[form] = taken.get(form, 0) + 1
        own = {**item, "server": names[item["server"]]}
        lines.append("[[watch]]\n" + "".join(f"{key} = {value!r}\n" for key, value in own.items()))
    with config_path.open("a") as file:
        file.write("".join(lines))
    poll = PollSettings(active_s=ACTIVE_S, settled_s=SETTLED_S, grace_s=0.0, stuck_s=STUCK_S)
    return replace(config.load(config_path, {}), poll=poll)


class Life:
    """A started monitor and the machine that it lives on."""

    def __init__(self, site: HostileSite, monitor: Monitor, machine: SetClock, clock: SteadyClock) -> None:
        self.site = site
        self.monitor = monitor
        self.machine = machine
        self.clock = clock

    @property
    def outlook(self) -> Outlook:
        """What is learnt."""
        return self.monitor.outlook

    def active(self) -> dict[str, Entry]:
        """What waits or runs."""
        return {key: entry for key, entry in self.monitor.store.entries.items() if entry.state.is_active}

    async def live(self, seconds: float) -> int:
        """Let so much time pass; how many requests the servers had meanwhile."""
        before = self.requests()
        end_s = self.machine.elapsed_s + seconds
        while self.machine.elapsed_s < end_s:
            await self.machine.step(self.monitor, end_s - self.machine.elapsed_s)
        return self.requests() - before

    async def sent(self) -> None:
        """Until a question is under way."""
        for _ in range(10_000):
            if not self.monitor.is_idle:
                return
            await asyncio.sleep(0)
        raise AssertionError("nothing is asked")

    def requests(self) -> int:
        """How many the servers had so far."""
        return int(self.site.control("requests", method="GET")["total"])

    def ages(self) -> dict[tuple[str, str, str], float]:
        """How long each part of each target has been in its state, by our clock."""
        now = self.clock.now()
        found = {
            (entry.key, mark.part, mark.state.value): (now - mark.since_at).total_seconds()
            for entry in self.monitor.store.entries.values()
            for mark in entry.marks
        }
        whole = {(e.key, "whole", e.state.value): age_s(e, now) for e in self.monitor.store.entries.values()}
        return found | {key: seconds for key, seconds in whole.items() if seconds is not None}

    def teach(self) -> None:
        """Let it know how long things take, so that there is something left of each, and nothing is slow."""
        for entry in self.active().values():
            scope = scope_of_entry(entry)
            for step in {wait_step(""), run_step(""), *(f"{m.part}|>{m.state.value}" for m in entry.marks)}:
                for number in range(20):
                    self.outlook.learner.durations.add(scope, step, Run(600.0 + number, 600.0 + number, 600.0 + number))

    def left(self) -> dict[str, float]:
        """At most how long each has left, seconds."""
        now = self.clock.now()
        found = {key: self.outlook.time_left(entry, now) for key, entry in self.active().items()}
        return {key: left.high_s for key, left in found.items() if left is not None}

    def spans(self, key: str) -> list[str]:
        """How long it has been so, by each column that tells."""
        entry, now = self.monitor.store.entries[key], self.clock.now()
        context = context_of(now, UNICODE_SIGNS.glyphs, has_servers=True, outlook=self.outlook)
        specs = [spec for spec in all_panes() if entry.target.kind in spec.kinds]
        cells = [column.cell(entry, context).text for spec in specs for column in spec.columns if column.is_time]
        return [text for text in cells if SPAN.fullmatch(text)]

    def is_skew_told(self) -> bool:
        """The header and a detail say that a clock is off."""
        told = " ".join(self.texts())
        return "clock 1h00" in told and "server's clock" in told

    def texts(self) -> Iterator[str]:
        """Everything that the screen could say: the header, every cell of every pane, every detail."""
        store, now = self.monitor.store, self.clock.now()
        facts = HeaderFacts(tuple(store.servers.values()), now, UTC)
        yield "".join(piece.text for piece in header(facts, UNICODE_SIGNS, 200))
        context = context_of(now, UNICODE_SIGNS.glyphs, has_servers=True, outlook=self.outlook)
        for entry in store.entries.values():
            for spec in all_panes():
                if entry.target.kind in spec.kinds:
                    yield from (column.cell(entry, context).text for column in spec.columns)
            for line in detail_lines(entry, DetailContext(now, UTC, UNICODE_SIGNS, self.outlook), 200):
                yield "".join(piece.text for piece in line)
        yield from (message.text for message in store.messages)


@asynccontextmanager
async def life(
    site: HostileSite, folder: Path, *, history_path: Path | None = None, warm_s: float = 60.0, **changes: Any
) -> AsyncIterator[Life]:
    """A monitor that has polled for a while, until the block is left."""
    machine = SetClock(site)
    clock = SteadyClock(machine, machine.asleep)
    settings = settings_on(site, folder, **changes)
    monitor = open_monitor(
        settings, clock=clock, seed=1, history_path=history_path, outlook=Outlook(settings.poll.stuck_s)
    )
    found = Life(site, monitor, machine, clock)
    await monitor.start()
    try:
        async with asyncio.timeout(60):
            await monitor.idle()
        await found.live(warm_s)
        yield found
    finally:
        await monitor.stop()
