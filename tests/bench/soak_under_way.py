"""One soak under way: the settings, the monitor (with the app on top, if wanted), the weather, a person's hands.

Owns how time passes; what comes of it is judged in `soak`.
"""

from __future__ import annotations

import asyncio
import math
import random
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC
from itertools import repeat
from pathlib import Path
from types import MappingProxyType
from typing import Any

from hostile_site import SteppedClock
from soak_checks import Event, Terms
from soak_gauge import Gauge, count_tasks, gauge
from soak_site import Site, Story, Told
from soak_weather import Storm, storms

from tui import config
from tui.clock import Clock
from tui.domain.records import ListQuery
from tui.domain.target import Target
from tui.polling.monitor import Monitor
from tui.settings import PollSettings, Settings, WatchedTarget
from tui.wiring import open_monitor

BUDGETS: Mapping[str, int] = MappingProxyType({"xray": 1200, "threadfix": 1200, "codeinsight": 1200})
FOLLOWED = 8  # jobs and reports that are watched by themselves; as many again that do not exist yet
WARM_SHARE = 0.4  # of the time, after which (and once everything has been asked for) memory is looked at first
CUT_S = 2.0  # before a port closes: answers that were under way then need not have arrived
EASE_S = 0.0005  # between two looks whether everything has been answered
LOOK_S = 1.0  # stepped seconds, at most, between two looks at the weather; in real time a tenth


@dataclass(frozen=True, slots=True)
class Plan:
    """One soak. Seconds are the clock's: real ones, or stepped ones of which there are as many as one likes."""

    seconds: float
    targets: int
    seed: int = 1
    speed: float = 1.0
    is_stepped: bool = True
    has_screen: bool = False
    active_s: float = 30.0
    settled_s: float = 120.0
    budgets: Mapping[str, int] = field(default_factory=lambda: BUDGETS)
    storm_every_s: float = 60.0
    storm_s: tuple[float, float] = (10.0, 60.0)
    hand_every_s: float = 45.0
    answer_s: float = 30.0
    late_s: float = 0.01

    @property
    def poll(self) -> PollSettings:
        """The intervals."""
        return PollSettings(active_s=self.active_s, settled_s=self.settled_s, grace_s=self.seconds / 2)

    def story(self, begun_s: float) -> Story:
        """What is told."""
        return Story("day", self.seed, self.targets, 300, 25.0, 20.0, self.speed, begun_s)


