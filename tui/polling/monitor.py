"""All servers together: what the app and the command line hold on to.

Owns the pollers; shows what they found in `store`. It belongs to the app, not to a screen. Nothing here is asked before
`start` (or `poll_once`), so it may be made early.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from itertools import count

from tui.clock import Clock
from tui.domain.deadline import Deadline
from tui.domain.outlook import Outlook
from tui.domain.records import ListQuery
from tui.domain.shifting import moved_entry, moved_list
from tui.domain.target import Target
from tui.polling.history import History
from tui.polling.intake import WATCH
from tui.polling.lookback import Lookback
from tui.polling.messages import Message
from tui.polling.plan import ServerPlan
from tui.polling.poller import Poller
from tui.polling.sources import latest_source_key, list_source_key
from tui.polling.store import Store
from tui.polling.words import note
from tui.settings import PollSettings, WatchedLatest, WatchedList, WatchedTarget, WatchItem

QUIET_SPINS = 200  # turns of the event loop that `idle` gives before it lets real threads have some time
PULSE_S = 0.001  # … which it does in pauses of this length (only `idle`, which only tests await)


Companion = Callable[["Monitor"], Awaitable[None]]  # runs beside the loops from start to stop; must not raise


class Monitor:
    """Polls what is watched. `store` is what is known, `outlook` what is learnt of it; read-only for everyone else.

    `lookback` answers about the past, None where none is kept.
    """

    def __init__(
        self,
        plans: Sequence[ServerPlan],
        watch: Iterable[WatchItem],
        *,
        history: History,
        clock: Clock,
        poll: PollSettings,
        chance: Callable[[], float],
        companions: Sequence[Companion] = (),
        outlook: Outlook | None = None,
        learnt: Callable[[], Awaitable[None]] | None = None,
        lookback: Lookback | None = None,
    ) -> None:
        self.store = Store()
        self.lookback = lookback
        self.outlook = outlook or Outlook()
        self._learnt = learnt
        self._companions = tuple(companions)
        self._history = history
        self._clock = clock
        self._is_paused = False
        self._is_open = False
        self._loops: list[asyncio.Task[None]] = []
        self._lists: dict[str, ListQuery] = {}
        self._unwatched: set[str] = set()
        numbers = count(1)
        self._pollers = {
            plan.name: Poller(plan, self.store, history, clock, poll, chance, lambda: next(numbers), self._follow)
            for plan in plans
        }
        self._plan(watch)

    @property
    def is_paused(self) -> bool:
        """Nothing is asked but what a person asks for by hand."""
        return self._is_paused

    @property
    def is_running(self) -> bool:
        """The loops were started and not stopped."""
        return bool(self._loops)

    @property
    def is_idle(self) -> bool:
        """Nothing is being asked and nothing is due at this moment of the clock."""
        return not self._loops or all(poller.is_quiet() for poller in self._pollers.values())

    async def start(self) -> None:
        """Start polling; a second call changes nothing."""
        if self._loops:
            return
        await self._open()
        self._loops = [asyncio.create_task(poller.run(), name=f"poll {name}") for name, poller in self._pollers.items()]
        self._loops += [asyncio.ensure_future(companion(self)) for companion in self._companions]

    async def stop(self) -> None:
        """Stop polling, close the connections and the history. May be called at any time, also twice."""
        loops, self._loops = self._loops, []
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        await asyncio.gather(*(poller.close() for poller in self._pollers.values()), return_exceptions=True)
        if self._is_open:
            self._is_open = False
            await self._history.close()

    async def poll_once(
        self, targets: Sequence[Target] | None = None, lists: Sequence[ListQuery] | None = None
    ) -> None:
        """Ask once and return when the answers are in the store; for commands that end, not for a started monitor.

        None means everything that is watched, or every list. A server that cannot be asked is tried once: the rest of
        what was wanted of it gets the same problem.
        """
        if self._loops:
            raise RuntimeError("the monitor runs already; use poll_now")
        await self._open()
        for query in lists or ():
            self._pollers[query.server].set_list(query)
        wanted: dict[str, list[WatchedTarget]] = {}
        for target in targets or ():
            wanted.setdefault(target.server, []).append(WatchedTarget(target))
        for name, some in wanted.items():
            self._pollers[name].add_targets(some, WATCH)
        if targets is None:  # the newest of a name must be known before they can be asked for
            await asyncio.gather(
                *(
                    poller.drain([source.key for source in poller.roster if source.latest is not None])
                    for poller in self._pollers.values()
                )
            )
        jobs = []
        for name, poller in self._pollers.items():
            keys = [item.target.key for item in wanted.get(name, ())]
            if targets is None:
                keys += [source.key for source in poller.roster if source.target is not None]
            queries = lists if lists is not None else tuple(self._lists.values())
            keys += [list_source_key(query.key) for query in queries if query.server == name]
            if keys:
                jobs.append(poller.drain(keys))
        await asyncio.gather(*jobs)

    async def learnt(self) -> None:
        """Wait until `outlook` knows what the history holds; for commands that ask once and end."""
        if self._learnt is not None:
            await self._learnt()

    def poll_now(self, key: str | None = None, server: str | None = None) -> None:
        """Ask again as soon as may be: for one target or list (by its key), for one server, or for everything.

        What is being asked at this moment is not asked twice; works while paused, too.
        """
        for name, poller in self._pollers.items():
            if server is None or name == server:
                poller.poll_now(key)

    def pause(self) -> None:
        """Ask nothing by itself until `resume`; the schedule is kept."""
        self._set_paused(True)

    def resume(self) -> None:
        """Ask again; what fell due meanwhile is spread."""
        self._set_paused(False)

    def watch(self, target: Target, label: str = "", *, holder: str = WATCH, deadline: Deadline | None = None) -> None:
        """Watch one more target; it is asked for at once. KeyError where its server is not configured."""
        self._unwatched.discard(target.key)
        self._pollers[target.server].add_targets((WatchedTarget(target, label, deadline),), holder)

    def release(self, key: str, holder: str) -> None:
        """`holder` alone watches it no longer; the row leaves where nothing else wants it."""
        entry = self.store.entries.get(key)
        if entry is not None and holder in self.store.holders(key):
            self._pollers[entry.target.server].remove_target(key, holder)

    def unwatch(self, key: str) -> None:
        """Stop watching; the row leaves unless a list page shows it."""
        entry = self.store.entries.get(key)
        if entry is None:
            return
        poller = self._pollers[entry.target.server]
        self._unwatched.add(key)
        for holder in self.store.holders(key) - self.store.lists.keys():
            poller.remove_target(key, holder)

    def set_list(self, query: ListQuery) -> None:
        """Show this page of a list; it is asked for at once, and the page shown stays until it is there."""
        self._lists[query.key] = query
        self._pollers[query.server].set_list(query)

    @property
    def can_shift(self) -> bool:
        """No answer is on its way from its sight to the store, so `shift` finds every time that is known."""
        return not any(poller.is_taking for poller in self._pollers.values())

    def shift(self, by_s: float, *messages: Message) -> None:
        """The wall clock leapt by `by_s` seconds: all that was read from it moves with it, at once and whole."""
        for poller in self._pollers.values():
            poller.shift(by_s)
        self._history.shift(by_s)
        entries = [moved_entry(entry, by_s) for entry in self.store.entries.values()]
        lists = [moved_list(state, by_s) for state in self.store.lists.values()]
        self.store.publish(entries=entries, lists=lists, messages=messages, shifted_s=by_s)

    async def idle(self) -> None:
        """Wait until nothing is being asked and nothing is due at this moment of the clock (for tests)."""
        spins = 0
        while not self.is_idle:
            spins += 1
            await asyncio.sleep(0 if spins < QUIET_SPINS else PULSE_S)

    async def _open(self) -> None:
        if self._is_open:
            return
        self._is_open = True
        await self._history.start()
        notices = self._history.take_notices()
        self.store.publish(messages=[note(self._clock.now(), text) for text in notices])

    def _plan(self, watch: Iterable[WatchItem]) -> None:
        targets: dict[str, list[WatchedTarget]] = {}
        latest: list[WatchedLatest] = []
        for item in watch:
            if isinstance(item, WatchedTarget):
                targets.setdefault(item.target.server, []).append(item)
            elif isinstance(item, WatchedList):
                self.set_list(item.query)
            else:
                latest.append(item)
        for newest in latest:
            self._pollers[newest.server].add_latest(newest)
        for name, some in targets.items():
            self._pollers[name].add_targets(some, WATCH)

    def _follow(self, item: WatchedLatest, targets: Sequence[Target]) -> None:
        """The newest of a name were told: watch these, and no longer those that are not among them."""
        holder = latest_source_key(item)
        poller = self._pollers[item.server]
        wanted = {target.key: target for target in targets[: item.count] if target.key not in self._unwatched}
        before = self.store.held_by(holder)
        new = [target for key, target in wanted.items() if key not in before]
        poller.add_targets([WatchedTarget(target, item.label, item.deadline) for target in new], holder)
        for key in before - wanted.keys():
            poller.remove_target(key, holder)

    def _set_paused(self, is_paused: bool) -> None:
        self._is_paused = is_paused
        for poller in self._pollers.values():
            poller.set_paused(is_paused)
