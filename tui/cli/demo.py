"""``scantop demo``: the simulator in a process of its own, and the monitor on it, over real HTTP.

The monitor does not know that it is a demo: its settings alone differ. The simulator lives as long as the pipe to its
standard input is open, and only this process holds the other end, so that it ends with us however we end.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from tui.cli.exit_codes import ExitCode
from tui.cli.output import narrate
from tui.cli.parser import number

if TYPE_CHECKING:
    import subprocess

    from tui.settings import Settings

START_S = 20.0  # a cold machine compiles the simulator's modules first; on a warm one it takes 0.3 s
END_S = 2.0  # what it gets to end by itself before it is made to
LINE_BYTES = 4 * 1024 * 1024  # its line names every watched target: 10,000 of them are about 1 MB
FASTEST = 1000.0
# The demo lives on loopback, so it may ask far more often than any real server would like.
POLL = {"active": "1s", "settled": "15s", "grace": "1m"}
PER_MINUTE = 6000

EPILOG = """\
examples:
  scantop demo
  scantop demo --speed 10 --seed 7

Nothing outside this machine is asked, and nothing is kept. `q` ends the demo and its simulator.
"""


class SimulatorError(Exception):
    """The simulator did not start; one sentence."""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's grammar."""
    parser = subparsers.add_parser(
        "demo",
        help="the monitor on a simulator of its own, to look around",
        description="Start a simulator of the three servers on this machine and open the monitor on it.",
        epilog=EPILOG,
    )
    parser.add_argument("--scenario", metavar="NAME", help="the story to tell (`scantop simulate --help` lists them)")
    parser.add_argument("--speed", metavar="X", type=_speed, help="how many times faster than life")
    parser.add_argument("--seed", metavar="N", type=number(0, 2**31 - 1), help="another story of the same kind")


def _speed(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= FASTEST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0, up to {FASTEST:.0f}")
    return value


def run(arguments: argparse.Namespace) -> int:
    """Run the demo until it is left. Raises `UsageError` where no terminal or no such scenario is there."""
    import tempfile
    from dataclasses import replace

    from tui.cli.monitor_command import check_terminal, open_on

    check_terminal()
    with tempfile.TemporaryDirectory(prefix="scantop-demo-") as folder, suppress_late_errors():
        try:
            past = Path(folder) / "past.jsonl"
            with simulator([*flags(arguments), f"--past={past}"], Path(folder)) as line:
                remember(past, Path(folder) / "history.sqlite")
                settings = replace(settings_of(line), read_only=getattr(arguments, "is_read_only", False))
                return open_on(settings, Path(folder) / "history.sqlite")
        except SimulatorError as error:
            narrate(str(error))
            return ExitCode.USAGE


def remember(past: Path, history: Path) -> None:
    """Begin the demo's history with its story's past, so that estimates live from the first second."""
    from contextlib import closing

    from tui.history.carrying import import_lines
    from tui.history.files import open_database

    with closing(open_database(history)) as db, past.open(encoding="utf-8") as file:
        import_lines(db, file)


def flags(arguments: argparse.Namespace) -> list[str]:
    """What of the demo's own flags the simulator is told."""
    given = {"--scenario": arguments.scenario, "--speed": arguments.speed, "--seed": arguments.seed}
    return [f"{flag}={value}" for flag, value in given.items() if value is not None]


@contextmanager
def suppress_late_errors() -> Iterator[None]:
    """A temporary folder that cannot be removed any more (somebody cleaned up before us) is no error of the demo."""
    with suppress(FileNotFoundError):
        yield


@contextmanager
def simulator(own_flags: list[str], folder: Path) -> Iterator[Mapping[str, object]]:
    """Run a simulator and give the JSON line that it printed; it has ended when the block is left."""
    import subprocess

    with (folder / "simulator.log").open("wb") as log:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and our own module
            [sys.executable, "-P", "-m", "tui", "simulate", "--port=0", "--until-eof", *own_flags],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=_environment(),
            # -P: not the folder we are started in, where another `tui` may lie.
            start_new_session=True,  # Ctrl+C and a closed terminal are for the monitor; the pipe tells the simulator
        )
    try:
        yield _line(child, folder / "simulator.log")
    finally:
        _end(child)


def _environment() -> dict[str, str]:
    """The child must find the very package that runs here, in a checkout that nobody installed too."""
    root = Path(__file__).resolve().parent.parent.parent
    if not (root / "pyproject.toml").is_file():
        return dict(os.environ)
    path = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{path}" if path else str(root)}


def _line(child: subprocess.Popen[bytes], log: Path) -> Mapping[str, object]:
    assert child.stdout is not None  # noqa: S101 - PIPE was asked for
    text = _first_line(child.stdout)
    try:
        line = json.loads(text)
    except ValueError:
        line = None
    if not isinstance(line, Mapping):
        said = log.read_text("utf-8", "replace").strip().splitlines()
        reason = (
            said[-1].removeprefix("scantop simulate: ").removeprefix("scantop: ")
            if said
            else f"it said nothing within {START_S:.0f} s"
        )
        raise SimulatorError(f"the simulator did not start: {reason}")
    return line


def _first_line(stream: IO[bytes]) -> bytes:
    """What the child wrote up to its first line break, or until it ended, or until it is too late."""
    import select

    found = b""
    give_up_s = time.monotonic() + START_S
    while not found.endswith(b"\n") and len(found) < LINE_BYTES:
        left_s = give_up_s - time.monotonic()
        if left_s <= 0 or not select.select([stream], [], [], left_s)[0]:
            break
        piece = os.read(stream.fileno(), 65536)
        if not piece:
            break
        found += piece
    return found


def _end(child: subprocess.Popen[bytes]) -> None:
    import subprocess

    for stream in (child.stdin, child.stdout):
        if stream is not None:
            with suppress(OSError):
                stream.close()
    for harder in (child.terminate, child.kill):
        with suppress(subprocess.TimeoutExpired):
            child.wait(END_S)
            return
        harder()
    child.wait()


def settings_of(line: Mapping[str, object]) -> Settings:
    """The settings of the monitor on a simulator: what a person would have written into a config for it."""
    from tui.config import from_document

    given = line.get("servers")
    servers = given if isinstance(given, Mapping) else {}
    return from_document(
        {
            "servers": {name: {**table, "budget_per_minute": PER_MINUTE} for name, table in servers.items()},
            "watch": line.get("watch", []),
            "poll": POLL,
        }
    )
