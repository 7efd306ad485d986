"""What keys do on the dashboard, through the front door: keys in, lines on the screen out."""

from __future__ import annotations

import pytest
from screen_stage import dashboard, make_app, pane, play, said, shown
from screen_story import StillMonitor, fill, job, job_list, jobs

from tui.app.screens.detail import DetailScreen
from tui.domain.records import ListQuery
from tui.polling.messages import Change


def test_digits_and_tab_go_to_panes() -> None:
    async def scene(app, pilot):
        found = []
        for key in ("3", "tab", "tab", "shift+tab", "2"):
            await pilot.press(key)
            found.append(pane(app).spec.id)
        assert found == ["threadfix", "jobs", "builds", "jobs", "exposures"]
        assert app.focused is pane(app).table

    play(scene)


def test_a_pane_that_is_not_there_says_so() -> None:
    async def scene(app, pilot):
        await pilot.press("7")
        assert said(app) == "There are 4 panes."

    play(scene)


def test_filter_is_live_and_escape_clears_it() -> None:
    async def scene(app, pilot):
        await pilot.press("/", *"shop")
        assert len(pane(app).table.model) == 3
        assert any("3 of 9 /shop" in line for line in shown(app))
        await pilot.press("enter")
        assert app.focused is pane(app).table
        assert len(pane(app).table.model) == 3
        await pilot.press("escape")
        assert len(pane(app).table.model) == 9
        await pilot.press("escape")
        assert app.is_running

    play(scene)


def test_filter_line_reopens_with_its_text_and_letters_are_no_commands() -> None:
    async def scene(app, pilot):
        await pilot.press("/", *"q7", "enter", "/")
        assert app.is_running
        await pilot.press("backspace", "backspace", *"auth")
        assert len(pane(app).table.model) == 1
        assert pane(app).table.cursor_key == "prod:artifact/docker-local/auth/3.2.1/manifest.json"

    play(scene)


def test_filter_without_match_says_how_to_leave() -> None:
    async def scene(app, pilot):
        await pilot.press("/", *"zzzz", "enter")
        text = "\n".join(shown(app))
        assert "No row matches /zzzz" in text
        assert "9 rows without the filter. Esc clears it." in text

    play(scene)


def test_escape_in_the_filter_line_closes_it_and_shows_all() -> None:
    async def scene(app, pilot):
        await pilot.press("/", *"shop", "escape")
        assert len(pane(app).table.model) == 9
        assert app.focused is pane(app).table

    play(scene)


def test_enter_opens_and_escape_comes_back_to_the_same_row() -> None:
    async def scene(app, pilot):
        await pilot.press("j", "j", "j")
        key = pane(app).table.cursor_key
        await pilot.press("enter")
        assert isinstance(app.screen, DetailScreen)
        assert app.screen.key == key
        await pilot.press("escape")
        assert app.screen is dashboard(app)
        assert pane(app).table.cursor_key == key
        assert app.focused is pane(app).table

    play(scene)


def test_pages_of_jobs_are_asked_for_and_the_rows_stay() -> None:
    async def scene(app, pilot):
        await pilot.press("4", "]")
        assert app.monitor.lists == [ListQuery("sca", "jobs", page=2)]
        await pilot.pause(0.2)
        assert len(pane(app).table.model) == 6
        assert any("fetching 2" in line for line in shown(app))
        await pilot.press("[", "[")
        assert [query.page for query in app.monitor.lists] == [2, 1]
        assert said(app) == "This is the first page."

    play(scene)


def test_pages_elsewhere_say_why_not() -> None:
    async def scene(app, pilot):
        await pilot.press("]")
        assert said(app) == "This pane has no pages."
        await pilot.press("t")
        assert "no type filter" in said(app)

    play(scene)


def test_status_picker_asks_the_server() -> None:
    async def scene(app, pilot):
        await pilot.press("4", "f", "j", "enter")
        await pilot.pause()
        assert app.screen is dashboard(app)
        (query,) = app.monitor.lists
        assert query.page == 1
        assert [name for name, _ in query.filters] == ["status"]
        await pilot.press("f", "escape")
        assert len(app.monitor.lists) == 1

    play(scene)


