"""The [[watch]] table of a ThreadFix server: a pending scan by its two ids."""

from __future__ import annotations

from collections.abc import Mapping

from tui.domain.target import Target
from tui.servers.watching import needed_id, text_of
from tui.settings import WatchedTarget, WatchItem


def read_scan(server: str, table: Mapping[str, object]) -> tuple[WatchItem, ...]:
    """``application`` and ``pending_scan``, both ids."""
    target = Target(server, "scan", (needed_id(table, "application"), needed_id(table, "pending_scan")))
    return (WatchedTarget(target, text_of(table, "label")),)
