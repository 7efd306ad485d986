"""What a screen asks of the past. The one that reads the history's file is `tui.history.lookback`; no database here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from tui.domain.durations import Scope
from tui.domain.past_runs import PastRun
from tui.domain.pulse import Grid, ServerPulse


class Lookback(Protocol):
    """Answers from what was kept. It never raises and holds nobody up: what cannot be read is answered with nothing."""

    async def last_runs(self, scope: Scope, key: str, most: int) -> tuple[PastRun, ...]:
        """The newest runs of this scope, the oldest first, `most` at most; the address's own last run is among them."""
        ...

    async def pulse(self, servers: Sequence[str], grid: Grid, now: datetime) -> tuple[ServerPulse, ...]:
        """The series of these servers over the grid's columns; () where nothing can be read."""
        ...
