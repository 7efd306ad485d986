"""Taking things out by keys: exports that overwrite nothing unasked, a field in full, a browser; and messages."""

from __future__ import annotations

import csv
import io
import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from acting_stage import StillActor, acting_app, asked_to_the_end, settled
from screen_stage import dashboard, make_app, pane, play, said, shown
from screen_story import StillMonitor, ago, builds, entry, fill

from tui.app.browsing import browser, is_web_address
from tui.app.screens.confirm import Notice
from tui.app.screens.detail import DetailScreen
from tui.app.screens.form import Form
from tui.app.screens.messages import MessagesScreen
from tui.app.telling import sequence
from tui.domain.problem import Problem, ProblemCode
from tui.polling.messages import Message, MessageKind


async def export(app, pilot, place: Path, *choose: str) -> None:
    await pilot.press("e", *choose, "down", "ctrl+u", *str(place), "enter")
    await asked_to_the_end(app, pilot)


def test_a_pane_is_written_as_it_is_filtered_and_no_formula_survives(tmp_path: Path) -> None:
    monitor = StillMonitor()
    fill(monitor.store)
    bad = entry(replace(builds()[0].record, name="=cmd|' /C calc'!A0"), 5)
    monitor.store.publish(entries=[bad])

    async def scene(app, pilot):
        await pilot.press("/", *"calc", "enter")
        await export(app, pilot, tmp_path / "out.csv")
        assert said(app).startswith(f"Wrote {tmp_path / 'out.csv'} (")
        rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text())))
        assert [row["target"] for row in rows] == [bad.key]
        assert not any(value.startswith("=") for value in rows[0].values())
        assert stat.S_IMODE((tmp_path / "out.csv").stat().st_mode) == 0o600

    play(scene, app=make_app(monitor=monitor))


def test_a_pane_is_written_as_json_in_the_order_shown(tmp_path: Path) -> None:
    async def scene(app, pilot):
        await export(app, pilot, tmp_path / "out.json", "right")
        document = json.loads((tmp_path / "out.json").read_text())
        assert [one["target"] for one in document["targets"]] == list(pane(app).table.model.keys())

    play(scene)


@pytest.mark.parametrize(("steps", "words"), [(2, "<svg"), (3, "Builds")], ids=["svg", "text"])
def test_a_picture_of_the_screen_has_no_popup_in_it(tmp_path: Path, steps: int, words: str) -> None:
    async def scene(app, pilot):
        await export(app, pilot, tmp_path / "out", *["right"] * steps)
        text = (tmp_path / "out").read_text()
        assert words in text and "shop-web" in text
        assert "Where" not in text and "font-face" not in text

    play(scene)


def test_nothing_is_overwritten_without_a_second_enter(tmp_path: Path) -> None:
    place = tmp_path / "out.csv"
    place.write_text("mine")

    async def scene(app, pilot):
        await export(app, pilot, place)
        assert isinstance(app.screen, Form)
        assert "exists; Enter once more overwrites it." in app.screen.said
        assert place.read_text() == "mine"
        await pilot.press("x", "enter")  # another name: the leave was for the first one
        await asked_to_the_end(app, pilot)
        assert place.read_text() == "mine" and (tmp_path / "out.csvx").exists()
        await export(app, pilot, place)
        await pilot.press("enter")
        await asked_to_the_end(app, pilot)
        assert place.read_text().startswith("target,")

    play(scene)


@pytest.mark.parametrize(
    ("where", "words"), [("/nowhere/at/all.csv", "There is no folder"), ("/proc/x.csv", "cannot be written")]
)
def test_a_place_that_cannot_be_is_told_and_stays(where: str, words: str) -> None:
    async def scene(app, pilot):
        await export(app, pilot, Path(where))
        assert isinstance(app.screen, Form)
        assert words in app.screen.said
        assert app.screen.values["where"] == where

    play(scene)


def test_a_report_is_exported_in_its_format_to_the_place_asked_for(tmp_path: Path) -> None:
    actor = StillActor()

    async def scene(app, pilot):
        await pilot.press("2")
        report = next(key for key in app.store.entries if ":report/" in key)
        pane(app).table.select(report)
        await pilot.press("e", *["right"] * 6)
        assert app.screen.values["what"] == "report pdf"
        assert app.screen.values["where"].endswith(".pdf")
        assert "report pdf" in "\n".join(shown(app))  # in 80 columns, too
        await pilot.press("down", "ctrl+u", *str(tmp_path / "r.pdf"), "enter")
        await asked_to_the_end(app, pilot)
        assert actor.exports == [(report, "pdf", tmp_path / "r.pdf", False)]
        assert said(app) == f"Wrote {tmp_path / 'r.pdf'} (4,000,000 bytes)."

    play(scene, app=acting_app(actor))


