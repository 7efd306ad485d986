"""The live table on a screen: what it draws, what it repaints, keys and mouse."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from rich.cells import cell_len
from table_samples import BY_VALUE, CONTEXT, NOW, SPEC, entry, key_of
from textual.app import App, ComposeResult
from textual.events import MouseScrollDown
from textual.geometry import Region
from textual.widgets import Input

from tui.app.widgets.record_table import RecordTable
from tui.domain.state import State
from tui.present.spec import ASCII, Cell, Context, PaneSpec

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Watched(RecordTable):
    """Remembers what it was asked to repaint."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        self.refreshed: list[Region | None] = []
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def refresh(self, *regions: Region, **kwargs: bool) -> Watched:
        self.refreshed += regions or [None]
        return super().refresh(*regions, **kwargs)


class Screenful(App[None]):
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, spec: PaneSpec = SPEC, hold_s: float | None = None) -> None:
        super().__init__()
        self.table = Watched(spec, context=CONTEXT, hold_s=hold_s)
        self.heard: list[object] = []
        self.moved: list[int] = []
        self.settled = asyncio.Event()

    def compose(self) -> ComposeResult:
        yield self.table
        yield Input()

    def on_record_table_row_opened(self, message: RecordTable.RowOpened) -> None:
        self.heard.append(("opened", message.key))

    def on_record_table_rows_changed(self, message: RecordTable.RowsChanged) -> None:
        self.moved.append(message.table.model.moved)
        if self.moved[-1] == 0 and any(self.moved):
            self.settled.set()

    def on_record_table_sort_changed(self, message: RecordTable.SortChanged) -> None:
        self.heard.append(("sorted", message.column_id, message.is_reverse))


def lines(app: Screenful) -> list[str]:
    """What stands on the screen where the table is, as Textual composed it."""
    region = app.table.region
    strips = app.screen._compositor.render_strips()
    return [strip.text for strip in strips[region.y : region.bottom]]


@asynccontextmanager
async def screen(rows: int = 30, *, size: tuple[int, int] = (60, 13), **kwargs: object):
    app = Screenful(**kwargs)  # type: ignore[arg-type]
    async with app.run_test(size=size) as pilot:
        app.table.focus()
        app.table.apply([entry(n, n, name=f"row {n:05}") for n in range(rows)])
        await pilot.pause()
        app.table.refreshed.clear()
        yield app, app.table, pilot


async def test_a_changed_row_repaints_one_line() -> None:
    async with screen() as (app, table, pilot):
        table.apply([entry(3, 3, name="row 00003", state=State.DONE)])
        assert table.refreshed == [Region(0, 4, 59, 1)]
        await pilot.pause()
        assert "done" in lines(app)[4]


async def test_equal_rows_and_rows_out_of_view_repaint_nothing() -> None:
    async with screen() as (_, table, _pilot):
        table.apply([entry(n, n, name=f"row {n:05}") for n in range(30)])
        table.apply([entry(25, 7, name="row 00025", state=State.DONE)])
        assert table.refreshed == []


async def test_ages_repaint_only_lines_whose_text_differs() -> None:
    async with screen() as (app, table, pilot):
        table.apply([entry(2, 2, name="row 00002", since_at=NOW - timedelta(seconds=11))])
        table.refreshed.clear()
        table.set_now(replace(CONTEXT, now=NOW + timedelta(seconds=1)))
        assert table.refreshed == []
        table.set_now(replace(CONTEXT, now=NOW + timedelta(seconds=4)))
        assert table.refreshed == [Region(0, 3, 59, 1)]
        await pilot.pause()
        assert lines(app)[3].rstrip().endswith(" 15s")


async def test_a_row_inserted_above_the_view_repaints_no_line() -> None:
    async with screen() as (_, table, pilot):
        await pilot.press("G")
        table.release()
        await pilot.pause()
        table.refreshed.clear()
        table.apply([entry(99, 0, name="aaa")])
        await pilot.pause()
        assert table.refreshed == []
        assert table.scroll_offset.y == 21 + 1


