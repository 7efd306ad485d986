"""What a person chooses: marks and acts on them, columns, list filters, the way back; and that it is there again."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

from screen_stage import dashboard, make_app, pane, play, said, shown
from screen_story import NOW, StillMonitor, fill
from textual.widgets import OptionList

from tui.app.screens.columns import ColumnChooser
from tui.app.screens.dashboard import Dashboard
from tui.app.screens.picker import Picker
from tui.preferences import PreferencesFile
from tui.watchlist import WatchList


def test_acts_are_about_all_marked_rows() -> None:
    async def scene(app, pilot):
        copied: list[str] = []
        app.copy_to_clipboard = copied.append
        await pilot.press("j", "space", "j", "ctrl+@")
        marked = pane(app).table.model.marked()
        assert len(marked) == 3
        assert "3 marked" in "\n".join(shown(app))
        await pilot.press("y")
        assert copied == ["\n".join(marked)]
        assert said(app).startswith("3 addresses were copied")
        await pilot.press("r")
        assert app.monitor.asked == [(key, None) for key in marked]
        assert said(app) == "Polling 3 marked rows now."
        await pilot.press("x")
        await pilot.pause()
        assert app.monitor.unwatched == list(marked)
        assert said(app).startswith("No longer watched: 3 targets.")
        assert pane(app).table.model.marked() == ()

    play(scene)


def test_marks_stay_when_the_filter_hides_them_and_are_taken_away_at_once() -> None:
    async def scene(app, pilot):
        await pilot.press("space", "space", "slash", *"ledger", "enter")
        await pilot.pause()
        assert "2 marked" in "\n".join(shown(app))
        await pilot.press("y")
        assert said(app).startswith("The address was copied")
        await pilot.press("escape", "u")
        assert pane(app).table.model.marks == frozenset()
        await pilot.press("u")
        assert said(app) == "No row is marked."

    play(scene)


def test_a_row_of_a_list_cannot_be_unwatched() -> None:
    async def scene(app, pilot):
        await pilot.press("4", "x")
        assert said(app) == "This row is not watched: a list of its server shows it."
        await pilot.press("space", "x")
        await pilot.pause()
        assert said(app).startswith("None of the marked rows is watched")
        assert app.monitor.unwatched == []

    play(scene)


def test_columns_are_hidden_and_one_must_stay() -> None:
    async def scene(app, pilot):
        await pilot.press("C")
        assert isinstance(app.screen, ColumnChooser)
        await pilot.press("j", "space", "escape")
        assert pane(app).table.hidden == {"name"}
        assert "name" not in pane(app).table.placed_ids
        await pilot.press("C", "a")
        for _ in pane(app).spec.columns:
            await pilot.press("enter", "j")
        assert "One column must stay." in "\n".join(shown(app))
        await pilot.press("a", "escape")
        assert pane(app).table.hidden == frozenset()

    play(scene)


def test_list_filters_are_chosen_and_taken_away_by_picker() -> None:
    async def scene(app, pilot):
        await pilot.press("4", "F")
        assert isinstance(app.screen, Picker)
        await pilot.press("j", "j", "enter")
        await pilot.pause()
        words = [str(option.prompt).strip() for option in app.screen.query_one(OptionList).options]
        assert words == ["• any", "ePortal", "ledger", "shop"]
        await pilot.press("j", "enter")
        await pilot.pause()
        assert app.monitor.lists[-1].filters == (("project", "ePortal"),)
        await pilot.press("F", "j", "j", "enter")
        await pilot.pause()
        await pilot.press("k", "enter")
        await pilot.pause()
        assert app.monitor.lists[-1].filters == ()
        await pilot.press("1", "F")
        assert "no list that a server filters" in said(app)

    play(scene)


def test_the_pane_says_which_filters_were_done_here() -> None:
    async def scene(app, pilot):
        state = app.store.lists["sca:jobs"]
        app.store.publish(lists=[replace(state, notes=("type is filtered here (several at once)",))])
        app.bridge.flush()
        await pilot.press("4")
        await pilot.pause()
        assert "sca: type is filtered here (several at once)" in "\n".join(shown(app))

    play(scene)


def test_a_filter_by_age_moves_with_the_clock() -> None:
    async def scene(app, pilot):
        await pilot.press("slash", *"age", "less_than_sign", *"2h", "enter")
        before = pane(app).table.model.matching
        assert f"{before} of 9" in "\n".join(shown(app))
        app.clock.advance(7_200)
        pane(app).table.release()
        app.tick()
        await pilot.pause()
        assert pane(app).table.model.matching < before

    play(scene)


def kept(folder: Path, **options: object):
    """The app with its preferences in a folder."""
    return make_app(preferences=PreferencesFile(folder), watchlist=WatchList(folder), **options)


def test_what_was_chosen_is_there_at_the_next_start(tmp_path: Path) -> None:
    async def choose(app, pilot):
        await pilot.press("s", "S", "slash", *"shop", "enter", "4", "C", "j", "space", "escape")
        await pilot.press("colon", *"theme", "space", *"scantop-light", "enter")
        await pilot.pause()
        app.leave()

    async def look(app, pilot):
        first, *_, jobs = dashboard(app).panes
        assert pane(app) is jobs
        assert jobs.table.hidden == {"id"}
        assert first.table.model.sort == ("name", True)
        assert first.query_now.text == "shop"
        assert app.theme == "scantop-light"
        await pilot.press("colon", "up")
        assert app.screen.line.value == "theme scantop-light"

    play(choose, app=kept(tmp_path))
    play(look, app=kept(tmp_path))


def test_a_theme_of_the_config_that_is_newer_wins(tmp_path: Path) -> None:
    async def choose(app, pilot):
        await pilot.press("colon", *"theme", "space", *"scantop-light", "enter")
        await pilot.pause()
        app.leave()

    async def look(app, pilot):
        assert app.theme == "scantop-mono"

    play(choose, app=kept(tmp_path))
    play(look, app=kept(tmp_path, theme="scantop-mono"))


def test_names_that_are_gone_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "preferences.json").write_text(
        '{"form": "scantop preferences", "version": 1, "theme": "gone", "theme_over": "scantop-dark", "focus": "gone",'
        ' "panes": {"builds": {"sort": "gone", "hidden": ["gone", "name"]}, "gone": {"filter": "x"}}}'
    )

    async def scene(app, pilot):
        assert app.theme == "scantop-dark"
        assert pane(app).table.hidden == {"name"}
        assert pane(app).table.model.sort == pane(app).spec.default_sort

    play(scene, app=kept(tmp_path))


def test_a_damaged_file_is_told_on_the_screen(tmp_path: Path) -> None:
    (tmp_path / "preferences.json").write_text("{")

    async def scene(app, pilot):
        await pilot.pause()
        assert "is damaged; it was set aside as preferences.json.aside-" in said(app)

    play(scene, (200, 60), app=kept(tmp_path))


def test_watching_is_written_to_the_hosts_list(tmp_path: Path) -> None:
    async def scene(app, pilot):
        said_then = await app.watching.add([app.store.entries["prod:build/ledger/2026.11.3"].target], "mine")
        assert said_then == "Now watched: prod:build/ledger/2026.11.3."
        (listed,) = WatchList(tmp_path).read(NOW).entries
        assert (listed.address, listed.label) == ("prod:build/ledger/2026.11.3", "mine")
        await app.watching.remove([listed.address])
        assert WatchList(tmp_path).read(NOW).entries == ()
        app.bridge.flush()

    play(scene, app=kept(tmp_path))


def test_esc_climbs_one_step_at_a_time_and_never_quits() -> None:
    async def scene(app, pilot):
        await pilot.press("z", "slash", *"shop", "enter", "enter", "question_mark", "colon", *"zo")
        depth = len(app.screen_stack)
        for left in (depth - 1, depth - 2, depth - 3):
            await pilot.press("escape")
            assert len(app.screen_stack) == left
        assert pane(app).query_now.text == "shop"
        await pilot.press("escape")
        assert pane(app).query_now.text == "" and dashboard(app).is_single
        await pilot.press("escape")
        assert not dashboard(app).is_single
        await pilot.press("escape", "escape")
        assert app.screen is dashboard(app) and app.is_running

    play(scene, (120, 40))


def test_from_wherever_keys_lead_esc_leads_back() -> None:
    keys = [
        "enter",
        "slash",
        "colon",
        "ctrl+p",
        "question_mark",
        "m",
        "C",
        "F",
        "z",
        "4",
        "tab",
        "j",
        "s",
        "space",
        "t",
    ]
    chance = random.Random(7)

    async def scene(app, pilot):
        for _ in range(8):
            await pilot.press(*(chance.choice(keys) for _ in range(6)))
            for _ in range(12):
                before = len(app.screen_stack)
                await pilot.press("escape")
                assert before - len(app.screen_stack) in (0, 1)
            assert app.is_running
            assert isinstance(app.screen, Dashboard)
            assert all(not one.query_now.text for one in (pane(app),)) and not dashboard(app)._is_zoomed

    monitor = StillMonitor()
    fill(monitor.store)
    play(scene, (120, 40), app=make_app(monitor=monitor))
