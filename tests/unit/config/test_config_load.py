"""A good config becomes settings, whole; the environment alone is enough; a document needs no file."""

from __future__ import annotations

from pathlib import Path

import pytest
from toy_kinds import KINDS

from tui.config import ConfigError, from_document, load
from tui.domain.records import ListQuery
from tui.domain.target import Target
from tui.settings import TokenSource, WatchedList, WatchedTarget

WHOLE = """\
read_only = true

[servers.north]
kind = "harbour"
url = "https://north.example.com/harbour/"
token = { command = ["pass", "show", "north"] }
user = "me"
ca_file = "ca.pem"
client_cert = "ca.pem"
client_key = "ca.pem"
verify = false
proxy = "http://proxy.example.com:3128"
read_only = true
answer_bytes = 4096
connect_timeout = "3s"
first_byte_timeout = "20s"
answer_timeout = "1m30s"
budget_per_minute = 60
pilots = false

[servers.south]
kind = "depot"
url = "http://south.example.com:8888"
token = { file = "token.txt" }
allow_http = true
timezone = "UTC"

[[watch]]
server = "north"
ship = "Beagle"
voyage = "2"
label = "second"

[[watch]]
target = "ship/Beagle/3?line=red"

[[watch]]
tasks = { status = "Active" }

[[watch]]
server = "north"
ship = "Beagle"
voyage = "2"

[poll]
active = "2s"
settled = "1h"
grace = "10m"
concurrency = 3

[ui]
theme = "scantop-light"
keymap = { "poll.refresh" = "f5" }
ascii = true
filters = { builds = "state:failed" }
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_everything_is_read(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("x")
    path = write(tmp_path, "\ufeff" + WHOLE.replace("\n", "\r\n"))
    settings = load(path, {}, KINDS)
    north, south = settings.servers
    assert (north.kind, north.url, north.user) == ("harbour", "https://north.example.com", "me")
    assert north.token == TokenSource("command", ("pass", "show", "north"))
    assert {north.ca_file, north.client_cert, north.client_key} == {tmp_path / "ca.pem"}
    assert (north.verify, north.read_only, north.allow_http) == (False, True, False)
    assert north.proxy == "http://proxy.example.com:3128"
    assert (north.answer_bytes, north.connect_s, north.first_byte_s, north.answer_s) == (4096, 3.0, 20.0, 90.0)
    assert north.budget_per_minute == 60
    assert dict(north.extra) == {"pilots": False}
    assert south.token == TokenSource("file", (str(tmp_path / "token.txt"),))
    assert dict(south.extra) == {"timezone": "UTC"}
    assert settings.watch == (
        WatchedTarget(Target("north", "ship", ("Beagle", "2")), "second"),
        WatchedTarget(Target("north", "ship", ("Beagle", "3"), (("line", "red"),))),
        WatchedList(ListQuery("south", "tasks", (("status", "Active"),))),
    )
    poll = settings.poll
    assert (poll.active_s, poll.settled_s, poll.grace_s, poll.concurrency) == (2.0, 3600.0, 600.0, 3)
    assert (settings.ui.theme, settings.ui.ascii) == ("scantop-light", True)
    assert dict(settings.ui.keymap) == {"poll.refresh": "f5"}
    assert dict(settings.ui.filters) == {"builds": "state:failed"}
    assert settings.read_only and settings.path == path
    assert [warning.removeprefix(f"{path}:") for warning in settings.warnings] == [
        "11: servers.north.verify: the server's certificate is not checked; ca_file is the safe way to trust a private "
        "one",
        "40: watch[4]: north:ship/Beagle/2 is watched already",
    ]


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    path = write(tmp_path, '[servers.d]\nkind = "depot"\nurl = "https://d"\n')
    settings = load(path, {}, KINDS)
    assert settings.watch == () and settings.ui.ascii is None and not settings.read_only
    assert settings.server("d").token is None and dict(settings.server("d").extra) == {"timezone": ""}


@pytest.mark.parametrize("host", ["127.0.0.1:80", "127.8.8.8", "[::1]:9", "localhost"])
def test_loopback_may_be_plain_and_often(host: str) -> None:
    settings = from_document(
        {
            "servers": {"d": {"kind": "depot", "url": f"http://{host}", "token": "written"}},
            "poll": {"active": "300ms"},
        },
        kinds=KINDS,
    )
    assert settings.poll.active_s == 0.3
    assert settings.server("d").token == TokenSource("literal", ("written",))
    assert settings.path is None


@pytest.mark.parametrize("host", ["127.0.0.1.example.com", "10.0.0.1", "localhost.example.com", "0.0.0.0"])
def test_what_only_looks_like_loopback_is_not(host: str) -> None:
    with pytest.raises(ConfigError, match=r"servers\.d\.url: is plain http to another machine"):
        from_document({"servers": {"d": {"kind": "depot", "url": f"http://{host}"}}}, kinds=KINDS)


def test_the_environment_alone_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    environ = {"HB_URL": "https://h.example.com/harbour", "HB_TOKEN": "x", "DEPOT_URL": "https://d"}
    settings = load(None, environ, KINDS)
    (server,) = settings.servers
    assert (server.name, server.kind, server.url) == ("hb", "harbour", "https://h.example.com")
    assert server.token == TokenSource("env", ("HB_TOKEN",))
    assert dict(server.extra) == {"pilots": True}
    assert settings.warnings == ("DEPOT_URL: is set, but DEPOT_TOKEN is not",)


def test_the_environment_may_bring_user_and_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    settings = load(None, {"HB_URL": "https://h", "HB_USER": "me", "HB_PASSWORD": "x"}, KINDS)
    assert settings.servers[0].user == "me"
    assert settings.servers[0].token == TokenSource("env", ("HB_PASSWORD",))


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"HB_URL": "https://h"}, "HB_URL: is set, but HB_TOKEN (or HB_USER and HB_PASSWORD) is not"),
        ({"HB_URL": "http://h.example.com", "HB_TOKEN": "t"}, "HB_URL: is plain http to another machine"),
        ({"HB_URL": "ftp://h.example.com", "HB_TOKEN": "t"}, "HB_URL: must start with https"),
    ],
)
def test_a_half_set_environment_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], words: str
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with pytest.raises(ConfigError) as caught:
        load(None, environ, KINDS)
    assert words in str(caught.value) and "allow_http" not in str(caught.value)


def test_a_url_without_a_scheme_is_completed_by_its_kind() -> None:
    settings = from_document({"servers": {"n": {"kind": "harbour", "url": "h.example.com:8443/harbour"}}}, kinds=KINDS)
    assert settings.server("n").url == "https://h.example.com:8443"


def test_a_file_without_servers_is_completed_by_the_environment(tmp_path: Path) -> None:
    path = write(tmp_path, '[[watch]]\nship = "Beagle"\nvoyage = "2"\n[[watch]]\ntarget = "hb:ship/Beagle/3"\n')
    environ = {"SCANTOP_CONFIG": str(path), "HB_URL": "https://h", "HB_TOKEN": "t"}
    settings = load(None, environ, KINDS)
    assert [server.name for server in settings.servers] == ["hb"]
    assert [item.target.key for item in settings.watch if isinstance(item, WatchedTarget)] == [
        "hb:ship/Beagle/2",
        "hb:ship/Beagle/3",
    ]
    write(tmp_path, '[poll]\nactive = "300ms"\n')
    with pytest.raises(ConfigError, match="under 1s"):
        load(None, environ, KINDS)
    assert load(None, {**environ, "HB_URL": "http://127.0.0.1:8"}, KINDS).poll.active_s == 0.3


def test_the_named_file_wins_over_the_variable(tmp_path: Path) -> None:
    path = write(tmp_path, '[servers.d]\nkind = "depot"\nurl = "https://d"\n')
    assert load(str(path), {"SCANTOP_CONFIG": "/nowhere"}, KINDS).path == path
