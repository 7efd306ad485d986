"""What a pane shows follows the store's changes exactly, whatever their order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.app.feed import PaneFeed
from tui.domain.records import ListQuery, Record
from tui.domain.snapshot import Entry, ListState, ServerHealth
from tui.domain.state import State
from tui.domain.target import Target
from tui.polling.messages import Change
from tui.polling.store import Store
from tui.present.spec import Cell, ColumnSpec, PaneSpec

NAME = ColumnSpec("name", "name", 8, lambda entry, context: Cell(entry.name), lambda entry: (entry.name,))
SPEC = PaneSpec(
    "jobs", "Jobs", "Jobs", 1, "codeinsight", frozenset({"job"}), (NAME,), ("name", False), lists=("jobs",)
)  # fmt: skip


def make(number: int, state: State = State.DONE, *, is_watched: bool = False, kind: str = "job") -> Entry:
    target = Target("sca", kind, (str(number),))
    return Entry(target.key, target, Record(target, str(number), state, state.value), is_watched=is_watched)


def listed(*numbers: int) -> ListState:
    query = ListQuery("sca", "jobs")
    return ListState(query, query, tuple(f"sca:job/{number}" for number in numbers))


def test_a_page_that_turns_swaps_its_rows_and_watched_ones_stay() -> None:
    store, feed = Store(), PaneFeed(SPEC)
    store.publish(
        entries=[make(1), make(2, is_watched=True), make(3), make(9, is_watched=True, kind="build")],
        servers=[ServerHealth("sca", "codeinsight")],
        lists=[listed(1, 2)],
    )
    assert {entry.key for entry in feed.reset(store)} == {"sca:job/1", "sca:job/2"}
    store.publish(lists=[listed(3)])
    updated, removed = feed.take(Change(lists=frozenset({"sca:jobs"})), store)
    assert [entry.key for entry in updated if entry.key == "sca:job/3"] == ["sca:job/3"]
    assert removed == ["sca:job/1"]
    assert set(feed.keys()) == {"sca:job/2", "sca:job/3"}
    assert feed.situation(store, is_filtered=False).watched == 1


def test_lists_of_other_kinds_are_not_ours() -> None:
    store, feed = Store(), PaneFeed(SPEC)
    store.publish(entries=[make(1)], servers=[ServerHealth("sca", "other")], lists=[listed(1)])
    assert feed.reset(store) == []


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("entry"), st.integers(0, 5), st.sampled_from([State.DONE, State.FAILED]), st.booleans()),
        st.tuples(st.just("gone"), st.integers(0, 5), st.just(State.DONE), st.just(False)),
        st.tuples(st.just("list"), st.integers(0, 63), st.just(State.DONE), st.just(False)),
    ),
    max_size=30,
)


@given(STEPS)
def test_following_changes_equals_looking_at_everything(steps: list[tuple[str, int, State, bool]]) -> None:
    store, feed = Store(), PaneFeed(SPEC)
    store.publish(servers=[ServerHealth("sca", "codeinsight")])
    feed.reset(store)
    changes: list[Change] = []
    store.subscribe(changes.append)
    rows: dict[str, Entry] = {}
    for act, number, state, is_watched in steps:
        if act == "entry":
            store.publish(entries=[make(number, state, is_watched=is_watched)])
        elif act == "gone":
            store.publish(removed=[f"sca:job/{number}"])
        else:
            store.publish(lists=[listed(*(bit for bit in range(6) if number >> bit & 1))])
        for change in changes:
            updated, removed = feed.take(change, store)
            for key in removed:
                del rows[key]
            rows.update((entry.key, entry) for entry in updated)
        changes.clear()
    fresh = PaneFeed(SPEC)
    expected = {entry.key: entry for entry in fresh.reset(store)}
    assert rows == expected
    assert feed.states == fresh.states
    assert sum(feed.states.values()) == len(feed) == len(expected)
