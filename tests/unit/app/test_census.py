"""The counts behind the pulse: kept up change by change, they are what counting everything gives."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tui.app.pulse.census import Census
from tui.domain.records import Record
from tui.domain.snapshot import Entry
from tui.domain.state import State
from tui.domain.target import Target

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
STATES = [State.WAITING, State.RUNNING, State.DONE]
STEP = st.tuples(st.integers(0, 5), st.none() | st.tuples(st.sampled_from(STATES), st.none() | st.integers(0, 3)))


def entry(number: int, state: State, since_s: int | None) -> Entry:
    target = Target("ab"[number % 2], "job", (str(number),))
    since_at = None if since_s is None else NOON + timedelta(seconds=since_s)
    return Entry(target.key, target, Record(target, "job", state, None), since_at=since_at)


class Touched(dict[str, Entry]):
    """Entries that count how often they are looked at."""

    looks = 0

    def get(self, key: str, otherwise: Entry | None = None) -> Entry | None:  # type: ignore[override]
        self.looks += 1
        return super().get(key, otherwise)


@given(st.lists(st.lists(STEP, max_size=4), max_size=12))
def test_following_every_change_gives_what_counting_everything_gives(changes: list[list[object]]) -> None:
    entries, census = Touched(), Census()
    for change in changes:
        touched = set()
        states = {key: one.state for key, one in entries.items()}
        for number, told in change:  # type: ignore[misc]
            key = entry(number, State.DONE, None).key
            touched.add(key)
            if told is None:
                entries.pop(key, None)
            else:
                entries[key] = entry(number, *told)
        before, entries.looks = census.number, 0
        census.follow(entries, touched)
        assert entries.looks == len(touched)
        assert (census.number != before) is (states != {key: one.state for key, one in entries.items()})
        for server in "ab":
            own = [one for one in entries.values() if one.target.server == server]
            counts = {state: number for state, number in census.counts(server).items() if number}
            assert counts == Counter(one.state for one in own)
            waits = [(one.since_at, one.key) for one in own if one.state is State.WAITING and one.since_at is not None]
            assert census.longest(server) == (min(waits)[1] if waits else "")
