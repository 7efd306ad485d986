"""The pure parts of polling, each against what it promises for any input."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st
from polling_fakes import build, problem

from tui.domain.problem import ProblemCode
from tui.polling.agenda import Agenda
from tui.polling.backoff import RETRY_AFTER_CAP_S, delay_s, shaken_s, spread_s
from tui.polling.budget import WINDOW_S, Budget
from tui.polling.outage import DOUBTS, Outage, Verdict, verdict
from tui.polling.roster import Roster
from tui.polling.schedule import COMPACT_AT, Schedule
from tui.polling.sources import BATCH_LIMIT, Load, Source
from tui.settings import PollSettings

CHANCES = st.floats(0, 1, exclude_max=True)
KEYS = st.sampled_from("abcdefgh")


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("set"), KEYS, st.floats(0, 100), st.floats(0, 50)),
            st.tuples(st.just("remove"), KEYS, st.just(0.0), st.just(0.0)),
            st.tuples(st.just("pop"), st.just(""), st.floats(0, 120), st.just(0.0)),
            st.tuples(st.just("pop_first"), st.just(""), st.floats(0, 120), st.just(0.0)),
            st.tuples(st.just("overdue"), st.just(""), st.floats(0, 120), st.just(0.0)),
        ),
        max_size=60,
    )
)
def test_schedule_agrees_with_a_plain_dict(steps: list[tuple[str, str, float, float]]) -> None:
    schedule, plain = Schedule(), dict[str, tuple[float, float]]()
    horizon = 0.0  # time does not go back
    for what, key, number, slack in steps:
        if what == "set":
            schedule.set(key, number, slack)
            plain[key] = (number, slack)
        elif what == "remove":
            schedule.remove(key)
            plain.pop(key, None)
        else:
            horizon = max(horizon, number)
            due = {one: sum(times) for one, times in plain.items() if times[0] <= horizon}
            if what == "overdue":
                assert sorted(schedule.overdue(horizon)) == sorted(due)
                continue
            found = schedule.pop(horizon) if what == "pop" else schedule.pop_first(horizon)
            if due:
                assert found is not None and due[found] == min(due.values())
            elif what == "pop":
                assert found is None
            else:
                assert (found is None) == (not plain)
                assert found is None or plain[found][0] == min(times[0] for times in plain.values())
            plain.pop(found or "", None)
        assert set(schedule) == set(plain)
        found_due, first_due = schedule.next_due(), min((times[0] for times in plain.values()), default=None)
        is_due_already = first_due is not None and found_due is not None and max(first_due, found_due) <= horizon
        assert found_due == first_due or is_due_already


def test_schedule_keeps_no_more_than_it_needs() -> None:
    schedule = Schedule()
    for turn in range(10_000):
        schedule.set(f"k{turn % 10}", float(turn))
    assert len(schedule._waiting) + len(schedule._ready) <= 2 * 10 + COMPACT_AT


def test_what_changes_often_goes_before_what_is_settled_but_not_for_ever() -> None:
    schedule = Schedule()
    schedule.set("settled", 0.0, 300.0)
    schedule.set("active", 10.0, 5.0)
    assert schedule.pop(10.0) == "active"
    schedule.set("active", 301.0, 5.0)
    assert schedule.pop(301.0) == "settled"


@given(st.integers(-3, 10**9), st.floats(0.001, 1e4), st.floats(0.001, 1e4), CHANCES, st.none() | st.floats())
def test_every_back_off_is_finite_and_bounded(
    failures: int, base_s: float, ceiling_s: float, chance: float, retry_after_s: float | None
) -> None:
    delay = delay_s(failures, base_s, ceiling_s, chance, retry_after_s)
    assert math.isfinite(delay)
    assert min(base_s, ceiling_s) / 2 <= delay <= max(ceiling_s, RETRY_AFTER_CAP_S * 1.1)
    if retry_after_s is not None and 0 < retry_after_s <= RETRY_AFTER_CAP_S:
        assert delay >= retry_after_s


@given(st.floats(0.001, 1e6), CHANCES)
def test_jitter_is_a_tenth_at_most(interval_s: float, chance: float) -> None:
    assert 0.899 * interval_s <= shaken_s(interval_s, chance) <= 1.101 * interval_s


def test_ten_thousand_targets_are_spread_as_the_budget_allows() -> None:
    assert spread_s(20, 30, 240) == 0
    assert spread_s(10_030, 30, 240) == 10_000 / 4


@given(
    st.integers(1, 600),
    st.lists(st.tuples(st.floats(0, 20), st.booleans(), st.integers(0, 3)), min_size=1, max_size=80),
)
def test_no_minute_has_more_requests_than_the_budget(per_minute: int, steps: list[tuple[float, bool, int]]) -> None:
    budget, now, sent = Budget(per_minute, 0.0), 0.0, list[float]()
    for gap_s, is_forced, more in steps:
        now += gap_s
        while budget.take(now, is_forced=is_forced):
            sent.append(now)
            assert len([at for at in sent if at > now - WINDOW_S]) <= per_minute
            assert len(sent) < 10_000
        ready_at = budget.ready_at(now, is_forced=is_forced)
        assert now < ready_at < now + 300
        assert budget.count(now) == len([at for at in sent if at > now - WINDOW_S])
        now = ready_at
        assert budget.take(now, is_forced=is_forced)
        sent.append(now)
        if more and is_forced:
            budget.charge(now, more)
            sent += [now] * more
            now = budget.ready_at(now)
            sent = [at for at in sent if at > now]  # a debt is paid off first; count anew from here
            budget = Budget(per_minute, now)
            sent.clear()


def test_a_debt_is_paid_before_the_next_request() -> None:
    budget = Budget(60, 0.0)
    assert budget.take(0.0)
    budget.charge(0.0, 30)
    assert not budget.take(10.0, is_forced=True)
    assert budget.count(10.0) == 31
    assert budget.take(budget.ready_at(10.0))


def test_a_person_may_use_what_is_kept_back() -> None:
    budget = Budget(240, 0.0)
    while budget.take(0.0):
        pass
    assert budget.take(0.0, is_forced=True)


def test_which_problem_speaks_for_the_whole_server() -> None:
    found = {code.value: verdict(problem(code)) for code in ProblemCode}
    assert {code for code, says in found.items() if says is Verdict.LIVES} == {"missing", "forbidden"}
    assert {code for code, says in found.items() if says is Verdict.DOWN} == {
        "dns",
        "tls",
        "refused",
        "unauthorised",
        "rate_limited",
    }
    assert verdict(problem("server_error", retry_after_s=5)) is Verdict.DOWN
    assert verdict(None) is Verdict.LIVES


def test_doubts_make_an_outage_only_from_different_sources_in_a_row() -> None:
    outage = Outage(5.0)
    for _ in range(9):
        assert not outage.failed(problem("timeout"), "a", 9, 0.0, 0.5, is_probe=False)
    outage.failed(problem("timeout"), "b", 9, 0.0, 0.5, is_probe=False)
    outage.lives()
    for source in "abc"[:DOUBTS]:
        assert not outage.is_on
        outage.failed(problem("timeout"), source, 9, 0.0, 0.5, is_probe=False)
    assert outage.is_on
    single = Outage(5.0)
    assert single.failed(problem("timeout"), "a", 1, 0.0, 0.5, is_probe=False)


@given(st.lists(st.tuples(st.sampled_from(sorted(ProblemCode)), CHANCES, st.none() | st.floats()), max_size=40))
def test_an_outage_always_has_a_next_probe(failures: list[tuple[ProblemCode, float, float | None]]) -> None:
    outage, now = Outage(5.0), 0.0
    for code, chance, retry_after_s in failures:
        outage.failed(problem(code, retry_after_s), "a", 1, now, chance, is_probe=True)
        assert now < outage.retry_at <= now + RETRY_AFTER_CAP_S * 1.1
        now = outage.retry_at
        outage.hasten(now)
        assert math.isfinite(outage.retry_at)


def test_a_refused_token_is_tried_again_after_a_minute_growing_to_five() -> None:
    outage, now, waits = Outage(5.0), 0.0, []
    for chance in (0.0, 0.99, 0.5, 0.0, 0.99):
        outage.failed(problem("unauthorised"), "a", 1, now, chance, is_probe=True)
        waits.append(outage.retry_at - now)
        now = outage.retry_at
    assert 54 <= waits[0] <= 60 and waits == sorted(waits) and 270 <= waits[-1] <= 300


def test_by_hand_an_outage_is_probed_at_once_but_never_against_a_retry_after() -> None:
    outage = Outage(60.0)
    outage.failed(problem("dns"), "a", 1, 100.0, 0.9, is_probe=False)
    outage.hasten(100.5)
    assert outage.retry_at == 102.0
    outage.failed(problem("rate_limited", 90), "a", 1, 102.0, 0.0, is_probe=True)
    outage.hasten(103.0)
    assert outage.retry_at == 192.0


def source(key: str, batch: str | None = None, interval_s: float = 10.0) -> Source:
    return Source(key, interval_s, target=build(key), batch=batch)


def test_batch_mates_that_are_due_soon_go_along() -> None:
    agenda = Agenda()
    for key, due in (("a", 0.0), ("b", 4.0), ("c", 6.0), ("d", 0.0)):
        agenda.set(source(key, None if key == "d" else "reports"), due)
    assert agenda.take(0.0, is_any=False, is_forced=False) == "a"
    assert agenda.take_mates(source("a", "reports"), 0.0, 9) == ["b"]  # within half an interval
    assert [key for key in "abcd" if key in agenda] == ["c", "d"]


def test_what_was_forced_last_as_first_goes_first_and_only_once() -> None:
    agenda = Agenda()
    for key in "abc":
        agenda.set(source(key), 100.0)
    for key in ("a", "b", "a", "nobody"):
        agenda.force(key)
    agenda.force("c", is_first=True)
    assert agenda.forced == ("c", "a", "b")
    assert [agenda.take(0.0, is_any=False, is_forced=True) for _ in range(3)] == ["c", "a", "b"]
    assert not agenda.has_forced and len(agenda) == 0


def test_sources_that_one_request_answers_are_spread_as_one() -> None:
    roster = Roster(Budget(60, 0.0))
    some = [roster.add(source(f"r{n}", "reports")) for n in range(2 * BATCH_LIMIT)]
    others = [roster.add(source(f"b{n}")) for n in range(40)]
    roster.spread([*some, *others], 0.0)
    assert len({roster.agenda.due_of(one.key) for one in some}) == 2
    dues = [roster.agenda.due_of(one.key) or 0.0 for one in others]
    assert dues == sorted(dues) and 25 < dues[-1] < 42


@given(st.lists(st.tuples(KEYS, st.floats(0.01, 1000), st.booleans()), max_size=40))
def test_load_is_the_sum_of_what_is_there(steps: list[tuple[str, float, bool]]) -> None:
    load, plain = Load(240), dict[str, float]()
    for key, interval_s, is_gone in steps:
        if is_gone:
            load.forget(key)
            plain.pop(key, None)
        else:
            load.note(source(key, interval_s=interval_s))
            plain[key] = 60 / interval_s
        assert math.isclose(load.per_minute, sum(plain.values()), abs_tol=1e-6)
        assert math.isclose(load.stretch, max(1, sum(plain.values()) / 240), abs_tol=1e-6)


def test_failures_of_its_own_make_a_source_seldom_and_an_answer_makes_it_normal() -> None:
    one, poll = source("a", interval_s=5.0), PollSettings()
    waits = [one.wait_s(problem("bad_answer"), poll, 0.99) for _ in range(12)]
    assert waits == sorted(waits) and 290 < waits[-1] <= 300
    assert one.wait_s(problem("dns"), poll, 0.5) == 5.0  # the outage itself keeps the pace
    assert one.wait_s(None, poll, 0.5) == 5.0 and one.failures == 0
    assert one.wait_s(problem("forbidden"), poll, 0.99) > 59


def test_who_asks_once_may_use_a_whole_minute_at_once_and_no_more() -> None:
    budget = Budget(240, 0.0)
    assert sum(budget.take(0.0, is_forced=True) for _ in range(300)) == 40
    once = Budget(240, 0.0)
    once.allow_all_at_once()
    once.allow_all_at_once()
    assert sum(once.take(0.0, is_forced=True) for _ in range(300)) == 240
    assert once.ready_at(0.0, is_forced=True) > 0
