"""The grammar: global options anywhere, nearest words, one sentence for an error, exit codes, quiet ends."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from tui import __version__
from tui.cli import parser
from tui.cli.main import main


def said(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of one command line."""
    code = main(list(argv))
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize("argv", [["--version"], ["status", "--version"], ["config", "path", "--version"]])
def test_the_version_is_told_everywhere(capsys: pytest.CaptureFixture[str], argv: list[str]) -> None:
    assert said(capsys, *argv) == (0, f"scantop {__version__}\n", "")


@pytest.mark.parametrize("command", [[], *([name] for name in parser.COMMANDS), ["config", "check"]])
def test_every_command_has_help(capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    code, out, err = said(capsys, *command, "--help")
    assert code == 0 and err == "" and "--config FILE" in out
    assert "examples:" in out
    assert all(len(line) <= 120 for line in out.splitlines())


def test_help_tells_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, "--help")[1]
    for number in (0, 1, 2, 3, 4, 5, 6, 7, 8, 130):
        assert any(line.split()[:1] == [str(number)] for line in out.splitlines())


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["statsu"], "there is no command 'statsu'; did you mean 'status'?"),
        (["--config", "x", "jbos"], "there is no command 'jbos'; did you mean 'jobs'?"),
        (["zzz"], "there is no command 'zzz' (see `scantop --help`)"),
        (["status", "--jsno"], "scantop status takes no flag '--jsno'; did you mean '--json'?"),
        (["status", "--js"], "takes no flag '--js'; did you mean '--json'?"),
        (["--statsu=1"], "scantop takes no flag '--statsu'"),
        (["config", "chek"], "invalid choice: 'chek'"),
        (["config"], "the following arguments are required: ACTION"),
        (["config", "path", "more"], "scantop config takes no argument 'more'"),
        (["jobs", "--page", "0"], "argument --page: '0' is not a whole number between 1 and"),
        (["jobs", "--days", "1.5"], "argument --days: '1.5' is not a whole number between 0 and 3650"),
        (["jobs", "--limit"], "argument --limit: expected one argument"),
        (["demo", "--speed", "0"], "argument --speed: '0' is not a number above 0"),
        (["demo", "--speed", "nan"], "argument --speed: 'nan' is not a number above 0"),
    ],
)
def test_wrong_usage_is_one_sentence(capsys: pytest.CaptureFixture[str], argv: list[str], words: str) -> None:
    code, out, err = said(capsys, *argv)
    assert code == 2 and out == ""
    assert err.startswith("scantop: ") and words in err and err.count("\n") == 1


@pytest.mark.parametrize("argv", [["--config", "F", "config", "path"], ["config", "--config=F", "path"]])
def test_global_options_stand_before_or_after(capsys: pytest.CaptureFixture[str], argv: list[str]) -> None:
    assert said(capsys, *argv)[:2] == (0, "F\n")
    assert said(capsys, "--config", "other", "config", "path", "--config", "F")[:2] == (0, "F\n")


def test_a_mistake_of_ours_tells_no_message(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(arguments: object) -> int:
        raise RuntimeError("token=s3cret")

    monkeypatch.setattr("tui.cli.status.run", broken)
    code, out, err = said(capsys, "status")
    assert (code, out) == (70, "")
    assert "unexpected RuntimeError at test_command_line.py:" in err and "s3cret" not in err


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(), 0, ""),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/x"), 2, "scantop: /x: No space left on device\n"),
    ],
)
def test_interrupts_pipes_and_disks(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
    words: str,
) -> None:
    def broken(arguments: object) -> int:
        raise error

    monkeypatch.setattr("tui.cli.status.run", broken)
    assert said(capsys, "status") == (code, "", words)


def test_config_init_writes_once_and_privately(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "new" / "scantop" / "config.toml"
    monkeypatch.setenv("SCANTOP_CONFIG", str(path))
    code, out, err = said(capsys, "config", "init")
    assert (code, out) == (0, f"{path}\n") and "config check" in err
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    path.write_text("mine")
    assert said(capsys, "config", "init") == (2, "", f"scantop: {path} is there already and was left as it is\n")
    assert path.read_text() == "mine"


def test_config_init_where_nothing_can_be_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    code, out, err = said(capsys, "--config", str(tmp_path / "file" / "c.toml"), "config", "init")
    assert (code, out) == (2, "") and "cannot be written" in err


def test_the_written_config_is_right_once_its_comments_are_taken_away(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "c.toml"
    assert said(capsys, "--config", str(path), "config", "init")[0] == 0
    code, _, err = said(capsys, "--config", str(path), "config", "check")
    assert code == 2 and "names no server; write a [servers.NAME] table" in err
    lines = path.read_text().splitlines()[3:]
    path.write_text("\n".join(line.removeprefix("# ") for line in lines if "ca_file" not in line))
    monkeypatch.delenv("JF_ACCESS_TOKEN", raising=False)
    code, out, err = said(capsys, "--config", str(path), "config", "check")
    assert code == 0, err
    assert "server prod: xray at https://acme.example.com, user me, password from env JF_ACCESS_TOKEN" in out
    assert "watch prod:build/my-build/1?project=my-project" in out
    assert "watch tf:scan/6/41" in out and "watch prod:build/other/12" in out and "watch sca:jobs" in out
    assert "note: servers.prod.token: the variable JF_ACCESS_TOKEN is not set here" in err


def test_config_check_lists_every_fault(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text('[servers.a]\nkind = "xray"\nurl = "https://a"\nx = 1\ny = 2\n')
    code, out, err = said(capsys, "config", "check", "--config", str(path))
    assert (code, out) == (2, "")
    assert [line.split(": ")[1] for line in err.splitlines()] == [f"{path}:4", f"{path}:5"]


def test_an_unknown_server_is_named_with_the_nearest(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text('[servers.prod]\nkind = "xray"\nurl = "https://a"\n')
    code, _, err = said(capsys, "config", "check", "--config", str(path), "--server", "prdo")
    assert (code, err) == (2, "scantop: no server is called 'prdo'; did you mean 'prod'?\n")


def test_a_wrong_address_is_one_sentence_before_anything_is_asked(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "c.toml"
    path.write_text('[servers.prod]\nkind = "xray"\nurl = "https://a"\n')
    code, out, err = said(capsys, "status", "prod:biuld/x/1", "--config", str(path))
    assert (code, out) == (2, "") and "did you mean 'build'" in err and err.count("\n") == 1


def test_the_monitor_needs_a_terminal(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text('[servers.prod]\nkind = "xray"\nurl = "https://a"\n')
    code, out, err = said(capsys, "--config", str(path))
    assert (code, out) == (2, "") and "needs a terminal" in err


def test_what_a_config_holds_reaches_no_terminal_raw(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    text = '[servers.prod]\nkind = "xray"\nurl = "https://a"\n'
    text += '[[watch]]\ntarget = "build/x/1"\nlabel = "\\u001b[31m\\u202e"\n'
    path.write_text(text)
    code, out, _ = said(capsys, "config", "check", "--config", str(path))
    assert code == 0 and "watch prod:build/x/1 (" in out and "\x1b" not in out and "\u202e" not in out
    path.write_text(text + '"\\u001b]52;c;x" = 1\n')
    code, _, err = said(capsys, "config", "check", "--config", str(path))
    assert code == 2 and "unknown key" in err and "\x1b" not in err
