"""Canary secrets in every source, a server that echoes all that it is sent, and every byte that scantop wrote."""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest
from command import scantop
from pty_screen import on_terminal

SCANTOP = [sys.executable, "-m", "tui"]
SOURCES = ("literal", "env", "file", "command", "jfrog", "basic", "proxy")
# Characters that every encoding writes in a way of its own.
CANARIES = {source: f"kanarie-{source}/ge+heim&{source}=" for source in SOURCES}


def shapes(secret: str) -> set[bytes]:
    """What must be in no file and on no screen: the secret plain, quoted, in base64 and as JSON escapes it."""
    plain = {secret, quote(secret, safe=""), quote(secret), quote(secret, safe="").lower(), secret.replace("/", "\\/")}
    coded = {b64encode(b"x" * shift + secret.encode())[4:-4] for shift in range(3)}
    return {text.encode() for text in plain} | coded | {secret.split("/")[1].encode()}


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was sent, in as many places and forms as there are; the path says how."""

    protocol_version = "HTTP/1.1"
    server: Site

    def do_GET(self) -> None:
        """Any question."""
        self.rfile.read(int(self.headers.get("content-length", 0)))
        sent = self.headers.get("authorization", "") + " " + self.headers.get("proxy-authorization", "")
        token = sent.split()[-1] if sent.split() else ""
        how = self.server.how
        told = {"error": sent, "errors": [{"message": f"no {sent}"}], "quoted": quote(token, safe="")}
        told |= {
            "message": f"bad token {token} / {b64encode(token.encode()).decode()}",
            "status": "FAILED",
            "id": token,
        }
        text = json.dumps(told).replace("/", "\\/")
        status = {"401": 401, "500": 500, "redirect": 302}.get(how, 200)
        if how == "page":
            text = f"<html><head><title>{sent}</title></head><body>{token}</body></html>"
        self.server.sent.append(sent)
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if how == "page" else "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("X-Echo", sent.strip())
        if how == "redirect":
            self.send_header(
                "Location", f"http://127.0.0.1:{self.server.elsewhere}/at/{quote(token, safe='')}?t={token}"
            )
        self.end_headers()
        self.wfile.write(text.encode())

    do_POST = do_PUT = do_DELETE = do_CONNECT = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


class Site(ThreadingHTTPServer):
    """One server; `sent` are the credentials that reached it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Echo)
        self.how = "echo"
        self.elsewhere = 0
        self.sent: list[str] = []


@contextmanager
def sites() -> Iterator[tuple[Site, Site]]:
    """The server, and the host to which it redirects."""
    both = Site(), Site()
    both[0].elsewhere = both[1].server_port
    threads = [threading.Thread(target=site.serve_forever, args=(0.05,)) for site in both]
    for thread in threads:
        thread.start()
    try:
        yield both
    finally:
        for site, thread in zip(both, threads, strict=True):
            site.shutdown()
            site.server_close()
            thread.join()


@pytest.fixture
def config(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, Site, Site]]:
    """A config with a server for each source of a secret."""
    secret_file, script = own_home / "secret.txt", own_home / "say.sh"
    secret_file.write_text(CANARIES["file"])
    script.write_text(f"#!/bin/sh\nenv > {own_home}/child-environment\necho '{CANARIES['command']}'\n")
    script.chmod(0o700)
    monkeypatch.setenv("CANARY_TOKEN", CANARIES["env"])
    with sites() as (site, elsewhere):
        url = f"http://127.0.0.1:{site.server_port}"
        (own_home / ".jfrog").mkdir()
        servers = [{"serverId": "c", "url": url + "/", "accessToken": CANARIES["jfrog"], "isDefault": True}]
        (own_home / ".jfrog/jfrog-cli.conf.v6").write_text(json.dumps({"servers": servers, "version": "6"}))
        password = quote(CANARIES["proxy"], safe="")
        tokens = {
            "literal": json.dumps(CANARIES["literal"]),
            "env": '{ env = "CANARY_TOKEN" }',
            "file": f'{{ file = "{secret_file}" }}',
            "command": f'{{ command = ["{script}"] }}',
            "jfrog": '{ jfrog_cli = "c" }',
            "basic": json.dumps(CANARIES["basic"]) + '\nuser = "me"',
            "proxy": f'"none-here"\nproxy = "http://me:{password}@127.0.0.1:{site.server_port}"',
        }
        text = "".join(
            f'[servers.{name}]\nkind = "{kind}"\nurl = "{url}/{name}"\ntoken = {token}\n'
            f'[[watch]]\nserver = "{name}"\n{watch}\n'
            for (name, token), (kind, watch) in zip(
                tokens.items(),
                [
                    ("xray", 'build = "b"\nnumber = "1"'),
                    ("threadfix", "application = 6\npending_scan = 41"),
                    ("codeinsight", "job = 7"),
                    *[("xray", 'build = "b"\nnumber = "1"')] * 4,
                ],
                strict=True,
            )
        )
        path = own_home / "config.toml"
        path.write_text(text)
        path.chmod(0o600)
        yield path, site, elsewhere


