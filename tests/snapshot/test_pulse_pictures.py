"""Pictures of the pulse, and of details with a past. Look before accepting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from detail_story import seen_build
from pulse_story import StillLookback, past_monitor
from screen_stage import make_app
from test_detail_pictures import opened, size_name
from test_pictures import press

from tui.app.signs import ASCII_SIGNS, UNICODE_SIGNS

Compare = Callable[..., bool]


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (120, 40), (200, 60)], ids=size_name)
def test_pulse(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(make_app(monitor=past_monitor()), terminal_size=size, run_before=press("0"))


def test_pulse_of_a_week_without_blocks(snap_compare: Compare) -> None:
    app = make_app(monitor=past_monitor(), signs=ASCII_SIGNS)
    assert snap_compare(app, terminal_size=(120, 40), run_before=press("0", "]", "]"))


def test_pulse_of_which_nothing_is_known(snap_compare: Compare) -> None:
    app = make_app(monitor=past_monitor(StillLookback(is_empty=True)))
    assert snap_compare(app, terminal_size=(80, 24), run_before=press("0"))


@pytest.mark.parametrize(
    ("key", "size", "signs"),
    [
        (seen_build().key, (80, 40), UNICODE_SIGNS),
        (seen_build().key, (120, 40), UNICODE_SIGNS),
        (seen_build().key, (80, 40), ASCII_SIGNS),
        ("sca:job/435", (80, 24), UNICODE_SIGNS),
    ],
    ids=["narrow", "wide", "without blocks", "job"],
)
def test_a_detail_with_a_past(snap_compare: Compare, key: str, size: tuple[int, int], signs: Any) -> None:
    assert snap_compare(make_app(monitor=past_monitor(), signs=signs), terminal_size=size, run_before=opened(key))
