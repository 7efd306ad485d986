"""Which source of a server is next: the schedule, what a person asked for by hand, and what one request can answer.

Pure; times are monotonic seconds. Every source that is not taken out has a due time here.
"""

from __future__ import annotations

from tui.polling.schedule import Schedule
from tui.polling.sources import Source

JOIN_SHARE = 0.5  # of its interval: a batch mate that is due within that is asked along, for it costs nothing more


class Agenda:
    """Sources by due time; forced ones first, in the order they were forced."""

    def __init__(self) -> None:
        self._schedule = Schedule()
        self._forced: dict[str, None] = {}
        self._batches: dict[str, Schedule] = {}
        self._batch_of: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._schedule)

    def __contains__(self, key: object) -> bool:
        return key in self._schedule

    @property
    def has_forced(self) -> bool:
        """A person waits for something."""
        return bool(self._forced)

    @property
    def forced(self) -> tuple[str, ...]:
        """Keys that a person waits for."""
        return tuple(self._forced)

    def set(self, source: Source, due: float) -> None:
        """Give the source its next due time."""
        self._schedule.set(source.key, due, source.interval_s)
        if source.batch is not None:
            self._batch_of[source.key] = source.batch
            batch = self._batches.setdefault(source.batch, Schedule())
            batch.set(source.key, due - JOIN_SHARE * source.interval_s)

    def force(self, key: str, *, is_first: bool = False) -> None:
        """Ask this one before all that is merely due; it must have a due time. Asking twice is asking once."""
        if key not in self._schedule:
            return
        if is_first:
            self._forced = {key: None, **self._forced}
        else:
            self._forced.setdefault(key)

    def unforce(self) -> None:
        """Nobody waits any more."""
        self._forced.clear()

    def remove(self, key: str) -> None:
        """Forget the source."""
        self._schedule.remove(key)
        self._taken(key)

    def next_due(self) -> float | None:
        """The earliest due time of all."""
        return self._schedule.next_due()

    def due_of(self, key: str) -> float | None:
        """Due time of one source, None while it is being asked or where it is not known."""
        return self._schedule.due_of(key)

    def overdue(self, now: float) -> list[str]:
        """What is due, most urgent first."""
        return self._schedule.overdue(now)

    def take(self, now: float, *, is_any: bool, is_forced: bool) -> str | None:
        """Take out the next source: a forced one, else one that is due, else (`is_any`) the one due next."""
        if is_forced:
            key = next(iter(self._forced))
            self._schedule.remove(key)
        else:
            found = self._schedule.pop_first(now) if is_any else self._schedule.pop(now)
            if found is None:
                return None
            key = found
        self._taken(key)
        return key

    def take_mates(self, source: Source, now: float, limit: int) -> list[str]:
        """Take out up to `limit` sources that the same request can answer for and that are due soon anyway."""
        batch = self._batches.get(source.batch) if source.batch is not None else None
        mates: list[str] = []
        while batch is not None and len(mates) < limit and (key := batch.pop(now)) is not None:
            self._schedule.remove(key)
            self._taken(key)
            mates.append(key)
        return mates

    def _taken(self, key: str) -> None:
        self._forced.pop(key, None)
        name = self._batch_of.pop(key, None)
        if name is not None:
            batch = self._batches[name]
            batch.remove(key)
            if not len(batch):
                del self._batches[name]
