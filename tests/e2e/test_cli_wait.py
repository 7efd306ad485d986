"""`scantop wait`: the real command against real servers that fail, end, and go away."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command import PATIENCE_S, Said, Simulated, scantop, simulated
from pty_screen import on_terminal

FAST = '[poll]\nactive = "100ms"\nsettled = "1s"\n'
BUILD = "prod:build/my-build/1?project=my-project"
SCAN = "tf:scan/6/41"
GONE = "prod:build/my-build/3"


@pytest.fixture(scope="module")
def documents() -> Iterator[Simulated]:
    """Servers that answer what the vendors' documents show; time stands still."""
    with simulated("--scenario=documents", "--frozen") as world:
        yield world


@pytest.fixture(scope="module")
def still() -> Iterator[Simulated]:
    """A working day at which nothing moves any more; scan 101 is being deleted for ever."""
    with simulated("--scenario=day", "--frozen", "--start-at=2026-11-22T07:00:00Z") as world:
        yield world


def wait(world: Simulated, folder: Path, *argv: str, **changes: dict[str, object]) -> Said:
    return scantop("--config", str(world.config(folder / "config.toml", FAST, **changes)), "wait", *argv)


def running_target(world: Simulated, folder: Path) -> str:
    """A scan that has not ended, and will not."""
    path = world.config(folder / "seek.toml", _watch_all(world))
    found = scantop("--config", str(path), "status", "--json").document["targets"]
    return next(str(one["target"]) for one in found if one["kind"] == "scan" and one["state"] == "running")


def _watch_all(world: Simulated) -> str:
    scans = [one for one in world.line["watch"] if "pending_scan" in one]
    rows = (f'[[watch]]\ntarget = "tf:scan/{one["application"]}/{one["pending_scan"]}"\n' for one in scans)
    return "".join(rows)


def events(said: Said) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.out.splitlines()]


def test_targets_that_have_ended_end_the_wait(documents: Simulated, tmp_path: Path) -> None:
    said = wait(documents, tmp_path, BUILD, "scan/6/41")
    assert said.code == 0, said.err
    lines = sorted(line.partition(" ") for line in said.out.splitlines())
    assert [(words) for _, _, words in sorted(lines, key=lambda parts: parts[2])] == [f"{BUILD} done", f"{SCAN} done"]
    assert all(len(time) == 20 and time.endswith("Z") for time, _, _ in lines)
    assert said.err.startswith("scantop: 2 of 2 targets done")


def test_json_is_a_line_an_event_and_a_summary(documents: Simulated, tmp_path: Path) -> None:
    said = wait(documents, tmp_path, BUILD, GONE, "--grace", "300ms", "--json")
    assert said.code == 6
    *told, summary = events(said)
    assert [one["event"] for one in told if one["target"] == GONE] == ["state", "ended"]
    assert summary["event"] == "summary" and summary["exit_code"] == 6 and summary["is_interrupted"] is False
    assert [(one["target"], one["outcome"], one["exit_code"]) for one in summary["targets"]] == [
        (BUILD, "done", 0),
        (GONE, "never_appeared", 6),
    ]
    assert [one["server"] for one in summary["servers"]] == ["prod"]


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["--timeout", "5s"], 5, "ran out of time: running"),
        (["--stuck-after", "300ms"], 7, "is stuck: nothing changed for"),
        (["--any", BUILD, "--timeout", "10s"], 0, f"{BUILD} done"),
        (["--fail-fast", GONE, "--grace", "300ms"], 6, "has not ended: running"),
    ],
)
def test_a_target_that_does_not_end(still: Simulated, tmp_path: Path, argv: list[str], code: int, words: str) -> None:
    said = wait(still, tmp_path, running_target(still, tmp_path), *argv)
    assert said.code == code and words in said.out, said


@pytest.mark.parametrize(
    ("fault", "code"),
    [("threadfix:503", 3), ("threadfix:login", 3), ("threadfix:reset-body", 3), ("threadfix:404", 5)],
)
def test_a_server_that_is_never_reached_is_three(documents: Simulated, tmp_path: Path, fault: str, code: int) -> None:
    documents.faults(fault)
    said = wait(documents, tmp_path, SCAN, "--timeout", "5s")
    documents.faults()
    assert said.code == code and "Traceback" not in said.err


