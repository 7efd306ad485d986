"""`scantop history`, and what `status` and `wait` learn from it: the real command, one file, several runs."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from command import Simulated, scantop, simulated
from pty_screen import on_terminal

HEAD = json.dumps({"scantop": "history", "version": 1})
WATCH = '[[watch]]\nserver = "sca"\njobs = { limit = 25 }\n'
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def day() -> Iterator[Simulated]:
    with simulated("--scenario=day", "--frozen") as world:
        yield world


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SCANTOP_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


def step(target: str, after: str, ago_s: float, **more: object) -> str:
    at = (NOW - timedelta(seconds=ago_s)).isoformat().replace("+00:00", "Z")
    return json.dumps({"target": target, "part": "", "after": after, "seen_at": at, "server_at": at, **more})


def past(count: int) -> str:
    """An export of so many runs of ten minutes each."""
    lines = [HEAD]
    for number in range(count):
        target, start_s = f"prod:build/app/{number + 1}", 90_000 - 700 * number
        lines += [step(target, "waiting", start_s), step(target, "running", start_s - 60)]
        lines.append(step(target, "done", start_s - 660))
    return "\n".join(lines) + "\n"


def test_an_export_comes_in_is_shown_and_goes_out_again(state: Path, tmp_path: Path) -> None:
    file = tmp_path / "seen.jsonl"
    file.write_text(past(20))
    assert scantop("history").err == f"scantop: nothing was seen yet: there is no {state}/history.sqlite\n"
    said = scantop("history", "import", str(file))
    assert (said.code, said.err) == (0, "scantop: 60 transitions were added\n")
    assert scantop("history").out.count("\n") == 61
    one = scantop("history", "prod:build/app/3", "--json").document["transitions"]
    assert [(row["part"], row["after"]) for row in one] == [("", "waiting"), ("", "running"), ("", "done")]
    assert len(scantop("history", "--since", "1d", "--json").document["transitions"]) < 60
    stages = {row["phase"]: row for row in scantop("history", "--stages", "--json").document["stages"]}
    assert (stages["run"]["runs"], stages["run"]["p95_s"]) == (20, [600.0, 600.0])
    assert (stages["in all"]["p50_s"], stages["wait"]["p50_s"]) == ([660.0, 660.0], [60.0, 60.0])
    assert (
        scantop("history", "--stages", "--csv").out.splitlines()[0] == "server,kind,type,stage,phase,runs,p50,p90,p95"
    )
    copy = tmp_path / "copy.jsonl"
    assert scantop("history", "export", str(copy)).code == 0
    assert len(copy.read_text().splitlines()) == 61 and copy.stat().st_mode & 0o077 == 0
    assert scantop("history", "export", str(copy)).code == 2
    assert scantop("history", "prune", "--older-than", "1h").err.endswith("transitions were dropped\n")
    assert scantop("history").out == ""


def test_how_polls_went_is_no_transition_and_is_pruned_by_the_same_age(state: Path, tmp_path: Path) -> None:
    file, copy = tmp_path / "seen.jsonl", tmp_path / "copy.jsonl"
    tallies = [
        json.dumps(
            {
                "server": "prod",
                "from": at.isoformat(),
                "polls": 5,
                "failed": 0,
                "sum_s": 1.0,
                "longest_s": 0.5,
                "spread": "",
            }
        )
        for at in (NOW - timedelta(days=3), NOW - timedelta(hours=1))
    ]
    file.write_text("\n".join([HEAD, step("prod:build/app/1", "done", 60), *tallies]) + "\n")
    assert scantop("history", "import", str(file)).err == "scantop: 1 transition was added\n"
    assert scantop("history", "export", str(copy)).err == f"scantop: 1 transition was written to {copy}\n"
    assert copy.read_text().count('"polls"') == 2
    assert scantop("history", "prune", "--older-than", "1d").err == "scantop: 0 transitions were dropped\n"
    assert scantop("history", "export", "-").out.count('"polls"') == 1


def test_anything_else_is_refused_with_its_line(state: Path, tmp_path: Path) -> None:
    file = tmp_path / "seen.jsonl"
    file.write_text(past(1) + '{"target": 1}\n')
    said = scantop("history", "import", str(file))
    assert said.code == 2 and said.err == f"scantop: {file}: line 5 names no target by its address; nothing was added\n"
    for argv in (
        *(["import"], ["export"], ["prune", "x"], ["a", "b"], ["--older-than", "1d"], ["--json", "--csv"]),
        *(["import", str(tmp_path)], ["export", str(tmp_path)], ["prune", "--server", "prod"], ["--since", "soon"]),
    ):
        said = scantop("history", *argv)
        assert said.code == 2 and said.err.count("\n") == 1, argv


def test_a_file_of_something_else_is_left_alone(state: Path) -> None:
    state.mkdir()
    db = sqlite3.connect(state / "history.sqlite")
    db.execute("CREATE TABLE theirs (x)")
    db.close()
    assert "something else" in scantop("history").err
    assert [path.name for path in state.iterdir()] == ["history.sqlite"]


def test_status_keeps_what_it_sees_and_tells_the_time_left(day: Simulated, state: Path, tmp_path: Path) -> None:
    config = ("--config", str(day.config(tmp_path / "config.toml", WATCH)))
    first = scantop(*config, "status", "--json").document
    active = [one for one in first["targets"] if one["state"] == "running"]
    assert active
    rows = [scantop("history", "--json").document["transitions"]][0]
    assert {row["target"] for row in rows} == {one["target"] for one in first["targets"]}
    kind = active[0]["detail"]["type"]
    lines = [HEAD]
    for number in range(12):
        target, begin = f"sca:job/{9000 + number}", timedelta(seconds=90_000 - 4000 * number)
        told = {
            name: (NOW - begin + timedelta(seconds=after_s)).isoformat()
            for name, after_s in (("queued_at", 0), ("began_at", 10), ("ended_at", 3610))
        }
        lines.append(step(target, "done", begin.total_seconds() - 3610, type=kind, **told))
    file = tmp_path / "past.jsonl"
    file.write_text("\n".join(lines))
    assert scantop("history", "import", str(file)).code == 0
    told_left = {one["target"]: one["left"] for one in scantop(*config, "status", "--json").document["targets"]}
    left = told_left[active[0]["target"]]
    assert left is not None and left["runs"] >= 12 and left["low_s"] <= left["high_s"] <= 3600
    assert "runs of the same type" in left["text"]


def test_a_damaged_history_is_set_aside_and_the_monitor_lives(day: Simulated, state: Path, tmp_path: Path) -> None:
    state.mkdir()
    (state / "history.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    said = scantop("history")
    assert said.code == 2 and "cannot be used" in said.err and said.err.count("\n") == 1
    config = str(day.config(tmp_path / "config.toml", WATCH))
    with on_terminal([sys.executable, "-m", "tui", "--config", config]) as terminal:
        terminal.until_shown("live", "Project Scan")
        terminal.type("m")
        terminal.until_shown("Messages", f"The history {str(state)[:40]}")  # the rest is beyond the width
        terminal.type("q")
        assert terminal.end() == 0
    aside = [path for path in state.iterdir() if "set-aside" in path.name]
    assert len(aside) == 1 and aside[0].read_bytes()[16:] == b"\xff" * 5000
    assert scantop("history", "--json").document["transitions"]
