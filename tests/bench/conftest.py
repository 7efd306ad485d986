"""Figures that the benchmarks found, printed after the tests. Counts are asserted in the tests; times never are."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

# The terminal in memory and the sample rows are those of the table's tests, the stepped clock that of the hostile ones.
for folder in ("unit/table", "hostile"):
    sys.path.insert(0, str(Path(__file__).parents[1] / folder))

FIGURES = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[FIGURES] = []


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str, object], None]:
    """Note one figure for the summary."""

    def note(name: str, value: object) -> None:
        request.config.stash[FIGURES].append(f"{name:<64} {value}")

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.stash[FIGURES]:
        terminalreporter.section("figures")
        for line in config.stash[FIGURES]:
            terminalreporter.write_line(line)
