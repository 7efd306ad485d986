"""The type that prints as stars, and the sources of tokens."""

from __future__ import annotations

import asyncio
import copy
import gc
import os
import pickle
import sys
import traceback
from base64 import b64encode
from pathlib import Path
from types import ModuleType
from urllib.parse import quote

import pytest

import tui.secrets
from tui.secrets import Secret, SecretError, read_token, readers_note, redact_all, source_note
from tui.settings import AppriseChannel, TokenSource, WebhookChannel

CANARY = "canary/s3cret+value=="


def read(how: str, *what: str, **environ: str) -> Secret | None:
    return asyncio.run(read_token(TokenSource(how, what), environ))


def revealed(how: str, *what: str, **environ: str) -> str:
    secret = read(how, *what, **environ)
    assert secret is not None
    return secret.reveal()


def refused(how: str, *what: str, **environ: str) -> str:
    with pytest.raises(SecretError) as caught:
        read(how, *what, **environ)
    shown = "".join(traceback.format_exception(caught.value))
    assert CANARY not in shown
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_a_secret_prints_as_stars_however_it_is_printed() -> None:
    secret = Secret(CANARY, "me")
    shown = [str(secret), repr(secret), f"{secret}", f"{secret:>99}", f"{secret!r}", f"{secret}", repr([secret])]
    assert not any(CANARY in text for text in shown)
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        copy.deepcopy(secret)
    with pytest.raises(AttributeError):
        secret.__dict__  # noqa: B018
    assert secret.reveal() == CANARY


def test_secrets_compare_by_value() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != Secret("a", "user")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1
    assert (bool(Secret("a")), bool(Secret(""))) == (True, False)


def test_redaction_finds_every_form() -> None:
    secret = Secret(CANARY, "me")
    basic = b64encode(f"me:{CANARY}".encode()).decode()
    for form in (CANARY, quote(CANARY, safe=""), b64encode(CANARY.encode()).decode(), basic):
        text = secret.redact(f"before {form} after")
        assert form.rstrip("=") not in text
        assert text.startswith("before ***")
        assert text.endswith(" after")
    assert Secret("ab").redact("abba") == "abba", "too short to look for"


def test_a_report_holds_nothing_of_what_rules_tell_by() -> None:
    def literal(text: str) -> TokenSource:
        return TokenSource("literal", (text,))

    hook = WebhookChannel(
        literal("https://hooks.example.com/services/T0CANARY1/kanarie%2B2"),
        literal("kanarie-3"),
        proxy="http://me:kanarie-4@proxy",
    )
    elsewhere = WebhookChannel(TokenSource("env", ("HOOK",)), TokenSource("env", ("MINE",)))
    rules = [hook, elsewhere, AppriseChannel(literal("slack://kanarie-7/kanarie-8/#room"))]
    gc.freeze()  # as the monitor does when it is there
    try:
        report = redact_all(
            "POST https://hooks.example.com/services/T0CANARY1/kanarie%2B2 | hooks.example.com said no to "
            "/services/T0CANARY1/kanarie%2B2, T0CANARY1 | kanarie+2 kanarie-3 me:kanarie-4@proxy | kanarie-5 "
            "/in/kanarie-6 ?key=kanarie-6 | slack://kanarie-7/kanarie-8/#room kanarie-7 kanarie-8",
            {"HOOK": "https://example.com/in/kanarie-6?key=kanarie-6", "MINE": "kanarie-5"},
        )
    finally:
        gc.unfreeze()
    assert "kanarie" not in report and "CANARY" not in report and len(rules) == 3
    assert "| hooks.example.com said no to ***, ***" in report


def test_no_source_is_no_token() -> None:
    assert asyncio.run(read_token(None, {})) is None


def test_literal_and_environment() -> None:
    assert revealed("literal", f" {CANARY} ") == CANARY
    assert revealed("env", "T", T=f"{CANARY}\n") == CANARY
    assert refused("env", "T") == "The environment variable T is not set."
    assert refused("env", "T", T=" ") == "The environment variable T is empty."
    assert "line break" in refused("env", "T", T=f"{CANARY}\n{CANARY}")


def test_the_environment_of_the_process_is_read_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    source = TokenSource("env", ("SCANTOP_TEST_T",))
    for text in ("one", "two"):
        monkeypatch.setenv("SCANTOP_TEST_T", text)
        assert asyncio.run(read_token(source)) == Secret(text)


def test_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "token"
    path.write_text(f"\ufeff{CANARY}\r\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert revealed("file", str(path)) == CANARY
    assert revealed("file", "~/token") == CANARY
    assert "No such file" in refused("file", str(tmp_path / "none"))
    assert "Is a directory" in refused("file", str(tmp_path))
    path.write_text("")
    assert "is empty" in refused("file", str(path))
    path.write_bytes(b"x" * 100_000)
    assert "no token" in refused("file", str(path))


def test_a_pipe_as_token_file_is_refused_and_holds_nobody(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert "no regular file" in refused("file", str(path))


def test_a_file_that_others_can_read_is_noted(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("x")
    path.chmod(0o640)
    assert "chmod 600" in readers_note(path)
    assert "640" in source_note(TokenSource("file", (str(path),)))
    path.chmod(0o600)
    assert readers_note(path) == ""
    assert source_note(TokenSource("env", ("X",))) == ""
    assert readers_note(tmp_path / "none") == ""


def test_a_command_gives_its_first_line() -> None:
    assert revealed("command", "printf", f"{CANARY}\nuser: me\n") == CANARY


def test_a_command_is_no_shell(tmp_path: Path) -> None:
    assert revealed("command", "echo", "$HOME;", "`id`") == "$HOME; `id`"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("false",), "ended with exit status 1"),
        (("/nonexistent/pass", CANARY), "'pass' cannot be started"),
        (("true",), "is empty"),
        ((), "is empty"),
        (("a\0b",), "cannot be started"),
        ((sys.executable, "-c", f"print('{CANARY}'); raise SystemExit(3)"), "exit status 3"),
        ((sys.executable, "-c", "print('x' * 200000)"), "wrote more than"),
    ],
)
def test_commands_that_fail(arguments: tuple[str, ...], words: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert words in refused("command", *arguments)
    shown = capfd.readouterr()
    assert CANARY not in shown.out + shown.err


def test_a_command_that_never_ends_is_stopped_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tui.secrets, "COMMAND_S", 0.3)
    left = tmp_path / "pid"
    assert "was stopped" in refused("command", "sh", "-c", f"sleep 600 & echo $! > {left}; wait")
    pid = int(left.read_text())
    with pytest.raises(ProcessLookupError):
        for _ in range(1000):  # the kernel reaps it in its own time
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                raise ProcessLookupError


def test_a_command_does_not_reach_the_terminal() -> None:
    script = "import os,sys; print(os.getsid(0) == os.getpid(), sys.stdin.read() == '')"
    assert revealed("command", sys.executable, "-c", script) == "True True"


def test_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    ring = ModuleType("keyring")
    kept = {("scantop", "prod"): CANARY}
    ring.get_password = lambda service, user: kept.get((service, user))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", ring)
    assert revealed("keyring", "scantop/prod") == CANARY
    assert "no entry 'x'" in refused("keyring", "scantop/x")

    def locked(service: str, user: str) -> str:
        raise RuntimeError(CANARY)

    ring.get_password = locked  # type: ignore[attr-defined]
    assert "RuntimeError" in refused("keyring", "scantop/prod")
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert "scantop[keyring]" in refused("keyring", "scantop/prod")


def test_a_source_that_is_none() -> None:
    assert "carrier pigeon" in refused("carrier pigeon", "x")
