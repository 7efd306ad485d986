"""`scantop report`: the real command against a real server, over HTTP."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import PATIENCE_S, Said, Simulated, scantop, simulated


@pytest.fixture(scope="module")
def day() -> Iterator[Simulated]:
    """A working day whose clock stands still until a test moves it."""
    with simulated("--scenario=day", "--frozen", "--start-at=2026-11-22T07:00:00Z") as world:
        yield world


@pytest.fixture
def config(day: Simulated, tmp_path: Path) -> Path:
    day.faults()
    return day.config(tmp_path / "config.toml")


def report(config: Path, *argv: str, **more: str) -> Said:
    said = scantop("--config", str(config), "report", *argv, **more)
    assert "Traceback" not in said.err and "unexpected" not in said.err, said.err
    return said


def made(config: Path, name: str = "nightly") -> str:
    """The address of a new report."""
    said = report(config, "create", name, "--build", "app", "--category", "secrets", "--yes")
    assert said.code == 0, said.err
    return said.out.strip()


def completed(day: Simulated, config: Path) -> str:
    address = made(config)
    day.control("clock", {"advance_s": 60})
    return address


def created(day: Simulated) -> int:
    """How often the server was asked to make a report."""
    counts: dict[str, int] = day.control("requests", method="GET")["counts"]
    return counts.get("xray/report-create", 0)


def test_create_makes_one_for_each_category(day: Simulated, config: Path) -> None:
    said = report(config, "create", "q3", "--repo", "docker-local", "--category", "all", "--from", "7d", "--yes")
    assert said.code == 0
    addresses = said.out.split()
    assert len(addresses) == 4 and all(address.startswith("prod:report/") for address in addresses)
    listed = report(config, "list", "--name", "q3*", "--json").document["reports"]
    assert sorted(one["target"] for one in listed) == sorted(addresses)
    assert {one["name"] for one in listed} == {f"q3-{word}" for word in ("secrets", "services", "applications", "iac")}


def test_create_as_json(config: Path) -> None:
    said = report(config, "create", "j", "--project", "web", "--category", "iac", "--yes", "--json")
    document = said.document
    assert list(document) == ["version", "outcomes"] and said.err == ""
    (outcome,) = document["outcomes"]
    assert list(outcome) == ["act", "fate", "look", "target", "id", "text", "problem"]
    assert (outcome["fate"], outcome["problem"]) == ("done", None)
    assert outcome["target"] == f"prod:report/{outcome['id']}"


CHANGES = [
    ("create", "x", "--build", "app", "--category", "secrets"),
    ("delete", "101"),
]


@pytest.mark.parametrize("argv", CHANGES)
def test_without_a_terminal_and_without_yes_nothing_is_changed(
    day: Simulated, config: Path, argv: tuple[str, ...]
) -> None:
    before = created(day)
    said = report(config, *argv, stdin="y\n")
    assert said.code == 2 and said.out == ""
    assert "on prod (http://127.0.0.1:" in said.err and "--yes" in said.err and said.err.count("\n") == 1
    assert created(day) == before
    assert scantop("--config", str(config), "status", "prod:report/101").code == 0


@pytest.mark.parametrize("argv", CHANGES)
@pytest.mark.parametrize("is_all", [True, False])
def test_read_only_is_off(day: Simulated, tmp_path: Path, argv: tuple[str, ...], is_all: bool) -> None:
    config = day.config(tmp_path / "config.toml", **({} if is_all else {"prod": {"read_only": True}}))
    if is_all:
        config.write_text("read_only = true\n" + config.read_text())
    before = created(day)
    said = report(config, *argv, "--yes")
    assert said.code == 2 and said.err.startswith("scantop: Nothing is changed on prod: ")
    assert created(day) == before


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("create", "x", "--category", "iac"), "exactly one kind"),
        (("create", "x", "--category", "iac", "--build", "b", "--repo", "r"), "exactly one kind"),
        (("create", "x", "--build", "b"), "required: --category"),
        (("create", "x", "--build", "b", "--category", "secret"), "invalid choice: 'secret'"),
        (("create", " ", "--build", "b", "--category", "iac"), "needs a name"),
        (("create", "x", "--build", "b", "--category", "iac", "--include", "a/**"), "repositories only"),
        (("create", "x", "--repo", "b", "--category", "iac", "--latest", "2"), "no versions"),
        (("create", "x", "--repo", "b", "--category", "iac", "--from", "soon"), "'soon' is no time"),
        (("create", "x", "--repo", "b", "--category", "iac", "--from", "1d", "--to", "2d"), "ends before it starts"),
        (("create", "x", "--repo", "b", "--category", "iac", "--timeout", "2d"), "goes with --wait"),
        (("show", "prod:build/app/1"), "is no report"),
        (("show", "22x"), "is no address"),
        (("show", "nowhere:report/22"), "not configured"),
        (("rows", "22", "--limit", "0"), "not a whole number"),
        (("export", "22", "--format", "xml"), "invalid choice"),
        (("create", "x", "--repo", "b", "--category", "iac", "--server", "tf"), "no configured server can"),
    ],
)
def test_wrong_usage_is_one_sentence(day: Simulated, config: Path, argv: tuple[str, ...], words: str) -> None:
    before = created(day)
    said = report(config, *argv, *(["--yes"] if argv[0] == "create" else []))
    assert (said.code, said.out) == (2, "") and words in said.err and said.err.count("\n") == 1
    assert created(day) == before


def test_the_servers_are_told_apart(day: Simulated, config: Path) -> None:
    table = day.line["servers"]["xray"]
    more = "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
    config.write_text(f"{config.read_text()}[servers.second]\n{more}")
    argv = ("create", "x", "--repo", "b", "--category", "iac", "--yes")
    assert "say which server with --server: one of prod, second" in report(config, *argv).err
    assert report(config, *argv, "--server", "second").out.startswith("second:report/")


@pytest.mark.parametrize("fault", ["reset", "truncated", "login"])
def test_a_lost_answer_is_looked_after_and_told(day: Simulated, config: Path, fault: str) -> None:
    before = created(day)
    day.faults(f"xray/report-create:{fault}")
    said = report(config, "create", f"lost-{fault}", "--build", "app", "--category", "iac", "--yes", "--json")
    (outcome,) = said.document["outcomes"]
    assert said.code == 0 and (outcome["fate"], outcome["look"]) == ("done", "found")
    assert created(day) == before + 1


def test_an_act_that_is_unsure_ends_with_3_and_a_refused_one_with_4(day: Simulated, config: Path) -> None:
    day.faults("xray/report-create:502")
    said = report(config, "create", "gateway", "--build", "app", "--category", "iac", "--yes")
    assert (said.code, said.out) == (3, "") and "asked for once and not again" in said.err
    day.faults("xray/report-create:403")
    said = report(config, "create", "no", "--build", "app", "--category", "secrets", "--category", "iac", "--yes")
    assert (said.code, said.out) == (4, "") and "Manage Reports" in said.err and "Not asked for" in said.err


def test_wait_follows_what_was_made(day: Simulated, config: Path) -> None:
    day.control("clock", {"frozen": False, "speed": 60})
    try:
        argv = ("create", "followed", "--build", "app", "--category", "iac", "--yes", "--wait", "--timeout", "60s")
        said = report(config, *argv, "--json")
    finally:
        day.control("clock", {"frozen": True})
    lines = [json.loads(line) for line in said.out.splitlines()]
    assert said.code == 0, said.err
    assert lines[0]["outcomes"][0]["fate"] == "done"
    assert lines[-1]["event"] == "summary" and lines[-1]["targets"][0]["state"] == "done"


def test_wait_ends_with_its_own_exit_code(config: Path) -> None:
    argv = ("create", "slow", "--build", "app", "--category", "iac", "--yes", "--wait", "--timeout", "300ms")
    assert report(config, *argv).code == 5


def test_list_and_show(day: Simulated, config: Path) -> None:
    address = completed(day, config)
    document = report(config, "list", "--limit", "3", "--json").document
    assert list(document) == ["version", "page", "pages", "total", "notes", "reports"]
    assert document["reports"][0]["target"].startswith("prod:report/") and len(document["reports"]) <= 3
    said = report(config, "list", "--name", "nightly")
    assert said.out.splitlines()[0].split()[:3] == ["REPORT", "STATE", "NAME"] and said.err.startswith(
        "scantop: page 1"
    )
    shown = report(config, "show", address.partition("/")[2], "--json").document["targets"][0]
    assert (shown["target"], shown["name"], shown["state"]) == (address, "nightly", "done")
    lines = dict(line.split(maxsplit=1) for line in report(config, "show", address).out.splitlines())
    assert (lines["report"], lines["state"]) == (address, "done")
    assert report(config, "show", "999999").code == 6


def test_rows_are_paged_and_sorted(day: Simulated, config: Path) -> None:
    address = completed(day, config)
    first = report(config, "rows", address, "--limit", "2", "--json").document
    second = report(config, "rows", address, "--limit", "2", "--page", "2", "--json").document
    assert list(first) == ["version", "target", "page", "pages", "total", "notes", "rows"]
    assert first["pages"] == -(-first["total"] // 2)
    ids = [row["exposures_id"] for row in first["rows"] + second["rows"]]
    assert len(ids) == len(set(ids)) == min(4, first["total"])
    unsorted = report(config, "rows", address, "--sort", "nonsense", "--json").document
    assert unsorted["notes"] == ["the server does not sort by nonsense, so the rows stand in its own order"]
    table = report(config, "rows", address, "--limit", "2")
    assert table.out.splitlines()[0].split()[:2] == ["SEVERITY", "FINDING"] and len(table.out.splitlines()) == 3
    running = report(config, "rows", made(config))
    assert (running.code, running.out) == (3, "") and "not completed" in running.err


def test_export_to_a_file_a_folder_and_standard_output(day: Simulated, config: Path, tmp_path: Path) -> None:
    address = completed(day, config)
    number = address.partition("/")[2]
    total = report(config, "rows", number, "--json").document["total"]
    folder = tmp_path / "out"
    folder.mkdir()
    said = report(config, "export", number, "--output", str(folder))
    assert (said.code, said.out, said.err) == (0, f"{folder / f'report-{number}.json'}\n", "")
    assert len(json.loads(Path(said.out.strip()).read_text())["rows"]) == total
    again = report(config, "export", number, "--output", str(folder))
    assert again.code == 2 and "exists and is not overwritten" in again.err
    assert report(config, "export", number, "--output", str(folder), "--force").code == 0
    piped = report(config, "export", number, "--output", "-", "--format", "csv")
    assert len(list(csv.DictReader(io.StringIO(piped.out)))) == total
    assert report(config, "export", number, "--output", str(folder / "x.pdf"), "--format", "pdf").code == 0
    assert (folder / "x.pdf").read_bytes().startswith(b"%PDF")
    missing = report(config, "export", "999999", "--output", str(folder))
    assert missing.code == 6 and sorted(os.listdir(folder)) == [f"report-{number}.json", "x.pdf"]


def test_delete_several(day: Simulated, config: Path) -> None:
    addresses = [made(config, "old"), made(config, "old")]
    said = report(config, "delete", *addresses, "999999", "--yes", "--json")
    assert said.code == 6
    assert [one["fate"] for one in said.document["outcomes"]] == ["done", "done", "refused"]
    assert report(config, "list", "--name", "old", "--json").document["reports"] == []


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("yes", 0), ("n", 2), ("", 2), ("\x04", 2)])
def test_on_a_terminal_it_asks_first(day: Simulated, config: Path, answer: str, code: int) -> None:
    before = created(day)
    master, slave = os.openpty()
    argv = [sys.executable, "-m", "tui", "--config", str(config), "report", "create", "asked"]
    child = subprocess.Popen(
        [*argv, "--build", "app", "--category", "iac"],
        stdin=slave,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    os.close(slave)
    try:
        assert child.stderr is not None
        question = child.stderr.readline()
        assert "named 'asked' (iac) on prod (http://127.0.0.1:" in question and question.endswith("[y/N]\n")
        assert created(day) == before
        os.write(master, answer.encode() if answer == "\x04" else f"{answer}\n".encode())
        out, err = child.communicate(timeout=PATIENCE_S)
    finally:
        os.close(master)
    assert child.returncode == code, err
    assert created(day) == before + (code == 0)
    assert out.startswith("prod:report/") if code == 0 else (out == "" and "nothing was changed" in err)


def test_no_token_is_told(day: Simulated, tmp_path: Path) -> None:
    config = day.config(tmp_path / "config.toml", prod={"token": "wr0ng-s3cret"})
    for argv in (
        ("create", "x", "--build", "b", "--category", "iac", "--yes"),
        ("rows", "101"),
        ("delete", "101", "--yes"),
    ):
        said = report(config, *argv)
        assert said.code == 4 and "wr0ng-s3cret" not in said.out + said.err


def test_the_read_only_flag_stands_before_or_after(day: Simulated, config: Path) -> None:
    before = created(day)
    argv = ("create", "x", "--build", "b", "--category", "iac", "--yes")
    for said in (
        report(config, *argv, "--read-only"),
        scantop("--read-only", "--config", str(config), "report", *argv),
    ):
        assert said.code == 2 and "Nothing is changed on prod: this scantop is read-only" in said.err
    assert report(config, "list", "--read-only").code == 0 and created(day) == before