@pytest.mark.parametrize("fault", ["503", "502", "reset-body", "half-json", "login", "empty", "500"])
def test_failures_are_survived_and_counted(documents: Simulated, tmp_path: Path, fault: str) -> None:
    documents.faults(f"threadfix:{fault}*3")
    said = wait(documents, tmp_path, SCAN, "--json", "--timeout", "30s")
    documents.faults()
    assert said.code == 0, said
    (server,) = events(said)[-1]["servers"]
    assert sum(server["failures"].values()) >= 1 and server["longest_without_answer_s"] > 0
    assert "polls failed" in said.err


def test_a_wrong_token_ends_with_four_long_before_the_time_is_up(documents: Simulated, tmp_path: Path) -> None:
    said = wait(documents, tmp_path, SCAN, "--timeout", "5m", tf={"token": "wr0ng-s3cret"})
    assert said.code == 4 and f"{SCAN} refused: " in said.out
    assert "wr0ng-s3cret" not in said.out + said.err


def test_a_name_that_does_not_resolve_is_three_when_the_time_is_up(documents: Simulated, tmp_path: Path) -> None:
    path = documents.config(tmp_path / "config.toml", tf={"url": "https://no-such-host.invalid/threadfix"})
    said = scantop("--config", str(path), "wait", SCAN, "--timeout", "1s")
    assert said.code == 3 and "could not be asked" in said.out


def test_heartbeats_keep_a_silent_log_alive(still: Simulated, tmp_path: Path) -> None:
    said = wait(still, tmp_path, running_target(still, tmp_path), "--timeout", "2s", "--heartbeat", "300ms")
    assert said.out.count(" waiting for ") >= 2
    said = wait(still, tmp_path, running_target(still, tmp_path), "--timeout", "2s", "--heartbeat", "0")
    assert " waiting for " not in said.out


@pytest.mark.parametrize("system", ["github", "gitlab", "jenkins"])
def test_annotations_stand_after_the_section_and_leave_json_alone(
    documents: Simulated, tmp_path: Path, system: str
) -> None:
    words = {"github": "::error title=", "gitlab": "ERROR: ", "jenkins": "[ERROR] "}[system]
    said = wait(documents, tmp_path, GONE, "--grace", "200ms", "--annotate", system)
    assert said.code == 6 and words in said.out.splitlines()[-1]
    said = wait(documents, tmp_path, GONE, "--grace", "200ms", "--annotate", system, "--json")
    assert events(said)[-1]["event"] == "summary" and words in said.err


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ([], "required: TARGET"),
        ([BUILD, "--timeout", "5"], "did you mean 5s?"),
        ([BUILD, "--stage", "vilations"], "did you mean 'violations'?"),
        ([SCAN, "--stage", "sca"], "has no stage 'sca'"),
        (["sca:job/1", "--stage", "sca"], "has no stages at all"),
        ([BUILD, "--stage-timeout", "sca"], "NAME=DURATION"),
        ([BUILD, "--stage-timeout", "scaa=5m"], "did you mean 'sca'?"),
        ([BUILD, "--stage-timeout", "sca=soon"], "not a duration"),
        ([BUILD, "--stuck-after", "long"], "not a duration"),
        ([BUILD, "--any", "--all"], "not allowed with"),
        ([BUILD, "--annotate", "teamcity"], "invalid choice"),
        (["biuld/a/1"], "did you mean 'build'?"),
        (["-"], "standard input names no target"),
    ],
)
def test_bad_input_is_one_sentence_and_two(documents: Simulated, tmp_path: Path, argv: list[str], words: str) -> None:
    said = wait(documents, tmp_path, *argv)
    assert (said.code, said.out) == (2, "") and said.err.count("\n") == 1 and words in said.err, said


def test_targets_come_from_standard_input(documents: Simulated, tmp_path: Path) -> None:
    path = documents.config(tmp_path / "config.toml", FAST)
    link = "http://10.150.1.155:8080/threadfix/rest/latest/applications/6/pendingScan/41/status"
    for text in (f"{SCAN}\n", json.dumps({"success": True, "links": [{"href": link}]})):
        said = scantop("--config", str(path), "wait", "-", stdin=text)
        assert said.code == 0 and f"{SCAN} done" in said.out, said


