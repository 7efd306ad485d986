"""Every wrong flag, address, duration, file or token: one sentence on standard error, exit 2 or 4, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import PATIENCE_S, Said, Simulated, scantop, simulated

from tui.cli.parser import COMMANDS

# What each command needs to get as far as reading its settings.
LEAST: dict[str, list[str]] = {
    "status": [],
    "wait": ["prod:build/a/1"],
    "watch": ["add", "prod:build/a/1"],
    "jobs": [],
    "report": ["list"],
    "job": ["start", "sbom-export", "1"],
    "doctor": [],
    "history": [],
    "config": ["check"],
}
READERS = [[name, *LEAST[name]] for name in COMMANDS if name in LEAST]


@pytest.fixture(scope="module")
def world() -> Iterator[Simulated]:
    with simulated("--scenario=documents", "--frozen") as running:
        yield running


def is_one_sentence(said: Said, code: int = 2) -> None:
    assert (said.code, said.out) == (code, ""), said
    assert said.err.startswith("scantop: ") and said.err.count("\n") == 1, said.err
    assert "Traceback" not in said.err and "unexpected" not in said.err


@pytest.mark.parametrize("command", COMMANDS)
def test_a_flag_that_is_none(command: str) -> None:
    is_one_sentence(scantop(command, *LEAST.get(command, []), "--no-such-flag"))


@pytest.mark.parametrize("argv", READERS, ids=" ".join)
def test_a_config_that_is_not_there(tmp_path: Path, argv: list[str]) -> None:
    if argv[0] != "history":  # what was seen is kept beside the config, not in it
        is_one_sentence(scantop("--config", str(tmp_path / "none.toml"), *argv))


@pytest.mark.parametrize("text", ["[servers", "servers = 3", "[servers.x]\nkind = 'xray'\nurl = 'https://a b'", "\xff"])
@pytest.mark.parametrize("argv", READERS, ids=" ".join)
def test_a_config_that_is_wrong(tmp_path: Path, argv: list[str], text: str) -> None:
    path = tmp_path / "c.toml"
    path.write_bytes(text.encode("latin-1"))
    if argv[0] != "history" and not (argv[0] == "config" and "a b" in text):
        is_one_sentence(scantop("--config", str(path), *argv))


@pytest.mark.parametrize("argv", READERS, ids=" ".join)
def test_a_server_that_is_none(world: Simulated, tmp_path: Path, argv: list[str]) -> None:
    config = str(world.config(tmp_path / "c.toml"))
    if argv[0] != "history":
        is_one_sentence(scantop("--config", config, *argv, "--server", "prdo"))


@pytest.mark.parametrize(
    "argv",
    [
        # addresses
        ["status", "prod:bild/a/1"],
        ["status", "nobody:build/a/1"],
        ["status", "prod:build/a"],
        ["status", ""],
        ["status", "https://elsewhere.example.com/artifactory/repo/file"],
        ["status", '{"success": true}'],
        ["status", "tf:scan/6/x"],
        ["status", "\x1b[31mx"],
        ["status", "-"],
        ["wait"],
        ["wait", "prod:job/1"],
        ["wait", "-"],
        ["watch", "add"],
        ["watch", "add", "prod:build"],
        ["watch", "add", "build/a/1?colour=red"],
        ["watch", "shuffle"],
        # durations
        ["wait", "prod:build/a/1", "--timeout", "soon"],
        ["wait", "prod:build/a/1", "--timeout", "-5m"],
        ["wait", "prod:build/a/1", "--stage-timeout", "sca"],
        ["wait", "prod:build/a/1", "--stage-timeout", "sca=never"],
        ["wait", "prod:build/a/1", "--grace", "1 fortnight"],
        ["wait", "prod:build/a/1", "--heartbeat", "x"],
        ["watch", "add", "prod:build/a/1", "--expire", "1y2"],
        # numbers, words, flags without their value
        ["jobs", "--page", "0"],
        ["jobs", "--limit", "many"],
        ["jobs", "--days"],
        ["wait", "prod:build/a/1", "--stage", "no-such-stage"],
        ["wait", "prod:build/a/1", "--annotate", "travis"],
        ["demo", "--speed", "fast"],
        ["completion"],
        ["completion", "powershell"],
        ["config", "chek"],
        ["config", "path", "extra"],
        ["config", "import-jfrog"],
        ["man", "extra"],
        ["doctor", "prod"],
        ["stauts"],
        ["--server"],
        ["--no-such-flag"],
    ],
    ids=" ".join,
)
def test_wrong_words(world: Simulated, tmp_path: Path, argv: list[str]) -> None:
    config = str(world.config(tmp_path / "c.toml"))
    before = world.control("requests", method="GET")["total"]
    is_one_sentence(scantop("--config", config, *argv))
    assert world.control("requests", method="GET")["total"] == before, "nothing was asked"


def test_input_that_is_no_text(world: Simulated, tmp_path: Path) -> None:
    config = str(world.config(tmp_path / "c.toml"))
    ran = subprocess.run(
        [sys.executable, "-m", "tui", "--config", config, "status", "-"],
        input=b"\xff\xfe\x00",
        capture_output=True,
        timeout=PATIENCE_S,
    )
    is_one_sentence(Said(ran.returncode, ran.stdout.decode(), ran.stderr.decode()))


@pytest.mark.parametrize("argv", [["jobs", "--json"], ["jobs"], ["report", "list", "--json"]], ids=" ".join)
def test_a_refused_token_is_4(world: Simulated, tmp_path: Path, argv: list[str]) -> None:
    wrong = {"token": "planted-wrong-token"}
    config = str(world.config(tmp_path / "c.toml", prod=wrong, tf=wrong, sca=wrong))
    said = scantop("--config", config, *argv)
    assert said.code == 4 and "planted" not in said.out + said.err
    assert said.out == "" or argv[-1] == "--json"


@pytest.mark.parametrize(
    "argv",
    [["doctor"], ["doctor", "--json"], ["status"], ["jobs"], ["man"], ["completion", "bash"], ["watch", "list"]],
    ids=" ".join,
)
def test_a_closed_pipe_ends_quietly(world: Simulated, tmp_path: Path, argv: list[str]) -> None:
    world.faults()
    config = str(world.config(tmp_path / "c.toml"))
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run(
        [sys.executable, "-m", "tui", "--config", config, *argv],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=PATIENCE_S,
    )
    os.close(writing)
    assert ran.returncode == 0 and "Broken" not in ran.stderr and "Traceback" not in ran.stderr
