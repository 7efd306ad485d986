"""``scantop`` without a command: the monitor on the configuration, or a first screen where there is none.

The one place of the command line that loads the screen, and only once it is sure that there is a terminal for it.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.output import narrate
from tui.cli.parser import UsageError

if TYPE_CHECKING:
    from tui.clock import Clock
    from tui.settings import Settings
    from tui.telling.teller import Teller

GC_OBJECTS = 10_000  # made between two looks for rubbish; Python's 700 means a hundred looks while the screen is built


def run(arguments: argparse.Namespace) -> int:
    """Open the monitor. Raises `ConfigError`, `UsageError`."""
    from tui.cli.session import settings_of
    from tui.config import NoConfigError
    from tui.locations import history_file

    try:
        settings = settings_of(arguments)
    except NoConfigError:
        if not _has_terminal():
            raise
        return _first_screen(arguments)
    check_terminal()
    return open_on(settings, history_file(os.environ), is_narrowed=arguments.server is not None)


def _has_terminal() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def check_terminal() -> None:
    """Raise `UsageError` where there is no screen to draw on."""
    if not _has_terminal():
        raise UsageError("the monitor needs a terminal; for scripts there is `scantop status --json`")
    if os.environ.get("TERM", "") in ("", "dumb", "unknown"):
        raise UsageError("this terminal cannot show a screen (TERM is not set, or dumb); try `scantop status`")


def open_on(settings: Settings, history_path: Path, *, is_narrowed: bool = False) -> int:
    """Open the monitor on these settings until it is left; gives the exit code.

    The watch list that it follows and the preferences lie beside the history. `is_narrowed` (``--server``): targets of
    other servers on the list are left out.
    """
    from tui.cli.curtain import Curtain, theme_of

    curtain = Curtain(settings, theme_of(settings, history_path.parent), os.environ)
    curtain.draw()
    try:
        return _open(settings, history_path, is_narrowed=is_narrowed)
    except (ImportError, ValueError, OSError, KeyboardInterrupt, SystemExit):  # before the app drew, or a dead terminal
        curtain.lift()
        raise


def _open(settings: Settings, history_path: Path, *, is_narrowed: bool) -> int:
    gc.disable()  # what is loaded now stays: there is no rubbish to look for
    from tui.absence_file import AbsenceFile
    from tui.app.app import run as run_app
    from tui.cli.naming import list_reader
    from tui.clock import SteadyClock
    from tui.preferences import PreferencesFile
    from tui.watchlist import WatchList
    from tui.watchlist_follow import ListFollower
    from tui.wiring import open_actor, open_monitor

    clock = SteadyClock()
    read = list_reader(settings, is_narrowed=is_narrowed)
    watchlist = WatchList(history_path.parent)
    follower = ListFollower(watchlist, read, clock)
    teller = _teller(settings, clock)
    companions = (follower,) if teller is None else (follower, teller)
    monitor = open_monitor(settings, clock=clock, history_path=history_path, companions=companions)
    gc.freeze()
    gc.set_threshold(GC_OBJECTS)
    gc.enable()
    return run_app(
        *(settings, monitor),
        preferences=PreferencesFile(history_path.parent),
        watchlist=watchlist,
        actor=open_actor(settings, clock=clock),
        absence=AbsenceFile(history_path.parent),
        clock=clock,
        rules=teller,
    )


def _teller(settings: Settings, clock: Clock) -> Teller | None:
    """What tells by the rules of the config; loaded only where there are any."""
    if not settings.tell:
        return None
    from tui.telling.teller import Teller

    return Teller(settings, clock)


def _first_screen(arguments: argparse.Namespace) -> int:
    """Offer what can be done without a configuration, and do it."""
    from tui.app.first import FirstChoice, run_first_screen
    from tui.config.sample import write_sample
    from tui.locations import config_file

    check_terminal()
    path = config_file(arguments.config, os.environ)
    choice, code = run_first_screen(path, lambda: write_sample(path))
    if choice is FirstChoice.WRITTEN:
        narrate(f"wrote {path}; fill it in, then run `scantop config check`")
    if choice is FirstChoice.DEMO:
        from tui.cli import demo

        return demo.run(argparse.Namespace(scenario=None, speed=None, seed=None))
    return code