async def test_many_rows_draw_only_what_is_seen() -> None:
    drawn = []

    def cell(item: object, context: Context) -> Cell:
        drawn.append(item)
        return Cell("x")

    columns = tuple(replace(c, cell=cell) if c.id == "name" else c for c in SPEC.columns)
    async with screen(0, spec=replace(SPEC, columns=columns)) as (_, table, pilot):
        table.apply([entry(n, n, name=f"row {n:05}") for n in range(50_000)])
        await pilot.pause()
        seen = table.size.height - 1
        assert len(drawn) == seen
        await pilot.press("pagedown")
        assert len(drawn) <= 3 * seen
        await pilot.press("G")
        await pilot.pause()
        assert table.cursor_key == key_of(49_999)
        assert len(drawn) <= 5 * seen


async def test_wide_and_combining_characters_keep_the_columns_in_line() -> None:
    async with screen(0) as (app, table, pilot):
        texts = [
            "plain",
            "漢字漢字漢字",
            "e\u0301a\u0301" * 9,
            "👍👍🏽 ok",
            "\x1b[31mred\x07",
            "[/x] [bold]b",
            "\u202eabc\u200b",
        ]
        table.apply([entry(n, "v", name=f"{n} {text}") for n, text in enumerate(texts)])
        await pilot.pause()
        for line in lines(app)[: 1 + len(texts)]:
            assert cell_len(line) == 60
        ends = {cell_len(line.partition("v" + " " * 8)[0]) for line in lines(app)[1 : 1 + len(texts)]}
        assert len(ends) == 1
        assert "[/x] [bold]b" in lines(app)[6]
        assert not any(sign in "".join(lines(app)) for sign in "\x1b\x07\u202e\u200b")


async def test_keys_move_the_cursor_and_the_view() -> None:
    async with screen() as (_, table, pilot):  # 9 lines of rows
        steps = {
            "j": 1, "down": 2, "k": 1, "pagedown": 10, "ctrl+f": 19, "pageup": 10, "end": 29, "up": 28, "G": 29,
            "g": 0, "k,k": 0, "ctrl+b": 0,
        }  # fmt: skip
        for keys, expected in steps.items():
            await pilot.press(*keys.split(","))
            assert table.cursor_key == key_of(expected), keys
            assert table.scroll_offset.y <= expected < table.scroll_offset.y + 9


async def test_space_marks_and_control_space_marks_a_range() -> None:
    async with screen() as (app, table, pilot):
        await pilot.press("space")
        assert table.cursor_key == key_of(1)
        await pilot.press("j", "j", "ctrl+@")
        assert table.model.marked() == tuple(key_of(n) for n in range(4))
        await pilot.pause()
        assert [line[0] for line in lines(app)[1:6]] == ["•", "•", "•", "•", " "]
        await pilot.press("g", "space")
        assert table.model.marked() == tuple(key_of(n) for n in range(1, 4))


async def test_mouse_selects_opens_scrolls_and_sorts() -> None:
    async with screen() as (app, table, pilot):
        await pilot.click(table, offset=(5, 4))
        assert table.cursor_key == key_of(3)
        await pilot.click(table, offset=(5, 6), times=2)
        assert app.heard == [("opened", key_of(5))]
        await pilot._post_mouse_events([MouseScrollDown], table, offset=(5, 4))
        assert table.scroll_offset.y == 3
        assert table.cursor_key == key_of(5)
        await pilot.click(table, offset=(3, 0))
        await pilot.click(table, offset=(3, 0))
        assert app.heard[1:] == [("sorted", "state", False), ("sorted", "state", True)]
        await pilot.pause()
        assert "STATE▼" in lines(app)[0]


async def test_enter_opens_the_row_that_was_looked_at() -> None:
    async with screen(spec=BY_VALUE) as (app, table, pilot):
        await pilot.press("j", "j")
        table.apply([entry(2, 500), entry(40, -1)], [key_of(0)])
        await pilot.press("enter")
        assert app.heard == [("opened", key_of(2))]
        table.apply([], [key_of(2)])
        await pilot.press("enter")
        assert app.heard[1:] == [("opened", key_of(2))]


async def test_rows_keep_their_places_while_keys_are_pressed_and_take_them_after() -> None:
    async with screen(spec=BY_VALUE, hold_s=600) as (app, table, pilot):
        await pilot.press("j")
        table.apply([entry(0, 500)])
        assert table.model.key_at(0) == key_of(0)
        table.hold_s = 0.01
        await pilot.press("k")
        await asyncio.wait_for(app.settled.wait(), 10)
        assert app.moved[-2:] == [1, 0]
        assert table.model.key_at(0) == key_of(1)
        assert table.cursor_key == key_of(0)


