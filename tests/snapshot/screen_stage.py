"""A stage for the app in tests: the still story, a fixed clock, no terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC
from typing import Any

from screen_story import StillClock, StillMonitor, fill
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from tui.app.app import ScantopApp
from tui.app.screens.dashboard import Dashboard
from tui.app.signs import UNICODE_SIGNS
from tui.app.widgets.scan_pane import ScanPane
from tui.domain.problem import Problem
from tui.domain.snapshot import Health
from tui.keymap import resolve
from tui.settings import Settings, UiSettings

Scene = Callable[[ScantopApp, "Pilot[Any]"], Awaitable[None]]


def make_app(
    *,
    health: Health = Health.OK,
    problem: Problem | None = None,
    has_rows: bool = True,
    theme: str = "scantop-dark",
    keymap: Mapping[str, str] | None = None,
    monitor: StillMonitor | None = None,
    **options: Any,
) -> ScantopApp:
    """The app on the story."""
    if monitor is None:
        monitor = StillMonitor()
        fill(monitor.store, health, problem, has_rows=has_rows)
    settings = Settings(ui=UiSettings(theme=theme))
    defaults: dict[str, Any] = {"clock": StillClock(), "zone": UTC, "signs": UNICODE_SIGNS}
    return ScantopApp(settings, monitor, keymap=resolve(keymap or {}), **{**defaults, **options})


def play(scene: Scene, size: tuple[int, int] = (80, 24), app: ScantopApp | None = None, **options: Any) -> ScantopApp:
    """Run a scene on the app at a size, to its end."""
    app = app or make_app(**options)

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await scene(app, pilot)

    asyncio.run(run())
    return app


def dashboard(app: ScantopApp) -> Dashboard:
    """The dashboard, wherever it is on the stack."""
    screen = app.screen_stack[0]
    assert isinstance(screen, Dashboard)
    return screen


def pane(app: ScantopApp) -> ScanPane:
    """The active pane."""
    return dashboard(app).pane


def shown(app: ScantopApp) -> list[str]:
    """The lines on the screen, as a person reads them."""
    width, height = app.size
    lines = []
    for strip in app.screen._compositor.render_strips():
        lines.append("".join(segment.text for segment in strip)[:width].rstrip())
    return lines[:height]


def said(app: ScantopApp) -> str:
    """What the footer of the screen on top says."""
    return app.screen.footer.said  # type: ignore[attr-defined]


async def type_text(pilot: Pilot[Any], text: str) -> None:
    """Type in one breath, as a fast hand or a script does; `Pilot.press` waits for the screen behind each key."""
    driver = pilot.app._driver
    assert driver is not None
    for sign in text:
        event = events.Key(_character_to_key(sign), sign)
        event.set_sender(pilot.app)
        driver.send_message(event)
    await pilot.pause()
    await pilot.pause()
