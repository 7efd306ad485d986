"""Pictures of the forms, questions and notices, and of the messages: at 80x24 and at 120x40."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from acting_stage import StillActor, acting_app, asked_to_the_end, settled
from screen_stage import pane
from textual.pilot import Pilot
from textual.widgets import Input

from tui.app.app import ScantopApp
from tui.app.screens.form import COMPLETE_S
from tui.domain.acts import Fate

SIZES = ((80, 24), (120, 40))
Compare = Callable[..., bool]


def name_of(value: object) -> str:
    """Names of pictures."""
    return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)


async def answered(app: ScantopApp, pilot: Pilot[Any]) -> None:
    """Completions are there, without waiting for the quiet before they are asked for."""
    await app.screen._bring_completions()  # type: ignore[attr-defined]
    await settled(app, pilot)


async def watch(app: ScantopApp, pilot: Pilot[Any]) -> None:
    await pilot.press("a")
    app.screen.query_one(Input).value = "prod:build/s"
    await settled(app, pilot)
    await answered(app, pilot)
    await pilot.press("down")


async def watch_wrong(app: ScantopApp, pilot: Pilot[Any]) -> None:
    await pilot.press("a")
    app.screen.query_one(Input).value = "prod:biuld/shop-web/412"
    await pilot.press("enter")
    await asked_to_the_end(app, pilot)


async def report(app: ScantopApp, pilot: Pilot[Any]) -> None:
    pane(app).table.select("prod:build/shop-web/412")
    await pilot.press("n", "down", "down", "down", "right", "space")


async def question(app: ScantopApp, pilot: Pilot[Any]) -> None:
    await report(app, pilot)
    await pilot.press("enter")
    await settled(app, pilot)


async def refused(app: ScantopApp, pilot: Pilot[Any]) -> None:
    await question(app, pilot)
    await pilot.press("y")
    await asked_to_the_end(app, pilot)


async def lost(app: ScantopApp, pilot: Pilot[Any]) -> None:
    await question(app, pilot)
    await pilot.press("y")
    await settled(app, pilot)


async def job(app: ScantopApp, pilot: Pilot[Any]) -> None:
    await pilot.press("4", "b")


async def export(app: ScantopApp, pilot: Pilot[Any]) -> None:
    await pilot.press("e")


async def field(app: ScantopApp, pilot: Pilot[Any]) -> None:
    pane(app).table.select("prod:build/shop-web/412")
    await pilot.press("c")


async def messages(app: ScantopApp, pilot: Pilot[Any]) -> None:
    await pilot.press("m", "j")


async def messages_filter(app: ScantopApp, pilot: Pilot[Any]) -> None:
    await pilot.press("m", "/", *"prod")


async def told(app: ScantopApp, pilot: Pilot[Any]) -> None:
    pane(app).table.select("prod:build/shop-web/412")
    await pilot.press("w")


SCENES = [watch, watch_wrong, report, question, refused, lost, job, export, field, messages, messages_filter, told]
FATES = {refused: [Fate.REFUSED] * 2, lost: [Fate.UNSURE] * 2}


@pytest.mark.parametrize("size", SIZES, ids=name_of)
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_form(snap_compare: Compare, scene: Callable[..., Any], size: tuple[int, int]) -> None:
    app = acting_app(StillActor(FATES.get(scene, ())))

    async def before(pilot: Pilot[Any]) -> None:
        await pilot.pause()
        await scene(app, pilot)
        await pilot.pause(COMPLETE_S * 2)  # completions are asked for a moment after the last key
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=before)
