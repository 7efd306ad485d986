"""The README names, with each promise, the tests that hold it: they must exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def promises() -> list[str]:
    """The promises of the README, one text each."""
    section = (ROOT / "README.md").read_text("utf-8").partition("## What it promises\n")[2].partition("\n## ")[0]
    return section.split("\n* ")[1:]


def test_each_promise_names_tests_and_they_exist() -> None:
    files = list((ROOT / "tests").rglob("test_*.py"))
    known = {file.stem for file in files}
    known |= {name for file in files for name in re.findall(r"def (test_\w+)", file.read_text("utf-8"))}
    assert len(promises()) >= 9
    for promise in promises():
        named = re.findall(r"`(test_\w+)`", promise)
        assert named, promise
        assert [name for name in named if name not in known] == []
