"""What keys and the mouse do in the details, through the front door: keys in, lines on the screen out."""

from __future__ import annotations

from typing import Any

import pytest
from detail_story import ROWS, RowsActor, held_job, rich_monitor, seen_build
from screen_stage import dashboard, make_app, pane, play, said, shown, type_text
from screen_story import StillMonitor, fill, job, report

from tui.app.screens.detail import HOLDER, DetailScreen
from tui.app.screens.report_rows import FindingScreen, ReportRowsScreen
from tui.app.widgets.line_view import LineView
from tui.domain.acts import RowsQuery
from tui.domain.problem import Problem, ProblemCode


def text(app: Any) -> str:
    return "\n".join(shown(app))


def view(app: Any) -> LineView:
    return app.screen.query_one("#lines", LineView)


async def open_key(app: Any, pilot: Any, key: str) -> None:
    """Open a row's detail as Enter would."""
    await app.push_screen(DetailScreen(key))
    await pilot.pause()


def rich_app(**options: Any) -> Any:
    return make_app(monitor=rich_monitor(), **options)


def test_a_link_opens_and_escape_leads_back_to_the_same_place() -> None:
    async def scene(app, pilot):
        await open_key(app, pilot, held_job().key)
        assert "Held up by" in text(app)
        await pilot.press("tab", "tab")
        selected, scroll = view(app).selected, view(app).scroll_offset
        assert selected == "open:sca:job/436"
        await pilot.press("enter")
        assert app.screen.key == "sca:job/436"
        await pilot.press("escape")
        assert app.screen.key == held_job().key
        assert (view(app).selected, view(app).scroll_offset) == (selected, scroll)
        await pilot.press("escape")
        assert app.screen is dashboard(app)

    play(scene, app=rich_app())


def test_a_click_opens_a_link() -> None:
    async def scene(app, pilot):
        await open_key(app, pilot, held_job().key)
        line = next(i for i, one in enumerate(shown(app)) if "437" in one and "PDL" in one)
        await pilot.click(offset=(8, line))
        assert app.screen.key == "sca:job/437"

    play(scene, app=rich_app())


def test_what_holds_a_job_up_is_live() -> None:
    monitor = rich_monitor()

    async def scene(app, pilot):
        await open_key(app, pilot, held_job().key)
        monitor.store.publish(entries=[job(437, "PDL Update", "Completed", None, 1)])
        await pilot.pause(0.2)
        assert "PDL Update" not in text(app) and "436" in text(app)
        monitor.store.publish(entries=[job(436, "Project Scan", "Completed", "shop", 1)])
        await pilot.pause(0.2)
        assert "Held up by" not in text(app)

    play(scene, app=make_app(monitor=monitor))


def test_a_build_shows_its_timeline_and_its_reports() -> None:
    async def scene(app, pilot):
        await open_key(app, pilot, seen_build().key)
        shown_now = view(app).text
        assert "Timeline  06:49:50 to now, 10m40" in shown_now
        assert "its start was not seen" in shown_now
        assert "301  secrets in shop-web (secrets)" in shown_now
        assert "weekly secrets" not in shown_now

    play(scene, (80, 60), app=rich_app())


def test_folds_are_turned_by_keys_and_by_mouse() -> None:
    async def scene(app, pilot):
        await open_key(app, pilot, seen_build().key)
        assert '"sca"' not in view(app).text
        await pilot.press("+")
        assert '"sca": {' in view(app).text
        await pilot.press("-", "G")
        line = next(i for i, one in enumerate(shown(app)) if '"details"' in one)
        await pilot.click(offset=(8, line))
        assert '"sca": {' in view(app).text
        assert view(app).selected == "fold:/details"
        await pilot.press("space")
        assert '"sca"' not in view(app).text

    play(scene, app=rich_app())


