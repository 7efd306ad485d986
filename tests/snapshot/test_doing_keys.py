"""Watching and acting by keys: forms that keep what was entered, questions first, nothing twice, read-only off."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from acting_stage import StillActor, acting_app, asked_to_the_end, settled
from screen_stage import dashboard, pane, play, said, shown
from textual import events

from tui.app.screens.confirm import Confirm, Notice
from tui.app.screens.form import Form
from tui.domain.acts import Fate
from tui.domain.problem import Problem, ProblemCode
from tui.domain.state import State
from tui.watchlist import WatchList

LINK = "http://internal/threadfix/rest/latest/applications/6/pendingScan/{}/status"
UPLOAD = json.dumps(
    {"success": True, "links": [{"rel": "status", "href": LINK.format(51)}, {"href": LINK.format(52)}]}, indent=2
)


def form(app) -> Form:
    assert isinstance(app.screen, Form), app.screen
    return app.screen


async def paste(app, pilot, text: str) -> None:
    app.screen.focused.post_message(events.Paste(text))
    await settled(app, pilot)


def test_a_watches_an_address_and_goes_to_its_row() -> None:
    app = acting_app(StillActor())

    async def scene(app, pilot):
        await pilot.press("a", *"prod:build/new/7", "enter")
        await asked_to_the_end(app, pilot)
        assert app.screen is dashboard(app)
        assert said(app) == "Now watched: prod:build/new/7."
        assert [key for key, _, _ in app.monitor.watched] == ["prod:build/new/7"]
        app.bridge.flush()
        await pilot.pause()
        assert pane(app).table.cursor_key == "prod:build/new/7"

    play(scene, app=app)


def test_what_is_watched_by_key_is_on_the_list_of_the_next_start(tmp_path: Path) -> None:
    watchlist = WatchList(tmp_path)

    async def add(app, pilot):
        await pilot.press("a", *"prod:build/new/7", "enter")
        await asked_to_the_end(app, pilot)
        assert [one.address for one in watchlist.read(app.clock.now()).entries] == ["prod:build/new/7"]
        app.bridge.flush()
        await pilot.pause()
        await pilot.press("x")
        await asked_to_the_end(app, pilot)
        assert watchlist.read(app.clock.now()).entries == ()
        assert "U undoes" in said(app)
        await pilot.press("U")
        await settled(app, pilot)
        assert [one.address for one in watchlist.read(app.clock.now()).entries] == ["prod:build/new/7"]

    play(add, app=acting_app(StillActor(), watchlist=watchlist))


WRONG = [
    ("prod:build/", "is not of the form SERVER:build/NAME/NUMBER"),
    ("nowhere:build/a/1", "is not configured"),
    ("https://elsewhere.example.com/artifactory/repo/path/file", "elsewhere.example.com"),
    ('{"success": true}', "an answer in which there is no scan"),
    ("{wrong", "no scan to watch"),
    ("x" * 10_240, "10240"),
    ("", "An empty text is no address."),
]


@pytest.mark.parametrize(("text", "words"), WRONG, ids=[text[:12] or "empty" for text, _ in WRONG])
def test_a_wrong_text_gets_one_line_and_stays(text: str, words: str) -> None:
    async def scene(app, pilot):
        before = dict(app.store.entries)
        await pilot.press("a")
        if text:
            await paste(app, pilot, text)
        await pilot.press("enter")
        await asked_to_the_end(app, pilot)
        assert form(app).values == {"address": text}
        assert words in form(app).said
        assert "\n" not in form(app).said
        assert dict(app.store.entries) == before and app.monitor.watched == []

    play(scene, app=acting_app(StillActor()))


@pytest.mark.parametrize("text", ["ok\x1b[31mred", "a\u202eb", "y" * 70_000], ids=["escape", "bidi", "70 kB"])
def test_a_paste_that_no_line_takes_is_refused_whole(text: str) -> None:
    async def scene(app, pilot):
        await pilot.press("a", *"prod:build/x")
        await paste(app, pilot, text)
        assert form(app).values == {"address": "prod:build/x"}
        assert form(app).said.startswith("That ")

    play(scene, app=acting_app(StillActor()))


def test_a_pasted_upload_answer_of_many_lines_is_taken() -> None:
    async def scene(app, pilot):
        await pilot.press("a")
        await paste(app, pilot, UPLOAD)
        await pilot.press("enter")
        await asked_to_the_end(app, pilot)
        assert [key for key, _, _ in app.monitor.watched] == ["tf:scan/6/51", "tf:scan/6/52"]
        assert said(app) == "Now watched: 2 targets."

    play(scene, app=acting_app(StillActor()))


async def completed(app, pilot) -> None:
    await pilot.pause(0.3)  # the quiet that the form waits for
    await app.workers.wait_for_complete([one for one in app.workers if one.group == "completions"])
    await settled(app, pilot)


def test_names_and_numbers_are_completed_from_the_server() -> None:
    actor = StillActor()

    async def scene(app, pilot):
        await pilot.press("a", *"prod:build/s")
        await completed(app, pilot)
        await pilot.press("tab")
        assert form(app).values == {"address": "prod:build/shop-web/"}
        await completed(app, pilot)
        assert "prod:build/shop-web/413" in "\n".join(shown(app))
        await pilot.press("down", "down", "enter", "enter")
        await asked_to_the_end(app, pilot)
        assert app.monitor.watched[-1][0] == "prod:build/shop-web/413"

    play(scene, app=acting_app(actor))
    assert {(server, ask.what, ask.within) for server, ask in actor.asked} >= {
        ("prod", "build", ""),
        ("prod", "number", "shop-web"),
    }


def test_a_token_that_may_not_read_is_told_once_and_typing_goes_on() -> None:
    actor = StillActor()
    actor.problem = Problem(ProblemCode.FORBIDDEN, "prod refused (HTTP 403).", 403)

    async def scene(app, pilot):
        await pilot.press("a", *"prod:build/s")
        await completed(app, pilot)
        assert "completes no build names" in form(app).said
        await pilot.press("h")
        await completed(app, pilot)
        assert form(app).said == ""
        assert form(app).values == {"address": "prod:build/sh"}

    play(scene, app=acting_app(actor))
    assert len(actor.asked) == 1


async def fill_report(pilot, name: str = "") -> None:
    """From the row of a build: another name if asked for, and two categories."""
    await pilot.press("n")
    if name:
        await pilot.press("ctrl+u", *name)
    await pilot.press("down", "down", "down", "right", "space")


def test_n_asks_with_the_servers_name_makes_the_reports_and_follows_them() -> None:
    actor = StillActor()

    async def scene(app, pilot):
        pane(app).table.select("prod:build/shop-web/412")
        await fill_report(pilot, "q3")
        await pilot.press("enter")
        await settled(app, pilot)
        assert isinstance(app.screen, Confirm)
        assert app.screen.text.startswith("Make 2 exposures reports on prod (https://prod.example.com)")
        assert actor.reports == []
        await pilot.press("enter", "space")  # no answers
        await settled(app, pilot)
        assert isinstance(app.screen, Confirm) and actor.reports == []
        await pilot.press("y")
        await asked_to_the_end(app, pilot)
        assert app.screen is dashboard(app)
        assert [key for key, _, _ in app.monitor.watched] == ["prod:report/700", "prod:report/701"]
        assert said(app).startswith("Done: make secrets")

    play(scene, app=acting_app(actor))
    (request,) = actor.reports
    assert (request.name, request.categories) == ("q3", ("secrets", "services"))
    assert (request.scope.kind, request.scope.names) == ("builds", ("shop-web",))


def test_no_means_nothing_was_asked_and_the_form_is_as_it_was() -> None:
    actor = StillActor()

    async def scene(app, pilot):
        pane(app).table.select("prod:build/shop-web/412")
        await fill_report(pilot, "q3")
        before = form(app).values
        await pilot.press("enter")
        await settled(app, pilot)
        await pilot.press("n")
        await asked_to_the_end(app, pilot)
        assert form(app).values == before
        assert form(app).said == "Nothing was asked for."

    play(scene, app=acting_app(actor))
    assert actor.reports == []


def test_a_refusal_names_the_permission_and_keeps_the_form() -> None:
    actor = StillActor([Fate.REFUSED, Fate.REFUSED])

    async def scene(app, pilot):
        pane(app).table.select("prod:build/shop-web/412")
        await fill_report(pilot, "q3")
        before = form(app).values
        await pilot.press("enter")
        await settled(app, pilot)
        await pilot.press("y")
        await asked_to_the_end(app, pilot)
        assert form(app).values == before
        assert "'Manage Reports'" in form(app).said
        assert app.monitor.watched == []

    play(scene, app=acting_app(actor))


def test_after_half_of_it_the_form_asks_for_the_other_half_only() -> None:
    actor = StillActor([Fate.DONE, Fate.REFUSED])

    async def scene(app, pilot):
        pane(app).table.select("prod:build/shop-web/412")
        await fill_report(pilot, "q3")
        await pilot.press("enter")
        await settled(app, pilot)
        await pilot.press("y")
        await asked_to_the_end(app, pilot)
        assert form(app).values["categories"] == "services"
        assert form(app).values["name"] == "q3-services"
        assert [key for key, _, _ in app.monitor.watched] == ["prod:report/700"]

    play(scene, app=acting_app(actor))


def test_a_lost_answer_is_told_in_full_and_nothing_is_repeated() -> None:
    actor = StillActor([Fate.UNSURE])

    async def scene(app, pilot):
        pane(app).table.select("prod:build/shop-web/412")
        await pilot.press("n", "enter")
        await settled(app, pilot)
        await pilot.press("y")
        await settled(app, pilot)
        assert isinstance(app.screen, Notice)
        assert "looking found none" in app.screen.text and "Nothing was asked for twice" in app.screen.text
        await pilot.press("enter")
        await asked_to_the_end(app, pilot)
        assert app.screen is dashboard(app)  # the form is gone: no Enter repeats it

    play(scene, app=acting_app(actor))
    assert len(actor.reports) == 1


@pytest.mark.parametrize(
    ("keys", "words", "field"),
    [
        (("ctrl+u",), "needs a name", "name"),
        (("down", "down", "ctrl+u"), "Name at least one", "names"),
        (("down", "down", "down", "space"), "at least one category", "categories"),
        (("down",) * 4 + tuple("soon"), "'soon' is no time", "start_at"),
        (("down",) * 4 + tuple("1d") + ("down",) + tuple("2d"), "ends before it starts", "end_at"),
    ],
    ids=["name", "names", "categories", "start", "end"],
)
def test_a_report_that_cannot_be_meant_is_told_at_its_field(keys: tuple[str, ...], words: str, field: str) -> None:
    actor = StillActor()

    async def scene(app, pilot):
        pane(app).table.select("prod:build/shop-web/412")
        await pilot.press("n", *keys)
        before = form(app).values
        await pilot.press("enter")
        await asked_to_the_end(app, pilot)
        assert words in form(app).said
        assert app.focused.id == f"field-{field}"
        assert form(app).values == before

    play(scene, app=acting_app(actor))
    assert actor.reports == []


def test_read_only_says_why_and_opens_nothing() -> None:
    reason = "Nothing is changed on prod: this scantop is read-only."

    async def scene(app, pilot):
        for key in ("n", "b"):
            await pilot.press(key)
            assert app.screen is dashboard(app)
            assert said(app) == reason
        await pilot.press("2")
        report = next(key for key in app.store.entries if ":report/" in key)
        pane(app).table.select(report)
        await pilot.press("D")
        assert said(app) == reason

    play(scene, app=acting_app(StillActor(reason=reason)))


def test_deleting_asks_and_only_reports_can_be() -> None:
    actor = StillActor()

    async def scene(app, pilot):
        await pilot.press("D")
        assert said(app) == "This row is no report."
        await pilot.press("2")
        report = next(key for key in app.store.entries if ":report/" in key)
        pane(app).table.select(report)
        await pilot.press("D")
        await settled(app, pilot)
        assert isinstance(app.screen, Confirm)
        assert app.screen.text.endswith("on prod (https://prod.example.com) for good?")
        await pilot.press("y")
        await asked_to_the_end(app, pilot)
        assert actor.deleted == [report]

    play(scene, app=acting_app(actor))


def test_b_starts_a_job_for_the_rows_project_and_watches_it() -> None:
    actor = StillActor()

    async def scene(app, pilot):
        await pilot.press("4", "b")
        await pilot.press("ctrl+u", *"15", "up", "right", "enter")
        await settled(app, pilot)
        assert app.screen.text == "Start notices for project 15 on sca (https://sca.example.com)?"
        await pilot.press("y")
        await asked_to_the_end(app, pilot)
        assert app.monitor.watched[-1][0] == "sca:job/4711"

    play(scene, app=acting_app(actor))
    assert [(job.kind, job.project_id, job.is_overwriting) for job in actor.jobs] == [("notices", 15, False)]


def test_w_tells_once_when_what_was_waited_for_ends() -> None:
    written: list[str] = []

    async def scene(app, pilot):
        app.telling._write = written.append
        open_ones = [one for one in app.store.entries.values() if one.state is State.RUNNING][:2]
        for entry in open_ones:
            assert dashboard(app).show_row(entry.key)
            await pilot.press("w")
            assert said(app).startswith("You are told when ")
        assert any("♪" in line for line in shown(app))
        finish(app, *open_ones)
        await pilot.pause()
        assert written == ["\x07"]
        assert said(app) == "2 have ended: 2 done."
        finish(app, *open_ones)
        await pilot.pause()
        assert written == ["\x07"]

    play(scene, app=acting_app(StillActor()))


def finish(app, *entries) -> None:
    from dataclasses import replace

    done = [replace(one, record=replace(one.record, state=State.DONE, status="DONE")) for one in entries]
    app.store.publish(entries=done)
    app.bridge.flush()


def test_w_on_what_has_ended_says_so_and_nothing_rings_by_itself() -> None:
    written: list[str] = []

    async def scene(app, pilot):
        app.telling._write = written.append
        ended = next(one for one in app.store.entries.values() if one.state is State.DONE)
        assert dashboard(app).show_row(ended.key)
        await pilot.press("w")
        assert said(app) == "Ended already: done."
        running = [one for one in app.store.entries.values() if one.state is State.RUNNING]
        finish(app, *running)
        await pilot.pause()
        assert written == []

    play(scene, app=acting_app(StillActor()))
