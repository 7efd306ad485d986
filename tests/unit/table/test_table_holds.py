"""The real widget under key repeat, while rows come, go and are re-sorted: the cursor, marks and scroll hold."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace

import pytest
from table_samples import BY_VALUE, CONTEXT, entry
from textual.app import App, ComposeResult

from tui.app.widgets.record_table import RecordTable

KEYS = ("down", "up", "pagedown", "pageup", "space", "end", "home")
STEPS = 60
NUMBERS = 60  # rows that there may be at once; a screen shows about twenty


class Stage(App[None]):
    """One table."""

    def compose(self) -> ComposeResult:
        """The table; only `release` ends a hold, as time is not the test's affair."""
        yield RecordTable(BY_VALUE, context=CONTEXT, hold_s=None)


@pytest.mark.parametrize("seed", range(6))
def test_the_cursor_marks_and_scroll_hold(seed: int) -> None:
    chance = random.Random(seed)

    async def run() -> None:
        app = Stage()
        async with app.run_test(size=(80, 24)) as pilot:
            table = app.query_one(RecordTable)
            table.focus()
            there = {number: entry(number, chance.randrange(100)) for number in range(30)}
            table.apply(there.values())
            await pilot.press("down")
            for _ in range(STEPS):
                await one_step(chance, pilot, table, there)

    asyncio.run(run())


async def one_step(chance: random.Random, pilot, table: RecordTable, there: dict) -> None:
    """Either a key, or an answer, or the end of a hold; and what must hold through it."""
    act = chance.choice(("key", "key", "answer", "answer", "answer", "release", "sort"))
    cursor, marks = table.cursor_key, table.model.marks
    line = table.model.cursor_index - table._top
    if act == "key":
        await pilot.press(chance.choice(KEYS))
        assert 0 <= table.model.cursor_index - table._top < table._body
        return
    if act == "release":
        table.release()
    elif act == "sort":
        table.sort_reverse()
    else:
        gone = [number for number in list(there) if chance.random() < 0.1]
        removed = [there.pop(number).key for number in gone]
        fresh = [entry(number, chance.randrange(100)) for number in chance.sample(range(NUMBERS), 8)]
        there.update({int(one.target.parts[-1]): one for one in fresh})
        table.apply(fresh, removed)
        marks = marks - set(removed)
        order_before = list(table.model.keys())
        table.apply([replace(one) for one in fresh])
        assert list(table.model.keys()) == order_before  # the same again moves nothing
        if table.model.is_held and 0 <= line < table._body:
            assert table.model.cursor_index - table._top == line
    await pilot.pause()
    assert table.cursor_key == cursor
    assert table.model.marks == marks
    assert set(table.model.marked()) == {key for key in marks if key in table.model}
    assert len(set(table.model.keys())) == len(table.model)
