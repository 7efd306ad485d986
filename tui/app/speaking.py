"""From a typed line to an act of the screen, checked whole before anything is done; and from an act back to its line.

Owns what each command does with its argument. The grammar is `tui.typed`'s, what there is to choose from
`tui.app.candidates`'.
"""

from __future__ import annotations

import shlex
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from tui.addressing import resolve
from tui.app.candidates import Stock, stock_of
from tui.app.screens.dashboard import Dashboard
from tui.app.screens.detail import DetailScreen
from tui.commands import Command, find
from tui.deadlines import read_deadline
from tui.domain.target import AddressError, Target
from tui.durations import parse_duration
from tui.present.safe import clean
from tui.typed import WATCH_FLAGS, LineError, job_line, nearest, read, read_jobs, shorten, split_flags

if TYPE_CHECKING:
    from tui.app.app import ScantopApp
    from tui.app.widgets.scan_pane import ScanPane
    from tui.domain.records import ListQuery

Act = Callable[[], Awaitable[None]]
OPEN_HOLDER = "open detail"  # in the store: a target that is shown because its detail was asked for
SILENT = frozenset({"Move", "scantop"})  # groups whose commands are not worth a line of what was done


class Speaker:
    """Reads lines for one app."""

    def __init__(self, app: ScantopApp) -> None:
        self.app = app
        self._takers: dict[str, Callable[[str], Act]] = {
            "pane.filter": self._filter,
            "pane.sort": self._sort,
            "pane.saved": self._saved,
            "poll.refresh": self._poll,
            "list.jobs": self._jobs,
            "target.open": self._status,
            "watch.add": self._watch_add,
            "watch.remove": self._watch_remove,
            "app.theme": self._theme,
            "play.speed": self._speed,
            "play.seek": self._seek,
        }

    @property
    def lines(self) -> tuple[str, ...]:
        """Lines given before, the newest last."""
        return tuple(self.app.choices.lines)

    @property
    def last_done(self) -> str:
        """What was done last, as a line."""
        return self.app.choices.done[-1] if self.app.choices.done else ""

    def remember(self, line: str) -> None:
        """A line was given."""
        self.app.choices.remember_line(line)

    def stock(self) -> Stock:
        """What there is to choose from, here and now."""
        return stock_of(self.app)

    def prepare(self, text: str) -> Act:
        """The act that a line asks for. Raises `LineError`, and then nothing has changed."""
        typed = read(text)
        command, screen = typed.command, self.app.top
        if screen.place not in command.places:
            where = " or ".join(sorted(place.value for place in command.places))
            raise LineError(f"{command.line!r} is for the {where}; {self.app.keymap.hint('back')} leads back.")
        if reason := command.unfit(self.app.player is not None):
            raise LineError(reason)
        taker = self._takers.get(command.id)
        if taker is not None and (typed.rest or command.id == "list.jobs"):
            act, line = taker(typed.rest), text.strip()
        else:
            if reason := command.why_not(screen.standing()):
                raise LineError(reason)
            act, line = self._plain(command), ""

        async def speak() -> None:
            await act()
            if line:
                self.app.note_done(line)

        return speak

    def line_of(self, command_id: str) -> str:
        """The line that would have done what a key just did; "" where that says nothing."""
        command = find(command_id)
        screen = self.app.top
        if command.group in SILENT or not isinstance(screen, Dashboard):
            return "" if command.group in SILENT else command.line
        pane = screen.pane
        if command_id in ("pane.next", "pane.previous"):
            return f"pane {pane.words.number}"
        if command_id in ("list.page_back", "list.page_on") and (state := pane.list_at_cursor()) is not None:
            return job_line(state.query.filters, state.query.page)
        told = ("pane.filter", "pane.sort", "pane.reverse", "row.mark")  # by the pane itself, also for the mouse
        return "" if command_id in told or command_id.startswith("list.") else command.line

    def _plain(self, command: Command) -> Act:
        async def give() -> None:
            await self.app.top.action_give(command.id)

        return give

    # what commands do with what they are given

    def _filter(self, rest: str) -> Act:
        async def act() -> None:
            self.app.dashboard.pane.put_filter(rest)

        return act

    def _saved(self, rest: str) -> Act:
        saved = self.app.settings.ui.filters
        if rest not in saved:
            raise nearest(rest, saved, "saved filter")
        return self._filter(saved[rest])

    def _sort(self, rest: str) -> Act:
        *words, last = rest.split()
        is_reverse = bool(words) and last.casefold() == "reverse"
        name = " ".join(words) if is_reverse else rest
        pane = self.app.dashboard.pane
        ids = {column.id: column.id for column in pane.spec.columns}
        ids |= {column.title.casefold(): column.id for column in pane.spec.columns if column.title}
        if name.casefold() not in ids and " ".join(words).casefold() in ids:
            raise LineError(f"Only 'reverse' may follow the column, not {shorten(last)!r}.")
        if name.casefold() not in ids:
            raise nearest(name, ids, "column of this pane")
        column_id = ids[name.casefold()]

        async def act() -> None:
            pane.table.choose_sort(column_id, is_reverse)

        return act

    def _poll(self, rest: str) -> Act:
        servers = self.app.store.servers
        if rest not in servers:
            raise nearest(rest, servers, "server")

        async def act() -> None:
            self.app.monitor.poll_now(server=rest)
            self.app.say(f"Polling {rest} now.")

        return act

    def _jobs(self, rest: str) -> Act:
        asked = read_jobs(rest)
        dashboard = self.app.dashboard
        pane = next((pane for pane in dashboard.panes if "jobs" in pane.spec.lists), None)
        state = pane.list_at_cursor() if pane is not None else None
        if pane is None or state is None:
            raise LineError("No server of this monitor has answered with a list of jobs yet.")
        filters = tuple((name, value) for name, value in asked.items() if name not in ("page", "limit"))
        limit = int(asked.get("limit", state.query.limit))
        query = replace(state.query, filters=filters, page=int(asked.get("page", 1)), limit=limit)

        async def act() -> None:
            await self._ask(dashboard, pane, query)

        return act

    async def _ask(self, dashboard: Dashboard, pane: ScanPane, query: ListQuery) -> None:
        while self.app.top is not dashboard:
            await self.app.pop_screen()
        dashboard.act_pane(pane.words.number)
        self.app.monitor.set_list(query)

    def _targets(self, text: str) -> tuple[Target, ...]:
        try:
            return resolve(text, self.app.settings)
        except AddressError as error:
            raise LineError(str(error)) from None

    def _status(self, rest: str) -> Act:
        if rest in self.app.store.entries:
            key, target = rest, None
        else:
            targets = self._targets(rest)
            if len(targets) > 1:
                raise LineError(f"That names {len(targets)} targets, and a detail is of one.")
            target = targets[0]
            key = target.key

        async def act() -> None:
            is_ours = target is not None and key not in self.app.store.entries
            if is_ours and target is not None:
                self.app.monitor.watch(target, holder=OPEN_HOLDER)

            def closed(_: object) -> None:
                if is_ours:
                    self.app.monitor.release(key, OPEN_HOLDER)

            await self.app.push_screen(DetailScreen(key), closed)

        return act

    def _watch_add(self, rest: str) -> Act:
        is_answer = rest.startswith(("{", "["))  # an upload answer, pasted whole
        words, values = split_flags("" if is_answer else rest, WATCH_FLAGS)
        if is_answer:
            words = [rest]
        if not words:
            raise LineError("'watch add' wants an address after it.")
        targets = tuple(dict.fromkeys(target for word in words for target in self._targets(word)))
        expire_s = None
        if "expire" in values:
            try:
                expire_s = parse_duration(values["expire"])
            except ValueError as error:
                raise LineError(f"--expire: {error}.") from None
        try:
            deadline = read_deadline(values.get("deadline"), values.get("by"), self.app.clock.now())
        except ValueError as error:
            raise LineError(f"--{error.args[1]}: {error.args[0]}.") from None

        async def act() -> None:
            self.app.say(await self.app.watching.add(targets, values.get("label", ""), expire_s, deadline))

        return act

    def _watch_remove(self, rest: str) -> Act:
        entries = self.app.store.entries
        try:
            words = shlex.split(rest)
        except ValueError:
            raise LineError("A quotation mark is not closed.") from None
        keys = [word if word in entries else self._targets(word)[0].key for word in words]
        for key in keys:
            if key not in entries or not entries[key].is_watched:
                raise LineError(f"{clean(key, 120)} is not watched here.")

        async def act() -> None:
            self.app.say(await self.app.watching.remove(keys))

        return act

    def _theme(self, rest: str) -> Act:
        names = self.app.theme_names
        name = rest if rest in names else f"scantop-{rest}"
        if name not in names:
            raise nearest(rest, names, "theme")

        async def act() -> None:
            self.app.choose_theme(name)

        return act

    def _speed(self, rest: str) -> Act:
        return self.app.playing.speed(rest)

    def _seek(self, rest: str) -> Act:
        return self.app.playing.seek(rest)