def test_a_search_unfolds_what_it_finds_and_goes_from_hit_to_hit() -> None:
    async def scene(app, pilot):
        await open_key(app, pilot, seen_build().key)
        await pilot.press("/", *"06:53:48z")
        assert "1 of 1 hit" in text(app) and "2026-11-22T06:53:48Z" in text(app)
        await pilot.press(*["backspace"] * 9, *"scanning", "enter")
        number = len([line for line in view(app).text.splitlines() if "scanning" in line.casefold()])
        assert number > 2 and f"1 of {number} hits" in text(app)
        await pilot.press("n")
        assert f"2 of {number} hits" in text(app)
        await pilot.press("N", "N")
        assert f"{number} of {number} hits" in text(app)
        assert app.screen.key == seen_build().key
        await pilot.press("escape")
        assert isinstance(app.screen, DetailScreen) and "hits" not in text(app)
        await pilot.press("escape")
        assert app.screen is dashboard(app)

    play(scene, app=rich_app())


@pytest.mark.parametrize("typed", ["[/x]", "zzz", "x" * 400])
def test_what_is_not_there_is_said(typed: str) -> None:
    async def scene(app, pilot):
        await open_key(app, pilot, seen_build().key)
        await pilot.press("/")
        await type_text(pilot, typed)
        assert "no hit" in text(app)
        await pilot.press("enter")
        assert "does not occur here." in said(app)

    play(scene, app=rich_app())


def test_capital_letters_go_from_row_to_row_and_the_cursor_comes_along() -> None:
    async def scene(app, pilot):
        await pilot.press("j")
        first = pane(app).table.cursor_key
        await pilot.press("enter", "J")
        second = app.screen.key
        assert second != first and pane(app).table.cursor_key == second
        await pilot.press("K", "K")
        assert app.screen.key not in (first, second)
        await pilot.press("K")
        assert said(app) == "This is the first row."
        await pilot.press("escape")
        assert pane(app).table.cursor_key != first

    play(scene)


def test_a_detail_lives_at_any_size() -> None:
    async def scene(app, pilot):
        for key in (seen_build().key, held_job().key, "tf:scan/6/41", "prod:report/300"):
            await open_key(app, pilot, key)
            for size in ((40, 10), (1, 1), (20, 3), (200, 60), (80, 24)):
                await pilot.resize_terminal(*size)
                await pilot.pause()
                await pilot.press("j", "tab", "J", "+")
        await pilot.pause()
        assert app.is_running

    play(scene, app=rich_app())


# rows of a report


async def open_rows(app: Any, pilot: Any) -> None:
    await open_key(app, pilot, "prod:report/300")
    await pilot.press("v")
    await pilot.pause()
    assert isinstance(app.screen, ReportRowsScreen)


def test_rows_are_read_paged_and_opened() -> None:
    actor = RowsActor()

    async def scene(app, pilot):
        await open_rows(app, pilot)
        assert f"{ROWS} rows  page 1 of 3" in text(app) and "critical" in text(app)
        assert view(app).selected == "finding:0"
        await pilot.press("]")
        await pilot.pause()
        assert "page 2 of 3" in text(app)
        await pilot.press("j", "j", "enter")
        assert isinstance(app.screen, FindingScreen)
        assert "EXP-300-00028" in text(app) and "CWE-798" in text(app)
        await pilot.press("J")
        assert "EXP-300-00029" in text(app)
        await pilot.press("escape")
        assert view(app).selected == "finding:3"
        await pilot.press("]", "]", "]")
        await pilot.pause()
        assert said(app) == "This is the last page."
        assert [query.page for query in actor.asked] == [1, 2, 3]
        await pilot.press("escape", "escape")
        assert app.screen is dashboard(app)

    play(scene, app=rich_app(actor=actor))


def test_the_link_in_the_report_leads_to_the_rows() -> None:
    async def scene(app, pilot):
        await open_key(app, pilot, "prod:report/300")
        await pilot.press("enter", "enter")
        assert isinstance(app.screen, ReportRowsScreen)

    play(scene, app=rich_app(actor=RowsActor()))


