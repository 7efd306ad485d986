"""Builds the graph: kinds, HTTP, clients, pollers, store, history. The only place that knows all of them.

Nothing is opened here: connections and the history are opened when the monitor starts, and off the event loop.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from tui.acting import Actor
from tui.clock import Clock, SteadyClock, SystemClock
from tui.domain.outlook import Outlook
from tui.polling.clock_follower import ClockFollower
from tui.polling.experience import Experience
from tui.polling.history import NoHistory
from tui.polling.lookback import Lookback
from tui.polling.lookout import Lookout
from tui.polling.monitor import Companion, Monitor
from tui.polling.plan import ServerPlan
from tui.servers.kind import Client, ServerKind, kinds
from tui.settings import ServerSettings, Settings, WatchedList, WatchItem


def open_monitor(
    settings: Settings,
    *,
    clock: Clock | None = None,
    history_path: Path | None = None,
    seed: int | None = None,
    has_default_lists: bool = True,
    companions: Sequence[Companion] = (),
    outlook: Outlook | None = None,
) -> Monitor:
    """A monitor for these settings, not started.

    `history_path` is the history's file, None to keep none; `seed` makes the jitter repeatable. Without default lists
    only what the settings watch is asked for. `companions` run beside the polling; `outlook` is what learns of it (else
    one of the monitor's own). A `SteadyClock` is followed where the machine's clock is set. KeyError where a server
    has a kind that does not exist (reading the config has ruled that out).
    """
    clock = clock or SystemClock()
    known = kinds()
    plans = tuple(_plan(server, known[server.kind], clock, settings) for server in settings.servers)
    chance = random.Random(seed).random  # noqa: S311 - jitter, not a secret
    history = _open_history(history_path, clock, outlook or Outlook(settings.poll.stuck_s or None))
    watch = (*settings.watch, *(_default_lists(settings, known) if has_default_lists else ()))
    followers = (ClockFollower(clock),) if isinstance(clock, SteadyClock) else ()
    return Monitor(
        plans,
        watch,
        history=history,
        clock=clock,
        poll=settings.poll,
        chance=chance,
        companions=(*companions, *followers, Lookout(history.outlook, clock)),
        outlook=history.outlook,
        learnt=history.learnt,
        lookback=_open_lookback(history_path),
    )


def open_actor(settings: Settings, *, clock: Clock | None = None) -> Actor:
    """What acts on these settings' servers (reports, jobs, look-ups). Nothing is opened until the first act."""
    clock = clock or SystemClock()
    known = kinds()
    openers = {server.name: _opener(server, known[server.kind], clock) for server in settings.servers}
    return Actor(settings, known, openers)


def _open_history(path: Path | None, clock: Clock, outlook: Outlook) -> Experience:
    if path is None:
        return Experience(NoHistory(), outlook)
    from tui.history.sqlite import SqliteHistory

    history = SqliteHistory(path, clock.now)
    return Experience(history, outlook, history)


def _open_lookback(path: Path | None) -> Lookback | None:
    if path is None:
        return None
    from tui.history.lookback import SqliteLookback

    return SqliteLookback(path)


def _plan(server: ServerSettings, kind: ServerKind, clock: Clock, settings: Settings) -> ServerPlan:
    return ServerPlan(
        name=server.name,
        kind=server.kind,
        open_client=_opener(server, kind, clock),
        batch=kind.batch,
        budget_per_minute=server.budget_per_minute,
        is_insecure=not server.verify or (urlsplit(server.url).scheme == "http" and server.allow_http),
        is_read_only=settings.read_only or server.read_only,
    )


def _opener(server: ServerSettings, kind: ServerKind, clock: Clock) -> Callable[[], Awaitable[Client]]:
    """Importing the HTTP library and reading certificates takes a tenth of a second: not on the event loop."""

    def build() -> Client:
        from tui.secrets import Secret, read_token
        from tui.servers.http import Http

        async def token() -> Secret | None:
            return await read_token(server.token) if server.token is not None else None

        return kind.open_client(server, Http(server, clock, token))

    async def open_client() -> Client:
        return await asyncio.to_thread(build)

    return open_client


def _default_lists(settings: Settings, known: dict[str, ServerKind]) -> list[WatchItem]:
    """The lists that each kind wants polled, where the config does not ask for that list itself."""
    asked = {item.query.key for item in settings.watch if isinstance(item, WatchedList)}
    queries = (query for server in settings.servers for query in known[server.kind].default_lists(server.name))
    return [WatchedList(query) for query in queries if query.key not in asked]
