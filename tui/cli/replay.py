"""``scantop replay FILE``: an exported history played again on the real screens. No server is asked, nothing is kept.

Owns the command's grammar and where the file comes from. What is wrong with it is said before anything is drawn.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tui.cli.output import narrate
from tui.cli.parser import UsageError

if TYPE_CHECKING:
    from datetime import datetime
    from io import BufferedReader

    from tui.replay.tape import Tape
    from tui.settings import Settings

SPEED = 60.0  # an hour in a minute
FASTEST = 100_000.0  # as `tui.app.playing` has it; a test holds that they agree

EPILOG = """\
examples:
  scantop history export seen.jsonl            on the host where it happened
  scantop replay seen.jsonl                    an hour in a minute
  scantop replay seen.jsonl --speed 600 --from 18:05
  scantop replay seen.jsonl --from=-1h         its last hour
  zcat seen.jsonl.gz | scantop replay -        (FILE may be packed by gzip, too)

In it: p stops and goes on, < and > change the speed, `:speed 600`, `:seek 18:05`, `:seek +1h`, `:seek start`.
A row leaves once nobody looked at it any more, or by [ui] forget_after of your config.
exit codes: 0, or 2 (usage, or a file that is no export)
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's grammar."""
    parser = subparsers.add_parser(
        "replay",
        help="play an exported history again, on the real screens",
        description="Play what `scantop history export` wrote, on the real screens: for a bug report, a training.",
        epilog=EPILOG,
    )
    parser.add_argument("file", metavar="FILE", help="an export, plain or packed by gzip; - is standard input")
    parser.add_argument(
        "--speed",
        metavar="X",
        type=_speed,
        default=SPEED,
        help=f"how many times faster than life (default {SPEED:.0f})",
    )
    parser.add_argument(
        "--from",
        metavar="TIME",
        dest="from_text",
        help="where to begin: 18:05, 2026-11-22T18:05, +1h (default: the start)",
    )
    parser.add_argument(
        "--paused", action="store_true", dest="is_paused", help="begin with a picture that stands still"
    )
    parser.add_argument(
        "--no-skip", action="store_false", dest="is_skipping", help="play silences of over ten minutes in full, too"
    )


def _speed(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= FASTEST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0, up to {FASTEST:.0f}")
    return value


def run(arguments: argparse.Namespace) -> int:
    """Play the file until that is left. Raises `UsageError`, `ConfigError`."""
    import gc
    from datetime import timedelta

    from tui.clock import SystemClock

    _check_terminal(is_piped=arguments.file == "-")
    settings = _settings(arguments)
    gc.disable()  # a long tape is a million small things, and none of them is rubbish
    try:
        tape = _tape(arguments)
        gc.freeze()
    finally:
        gc.enable()
    if tape.unknown:
        narrate(f"{tape.unknown} transitions are of kinds that this scantop does not know; they are left out")
    from_at = _moment(arguments.from_text, tape)
    with _curtain(_without_servers(settings)):
        from tui.app.app import run as run_app
        from tui.replay.monitor import ReplayMonitor

        forget_s = settings.ui.forget_after_s
        monitor = ReplayMonitor(
            tape,
            SystemClock(),
            speed=arguments.speed,
            from_at=from_at,
            is_paused=arguments.is_paused,
            is_skipping=arguments.is_skipping,
            stuck_s=settings.poll.stuck_s or None,
            forget_after=timedelta(seconds=forget_s) if forget_s else None,
        )
        return run_app(_without_servers(settings), monitor, player=monitor, clock=monitor.clock)


@contextmanager
def _curtain(settings: Settings) -> Iterator[None]:
    """The first picture, while the screen's library is loaded; taken away where that fails."""
    from tui.cli.curtain import Curtain

    curtain = Curtain(settings, settings.ui.theme, os.environ)
    curtain.draw()
    try:
        yield
    except (ImportError, ValueError, OSError, KeyboardInterrupt, SystemExit):
        curtain.lift()
        raise


def _check_terminal(*, is_piped: bool) -> None:
    """As for the monitor; where the file comes from standard input, the keys come from the terminal all the same."""
    from tui.cli.monitor_command import check_terminal

    if not is_piped or (sys.stdin is not None and sys.stdin.isatty()):
        check_terminal()
        if is_piped:
            raise UsageError("- is standard input, and that is this terminal; name a file, or pipe one in")
        return
    has_output = sys.stdout is not None and sys.stdout.isatty()
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        has_output = False
    if not has_output or os.environ.get("TERM", "") in ("", "dumb", "unknown"):
        raise UsageError("the replay needs a terminal; for scripts there is `scantop history --json`")


def _settings(arguments: argparse.Namespace) -> Settings:
    """How the screen looks and which keys it has, by the config where there is one that can be read."""
    from tui import config
    from tui.config.faults import ConfigError
    from tui.locations import is_named
    from tui.settings import Settings

    try:
        return config.load(arguments.config, os.environ)
    except config.NoConfigError:
        if is_named(arguments.config, os.environ):
            raise
    except ConfigError as error:
        if is_named(arguments.config, os.environ):
            raise
        narrate(f"{error}; the replay goes without it")
    return Settings()


def _without_servers(settings: Settings) -> Settings:
    """Nothing of the person's servers and watches is needed, and nothing is let go by age: the replay sees to that."""
    from dataclasses import replace

    return replace(settings, servers=(), watch=(), read_only=False, ui=replace(settings.ui, forget_after_s=0.0))


def _tape(arguments: argparse.Namespace) -> Tape:
    """What the file holds. Raises `UsageError`."""
    from tui.history.carrying import NotAnExport, read_lines, read_seen
    from tui.replay.tape import TapeError, make_tape
    from tui.servers.kind import grammars

    try:
        with _opened(arguments.file) as stream:
            return make_tape(read_seen(read_lines(stream)), grammars(), arguments.server)
    except (NotAnExport, TapeError) as error:
        where = "standard input" if arguments.file == "-" else arguments.file
        raise UsageError(f"{where}: {error}") from None


@contextmanager
def _opened(place: str) -> Iterator[BufferedReader]:
    """The bytes of the file; after those of standard input, that is the terminal again."""
    from tui.cli.history import export_stream

    with export_stream(place) as stream:
        yield stream
    if place != "-":
        return
    terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    os.dup2(terminal, 0)
    os.close(terminal)


def _moment(text: str | None, tape: Tape) -> datetime | None:
    """Where to begin. Raises `UsageError`."""
    if text is None:
        return None
    from datetime import UTC, datetime

    from tui.replay.moments import find_moment

    zone = datetime.now(UTC).astimezone().tzinfo or UTC
    try:
        seen_from = tape.end_at if text.lstrip().startswith("-") else tape.start_at
        return find_moment(text, (tape.start_at, tape.end_at), seen_from, zone)
    except ValueError as error:
        raise UsageError(f"--from: {error}") from None
