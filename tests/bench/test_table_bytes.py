"""What the table costs: bytes to the terminal and cells drawn (asserted), time (only told, as ratios)."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import ClassVar

import pytest
from recording import RecordingDriver, Terminal
from table_samples import COLUMNS, NOW, SPEC, entry, key_of
from textual.app import ComposeResult
from textual.pilot import Pilot

from tui.app.lean import LeanApp
from tui.app.widgets.record_table import RecordTable
from tui.domain.snapshot import Entry
from tui.domain.state import State
from tui.present.spec import Cell, ColumnSpec, Context

pytestmark = pytest.mark.anyio
Figure = Callable[[str, object], None]

SIZE = (120, 30)
CHANGED_ROW = 300  # bytes; budgets of the product for one changed row and for all rows at 120x30
ALL_ROWS = 12_000
STAGES = ("sca", "contextual", "exposures", "violations")
drawn_cells = [0]


def _stage(index: int) -> ColumnSpec:
    def cell(item: Entry, context: Context) -> Cell:
        drawn_cells[0] += 1
        states = list(State)
        state = states[(states.index(item.state) + index) % len(states)]
        return Cell(f"{context.glyphs.of(state)} {state.word}", state.value)

    return ColumnSpec(STAGES[index], STAGES[index].upper(), 13, cell, lambda item: (item.state.value,), priority=1)


BUILDS = replace(SPEC, columns=(*COLUMNS[:2], *(_stage(index) for index in range(4)), COLUMNS[4]))


class Bench(LeanApp[None]):
    ENABLE_COMMAND_PALETTE = False
    CONTEXT: ClassVar[Context] = Context(NOW)

    def __init__(self) -> None:
        super().__init__(driver_class=RecordingDriver)
        self.table = RecordTable(BUILDS, context=self.CONTEXT, hold_s=None)

    def compose(self) -> ComposeResult:
        yield self.table


class PlainBench(Bench):
    IS_LEAN: ClassVar[bool] = False


def row(number: int, shift: int = 0) -> Entry:
    """A row in a state of its own, a few hours old."""
    states = list(State)
    return entry(
        number,
        number,
        name=f"build-{number:05}",
        state=states[(number + shift) % len(states)],
        since_at=NOW - timedelta(minutes=number % 500, hours=shift),
    )


class Meter:
    """Bytes and time of one act."""

    def __init__(self, app: Bench, pilot: Pilot[None]) -> None:
        self.app, self._pilot = app, pilot

    async def cost(self, act: Callable[[], object]) -> tuple[int, float]:
        """Bytes written for `act`, and the seconds it took until they were."""
        assert isinstance(self.app._driver, RecordingDriver)
        written = self.app._driver.written
        started = time.perf_counter()
        result = act()
        if hasattr(result, "__await__"):
            await result
        await self._pilot.pause()
        self.app.screen._on_timer_update()
        taken = time.perf_counter() - started
        count = len("".join(written).encode())
        written.clear()
        return count, taken


@asynccontextmanager
async def bench(rows: int, kind: type[Bench] = Bench) -> AsyncIterator[Meter]:
    app = kind()
    async with app.run_test(headless=False, size=SIZE) as pilot:
        meter = Meter(app, pilot)
        app.table.apply([row(number) for number in range(rows)])
        for _ in range(4):
            await meter.cost(lambda: None)
        yield meter


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_nothing_changed_writes_nothing(figure: Figure) -> None:
    async with bench(500) as meter:
        table = meter.app.table

        def minute_without_news() -> None:
            for second in range(5):  # ages move in steps of five seconds
                table.set_now(replace(meter.app.CONTEXT, now=NOW + timedelta(seconds=second)))
                table.apply([row(number) for number in range(500)])
            table.refresh()
            meter.app.screen.refresh()

        written, _ = await meter.cost(minute_without_news)
        figure("bytes when nothing changed, everything asked to repaint", written)
        assert written == 0


async def test_one_changed_row_is_a_few_bytes(figure: Figure) -> None:
    random = Random(1)
    async with bench(500) as meter:
        costs = []
        for _ in range(40):
            number = random.randrange(29)
            written, _ = await meter.cost(
                lambda number=number: meter.app.table.apply([row(number, random.randrange(1, 11))])
            )
            costs.append(written)
        figure("bytes for one changed row: all six cells differ, most and median", f"{max(costs)} {sorted(costs)[20]}")
        assert 0 < max(costs) <= CHANGED_ROW
        written, _ = await meter.cost(lambda: meter.app.table.apply([row(400, 3)]))
        assert written == 0


async def test_a_change_that_is_news_and_the_look_at_it_are_a_few_bytes(figure: Figure) -> None:
    async with bench(500) as meter:
        table, news = meter.app.table, set[str]()
        table.set_now(replace(meter.app.CONTEXT, is_changed=news.__contains__))

        def change() -> None:
            news.add(key_of(7))
            table.apply([row(7, 3)])

        def look() -> None:
            news.clear()
            table.look_again()

        await meter.cost(lambda: None)
        changed, looked = (await meter.cost(change))[0], (await meter.cost(look))[0]
        figure("bytes for a row that is news, and for the look at it", f"{changed} {looked}")
        assert 0 < looked < changed <= CHANGED_ROW
        assert (await meter.cost(table.look_again))[0] == 0


async def test_all_visible_rows_are_one_frame(figure: Figure) -> None:
    for kind in (Bench, PlainBench):
        async with bench(500, kind) as meter:
            written, _ = await meter.cost(lambda: meter.app.table.apply([row(number, 5) for number in range(500)]))
            figure(f"bytes for all visible rows at 120x30, {kind.__name__}", written)
            if kind is Bench:
                assert 0 < written <= ALL_ROWS
                sort, _ = await meter.cost(lambda: meter.app.table.set_sort("state", True))
                page, _ = await meter.cost(lambda: meter.app.table.action_page(1))
                figure("bytes for a sort, a page down", f"{sort} {page}")
                assert max(sort, page) <= ALL_ROWS


async def test_the_cost_does_not_grow_with_the_rows(figure: Figure) -> None:
    acts: dict[str, Callable[[RecordTable], object]] = {
        "one changed row": lambda table: table.apply([row(3, 1)]),
        "one new row": lambda table: table.apply([row(60_000, 1)]),
        "one removed row": lambda table: table.apply([], [key_of(5)]),
        "a step down": lambda table: table.action_move(1),
        "a page down": lambda table: table.action_page(1),
        "to the end": lambda table: table.action_last(),
        "to the start": lambda table: table.action_first(),
        "release": lambda table: table.release(),
    }
    costs: dict[int, dict[str, tuple[int, int, float]]] = {}
    for rows in (500, 50_000):
        async with bench(rows) as meter:
            costs[rows] = {}
            for name, act in acts.items():
                drawn_cells[0] = 0
                written, taken = await meter.cost(lambda act=act: act(meter.app.table))
                costs[rows][name] = written, drawn_cells[0], taken
    for name in acts:
        small, large = costs[500][name], costs[50_000][name]
        figure(
            f"{name}: bytes, cells drawn; time at 50,000 rows over 500",
            f"{large[0]} {large[1]} x{large[2] / small[2]:.1f}",
        )
        assert large[1] <= small[1] + 4 * SIZE[1]
        assert large[0] <= max(1.5 * small[0], small[0] + 100)
        assert large[1] <= 3 * 4 * SIZE[1]


async def test_the_bytes_make_the_screen(figure: Figure) -> None:
    """The figures above would be worth nothing if the terminal showed something else."""
    async with bench(500) as meter:
        terminal = Terminal(*SIZE)
        assert isinstance(meter.app._driver, RecordingDriver)
        meter.app.repaint_all()
        await meter._pilot.pause()
        meter.app.screen._on_timer_update()
        terminal.feed("".join(meter.app._driver.written))
        shown = [strip.text for strip in meter.app.screen._compositor.render_strips()]
        assert terminal.screen.display == shown
