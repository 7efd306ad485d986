"""Copying, the web page, the mouse, hostile text: what leaves the screen, and what must never reach the terminal."""

from __future__ import annotations

import json
from dataclasses import replace

from screen_stage import dashboard, make_app, pane, play, said, shown
from screen_story import StillMonitor, ago, builds, entry, fill

from tui.domain.records import Fields
from tui.polling.messages import Change, Message, MessageKind
from tui.present.safe import is_safe

HOSTILE = "a\x1b]52;c;eA==\x07b\x9d[/x][ERROR]\u202egnp\u200b\r\n\tz" + "\u0301" * 30 + "🙂" * 10


def test_y_copies_the_address_and_says_how() -> None:
    async def scene(app, pilot):
        await pilot.press("j", "y")
        assert app.clipboard == pane(app).table.cursor_key
        assert said(app) == "The address was copied with OSC 52."

    play(scene)


def test_capital_y_copies_what_status_json_says() -> None:
    async def scene(app, pilot):
        await pilot.press("j", "enter", "Y")
        document = json.loads(app.clipboard)
        assert [target["target"] for target in document["targets"]] == [app.screen.key]
        assert said(app) == "The JSON was copied with OSC 52."

    play(scene)


def test_o_shows_the_address_where_there_is_no_desktop() -> None:
    async def scene(app, pilot):
        await pilot.press("o")
        assert said(app).startswith("Web page: https://prod.example.com/ui/builds/")
        await pilot.press("4", "o")
        assert said(app) == "Its server gave no web address for this row."

    play(scene)


def test_o_never_opens_what_is_no_web_page() -> None:
    monitor = StillMonitor()
    fill(monitor.store)
    key = "prod:build/shop-web/412"
    known = monitor.store.entries[key]
    monitor.store.publish(entries=[replace(known, record=replace(known.record, web_url="javascript:alert(1)"))])

    async def scene(app, pilot):
        pane(app).table.select(key)
        await pilot.press("o")
        assert said(app) == "That web address is none that a browser opens."

    play(scene, app=make_app(monitor=monitor))


def test_tabs_footer_and_titles_answer_the_mouse() -> None:
    async def scene(app, pilot):
        x = shown(app)[1].index("3 ThreadFix")
        await pilot.click("#tabs", offset=(x + 2, 0))
        assert pane(app).spec.id == "threadfix"
        x = shown(app)[-1].index("p pause")
        await pilot.click("#footer", offset=(x + 2, 0))
        assert app.monitor.is_paused

    play(scene)


def test_a_click_into_a_pane_makes_it_the_active_one() -> None:
    async def scene(app, pilot):
        await pilot.click("#pane-jobs RecordTable", offset=(5, 3))
        await pilot.pause()
        assert pane(app).spec.id == "jobs"
        assert app.focused is pane(app).table

    play(scene, (120, 40))


def test_hostile_text_is_shown_and_harmless_on_every_screen() -> None:
    monitor = StillMonitor()
    fill(monitor.store)
    base = builds()[0]
    record = replace(
        base.record,
        name=HOSTILE,
        status=HOSTILE,
        note=HOSTILE,
        error=HOSTILE * 3,
        raw=json.dumps({HOSTILE: HOSTILE}),
        web_url="https://x/" + HOSTILE,
        detail=Fields((("project", HOSTILE), (HOSTILE, (HOSTILE, Fields(((HOSTILE, 1),)))))),
    )
    hostile = replace(entry(record, 5), label=HOSTILE)
    message = Message(ago(1), MessageKind.NOTE, HOSTILE, "", HOSTILE, "bad")
    monitor.store.publish(entries=[hostile], messages=[message])

    async def scene(app, pilot):
        pane(app).table.select(hostile.key)
        for keys in ((), ("enter",), ("G",), ("o",), ("escape", "m"), ("escape", "/", *"[/x]")):
            await pilot.press(*keys)
            await pilot.pause()
            for line in shown(app):
                assert is_safe(line), (keys, line)

    play(scene, (120, 40), app=make_app(monitor=monitor))


def test_a_target_that_is_gone_stays_readable_in_its_detail() -> None:
    async def scene(app, pilot):
        await pilot.press("j", "enter")
        key = app.screen.key
        app.store.publish(removed=[key])
        app.bridge.flush()
        await pilot.pause()
        assert "no longer listed" in "\n".join(shown(app))
        assert "Stages" in "\n".join(shown(app))
        await pilot.press("escape")
        assert app.screen is dashboard(app)

    play(scene)


def test_the_detail_is_live_and_keeps_its_place() -> None:
    async def scene(app, pilot):
        await pilot.press("j", "enter", "j", "j")
        view = app.screen.query_one("#lines")
        key = app.screen.key
        known = app.store.entries[key]
        app.store.publish(entries=[replace(known, record=replace(known.record, note="look here"))])
        app.bridge.flush()
        await pilot.pause()
        assert "look here" in view.text
        assert view.scroll_offset.y == 2

    play(scene)


def test_a_change_of_nothing_here_repaints_nothing() -> None:
    async def scene(app, pilot):
        await pilot.pause()
        painted: list[object] = []
        original = app._display
        app._display = lambda screen, renderable: (painted.append(renderable), original(screen, renderable))
        app.take(Change(keys=frozenset({"prod:build/nobody/1"})))
        app.tick()
        await pilot.pause()
        assert [update for update in painted if update is not None] == []
        app.clock.advance(60)
        app.tick()
        await pilot.pause()
        assert [update for update in painted if update is not None] != []

    play(scene)
