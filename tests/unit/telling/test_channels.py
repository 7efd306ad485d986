"""Channels for real: a command that writes down what it was given, a webhook on loopback, a service behind apprise."""

from __future__ import annotations

import asyncio
import json
import os
import select
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tui.cli.session import narrow
from tui.clock import SystemClock
from tui.config import load
from tui.crash import report_text
from tui.servers.http import Http
from tui.settings import (
    AppriseChannel,
    Channel,
    CommandChannel,
    ServerSettings,
    Settings,
    TellRule,
    TerminalChannel,
    TokenSource,
    WebhookChannel,
)
from tui.telling.by_apprise import AppriseSender
from tui.telling.channels import ChannelError, senders_of, words_of
from tui.telling.command import CommandSender
from tui.telling.notice import Notice, Told
from tui.telling.webhook import WebhookSender

AT = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
EVIL = Told("failed", "s:build/-rf/1", "-rf $(touch here)", "s", "build", "failed", "FAILED", "https://x/1")
NOTICE = Notice("night", AT, (EVIL,))
SECRET = "kanarie+geheim"


def send(channel: Channel, notice: Notice = NOTICE) -> str:
    """Send by a channel as a rule does; the error's sentence, "" for none."""
    server = ServerSettings("s", "xray", "https://x", TokenSource("env", ("JF_TOKEN",)))
    rule = TellRule("night", ("failed",), (channel,))
    (sender,) = senders_of(rule, Settings(servers=(server,), tell=(rule,)), SystemClock(), lambda *_: False)
    return outcome(sender.send(notice))


def outcome(sending) -> str:
    try:
        asyncio.run(sending)
    except ChannelError as error:
        return str(error)
    return ""


# commands


def script(folder: Path, body: str) -> str:
    path = folder / "tell.sh"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o700)
    return str(path)


def test_a_command_gets_its_words_without_a_shell_and_without_our_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JF_TOKEN", SECRET)
    monkeypatch.setenv("OTHER", "kept")
    out = tmp_path / "out"
    program = script(tmp_path, f'printf "%s\\n" "$@" > {out}; env >> {out}; cat >> {out}; tty >> {out} || true')
    words = (program, "{name}", "--to={event}", "{text}", "{{x}}", "{url}", "-v")
    assert send(CommandChannel(words)) == ""
    lines = out.read_text().splitlines()
    assert lines[:6] == [" -rf $(touch here)", "--to=failed", " -rf $(touch here): failed", "{x}", "https://x/1", "-v"]
    assert "OTHER=kept" in lines and SECRET not in out.read_text() and lines[-1] == "not a tty"
    assert not (tmp_path / "here").exists()


def test_a_command_gets_no_secret_of_a_server_that_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config, out = tmp_path / "config.toml", tmp_path / "out"
    command = json.dumps([script(tmp_path, f"env > {out}")])
    servers = "".join(
        f'[servers.{name}]\nkind = "xray"\nurl = "https://{name}"\ntoken = {{ env = "{name}_TOKEN" }}\n'
        for name in "ab"
    )
    config.write_text(f'{servers}[[tell]]\non = "failed"\nchannel = {{ command = {command} }}\n')
    for name in "ab":
        monkeypatch.setenv(f"{name}_TOKEN", SECRET)
    settings = narrow(load(config, os.environ), "a")
    (sender,) = senders_of(settings.tell[0], settings, SystemClock(), lambda *_: False)
    assert outcome(sender.send(NOTICE)) == "" and "PATH=" in out.read_text() and SECRET not in out.read_text()


def test_a_command_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    pipe = tmp_path / "alive"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    program = script(tmp_path, f"exec 3> {pipe}; sleep 600 & sleep 600")
    said = outcome(CommandSender((program,), frozenset(), limit_s=0.3).send(NOTICE))
    assert said == "The command 'tell.sh' did not end within 0.3 s, so it was ended."
    assert select.select([reader], [], [], 30)[0] and os.read(reader, 1) == b""  # its child holds the pipe no longer
    os.close(reader)


def test_a_command_that_fails_or_is_not_there_is_told(tmp_path: Path) -> None:
    assert send(CommandChannel((script(tmp_path, "exit 3"),))) == "The command 'tell.sh' ended with exit status 3."
    missing = send(CommandChannel(("/nowhere/notify-send", "{text}")))
    assert missing == "The command 'notify-send' cannot be started: No such file or directory."


# webhooks


class Hook(BaseHTTPRequestHandler):
    """Takes a message; the path says how it answers, and it repeats all that it was sent."""

    server: Site

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append((self.path, self.headers.get("authorization"), json.loads(body)))
        status = int(self.path.split("/")[1])
        answer = json.dumps({"error": f"{self.path} {self.headers.get('authorization')}"}).encode()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/200/elsewhere")
        if status != 204:
            self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if status != 204:
            self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


