"""Looks at the time that things take, and says once when a target, or a whole server, has become stuck.

Runs beside the polling (see `Companion`). Asks nobody anything and never raises; what is stuck is the outlook's word.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

from tui.clock import Clock
from tui.domain.outlook import Outlook
from tui.domain.snapshot import Entry, Health
from tui.domain.state import ACTIVE
from tui.polling.messages import Message
from tui.polling.monitor import Monitor
from tui.polling.words import note

AT_ONCE = 200  # entries that are judged before the event loop gets its turn: some milliseconds
GAP_S = 30.0  # a look that comes so much late was held up by a suspend
LOOK_S = 15.0  # being stuck is a matter of minutes; a look costs some microseconds for each thing that waits or runs


class Wakening:
    """Notices between two looks that the machine slept: what was known before it did says nothing of now.

    `look_s` is the time between two looks. A clock that was set looks the same, and costs the wait for one more answer.
    """

    def __init__(self, clock: Clock, look_s: float) -> None:
        self._clock = clock
        self._most_s = look_s + GAP_S
        self._looked_at = clock.now()
        self._woke_at: datetime | None = None

    def look(self) -> bool:
        """Called at each look: whether the machine slept since the last one."""
        now = self._clock.now()
        has_slept = not 0.0 <= (now - self._looked_at).total_seconds() <= self._most_s
        self._looked_at = now
        if has_slept:
            self._woke_at = now
        return has_slept

    def is_since(self, at: datetime | None) -> bool:
        """What was learnt then was learnt since the machine woke."""
        return self._woke_at is None or (at is not None and at >= self._woke_at)


class Lookout:
    """Tells of what becomes stuck as messages."""

    def __init__(self, outlook: Outlook, clock: Clock) -> None:
        self._outlook = outlook
        self._clock = clock
        self._stuck: set[str] = set()
        self._servers: set[str] = set()

    async def __call__(self, monitor: Monitor) -> None:
        """Look until cancelled."""
        wakening = Wakening(self._clock, LOOK_S)
        while True:
            await self._clock.sleep(LOOK_S)
            if wakening.look():
                continue  # what ended meanwhile will be known in a moment
            found = [*await self._targets(monitor, wakening), *self._whole_servers(monitor, wakening)]
            if found:
                monitor.store.publish(messages=found)

    async def _targets(self, monitor: Monitor, wakening: Wakening) -> list[Message]:
        now, found, stuck = self._clock.now(), [], set()
        active = [entry for entry in monitor.store.entries.values() if entry.state in ACTIVE]
        for place, entry in enumerate(active, 1):
            if place % AT_ONCE == 0:
                await asyncio.sleep(0)
            if not can_be_judged(monitor, entry, wakening):
                stuck |= {entry.key} & self._stuck  # not told again once the server answers
                continue
            if not self._outlook.is_stuck(entry, now):
                continue
            stuck.add(entry.key)
            if entry.key not in self._stuck:
                text = f"{entry.label or entry.name} is stuck: {self._outlook.verdict(entry, now).text}"
                found.append(note(now, text, entry.target.server, entry.key, "bad"))
        self._stuck = stuck
        return found

    def _whole_servers(self, monitor: Monitor, wakening: Wakening) -> list[Message]:
        now, found, stuck = self._clock.now(), [], set()
        entries = monitor.store.entries.values()
        for name, server in monitor.store.servers.items():
            if not _answers(monitor, name) or not wakening.is_since(server.good_at):
                stuck |= {name} & self._servers
                continue
            text = self._outlook.server_stuck(name, entries, now)
            if text:
                stuck.add(name)
                if name not in self._servers:
                    found.append(note(now, f"{name}: {text}", name, name, "bad"))
        self._servers = stuck
        return found


def can_be_judged(monitor: Monitor, entry: Entry, wakening: Wakening) -> bool:
    """What is known of it is fresh, so that it can be said how it gets on."""
    is_good = not entry.is_late and entry.problem is None and wakening.is_since(entry.good_at)
    return is_good and _answers(monitor, entry.target.server)


def _answers(monitor: Monitor, server: str) -> bool:
    """Without fresh answers nothing can be called stuck: it may have ended long ago."""
    shown = monitor.store.servers.get(server)
    return shown is not None and shown.health is Health.OK
