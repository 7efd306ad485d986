"""The history on disk: what is kept, by how many, and what becomes of a file that cannot be used."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tui.domain.problem import ProblemCode
from tui.domain.records import Fields, Record
from tui.domain.snapshot import Entry, Transition
from tui.domain.state import State
from tui.domain.target import Target
from tui.history import rows
from tui.history.schema import VERSION
from tui.history.sqlite import SqliteHistory

AT = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
TARGET = Target("s", "job", ("1",))


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def entry(state: State, seconds: float = 0, target: Target = TARGET) -> Entry:
    detail = Fields((("type", "Project Scan"), ("project", Fields((("id", 7), ("name", "web"))))))
    record = Record(target, "Job 1", state, state.value, detail=detail)
    return Entry(target.key, target, record, first_seen_at=AT, polled_at=after(seconds))


def change(before: State | None, now: State, seconds: float, part: str = "") -> Transition:
    earlier = after(seconds - 5) if before is not None else None
    return Transition(TARGET.key, part, before, now, now.value.upper(), earlier, after(seconds))


def on(path: Path, story: Callable[[SqliteHistory], Coroutine[Any, Any, None]], now: datetime = AT) -> tuple[str, ...]:
    """Tell `story` to a history on `path`; gives what it had to say."""

    async def whole() -> tuple[str, ...]:
        history = SqliteHistory(path, lambda: now)
        await history.start()
        await story(history)
        await history.close()
        return history.take_notices()

    return asyncio.run(whole())


async def record_two(history: SqliteHistory) -> None:
    await history.record([change(None, State.WAITING, 0)], [entry(State.WAITING)])
    await history.record([change(State.WAITING, State.RUNNING, 10)], [entry(State.RUNNING, 10)])


async def nothing(history: SqliteHistory) -> None:
    pass


def all_rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    db = sqlite3.connect(path)
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


def test_what_was_recorded_is_recalled_by_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "state" / "history.sqlite"
    assert on(path, record_two) == ()

    async def look(history: SqliteHistory) -> None:
        found = await history.recall([TARGET.key, "s:job/2"])
        assert list(found) == [TARGET.key]
        past = found[TARGET.key]
        assert (past.first_seen_at, past.last_seen_at) == (AT, after(10))
        assert [(mark.part, mark.state, mark.since_at) for mark in past.marks] == [("", State.RUNNING, after(10))]
        assert past.transitions == (change(None, State.WAITING, 0), change(State.WAITING, State.RUNNING, 10))

    assert on(path, look) == ()
    assert all_rows(path, "SELECT name, type, project FROM target") == [("Job 1", "Project Scan", "web")]


def test_the_file_is_private_to_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "state" / "history.sqlite"
    on(path, record_two)
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_two_processes_write_each_transition_once(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"

    async def both() -> None:
        one, two = SqliteHistory(path, lambda: AT), SqliteHistory(path, lambda: AT)
        await asyncio.gather(one.start(), two.start())
        for number in range(20):
            state = State.RUNNING if number % 2 else State.WAITING
            before = None if number == 0 else (State.WAITING if number % 2 else State.RUNNING)
            await asyncio.gather(
                *(h.record([change(before, state, number)], [entry(state, number)]) for h in (one, two))
            )
        await asyncio.gather(one.close(), two.close())
        assert one.take_notices() == two.take_notices() == ()

    asyncio.run(both())
    assert all_rows(path, "SELECT count(*) FROM transition") == [(20,)]


def test_a_sight_that_another_process_overtook_is_left_out_but_not_after_the_clock_was_set_back(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"

    async def late(history: SqliteHistory) -> None:
        await history.record([change(None, State.DONE, 20)], [entry(State.DONE, 20)])
        await history.record([change(State.WAITING, State.RUNNING, 19)], [entry(State.RUNNING, 19)])
        assert len((await history.recall([TARGET.key]))[TARGET.key].transitions) == 1
        await history.record([change(State.DONE, State.RUNNING, -3600)], [entry(State.RUNNING, -3600)])
        assert len((await history.recall([TARGET.key]))[TARGET.key].transitions) == 2

    assert on(path, late, now=after(21)) == ()


def test_a_clock_that_was_set_back_by_less_than_a_minute_costs_no_transition(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"

    async def story(history: SqliteHistory) -> None:
        await history.record([change(None, State.RUNNING, 20)], [entry(State.RUNNING, 20)])
        await history.record([change(State.RUNNING, State.DONE, -10)], [entry(State.DONE, -10)])  # set back by 40 s

    assert on(path, story, now=after(-10)) == ()
    assert all_rows(path, "SELECT after FROM transition ORDER BY id") == [("running",), ("done",)]


def test_a_clock_that_is_years_ahead_costs_no_history(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    on(path, record_two)

    async def nothing(history: SqliteHistory) -> None:
        await history.recall([TARGET.key])

    on(path, nothing, now=AT + timedelta(days=12 * 365))
    assert all_rows(path, "SELECT count(*) FROM transition") == [(2,)]
    assert all_rows(path, "SELECT count(*) FROM target") == [(1,)]


def test_sights_and_outages_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"

    async def story(history: SqliteHistory) -> None:
        await record_two(history)
        history.saw([TARGET.key, "s:job/none"], after(60))
        for seconds in (10, 20, 30):
            history.failed("s", ProblemCode.DNS, after(seconds))
        history.recovered("s", after(40))
        history.failed("s", ProblemCode.DNS, after(50))

    assert on(path, story) == ()
    assert all_rows(path, "SELECT last_seen_at FROM target") == [(rows.to_number(after(60)),)]
    spans = [tuple(rows.to_number(after(s)) if s else None for s in span) for span in ((10, 30, 40), (50, 50, None))]
    found = all_rows(path, "SELECT started_at, last_at, ended_at, polls FROM outage ORDER BY id")
    assert found == [(*spans[0], 3), (*spans[1], 1)]


def test_a_failure_days_later_is_another_outage(tmp_path: Path) -> None:
    path, later_s = tmp_path / "history.sqlite", 3 * 86400

    async def story(history: SqliteHistory) -> None:
        for seconds in (0, 600, later_s):
            history.failed("s", ProblemCode.DNS, after(seconds))
            history._flush()
        history.recovered("s", after(later_s + 5))

    assert on(path, story) == ()
    spans = [tuple(rows.to_number(after(s)) for s in span) for span in ((0, 600, 600), (later_s, later_s, later_s + 5))]
    found = all_rows(path, "SELECT started_at, last_at, ended_at, polls FROM outage ORDER BY id")
    assert found == [(*spans[0], 2), (*spans[1], 1)]


@pytest.mark.parametrize("days", [-2, 2])
def test_sights_and_what_is_out_move_with_the_clock_that_is_set(tmp_path: Path, days: int) -> None:
    path, leap_s = tmp_path / "history.sqlite", days * 86_400
    old, other = Target("s", "job", ("2",)), Target("s", "job", ("3",))

    async def before(history: SqliteHistory) -> None:
        for target in (old, other):
            key, first = target.key, replace(entry(State.DONE, -500, target), first_seen_at=after(-500))
            await history.record([replace(change(None, State.DONE, -500), key=key)], [first])

    async def story(history: SqliteHistory) -> None:
        await record_two(history)
        history.saw([TARGET.key, old.key], after(30))
        for code, seconds in ((ProblemCode.TIMEOUT, 5), (ProblemCode.DNS, 20), (ProblemCode.DNS, 30)):
            history.failed("s", code, after(seconds))
            if code is ProblemCode.TIMEOUT:
                history.recovered("s", after(6))
        history.shift(leap_s)
        history.shift(60)  # and once more
        history.recovered("s", after(leap_s + 100))

    assert on(path, before, now=after(-600)) == ()
    assert on(path, story) == ()
    by_s = leap_s + 60
    seen = all_rows(path, "SELECT first_seen_at, last_seen_at FROM target ORDER BY address")
    first_s = min(-500, by_s + 30)  # an earlier run's, but never after the last
    told = [(by_s, by_s + 30), (first_s, by_s + 30), (-500, -500)]
    assert seen == [tuple(rows.to_number(after(s)) for s in span) for span in told]
    spans = [(5, 5, 6), (by_s + 20, by_s + 30, leap_s + 100)]
    found = all_rows(path, "SELECT started_at, last_at, ended_at FROM outage ORDER BY id")
    assert found == [tuple(rows.to_number(after(s)) for s in span) for span in spans]


def test_what_another_run_saw_last_is_its_own_to_move_and_no_outage_ends_before_it_began(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"

    async def both() -> None:
        one, two = SqliteHistory(path, lambda: AT), SqliteHistory(path, lambda: AT)
        await one.start()
        await two.start()
        await record_two(one)
        for history, seconds in ((one, 20), (two, 30)):
            history.saw([TARGET.key], after(seconds))
            history.failed("s", ProblemCode.DNS, after(seconds))
            history._flush()
            await history.recall([])
        for history in (one, two):
            history.shift(-3600)
            await history.recall([])
        one.recovered("s", after(-7200))
        await asyncio.gather(one.close(), two.close())

    asyncio.run(both())
    assert all_rows(path, "SELECT last_seen_at FROM target") == [(rows.to_number(after(30 - 3600)),)]
    span = tuple(rows.to_number(after(s - 3600)) for s in (20, 30, 20))
    assert all_rows(path, "SELECT started_at, last_at, ended_at FROM outage") == [span]


@pytest.mark.parametrize(
    "content", [b"this is no database, but long enough" * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_damaged_file_is_set_aside_and_a_new_one_begun(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "history.sqlite"
    path.write_bytes(content)
    (notice,) = on(path, record_two)
    (aside,) = tmp_path.glob("*set-aside*")
    assert aside.read_bytes() == content
    assert aside.name in notice and "set aside" in notice
    assert all_rows(path, "SELECT count(*) FROM transition") == [(2,)]


def test_damage_that_shows_only_in_use_is_set_aside_too(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    on(path, record_two)
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\x55" * (len(whole) - 4096))
    notices = on(path, record_two)
    assert len(notices) == 1 and "damaged" in notices[0]
    assert all_rows(path, "SELECT count(*) FROM transition") == [(2,)]


def test_a_foreign_database_is_set_aside_unharmed(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE theirs (x)")
    db.commit()
    db.close()
    (notice,) = on(path, record_two)
    assert "something else" in notice
    (aside,) = tmp_path.glob("*set-aside*")
    assert all_rows(aside, "SELECT count(*) FROM theirs") == [(0,)]


def test_a_newer_file_is_read_and_never_written(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    on(path, record_two)
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.execute("PRAGMA journal_mode = DELETE")
    db.close()
    before = path.read_bytes()

    async def story(history: SqliteHistory) -> None:
        await history.record([change(State.RUNNING, State.DONE, 30)], [entry(State.DONE, 30)])
        history.saw([TARGET.key], after(90))
        assert len((await history.recall([TARGET.key]))[TARGET.key].transitions) == 2

    (notice,) = on(path, story)
    assert "newer" in notice
    assert path.read_bytes() == before
    assert list(tmp_path.glob("*set-aside*")) == []


def test_a_folder_that_cannot_be_made_leaves_a_history_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    async def story(history: SqliteHistory) -> None:
        await record_two(history)
        assert await history.recall([TARGET.key]) == {}

    (notice,) = on(tmp_path / "file" / "history.sqlite", story)
    assert notice.startswith("No history is kept")


def test_a_write_that_failed_for_the_moment_is_made_up_for(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    real, calls = rows.record, []

    def flaky(db: sqlite3.Connection, *args: Any) -> int:
        calls.append(args)
        if len(calls) == 1:
            raise sqlite3.OperationalError("database or disk is full")
        return real(db, *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "record", flaky)
        (notice,) = on(path, record_two)
    assert "full" in notice
    assert all_rows(path, "SELECT count(*) FROM transition") == [(2,)]


def test_old_transitions_are_pruned_a_bounded_number_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    on(path, record_two)
    db = sqlite3.connect(path, isolation_level=None)
    assert rows.prune(db, AT + timedelta(days=399)) == 0
    assert rows.prune(db, after(5), keep=timedelta(0)) == 1
    assert rows.prune(db, AT, keep_rows=0) == 1
    assert rows.recall(db, [TARGET.key])[TARGET.key].marks[0].state is State.RUNNING
    rows.prune(db, AT + timedelta(days=401))
    assert rows.recall(db, [TARGET.key]) == {}
    db.close()


def test_hostile_text_is_kept_as_far_as_it_can_be(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"

    async def story(history: SqliteHistory) -> None:
        odd = Transition(TARGET.key, "", None, State.UNKNOWN, "\ud800\x00\x1b[2J" + "x" * 9999, None, AT)
        await history.record([odd], [entry(State.UNKNOWN)])
        status = (await history.recall([TARGET.key]))[TARGET.key].transitions[0].status
        assert status is not None and len(status) == rows.TEXT_LIMIT and status.startswith("?\x00\x1b")

    assert on(path, story) == ()


def test_what_was_awaited_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    story = f"""
        import asyncio, os, sys
        sys.path.insert(0, {os.path.dirname(__file__)!r})
        from test_history import *
        async def main():
            history = SqliteHistory(__import__("pathlib").Path({str(path)!r}), lambda: AT)
            await history.start()
            await record_two(history)
            os.kill(os.getpid(), 9)
        asyncio.run(main())
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(story)], check=False)
    assert done.returncode == -9
    assert all_rows(path, "SELECT count(*) FROM transition") == [(2,)]
    assert on(path, nothing) == ()
