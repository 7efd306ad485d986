"""Pipes that close, streams that are not there, interrupts; and what the command line never imports."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command import PATIENCE_S, scantop, simulated

SCANTOP = [sys.executable, "-m", "tui"]


@pytest.mark.parametrize("argv", [["--help"], ["status", "--help"], ["config", "path"], ["--version"]])
def test_a_reader_that_went_away_is_no_error(argv: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run([*SCANTOP, *argv], stdout=writing, stderr=subprocess.PIPE, timeout=PATIENCE_S)
    os.close(writing)
    assert ran.returncode == 0
    assert ran.stderr in (b"", ran.stderr if argv == ["config", "path"] else b"")
    assert b"Broken" not in ran.stderr and b"Traceback" not in ran.stderr


@pytest.mark.parametrize("redirection", [">&-", "2>&-", ">&- 2>&-", "<&-"])
def test_streams_that_were_closed_at_the_start(redirection: str) -> None:
    command = f'"{sys.executable}" -m tui config path {redirection}'
    ran = subprocess.run(["sh", "-c", command], capture_output=True, timeout=PATIENCE_S)
    assert ran.returncode == 0 and b"Traceback" not in ran.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("argv", [["config", "path"], ["status", "--json", "prod:build/my-build/1"]])
def test_a_full_disk_is_one_sentence(tmp_path: Path, argv: list[str]) -> None:
    with simulated("--scenario=documents", "--frozen") as world, open("/dev/full", "wb") as full:
        command = [*SCANTOP, "--config", str(world.config(tmp_path / "config.toml")), *argv]
        ran = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, timeout=PATIENCE_S)
    assert ran.returncode == 2
    assert ran.stderr == b"scantop: No space left on device\n"


def test_an_interrupt_is_130_and_quiet(tmp_path: Path) -> None:
    with simulated("--scenario=documents", "--frozen", "--faults=threadfix:hang") as world:
        path = world.config(tmp_path / "config.toml")
        child = subprocess.Popen(
            [*SCANTOP, "--config", str(path), "status", "tf:scan/6/41"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        while not world.control("requests", method="GET")["total"]:
            assert child.poll() is None
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=PATIENCE_S)
    assert (child.returncode, out, err) == (130, b"", b"")


SPY = """
import sys
from tui.cli.main import main
code = main(sys.argv[1:])
found = sorted({name.partition(".")[0] for name in sys.modules} & {"textual", "rich", "httpx", "pydantic"})
print("loaded", *found, file=sys.stderr)
"""


def loaded(*argv: str) -> list[str]:
    """Which heavy packages were imported by the time that the command ended."""
    ran = subprocess.run(
        [sys.executable, "-c", SPY, *argv],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        stdin=subprocess.DEVNULL,
    )
    return ran.stderr.splitlines()[-1].split()[1:]


@pytest.mark.parametrize(
    "argv", [[], ["--help"], ["demo", "--help"], ["config", "check"], ["config", "init"], ["demo"]]
)
def test_nothing_heavy_is_imported_without_need(argv: list[str]) -> None:
    assert loaded(*argv) == []


def test_status_and_jobs_do_not_import_the_screen(tmp_path: Path) -> None:
    with simulated("--scenario=documents", "--frozen") as world:
        path = str(world.config(tmp_path / "config.toml"))
        assert "textual" not in loaded("--config", path, "status", "tf:scan/6/41")
        assert "textual" not in loaded("--config", path, "jobs", "--json")
        assert loaded("--config", path, "config", "check") == []


def test_without_config_a_script_is_told_what_to_do(tmp_path: Path) -> None:
    for argv in ([], ["status"], ["jobs"]):
        said = scantop(*argv)
        assert (said.code, said.out) == (2, "") and said.err.count("\n") == 1
        assert "config init" in said.err and "JF_URL" in said.err
