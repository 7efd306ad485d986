"""What a pane's cells are given to judge time by: the moment, the signs, and what is learnt of how long things take."""

from __future__ import annotations

from datetime import datetime

from tui.domain.outlook import Outlook
from tui.domain.snapshot import Entry
from tui.present.left import left_short
from tui.present.spec import Context, Glyphs


def context_of(now: datetime, glyphs: Glyphs, *, has_servers: bool, outlook: Outlook) -> Context:
    """The context of a pane at `now`; estimates are made when a cell asks for them, so only for rows that are shown."""

    def time_left(entry: Entry) -> str:
        left = outlook.time_left(entry, now)
        return left_short(left) if left is not None else ""

    def pace(entry: Entry) -> str:
        return outlook.verdict(entry, now).pace.value

    return Context(now, glyphs, has_servers, time_left, pace)