def test_a_report_that_does_not_come_keeps_the_form_and_says_how_far_it_was(tmp_path: Path) -> None:
    actor = StillActor()
    actor.problem = Problem(ProblemCode.TIMEOUT, "prod went quiet in the middle.")

    async def scene(app, pilot):
        await pilot.press("2")
        pane(app).table.select(next(key for key in app.store.entries if ":report/" in key))
        await pilot.press("e", *["right"] * 4, "down", "ctrl+u", *str(tmp_path / "r.json"), "enter")
        await asked_to_the_end(app, pilot)
        assert app.screen.said == "prod went quiet in the middle."
        assert app.screen.values["where"] == str(tmp_path / "r.json")

    play(scene, app=acting_app(actor))


def test_c_copies_any_field_in_full() -> None:
    async def scene(app, pilot):
        pane(app).table.select("prod:build/shop-web/412")
        await pilot.press("c", "end", "enter")
        await settled(app, pilot)
        assert app.clipboard == app.store.entries["prod:build/shop-web/412"].record.raw
        assert said(app) == "raw was copied with OSC 52."

    play(scene)


DESKTOP = {"DISPLAY": ":0"}


@pytest.mark.parametrize(
    ("environ", "found"),
    [
        ({}, False),
        (DESKTOP, True),
        ({**DESKTOP, "SSH_CONNECTION": "1 2 3 4"}, False),
        ({"BROWSER": "xdg-open"}, False),
    ],
)
def test_a_browser_is_at_hand_only_on_a_desktop(
    environ: dict[str, str], found: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("xdg-open", "lynx", "firefox"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    path = {"PATH": str(tmp_path)}
    assert bool(browser({**environ, **path})) is found
    assert browser({**DESKTOP, **path, "BROWSER": "lynx:firefox --new-tab %s"}) == ("firefox", "--new-tab", "%s")
    assert browser({**DESKTOP, **path, "BROWSER": "lynx"}) == (str(tmp_path / "xdg-open"),)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "https://x/\x1b[0m", "https://x/ -x", ""])
def test_only_web_addresses_reach_a_browser(url: str) -> None:
    assert not is_web_address(url)
    assert is_web_address("https://prod.example.com/ui/builds/x")


def test_o_shows_a_long_address_in_full() -> None:
    monitor = StillMonitor()
    fill(monitor.store)
    key = "prod:build/shop-web/412"
    known = monitor.store.entries[key]
    url = "https://prod.example.com/" + "x" * 120
    monitor.store.publish(entries=[replace(known, record=replace(known.record, web_url=url))])

    async def scene(app, pilot):
        pane(app).table.select(key)
        await pilot.press("o")
        await settled(app, pilot)
        assert isinstance(app.screen, Notice) and url in app.screen.text
        await pilot.press("escape")
        assert app.screen is dashboard(app)

    play(scene, app=make_app(monitor=monitor))


def test_messages_filter_and_lead_to_their_target() -> None:
    async def scene(app, pilot):
        key = "prod:build/shop-web/412"
        app.store.publish(messages=[Message(ago(1), MessageKind.PROBLEM, "prod", key, "zebra went wrong", "bad")])
        await pilot.press("m")
        screen = app.screen
        assert isinstance(screen, MessagesScreen)
        await pilot.press("/", *"zebra !tf")
        assert "1 of " in shown(app)[1]
        assert sum("zebra" in line for line in shown(app)[3:]) == 1
        await pilot.press("enter", "enter")
        assert isinstance(app.screen, DetailScreen) and app.screen.key == key
        await pilot.press("escape")
        assert app.screen is screen
        await pilot.press("escape")
        assert app.screen is screen and "1 of " not in shown(app)[1]
        await pilot.press("escape")
        assert app.screen is dashboard(app)

    play(scene)


def test_the_chosen_message_stays_chosen_while_others_come() -> None:
    async def scene(app, pilot):
        await pilot.press("m", "j", "j")
        screen = app.screen
        chosen = screen._shown[screen._at]
        for number in range(30):
            app.store.publish(messages=[Message(ago(0), MessageKind.NOTE, "", "", f"note {number}")])
        app.bridge.flush()
        await pilot.pause()
        assert screen._shown[screen._at] is chosen
        await pilot.pause()
        assert any(chosen.text[:20] in line for line in shown(app))

    play(scene)


def test_a_notification_holds_no_control_and_is_wrapped_for_tmux() -> None:
    assert sequence("osc9", "a\x1b]0;evil\x07b", {}).count("\x1b") == 1
    assert sequence("osc777", "a;b", {}) == "\x1b]777;notify;scantop;a,b\x07"
    assert sequence("osc9", "x", {"TMUX": "1"}) == "\x1bPtmux;\x1b\x1b]9;x\x07\x1b\\"
    assert sequence("bell", "x", {}) == ""
