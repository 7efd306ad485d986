"""Pictures of a return: the line under the header with the bars beside the rows, and the list of what changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from away_story import after_a_night, arrive
from textual.pilot import Pilot

from tui.app.signs import ASCII_SIGNS, UNICODE_SIGNS

Compare = Callable[..., bool]


@pytest.mark.parametrize("keys", [(), ("l", "j", "j", "space")], ids=["line", "list"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 10)], ids=lambda size: "x".join(map(str, size)))
def test_back(snap_compare: Compare, tmp_path: Path, size: tuple[int, int], keys: tuple[str, ...]) -> None:
    app = after_a_night(tmp_path, signs=ASCII_SIGNS if size == (80, 24) else UNICODE_SIGNS)

    async def before(pilot: Pilot[Any]) -> None:
        await arrive(app, pilot)
        await pilot.press(*keys)
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=before)