class Soak:
    """One soak under way: the monitor, the weather, a person's hands."""

    def __init__(self, plan: Plan, site: Site, story: Story, clock: Clock, folder: Path) -> None:
        self.plan = plan
        self.site = site
        self.story = story
        self.clock = clock
        self.path = folder / "history.sqlite"
        self.begun_s = clock.now().timestamp()
        self.settings = self._settings()
        self.watched = {item.target.key: item.target for item in self.settings.watch if isinstance(item, WatchedTarget)}
        self.monitor: Monitor = open_monitor(self.settings, clock=clock, history_path=self.path, seed=plan.seed)
        self.weather = list(
            storms(
                *(plan.seed, self.begun_s, self.begun_s + plan.seconds, plan.storm_every_s, plan.storm_s),
                may_hang=not plan.is_stepped,
            )
        )
        self._edges = sorted({edge for storm in self.weather for edge in (storm.begin_s, storm.end_s)})
        self._chance = random.Random(f"hands {plan.seed}")
        self._hand_at_s = self.begun_s + plan.hand_every_s
        self.flips: list[Storm] = []
        self.early: Gauge | None = None
        self.late: Gauge | None = None

    def _settings(self) -> Settings:
        servers = {
            name: {
                **table,
                "budget_per_minute": self.plan.budgets[name],
                "answer_timeout": f"{self.plan.answer_s:.0f}s",
            }
            for name, table in self.site.line["servers"].items()
        }
        world = self.story.world(lambda: 0.0)
        newest = {"codeinsight:job": world.jobs.arrived(0.0), "xray:report": world.reports.ledger.newest(0.0)}
        follow = [
            {"target": f"{name}/{number + step}"}
            for name, number in newest.items()
            for step in range(1 - FOLLOWED, 1 + FOLLOWED)
        ]
        document = {"servers": servers, "watch": [*self.site.line["watch"], *follow]}
        return replace(config.from_document(document), poll=self.plan.poll)

    async def turn(self) -> None:
        """Whatever is due now besides polling: weather, hands, a look at the memory."""
        now_s = self.clock.now().timestamp()
        if self._edges and self._edges[0] <= now_s:
            while self._edges and self._edges[0] <= now_s:
                self._edges.pop(0)
            on = [storm.text for storm in self.weather if storm.begin_s <= now_s < storm.end_s]
            await asyncio.to_thread(self.site.faults, on)
        if now_s >= self._hand_at_s:
            self._hand_at_s = now_s + self.plan.hand_every_s * self._chance.uniform(0.5, 1.5)
            self._hand()
        if self.early is None and now_s >= self.begun_s + WARM_SHARE * self.plan.seconds and self._is_warm():
            self.early = gauge(count_tasks())

    def _is_warm(self) -> bool:
        """Everything has been asked for once."""
        entries = self.monitor.store.entries
        return all(entries[key].polled_at is not None for key in self.watched)

    def _hand(self) -> None:
        """What a person might do at any time."""
        monitor, chance = self.monitor, self._chance
        guest = Target("xray", "build", ("not-there", str(chance.randrange(5))))
        match chance.randrange(6):
            case 0:
                monitor.poll_now()
            case 1:
                monitor.poll_now(chance.choice(list(self.watched)))
            case 2:
                self._flipped("codeinsight")
                monitor.set_list(ListQuery("codeinsight", "jobs", limit=25, page=chance.randrange(1, 12)))
            case 3:
                self._flipped("xray")
                monitor.set_list(ListQuery("xray", "reports", limit=25, page=chance.randrange(1, 3)))
            case 4:
                monitor.watch(guest)
            case 5:
                monitor.unwatch(guest.key)

    def _flipped(self, server: str) -> None:
        """Another page is wanted: the one under way is given up."""
        now_s = self.clock.now().timestamp()
        self.flips.append(Storm(server, f"{server}:flip", now_s - CUT_S, now_s + CUT_S))

    async def run(self) -> None:
        """From the start to the end of the time, then stop."""
        ends_s = self.begun_s + self.plan.seconds
        async with AsyncExitStack() as stack:
            if self.plan.has_screen:
                app = self._screen()
                await stack.enter_async_context(app.run_test(size=(120, 36)))
                stack.callback(app.leave)
            else:
                await self.monitor.start()
                stack.push_async_callback(self.monitor.stop)
            while (left_s := ends_s - self.clock.now().timestamp()) > 0:
                await self._wait(min(left_s, LOOK_S if self.plan.is_stepped else LOOK_S / 10))
                await self.turn()
            self.late = gauge(count_tasks())
            self.early = self.early or self.late
            self.entries = len(self.monitor.store.entries)

    async def _wait(self, seconds: float) -> None:
        if isinstance(self.clock, SteppedClock):
            await self.clock.step(self, seconds)  # type: ignore[arg-type]
        else:
            await asyncio.sleep(seconds)

    async def idle(self) -> None:
        """As the monitor's own, but at ease: the simulator shares this processor."""
        for pause_s in repeat(EASE_S):
            if self.monitor.is_idle:
                return
            await asyncio.sleep(pause_s)

    def _screen(self) -> Any:
        from tui.app.app import ScantopApp

        return ScantopApp(self.settings, self.monitor, zone=UTC)

    def events(self) -> list[Event]:
        """What the history holds, read past scantop's own reader."""
        sql = (
            "SELECT address, part, before, after, status, after_at / 1e6, seen_at / 1e6"
            " FROM transition JOIN target ON target.id = target_id ORDER BY transition.id"
        )
        with closing(sqlite3.connect(self.path)) as db:
            return [Event(*row) for row in db.execute(sql)]

    def cuts(self) -> tuple[Storm, ...]:
        """When answers were cut off or given up on their way, a server."""
        closed = [storm for storm in self.weather if storm.name.startswith("refused")]
        cut = (replace(storm, begin_s=storm.begin_s - CUT_S, end_s=storm.begin_s + CUT_S) for storm in closed)
        ends_s = self.begun_s + self.plan.seconds
        last = (Storm(name, f"{name}:stop", ends_s - CUT_S, math.inf) for name in self.plan.budgets)
        return (*cut, *self.flips, *last)

    def _first_round_s(self, ledger: Sequence[Told]) -> dict[str, float]:
        """How long it took until each target was asked for once, a server: a busy machine is slower than a budget."""
        first: dict[str, float] = {}
        for row in ledger:
            for key in (*row.asked, *row.told):
                first.setdefault(key, row.at_s - self.begun_s)
        found: dict[str, float] = {}
        for key in self.watched.keys() & first.keys():
            server = key.partition(":")[0]
            found[server] = max(found.get(server, 0.0), first[key])
        return found

    def terms(self, ledger: Sequence[Told] = ()) -> Terms:
        """What was promised. In real time what the machine can do is taken from the ledger's first round."""
        plan, sources = self.plan, Counter(key.partition(":")[0] for key in self.watched)
        return Terms(
            active_s=plan.active_s,
            settled_s=plan.settled_s,
            grace_s=plan.poll.grace_s,
            budgets=plan.budgets,
            answer_s=plan.answer_s,
            late_s=plan.late_s,
            concurrency=plan.poll.concurrency,
            sources={name: sources[name] + 5 for name in self.site.line["servers"]},
            begun_s=self.begun_s,
            ended_s=self.begun_s + plan.seconds,
            first_round_s={} if plan.is_stepped else self._first_round_s(ledger),
        )
