"""`scantop watch`: the real command, and a running monitor that follows it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import PATIENCE_S, Said, Simulated, scantop, simulated
from pty_screen import on_terminal

BUILD = "prod:build/my-build/1?project=my-project"
SCAN = "tf:scan/6/41"
UPLOAD = {
    "message": "",
    "success": True,
    "responseCode": -1,
    "object": "Scan upload process started.",
    "links": [
        {
            "method": "GET",
            "rel": "related",
            "href": f"http://10.0.0.1/rest/latest/applications/6/pendingScan/{n}/status",
        }
        for n in (41, 42)
    ],
}


@pytest.fixture(scope="module")
def documents() -> Iterator[Simulated]:
    """Servers that answer what the vendors' documents show; time stands still."""
    with simulated("--scenario=documents", "--frozen") as world:
        yield world


class Host:
    """A configuration and a state folder."""

    def __init__(self, world: Simulated, folder: Path) -> None:
        self.config = world.config(folder / "config.toml")
        self.state = folder / "state"
        self.environ = {**os.environ, "SCANTOP_STATE": str(self.state), "SCANTOP_CONFIG": str(self.config)}

    def run(self, *argv: str, stdin: str = "") -> Said:
        return scantop(*argv, stdin=stdin, environ=self.environ)

    @property
    def listed(self) -> list[str]:
        return [entry["target"] for entry in self.run("watch", "list", "--json").document["entries"]]


@pytest.fixture
def host(documents: Simulated, tmp_path: Path) -> Host:
    return Host(documents, tmp_path)


def test_add_list_remove(host: Host) -> None:
    said = host.run("watch", "add", "build/my-build/1?project=my-project", "--label", "nightly", "--expire", "7d")
    assert (said.code, said.out, said.err) == (0, "", f"scantop: now watched: {BUILD}\n")
    said = host.run("watch", "add", BUILD)
    assert (said.code, said.err) == (0, f"scantop: watched already: {BUILD}\n")
    (entry,) = host.run("watch", "list", "--json").document["entries"]
    assert list(entry) == ["target", "label", "by", "added_at", "expires_at", "deadline_s", "due_at"]
    assert (entry["target"], entry["label"]) == (BUILD, "nightly")
    assert entry["by"] and entry["added_at"] < entry["expires_at"]
    table = host.run("watch", "list").out.splitlines()
    assert table[0].split() == ["TARGET", "LABEL", "BY", "SINCE", "LEAVES", "IN"] and table[1].startswith(BUILD)
    said = host.run("watch", "remove", BUILD, SCAN)
    assert (
        said.code == 2 and f"no longer watched: {BUILD}" in said.err and f"{SCAN} is not on the watch list" in said.err
    )
    assert host.listed == []
    assert host.run("watch", "list").err == "scantop: the watch list is empty\n"


def test_a_deadline_is_listed_and_status_says_how_it_stands(host: Host) -> None:
    assert host.run("watch", "add", SCAN, "--deadline", "45m").code == 0
    assert host.run("watch", "add", BUILD, "--by", "17:30").code == 0
    scan, build = host.run("watch", "list", "--json").document["entries"]
    assert scan["deadline_s"] == 2700 and scan["due_at"] is None and build["due_at"].endswith(":30:00Z")
    assert "45m after its start" in host.run("watch", "list").out
    by_target = {one["target"]: one for one in host.run("status", "--json").document["targets"]}
    assert by_target[BUILD]["due_at"] == build["due_at"] and by_target[BUILD]["slack_s"] is not None
    assert "due " in host.run("status").out
    assert host.run("watch", "remove", SCAN, BUILD).code == 0


def test_add_reads_addresses_or_an_upload_answer_from_standard_input(host: Host) -> None:
    assert host.run("watch", "add", "-", stdin=f"# today\n{BUILD}\n\n  scan/6/43\n").code == 0
    assert host.run("watch", "add", "-", stdin=json.dumps(UPLOAD, indent=2)).code == 0
    assert host.listed == [BUILD, "tf:scan/6/43", "tf:scan/6/41", "tf:scan/6/42"]
    listed = "\n".join(host.listed)
    assert host.run("watch", "remove", "-", stdin=listed).code == 0 and host.listed == []


