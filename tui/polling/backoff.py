"""How long to wait after a failure, and how much to shake a due time. Pure: chance comes in as a number from 0 to 1."""

from __future__ import annotations

import math

CEILING_S = 120.0  # a server that is back is noticed within two minutes
SOURCE_CEILING_S = 300.0  # one target or list that fails alone: as seldom as a settled one
REFUSED_BASE_S = 60.0  # 401: a person must act; more often would lock accounts
REFUSED_CEILING_S = 300.0
RATE_LIMITED_BASE_S = 30.0  # 429 without Retry-After
FORBIDDEN_BASE_S = 60.0  # 403: a permission may be granted, but not within seconds
RETRY_AFTER_CAP_S = 900.0  # a server that asks for more is asked again after a quarter of an hour
JITTER = 0.1  # share of an interval by which a due time moves to either side


def delay_s(failures: int, base_s: float, ceiling_s: float, chance: float, retry_after_s: float | None = None) -> float:
    """Seconds to wait after the `failures`-th failure in a row (from 1).

    Doubles from `base_s` up to `ceiling_s`, of which a random half is taken off. A Retry-After is never undercut and
    never exceeds its cap; nonsense in it (negative, not a number) counts as none.
    """
    doubled = base_s * 2.0 ** min(max(failures - 1, 0), 30)
    delay = min(ceiling_s, doubled) * (0.5 + 0.5 * chance)
    if retry_after_s is None or math.isnan(retry_after_s) or retry_after_s <= 0:
        return delay
    return max(delay, min(retry_after_s, RETRY_AFTER_CAP_S) * (1.0 + JITTER * chance))


def shaken_s(interval_s: float, chance: float) -> float:
    """The interval with jitter, so that many targets do not march in step."""
    return interval_s * (1.0 - JITTER + 2 * JITTER * chance)


def spread_s(count: int, at_once: float, per_minute: int) -> float:
    """Over how many seconds `count` sources that are due together are spread.

    The first `at_once` may go together; the rest as fast as the budget (requests a minute) allows.
    """
    return max(0.0, count - at_once) * 60.0 / max(1, per_minute)
