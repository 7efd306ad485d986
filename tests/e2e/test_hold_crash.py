"""A mistake of ours, wherever it is made: the terminal is restored, a redacted report is kept, one line, code 70."""

from __future__ import annotations

import re
import sys
import termios
import textwrap
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from command import Simulated, scantop, simulated
from pty_screen import on_terminal

CANARY = "kanarie/vogel+zang=="
WORDS = f"{CANARY} {quote(CANARY, safe='')} {b64encode(b'me:' + CANARY.encode()).decode()} \x1b]52;c;eA==\x07"
# Each is run inside the monitor's process, in place of the command `scantop`.
BROKEN = {
    "a worker": """
        async def work(): boom()
        ScantopApp._start_polling = lambda self: self.run_worker(work())""",
    "a callback of the loop": """
        ScantopApp._start_polling = lambda self: asyncio.get_running_loop().call_soon(boom)""",
    "a thread": "ScantopApp._start_polling = lambda self: threading.Thread(target=boom).start()",
    "a timer, with an error of the disk": """
        def boom(*_): raise OSError(28, WORDS, "/nowhere")
        ScantopApp.tick = boom; monitor_app.TICK_S = 0.2""",
}
RUN = """
import asyncio, sys, threading
import tui.app.app as monitor_app
from tui.app.app import ScantopApp
from tui.__main__ import main
WORDS = {words!r}
def boom(*_): raise LookupError(WORDS)
{broken}
main()
"""


@pytest.fixture(scope="module")
def world() -> Iterator[Simulated]:
    """A frozen simulator."""
    with simulated("--scenario=documents", "--frozen") as running:
        yield running


@pytest.mark.parametrize("where", list(BROKEN))
def test_the_monitor_ends_in_order_with_a_report(
    where: str, world: Simulated, own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECOND_TOKEN", CANARY)
    config = world.config(tmp_path / "config.toml")
    code = RUN.format(words=WORDS, broken=textwrap.dedent(BROKEN[where]))
    with on_terminal([sys.executable, "-c", code, "--config", str(config)], 200, 36) as terminal:
        before = termios.tcgetattr(terminal._master)
        assert terminal.end() == 70
        assert termios.tcgetattr(terminal._master) == before
    left = terminal.written.rpartition(b"\x1b[?1049l")[2].decode()
    found = re.search(r"scantop: unexpected (\w+) at [\w<>.]+:\d+; this is a mistake in scantop; its report", left)
    assert found, left
    assert b"Traceback" not in terminal.written
    (report,) = (own_home / ".local/state/scantop").glob("crash-*.txt")
    assert str(report) in left.replace("\r\n", "") and report.stat().st_mode & 0o077 == 0
    text = report.read_text("utf-8")
    assert "boom" in text and "***" in text and "\x1b" not in text and "\x07" not in text
    for secret in (CANARY, quote(CANARY, safe=""), b64encode(CANARY.encode()).decode()[4:20]):
        assert secret not in text and secret.encode() not in terminal.written


def test_a_command_that_meets_a_mistake_leaves_a_report_too(
    world: Simulated, own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCANTOP_CONFIG", str(world.config(tmp_path / "config.toml")))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    token = world.line["servers"]["xray"]["token"]
    (tmp_path / "sitecustomize.py").write_text(
        f"import tui.wiring\ndef boom(*_, **__): raise LookupError({token!r})\ntui.wiring.open_monitor = boom\n"
    )
    said = scantop("jobs")
    assert (said.code, said.out, said.err.count("\n")) == (70, "", 1)
    assert "its report, without secrets, is" in said.err
    (report,) = (own_home / ".local/state/scantop").glob("crash-*.txt")
    assert "LookupError: ***" in report.read_text("utf-8")
