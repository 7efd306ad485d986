"""All sources of one server with their due times and what they ask of the budget. Pure; times are monotonic seconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui.polling.agenda import Agenda
from tui.polling.backoff import spread_s
from tui.polling.budget import Budget
from tui.polling.sources import BATCH_LIMIT, Load, Source


class Roster:
    """Every source is either in the agenda (it has a due time) or being asked; none is in neither."""

    def __init__(self, budget: Budget) -> None:
        self._sources: dict[str, Source] = {}
        self.budget = budget
        self.agenda = Agenda()
        self.load = Load(budget.per_minute)

    def __len__(self) -> int:
        return len(self._sources)

    def __contains__(self, key: object) -> bool:
        return key in self._sources

    def __iter__(self) -> Iterator[Source]:
        return iter(self._sources.values())

    def get(self, key: str) -> Source | None:
        """The source of that key."""
        return self._sources.get(key)

    def add(self, source: Source) -> Source:
        """Take it in; it needs a due time next. Gives it back."""
        self._sources[source.key] = source
        self.load.note(source)
        return source

    def drop(self, key: str) -> bool:
        """Forget it; False where it was not known."""
        if self._sources.pop(key, None) is None:
            return False
        self.load.forget(key)
        self.agenda.remove(key)
        return True

    def spread_overdue(self, now: float) -> None:
        """Give everything that is overdue a new due time from now on."""
        overdue = (self._sources.get(key) for key in self.agenda.overdue(now))
        self.spread([source for source in overdue if source is not None], now)

    def revive(self, now: float) -> None:
        """The server is back: what failed meanwhile is due like what is overdue, and its failures are forgotten."""
        keys = dict.fromkeys(self.agenda.overdue(now))
        for source in self._sources.values():
            if source.failures:
                source.failures = 0
                if source.key in self.agenda:
                    keys.setdefault(source.key)
        self.spread([self._sources[key] for key in keys if key in self._sources], now)

    def spread(self, sources: Sequence[Source], now: float) -> None:
        """Make these due from now on, as fast as the budget allows and no faster; what one request answers together."""
        questions: list[list[Source]] = []
        open_batches: dict[str, list[Source]] = {}
        for source in sources:
            mates = open_batches.get(source.batch) if source.batch is not None else None
            if mates is None or len(mates) >= BATCH_LIMIT:
                mates = []
                questions.append(mates)
                if source.batch is not None:
                    open_batches[source.batch] = mates
            mates.append(source)
        window_s = spread_s(len(questions), self.budget.at_once, self.budget.per_minute)
        for index, mates in enumerate(questions):
            for source in mates:
                self.agenda.set(source, now + window_s * index / len(questions))
