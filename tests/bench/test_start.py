"""How much `scantop --help` loads and takes, beside an empty screen: counts are asserted, times are printed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

COUNT = "import sys; print(len(sys.modules), file=sys.stderr)"
HELP = "from tui.cli.main import main; main(['--help'])"
WORDS = "from tui.cli.main import main; main(['completion', 'words', '--', 'sta'])"
EMPTY = """
import asyncio
from textual.app import App
async def once():
    async with App().run_test():
        pass
asyncio.run(once())
"""
RUNS = 3  # the fastest counts: others share the machine
SHARE = 0.5  # of the modules of an empty screen; --help loads less than a third of them
PATIENCE_S = 120.0


def measured(code: str) -> tuple[int, float]:
    """Modules loaded, and seconds of the fastest run."""
    took = []
    for _ in range(RUNS):
        start = time.monotonic()
        ran = subprocess.run(
            [sys.executable, "-c", f"{code}\n{COUNT}"], capture_output=True, text=True, timeout=PATIENCE_S, check=True
        )
        took.append(time.monotonic() - start)
    return int(ran.stderr.split()[-1]), min(took)


def test_help_costs_a_fraction_of_an_empty_screen(figure: Callable[[str, object], None]) -> None:
    empty, empty_s = measured(EMPTY)
    for name, code in (("--help", HELP), ("completion", WORDS)):
        modules, took_s = measured(code)
        figure(f"{name}: modules, beside {empty} of an empty screen", modules)
        figure(f"{name}: time as a share of an empty screen's ({empty_s * 1000:.0f} ms)", f"{took_s / empty_s:.2f}")
        assert modules < SHARE * empty
