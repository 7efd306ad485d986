"""Rules on the screen: they ring by the app's own terminal, and with `w` in one poll only once."""

from __future__ import annotations

from acting_stage import StillActor, acting_app
from screen_stage import dashboard, play, said
from test_doing_keys import finish

from tui.domain.state import State


class StillRules:
    """Rules that a test lets tell."""

    ring = None


def test_w_and_rules_of_one_poll_ring_once_and_a_later_one_again() -> None:
    written: list[str] = []
    rules = StillRules()

    async def scene(app, pilot):
        app.telling._write = written.append
        running = next(one for one in app.store.entries.values() if one.state is State.RUNNING)
        assert dashboard(app).show_row(running.key)
        await pilot.press("w")
        finish(app, running)
        await pilot.pause()
        assert rules.ring("1 failed: \x1b[2Jx", "failed", "bell")
        assert written == ["\x07"]
        assert "\x1b" not in said(app) and said(app).startswith("1 failed: ")
        assert rules.ring("x: failed", "failed", "osc9")
        assert written == ["\x07", "\x1b]9;x: failed\x07"]
        app.telling._rang_s -= 10
        assert rules.ring("y: failed", "failed", "bell")
        assert written[2:] == ["\x07"]
        app.exit()
        assert not rules.ring("z: failed", "failed", "bell") and len(written) == 3

    play(scene, app=acting_app(StillActor(), rules=rules))