async def test_a_row_that_goes_is_shown_as_gone_until_the_cursor_leaves() -> None:
    async with screen() as (app, table, pilot):
        await pilot.press("j")
        table.release()
        table.apply([], [key_of(1)])
        await pilot.pause()
        assert lines(app)[2].startswith("-")
        await pilot.press("j")
        table.release()
        await pilot.pause()
        assert table.cursor_key == key_of(2)
        assert "row 00002" in lines(app)[2]


async def test_the_cursor_is_seen_with_and_without_focus() -> None:
    async with screen() as (app, _table, pilot):

        def look(y: int) -> object:
            return app.screen._compositor.render_strips()[y]._segments[0].style

        focused = look(1)
        app.query_one(Input).focus()
        await pilot.pause()
        assert len({focused, look(1), look(2)}) == 3


async def test_no_rows_no_row_to_act_on_and_words_instead() -> None:
    async with screen(0) as (app, table, pilot):
        table.set_empty(
            "Nothing is watched here yet. Press a to watch a target, and then wait for it to appear.", "dim"
        )
        await pilot.press("j", "k", "G", "space", "enter", "pagedown", "ctrl+@")
        await pilot.pause()
        assert app.heard == []
        assert "Nothing is watched" in "".join(lines(app))
        table.apply([entry(1)])
        await pilot.pause()
        assert "Nothing is watched" not in "".join(lines(app))
        assert table.cursor_key == key_of(1)


async def test_ascii_terminals_get_ascii_only() -> None:
    async with screen() as (app, table, pilot):
        table.apply([entry(n, name="漢字" * 40) for n in range(30)])
        table.set_now(replace(CONTEXT, glyphs=ASCII))
        await pilot.press("space")
        await pilot.pause()
        assert all(line.isascii() for line in lines(app))
        assert lines(app)[1].startswith("*> running")
        assert "~" in lines(app)[1]


async def test_columns_follow_a_resize_and_the_cursor_stays_in_view() -> None:
    async with screen() as (app, _table, pilot):
        await pilot.press("G")
        await pilot.resize_terminal(40, 9)
        await pilot.pause()
        assert "VALUE" not in lines(app)[0]
        assert "row 00029" in lines(app)[-1]
        await pilot.resize_terminal(70, 20)
        await pilot.pause()
        assert "VALUE" in lines(app)[0]
        assert "row 00029" in "".join(lines(app))


async def test_hidden_tables_take_rows_and_show_them_later() -> None:
    async with screen() as (app, table, pilot):
        table.display = False
        await pilot.pause()
        table.apply([entry(0, 0, name="row 00000", state=State.FAILED)])
        table.display = True
        await pilot.pause()
        assert "failed" in lines(app)[1]


@pytest.mark.parametrize("seed", range(4))
async def test_random_polls_and_keys_leave_no_stale_line_and_keep_cursor_and_scroll(seed: int) -> None:
    random = Random(seed)
    async with screen(40, spec=BY_VALUE) as (app, table, pilot):
        for _ in range(60):
            act = random.randrange(8)
            if act < 4:
                is_used, key = table.model.is_placed, table.cursor_key
                line = table.model.cursor_index - table.scroll_offset.y
                top = table.scroll_offset.y
                numbers = random.sample(range(60), random.randrange(1, 9))
                table.apply(
                    [entry(n, random.randrange(50), state=random.choice(list(State))) for n in numbers[1:]],
                    [key_of(n) for n in numbers[:1]],
                )
                if is_used:
                    assert table.cursor_key == key
                    new_top = table.scroll_offset.y
                    is_at_end = new_top in (0, len(table.model) - 9)
                    if top and not is_at_end and 0 <= line < 9:
                        assert table.model.cursor_index - new_top == line
            elif act == 4:
                table.release()
            elif act == 5:
                await pilot.press(random.choice(["j", "k", "pagedown", "pageup", "g", "G", "space"]))
            elif act == 6:
                table.set_sort(random.choice(["value", "state", "name"]), random.random() < 0.5)
            else:
                bar = random.randrange(60)
                table.set_filter(random.choice([None, lambda item, bar=bar: int(item.target.parts[0]) < bar]))
            await pilot.pause()
            shown = lines(app)
            painter = table._ready()
            assert painter is not None
            expected = [table._draw(painter, y).text for y in range(table.size.height)]
            assert [line[: painter.width] for line in shown] == expected
