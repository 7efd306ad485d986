"""The history as something to learn from: what is read of it, what that costs, what several processes make of it."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from test_history import AT, TARGET, after, all_rows, change, entry, on

from tui.domain.durations import run_step
from tui.domain.learning import Told
from tui.domain.outlook import Outlook
from tui.domain.records import Fields, Record
from tui.domain.snapshot import Entry, Transition
from tui.domain.state import State
from tui.domain.target import Target
from tui.history import reading, rows, schema
from tui.history.files import open_database
from tui.history.sqlite import SqliteHistory
from tui.polling.experience import Experience

HERE = os.path.dirname(__file__)
WAITING, RUNNING, DONE = State.WAITING, State.RUNNING, State.DONE


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    db = open_database(path)
    try:
        yield db
    finally:
        db.close()


def fill(path: Path, count: int, targets: int = 50) -> None:
    """So many transitions, with plain SQL: a second each, the targets in turn."""
    with opened(path) as db:
        db.execute("BEGIN")
        db.executemany(
            "INSERT INTO target (id, address, server, kind, first_seen_at, last_seen_at)"
            " VALUES (?, ?, 's', 'job', 0, ?)",
            [(number + 1, f"s:job/{number + 1}", rows.to_number(AT)) for number in range(targets)],
        )
        start = rows.to_number(AT - timedelta(seconds=count))
        states = ("waiting", "running", "done")
        db.executemany(
            "INSERT INTO transition (target_id, part, before, after, after_at, seen_at) VALUES (?, '', ?, ?, ?, ?)",
            (
                (
                    n % targets + 1,
                    states[(n // targets - 1) % 3],
                    states[n // targets % 3],
                    start + (n - 1) * 10**6,
                    start + n * 10**6,
                )
                for n in range(count)
            ),
        )
        db.execute("COMMIT")


def job(number: int, state: State, **times: float) -> Entry:
    target = Target("s", "job", (str(number),))
    detail = Fields((("type", "Project Scan"), *((name, after(seconds)) for name, seconds in times.items())))
    return Entry(target.key, target, Record(target, "Job", state, state.value, detail=detail), polled_at=AT)


# learning


def test_what_one_run_saw_the_next_one_knows_how_long_it_takes(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"

    async def first(history: SqliteHistory) -> None:
        for number in range(12):
            one = job(number, DONE, queued_at=-500, activated_at=-400, completed_at=-300 + number)
            seen = Transition(one.key, "", None, DONE, "Completed", None, AT, after(-300 + number))
            await history.record([seen], [one])

    assert on(path, first) == ()

    async def second() -> Outlook:
        history = SqliteHistory(path, lambda: AT)
        experience = Experience(history, Outlook(), history)
        await experience.start()
        await experience.learnt()
        await experience.close()
        return experience.outlook

    outlook = asyncio.run(second())
    found = outlook.learner.durations.find(reading.scope_of("s:job/99", "Project Scan", ""), run_step(""))
    assert found is not None and sorted(run.high_s for run in found.sample) == [100.0 + n for n in range(12)]


def test_what_happens_while_the_past_is_read_comes_after_it(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"

    async def first(history: SqliteHistory) -> None:
        await history.record([change(None, WAITING, -99)], [entry(WAITING, -99)])
        await history.record([change(WAITING, RUNNING, -90)], [entry(RUNNING, -90)])

    on(path, first)

    async def second() -> Outlook:
        history = SqliteHistory(path, lambda: AT)
        experience = Experience(history, Outlook(), history)
        await experience.start()
        await experience.record([change(RUNNING, DONE, 10)], [entry(DONE, 10)])
        await experience.learnt()
        await experience.close()
        return experience.outlook

    steps = {step: list(sample) for _, step, sample in asyncio.run(second()).learner.durations.steps()}
    assert [(run.low_s, run.high_s) for run in steps[run_step("")]] == [(95.0, 105.0)]


def test_without_a_file_what_is_seen_is_learnt_all_the_same() -> None:
    from tui.polling.history import NoHistory

    async def story() -> Outlook:
        experience = Experience(NoHistory(), Outlook())
        await experience.start()
        for number, (before, now) in enumerate(((None, WAITING), (WAITING, RUNNING), (RUNNING, DONE))):
            await experience.record([change(before, now, number * 20)], [entry(now, number * 20)])
        await experience.close()
        return experience.outlook

    assert run_step("") in {step for _, step, _ in asyncio.run(story()).learner.durations.steps()}


def test_a_time_that_the_server_told_once_is_kept_when_it_tells_it_no_more(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"

    async def story(history: SqliteHistory) -> None:
        one = job(1, RUNNING, queued_at=-50, activated_at=-40)
        await history.record([Transition(one.key, "", None, RUNNING, "Active", None, AT)], [one])
        bare = job(1, State.MISSING)
        await history.record([Transition(one.key, "", RUNNING, State.MISSING, None, AT, after(5))], [bare])

    on(path, story)
    with opened(path) as db:
        assert [seen.told for seen in reading.everything(db)] == [Told(after(-50), after(-40), None)] * 2


# what it costs


def plans(db: sqlite3.Connection, run: object) -> list[str]:
    """The query plan of every statement that `run` makes."""
    said: list[str] = []
    db.set_trace_callback(said.append)
    run(db)  # type: ignore[operator]
    db.set_trace_callback(None)
    found = []
    for sql in said:
        if sql.startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            found += [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}")]
    return found


def steps_of(db: sqlite3.Connection, run: object) -> int:
    """How much SQLite works for `run`, in thousands of its machine's steps."""
    count = 0

    def tick() -> int:
        nonlocal count
        count += 1
        return 0

    db.set_progress_handler(tick, 100)
    run(db)  # type: ignore[operator]
    db.set_progress_handler(None, 100)
    return count


