"""What a rule has to tell: one message a poll, apart in time, silent in quiet hours, and nothing lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tui.domain.news import Event
from tui.domain.quiet import Quiet
from tui.domain.records import Record
from tui.domain.snapshot import Entry
from tui.domain.state import State
from tui.domain.target import Target
from tui.present.safe import is_safe
from tui.settings import TellRule
from tui.telling.notice import TOLD_KEPT, Notice, Told, told_of
from tui.telling.outbox import GATHER_S, Outbox

START = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
QUIET = Quiet(time(22, 0), time(7, 0))


def told(name: str, event: str = "failed") -> Told:
    return Told(event, f"s:build/{name}/1", name, "s", "build", event, "", "")


def rule(every_s: float = 30.0, quiet: Quiet | None = None) -> TellRule:
    return TellRule("r", ("failed",), (), quiet=quiet, every_s=every_s)


def sent(outbox: Outbox, puts: list[tuple[float, Told]], end_s: float) -> list[tuple[float, Notice]]:
    """Let these events come at their seconds, and send as soon as may be."""
    found, now_s, waiting = [], 0.0, sorted(puts, key=lambda one: one[0])
    while now_s < end_s:
        now = START + timedelta(seconds=now_s)
        due_s = outbox.due_s(now_s, now)
        next_s = min([due_s or end_s, *(at_s for at_s, _ in waiting[:1]), end_s])
        now_s = max(now_s, next_s)
        now = START + timedelta(seconds=now_s)
        while waiting and waiting[0][0] <= now_s:
            outbox.put(waiting.pop(0)[1], now_s)
        due_s = outbox.due_s(now_s, now)
        if due_s is not None and due_s <= now_s < end_s:
            found.append((now_s, outbox.take(now_s, now)))
    return found


def test_what_one_poll_brings_is_one_message_and_the_next_waits() -> None:
    puts = [(10.0, told("a")), (10.4, told("b")), (14.9, told("b")), (16.0, told("c")), (20.0, told("d", "stuck"))]
    ((first_s, first), (second_s, second)) = sent(Outbox(rule()), puts, 300)
    assert (first_s, first.text) == (10.0 + GATHER_S, "2 failed: a, b")
    assert (second_s, second.text) == (first_s + 30, "1 failed: c; 1 stuck: d")


def test_what_comes_in_quiet_hours_is_told_at_their_end() -> None:
    puts = [(3590.0, told("a")), (3597.0, told("b")), (20000.0, told("c")), (36010.0, told("d"))]
    found = sent(Outbox(rule(quiet=QUIET), UTC), puts, 50000)
    assert [(at_s, notice.text) for at_s, notice in found] == [
        (3595.0, "a: failed"),
        (36000.0, "While it was quiet: 2 failed: b, c"),
        (36030.0, "d: failed"),
    ]


@given(
    st.lists(st.tuples(st.floats(0, 100_000), st.integers(0, 30)), max_size=40),
    st.floats(0, 600),
    st.booleans(),
)
def test_never_too_often_never_in_quiet_hours_and_nothing_is_lost(
    puts: list[tuple[float, int]], every_s: float, has_quiet: bool
) -> None:
    outbox = Outbox(rule(every_s, QUIET if has_quiet else None), UTC)
    found = sent(outbox, [(at_s, told(str(name))) for at_s, name in puts], 300_000)
    times = [at_s for at_s, _ in found]
    assert all(later - earlier >= every_s - 1e-6 for earlier, later in pairwise(times))
    assert not has_quiet or not any(QUIET.holds(notice.at, UTC) for _, notice in found)
    assert {one.name for _, notice in found for one in notice.events} == {str(name) for _, name in puts}


def test_too_many_are_counted() -> None:
    outbox = Outbox(rule())
    for number in range(TOLD_KEPT + 7):
        outbox.put(told(f"b{number}"), 0.0)
    notice = outbox.take(5.0, START)
    assert len(notice.events) == TOLD_KEPT and notice.more == 7
    assert notice.text == f"{TOLD_KEPT} failed: b0, b1, b2, b3, b4 and {TOLD_KEPT - 5} more; and 7 more events"
    assert len(notice.values()["name"]) < 300


def test_no_name_calls_people_in_a_chat_and_the_fields_hold_it_as_it_is() -> None:
    outbox = Outbox(rule())
    outbox.put(told("<!channel> & @here <@U1>"), 0.0)
    document = outbox.take(5.0, START).document()
    assert document["text"] == "&lt;!channel&gt; &amp; ＠here &lt;＠U1&gt;: failed"
    assert document["events"][0]["name"] == "<!channel> & @here <@U1>"  # type: ignore[index]


@given(st.text(max_size=200), st.text(max_size=50))
def test_no_servers_text_leaves_uncleaned(name: str, status: str) -> None:
    target = Target("s", "build", (name or "x", "1"))
    record = Record(target, name, State.FAILED, status, web_url=f"https://x/{name}")
    notice = Notice("r", START, (told_of(Event("failed", Entry(target.key, target, record))),) * 2)
    assert all(is_safe(text) for text in [notice.text, *notice.values().values()])
    assert is_safe(json.dumps(notice.document()))


def test_a_test_says_that_it_is_one() -> None:
    notice = Notice("night shift", START, is_test=True)
    assert notice.text == "A test of scantop: rule night shift tells by this channel."
    assert notice.values()["event"] == "test" and notice.document()["is_test"] is True
