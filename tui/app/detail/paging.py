"""The rows of one report, a page at a time: what was asked for, what is shown meanwhile, and what went wrong.

Owns that an answer which was overtaken is dropped, and that a page stays until the next one is there. Knows no screen:
whoever shows the rows is told of changes, and may be gone by then.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from tui.domain.acts import RowsPage, RowsQuery
from tui.domain.problem import Problem, ProblemCode
from tui.domain.target import Target

ReadRows: TypeAlias = Callable[[Target, RowsQuery], Awaitable[RowsPage | Problem]]


class ReportRows:
    """The rows of `target`, read by `read`. `changed` is called after each answer."""

    def __init__(self, target: Target, read: ReadRows, changed: Callable[[], None]) -> None:
        self.target = target
        self.query = RowsQuery()
        self.page: RowsPage | None = None
        self.problem: Problem | None = None
        self.is_fetching = False
        self._read = read
        self._changed = changed
        self._asked = 0

    async def fetch(self, query: RowsQuery) -> None:
        """Ask for a page; the one that is shown stays until it comes, and also where it does not."""
        self._asked += 1
        number = self._asked
        self.query, self.is_fetching = query, True
        self._changed()
        try:
            answer = await self._read(self.target, query)
        except Exception as error:  # a defect must not leave the screen waiting for ever
            answer = Problem(ProblemCode.BAD_ANSWER, f"The rows could not be read ({type(error).__name__}).")
        if number != self._asked:
            return
        self.is_fetching = False
        if isinstance(answer, Problem):
            self.problem = answer
            if self.page is not None:
                self.query = self.page.query
        else:
            self.page, self.problem = answer, None
        self._changed()