def opening(db: sqlite3.Connection) -> None:
    """What a start asks of the file before the first poll is shown."""
    schema.migrate(db)
    reading.learnt_from(db)
    rows.recall(db, [f"s:job/{number}" for number in range(1, 30)])
    rows.prune(db, AT)


def test_a_start_costs_no_more_on_a_large_history(tmp_path: Path) -> None:
    work = {}
    for count in (3_000, 60_000):
        path = tmp_path / f"{count}.sqlite"
        fill(path, count)
        with opened(path) as db:
            work[count] = steps_of(db, opening)
            found = plans(db, opening)
            assert [plan for plan in found if plan.startswith("SCAN") and "USING" not in plan] == []
    assert work[60_000] <= work[3_000] * 1.1 + 5


def test_no_more_is_learnt_from_than_a_bounded_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LEARNT", 500)
    monkeypatch.setattr(reading, "LEARNT_AT_ONCE", 200)
    path = tmp_path / "history.sqlite"
    fill(path, 2_000)

    async def story(history: SqliteHistory) -> None:
        pieces = [len(piece) async for piece in history.past()]
        assert pieces == [200, 200, 100]

    assert on(path, story) == ()


# versions


def test_a_file_of_the_first_schema_is_brought_up_and_keeps_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("BEGIN")
    schema.run_script(db, schema._FIRST)
    db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    db.execute("PRAGMA user_version = 1")
    seen = rows.to_number(AT)
    sql = "INSERT INTO target (address, server, kind, first_seen_at, last_seen_at) VALUES (?, 's', 'job', ?, ?)"
    db.execute(sql, (TARGET.key, seen, seen))
    db.execute("INSERT INTO transition (target_id, part, after, seen_at) VALUES (1, '', 'done', ?)", (seen,))
    db.execute("COMMIT")
    db.close()

    async def look(history: SqliteHistory) -> None:
        assert len((await history.recall([TARGET.key]))[TARGET.key].transitions) == 1
        assert sum([len(piece) async for piece in history.past()]) == 1

    assert on(path, look) == ()
    assert all_rows(path, "PRAGMA user_version") == [(schema.VERSION,)]
    assert all_rows(path, "SELECT queued_at FROM target") == [(None,)]


# several processes, and their sudden end


def child(path: Path, body: str) -> subprocess.Popen[bytes]:
    head = f"""
        import asyncio, sys
        from pathlib import Path
        sys.path.insert(0, {HERE!r})
        from test_history import *
        PATH = Path({str(path)!r})
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(head) + textwrap.dedent(body)], stdout=subprocess.PIPE
    )


def test_processes_that_write_at_once_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    body = """
        async def main():
            history = SqliteHistory(PATH, lambda: after(60))
            await history.start()
            for number in range(60):
                states = (State.WAITING, State.RUNNING)
                before = states[(number + 1) % 2] if number else None
                shared = change(before, states[number % 2], number)
                await history.record([shared], [entry(states[number % 2], number)])
                own = Target("s", "job", (f"{sys.argv[0]}{OWN}{number}",))
                own_step = Transition(own.key, "", None, State.DONE, "", None, AT)
                await history.record([own_step], [entry(State.DONE, 0, own)])
            await history.close()
            print(*history.take_notices())
        asyncio.run(main())
    """
    writers = [child(path, f"OWN = {number}00\n" + textwrap.dedent(body)) for number in range(3)]
    said = [writer.communicate(timeout=60)[0].strip() for writer in writers]
    assert said == [b""] * 3
    where = f"JOIN target ON target.id = target_id WHERE address = '{TARGET.key}'"
    shared = all_rows(path, f"SELECT count(*) FROM transition {where}")
    assert shared == [(60,)]
    assert all_rows(path, "SELECT count(*) FROM target") == [(181,)]
    assert all_rows(path, "PRAGMA integrity_check") == [("ok",)]


def test_a_kill_at_any_moment_loses_nothing_that_was_shown(tmp_path: Path) -> None:
    """Twenty writers in turn on one file, each killed soon after it has said that some transitions are written."""
    path = tmp_path / "history.sqlite"
    body = """
        async def main():
            history = SqliteHistory(PATH, lambda: AT)
            await history.start()
            number = START
            while True:
                number += 1
                own = Target("s", "job", (str(number),))
                own_step = Transition(own.key, "", None, State.DONE, "", None, AT)
                await history.record([own_step], [entry(State.DONE, 0, own)])
                print(number, flush=True)
        asyncio.run(main())
    """
    chance = random.Random(3)
    shown: set[int] = set()
    for turn in range(20):
        writer = child(path, f"START = {turn * 10_000}\n" + textwrap.dedent(body))
        assert writer.stdout is not None
        for _ in range(chance.randint(1, 25)):
            shown.add(int(writer.stdout.readline()))
        writer.kill()
        shown |= {int(line) for line in writer.stdout.read().split(b"\n")[:-1]}
        writer.wait()
        writer.stdout.close()
    kept = {int(address.rpartition("/")[2]) for (address,) in all_rows(path, "SELECT address FROM target")}
    assert shown - kept == set() and len(shown) >= 20
    assert all_rows(path, "PRAGMA integrity_check") == [("ok",)]
    assert on(path, _nothing) == ()


async def _nothing(history: SqliteHistory) -> None:
    pass
