"""What a long history costs beside a short one: until the monitor runs, to learn from it, to take it elsewhere.

Counts are asserted (SQLite's own steps, statements, rows and bytes); times are printed as ratios. The suite uses a
small history; SCANTOP_BENCH_TRANSITIONS=1000000 makes it a real one.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tui.domain.durations import Durations
from tui.domain.learning import Learner, learn
from tui.domain.snapshot import Entry, Transition
from tui.domain.state import State
from tui.domain.target import Target
from tui.history import carrying, reading
from tui.history import sqlite as history_sqlite
from tui.history.carrying import export_lines, import_lines
from tui.history.files import open_database
from tui.history.rows import prune
from tui.history.schema import to_number
from tui.history.sqlite import SqliteHistory

MANY = int(os.environ.get("SCANTOP_BENCH_TRANSITIONS", "30000"))
FEW = 600
NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
SPAN = timedelta(days=300)
PIECE = 40  # transitions at once, where memory is measured: that makes everything slow
STEP = 100  # of SQLite's virtual machine, between two counts
# part, before, after, seconds since the start of the run
WAY = (
    ("", None, "waiting", 0),
    ("sca", None, "waiting", 0),
    ("", "waiting", "running", 30),
    ("sca", "waiting", "running", 30),
    ("sca", "running", "done", 120),
    ("@secrets", None, "running", 130),
    ("@secrets", "running", "done", 200),
    ("", "running", "done", 300),
)
Figure = Callable[[str, object], None]


def fill(path: Path, transitions: int) -> Path:
    """A history of so many transitions, over the same 300 days."""
    runs = transitions // len(WAY)
    starts = [to_number(NOW - SPAN * (runs - number) / runs) for number in range(runs)]
    with closing(open_database(path)) as db:
        db.execute("BEGIN")
        db.executemany(
            "INSERT INTO target (id, address, server, kind, name, first_seen_at, last_seen_at)"
            " VALUES (?, ?, 'prod', 'build', ?, ?, ?)",
            ((n + 1, address(n), f"app {n}", start, start + 10**9) for n, start in enumerate(starts)),
        )
        db.executemany(
            "INSERT INTO transition (target_id, part, before, after, status, after_at, seen_at, server_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (n + 1, part, before, after, after.upper(), at - 10**6, at, at)
                for n, start in enumerate(starts)
                for part, before, after, gone_s in WAY
                for at in (start + (gone_s + n % 37) * 10**6,)
            ),
        )
        db.executemany(
            "INSERT INTO mark (target_id, part, state, status, since_at, seen_at) VALUES (?, ?, 'done', 'DONE', ?, ?)",
            ((n + 1, part, at, at) for n, at in enumerate(starts) for part in ("", "@secrets", "sca")),
        )
        db.execute("COMMIT")
    return path


def address(number: int) -> str:
    return f"prod:build/app-{number % 50}/{number // 50}"


@pytest.fixture(scope="module")
def histories(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A short one and a long one."""
    folder = tmp_path_factory.mktemp("size")
    return fill(folder / "few" / "history.sqlite", FEW), fill(folder / "many" / "history.sqlite", MANY)


class Counter:
    """What SQLite did: steps of its machine (in hundreds) and statements."""

    def __init__(self) -> None:
        self.steps = 0
        self.statements: list[str] = []

    def opened(self, path: Path) -> sqlite3.Connection:
        db = open_database(path)
        db.set_progress_handler(self._step, STEP)
        db.set_trace_callback(self.statements.append)
        return db

    def _step(self) -> int:
        self.steps += 1
        return 0


def started(path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Counter, float]:
    """Open it, recall what is watched, write a first change: what the monitor does until it is under way."""
    counter, target = Counter(), Target("prod", "build", ("fresh", "1"))
    monkeypatch.setattr(history_sqlite, "open_database", counter.opened)

    async def run() -> None:
        history = SqliteHistory(path, lambda: NOW)
        await history.start()
        assert len(await history.recall([address(number) for number in range(50)])) == 50
        change = Transition(target.key, "", None, State.RUNNING, None, None, NOW)
        await history.record([change], [Entry(target.key, target, polled_at=NOW)])
        await history.close()

    start = time.perf_counter()
    asyncio.run(run())
    return counter, time.perf_counter() - start


