"""What changed since a person looked at it, a line a target, the worst first. Live while open.

What was looked at meanwhile stays in its place, without its mark, until the list is closed: nobody loses their place.
"""

from __future__ import annotations

from collections.abc import Sequence

from tui.app.away_words import changed_line
from tui.app.line import Line, Piece
from tui.app.screens.choosing import ChoosingScreen
from tui.app.widgets.table_lines import CHANGED, CHANGED_ASCII
from tui.commands import Place, Situation
from tui.domain.changes import News
from tui.domain.snapshot import Entry
from tui.polling.messages import Change
from tui.present.format import count


class ChangesScreen(ChoosingScreen[News]):
    """Every row with news, and those that had some when the list was opened."""

    place = Place.CHANGES
    keeps_first = True

    def __init__(self) -> None:
        super().__init__()
        self._looked: dict[str, News] = {}

    @staticmethod
    def is_same(one: News, other: News) -> bool:
        """They are of one target."""
        return one.key == other.key

    def target_entry(self) -> Entry | None:
        """The target of the chosen line, where it is still known."""
        return self.scantop.store.entries.get(self._shown[self._at].key) if self._shown else None

    def situation(self) -> Situation:
        """What the chosen line allows."""
        app = self.scantop
        return Situation(
            self.place,
            has_row=self.target_entry() is not None,
            is_paused=app.monitor.is_paused,
            key_of=app.keymap.hint,
            changed=len(app.absence.unseen.news),
        )

    # drawing

    def title_line(self, width: int) -> Line:
        """How many are left."""
        absence = self.scantop.absence
        left = len(absence.unseen.news)
        words = f"  {count(left, 'target')} not looked at" if left else "  all looked at"
        return (Piece(" Changed since you looked", "strong"), Piece(words, "dim"))

    def draw(self) -> None:
        """Gather what is news, and draw what differs."""
        news = self.scantop.absence.unseen.news
        self._looked |= news
        self._shown = tuple(sorted(self._looked.values(), key=lambda one: one.rank))
        if self._chosen is None and self._shown:
            self._chosen = self._shown[0]
        super().draw()

    def lines(self, width: int) -> Sequence[Line]:
        """One line a target."""
        app, at = self.scantop, self._at
        facts, news, known = app.absence.facts, app.absence.unseen.news, app.store.entries
        mark = CHANGED_ASCII if app.signs.glyphs.is_ascii else CHANGED
        lines: list[Line] = []
        for index, one in enumerate(self._shown):
            sign = mark if one.key in news else " "
            tone = "tab-active" if index == at else ""
            lines.append(changed_line(one, known.get(one.key), facts, app.signs, sign, width, tone))
        return lines or [(Piece(" Nothing has changed that you have not looked at.", "dim"),)]

    def take(self, change: Change) -> None:
        """What changes now comes in by its weight; the chosen line stays in view."""
        if change.keys or change.removed or change.servers:
            self.draw()
            self.call_after_refresh(self._keep_in_view)

    # what a person does

    def act_changed_look(self) -> None:
        """The chosen one was looked at; on to the next."""
        if self._shown:
            self.scantop.absence.look(self._shown[self._at].key)
            self._choose(self._at + 1)

    def act_changed_seen(self) -> None:
        """All of them were looked at."""
        self.scantop.absence.act_changed_seen()
        self.draw()

    def act_changed_open(self) -> None:
        """The same key leads back."""
        self.dismiss()

    def on_screen_resume(self) -> None:
        """A detail that was opened from here was looked at."""
        if self.is_mounted:
            self.draw()
