"""The command line and palette through real keys: typed, chosen, completed, refused, kept in the history."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from screen_stage import dashboard, make_app, pane, play, said, shown, type_text
from screen_story import StillMonitor, fill
from textual import events

from tui.app.screens.dashboard import Dashboard
from tui.app.screens.detail import DetailScreen
from tui.app.screens.help import HelpScreen
from tui.app.screens.palette import Palette
from tui.commands import COMMANDS, Place
from tui.settings import ServerSettings, Settings
from tui.typed import LINE_LENGTH

SERVERS = (
    ServerSettings("prod", "xray", "https://prod.example.com"),
    ServerSettings("tf", "threadfix", "https://tf.example.com"),
    ServerSettings("sca", "codeinsight", "https://sca.example.com"),
)


def settled(theme: str = "scantop-dark", **ui: object):
    """The app on the story, with servers that addresses are read against."""
    app = make_app(theme=theme)
    app.settings = Settings(SERVERS, ui=replace(app.settings.ui, **ui))
    return app


async def give(pilot, line: str) -> None:
    """Type a line after : and give it."""
    await pilot.press("colon")
    await type_text(pilot, line)
    await pilot.press("enter")
    await pilot.pause()


def palette(app) -> Palette:
    """The open palette."""
    assert isinstance(app.screen, Palette)
    return app.screen


def test_a_line_is_given_and_remembered() -> None:
    async def scene(app, pilot):
        await give(pilot, "sort name reverse")
        assert app.screen is dashboard(app)
        assert pane(app).table.model.sort == ("name", True)
        await give(pilot, "filter state:failed")
        assert [pane(app).table.model.matching, pane(app).query_now.text] == [1, "state:failed"]
        await give(pilot, "pane 3")
        assert pane(app).spec.id == "threadfix"
        await pilot.press("colon", "up", "up")
        assert palette(app).line.value == "filter state:failed"
        await pilot.press("up", "up")
        assert palette(app).line.value == "sort name reverse"
        assert palette(app).said == "There are no older lines."
        await pilot.press("down", "down", "down")
        assert palette(app).line.value == ""
        await pilot.press("escape")
        assert app.screen is dashboard(app)

    play(scene, app=settled())


def test_what_was_being_typed_waits_while_the_history_is_read() -> None:
    async def scene(app, pilot):
        await give(pilot, "zoom")
        await pilot.press("colon", *"the", "up")
        assert palette(app).line.value == "zoom"
        await pilot.press("down")
        assert palette(app).line.value == "the"

    play(scene, (120, 40), app=settled())


REFUSED_LINES = (
    ("stats", "There is no command 'stats'; did you mean 'status'?"),
    ("sort naem", "'naem' is no column of this pane; did you mean 'name'?"),
    ("sort name up", "Only 'reverse' may follow the column, not 'up'."),
    ("theme scantop-lihgt", "'scantop-lihgt' is no theme; did you mean 'scantop-light'?"),
    ("poll prdo", "'prdo' is no server; did you mean 'prod'?"),
    ("status prod:build/x", "is not of the form SERVER:build/NAME/NUMBER"),
    ("status prdo:build/x/1", "did you mean 'prod'?"),
    ("status prod:bild/x/1", "did you mean 'build'?"),
    ("watch add https://evil.example.com/x", "is a URL that scantop cannot read a target from"),
    ("watch add {broken", "is an answer in which there is no scan to watch"),
    ("watch add prod:build/a/1 --expire soon", "is not a duration"),
    ("watch remove prod:build/nobody/1", "is not watched here."),
    ("saved nothing", "'nothing' is no saved filter."),
    ("page back", "This pane has no pages."),
    ("unmark", "No row is marked."),
    ("jobs --status", "'--status' wants a value after it."),
)


def test_what_cannot_be_done_is_told_and_keeps_what_was_typed() -> None:
    async def scene(app, pilot):
        before = (app.theme, pane(app).table.model.sort, pane(app).query_now)
        for line, said_then in REFUSED_LINES:
            await give(pilot, line)
            assert said_then in palette(app).said
            assert palette(app).line.value == line
            assert any(said_then[:20] in text for text in shown(app))
            await pilot.press("escape")
        monitor = app.monitor
        assert (app.theme, pane(app).table.model.sort, pane(app).query_now) == before
        assert monitor.watched == monitor.unwatched == monitor.lists == monitor.asked == []
        assert not app.choices.lines

    play(scene, (120, 40), app=settled())


@pytest.mark.parametrize(
    ("text", "said_then"),
    [
        ("x" * 10_240, f"That has 10,244 characters; a line takes {LINE_LENGTH:,} at most."),
        ("sort \x1b]52;c;eA==\x07", "That holds a character that cannot be seen (U+001B"),
        ("a\u202eb", "That holds a character that cannot be seen (U+202E"),
        ("a\x00b", "That holds a character that cannot be seen (U+0000"),
    ],
)
def test_a_paste_that_is_no_line_is_refused(text: str, said_then: str) -> None:
    async def scene(app, pilot):
        await pilot.press("colon", *"sort")
        palette(app).line.post_message(events.Paste(text))
        await pilot.pause()
        assert said_then in palette(app).said
        assert palette(app).line.value == "sort"

    play(scene, app=settled())


def test_a_paste_of_several_lines_becomes_one() -> None:
    async def scene(app, pilot):
        await pilot.press("colon", *"watch", "space", *"add", "space")
        answer = '{"success": true,\n\t"object": {"id": 77, "applicationId": 6}}\n'
        palette(app).line.post_message(events.Paste(answer))
        await pilot.pause()
        assert palette(app).line.value.startswith('watch add {"success": true,  "object"')

    play(scene, app=settled())


def test_tab_takes_the_ghost() -> None:
    async def scene(app, pilot):
        await pilot.press("colon", *"sort", "space", *"na", "tab")
        assert palette(app).line.value == "sort name"
        await pilot.press("enter")
        await pilot.pause()
        assert pane(app).table.model.sort == ("name", False)

    play(scene, app=settled())


def test_down_chooses_and_what_needs_more_is_only_begun() -> None:
    async def scene(app, pilot):
        await pilot.press("colon", *"theme", "down", "enter")
        assert palette(app).line.value == "theme "
        await pilot.press(*"scantop-mo", "down", "enter")
        await pilot.pause()
        assert app.theme == "scantop-mono"

    play(scene, app=settled())


def test_the_palette_finds_loosely_and_enter_takes_the_first() -> None:
    async def scene(app, pilot):
        await pilot.press("ctrl+p", *"light", "enter")
        await pilot.pause()
        assert app.theme == "scantop-light"
        await pilot.press("ctrl+p", *"ledger", "enter")
        await pilot.pause()
        assert isinstance(app.screen, DetailScreen) and app.screen.key == "prod:build/ledger/2026.11.3"

    play(scene, app=settled())


def test_with_the_line_a_guess_is_never_done() -> None:
    async def scene(app, pilot):
        await give(pilot, "light")
        assert app.theme == "scantop-dark"
        assert "There is no command 'light'" in palette(app).said

    play(scene, app=settled())


def test_a_detail_is_opened_by_its_address_watched_or_not() -> None:
    async def scene(app, pilot):
        await give(pilot, "status sca:job/437")
        assert isinstance(app.screen, DetailScreen) and app.screen.key == "sca:job/437"
        assert app.monitor.watched == []
        await give(pilot, "status build/new/5")
        assert app.screen.key == "prod:build/new/5"
        assert [key for key, _, _ in app.monitor.watched] == ["prod:build/new/5"]
        await pilot.press("escape")
        await pilot.pause()
        assert app.monitor.unwatched == ["prod:build/new/5"]
        assert app.screen.key == "sca:job/437"

    play(scene, app=settled())


def test_jobs_are_asked_for_in_the_words_of_the_command_line() -> None:
    async def scene(app, pilot):
        await give(pilot, 'jobs --status Failed --type "Project Scan" --page 2')
        (query,) = app.monitor.lists
        assert dict(query.filters) == {"status": "Failed", "type": "Project Scan"}
        assert query.page == 2
        assert pane(app).spec.id == "jobs"
        assert "2 filters on" in "\n".join(shown(app))
        await pilot.press("z")
        assert "status=Failed type=Project Scan" in "\n".join(shown(app))
        await pilot.press("escape")
        await pilot.press("enter")
        await give(pilot, "jobs --project 7 --user mlee --days 30")
        assert app.screen is dashboard(app)
        assert dict(app.monitor.lists[-1].filters) == {"project": "7", "user": "mlee", "days": "30"}
        await give(pilot, "jobs")
        assert app.monitor.lists[-1].filters == ()

    play(scene, (120, 40), app=settled())


def test_watching_more_and_less() -> None:
    async def scene(app, pilot):
        await give(pilot, "watch add prod:build/app/9 --label nightly")
        assert app.monitor.watched == [("prod:build/app/9", "nightly", "watch list")]
        assert said(app) == "Now watched: prod:build/app/9."
        await give(pilot, "watch remove prod:build/app/9")
        assert app.monitor.unwatched == ["prod:build/app/9"]
        assert said(app) == "No longer watched: prod:build/app/9."

    play(scene, (120, 40), app=settled())


def test_saved_filters_are_offered_and_given() -> None:
    async def scene(app, pilot):
        await pilot.press("ctrl+p", *"bad")
        assert palette(app).found[0].line == "saved bad ones"
        assert palette(app).found[0].title == "filter state:failed|partial"
        await pilot.press("enter")
        await pilot.pause()
        assert pane(app).query_now.text == "state:failed|partial"
        await pilot.press("slash", "space", *"ledger")
        assert pane(app).query_now.text == "state:failed|partial ledger"

    play(scene, (120, 40), app=settled(filters={"bad ones": "state:failed|partial"}))


def test_what_a_key_did_can_be_seen_as_its_command() -> None:
    async def scene(app, pilot):
        await pilot.press("s")
        await pilot.press("colon")
        assert "last: sort name" in "\n".join(shown(app))
        await pilot.press("escape", "4", "right_square_bracket")
        assert list(app.choices.done) == ["sort name", "pane 4", "jobs --page 2"]
        await pilot.click(pane(app).table, offset=(3, 0))
        await pilot.pause()
        assert app.choices.done[-1] == "sort state"

    play(scene, (120, 40), app=settled())


@pytest.mark.parametrize("place", ["dashboard", "detail", "help"])
def test_every_command_is_in_the_palette_of_its_place(place: str) -> None:
    async def scene(app, pilot):
        keys = {"dashboard": [], "detail": ["enter"], "help": ["question_mark"]}[place]
        await pilot.press(*keys, "ctrl+p")
        offered = {candidate.line for candidate in app.speaker.stock().fixed}
        here = Place.READING if place == "help" else Place(place)
        left_out = {"app.command", "app.palette"} | {command.id for command in COMMANDS if command.is_play}
        wanted = {command.line for command in COMMANDS if here in command.places and command.id not in left_out}
        assert wanted - offered == {f"pane {n}" for n in range(5, 10)} if place == "dashboard" else wanted <= offered

    play(scene, app=settled())


def test_a_command_of_another_screen_says_where_it_belongs() -> None:
    async def scene(app, pilot):
        await pilot.press("enter")
        await give(pilot, "sort name")
        assert palette(app).said == "'sort' is for the dashboard; Esc leads back."

    play(scene, app=settled())


def test_an_unavailable_command_says_why_in_the_list() -> None:
    async def scene(app, pilot):
        await pilot.press("colon", *"page", "space", *"b")
        await pilot.pause()
        assert "not now: This pane has no pages." in "\n".join(shown(app))

    play(scene, (120, 40), app=settled())


def test_the_mouse_opens_the_line_chooses_and_leaves() -> None:
    async def scene(app, pilot):
        footer = shown(app)[-1]
        await pilot.click("#footer", offset=(footer.index("command") + 1, 0))
        await pilot.pause()
        await pilot.press(*"theme scantop-l".replace(" ", "\t").split("\t")[0], "space", *"scantop-l")
        await pilot.pause()
        await pilot.click("#palette-found", offset=(3, 0))
        await pilot.pause()
        assert app.theme == "scantop-light"
        await pilot.press("colon")
        await pilot.click(offset=(40, 22))
        assert app.screen is dashboard(app)

    play(scene, app=settled())


def test_every_footer_item_gives_its_command() -> None:
    async def scene(app, pilot):
        footer = app.screen.footer
        for word, screen in (("help", HelpScreen), ("messages", None), ("command", Palette)):
            place = "".join(piece.text for piece in footer.line).find(word)
            assert place >= 0
            await pilot.click("#footer", offset=(place, 0))
            await pilot.pause()
            assert not isinstance(app.screen, Dashboard)
            assert screen is None or isinstance(app.screen, screen)
            await pilot.press("escape")

    play(scene, (200, 60), app=settled())


def test_polling_and_changes_go_on_below_the_palette() -> None:
    monitor = StillMonitor()
    fill(monitor.store)
    app = make_app(monitor=monitor)

    async def run() -> None:
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.pause()
            await pilot.press("colon", *"sort")
            known = monitor.store.entries["prod:build/ledger/2026.11.3"]
            monitor.store.publish(entries=[replace(known, label="renamed")])
            app.bridge.flush()
            await pilot.pause()
            assert palette(app).line.value == "sort"
            assert pane(app).table.model.entry(known.key).label == "renamed"

    asyncio.run(run())


def test_own_keys_are_those_of_hints_and_palette() -> None:
    async def scene(app, pilot):
        await pilot.press("f2")
        assert isinstance(app.screen, Palette)
        lines = {one.line: one.keys for one in palette(app).found}
        assert lines["filter"] == "F3" and lines["sort"] == "s"
        await pilot.press("escape", "4", "f3", *"zzz", "enter")
        await pilot.pause()
        assert "F3 filter" in shown(app)[-1]
        await pilot.press("escape")
        await pilot.press("1", "t")
        assert "F3 filters by any text" in said(app)

    app = make_app(keymap={"app.command": "f2", "pane.filter": "f3"})
    play(scene, (120, 40), app=app)
