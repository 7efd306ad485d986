"""What a poller is told of its server: a value, made by wiring."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tui.domain.target import Target
from tui.servers.kind import Client
from tui.settings import BUDGET_PER_MINUTE


@dataclass(frozen=True, slots=True)
class ServerPlan:
    """One server to poll. `open_client` may be slow and may fail; it is called once, and again after a failure."""

    name: str
    kind: str
    open_client: Callable[[], Awaitable[Client]]
    batch: Callable[[Target], str | None] = lambda target: None
    budget_per_minute: int = BUDGET_PER_MINUTE
    is_insecure: bool = False
    is_read_only: bool = False