def assert_clean(what: str, content: bytes, but: str = "") -> None:
    """None of the canaries is in it, in any shape."""
    for source, secret in CANARIES.items():
        if source != but:
            found = [shape for shape in shapes(secret) if shape in content]
            assert not found, f"the secret of {source} is in {what}: {found}"


def assert_clean_files(home: Path) -> None:
    """No file that was written holds any, but those that the test planted."""
    planted = {"config.toml", "secret.txt", "say.sh", "jfrog-cli.conf.v6", "child-environment"}
    for path in home.rglob("*"):
        if path.is_file() and path.name not in planted:
            assert_clean(str(path), path.read_bytes())
            assert path.stat().st_mode & 0o077 == 0, f"{path} can be read by others"


@pytest.mark.parametrize("how", ["echo", "401", "500", "page", "redirect"])
def test_no_command_lets_a_secret_out(how: str, config: tuple[Path, Site, Site], own_home: Path) -> None:
    path, site, elsewhere = config
    site.how = how
    os.environ["SCANTOP_DEBUG"] = "1"
    try:
        for command in (
            ["status", "--json"],
            ["jobs"],
            ["doctor", "--json"],
            ["config", "check"],
            ["history", "--json"],
        ):
            if how != "echo" and command[0] != "status":
                continue
            said = scantop(*command, "--config", str(path))
            assert_clean(" ".join(command), (said.out + said.err).encode())
    finally:
        del os.environ["SCANTOP_DEBUG"]
    assert_clean_files(own_home)
    reached = " ".join(site.sent)
    assert all(CANARIES[source] in reached for source in ("literal", "env", "command", "jfrog"))
    assert elsewhere.sent == []


def test_the_screen_and_what_is_exported_of_it_hold_no_secret(
    config: tuple[Path, Site, Site], own_home: Path, tmp_path: Path
) -> None:
    path, *_ = config
    old = os.umask(0)  # files that we write are private whatever the mask
    try:
        with on_terminal([*SCANTOP, "--config", str(path)], 160, 44, folder=tmp_path) as terminal:
            terminal.until(lambda text: text.count("? bad") == 5 and "***" in text, "all servers asked")
            command_line = Path(f"/proc/{terminal.pid}/cmdline").read_bytes()
            terminal.type("\r")
            terminal.until_shown("Esc back")
            terminal.type("GgGYy")
            terminal.until_shown("opied")
            terminal.type("\x1b")
            terminal.until_shown("1 Builds and artifacts")
            for number, what in enumerate(("pane CSV", "pane JSON", "screen SVG", "screen text")):
                terminal.type("e")
                terminal.until_shown("(*) pane CSV")
                for _ in range(number):
                    terminal.type("\x1b[C")
                terminal.until_shown(f"(*) {what}")
                terminal.type("\r")
                terminal.until_shown("Wrote")
                terminal.until(lambda text: "Where" not in text, "that it is written")
            terminal.type("m")
            terminal.until_shown("Messages")
            terminal.type("\x1b")
            terminal.until_shown("1 Builds and artifacts")
            terminal.type("q")
            assert terminal.end() == 0
    finally:
        os.umask(old)
    assert_clean("the command line", command_line)
    assert_clean("the terminal", terminal.written)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".csv", ".json", ".svg", ".txt"]
    assert_clean_files(own_home)
    assert_clean_files(tmp_path)
    child = re.sub(rb"CANARY_TOKEN=.*", b"", (own_home / "child-environment").read_bytes())
    assert_clean("the environment of the token's command", child)
