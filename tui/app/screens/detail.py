"""One target in full, live while it is open. What it says is made in `tui.app.detail`.

Owns what the person does in it: links, folds, the search, the way to the next row. When the target is gone, what was
known of it stays.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from tui.app.bindings import bindings_for
from tui.app.detail.build import DetailContext, detail_lines, is_done_report, title_line
from tui.app.detail.context import FOLD, OPEN
from tui.app.detail.folds import Folds
from tui.app.detail.hits import hit_lines, marked
from tui.app.detail.links import related, wants
from tui.app.line import Line, Piece, shorten, width_of
from tui.app.screens.past_asker import PastAsker
from tui.app.screens.report_rows import ReportRowsScreen
from tui.app.screens.spots import SpotScreen
from tui.app.widgets.cell_line import CellLine
from tui.app.widgets.filter_line import FilterLine
from tui.app.widgets.scan_pane import ScanPane
from tui.commands import Place, Situation
from tui.domain.snapshot import Entry
from tui.domain.state import ACTIVE
from tui.polling.messages import Change
from tui.present.format import count
from tui.present.safe import clean

HOLDER = "open detail that left its list"  # in the store
NEEDLE_CELLS = 24  # of the sought text in the title


class DetailScreen(SpotScreen):
    """The detail of the target with this key."""

    place = Place.DETAIL
    is_in_view = True

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key
        self._entry: Entry | None = None
        self._is_gone = False
        self._held = ""  # the address that is asked for only because this screen is open
        self._related: tuple[Entry, ...] = ()
        self._past = PastAsker(self)
        self._folds = Folds()
        self._needle = ""
        self._hits: Sequence[int] = ()
        self._hit_at = 0  # the line of the hit where the person is
        self._sought_from = 0  # the top line when the search was begun

    def compose(self) -> ComposeResult:
        """As for reading, and a line to type what is sought."""
        line = FilterLine(id="find")
        line.placeholder = "text to find in this detail"
        line.display = False
        *above, footer = super().compose()
        yield from above
        yield line
        yield footer

    def on_mount(self) -> None:
        """Look the entry up first."""
        self._look_up()
        super().on_mount()

    def _look_up(self) -> None:
        self._entry = self.scantop.store.entries.get(self.key)
        self.scantop.absence.look(self.key)
        self._is_gone = False
        self._relate()
        self._past.follow(self._entry)

    def _relate(self) -> None:
        """Find what this target links to; costs a look at every entry, so only when one of those changed."""
        entry = self._entry
        self._related = related(entry, self.scantop.store.entries.values()) if entry is not None else ()

    def target_entry(self) -> Entry | None:
        """The entry that commands are about."""
        return self._entry

    def situation(self) -> Situation:
        """What this target allows."""
        entry = self._entry
        return Situation(
            self.place,
            has_row=entry is not None,
            has_url=entry is not None and entry.record is not None and bool(entry.record.web_url),
            is_paused=self.scantop.monitor.is_paused,
            is_watched=entry is not None and entry.is_watched,
            has_rows=entry is not None and is_done_report(entry.record),
            key_of=self.scantop.keymap.hint,
            target_kind=entry.target.kind if entry is not None else "",
            why_not=self.scantop.doing.why_not,
        )

    # from the store

    def take(self, change: Change) -> None:
        """Follow this one target, and those that it links to."""
        is_own = self.key in change.keys or self.key in change.removed
        if is_own:
            self._follow(self.scantop.store.entries.get(self.key))
            self._past.follow(self._entry)
        entry = self._entry
        kind = wants(entry) if entry is not None else ""
        prefix = f"{entry.target.server}:{kind}/" if entry is not None and kind else ""
        is_about = bool(prefix) and any(key.startswith(prefix) for key in (*change.keys, *change.removed))
        if is_about or (is_own and self._related):
            self._relate()
        if is_own or is_about or change.servers or change.lists:
            self.draw()

    def _follow(self, now: Entry | None) -> None:
        """Take what is known now. What leaves its list before it ended is followed for as long as it is looked at."""
        known = self._entry
        self._is_gone = now is None
        if now is None:
            if known is not None and known.state in ACTIVE and not known.is_watched and not self._held:
                self._held = self.key
                self.scantop.monitor.watch(known.target, known.label, holder=HOLDER)
        elif now.record is None and known is not None and known.record is not None:
            self._entry = replace(known, problem=now.problem)  # asked for anew, and not answered yet
        else:
            self._entry = now

    def _let_go(self) -> None:
        if self._held:
            self.scantop.monitor.release(self._held, HOLDER)
            self._held = ""

    def on_unmount(self) -> None:
        """Nobody looks at it any more."""
        self._let_go()

    # what is drawn

    def _detail_context(self) -> DetailContext:
        app = self.scantop
        return DetailContext(
            *(app.clock.now(), app.zone, app.signs, app.outlook, self._related, self._folds, self._needle),
            past=self._past.found,
            server=app.store.servers.get(self._entry.target.server) if self._entry is not None else None,
            lists=tuple(state for state in app.store.lists.values() if self.key in state.keys),
        )

    def title_line(self, width: int) -> Line:
        """Sign, name, state, since when; that it is gone from the lists, if so; what is sought and how often it is."""
        if self._entry is None:
            return (Piece(" " + shorten(clean(self.key), width - 20), "strong"), Piece("  not known any more", "warn"))
        tail: Line = (Piece("  no longer listed", "warn"),) if self._is_gone else ()
        if self._needle:
            number = bisect_right(self._hits, self._hit_at)
            found = f"{max(1, number)} of {count(len(self._hits), 'hit')}" if self._hits else "no hit"
            tail = (*tail, Piece(f"  /{clean(self._needle, NEEDLE_CELLS)} {found}", "accent" if self._hits else "warn"))
        return (*title_line(self._entry, self._detail_context(), width - width_of(tail)), *tail)

    def lines(self, width: int) -> Sequence[Line]:
        """Every section, with the hits of the search marked."""
        if self._entry is None:
            return ()
        lines = detail_lines(self._entry, self._detail_context(), max(1, width - 1))
        self._hits = hit_lines(lines, self._needle)
        for index in self._hits:
            lines[index] = marked(lines[index], self._needle, is_here=index == self._hit_at)
        return lines

    def draw(self) -> None:
        """Draw what differs; the title counts the hits of the lines, so it comes after them."""
        super().draw()
        if self._needle:
            self.query_one(".pane-title", CellLine).show(self.title_line)

    # links and folds

    def no_spot(self) -> str:
        """Further ones may be out of view."""
        hint = self.scantop.keymap.hint("detail.link_next")
        return f"There is nothing to open in view; {hint} goes to the next link or fold."

    async def take_spot(self, command: str) -> None:
        """Open the detail, fold or unfold, or give the command."""
        if command.startswith(OPEN):
            await self.app.push_screen(DetailScreen(command.removeprefix(OPEN)))
        elif command.startswith(FOLD):
            self._refold(self._folds.turned(command.removeprefix(FOLD)))
        else:
            await self.action_give(command)

    def act_detail_unfold(self) -> None:
        """Unfold one level of the raw answer."""
        self._refold(self._folds.deeper(1))

    def act_detail_fold(self) -> None:
        """Fold one level of the raw answer."""
        self._refold(self._folds.deeper(-1))

    def _refold(self, folds: Folds) -> None:
        self._folds = folds
        self.draw()

    async def act_report_rows(self) -> None:
        """Show the rows of this report."""
        if self._entry is not None:
            await self.app.push_screen(ReportRowsScreen(self._entry))

    # the search

    def act_detail_find(self) -> None:
        """Type what is to be found."""
        line = self.query_one("#find", FilterLine)
        line.display = True
        line.value = self._needle
        self._sought_from = self._view.scroll_offset.y
        self.set_focus(line)  # at once: what is typed in the same breath belongs to it
        keys = (Piece(" Enter ", "key"), Piece("keep  "), Piece("Esc ", "key"), Piece("end the search"))
        self.footer.show_line(keys)

    @on(Input.Changed, "#find")
    def _needle_typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value == self._needle:
            return
        self._needle = event.value
        self._set_place()
        self.draw()
        self._go_to_hit(self._sought_from, 0)

    @on(FilterLine.Left)
    def _needle_kept(self, event: FilterLine.Left) -> None:
        event.stop()
        self._close_find()
        if self._needle and not self._hits:
            self.say(f"{clean(self._needle, NEEDLE_CELLS)} does not occur here.", "warn")

    def _close_find(self) -> None:
        self.query_one("#find").display = False
        self.set_focus(self._view)
        self.show_keys()

    def _set_place(self) -> None:
        self.place = Place.SEARCH if self._needle else Place.DETAIL
        self._bindings = bindings_for(self.place, self.scantop.keymap)

    def _go_to_hit(self, at: int, step: int) -> None:
        """To the hit at or after a line (`step` 0), after it (1), or before it (-1); from the end to the start."""
        if not self._hits:
            return
        if step < 0:
            index = bisect_left(self._hits, at) - 1
        else:
            index = (bisect_right if step else bisect_left)(self._hits, at) % len(self._hits)
        self._hit_at = self._hits[index]
        self.draw()
        self._view.reveal(self._hit_at)

    def act_find_next(self) -> None:
        """To the next hit."""
        self._go_to_hit(self._hit_at, 1)

    def act_find_previous(self) -> None:
        """To the hit before."""
        self._go_to_hit(self._hit_at, -1)

    def act_back(self) -> None:
        """End the search, then leave."""
        if self.query_one("#find").display or self._needle:
            self._needle = ""
            self._set_place()
            self.query_one("#find", FilterLine).value = ""
            self._close_find()
            self.draw()
        else:
            self.dismiss()

    def show_keys(self) -> None:
        """The keys; while a text is typed they stay as they are."""
        if not self.query_one("#find").display:
            super().show_keys()

    # other rows

    def act_detail_next(self) -> None:
        """The detail of the next row of the pane."""
        self._step(1)

    def act_detail_previous(self) -> None:
        """The detail of the row before."""
        self._step(-1)

    def _step(self, step: int) -> None:
        """Go on in the order of the pane below, whose cursor goes along."""
        table = next(
            (pane.table for pane in self.app.screen_stack[0].query(ScanPane) if pane.has_class("-active")), None
        )
        index = table.model.index_of(self.key) if table is not None else None
        if table is None or index is None:
            self.say("The pane below does not have this row.")
            return
        if not 0 <= index + step < len(table.model):
            self.say("This is the last row." if step > 0 else "This is the first row.")
            return
        self._let_go()
        self.key = table.model.key_at(index + step)
        table.select(self.key)
        self._folds, self._hit_at = replace(self._folds, opened=frozenset(), closed=frozenset()), 0
        self._view.select("")
        self._look_up()
        self.draw()
        self._view.go_to_end(is_last=False)
