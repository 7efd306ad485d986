"""A replay on the real screens: what its header says, what its keys do, and what is off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC
from typing import Any

import pytest
from fake_clock import FakeClock
from replay_tapes import at, seen, story, tape_of
from screen_stage import Scene, play, said, shown

from tui.app.app import ScantopApp
from tui.app.signs import UNICODE_SIGNS
from tui.history.reading import Seen
from tui.replay.monitor import ReplayMonitor
from tui.settings import Settings
from tui.typed import LineError


def replay(found: list[Seen] | None = None, **options: Any) -> ScantopApp:
    """The app on a replay that stands still."""
    options = {"speed": 60.0, "is_paused": True, **options}
    monitor = ReplayMonitor(tape_of(found or story()), FakeClock(), **options)
    return ScantopApp(
        Settings(), monitor, player=monitor, clock=monitor.clock, zone=UTC, signs=UNICODE_SIGNS, keymap=None
    )


def on(scene: Scene, **options: Any) -> None:
    play(scene, size=(120, 36), app=replay(**options))


async def settle(pilot: Any) -> None:
    """Until the replay rests and what it published is on the screen."""
    await pilot.pause()
    for _ in range(200):  # turns of the event loop, far more than any of these tapes needs
        if pilot.app.monitor.is_idle:
            break
        await asyncio.sleep(0)
    pilot.app.bridge.flush()
    await pilot.pause()


async def line(pilot: Any, text: str) -> None:
    """Give a line, as Enter after `:` does."""
    await pilot.app.speaker.prepare(text)()
    await settle(pilot)


def test_the_header_says_that_it_is_a_replay_and_of_when() -> None:
    async def scene(app: ScantopApp, pilot: Any) -> None:
        await settle(pilot)
        assert shown(app)[0].endswith("replay x60  PAUSED  2026-11-22 07:00") and "req/min" not in shown(app)[0]
        await pilot.press(">")
        assert said(app) == "The replay plays x300." and "replay x300  PAUSED" in shown(app)[0]
        await pilot.press("<", "<", "<", "<", "<", "<", "<")
        assert said(app) == "The replay plays x1."
        await line(pilot, "speed 0.5")
        await pilot.press("<")
        assert said(app) == "The replay plays x0.5."  # slower never is faster
        await line(pilot, "speed 600")
        await line(pilot, "seek +3m")
        await pilot.press("p")
        assert said(app) == "The replay goes on."
        assert shown(app)[0].endswith("replay x600  2026-11-22 07:03")
        assert any("▶ running" in text and "shop" in text for text in shown(app))
        await line(pilot, "seek end")
        await pilot.press("p")
        assert said(app) == "The replay has ended; :seek start plays it again."
        assert shown(app)[0].endswith("replay ended  2026-11-22 09:10")
        await line(pilot, "seek start")
        assert shown(app)[0].endswith("replay x600  2026-11-22 07:00")

    on(scene)


def test_whatever_asks_a_server_is_off_and_says_why() -> None:
    async def scene(app: ScantopApp, pilot: Any) -> None:
        await settle(pilot)
        for key in ("r", "a", "x", "U", "i", "n", "D", "b", "t", "f", "F", "l", "full_stop", "A"):
            await pilot.press(key)
            assert said(app) == "This is a replay: no server is asked, and nothing is kept.", key
            app.screen.footer.hush()  # type: ignore[attr-defined]
        await pilot.press("0")
        assert said(app) == "This is a replay: it has no past to draw a pulse of."
        app.screen.footer.hush()  # type: ignore[attr-defined]
        footer = shown(app)[-1]
        assert "poll now" not in footer and "pulse" not in footer and "< > speed" in footer and "p pause" in footer
        await pilot.press("enter")
        text = "\n".join(shown(app))
        assert "What was seen" in text or "as a whole" in text
        assert "Last polls" not in text

    on(scene)


def test_time_that_flies_is_no_absence() -> None:
    found = [one for number in range(12) for one in failing(f"prod:build/app{number}/1", 5 * number)]

    async def scene(app: ScantopApp, pilot: Any) -> None:
        await settle(pilot)
        await pilot.press("p")
        for _ in range(30):
            app.player._real.advance(1.002)  # type: ignore[union-attr] # a real tick is never early
            await settle(pilot)
            app.tick()
        await pilot.press("j")  # the last key was half an hour ago by the replay's clock
        await settle(pilot)
        assert any("failed" in text for text in shown(app))
        assert not app.absence.is_told and not app.absence.unseen.news
        assert not any("since 07:" in text or text.startswith("▌") for text in shown(app))

    on(scene, found=found)


def failing(key: str, minutes: int) -> list[Seen]:
    """One target from its first sight to its end."""
    steps = ((None, "waiting", 0), ("waiting", "running", 3), ("running", "failed", 6))
    return [seen(key, "", before, after, minutes + later, name=key) for before, after, later in steps]


def test_a_line_that_cannot_be_done_says_why() -> None:
    refused = {
        "speed 0": "'0' is no speed (a number above 0, up to 100,000).",
        "speed nan": "'nan' is no speed (a number above 0, up to 100,000).",
        "speed": "'speed' wants NUMBER after it.",
        "seek 12:00": "There is no 12:00 in this replay: it goes from 2026-11-22 07:00 to 2026-11-22 09:10.",
        "watch add prod:build/x/1": "This is a replay: no server is asked, and nothing is kept.",
        "jobs --page 2": "This is a replay: no server is asked, and nothing is kept.",
        "poll prod": "This is a replay: no server is asked, and nothing is kept.",
    }

    async def scene(app: ScantopApp, pilot: Any) -> None:
        for text, words in refused.items():
            with pytest.raises(LineError) as error:
                app.speaker.prepare(text)
            assert str(error.value) == words

    on(scene)


def test_a_monitor_of_servers_has_no_speed() -> None:
    async def scene(app: ScantopApp, pilot: Any) -> None:
        await pilot.press(">")
        assert said(app) == "Only a replay can do that: scantop replay FILE."
        await pilot.press("?")
        assert not any("Play the replay" in text for text in shown(app))

    play(scene)


def test_the_command_line_and_the_screen_agree_on_the_fastest() -> None:
    from tui.app.playing import FASTEST, SPEEDS
    from tui.cli import replay as command

    assert command.FASTEST == FASTEST >= SPEEDS[-1] and command.SPEED in SPEEDS


def picture() -> list[Seen]:
    """A bit of everything at one moment."""
    found = story()[:4]
    found += [seen("prod:build/shop/410", part, None, "done", 0, name="shop 410") for part in ("", "sca", "exposures")]
    found += [seen("prod:build/shop/411", "", None, "failed", 1, name="shop 411", error="the scanner fell over")]
    found += [seen("prod:build/shop/411", "exposures", None, "failed", 1, name="shop 411")]
    found += [seen("prod:build/shop/411", "@secrets", None, "failed", 1, name="shop 411")]
    found += [seen("tf:scan/6/41", part, None, "running", 1, name="app.fpr") for part in ("", "channel_merging")]
    found += [seen("tf:scan/6/40", part, None, "done", 1, name="old.fpr") for part in ("", "done")]
    found += [seen(f"sca:job/{n}", "", None, one, n, name="Project Scan") for n, one in ((1, "done"), (2, "running"))]
    return [*found, seen("sca:job/2", "", "running", "done", 9)]


def test_picture(snap_compare: Callable[..., bool]) -> None:
    async def before(pilot: Any) -> None:
        await settle(pilot)

    app = replay(picture(), from_at=at(2))
    assert snap_compare(app, terminal_size=(120, 36), run_before=before)