@pytest.mark.parametrize(
    ("argv", "stdin", "words"),
    [
        (["add", "bild/a/1"], "", "did you mean 'build'"),
        (["add", "nowhere:build/a/1"], "", "is not configured"),
        (["add", BUILD, "--expire", "7"], "", "did you mean 7s?"),
        (["add", BUILD, "--expire", "0s"], "", "no time at all"),
        (["add", BUILD, "--deadline", "45"], "", "argument --deadline: '45' is not a duration"),
        (["add", BUILD, "--by", "noon"], "", "argument --by: 'noon' is no time of day (write it as 17:30)"),
        (["add", BUILD, "--by", "9:00", "--deadline", "1h"], "", "not allowed with argument"),
        (["add", "-"], "", "standard input names no target"),
        (["add", "-"], '{"success": true}', "no scan to watch"),
        (["add"], "", "required: TARGET"),
        (["remove", "bild/a/1"], "", "did you mean 'build'"),
        (["ad", BUILD], "", "'ad'"),
        ([], "", "required: ACTION"),
    ],
)
def test_bad_input_is_one_sentence_and_two(host: Host, argv: list[str], stdin: str, words: str) -> None:
    said = host.run("watch", *argv, stdin=stdin)
    assert (said.code, said.out) == (2, "") and said.err.count("\n") == 1 and words in said.err
    assert host.listed == []


def test_a_damaged_list_is_set_aside_with_a_message(host: Host) -> None:
    host.state.mkdir()
    path = host.state / "watchlist.json"
    path.write_text("nonsense")
    said = host.run("watch", "list", "--json")
    assert (said.code, said.document["entries"]) == (0, []) and "is damaged" in said.err
    said = host.run("watch", "add", SCAN)
    assert said.code == 0 and "it was set aside as watchlist.json.aside-" in said.err
    (aside,) = host.state.glob("*.aside-*")
    assert aside.read_text() == "nonsense" and host.listed == [SCAN]


def test_a_state_folder_that_cannot_be_one_is_a_sentence(host: Host) -> None:
    host.state.write_text("a file")
    said = host.run("watch", "add", SCAN)
    assert (said.code, said.out) == (2, "") and str(host.state) in said.err and "Traceback" not in said.err


def test_many_commands_at_once_lose_nothing(host: Host) -> None:
    argv = [sys.executable, "-m", "tui", "watch", "add"]
    children = [
        subprocess.Popen([*argv, f"scan/6/{number}"], env=host.environ, stderr=subprocess.PIPE) for number in range(8)
    ]
    assert [child.communicate(timeout=PATIENCE_S) and child.returncode for child in children] == [0] * 8
    assert sorted(host.listed) == [f"tf:scan/6/{number}" for number in range(8)]


def test_status_polls_what_is_listed(host: Host) -> None:
    host.run("watch", "add", BUILD, SCAN)
    said = host.run("status", "--json")
    assert [one["target"] for one in said.document["targets"]] == [BUILD, SCAN] and said.err == ""
    said = host.run("status", "--json", "--server", "tf")
    assert [one["target"] for one in said.document["targets"]] == [SCAN] and said.err == ""


def test_a_running_monitor_shows_what_comes_and_drops_what_leaves(host: Host) -> None:
    with on_terminal([sys.executable, "-m", "tui"], environ=host.environ) as terminal:
        terminal.until_shown("Builds and artifacts")
        host.run("watch", "add", BUILD, "--label", "from-ci")
        terminal.until_shown("from-ci")
        host.run("watch", "remove", BUILD)
        terminal.until(lambda text: "from-ci" not in text, "the row gone")
        terminal.type("q")
        assert terminal.end() == 0
