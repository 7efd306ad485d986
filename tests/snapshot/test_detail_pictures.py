"""Pictures of the details that have much to tell, of a report's rows and of a finding. Look before accepting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from detail_story import RowsActor, held_job, job_in_trouble, rich_monitor, seen_build, seen_scan
from screen_stage import make_app
from textual.pilot import Pilot

from tui.app.screens.detail import DetailScreen
from tui.app.signs import ASCII_SIGNS

SIZES = ((80, 24), (120, 40))
FAILED_SCAN, FAILED_JOB, REPORT = "tf:scan/6/39", "sca:job/435", "prod:report/300"
Compare = Callable[..., bool]


def size_name(size: tuple[int, int]) -> str:
    """``80x24``."""
    return "x".join(map(str, size))


def opened(key: str, *keys: str) -> Callable[[Pilot[Any]], Any]:
    """Open that detail, press keys, and wait until all is drawn."""

    async def before(pilot: Pilot[Any]) -> None:
        await pilot.pause()
        await pilot.app.push_screen(DetailScreen(key))
        await pilot.pause()
        for one in keys:
            await pilot.press(one)
            await pilot.pause()

    return before


@pytest.mark.parametrize("size", SIZES, ids=size_name)
@pytest.mark.parametrize(
    ("key", "keys"),
    [
        (seen_build().key, ()),
        (seen_build().key, ("/", *"scanning", "enter", "n", "n")),
        (seen_build().key, ("G",)),
        (seen_scan().key, ()),
        (FAILED_SCAN, ()),
        (held_job().key, ("tab",)),
        (FAILED_JOB, ()),
        (REPORT, ("tab",)),
        (REPORT, ("v", "j")),
        (REPORT, ("v", "enter")),
    ],
    ids=["build", "search", "raw", "scan", "failed scan", "held job", "failed job", "report", "rows", "finding"],
)
def test_a_rich_detail(snap_compare: Compare, size: tuple[int, int], key: str, keys: tuple[str, ...]) -> None:
    app = make_app(monitor=rich_monitor(), actor=RowsActor())
    assert snap_compare(app, terminal_size=size, run_before=opened(key, *keys))


@pytest.mark.parametrize("size", SIZES, ids=size_name)
def test_failed_polls(snap_compare: Compare, size: tuple[int, int]) -> None:
    monitor = rich_monitor()
    entry, state, server = job_in_trouble()
    monitor.store.publish(entries=[entry], lists=[state], servers=[server])
    # At the top what is wrong and how old the rest is; in the small picture the polls, which stand lower.
    keys = ("/", *"Last polls", "enter", *"jjjjjjjj") if size == SIZES[0] else ()
    assert snap_compare(make_app(monitor=monitor), terminal_size=size, run_before=opened(entry.key, *keys))


@pytest.mark.parametrize(("key", "keys"), [(seen_build().key, ()), (REPORT, ("v",))], ids=["build", "rows"])
def test_a_small_screen(snap_compare: Compare, key: str, keys: tuple[str, ...]) -> None:
    app = make_app(monitor=rich_monitor(), actor=RowsActor())
    assert snap_compare(app, terminal_size=(40, 10), run_before=opened(key, *keys))


def test_without_blocks(snap_compare: Compare) -> None:
    app = make_app(monitor=rich_monitor(), signs=ASCII_SIGNS)
    assert snap_compare(app, terminal_size=(80, 40), run_before=opened(seen_build().key))
