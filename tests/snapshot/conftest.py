"""Pictures of the screen are made on one Python and one Textual only: others draw the same thing in other bytes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import textual

# A replay's tapes and the clock that only tests move are those of their own tests.
sys.path[:0] = [str(Path(__file__).parents[1] / "unit" / name) for name in ("replay", "polling")]

MADE_ON = ((3, 11), "8.2.")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to make new pictures where they would differ for no reason of ours."""
    if getattr(config.option, "update_snapshots", False):
        python, toolkit = MADE_ON
        if sys.version_info[:2] != python or not textual.__version__.startswith(toolkit):
            raise pytest.UsageError(
                f"pictures are made on Python {python[0]}.{python[1]} and Textual {toolkit}x only; this is Python "
                f"{sys.version_info[0]}.{sys.version_info[1]} and Textual {textual.__version__}"
            )


@pytest.fixture(autouse=True)
def truecolor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are drawn in full colour whatever terminal the tests run on."""
    monkeypatch.setenv("COLORTERM", "truecolor")
