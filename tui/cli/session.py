"""What commands share: the settings that the global options choose, and one poll without a screen.

Knows no command. Imports of polling and servers happen when a poll is made.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.cli.parser import UsageError, near
from tui.settings import Settings, WatchedList, WatchedTarget, WatchItem

if TYPE_CHECKING:
    from pathlib import Path

    from tui.domain.outlook import Outlook
    from tui.domain.records import ListQuery
    from tui.domain.target import Target
    from tui.polling.store import Store


def settings_of(arguments: argparse.Namespace) -> Settings:
    """The configured settings, narrowed to ``--server``, for reading only with ``--read-only``.

    Raises `ConfigError`, `UsageError`.
    """
    from tui import config

    settings = narrow(config.load(arguments.config, os.environ), arguments.server)
    return dataclasses.replace(settings, read_only=settings.read_only or arguments.is_read_only)


def narrow(settings: Settings, name: str | None) -> Settings:
    """The settings with only that server, and what is watched on it; all of them for None. Raises `UsageError`."""
    if name is None:
        return settings
    if name not in settings.server_kinds:
        known = ", ".join(settings.server_kinds)
        hint = near(name, settings.server_kinds) or f"; there are: {known}"
        raise UsageError(f"no server is called {name!r}{hint}")
    watch = tuple(item for item in settings.watch if _server_of(item) == name)
    left_out = settings.secret_variables  # what is told by a command must not get the others' tokens
    return dataclasses.replace(settings, servers=(settings.server(name),), watch=watch, left_out=left_out)


def _server_of(item: WatchItem) -> str:
    match item:
        case WatchedTarget():
            return item.target.server
        case WatchedList():
            return item.query.server
    return item.server


def poll_once(
    settings: Settings,
    targets: Sequence[Target] | None = None,
    lists: Sequence[ListQuery] | None = None,
    *,
    history_path: Path | None = None,
    outlook: Outlook | None = None,
) -> Store:
    """Ask once for the targets and lists (everything watched where both are None); gives what is known then.

    What was seen goes into the history at `history_path`; what that holds is learnt by `outlook`, where there is one.
    """
    import asyncio  # with its sockets and TLS a third of what the command line loads

    from tui.wiring import open_monitor

    async def ask() -> Store:
        monitor = open_monitor(settings, history_path=history_path, outlook=outlook)
        try:
            await monitor.poll_once(targets=targets, lists=lists)
            if outlook is not None:
                await monitor.learnt()
        finally:
            await monitor.stop()
        return monitor.store

    return asyncio.run(ask())
