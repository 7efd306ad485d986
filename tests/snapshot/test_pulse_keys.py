"""The pulse by its keys: when the history is asked, how far it looks back, and that it is still otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from detail_story import rich_monitor, seen_build
from pulse_story import StillLookback, past_monitor
from screen_stage import dashboard, make_app, play, said, shown
from screen_story import NOW, StillClock, build
from textual.pilot import Pilot

from tui.app.app import ScantopApp
from tui.app.pulse.page import BLOCK_CELLS, EMPTY, NO_PAST, UNREAD, measures
from tui.app.pulse.rows import span, whole
from tui.app.screens.detail import DetailScreen
from tui.app.screens.pulse import AGAIN_S, PulseScreen
from tui.app.widgets.cell_line import CellLine
from tui.app.widgets.line_view import LineView
from tui.commands import Place
from tui.domain.snapshot import Entry, Health
from tui.domain.state import State

WIDE = (120, 40)


def on_stage(lookback: StillLookback | None = None) -> tuple[ScantopApp, StillLookback, StillClock]:
    lookback, clock = lookback or StillLookback(), StillClock()
    return make_app(monitor=past_monitor(lookback), clock=clock), lookback, clock


async def pressed(pilot: Pilot[Any], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.pause()


def test_the_key_opens_it_and_leads_back_and_the_time_is_chosen() -> None:
    app, lookback, _ = on_stage()

    async def scene(app: ScantopApp, pilot: Pilot[Any]) -> None:
        assert lookback.grids == []
        await pressed(pilot, "0")
        assert isinstance(app.screen, PulseScreen) and "the last 6 hours" in shown(app)[1]
        await pressed(pilot, "]", "]", "]")
        assert "the last 7 days" in shown(app)[1] and said(app) == "This is the longest time."
        await pressed(pilot, "[", "[", "-")
        assert "the last hour, a column is 5 min" in shown(app)[1]
        lengths = [grid.step_s * grid.columns // 3_600 for grid in lookback.grids]
        assert lengths == [6, 24, 168, 24, 6, 1]
        assert all(grid.column_of(NOW) == grid.columns - 1 for grid in lookback.grids)
        await pressed(pilot, "0")
        assert app.screen is dashboard(app)
        await pressed(pilot, "0", "escape")
        assert app.screen is dashboard(app)

    play(scene, WIDE, app)


def test_enter_opens_what_waits_longest_and_the_key_comes_back_to_the_same_pulse() -> None:
    app, _, _ = on_stage()

    async def scene(app: ScantopApp, pilot: Pilot[Any]) -> None:
        await pressed(pilot, "0")
        pulse = app.screen
        assert "payments 1.9.0-rc2" in shown(app)[3]
        await pressed(pilot, "enter", "tab", "enter")
        assert isinstance(app.screen, DetailScreen) and app.screen.key == "tf:scan/6/42"
        await pressed(pilot, "0")
        assert app.screen is pulse

    play(scene, WIDE, app)


def test_nothing_is_asked_or_drawn_while_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    app, lookback, clock = on_stage()
    drawn: list[str] = []

    def spied(kind: type, refresh: Callable[..., Any]) -> Callable[..., Any]:
        def refreshed(self: Any, *regions: Any, **options: Any) -> Any:
            drawn.append(f"{kind.__name__} {self.id} {regions}")
            return refresh(self, *regions, **options)

        return refreshed

    async def scene(app: ScantopApp, pilot: Pilot[Any]) -> None:
        for entry in [entry for entry in app.store.entries.values() if entry.state is State.WAITING]:
            old = replace(entry, since_at=NOW - timedelta(days=20, minutes=30))  # its age does not turn over meanwhile
            app.store.publish(entries=[old])  # type: ignore[attr-defined]
        await pressed(pilot, "0")
        for widget in (LineView, CellLine):
            monkeypatch.setattr(widget, "refresh", spied(widget, widget.refresh))
        for _ in range(5):
            clock.advance(5)
            for entry in list(app.store.entries.values()):  # polls that bring nothing new
                app.store.publish(entries=[replace(entry, polled_at=clock.now())])  # type: ignore[attr-defined]
            app.tick()
            await pilot.pause()
        assert drawn == [] and len(lookback.grids) == 1
        clock.advance(900)  # a column further: only then is there something else to draw
        app.tick()
        await pilot.pause()
        assert len(lookback.grids) == 2 and drawn != []

    play(scene, WIDE, app)


def test_what_comes_into_another_state_is_asked_for_soon_but_not_at_once() -> None:
    app, lookback, clock = on_stage()

    async def scene(app: ScantopApp, pilot: Pilot[Any]) -> None:
        await pressed(pilot, "0")
        key = seen_build().key
        done = build("shop-web", "412", "DONE DONE DONE DONE DONE", 1)
        app.store.publish(entries=[done])  # type: ignore[attr-defined]
        app.tick()
        await pilot.pause()
        assert done.key == key and len(lookback.grids) == 1
        clock.advance(AGAIN_S)
        app.tick()
        await pilot.pause()
        assert len(lookback.grids) == 2 and lookback.grids[0] == lookback.grids[1]
        row = next(line for line in shown(app) if "running" in line)
        assert "2 now" in row

    play(scene, WIDE, app)


def test_a_servers_rate_changes_the_header_alone_and_its_health_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    app, _, _ = on_stage()
    built: list[int] = []
    lines = PulseScreen.lines
    monkeypatch.setattr(PulseScreen, "lines", lambda self, width: built.append(width) or lines(self, width))

    async def scene(app: ScantopApp, pilot: Pilot[Any]) -> None:
        await pressed(pilot, "0")
        server, so_far, header = app.store.servers["prod"], len(built), shown(app)[0]
        app.store.publish(servers=[replace(server, per_minute=77)])  # type: ignore[attr-defined]
        app.bridge.flush()
        await pilot.pause()
        assert len(built) == so_far and shown(app)[0] != header
        app.store.publish(servers=[replace(server, health=Health.LATE)])  # type: ignore[attr-defined]
        app.bridge.flush()
        await pilot.pause()
        assert len(built) > so_far and "late" in app.screen.query_one(LineView).text

    play(scene, WIDE, app)


def test_an_answer_that_was_overtaken_is_dropped() -> None:
    lookback = StillLookback()
    app, _, _ = on_stage(lookback)

    async def scene(app: ScantopApp, pilot: Pilot[Any]) -> None:
        lookback.gate.clear()
        await pressed(pilot, "0")
        slow, lookback.gate = lookback.gate, asyncio.Event()
        lookback.gate.set()
        await pressed(pilot, "]")
        assert "a column is 1 h" in shown(app)[1]
        slow.set()
        await pilot.pause()
        assert "a column is 1 h" in shown(app)[1]

    play(scene, WIDE, app)


@pytest.mark.parametrize(
    ("monitor", "words"),
    [
        (lambda: past_monitor(StillLookback(is_empty=True)), EMPTY),
        (lambda: past_monitor(StillLookback(is_unreadable=True)), UNREAD),
        (rich_monitor, NO_PAST),
    ],
    ids=["nothing known", "cannot be read", "none kept"],
)
def test_where_there_is_no_past_a_sentence_says_so(monitor: Callable[[], Any], words: str) -> None:
    async def scene(app: ScantopApp, pilot: Pilot[Any]) -> None:
        await pressed(pilot, "0", "]")
        text = app.screen.query_one(LineView).text
        assert words in " ".join(text.split()) and "payments" in text

    play(scene, (80, 24), make_app(monitor=monitor()))


@pytest.mark.parametrize("size", [(20, 6), (61, 20), (240, 70)])
def test_no_line_is_wider_than_any_screen_and_the_newest_column_is_there(size: tuple[int, int]) -> None:
    app, lookback, _ = on_stage()

    async def scene(app: ScantopApp, pilot: Pilot[Any]) -> None:
        await pressed(pilot, "0", "]")
        view = app.screen.query_one(LineView)
        assert max(len(line) for line in view.text.splitlines()) <= size[0] - 2
        assert lookback.grids[-1].columns <= measures(size[0] - 3, 3).chart
        await pilot.resize_terminal(size[0] + 40, size[1])
        await pilot.pause()
        assert lookback.grids[-1].columns > lookback.grids[-2].columns or size[0] > 2 * BLOCK_CELLS

    play(scene, size, app)


def test_numbers_have_few_cells_whatever_they_are() -> None:
    assert [whole(one) for one in (0, 9_999, 10_000, 9_999_000, 1e12)] == ["0", "9999", "10k", "9999k", ">9M"]
    spans = (None, 0.0, 0.0004, 0.133, 0.9994, 0.9996, 9.94, 9.96, 599.4, 3_700.0)
    assert [span(one) for one in spans] == [
        *("", "1 ms", "1 ms", "133 ms", "999 ms", "1.0 s", "9.9 s", "10 s", "599 s", "1h01"),
    ]


# the last runs in a detail


def test_a_detail_asks_once_and_again_when_its_target_changes() -> None:
    app, lookback, _ = on_stage()
    key = seen_build().key

    async def scene(app: ScantopApp, pilot: Pilot[Any]) -> None:
        await app.push_screen(DetailScreen(key))
        await pilot.pause()
        assert [one[1] for one in lookback.scopes] == [key]
        assert "The last runs of the same name" in app.screen.query_one(LineView).text
        entry: Entry = app.store.entries[key]
        app.store.publish(entries=[replace(entry, polled_at=NOW)])  # type: ignore[attr-defined]
        app.tick()
        await pilot.pause()
        assert len(lookback.scopes) == 1
        app.store.publish(entries=[build("shop-web", "412", "DONE DONE DONE DONE DONE", 1)])  # type: ignore[attr-defined]
        app.tick()
        await pilot.pause()
        assert len(lookback.scopes) == 2 and app.screen.place is Place.DETAIL

    play(scene, (80, 60), app)


def test_the_runs_of_another_target_are_never_shown_for_this_one() -> None:
    app, lookback, _ = on_stage()

    async def scene(app: ScantopApp, pilot: Pilot[Any]) -> None:
        await pressed(pilot, "1", "enter")
        assert "The last runs" in app.screen.query_one(LineView).text
        lookback.gate.clear()
        await pressed(pilot, "J")
        assert "The last runs" not in app.screen.query_one(LineView).text
        lookback.gate.set()
        await pilot.pause()
        assert "The last runs" in app.screen.query_one(LineView).text
        assert len({key for _, key in lookback.scopes}) == 2

    play(scene, (80, 60), app)
