"""Since you left: what is told when a person comes back, which marks stay, and what a look takes away."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from away_story import after_a_night, arrive, blur, ended, focus, happen, left, start, story_of_a_night
from screen_stage import dashboard, make_app, pane, play, said, shown
from screen_story import NOW, StillMonitor, ago, fill

from tui.absence_file import AbsenceFile
from tui.app.screens.changes import ChangesScreen
from tui.app.screens.detail import DetailScreen
from tui.domain.outlook import Outlook
from tui.domain.snapshot import Health
from tui.domain.state import State
from tui.preferences import PreferencesFile

WEB, PAYMENTS, SCAN = "prod:build/shop-web/412", "prod:build/payments/1.9.0-rc2", "tf:scan/6/41"


def line(app) -> str:
    """The line under the header, "" if there is none."""
    found = dashboard(app).query_one("#away")
    return found.text.strip() if found.display else ""


def marked(app) -> list[str]:
    """The first words of the rows on the screen that have the bar."""
    return [row.split()[1] + " " + row.split()[2] for row in shown(app) if row.startswith("▌")]


def test_focus_that_comes_back_tells_and_what_is_looked_at_is_no_longer_counted() -> None:
    async def scene(app, pilot):
        happen(app, [SCAN], State.DONE)  # before their eyes: a mark, and no line
        await blur(app, pilot)
        happen(app, [WEB], State.FAILED)
        happen(app, [PAYMENTS], State.DONE)
        await pilot.pause()
        assert line(app) == "" and marked(app) == ["failed shop-web", "done payments"]
        await focus(app, pilot)
        assert line(app).startswith("since 07:01: ✗ 1 failed, ✓ 1 done")
        dashboard(app).show_row(WEB)
        await pilot.pause()
        assert line(app).startswith("since 07:01: ✓ 1 done")
        await pilot.press("full_stop")
        assert pane(app).table.cursor_key == PAYMENTS and line(app) == ""
        await pilot.press("full_stop")
        assert pane(app).table.cursor_key == SCAN and not app.absence.unseen.news
        await pilot.press("full_stop")
        assert said(app) == "Nothing has changed that you have not looked at."

    play(scene)


def test_a_long_silence_is_told_with_the_next_key_which_still_works() -> None:
    async def scene(app, pilot):
        await pilot.press("j")
        app.clock.advance(300)
        happen(app, [SCAN], State.FAILED)
        await pilot.press("j")
        assert line(app) == ""
        happen(app, ["tf:scan/6/42"], State.FAILED, 700)
        before = pane(app).table.model.cursor_index
        await pilot.press("k")
        assert line(app).startswith("since 07:06: ✗ 1 failed") and pane(app).table.model.cursor_index == before - 1
        await pilot.press("escape")
        assert line(app) == "" and SCAN in app.absence.unseen.news
        await pilot.press("escape")
        assert app.is_running

    play(scene, (120, 40))


def test_a_start_tells_once_the_answers_are_in_and_marks_survive_a_restart(tmp_path: Path) -> None:
    async def first(app, pilot):
        assert line(app) == ""
        await arrive(app, pilot)
        assert line(app).startswith("since 04:00: ✗ 6 failed, ◐ 1 partial, ✓ 7 done, ▶ 2 running")
        await pilot.press("enter")
        assert isinstance(app.screen, DetailScreen) and app.screen.key == WEB
        await pilot.press("escape", "3", "A")
        assert said(app) == "Looked at: 15 that changed." and line(app) == ""
        happen(app, [PAYMENTS], State.RUNNING)
        await pilot.press("j")
        app.leave()

    async def second(app, pilot):
        app.store.publish(entries=[ended(app.store.entries[PAYMENTS], State.RUNNING, NOW)])
        await arrive(app, pilot)
        assert [one.key for one in app.absence.unseen.news.values()] == [PAYMENTS]
        assert line(app) == ""  # it was there to be seen when they left

    app = after_a_night(tmp_path)
    play(first, app=app)
    kept, _ = AbsenceFile(tmp_path).load()
    assert kept is not None and list(kept.unseen) == [PAYMENTS] and kept.left_at >= NOW
    monitor = StillMonitor(app.store)
    play(second, app=make_app(monitor=monitor, absence=AbsenceFile(tmp_path), clock=app.clock))


def test_the_first_run_of_all_says_nothing(tmp_path: Path) -> None:
    async def scene(app, pilot):
        await arrive(app, pilot)
        assert line(app) == "" and not app.absence.unseen.news
        app.leave()

    play(scene, app=make_app(absence=AbsenceFile(tmp_path)))
    assert AbsenceFile(tmp_path).load()[0] is not None


def test_what_became_stuck_and_a_server_that_stopped_are_told() -> None:
    monitor = StillMonitor()
    fill(monitor.store)
    monitor.outlook = Outlook(stuck_s=600.0)

    async def scene(app, pilot):
        await blur(app, pilot)
        happen(app, [PAYMENTS], State.RUNNING)
        app.clock.advance(500)
        down = fill(StillMonitor().store, Health.FAILING).servers["tf"]
        app.store.publish(servers=[down.__class__("tf", "threadfix", Health.FAILING, good_at=app.clock.now())])
        app.bridge.flush()
        await focus(app, pilot)
        assert line(app).startswith("since 07:00: ! 5 stuck, ▶ 1 running  ! tf does not answer since 07:09")
        assert WEB in app.absence.unseen.news
        assert SCAN not in app.absence.unseen.news  # of a server without answers nobody knows
        await pilot.press("A")
        assert line(app) == ""

    play(scene, (120, 40), app=make_app(monitor=monitor))


def test_what_is_stuck_is_judged_in_slices_beside_the_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.app.absence.AT_ONCE", 2)
    monitor = StillMonitor()
    fill(monitor.store)
    monitor.outlook = Outlook(stuck_s=600.0)

    async def scene(app, pilot):
        judged = []

        class Counting(Outlook):
            def is_stuck(self, entry, now):
                judged.append(entry.key)
                return super().is_stuck(entry, now)

        await blur(app, pilot)
        app.clock.advance(900)
        app.outlook = Counting(stuck_s=600.0)
        app.absence.sign()
        assert not judged and not app.absence.unseen.news
        turns = [0]
        while not app.absence._judging.is_finished:
            await asyncio.sleep(0)
            turns.append(len(set(judged)))
        assert turns[-1] > 4 and max(after - before for before, after in pairwise(turns)) <= 2
        await pilot.pause()
        assert line(app).startswith("since 07:00: ! ") and "stuck" in line(app)

    play(scene, (120, 40), app=make_app(monitor=monitor))


def test_a_line_that_was_put_away_does_not_come_back() -> None:
    async def scene(app, pilot):
        await blur(app, pilot)
        happen(app, [WEB], State.FAILED)
        await focus(app, pilot)
        assert line(app).startswith("since 07:00")
        await pilot.press("escape")
        app.clock.advance(5)
        app.tick()
        await pilot.pause()
        assert line(app) == "" and WEB in app.absence.unseen.news

    play(scene)


def test_the_list_opens_looks_and_keeps_its_places() -> None:
    async def scene(app, pilot):
        await blur(app, pilot)
        happen(app, [WEB, SCAN], State.FAILED)
        happen(app, [PAYMENTS], State.DONE)
        await focus(app, pilot)
        await pilot.press("l")
        assert isinstance(app.screen, ChangesScreen) and line(app) == ""
        rows = shown(app)[1:5]
        assert "3 targets not looked at" in rows[0]
        assert all("failed" in row for row in rows[1:3]) and "waiting → done" in rows[3]
        await pilot.press("space")
        assert app.screen.target_entry().key in (WEB, SCAN)
        await pilot.press("enter")
        assert isinstance(app.screen, DetailScreen)
        await pilot.press("escape")
        rows = shown(app)[1:5]
        assert "1 target not looked at" in rows[0]
        assert [row.startswith(" ▌") for row in rows[1:]] == [False, False, True]
        await pilot.press("A")
        assert "all looked at" in shown(app)[1]
        await pilot.press("l")
        assert app.screen is dashboard(app) and not app.absence.unseen.news

    play(scene)


def test_on_another_screen_it_is_said_and_stands_on_the_dashboard() -> None:
    async def scene(app, pilot):
        await pilot.press("3", "enter")
        await blur(app, pilot)
        happen(app, [WEB], State.FAILED)
        await focus(app, pilot)
        assert said(app) == "Since 07:00: 1 failed."
        await pilot.press("escape")
        assert line(app).startswith("since 07:00")

    play(scene)


def test_an_open_detail_is_looked_at_while_the_person_is_here() -> None:
    async def scene(app, pilot):
        dashboard(app).show_row(WEB)
        await pilot.press("enter")
        happen(app, [WEB], State.FAILED)
        assert not app.absence.unseen.news
        await blur(app, pilot)
        happen(app, [WEB], State.DONE)
        assert WEB in app.absence.unseen.news

    play(scene)


def test_what_happens_under_the_cursor_is_seen_when_it_goes_on_unless_nobody_was_there() -> None:
    async def scene(app, pilot):
        await pilot.press("3", "j", "k")
        key = pane(app).table.cursor_key
        happen(app, [key], State.DONE)
        assert key in app.absence.unseen.news
        await pilot.press("j")
        assert key not in app.absence.unseen.news
        key = pane(app).table.cursor_key
        await blur(app, pilot)
        happen(app, [key], State.CANCELED)
        await focus(app, pilot)
        await pilot.press("j")
        assert key in app.absence.unseen.news and line(app)

    play(scene)


def test_what_a_server_says_is_clean_in_the_list_and_the_line(tmp_path: Path) -> None:
    monitor = story_of_a_night()
    known = monitor.store.entries[WEB]
    assert known.record is not None
    record = replace(known.record, name="\x1b]52;c;eA==\x07[/x]\u202e\nshop")
    monitor.store.publish(entries=[replace(known, record=record)])

    async def scene(app, pilot):
        await arrive(app, pilot)
        await pilot.press("l")
        text = "".join(shown(app))
        assert "[/x]" in text and text.isprintable() and "\u202e" not in text

    play(scene, app=make_app(monitor=monitor, absence=left(tmp_path)))


def test_the_screen_is_the_same_without_the_focus() -> None:
    async def scene(app, pilot):
        await pilot.press("j")
        before = app.screen._compositor.render_strips()
        await blur(app, pilot)
        assert app.screen._compositor.render_strips() == before and app.focused is pane(app).table
        await focus(app, pilot)
        assert app.screen._compositor.render_strips() == before

    play(scene)


def test_a_filter_for_what_changed_follows_the_looks() -> None:
    async def scene(app, pilot):
        happen(app, [WEB, PAYMENTS], State.FAILED)
        await pilot.press("slash", *"is", "colon", *"ch", "enter")
        await pilot.pause()
        assert pane(app).table.model.matching == 2
        await pilot.press("A")
        await pilot.pause()
        assert "0 of 9" in "\n".join(shown(app))

    play(scene)


def test_the_next_one_behind_a_filter_is_told() -> None:
    async def scene(app, pilot):
        happen(app, [WEB], State.FAILED)
        for key in ("1", "2"):
            await pilot.press(key, "slash", *"ledger", "enter")
        await pilot.press("full_stop")
        assert said(app) == "A filter hides what changed, or its row is gone."

    play(scene)


def test_a_file_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    left(tmp_path).path.write_text("{")

    async def scene(app, pilot):
        await start(app, pilot)
        assert "is damaged; it was set aside as absence.json.aside-" in said(app)

    play(scene, (200, 60), app=make_app(absence=AbsenceFile(tmp_path)))


def test_a_mark_of_ones_own_stands_over_a_change_and_the_change_is_there_again_after_it() -> None:
    async def scene(app, pilot):
        happen(app, [PAYMENTS], State.FAILED)
        model = pane(app).table.model
        model.toggle_mark(PAYMENTS)
        app.redraw_rows()
        assert any(row.startswith("•✗ failed") and "payments" in row for row in shown(app))
        await pilot.press("u")
        assert any(row.startswith("▌✗ failed") and "payments" in row for row in shown(app))

    play(scene)


def test_a_moment_before_today_is_told_with_its_date(tmp_path: Path) -> None:
    async def scene(app, pilot):
        await arrive(app, pilot)
        assert line(app).startswith("since Nov 20 13:")

    play(scene, app=make_app(monitor=story_of_a_night(), absence=left(tmp_path, ago(42 * 3_600))))


def test_keys_work_while_a_slow_disk_is_written_to_and_only_one_write_is_under_way(tmp_path: Path) -> None:
    absence, preferences = AbsenceFile(tmp_path), PreferencesFile(tmp_path)
    let_go, under_way = threading.Event(), []

    def slow(file, answer):
        def save(_kept):
            under_way.append(file)
            let_go.wait(30)
            return answer

        file.save = save

    async def scene(app, pilot):
        await arrive(app, pilot)
        slow(absence, (frozenset(), ""))
        slow(preferences, "")
        try:
            for _ in range(2):  # as their timers do
                happen(app, [SCAN], State.DONE)
                app.call_later(app.absence._save)
                await pilot.press("s")
                app.call_later(app.choices._save)
                for key in ("j", "k"):
                    before = pane(app).table.cursor_key
                    await asyncio.wait_for(pilot.press(key), 20)
                    assert pane(app).table.cursor_key != before
                while len(under_way) < 2:
                    await pilot.pause()
            assert under_way.count(absence) == under_way.count(preferences) == 1
        finally:
            let_go.set()

    play(scene, app=make_app(absence=absence, preferences=preferences))
