"""Questions about the past: what they find, what they cost, and that no file makes them fail."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from test_history import AT, after, all_rows, on
from test_past import fill, job, opened, plans, steps_of

from tui.domain.durations import Scope, scope_of
from tui.domain.latency import BUCKET_S, by_bucket, poll_of
from tui.domain.past_runs import PastRun
from tui.domain.pulse import Grid, ServerPulse, grid_for
from tui.domain.records import Record
from tui.domain.snapshot import Entry, Transition
from tui.domain.state import State
from tui.domain.target import Target
from tui.history import lookback, rows, tallies
from tui.history.carrying import export_lines, import_lines
from tui.history.lookback import SqliteLookback
from tui.history.sqlite import FLUSH_S, SqliteHistory

WAITING, RUNNING, DONE = State.WAITING, State.RUNNING, State.DONE
GRID = grid_for(AT, 3_600, 12)


def build(name: str, number: int, state: State, seconds: float, before: State | None) -> tuple[Transition, Entry]:
    target = Target("s", "build", (name, str(number)))
    record = Record(target, f"{name} {number}", state, state.value)
    earlier = after(seconds - 2) if before is not None else None
    told = after(seconds - 1)
    one = Transition(target.key, "", before, state, state.value, earlier, after(seconds), told)
    return one, Entry(target.key, target, record, first_seen_at=after(seconds), polled_at=after(seconds))


async def scans(history: SqliteHistory) -> None:
    """Thirty numbers of one build, a minute apart, each ten seconds longer; others between; the last one still runs."""
    for number in range(30):
        start = number * 60 - 3_000
        for name in ("shop", "shop-api"):
            steps = [(WAITING, start, None), (RUNNING, start + 5, WAITING), (DONE, start + 20 + number, RUNNING)]
            for state, seconds, before in steps[: 2 if number == 29 else 3]:
                one, entry = build(name, number, state, seconds, before)
                await history.record([one], [replace(entry, first_seen_at=after(start))])


def asked(path: Path, scope: Scope, key: str, most: int = 20) -> tuple[PastRun, ...]:
    return asyncio.run(SqliteLookback(path).last_runs(scope, key, most))


def pulse_of(path: Path, grid: Grid = GRID) -> tuple[ServerPulse, ...]:
    return asyncio.run(SqliteLookback(path).pulse(("s",), grid, AT))


def test_the_last_runs_of_a_name_are_found_and_no_others(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    assert on(path, scans) == ()
    own = "s:build/shop/29"
    found = asked(path, scope_of(own, "", ""), own)
    assert [run.key for run in found] == [f"s:build/shop/{number}" for number in range(10, 30)]
    assert [run.seconds(AT) for run in found[:3]] == [30, 31, 32]
    assert (found[-1].state, found[-1].ended_at, found[-1].began_at) == (RUNNING, None, after(29 * 60 - 3_001))
    old = "s:build/shop/3"  # not among the newest: its own run is there all the same
    assert asked(path, scope_of(old, "", ""), old, 5)[0].key == old
    assert asked(path, scope_of("s:build/none/1", "", ""), "s:build/none/1") == ()


def test_jobs_are_compared_by_type_and_project_as_their_server_tells_them(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"

    async def story(history: SqliteHistory) -> None:
        for number in range(5):
            one = job(number, DONE, queued_at=-500, activated_at=-400, completed_at=-300 + number)
            await history.record([Transition(one.key, "", None, DONE, "", None, AT, after(-300))], [one])

    on(path, story)
    found = asked(path, Scope("s", "job", "Project Scan", ""), "s:job/2")
    assert [run.seconds(AT) for run in found] == [200, 201, 202, 203, 204]
    assert asked(path, Scope("s", "job", "PDL Update", ""), "s:job/9") == ()


async def polls(history: SqliteHistory) -> None:
    for second in range(0, 600, 10):
        failed = 300 <= second < 360
        history.polled("s", after(second - 900), None if failed else 0.05)
    await scans(history)


def test_polls_are_kept_by_server_and_five_minutes_and_several_processes_add_up(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    on(path, polls)
    on(path, polls)
    kept = all_rows(path, "SELECT bucket_s, polls, failed, longest_us FROM tally ORDER BY bucket_s")
    first = by_bucket(after(-900).timestamp())
    assert kept == [(first, 60, 0, 50_000), (first + BUCKET_S, 60, 12, 50_000)]
    (found,) = pulse_of(path)
    assert [one for one in found.failed if one is not None] == [0, 12]
    assert {round(one, 2) for one in found.middle_s if one is not None} == {0.05}
    assert sum(one or 0 for one in found.good) == 58 and max(one or 0 for one in found.level(RUNNING)) >= 2
    with opened(path) as db:
        tallies.prune(db, AT + tallies.KEEP + timedelta(days=1))
        assert db.execute("SELECT count(*) FROM tally").fetchone() == (0,)


def test_polls_reach_the_disk_while_nothing_else_happens(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"

    async def story(history: SqliteHistory) -> None:
        history.polled("s", AT, 0.1)
        history.polled("s", after(FLUSH_S), 0.1)
        await history.recall(["x"])  # the thread does one thing after the other
        assert all_rows(path, "SELECT sum(polls) FROM tally") == [(2,)]

    assert on(path, story) == ()


def test_how_polls_went_is_carried_along_and_what_is_known_already_stays(tmp_path: Path) -> None:
    one, two = tmp_path / "one.sqlite", tmp_path / "two.sqlite"
    on(one, polls)
    with opened(one) as db, opened(two) as other:
        lines = list(export_lines(db))
        import_lines(other, lines)
        import_lines(other, lines)
        assert list(tallies.everything(other)) == list(tallies.everything(db)) != []


# what cannot be read


def broken(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(0)
        file.write(b"no database at all")


def newer(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.commit()
    db.close()


def odd(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("UPDATE target SET first_seen_at = 'x', last_seen_at = 'y', name = x'ff'")
    db.execute("UPDATE transition SET seen_at = 9223372036854775807, after = 5, server_at = 'z'")
    db.execute("UPDATE tally SET polls = 'x', longest_us = -5, spread = x'00'")
    db.commit()
    db.close()


@pytest.mark.parametrize("spoil", [Path.unlink, broken, newer, odd])
def test_a_file_that_cannot_be_used_answers_nothing_and_is_left_alone(tmp_path: Path, spoil: object) -> None:
    path = tmp_path / "h.sqlite"
    on(path, polls)
    spoil(path)  # type: ignore[operator]
    before = path.read_bytes() if path.exists() else None
    assert all(one.is_empty for one in pulse_of(path))
    asked(path, scope_of("s:build/shop/29", "", ""), "s:build/shop/29")
    assert (path.read_bytes() if path.exists() else None) == before


def test_a_writer_in_the_middle_of_a_transaction_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    on(path, polls)
    with opened(path) as db:
        db.execute("BEGIN EXCLUSIVE")
        db.execute("DELETE FROM tally")
        assert not pulse_of(path)[0].is_empty
        db.execute("ROLLBACK")


# what it costs


def test_every_question_goes_along_an_index_and_has_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookback, "STEPS", 400)
    monkeypatch.setattr(lookback, "LIVES", 400)
    monkeypatch.setattr(lookback, "LIKE_LOOKED_AT", 400)
    work = {}

    def everything(db: sqlite3.Connection) -> None:
        lookback.pulse(db, ("s",), GRID, AT)
        lookback.last_runs(db, Scope("s", "job"), "s:job/7", 20)
        tallies.prune(db, AT)

    for count in (3_000, 60_000):
        path = tmp_path / f"{count}.sqlite"
        fill(path, count, targets=count // 10)
        with opened(path) as db:
            db.execute("UPDATE target SET first_seen_at = id")
            db.execute("INSERT INTO mark SELECT id, '', 'done', '', 0, 0 FROM target")
            work[count] = steps_of(db, everything)
            found = plans(db, everything)
            assert [plan for plan in found if "SCAN" in plan or "TEMP B-TREE" in plan] == []
    assert work[60_000] <= work[3_000] * 1.5 + 10


@pytest.mark.parametrize(("limit", "most"), [("STEPS", 30), ("WHOLE_STEPS", 20)])
def test_what_is_not_read_is_not_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int) -> None:
    path = tmp_path / "h.sqlite"
    on(path, polls)
    with opened(path) as db:  # it was polled all the time
        starts = [int(GRID.start_at.timestamp()) + GRID.step_s * column for column in range(GRID.columns)]
        tallies.put(db, {("s", start): poll_of(0.1) for start in starts})
        db.commit()
    assert None not in pulse_of(path)[0].good
    monkeypatch.setattr(lookback, limit, most)
    (found,) = pulse_of(path)
    known = [index for index, one in enumerate(found.good) if one is not None]
    assert known and known[0] > 3


def test_a_file_of_the_second_schema_gets_its_new_tables_without_touching_the_large_ones(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    fill(path, 5_000)
    with opened(path) as db:
        db.execute("DROP TABLE tally")
        db.execute("DROP INDEX target_by_likeness")
        db.execute("PRAGMA user_version = 2")
        before = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'transition'").fetchone()
    assert pulse_of(path) == ()
    on(path, polls)
    with opened(path) as db:
        assert db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'transition'").fetchone() == before
        assert not pulse_of(path)[0].is_empty and rows.prune(db, AT) == 0
