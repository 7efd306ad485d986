"""How much `scantop --help` and the monitor's first picture load and take, beside an empty screen.

Counts are asserted; times and memory are printed as ratios.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

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
CONFIG = """
[servers.prod]
kind = "xray"
url = "https://acme.example.com"
token = "made-up"
[[watch]]
server = "prod"
build = "app"
number = "1"
"""
PICTURE = """
import sys
from pathlib import Path
from tui.cli import curtain, main, monitor_command
def drawn(self):
    sys.stdout.write(curtain.picture(self._names, self._colours(), 120, 40))
    print()
    print(*sys.modules)
    raise SystemExit(0)
curtain.Curtain.draw = drawn
monitor_command.check_terminal = lambda: None
main.main(["--config", {path!r}])
"""
APP = "import sys, tui.app.app; print(); print(*sys.modules)"
OWN = 60  # modules of ours before the first picture: the command line, the config's reader, and the words of the domain
# What no first picture needs, and what no first frame of the app needs.
LATE = ("httpx", "pydantic", "sqlite3", "tui.polling.poller", "tui.polling.monitor", "tui.history", "tui.wiring")
BEFORE_PICTURE = ("textual", "rich", "asyncio", "tui.app", "tui.polling", "tui.present.spec", *LATE)
SCREENS = ("detail", "form", "palette", "help", "report_rows", "messages", "picker", "columns", "pulse")
BEFORE_FRAME = ("tui.app.doing", "tui.app.taking", *(f"tui.app.screens.{name}" for name in SCREENS), *LATE)


def loaded(code: str) -> set[str]:
    """The modules that the code's last line of output names, with the packages above them."""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE_S, check=True)
    return set(ran.stdout.splitlines()[-1].split())


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


def test_the_first_picture_is_drawn_before_anything_heavy_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, figure: Callable[[str, object], None]
) -> None:
    monkeypatch.setenv("SCANTOP_STATE", str(tmp_path / "state"))
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    path.chmod(0o600)
    code = PICTURE.format(path=str(path))
    modules = loaded(code)
    own = [name for name in modules if name.startswith("tui.")]
    assert "tui.cli.curtain" in modules
    assert modules & set(BEFORE_PICTURE) == set()
    figure("first picture: modules of ours", len(own))
    assert len(own) < OWN
    (_, picture_s), (_, empty_s) = measured(code), measured(EMPTY)
    figure("first picture: time as a share of an empty screen's", f"{picture_s / empty_s:.2f}")


def test_the_app_loads_no_further_screen_before_its_first_frame(figure: Callable[[str, object], None]) -> None:
    modules = loaded(APP)
    assert modules & set(BEFORE_FRAME) == set()
    figure("app: modules of ours", sum(name.startswith("tui.") for name in modules))
