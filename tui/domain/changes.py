"""What became of targets since a person looked at them last: which changes are news, and which were looked at.

Pure: entries and moments in, news out. Knows no clock, no file and no screen. "Looked at" is told by whoever sees it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from tui.domain.shifting import later
from tui.domain.snapshot import Entry, Transition
from tui.domain.state import State

MOST_LOOKED = 5_000  # rows of which a look, or that there was none, is remembered after they left (pages of lists)
UNSEEN_FOR = timedelta(days=30)  # a mark that nobody looked at for so long says nothing any more

# What a person wants to know first of what happened meanwhile: what went wrong, then what is over, then what moves.
WORST_FIRST = (
    State.FAILED,
    State.PARTIAL,
    State.CANCELED,
    State.MISSING,
    State.UNKNOWN,
    State.NOT_SCANNED,
    State.UNSUPPORTED,
    State.DONE,
    State.WAITING,
    State.RUNNING,
    State.ABSENT,
)


@dataclass(frozen=True, slots=True)
class News:
    """One target in another state than when it was looked at last; `was` is None where nobody had ever seen it.

    `at` is when the newest change was seen. `is_stuck`: no state changed, it became stuck.
    """

    key: str
    was: State | None
    now: State
    at: datetime
    is_stuck: bool = False

    @property
    def rank(self) -> tuple[int, float, str]:
        """The worst first, what is stuck right after what failed; among equals the newest first, then by address."""
        place = 2 * WORST_FIRST.index(State.FAILED) + 1 if self.is_stuck else 2 * WORST_FIRST.index(self.now)
        return place, -self.at.timestamp(), self.key


def news_of(entry: Entry, since_at: datetime) -> News | None:
    """What of the whole target changed after `since_at`; None where nothing did."""
    found = [one for one in entry.transitions if not one.part and one.seen_at > since_at]
    found = [one for one in found if _is_news(entry, one, since_at)]
    return News(entry.key, found[0].before, entry.state, found[-1].seen_at) if found else None


def _is_news(entry: Entry, change: Transition, since_at: datetime) -> bool:
    """Another state is news. A first sight is none, unless what is watched ended after `since_at` by its server's time.

    So a build that came and failed while nobody polled is told, and what is put on the list long after its end is not.
    """
    if change.before is not None:
        return change.before is not change.after
    return entry.is_watched and change.after.is_terminal and (change.server_at or since_at) > since_at


class Unseen:
    """The news that nobody looked at yet. Everything up to `base_at` was looked at, but for the `kept` rows.

    `kept` are keys with the moment of their last look, from an earlier run: their news come with their entries.
    """

    def __init__(self, base_at: datetime, kept: Iterable[tuple[str, datetime]] = ()) -> None:
        self._base_at = base_at
        self._since = dict(kept)
        self._looked: dict[str, datetime] = {}
        self._news: dict[str, News] = {}
        self._gone: dict[str, None] = {}  # rows with news that are on no list any more, those that left first before
        self._stuck_looked: set[str] = set()

    @property
    def news(self) -> Mapping[str, News]:
        """By key, of what is known now."""
        return MappingProxyType(self._news)

    def follow(self, entry: Entry) -> bool:
        """The entry may be another; True where it is news, or no longer, and was not (or was) before."""
        if entry.polled_at is None:
            return False  # what earlier runs saw of it comes with its first answer
        since_at = self._since.get(entry.key) or self._looked.get(entry.key) or self._base_at
        self._gone.pop(entry.key, None)
        found, known = news_of(entry, since_at), self._news.get(entry.key)
        if found is None:
            if known is not None and known.is_stuck and known.now is entry.state:
                return False
            self._news.pop(entry.key, None)
            self._since.pop(entry.key, None)
        else:
            self._news[entry.key] = found
            self._since.setdefault(entry.key, since_at)
            self._stuck_looked.discard(entry.key)
        return (found is None) is not (known is None)

    def note_stuck(self, entry: Entry, at: datetime) -> None:
        """It became stuck, which no change of state tells; told once, and what is news already stays what it is."""
        if entry.key not in self._news and entry.key not in self._stuck_looked:
            since_at = self._looked.get(entry.key) or self._base_at
            self._news[entry.key] = News(entry.key, entry.state, entry.state, at, is_stuck=True)
            self._since.setdefault(entry.key, since_at)

    def look(self, key: str) -> bool:
        """A person looked at it; True where it was news."""
        self._since.pop(key, None)
        self._gone.pop(key, None)
        found = self._news.pop(key, None)
        if found is not None and found.is_stuck:
            self._stuck_looked.add(key)
        elif found is not None:
            self._looked.pop(key, None)
            self._looked[key] = found.at
            if len(self._looked) > MOST_LOOKED:
                del self._looked[next(iter(self._looked))]
        return found is not None

    def shift(self, by_s: float) -> None:
        """The clock was set: every moment moves with those of the entries, so that nothing old is news."""
        self._base_at = later(self._base_at, by_s)
        self._since = {key: later(at, by_s) for key, at in self._since.items()}
        self._looked = {key: later(at, by_s) for key, at in self._looked.items()}
        self._news = {key: replace(one, at=later(one.at, by_s)) for key, one in self._news.items()}

    def leave(self, key: str) -> bool:
        """It is on no list any more; its news are there again when it comes back. True where it was news."""
        if self._news.pop(key, None) is None:
            return False
        self._gone[key] = None
        if len(self._gone) > MOST_LOOKED:
            self._forget(next(iter(self._gone)))
        return True

    def _forget(self, key: str) -> None:
        self._gone.pop(key, None)
        self._since.pop(key, None)

    def kept(self, now: datetime) -> dict[str, datetime]:
        """What is to be kept for the next run: the rows nobody looked at, each with its last look; the newest last.

        What is on no list and too old to be kept is forgotten here too.
        """
        at = {key: self._news[key].at if key in self._news else since_at for key, since_at in self._since.items()}
        for key in [key for key in at if now - at[key] > UNSEEN_FOR]:
            del at[key]
            if key not in self._news:
                self._forget(key)
        return {key: self._since[key] for key in at}
