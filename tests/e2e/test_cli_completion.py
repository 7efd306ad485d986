"""Completion in the shells themselves, on the real command; and that it asks no server and loads nothing heavy."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command import PATIENCE_S, scantop
from test_cli_pipes import loaded

CONFIG = """
[servers.prod]
kind = "xray"
url = "https://acme.example.com"
token = "planted-secret-word"

[servers.tf]
kind = "threadfix"
url = "https://tf.example.com/threadfix"

[[watch]]
target = "prod:build/my-build/1?project=p"

[[watch]]
target = "tf:scan/6/41"
label = "nightly"
"""
BREAKS = " \t\n\"'><=;|&(:"


@pytest.fixture
def shell_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config, and the command on the path, as a shell has it."""
    config = tmp_path / "config.toml"
    config.write_text(CONFIG)
    config.chmod(0o600)
    command = tmp_path / "bin" / "scantop"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tui "$@"\n')
    command.chmod(0o700)
    monkeypatch.setenv("SCANTOP_CONFIG", str(config))
    monkeypatch.setenv("SCANTOP_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("PATH", f"{command.parent}:{os.environ['PATH']}")
    return tmp_path


def in_shell(shell: str, code: str, *options: str) -> list[str]:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    ran = subprocess.run([shell, *options, "-c", code], capture_output=True, text=True, timeout=PATIENCE_S)
    assert (ran.returncode, ran.stderr) == (0, ""), ran
    return ran.stdout.splitlines()


def bash(line: str) -> list[str]:
    """What bash would offer for this line, asked as it asks."""
    return in_shell(
        "bash",
        f"""source <(scantop completion bash)
        complete -p scantop >/dev/null || exit 9
        COMP_LINE={shell_quoted(line)}; COMP_POINT=${{#COMP_LINE}}; COMP_WORDBREAKS={shell_quoted(BREAKS)}
        _scantop; [[ ${{#COMPREPLY[@]}} -eq 0 ]] || printf '%s\\n' "${{COMPREPLY[@]}}"; exit 0""",
        "--norc",
    )


def shell_quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("scantop sta", ["status"]),
        ("scantop watch ", ["add", "remove", "list"]),
        ("scantop status --exit", ["--exit-status"]),
        ("scantop status --server ", ["prod", "tf"]),
        ("scantop --server=t", ["tf"]),
        ("scantop status prod:b", [r"build/my-build/1\?project=p", "build/"]),
        ("scantop wait tf", ["tf:scan/6/41", "tf:scan/"]),
        ("scantop --server tf status ", ["tf:scan/6/41", "tf:scan/"]),
        ("scantop completion ", ["bash", "zsh", "fish"]),
        ("scantop status --config ", []),
        ("scantop no-such-command ", []),
    ],
)
def test_bash(shell_home: Path, line: str, offered: list[str]) -> None:
    assert bash(line) == offered


def test_the_watch_list_is_offered_too(shell_home: Path) -> None:
    assert scantop("watch", "add", "prod:build/other/7").code == 0
    assert bash("scantop watch remove prod:build/o") == ["build/other/7"]


def test_zsh(shell_home: Path) -> None:
    stubs = """compdef() { print "registered $*" }; compadd() { print -rl -- "$@" }; _files() { print files }
    source <(scantop completion zsh)
    words=(scantop status prod:b); CURRENT=3; _scantop
    words=(scantop --config ''); CURRENT=3; _scantop"""
    lines = in_shell("zsh", stubs, "-f")
    assert lines[0] == "registered _scantop scantop" and lines[-1] == "files"
    assert {"prod:build/my-build/1?project=p", "prod:build/"} <= set(lines)


def test_fish(shell_home: Path) -> None:
    code = 'scantop completion fish | source; complete -C "scantop status tf"; complete -C "scantop sta"'
    lines = in_shell("fish", code, "--no-config")
    assert "tf:scan/6/41\tnightly" in lines and any(line.startswith("status\t") for line in lines)


def test_it_loads_nothing_heavy_and_shows_no_token(shell_home: Path) -> None:
    assert loaded("completion", "words", "--", "status", "") == []
    said = scantop("completion", "words", "--describe", "--", "status", "")
    assert said.code == 0 and "prod:build/" in said.out and "planted" not in said.out + said.err


@pytest.mark.parametrize("content", ["[servers.x", "", None])
def test_without_a_usable_config_there_is_nothing_to_say(shell_home: Path, content: str | None) -> None:
    config = shell_home / "config.toml"
    config.unlink() if content is None else config.write_text(content)
    assert bash("scantop status ") == [] and bash("scantop sta") == ["status"]


def test_a_hostile_name_reaches_no_shell(shell_home: Path) -> None:
    (shell_home / "config.toml").write_text(
        CONFIG + '[[watch]]\ntarget = "prod:build/$(touch%20x)/1"\n[[watch]]\ntarget = "prod:build/`id`;ls/2"\n'
    )
    offered = bash("scantop status prod:build/")
    assert offered[1:3] == [r"build/\$\(touch%20x\)/1", r"build/\`id\`\;ls/2"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_scripts_are_fine_for_their_shells(shell_home: Path, shell: str) -> None:
    said = scantop("completion", shell)
    path = shell_home / "script"
    path.write_text(said.out)
    assert said.code == 0 and in_shell(shell, f"{shell} -n {path}") == []


def test_an_unknown_shell_is_one_sentence() -> None:
    said = scantop("completion", "tcsh")
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)


def test_the_manual_page_is_clean_roff() -> None:
    said = scantop("man")
    assert said.code == 0 and said.out.startswith(".TH SCANTOP 1")
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    ran = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-P-cbou"],
        input=said.out,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    for word in ("scantop doctor", "--exit-status", "exit codes:"):
        assert word in ran.stdout
