"""kill -9 at any moment: the watch list, the preferences and the history load afterwards, and lose nothing.

A writer changes all three as fast as it can and is killed at a random moment, a hundred times. To be that cheap it is
forked from a process that has everything imported.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from tui.preferences import PreferencesFile
from tui.watchlist import WatchList

KILLS = 100
LONGEST_S = 0.08  # a writer makes one to several rounds in that time
NOW = datetime(2026, 11, 22, 7, tzinfo=UTC)

# Forks writers one after the other, kills each after a random time, and prints what they had said was written.
HARNESS = """
import asyncio, os, random, signal, sys, time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tui.domain.snapshot import Entry, Transition
from tui.domain.state import State
from tui.domain.target import Target
from tui.history.sqlite import SqliteHistory
from tui.preferences import Preferences, PreferencesFile
from tui.watchlist import Listed, WatchList

folder, kills, longest_s, seed = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
chance = random.Random(seed)
now = datetime(2026, 11, 22, 7, tzinfo=UTC)


async def write(number, told):
    history = SqliteHistory(folder / "history.sqlite", lambda: now)
    await history.start()
    round_number = 0
    while True:
        round_number += 1
        target = Target("prod", "build", ("b", f"{number}-{round_number}"))
        key = target.key
        WatchList(folder).add([Listed(key, added_at=now)], now)
        PreferencesFile(folder).save(Preferences(lines=(key,) * (1 + round_number % 90)))
        at = now + timedelta(seconds=number * 1000 + round_number)
        entry = Entry(key, target, first_seen_at=at, polled_at=at)
        await history.record([Transition(key, "", None, State.RUNNING, "SCANNING", at, at)], [entry])
        os.write(told, f"{key}\\n".encode())


written, told = os.pipe()
for number in range(kills):
    child = os.fork()
    if child == 0:
        asyncio.run(write(number, told))
    time.sleep(chance.random() * longest_s)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
os.close(told)
with os.fdopen(written) as lines:
    print(lines.read(), end="")
"""


def test_killed_a_hundred_times_everything_loads_and_nothing_told_is_lost(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", HARNESS, str(tmp_path), str(KILLS), str(LONGEST_S), "5"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    told = ran.stdout.split()
    assert len({key.partition("-")[0] for key in told}) >= 3  # some writers got somewhere before their end
    contents = WatchList(tmp_path).read(NOW)
    assert contents.trouble == "" and {entry.address for entry in contents.entries} >= set(told)
    preferences, notice = PreferencesFile(tmp_path).load()
    assert notice == "" and preferences.lines
    with sqlite3.connect(tmp_path / "history.sqlite") as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        seen = {
            address for (address,) in db.execute("SELECT address FROM target JOIN transition ON target.id = target_id")
        }
    assert seen >= set(told)
    assert not [path.name for path in tmp_path.iterdir() if "aside" in path.name]
