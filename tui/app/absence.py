"""The person before this screen: when they were away, what changed meanwhile, and which rows they looked at.

Owns the line under the header and what is kept of it all for the next start. What counts as a change is
`tui.domain.changes`', who is here is `tui.domain.presence`'; drawing is the screens'.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from tui.app.away_words import AwayFacts, said
from tui.app.beside import beside
from tui.domain.changes import Unseen
from tui.domain.presence import Presence
from tui.domain.shifting import later, moved
from tui.domain.snapshot import Health
from tui.polling.messages import Change

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.timer import Timer
    from textual.worker import Worker

    from tui.absence_file import Absence, AbsenceFile
    from tui.app.app import ScantopApp
    from tui.app.feed import Known
    from tui.domain.snapshot import Entry, ServerHealth

WAIT_S = 5.0  # between two writes: rows may change all the time, and each write waits for the disk
# After a return: what is learnt of usual times, and with it what is stuck, comes a while after the first answers.
LEARNING = timedelta(seconds=30)
AT_ONCE = 200  # rows that are judged before keys get their turn: some milliseconds
AWAKE_S = 60.0  # by how much the kept moment of the last key may be too old after a kill
NOTHING = "Nothing has changed that you have not looked at."


class AbsenceWatch:
    """What one app knows of it. `file` None keeps nothing."""

    def __init__(self, app: ScantopApp, file: AbsenceFile | None) -> None:
        self.app = app
        self._file = file
        now = app.clock.now()
        self.presence = Presence(now, None)
        self.unseen = Unseen(now)
        self._is_loaded = file is None
        self._is_off = app.player is not None  # a replay's clock flies, so it tells nothing of who was here
        self._since_at: datetime | None = None  # of the line that is shown
        self._told: set[str] = set()  # the rows that it counts
        self._down: set[str] = set()  # the servers that it names
        self._gap: tuple[datetime, datetime] | None = None  # the last one: when they left, when they were back
        self._judging: Worker[None] | None = None
        self._timer: Timer | None = None
        self._writing: Worker[None] | None = None
        self._kept_awake_at = now

    async def load(self) -> None:
        """Take what was kept, before the first answer comes."""
        self.app.store.subscribe(self.shifted)
        if self._file is None:
            return
        kept, notice = await asyncio.to_thread(self._file.load)
        now = self.app.clock.now()
        if kept is not None:
            left_at = min(kept.left_at, now)  # a clock that was set back
            self.presence = Presence(now, left_at)
            self.unseen = Unseen(left_at, kept.unseen.items())
        self._is_loaded = True
        self.follow(Change(frozenset(self.app.store.entries)))  # what came before the file did
        for pane in self.app.dashboard.panes:
            pane.look_again()
        self._save_soon()
        if notice:
            self.app.say(notice, "warn")

    def shifted(self, change: Change) -> None:
        """The clock may have been set: told at once, before anybody compares an old moment with a new one."""
        by_s = change.shifted_s
        if by_s:
            self.presence.shift(by_s)
            self.unseen.shift(by_s)
            self._since_at = moved(self._since_at, by_s)
            self._kept_awake_at = later(self._kept_awake_at, by_s)
            self._gap = None if self._gap is None else (later(self._gap[0], by_s), later(self._gap[1], by_s))

    # what screens ask

    def is_changed(self, key: str) -> bool:
        """The row changed, and nobody looked at it since."""
        return key in self.unseen.news

    @property
    def facts(self) -> AwayFacts:
        """What the line tells; without news or servers there is none."""
        app = self.app
        news = tuple(one for key, one in self.unseen.news.items() if key in self._told)
        keys = (app.keymap.hint("changed.open"), app.keymap.hint("changed.next"), app.keymap.hint("back"))
        now = app.clock.now()
        return AwayFacts(self._since_at or now, now, app.zone, news, tuple(self._failing(sorted(self._down))), keys)

    @property
    def is_told(self) -> bool:
        """There is a line to show."""
        return self._since_at is not None

    # signs of the person

    def sign(self) -> None:
        """A key, the mouse, the focus."""
        if self.presence.sign(self.app.clock.now()):
            self._tell()

    def blur(self) -> None:
        """The terminal lost the focus: nothing is drawn for it."""
        self.presence.leave(self.app.clock.now())
        self._save_soon()

    def resume(self) -> None:
        """The process was stopped, and goes on."""
        self.presence.woke(self.app.clock.now())

    def tick(self) -> None:
        """Time went by."""
        now = self.app.clock.now()
        self.presence.look_at_clock(now)
        self._arrive()
        is_judging = self._judging is not None and not self._judging.is_finished
        if self._gap is not None and now - self._gap[1] <= LEARNING and not is_judging:
            self._judge_soon(*self._gap)
        if (self.presence.awake_at - self._kept_awake_at).total_seconds() >= AWAKE_S:
            self._save_soon()

    # what changed, what was looked at

    def follow(self, change: Change) -> None:
        """Take one change of the store, before the screens draw it."""
        if self._is_off:
            return
        known = self.app.store.entries
        is_other = False
        seen_now = getattr(self.app.top, "key", "") if self.presence.is_awake(self.app.clock.now()) else ""
        for key in change.keys:
            entry = known.get(key)
            if entry is not None:
                is_other = self.unseen.follow(entry) or is_other
        for key in change.removed:
            is_other = self.unseen.leave(key) or is_other
        if seen_now in change.keys:  # its detail is open before their eyes
            is_other = self.unseen.look(seen_now) or is_other
        if is_other:
            self._save_soon()
        self._arrive()
        if self.is_told and (is_other or change.servers or change.keys & self._told):
            self._draw()

    def look(self, *keys: str) -> None:
        """A person looked at these rows."""
        if any([self.unseen.look(key) for key in keys]):
            self._save_soon()
            for pane in self.app.dashboard.panes:
                pane.look_again()
            self._draw()

    def visit(self, key: str, left: str | None) -> None:
        """The person put the cursor on a row, and took it from another.

        What happened under the cursor was seen, unless it happened while they were away: then they are to be told.
        """
        self.look(*(one for one in (key, left) if one is not None and (one == key or one not in self._told)))

    def put_away(self) -> bool:
        """Show the line no more; the rows keep their marks. False where there is none."""
        was_told = self.is_told
        self._since_at = self._gap = None  # what is still learnt of that time does not bring it back
        self._draw()
        return was_told

    # acts

    async def act_changed_open(self) -> None:
        """Show what changed."""
        from tui.app.screens.changes import ChangesScreen

        self.put_away()
        await self.app.push_screen(ChangesScreen())

    def act_changed_next(self) -> None:
        """To the next row that changed."""
        trouble = self.app.dashboard.go_to_changed(self.is_changed) if self.unseen.news else NOTHING
        if trouble:
            self.app.say(trouble)

    def act_changed_seen(self) -> None:
        """All of it was looked at."""
        many = len(self.unseen.news)
        self.look(*self.unseen.news)
        self.put_away()
        self.app.say(f"Looked at: {many:,} that changed." if many else NOTHING)

    # inside

    def _arrive(self) -> None:
        """After a start or a sleep: tell as soon as everything was asked."""
        since_at, now = self.presence.asked_since, self.app.clock.now()
        if since_at is not None and self._is_loaded:
            self.presence.settle(now, is_answered=_all_answered(self.app.store, since_at))
            self._tell()

    def _tell(self) -> None:
        """The person is back: gather what happened since they left, and show it."""
        since_at = self.presence.take_gap()
        if since_at is None or self._is_off:
            return
        self._gap = since_at, self.app.clock.now()
        self._gather(*self._gap)
        self._say()
        self._judge_soon(*self._gap)
        self._save_soon()

    def _say(self) -> None:
        """Where another screen hides the line, the footer tells it."""
        if self.is_told and self.app.top is not self.app.dashboard:
            self.app.call_later(self.app.say, said(self.facts), "strong")

    def _gather(self, since_at: datetime, until_at: datetime) -> None:
        """Add to the line what happened between these moments and is not in it yet."""
        news = {key for key, one in self.unseen.news.items() if since_at < one.at <= until_at}
        down = {server.name for server in self._failing(self.app.store.servers) if _stopped_after(server, since_at)}
        if self._since_at is None:
            self._told, self._down = set(), set()
            self._since_at = since_at if news or down else None
        if self.is_told and not (news <= self._told and down <= self._down):
            self._told |= news
            self._down |= down
            self._draw()

    def _judge_soon(self, since_at: datetime, until_at: datetime) -> None:
        """Beside the keys: what the outlook says of one row costs little, and there may be many."""
        judge = partial(self._judge, since_at, until_at)
        self._judging = self.app.run_worker(judge, name="stuck", group="stuck", exclusive=True)

    async def _judge(self, since_at: datetime, until_at: datetime) -> None:
        """Add what was stuck when they came back, and was not when they left."""
        was_told = self.is_told
        active = [entry for entry in self.app.store.entries.values() if entry.state.is_active]
        for place, entry in enumerate(active, 1):
            if place % AT_ONCE == 0:
                await asyncio.sleep(0)
            if self._became_stuck(entry, since_at, until_at) and self.app.store.entries.get(entry.key) is entry:
                self.unseen.note_stuck(entry, until_at)
        if self._gap == (since_at, until_at):
            self._gather(since_at, until_at)
            if not was_told:
                self._say()

    def _became_stuck(self, entry: Entry, since_at: datetime, until_at: datetime) -> bool:
        health = self.app.store.servers.get(entry.target.server)
        if entry.is_late or entry.problem is not None or health is None or health.health is not Health.OK:
            return False  # without fresh answers nothing can be called stuck
        outlook = self.app.outlook
        return outlook.is_stuck(entry, until_at) and not outlook.is_stuck(entry, since_at)

    def _failing(self, names: Iterable[str]) -> list[ServerHealth]:
        servers = self.app.store.servers
        found = [servers[name] for name in names if name in servers]
        return [server for server in found if server.health in (Health.FAILING, Health.REFUSED)]

    def _draw(self) -> None:
        if self.is_told and not (self.facts.news or self.facts.down):
            self._since_at = None  # everything was looked at
        self.app.dashboard.draw_away()

    # what is kept

    def _save_soon(self) -> None:
        if self._file is not None and self._is_loaded and self._timer is None and self.app.is_running:
            self._timer = self.app.set_timer(WAIT_S, self._save)

    def _save(self) -> None:
        """Beside the app's own messages: a key must not wait for the disk."""
        self._timer = None
        if self._writing is not None and not self._writing.is_finished:
            self._save_soon()  # a slow disk
        else:
            self._writing = beside(self.app, self._write, name="absence", group="absence", exit_on_error=False)

    async def _write(self) -> None:
        if self._file is not None:
            elsewhere, notice = await asyncio.to_thread(self._file.save, self._now())
            self.look(*elsewhere)
            if notice:
                self.app.say(notice, "warn")

    def close(self) -> None:
        """Keep what is known; the app leaves."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self._file is not None and self._is_loaded:
            self._file.save(self._now())

    def _now(self) -> Absence:
        from tui.absence_file import Absence

        presence = self.presence
        self._kept_awake_at = presence.awake_at
        return Absence(presence.left_at or presence.awake_at, self.unseen.kept(self.app.clock.now()))


def _all_answered(known: Known, since_at: datetime) -> bool:
    """Every server, list and row was asked since then."""
    if any(server.health is Health.STARTING for server in known.servers.values()):
        return False
    if any(state.polled_at is None or state.polled_at < since_at for state in known.lists.values()):
        return False
    return bool(known.entries) and all(_is_answered(entry, since_at) for entry in known.entries.values())


def _is_answered(entry: Entry, since_at: datetime) -> bool:
    """It was asked since then; what is settled is asked seldom, and may be as it was before."""
    if entry.polled_at is None:
        return False
    return not entry.state.is_active or entry.polled_at >= since_at


def _stopped_after(server: ServerHealth, since_at: datetime) -> bool:
    return server.good_at is not None and server.good_at >= since_at