class Site(HTTPServer):
    """A receiver on loopback."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Hook)
        self.got: list[tuple[str, str | None, dict[str, object]]] = []


@contextmanager
def site() -> Iterator[Site]:
    one = Site()
    thread = threading.Thread(target=one.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield one
    finally:
        one.shutdown()
        one.server_close()
        thread.join()


def hook(url: str, token: TokenSource | None = None) -> WebhookChannel:
    return WebhookChannel(TokenSource("literal", (url,)), token)


def test_a_webhook_gets_one_json_and_what_it_answers_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_TOKEN", SECRET)
    with site() as one:
        base = f"http://127.0.0.1:{one.server_port}"
        token = TokenSource("env", ("HOOK_TOKEN",))
        assert send(hook(f"{base}/204/{SECRET}?key={SECRET}", token)) == ""
        path, sent, document = one.got.pop()
        assert (path, sent) == (f"/204/{SECRET}?key={SECRET}", f"Bearer {SECRET}")
        assert document["text"] == NOTICE.text and document["rule"] == "night" and document["version"] == 1
        assert document["events"][0]["target"] == "s:build/-rf/1"  # type: ignore[index]
        for status in (302, 401, 404, 500):
            said = send(hook(f"{base}/{status}/{SECRET}", token))
            assert said == f"127.0.0.1 answered HTTP {status}."
        assert [path for path, *_ in one.got] == [f"/{status}/{SECRET}" for status in (302, 401, 404, 500)]  # once each


def test_a_webhook_that_hangs_is_given_up() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/{SECRET}"
        said = outcome(WebhookSender(hook(url), SystemClock(), limit_s=0.3).send(NOTICE))
        assert "said nothing for 0.3 s" in said and SECRET not in said
    said = send(hook(url))
    assert "refused the connection" in said and SECRET not in said


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"http://hooks.example.com/{SECRET}", "is plain http to another machine; use https, or say allow_http = true"),
        (f"ftp://{SECRET}", "must start with https://"),
        (f"https://:80/{SECRET}", "has no host that can be read"),
        (f"https://hooks.example.com//{SECRET}/x", "has a path that begins with two slashes; write one"),
    ],
)
def test_a_webhooks_url_that_cannot_be_used_is_told_without_it(
    url: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK", url)
    told = send(WebhookChannel(TokenSource("env", ("HOOK",))))
    assert told.startswith(f"The webhook's URL {said}") and SECRET not in told
    monkeypatch.delenv("HOOK")
    told = send(WebhookChannel(TokenSource("env", ("HOOK",))))
    assert told == "The webhook's URL is not known: The environment variable HOOK is not set."


def test_a_mistake_while_a_webhook_is_told_leaves_a_report_without_its_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def boom(http: Http, method: str, path: str, **more: object) -> None:
        raise LookupError(f"{method} {path}")

    monkeypatch.setattr(Http, "request", boom)
    (tmp_path / "hook").write_text(f"http://127.0.0.1:1/in/{SECRET}")
    with pytest.raises(LookupError, match="POST /in") as caught:
        send(WebhookChannel(TokenSource("file", (str(tmp_path / "hook"),))))
    text = report_text(caught.value, AT, {})
    assert "LookupError: POST ***" in text and SECRET not in text


# apprise

STUB = """
import logging, os, threading
class Apprise:
    def add(self, url):
        self.url = url
        logging.getLogger("apprise").warning("added %s", url)
        return url.startswith("toy://")
    def notify(self, body, title):
        if "boom" in self.url:
            raise OSError(self.url)
        if "hang" in self.url:
            threading.Event().wait()
        with open(os.environ["TOLD"], "a") as told:
            told.write(f"{title}|{body}|{self.url}")
        return "no" not in self.url
"""


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library of that name, which writes down what it is told."""
    (tmp_path / "apprise.py").write_text(STUB)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "apprise", raising=False)
    monkeypatch.setenv("TOLD", str(tmp_path / "told"))
    return tmp_path / "told"


def apprise(url: str, limit_s: float = 10.0) -> AppriseSender:
    return AppriseSender(AppriseChannel(TokenSource("literal", (url,))), limit_s)


def test_a_service_of_apprise_is_told(library: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert outcome(apprise(f"toy://{SECRET}").send(NOTICE)) == ""
    assert library.read_text() == f"scantop|{NOTICE.text}|toy://{SECRET}"
    assert [outcome(apprise(f"{url}{SECRET}").send(NOTICE)) for url in ("toy://no", "toy://boom", "gopher://")] == [
        "The service did not take the message.",
        "The service could not be told (OSError).",
        "The URL is none that apprise knows a service for.",
    ]
    assert capfd.readouterr() == ("", "")


def test_a_service_that_hangs_is_given_up_and_not_asked_again_meanwhile(library: Path) -> None:
    async def twice(sender: AppriseSender) -> list[str]:
        found = []
        for _ in range(2):
            try:
                await sender.send(NOTICE)
            except ChannelError as error:
                found.append(str(error))
        return found

    first, second = asyncio.run(twice(apprise("toy://hang", limit_s=0.3)))
    assert first == "The service did not answer within 0.3 s."
    assert second == "The service still does not answer the message before."


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    said = send(AppriseChannel(TokenSource("literal", (f"toy://{SECRET}",))))
    assert said.startswith("The library apprise is not installed.") and "scantop[notify]" in said


# words


def test_a_channels_words_hold_no_secret() -> None:
    literal, env = TokenSource("literal", (f"https://x/{SECRET}",)), TokenSource("env", ("HOOK",))
    channels = [TerminalChannel("osc9"), CommandChannel(("a", SECRET)), hook("x"), AppriseChannel(env)]
    channels += [WebhookChannel(literal, literal), AppriseChannel(literal)]
    words = [words_of(channel) for channel in channels]
    assert words[:2] == ["bell and osc9", "the command a"] and words[3] == "apprise (env HOOK)"
    assert SECRET not in " ".join(words) and all(SECRET not in repr(one) for one in channels if one is not channels[1])
