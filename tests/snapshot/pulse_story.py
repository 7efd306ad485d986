"""A past for the still story: six lively hours of three servers, and the last runs of whatever is asked for."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from datetime import datetime

from detail_story import rich_monitor
from screen_story import StillMonitor, ago

from tui.domain.durations import Run, Scope, run_step, scope_of_entry, wait_step
from tui.domain.latency import Tally, poll_of, total
from tui.domain.outlook import Outlook
from tui.domain.past_runs import PastRun
from tui.domain.pulse import Grid, Series, ServerPulse
from tui.domain.snapshot import Entry
from tui.domain.state import State

LIVELY = {"prod": (4, 9, 0.045), "tf": (3, 2, 0.08), "sca": (9, 4, 0.12)}  # waiting, running at most; usual latency
USUAL_S = range(90, 250, 8)


def wave(count: int, height: float, shift: float, least: float = 0.0) -> Series:
    """A series that comes and goes, the same every time."""
    return tuple(max(least, round(height * (0.45 + 0.55 * math.sin(i * 0.55 + shift)), 3)) for i in range(count))


def pulse_of(server: str, grid: Grid) -> ServerPulse:
    """The pulse of a server of the story; one of them was away for a while, and before an hour nobody looked."""
    waiting, running, usual_s = LIVELY[server]
    count, shift = grid.columns, len(server) * 1.7
    nobody = count // 8
    out = range(count // 2, count // 2 + 3) if server == "tf" else range(0)

    def seen(series: Series) -> Series:
        return tuple(None if index < nobody else round(value or 0) for index, value in enumerate(series))

    def answered(series: Series) -> Series:
        return tuple(None if index < nobody or index in out else value for index, value in enumerate(series))

    middle = tuple(usual_s * (1 + (value or 0)) for value in wave(count, 0.6, shift))
    failed = tuple(float(9 if index in out else index % 11 == 5) for index in range(count))
    levels = (
        (State.WAITING, seen(wave(count, waiting, shift))),
        (State.RUNNING, seen(wave(count, running, shift - 0.8))),
        (State.DONE, seen(wave(count, 20, shift - 2, 6))),
        (State.FAILED, seen(wave(count, 2.4, shift + 1))),
    )
    polls = total([*(poll_of(one) for one in answered(middle) if one is not None), Tally(3, 3)])
    return ServerPulse(
        server,
        levels,
        seen(wave(count, 8, shift - 1.5)),
        seen(wave(count, 1.8, shift + 0.4)),
        answered(middle),
        answered(tuple((one or 0) * (9 if index == count - 6 else 2.4) for index, one in enumerate(middle))),
        seen(failed),
        tuple(index in out for index in range(count)),
        polls,
    )


class StillLookback:
    """Answers with the story's past; what it was asked is in `grids` and `scopes`. `gate` holds answers up."""

    def __init__(self, *, is_empty: bool = False, is_unreadable: bool = False) -> None:
        self.grids: list[Grid] = []
        self.scopes: list[tuple[Scope, str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self._is_empty = is_empty
        self._is_unreadable = is_unreadable

    async def pulse(self, servers: Sequence[str], grid: Grid, now: datetime) -> tuple[ServerPulse, ...]:
        self.grids.append(grid)
        await self.gate.wait()
        if self._is_unreadable:
            return ()
        return tuple(ServerPulse(one) if self._is_empty else pulse_of(one, grid) for one in servers)

    async def last_runs(self, scope: Scope, key: str, most: int) -> tuple[PastRun, ...]:
        self.scopes.append((scope, key))
        await self.gate.wait()
        if self._is_empty:
            return ()
        ends = [State.DONE, State.DONE, State.PARTIAL, State.DONE, State.FAILED, State.DONE]
        runs = [
            PastRun(
                f"{key}#{n}", f"run {n}", ends[n % 6], ago(90_000 - n * 4_000), ago(89_700 - n * 3_985 - n % 4 * 61)
            )
            for n in range(most - 1)
        ]
        return (*runs, PastRun(key, "this one", State.RUNNING, ago(640)))


def past_monitor(lookback: StillLookback | None = None) -> StillMonitor:
    """The rich story with a past, and usual lengths for what its build and its scan do."""
    monitor = rich_monitor()
    monitor.lookback = lookback or StillLookback()  # type: ignore[attr-defined]
    outlook = Outlook()
    for entry in monitor.store.entries.values():
        _learn(outlook, entry)
    monitor.outlook = outlook  # type: ignore[attr-defined]
    return monitor


def _learn(outlook: Outlook, entry: Entry) -> None:
    if not entry.key.startswith(("prod:build/shop-web/412", "sca:job/435")):
        return
    record, scope = entry.record, scope_of_entry(entry)
    assert record is not None
    for part in ("", *(stage.name for stage in record.stages), *(f"@{one.name}" for one in record.categories)):
        for seconds in USUAL_S:
            outlook.learner.durations.add(scope, run_step(part), Run(seconds, seconds, seconds))
            outlook.learner.durations.add(scope, wait_step(part), Run(seconds / 2, seconds / 2, seconds / 2))