def test_a_closed_standard_input_is_a_sentence(documents: Simulated, tmp_path: Path) -> None:
    path = documents.config(tmp_path / "config.toml", FAST)
    command = f'"{sys.executable}" -m tui --config "{path}" wait - <&-'
    ran = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=PATIENCE_S)
    assert (ran.returncode, ran.stdout) == (2, "") and "standard input is closed" in ran.stderr
    command = f'"{sys.executable}" -m tui --config "{path}" wait {SCAN} <&-'
    assert subprocess.run(["sh", "-c", command], capture_output=True, timeout=PATIENCE_S).returncode == 0


def start(world: Simulated, folder: Path, *argv: str, **streams: Any) -> subprocess.Popen[str]:
    path = world.config(folder / "config.toml", FAST)
    argv = (sys.executable, "-m", "tui", "--config", str(path), "wait", *argv)
    return subprocess.Popen(argv, text=True, **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams})


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_prints_the_state_and_is_130(still: Simulated, tmp_path: Path, number: signal.Signals) -> None:
    target = running_target(still, tmp_path)
    child = start(still, tmp_path, target, BUILD)
    assert child.stdout is not None
    seen = ""
    while target not in seen or BUILD not in seen:
        seen += (line := child.stdout.readline())
        assert line, "it ended by itself"
    child.send_signal(number)
    out, err = child.communicate(timeout=PATIENCE_S)
    assert child.returncode == 130
    assert f"{target} has not ended: running" in out and f"{BUILD} done" in out
    assert "Traceback" not in err and "1 of 2 targets done" in err


def test_a_reader_that_goes_away_ends_it_quietly_and_not_with_zero(still: Simulated, tmp_path: Path) -> None:
    child = start(still, tmp_path, running_target(still, tmp_path), "--heartbeat", "100ms")
    assert child.stdout is not None and child.stderr is not None
    child.stdout.readline()
    child.stdout.close()
    assert child.wait(PATIENCE_S) == 8
    assert "Traceback" not in (text := child.stderr.read()) and "Broken" not in text
    child.stderr.close()


def test_it_asks_for_nothing_but_its_targets(documents: Simulated, tmp_path: Path) -> None:
    documents.control("requests", method="DELETE")
    assert wait(documents, tmp_path, BUILD, SCAN).code == 0
    assert set(documents.control("requests", method="GET")["counts"]) == {"xray/build-status", "threadfix/scan-status"}


# on a terminal


def on_pty(world: Simulated, folder: Path, *argv: str, **environ: str) -> tuple[str, bytes, int]:
    """What a wait left on a terminal, all that it wrote, and its exit code."""
    path = world.config(folder / "config.toml", FAST)
    command = [sys.executable, "-m", "tui", "--config", str(path), "wait", *argv]
    with on_terminal(command, 80, 24, {**os.environ, **environ}) as terminal:
        code = terminal.end()
        return terminal.text, terminal.written, code


def test_a_terminal_keeps_one_line_a_target(documents: Simulated, tmp_path: Path) -> None:
    text, written, code = on_pty(documents, tmp_path, BUILD, GONE, "--grace", "1s")
    lines = [line for line in text.splitlines() if line]
    assert code == 6 and len(lines) == 4  # the sentence at the end takes two
    assert lines[0] == f"✓ {BUILD}  done" and lines[1].startswith(f"□ {GONE}  never appeared within 1s")
    assert lines[2].startswith("scantop: 1 of 2 targets done") and b"\x1b[32m" in written


@pytest.mark.parametrize("environ", [{"CI": "true"}, {"TERM": "dumb"}, {"TERM": ""}])
def test_ci_and_a_dumb_terminal_get_plain_lines(documents: Simulated, tmp_path: Path, environ: dict[str, str]) -> None:
    text, written, code = on_pty(documents, tmp_path, BUILD, SCAN, **environ)
    assert code == 0 and b"\x1b" not in written and f"Z {BUILD} done" in text


def test_no_color_has_no_colour(documents: Simulated, tmp_path: Path) -> None:
    _, written, code = on_pty(documents, tmp_path, BUILD, NO_COLOR="1")
    assert code == 0 and b"\x1b[" in written  # the view is there all the same
    assert not any(f"\x1b[{number}m".encode() in written for number in (*range(30, 38), 0, 1, 2))
