"""What is known after this machine's clock was set: every time that was read from it moves by as much. Pure.

The server's own times stay as they were told; how far its clock is from ours does not.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from tui.domain.deadline import due_at
from tui.domain.records import Call
from tui.domain.snapshot import Entry, ListState, Mark, ServerHealth, Transition


def later(at: datetime, by_s: float) -> datetime:
    """A time, `by_s` seconds later; as it is where no calendar has that."""
    try:
        return at + timedelta(seconds=by_s)
    except OverflowError:
        return at


def moved(at: datetime | None, by_s: float) -> datetime | None:
    """The same where there may be none."""
    return None if at is None else later(at, by_s)


def moved_calls(calls: tuple[Call, ...], by_s: float) -> tuple[Call, ...]:
    """Exchanges, wherever they are kept: what is one in two places stays one."""
    return tuple(replace(call, at=later(call.at, by_s)) for call in calls)


def moved_entry(entry: Entry, by_s: float) -> Entry:
    """One target. When it is due is judged anew: a time of day stands, what counts from its beginning moves along."""
    found = replace(
        entry,
        first_seen_at=moved(entry.first_seen_at, by_s),
        since_at=moved(entry.since_at, by_s),
        polled_at=moved(entry.polled_at, by_s),
        good_at=moved(entry.good_at, by_s),
        transitions=tuple(_transition(one, by_s) for one in entry.transitions),
        marks=tuple(_mark(one, by_s) for one in entry.marks),
        calls=moved_calls(entry.calls, by_s),
        offset_s=entry.offset_s - by_s,
    )
    return replace(found, due_at=due_at(found.deadline, found))


def moved_list(state: ListState, by_s: float) -> ListState:
    """One list."""
    return replace(
        state,
        polled_at=moved(state.polled_at, by_s),
        good_at=moved(state.good_at, by_s),
        failed_calls=moved_calls(state.failed_calls, by_s),
    )


def moved_server(server: ServerHealth, by_s: float) -> ServerHealth:
    """One server's health. The difference of clocks is measured anew by its next answer."""
    return replace(
        server,
        good_at=moved(server.good_at, by_s),
        retry_at=moved(server.retry_at, by_s),
        failed_calls=moved_calls(server.failed_calls, by_s),
    )


def _mark(mark: Mark, by_s: float) -> Mark:
    return replace(mark, since_at=later(mark.since_at, by_s))


def _transition(one: Transition, by_s: float) -> Transition:
    return replace(
        one,
        after_at=moved(one.after_at, by_s),
        seen_at=later(one.seen_at, by_s),
        server_at=moved(one.server_at, by_s),
    )