def test_the_server_sorts_and_the_rows_stay_meanwhile() -> None:
    actor = RowsActor(is_slow=True)

    async def scene(app, pilot):
        await open_rows(app, pilot)
        await pilot.press("s")
        await pilot.pause()
        assert "asking for page 1" in text(app) and "critical" in text(app)
        actor.gate.set()
        await pilot.pause()
        await pilot.press("S")
        await pilot.pause()
        assert "asking" not in text(app)
        assert [(query.sort, query.is_descending) for query in actor.asked] == [
            ("jfrog_severity", True),
            ("file_path", False),
            ("file_path", True),
        ]

    play(scene, (120, 40), app=rich_app(actor=actor))


def test_leaving_while_a_page_is_fetched_ends_nothing() -> None:
    actor = RowsActor(is_slow=True)

    async def scene(app, pilot):
        await open_rows(app, pilot)
        await pilot.press("]", "escape")
        actor.gate.set()
        await pilot.pause()
        assert isinstance(app.screen, DetailScreen) and app.is_running

    play(scene, app=rich_app(actor=actor))


def test_a_refusal_names_the_permission() -> None:
    problem = Problem(ProblemCode.FORBIDDEN, "The server refused (403).", 403, 'It wants the role "Manage Reports".')

    async def scene(app, pilot):
        await open_rows(app, pilot)
        assert "The server refused (403)." in text(app) and "Manage Reports" in text(app)

    play(scene, app=rich_app(actor=RowsActor(problem=problem)))


def test_a_page_that_fails_leaves_the_last_one() -> None:
    actor = RowsActor()

    async def scene(app, pilot):
        await open_rows(app, pilot)
        actor.problem = Problem(ProblemCode.TIMEOUT, "No answer within 30 s.", None, "")
        await pilot.press("]")
        await pilot.pause()
        assert "No answer within 30 s." in text(app) and "EXP" not in said(app)
        assert "page 1 of 3" in text(app) and "critical" in text(app)
        actor.problem = None
        await pilot.press("r")
        await pilot.pause()
        assert actor.asked[-1] == RowsQuery()
        assert "No answer" not in text(app)

    play(scene, app=rich_app(actor=actor))


def test_a_report_that_is_made_still_has_no_rows_yet() -> None:
    monitor = StillMonitor()
    fill(monitor.store)

    async def scene(app, pilot):
        await open_key(app, pilot, "prod:report/301")
        await pilot.press("v")
        assert said(app) == "Only a report that is completed has rows."
        monitor.store.publish(entries=[report(301, "secrets in docker-local", "completed", 100, 1)])
        await pilot.pause(0.2)
        await pilot.press("v")
        assert isinstance(app.screen, ReportRowsScreen)

    play(scene, app=make_app(monitor=monitor, actor=RowsActor()))


def test_a_job_that_leaves_its_page_is_followed_until_the_detail_is_closed() -> None:
    monitor = rich_monitor()

    async def scene(app, pilot):
        await open_key(app, pilot, held_job().key)
        monitor.store.publish(removed=[held_job().key])
        await pilot.pause(0.2)
        assert [(key, holder) for key, _, holder in monitor.watched] == [(held_job().key, HOLDER)]
        assert "Project Scan" in text(app) and "438" in text(app)
        monitor.store.publish(entries=[job(438, "Project Scan", "Completed", "shop", 1)])
        await pilot.pause(0.2)
        assert "done" in shown(app)[1] and "no longer listed" not in text(app)
        await pilot.press("escape")
        await pilot.pause(0.2)
        assert held_job().key not in monitor.store.entries

    play(scene, app=make_app(monitor=monitor))


def test_what_has_ended_and_left_its_list_stays_and_says_so() -> None:
    monitor = rich_monitor()

    async def scene(app, pilot):
        await open_key(app, pilot, "sca:job/435")
        monitor.store.publish(removed=["sca:job/435"])
        await pilot.pause(0.2)
        assert "no longer listed" in text(app) and "lost its connection" in text(app)
        assert monitor.watched == []

    play(scene, app=make_app(monitor=monitor))
