"""What a person does with the rows of the active pane and with the lists of its servers: move, page, choose a filter.

Owns these acts alone; which pane is the active one, and where it stands, is the dashboard's affair.
"""

from __future__ import annotations

from tui.app.screens.command_screen import CommandScreen
from tui.app.widgets.scan_pane import ScanPane
from tui.typed import job_line


class ListActs(CommandScreen):
    """A screen with an active pane."""

    @property
    def pane(self) -> ScanPane:
        """The active pane."""
        raise NotImplementedError

    def act_cursor_down(self) -> None:
        """Down a row."""
        self.pane.table.action_move(1)

    def act_cursor_up(self) -> None:
        """Up a row."""
        self.pane.table.action_move(-1)

    def act_cursor_page_down(self) -> None:
        """Down a page."""
        self.pane.table.action_page(1)

    def act_cursor_page_up(self) -> None:
        """Up a page."""
        self.pane.table.action_page(-1)

    def act_cursor_first(self) -> None:
        """To the first row."""
        self.pane.table.action_first()

    def act_cursor_last(self) -> None:
        """To the last row."""
        self.pane.table.action_last()

    def act_list_page_back(self) -> None:
        """The page before."""
        self._turn(-1)

    def act_list_page_on(self) -> None:
        """The next page."""
        self._turn(1)

    def _turn(self, step: int) -> None:
        state = self.pane.list_at_cursor()
        if state is not None:
            self.scantop.set_list_page(state, state.query.page + step)

    async def act_list_type(self) -> None:
        """Choose the one type to list."""
        await self._pick("type")

    async def act_list_status(self) -> None:
        """Choose the one status to list."""
        await self._pick("status")

    async def act_list_filter(self) -> None:
        """Choose what to list by, then the one value."""
        from tui.app.screens.picker import Picker

        pane = self.pane
        chosen = dict(state.query.filters) if (state := pane.list_at_cursor()) is not None else {}
        names = pane.spec.list_filters
        words = tuple(f"{name}: {chosen[name]}" if name in chosen else name for name in names)

        async def picked(choice: str | None) -> None:
            if choice is not None:
                await self._pick(names[words.index(choice)])

        await self.app.push_screen(Picker(f"{pane.spec.short}: list by", words, ""), picked)

    async def _pick(self, name: str) -> None:
        """Choose one value of a list's filter, or none."""
        from tui.app.screens.picker import ANY, Picker, list_values

        pane = self.pane
        state = pane.list_at_cursor()
        if state is None:
            return
        chosen = dict(state.query.filters).get(name, "")
        choices = list_values(pane, name, chosen)

        def picked(choice: str | None) -> None:
            if choice is not None and (value := "" if choice == ANY else choice) != chosen:
                for query in pane.with_list_filter(name, value):
                    self.scantop.monitor.set_list(query)
                    self.scantop.note_done(job_line(query.filters) if query.name == "jobs" else "")

        if len(choices) == 1:
            self.say(f"No {name} is known yet to choose from; type {self.scantop.keymap.hint('app.command')} jobs.")
            return
        await self.app.push_screen(Picker(f"{pane.spec.short}: {name}", choices, chosen or ANY), picked)
