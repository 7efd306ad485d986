"""How the servers of the story answered in its past: a rhythm of the day, a slow hour, a server that was away. No wire.

Owns these figures alone; they are lines of the same export as the rest of the past.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tui.domain.latency import BUCKET_S, Tally, by_bucket, poll_of, spread_text
from tui.simulator.chance import Draw
from tui.simulator.world import World

PAST_S = 36 * 3_600  # how far back it goes, as the scans of the past do
POLLS = 8  # of one server in one span: as many as one draw has numbers for
SLOW = 9.0  # times as long in a slow hour
RHYTHM_S = 5 * 3_600.0  # from one busy time to the next
BUSY_SHARE = 0.5  # by which a busy time is slower


@dataclass(frozen=True, slots=True)
class _Climate:
    """A server's usual latency, and its troubles: (hours ago, minutes, share of polls that fail, times as slow)."""

    server: str
    usual_s: float
    troubles: tuple[tuple[float, float, float, float], ...]


CLIMATES = (
    _Climate("xray", 0.045, ((1.9, 35, 0.06, 3.5), (9.0, 50, 0.1, SLOW), (27.0, 20, 0.3, 4.0))),
    _Climate("threadfix", 0.085, ((3.6, 25, 1.0, 1.0), (3.1, 15, 0.2, 4.0), (20.5, 40, 1.0, 1.0))),
    _Climate("codeinsight", 0.13, ((4.7, 60, 0.02, 2.5), (14.0, 30, 0.15, SLOW))),
)


def weather_lines(world: World) -> Iterator[dict[str, Any]]:
    """A line a server and span, the oldest first."""
    end_s = by_bucket(world.clock.start_at.timestamp())
    for bucket_s in range(end_s - PAST_S, end_s, BUCKET_S):
        for climate in CLIMATES:
            tally = _tally(Draw(world.seed, "weather", climate.server, end_s - bucket_s), climate, end_s - bucket_s)
            from_at = world.clock.start_at - timedelta(seconds=world.clock.start_at.timestamp() - bucket_s)
            yield _line(climate.server, from_at, tally)


def _tally(draw: Draw, climate: _Climate, ago_s: int) -> Tally:
    busy = 1 + BUSY_SHARE * (1 + math.sin(ago_s / RHYTHM_S * 2 * math.pi)) / 2
    failing, slow = 0.003, 1.0
    for hours, minutes, share, times in climate.troubles:
        if hours * 3_600 - minutes * 60 < ago_s <= hours * 3_600:
            failing, slow = share, times
    found = Tally()
    for _ in range(POLLS if failing < 1 else POLLS // 4):  # one that is away is asked less and less
        if draw.is_one_in(failing):
            found = found.plus(poll_of(None))
        else:
            found = found.plus(poll_of(climate.usual_s * busy * slow * math.exp(draw.between(-0.5, 0.9))))
    return found


def _line(server: str, from_at: datetime, tally: Tally) -> dict[str, Any]:
    return {
        "server": server,
        "from": from_at.isoformat().replace("+00:00", "Z"),
        "polls": tally.polls,
        "failed": tally.failed,
        "sum_s": round(tally.sum_s, 6),
        "longest_s": round(tally.longest_s, 6),
        "spread": spread_text(tally.spread),
    }
