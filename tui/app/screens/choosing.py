"""A screen of lines of which one is chosen: moved with the keys of a table, opened with Enter or a second click.

Owns which line is chosen; it belongs to what it stands for, never to its place. What the lines are is its children's.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from textual import events

from tui.app.screens.reading import ReadingScreen
from tui.app.widgets.line_view import LineView
from tui.domain.snapshot import Entry

Choice = TypeVar("Choice")


class ChoosingScreen(ReadingScreen, Generic[Choice]):
    """`_shown` is what there is to choose from; `is_same` says whether two of them are the same choice.

    With `keeps_first` the first line, once chosen, stays chosen where others come before it.
    """

    keeps_first = False

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[Choice, ...] = ()
        self._chosen: Choice | None = None

    @staticmethod
    def is_same(one: Choice, other: Choice) -> bool:
        """They stand for the same thing."""
        return one is other

    @property
    def _at(self) -> int:
        """Where the chosen one stands; the first where it is gone."""
        chosen = self._chosen
        return next((i for i, one in enumerate(self._shown) if chosen is not None and self.is_same(one, chosen)), 0)

    def target_entry(self) -> Entry | None:
        """The target that the chosen line is about, where it is still known."""
        raise NotImplementedError

    def _choose(self, index: int) -> None:
        if not self._shown:
            return
        index = max(0, min(index, len(self._shown) - 1))
        self._chosen = self._shown[index] if index or self.keeps_first else None
        view = self.query_one("#lines", LineView)
        top, room = view.scroll_offset.y, max(1, view.size.height)
        if not top <= index < top + room:
            view.scroll_to(y=index if index < top else index - room + 1, animate=False)
        self.draw()

    def _keep_in_view(self) -> None:
        if self.is_mounted:
            self._choose(self._at)

    def _page(self) -> int:
        return max(1, self.query_one("#lines", LineView).size.height - 1)

    def act_cursor_down(self) -> None:
        """The line below."""
        self._choose(self._at + 1)

    def act_cursor_up(self) -> None:
        """The line above."""
        self._choose(self._at - 1)

    def act_cursor_page_down(self) -> None:
        """A page on."""
        self._choose(self._at + self._page())

    def act_cursor_page_up(self) -> None:
        """A page back."""
        self._choose(self._at - self._page())

    def act_cursor_first(self) -> None:
        """The first."""
        self._choose(0)

    def act_cursor_last(self) -> None:
        """The last."""
        self._choose(len(self._shown) - 1)

    async def act_row_open(self) -> None:
        """The target that it is about."""
        from tui.app.screens.detail import DetailScreen

        entry = self.target_entry()
        if entry is not None:
            await self.app.push_screen(DetailScreen(entry.key))

    async def on_click(self, event: events.Click) -> None:
        """A click chooses a line, the second one opens it."""
        view = self.query_one("#lines", LineView)
        if event.widget is view:
            event.stop()
            self._choose(view.scroll_offset.y + event.y)
            if event.chain == 2:
                await self.action_give("row.open")
