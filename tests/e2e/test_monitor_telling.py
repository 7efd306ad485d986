"""Rules through the front door: two failures of one poll ring once, and the secrets of channels are nowhere."""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from command import Simulated, scantop, simulated
from pty_screen import Terminal, on_terminal

SCANTOP = [sys.executable, "-m", "tui"]
HOOK_PATH = "/services/kanarie-hook/ge+heim"
CANARIES = ("kanarie", "ge+heim", "ge%2Bheim")


class Hook(BaseHTTPRequestHandler):
    """Takes messages."""

    server: Site

    def do_POST(self) -> None:
        self.server.got.append((self.path, json.loads(self.rfile.read(int(self.headers["content-length"])))))
        self.server.is_told.set()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.path)))
        self.end_headers()
        self.wfile.write(self.path.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


class Site(ThreadingHTTPServer):
    """A receiver on loopback that repeats what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Hook)
        self.got: list[tuple[str, dict[str, object]]] = []
        self.is_told = threading.Event()
        self.status = 200


@contextmanager
def site() -> Iterator[Site]:
    one = Site()
    thread = threading.Thread(target=one.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield one
    finally:
        one.shutdown()
        one.server_close()
        thread.join()


@pytest.fixture(scope="module")
def world() -> Iterator[Simulated]:
    """A busy simulator whose time the test moves."""
    with simulated("--scenario=busy", "--frozen", "--seed=11") as running:
        yield running


def bells(terminal: Terminal) -> int:
    """How often it was rung; the same byte also ends other sequences."""
    return re.sub(rb"\x1b\][^\x07\x1b]*\x07", b"", terminal.written).count(b"\x07")


def rules(url: str) -> str:
    return f"""
[[watch]]
server = "sca"
jobs = {{ limit = 200 }}

[poll]
active = "200ms"

[[tell]]
name = "ring"
on = ["failed"]
channel = "bell"
every = "1s"

[[tell]]
name = "hook"
on = ["failed"]
channel = [{{ webhook = {{ env = "HOOK_URL" }} }}, {{ webhook = "{url}" }}, {{ apprise = "toy://kanarie/ge+heim" }}]
every = "1s"
"""


def test_two_failures_of_one_poll_ring_once_and_no_secret_is_anywhere(
    world: Simulated, own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site() as one:
        url = f"http://127.0.0.1:{one.server_port}{HOOK_PATH}"
        monkeypatch.setenv("HOOK_URL", url)
        monkeypatch.setenv("SCANTOP_STATE", str(tmp_path / "state"))
        path = world.config(own_home / "config.toml", rules(url.replace("/services", "/missing")))
        with on_terminal([*SCANTOP, "--config", str(path)], 120, 36, folder=tmp_path) as terminal:
            terminal.until_shown("page 1 of 2,", "page 1 of 25,")
            assert not one.got and not bells(terminal)
            world.control("clock", {"advance_s": 600})  # jobs come and end, some of them badly
            terminal.until(lambda text: bells(terminal) > 0, "a bell")
            assert one.is_told.wait(30)
            terminal.type("m")
            terminal.until_shown("Told by rule ring", "could not tell by apprise")
            terminal.type("q")
            assert terminal.end() == 0
        notice = next(document for path, document in one.got if path == HOOK_PATH)
        events = notice["events"]
        assert isinstance(events, list) and len(events) >= 2 and {event["event"] for event in events} == {"failed"}
        assert re.match(r"\d+ failed: .+, .+", str(notice["text"]))
        assert len(one.got) == 2  # one message by each channel, nothing by itself again
        assert bells(terminal) == 1
        one.status = 500
        said = [scantop(*words, "--config", str(path)) for words in (["doctor", "--tell"], ["config", "check"])]
    assert [one.code for one in said] == [3, 0]
    assert said[0].out.count("answered HTTP 500") == 2 and "There is no terminal here" in said[0].out
    assert "tell hook: failed; by webhook (env HOOK_URL), webhook (a token in the config file), apprise" in said[1].out
    shown = terminal.written.decode("utf-8", "replace") + "".join(one.out + one.err for one in said)
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()).decode("utf-8", "replace")
    for canary in CANARIES:
        assert canary not in shown and canary not in kept


def test_doctor_tells_by_one_rule_and_names_the_nearest(world: Simulated, tmp_path: Path) -> None:
    out = tmp_path / "out"
    text = f'[[tell]]\nname = "night shift"\non = "ended"\nchannel = {{ command = ["/usr/bin/tee", "{out}"] }}\n'
    path = str(world.config(tmp_path / "config.toml", text))
    told = scantop("doctor", "--tell", "night shift", "--json", "--config", path)
    assert told.code == 0 and out.exists()
    (step,) = told.document["here"]
    assert (step["verdict"], step["text"]) == ("ok", "night shift told by the command /usr/bin/tee.")
    wrong = scantop("doctor", "--tell", "night shifd", "--config", path)
    assert (wrong.code, wrong.err) == (2, "scantop: no rule is called 'night shifd'; did you mean 'night shift'?\n")
    none = scantop("doctor", "--tell", "--config", str(world.config(tmp_path / "other.toml")))
    assert (none.code, none.err) == (2, "scantop: the config has no [[tell]] table, so nobody is told anything\n")
