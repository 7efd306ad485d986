"""One target in full, live while it is open. What it says is made in `tui.app.detail`."""

from __future__ import annotations

from collections.abc import Sequence

from tui.app.detail.build import DetailContext, detail_lines, title_line
from tui.app.line import Line, Piece, shorten
from tui.app.screens.reading import ReadingScreen
from tui.commands import Place, Situation
from tui.domain.snapshot import Entry
from tui.polling.messages import Change
from tui.present.safe import clean


class DetailScreen(ReadingScreen):
    """The detail of the target with this key. When the target is gone, what was known of it stays."""

    place = Place.DETAIL

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key
        self._entry: Entry | None = None
        self._is_gone = False

    def on_mount(self) -> None:
        """Look the entry up first."""
        self._entry = self.scantop.store.entries.get(self.key)
        super().on_mount()

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
            key_of=self.scantop.keymap.hint,
            target_kind=entry.target.kind if entry is not None else "",
            why_not=self.scantop.doing.why_not,
        )

    def take(self, change: Change) -> None:
        """Follow this one target."""
        if self.key in change.keys or self.key in change.removed:
            now = self.scantop.store.entries.get(self.key)
            self._is_gone = now is None
            self._entry = now or self._entry
            self.draw()
        elif change.servers:
            self.draw()

    def _detail_context(self) -> DetailContext:
        app = self.scantop
        return DetailContext(app.clock.now(), app.zone, app.signs, app.outlook)

    def title_line(self, width: int) -> Line:
        """Sign, name, state, since when; that it is gone from the lists, if so."""
        if self._entry is None:
            return (Piece(" " + shorten(clean(self.key), width - 20), "strong"), Piece("  not known any more", "warn"))
        gone = 2 + len("no longer listed") if self._is_gone else 0
        line = title_line(self._entry, self._detail_context(), width - gone)
        return (*line, Piece("  no longer listed", "warn")) if gone else line

    def lines(self, width: int) -> Sequence[Line]:
        """Every section."""
        return detail_lines(self._entry, self._detail_context(), width - 1) if self._entry is not None else ()
