"""`deadline` and `by` of a [[watch]] table."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest
from test_config_faults import GOOD, faults
from toy_kinds import KINDS

from tui.config import from_document, load
from tui.domain.deadline import Deadline
from tui.settings import WatchedTarget

SHIP = GOOD + '[[watch]]\nship = "a"\nvoyage = "1"\n'
FORM = "(write 300ms, 5s, 30m, 2h or 7d)"


def test_each_form_is_read(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        SHIP + 'deadline = "45m"\n[[watch]]\ntarget = "ship/a/2"\nby = "17:30"\n[[watch]]\ntarget = "ship/a/3"\n'
        'by = 08:05:00\n[[watch]]\ntarget = "ship/a/4"\n'
    )
    items = [item for item in load(path, {}, KINDS).watch if isinstance(item, WatchedTarget)]
    deadlines = [item.deadline for item in items]
    assert deadlines == [Deadline(within_s=2700), Deadline(by=time(17, 30)), Deadline(by=time(8, 5)), None]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SHIP + 'deadline = "soon"\n', f"8: watch[1].deadline: 'soon' is not a duration {FORM}"),
        (SHIP + 'deadline = "0s"\n', "8: watch[1].deadline: must be longer than nothing"),
        (SHIP + "deadline = 45\n", "8: watch[1].deadline: must be a text such as 45m, not the number 45"),
        (SHIP + 'by = "25:00"\n', "8: watch[1].by: '25:00' is no time of day (write it as 17:30)"),
        (
            SHIP + 'deadline = "5m"\nby = "17:30"\n',
            "9: watch[1].by: deadline and by cannot both be given: one says when it is due",
        ),
        (SHIP + 'deadlin = "5m"\n', "8: watch[1].deadlin: unknown key; did you mean 'deadline'?"),
        (
            GOOD.replace("harbour", "depot") + '[[watch]]\ntasks = {}\nby = "17:30"\n',
            "7: watch[1].by: a list has no deadline; give one to a watch of its own for each target",
        ),
    ],
)
def test_whatever_is_wrong_is_told(tmp_path: Path, text: str, said: str) -> None:
    assert faults(tmp_path, text) == [said]


def test_the_newest_of_a_build_have_it_too() -> None:
    servers = {"s": {"kind": "xray", "url": "https://x.example.com"}}
    settings = from_document({"servers": servers, "watch": [{"build": "b", "latest": 3, "deadline": "1h"}]})
    assert settings.watch[0].deadline == Deadline(within_s=3600)  # type: ignore[union-attr]