def test_the_monitor_starts_as_cheaply_on_a_long_history(
    histories: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, figure: Figure
) -> None:
    (few, few_s), (many, many_s) = (started(path, monkeypatch) for path in histories)
    figure(f"start on {MANY:,} transitions: steps, beside {FEW}'s {few.steps * STEP:,}", f"{many.steps * STEP:,}")
    figure("start on them: time as a multiple", f"{many_s / few_s:.2f}")
    assert len(many.statements) == len(few.statements)
    assert many.steps <= few.steps * 1.5 + 10


def test_what_is_learnt_from_is_bounded_and_comes_in_small_pieces(
    histories: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, figure: Figure
) -> None:
    monkeypatch.setattr(reading, "LEARNT", min(reading.LEARNT, MANY // 4))

    async def run() -> tuple[list[int], list[float]]:
        history = SqliteHistory(histories[1], lambda: NOW)
        await history.start()
        waits, learner = asyncio.create_task(_waits()), Learner()
        pieces = []
        async for lessons in history.past():
            pieces.append(len(lessons))
            await asyncio.to_thread(learn, learner, lessons)
        waits.cancel()
        await history.close()
        assert isinstance(learner.durations, Durations) and any(learner.durations.steps())
        return pieces, stalls

    stalls: list[float] = []

    async def _waits() -> None:
        """How late the event loop is with what is due, while somebody learns beside it."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + 0.005
            await asyncio.sleep(0.005)
            stalls.append(loop.time() - due)

    pieces, late = asyncio.run(run())
    figure("learning: pieces, and the longest wait of the event loop (ms)", f"{len(pieces)}, {max(late) * 1000:.0f}")
    assert sum(pieces) <= reading.LEARNT + len(WAY) and max(pieces) <= reading.LEARNT_AT_ONCE


def test_questions_cost_what_they_bring(histories: tuple[Path, Path], figure: Figure) -> None:
    questions: dict[str, Callable[[sqlite3.Connection], list[reading.Seen] | int]] = {
        "the newest 200": lambda db: reading.seen_since(db, None, most=200),
        "one target": lambda db: reading.seen_of(db, address(3), None),
        "an hour": lambda db: reading.seen_since(db, NOW - timedelta(hours=1), most=200),
        "nothing to prune": lambda db: prune(db, NOW),
    }
    for name, ask in questions.items():
        steps, brought = [], 0
        for path in histories:
            counter = Counter()
            with closing(counter.opened(path)) as db:
                found = ask(db)
                brought = len(found) if isinstance(found, list) else found
            steps.append(counter.steps)
        figure(f"{name}: steps, beside {steps[0] * STEP:,}", f"{steps[1] * STEP:,}")
        assert steps[1] <= steps[0] * 1.5 + 10 + brought, name  # a row is about half of that


def test_carrying_needs_no_more_memory_for_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, figure: Figure
) -> None:
    monkeypatch.setattr(carrying, "ADDED_AT_ONCE", PIECE)
    peaks: dict[str, list[int]] = {"export": [], "import": []}
    for count in (4 * PIECE, 20 * PIECE):
        path = fill(tmp_path / str(count) / "history.sqlite", count)
        with closing(open_database(path)) as db, closing(open_database(path.with_name("copy"))) as copy:
            peaks["export"].append(_peak(lambda db=db: sum(1 for _ in export_lines(db, PIECE))))
            lines = list(export_lines(db))
            peaks["import"].append(_peak(lambda copy=copy, lines=lines: import_lines(copy, lines)))
    for name, (less, more) in peaks.items():
        figure(f"{name}: peak of memory for five times as many (kB), beside {less // 1000:,}", f"{more // 1000:,}")
        assert more < less * 1.5, name


def _peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture(autouse=True)
def _no_leftovers() -> Iterator[None]:
    yield
    assert not tracemalloc.is_tracing()
