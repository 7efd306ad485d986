"""The header: servers with their health, the request rate, live or paused, the time to the minute."""

from __future__ import annotations

from dataclasses import replace

from tui.app.rate import SteadyRate
from tui.app.signs import Signs
from tui.app.widgets.cell_line import CellLine
from tui.app.words import HeaderFacts, header


class HeaderBar(CellLine):
    """One line; the rate is steadied so that it is not repainted for a jitter."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rate = SteadyRate()

    def tell(self, facts: HeaderFacts, signs: Signs) -> None:
        """Show these facts."""
        if facts.per_minute is not None:
            facts = replace(facts, per_minute=self._rate.follow(facts.per_minute))
        self.show(lambda width: header(facts, signs, width))
