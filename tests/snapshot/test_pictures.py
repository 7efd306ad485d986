"""Pictures of every screen: the still story at one moment, one size, one theme. Look at the report before accepting."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from screen_stage import make_app
from screen_story import REFUSED, UNREACHABLE
from textual.pilot import Pilot

from tui.app.first import FirstScreenApp
from tui.app.signs import ASCII_SIGNS, UNICODE_SIGNS
from tui.app.theming import load_themes
from tui.domain.snapshot import Health

SIZES = ((80, 24), (120, 40), (200, 60))
PROBLEMS = {Health.REFUSED: REFUSED, Health.FAILING: UNREACHABLE}
Compare = Callable[..., bool]


def name_of(value: object) -> str:
    """Names of pictures: ``80x24``, ``failing``."""
    return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)


def press(*keys: str) -> Callable[[Pilot[Any]], Any]:
    """Press keys and wait until all is drawn."""

    async def before(pilot: Pilot[Any]) -> None:
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()

    return before


@pytest.mark.parametrize("health", list(Health), ids=name_of)
@pytest.mark.parametrize("size", SIZES, ids=name_of)
def test_dashboard(snap_compare: Compare, size: tuple[int, int], health: Health) -> None:
    app = make_app(health=health, problem=PROBLEMS.get(health), has_rows=health is not Health.STARTING)
    if health is Health.PAUSED:
        app.monitor.pause()
    assert snap_compare(app, terminal_size=size, run_before=press())


@pytest.mark.parametrize("health", [Health.FAILING, Health.REFUSED, Health.OK], ids=name_of)
def test_dashboard_without_rows(snap_compare: Compare, health: Health) -> None:
    app = make_app(health=health, problem=PROBLEMS.get(health), has_rows=False)
    assert snap_compare(app, terminal_size=(120, 40), run_before=press())


@pytest.mark.parametrize("theme", sorted(load_themes()))
def test_theme(snap_compare: Compare, theme: str) -> None:
    assert snap_compare(make_app(theme=theme), terminal_size=(80, 24), run_before=press("j"))


@pytest.mark.parametrize("size", SIZES[:2], ids=name_of)
@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("build", ("1", "j", "j")),
        ("artifact", ("1",)),
        ("report", ("2",)),
        ("scan", ("3", "j")),
        ("job", ("4", "G", "k")),
    ],
    ids=["build", "artifact", "report", "scan", "job"],
)
def test_detail(snap_compare: Compare, size: tuple[int, int], kind: str, keys: tuple[str, ...]) -> None:
    app = make_app()

    async def before(pilot: Pilot[Any]) -> None:
        await press(*keys, "enter")(pilot)
        assert f":{kind}/" in app.screen.key  # type: ignore[attr-defined]

    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES[:2], ids=name_of)
@pytest.mark.parametrize(
    "keys",
    [
        *(("?",), ("m",), ("4", "f"), ("/", *"shop"), ("/", *"zzz")),
        *(("ctrl+p", *"sta", "down"), ("colon", *"sotr", "enter"), ("C", "j", "space"), ("space", "j", "space")),
    ],
    ids=["help", "messages", "picker", "filter", "no match", "palette", "refused line", "columns", "marks"],
)
def test_other_views(snap_compare: Compare, size: tuple[int, int], keys: tuple[str, ...]) -> None:
    assert snap_compare(make_app(), terminal_size=size, run_before=press(*keys))


@pytest.mark.parametrize("pane", ["1", "2", "3", "4"])
@pytest.mark.parametrize("size", [(40, 10), (60, 15)], ids=name_of)
def test_small_screens(snap_compare: Compare, size: tuple[int, int], pane: str) -> None:
    assert snap_compare(make_app(), terminal_size=size, run_before=press(pane))


def test_ascii(snap_compare: Compare) -> None:
    assert snap_compare(make_app(signs=ASCII_SIGNS), terminal_size=(120, 40), run_before=press("3"))


@pytest.mark.parametrize("size", [(80, 24), (40, 10)], ids=name_of)
def test_first_screen(snap_compare: Compare, size: tuple[int, int]) -> None:
    path = Path("/home/me/.config/scantop/config.toml")
    app = FirstScreenApp(path, lambda: None, signs=UNICODE_SIGNS)
    assert snap_compare(app, terminal_size=size, run_before=press())
