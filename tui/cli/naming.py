"""Targets as the command line takes them: arguments, and ``-`` for standard input (addresses, or an upload's answer).

Knows no command. Resolving imports nothing heavy.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui.cli.output import narrate
from tui.cli.parser import UsageError

if TYPE_CHECKING:
    from tui.domain.target import Target
    from tui.settings import Settings, WatchedTarget

STDIN = "-"
INPUT_CHARACTERS = 16 * 1024 * 1024  # 50,000 addresses are about 5 MB; more is a file by mistake


def targets_named(words: Sequence[str], settings: Settings) -> tuple[Target, ...]:
    """The targets of the arguments, each once, in order. Raises `AddressError`, `UsageError`."""
    from tui.addressing import resolve

    texts: list[str] = []
    for word in words:
        texts += stdin_texts() if word == STDIN else [word]
    return tuple(dict.fromkeys(target for text in texts for target in resolve(text, settings)))


def stdin_texts() -> list[str]:
    """What standard input names: one JSON answer, or an address a line (blank lines and ``#`` lines are skipped)."""
    if sys.stdin is None or sys.stdin.closed:
        raise UsageError("standard input is closed, so `-` names no target")
    try:
        text = sys.stdin.read(INPUT_CHARACTERS + 1)
    except UnicodeDecodeError:
        raise UsageError("standard input is not text in this terminal's encoding") from None
    if len(text) > INPUT_CHARACTERS:
        raise UsageError(f"standard input is longer than {INPUT_CHARACTERS // 2**20} Mi characters")
    text = text.strip().removeprefix("\ufeff")
    if _is_json(text):
        return [text]
    lines = [line.strip() for line in text.splitlines()]
    found = [line for line in lines if line and not line.startswith("#")]
    if not found:
        raise UsageError("standard input names no target")
    return found


def _is_json(text: str) -> bool:
    if text[:1] not in ("{", "["):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def span(text: str) -> float:
    """An argparse type: a duration in seconds, above zero."""
    from tui.durations import parse_duration

    try:
        seconds = parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if seconds <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no time at all")
    return seconds


def span_or_none(text: str) -> float:
    """An argparse type: a duration in seconds; ``0`` (with any unit or none) switches it off."""
    from tui.durations import parse_duration

    if text.strip() == "0":
        return 0.0
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


Reader = Callable[[str], "Target | None"]


def list_reader(settings: Settings, *, is_narrowed: bool) -> Reader:
    """Reads the watch list's addresses. `is_narrowed` (``--server``): those of other servers are None, not an error.

    The reader raises `AddressError`.
    """
    from tui.addressing import resolve
    from tui.domain.target import split_server

    def read(address: str) -> Target | None:
        if is_narrowed and split_server(address)[0] not in settings.server_kinds:
            return None
        return resolve(address, settings)[0]

    return read


def listed_items(settings: Settings, *, is_narrowed: bool) -> tuple[WatchedTarget, ...]:
    """What the host's watch list adds to the settings' own; what cannot be read of it is narrated."""
    from tui.domain.target import AddressError
    from tui.locations import state_folder
    from tui.settings import WatchedTarget
    from tui.watchlist import WatchList

    watchlist = WatchList(state_folder(os.environ))
    contents = watchlist.read(datetime.now(UTC))
    if contents.trouble:
        narrate(f"{watchlist.path} {contents.trouble}; nothing of it is watched")
    read = list_reader(settings, is_narrowed=is_narrowed)
    found = []
    for entry in contents.entries:
        try:
            target = read(entry.address)
        except AddressError as error:
            narrate(f"the watch list: {error}")
            continue
        if target is not None:
            found.append(WatchedTarget(target, entry.label, entry.deadline))
    return tuple(found)