def test_pause_and_refresh_reach_the_monitor() -> None:
    async def scene(app, pilot):
        await pilot.press("p")
        assert app.monitor.is_paused
        assert "PAUSED" in shown(app)[0]
        await pilot.press("p", "r")
        assert not app.monitor.is_paused
        assert app.monitor.asked == [(None, None)]

    play(scene)


def test_layout_follows_the_size_and_zoom() -> None:
    async def scene(app, pilot):
        assert sum(p.display for p in dashboard(app).panes) == 4
        await pilot.press("2", "z")
        assert [p.spec.id for p in dashboard(app).panes if p.display] == ["exposures"]
        await pilot.press("escape")
        assert sum(p.display for p in dashboard(app).panes) == 4
        await pilot.resize_terminal(119, 40)
        await pilot.pause()
        assert [p.spec.id for p in dashboard(app).panes if p.display] == ["exposures"]
        assert app.focused is pane(app).table
        await pilot.resize_terminal(120, 36)
        await pilot.pause()
        assert sum(p.display for p in dashboard(app).panes) == 4

    play(scene, (120, 40))


def test_tiny_screens_do_not_end_the_app() -> None:
    async def scene(app, pilot):
        for size in ((40, 10), (1, 1), (3, 2), (10, 4), (200, 1), (1, 60), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await pilot.press("j", "tab")
        assert app.is_running

    play(scene)


def test_every_screen_survives_one_cell() -> None:
    async def scene(app, pilot):
        for key in ("enter", "m", "?"):
            await pilot.press(key)
            await pilot.resize_terminal(1, 1)
            await pilot.pause()
            await pilot.resize_terminal(80, 24)
            await pilot.pause()
        assert len(app.screen_stack) == 4
        await pilot.press("escape", "escape", "escape", "escape")
        assert app.screen is dashboard(app)

    play(scene)


def test_own_keys_are_in_force_and_shown() -> None:
    async def scene(app, pilot):
        await pilot.press("r")
        assert app.monitor.asked == []
        await pilot.press("f5")
        assert app.monitor.asked == [(None, None)]
        await pilot.press("?")
        assert any("F5" in line and "Poll now" in line for line in shown(app))

    play(scene, (120, 60), keymap={"poll.refresh": "f5"})


def test_a_row_that_changes_is_seen_without_a_key() -> None:
    monitor = StillMonitor()
    fill(monitor.store)

    async def scene(app, pilot):
        await pilot.press("4")

        monitor.store.publish(entries=[job(437, "Project Scan", "Completed", "ePortal", 1)])
        await pilot.pause(0.2)
        row = next(line for line in shown(app) if "437 Project Scan" in line)
        assert "done" in row
        left = [entry for entry in jobs() if entry.key != "sca:job/436"]
        monitor.store.publish(removed=["sca:job/436"], lists=[job_list(e.key for e in left)])
        await pilot.pause(0.2)
        assert not any("436 PDL" in line for line in shown(app))

    play(scene, app=make_app(monitor=monitor))


def test_q_ends_the_app_with_code_0_and_stops_the_monitor() -> None:
    async def scene(app, pilot):
        await pilot.press("q")

    app = play(scene)
    assert app.return_value == 0
    assert app.monitor.is_started
    assert app.monitor.is_stopped


def test_the_clock_may_tick_while_panes_are_taken_down() -> None:
    """On a slow machine a tick comes when the lines of a pane are gone and the pane is not."""

    async def scene(app, pilot):
        for one in dashboard(app).panes:
            await one.remove_children()
        app.tick()
        await pilot.pause()

    play(scene)


@pytest.mark.parametrize("key", ["enter", "?", "m", "0", "l", "i"])
def test_nor_does_a_tick_end_it_while_another_screen_is_taken_down(key: str) -> None:
    async def scene(app, pilot):
        await pilot.press(key)
        await pilot.pause()
        top = app.screen
        await top.remove_children()
        app.tick()
        app.take(Change(frozenset(app.store.entries), servers=frozenset(app.store.servers)))
        await pilot.pause()

    play(scene)
