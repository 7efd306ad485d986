"""Whatever is wrong with a config is told with file, line, key and the nearest right key; all of it at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from toy_kinds import KINDS

from tui.config import ConfigError, NoConfigError, load

GOOD = """\
[servers.north]
kind = "harbour"
url = "https://north.example.com/harbour/"
token = { env = "T" }
"""


def faults(folder: Path, text: str, mode: int = 0o600) -> list[str]:
    """What `load` says of a file with that text, without the file's own name before it."""
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    with pytest.raises(ConfigError) as caught:
        load(path, {}, KINDS)
    assert all(str(fault).startswith(f"{path}:") for fault in caught.value.faults)
    return [str(fault).removeprefix(f"{path}:") for fault in caught.value.faults]


CASES = {
    "unknown key": (GOOD + "tokn = 1\n", "5: servers.north.tokn: unknown key; did you mean 'token'?"),
    "unknown top key": ("sevrers = 1\n" + GOOD, "1: sevrers: unknown key; did you mean 'servers'?"),
    "key of another kind": (
        GOOD + 'timezone = "UTC"\n',
        "5: servers.north.timezone: unknown key; known here: allow_http, answer_bytes, answer_timeout, "
        "budget_per_minute, ca_file, client_cert, client_key, connect_timeout, first_byte_timeout, kind, "
        "pilots, proxy, read_only, token, url, user, verify",
    ),
    "dashes": (GOOD + "allow-http = true\n", "5: servers.north.allow-http: unknown key; did you mean 'allow_http'?"),
    "missing kind": (
        '[servers.a]\nurl = "https://a"\n',
        "1: servers.a: the key kind is missing (one of harbour, depot)",
    ),
    "unknown kind": (
        GOOD.replace('"harbour"', '"habour"'),
        "2: servers.north.kind: 'habour' is no kind of server; did you mean 'harbour'?",
    ),
    "missing url": ('[servers.a]\nkind = "depot"\n', "1: servers.a: the key url is missing"),
    "url of another scheme": (
        GOOD.replace("https://", "ftp://"),
        "3: servers.north.url: must start with https:// (or http://)",
    ),
    "url that its kind refuses": (GOOD.replace("north.", "oops."), "3: servers.north.url: is no harbour"),
    "url with a query": (GOOD.replace(".com/", ".com/?x=1"), "3: servers.north.url: must end before any ? or #"),
    "url without a host": (GOOD.replace("north.example.com", ""), "3: servers.north.url: has no host that can be read"),
    "url with password": (
        GOOD.replace("https://", "https://me:hunter2@"),
        "3: servers.north.url: must not hold a user or password; use the keys user and token",
    ),
    "url with a bad port": (
        GOOD.replace(".com/", ".com:99999/"),
        "3: servers.north.url: is not a URL that can be read",
    ),
    "plain http": (
        GOOD.replace("https://", "http://"),
        "3: servers.north.url: is plain http to another machine, where everybody on the way can read the token; use "
        "https, or say allow_http = true for this server",
    ),
    "token of no form": (
        GOOD.replace("env", "enviro"),
        "4: servers.north.token.enviro: unknown key; did you mean 'env'?",
    ),
    "token of two forms": (
        GOOD.replace('"T"', '"T", file = "x"'),
        "4: servers.north.token: must have exactly one of env, command, file, keyring, jfrog_cli",
    ),
    "token as a number": (
        GOOD.replace('{ env = "T" }', "7"),
        '4: servers.north.token: must say where the token is, such as { env = "TOKEN" }, and not be the number 7',
    ),
    "command as a text": (
        GOOD.replace('env = "T"', 'command = "pass show x"'),
        '4: servers.north.token.command: must be an array of texts, such as ["pass", "show", "jfrog"]; no '
        "shell reads it",
    ),
    "user without password": (
        '[servers.a]\nkind = "depot"\nurl = "https://a"\nuser = "me"\n',
        "4: servers.a.user: basic authentication needs the password too: give it as token",
    ),
    "key without certificate": (
        GOOD + 'client_key = "config.toml"\n',
        "5: servers.north.client_key: a key is of no use without client_cert",
    ),
    "missing ca": (
        GOOD + 'ca_file = "/nowhere/ca.pem"\n',
        "5: servers.north.ca_file: there is no file /nowhere/ca.pem",
    ),
    "boolean": (GOOD + 'verify = "no"\n', "5: servers.north.verify: must be true or false, not a text"),
    "own key's type": (GOOD + "pilots = 1\n", "5: servers.north.pilots: must be true or false, not the number 1"),
    "own key's value": (
        '[servers.d]\nkind = "depot"\nurl = "https://d"\ntimezone = "Mars/Base"\n',
        "4: servers.d.timezone: 'Mars/Base' is no time zone",
    ),
    "server's name": (
        GOOD.replace("servers.north", 'servers."a b"'),
        "1: servers.a b: a server's name is made of letters, digits, '-', '_' and '.', and starts with a "
        "letter or digit",
    ),
    "server as a text": ('[servers]\nnorth = "x"\n', "2: servers.north: must be a table ([north]), not a text"),
    "bare interval": (
        GOOD + "[poll]\nactive = 5\n",
        '6: poll.active: must be a duration such as 300ms, 5s, 30m, 2h or 7d, not the number 5; did you mean "5s"?',
    ),
    "interval without unit": (
        GOOD + '[poll]\nactive = "5"\n',
        "6: poll.active: '5' is not a duration (write 300ms, 5s, 30m, 2h or 7d); did you mean 5s?",
    ),
    "interval under a second": (
        GOOD + '[poll]\nactive = "300ms"\n',
        "6: poll.active: is under 1s, which is taken only where every server is on this machine",
    ),
    "concurrency": (GOOD + "[poll]\nconcurrency = 0\n", "6: poll.concurrency: must be between 1 and 64, not 0"),
    "unknown theme key": (GOOD + '[ui]\nthem = "x"\n', "6: ui.them: unknown key; did you mean 'theme'?"),
    "unknown theme": (
        GOOD + '[ui]\ntheme = "scantop-lihgt"\n',
        "6: ui.theme: 'scantop-lihgt' is no theme; did you mean 'scantop-light'?",
    ),
    "unknown command in the keymap": (
        GOOD + '[ui]\nkeymap = { "poll.refesh" = "f5" }\n',
        "6: ui.keymap.poll.refesh: 'poll.refesh' is no command; did you mean 'poll.refresh'?",
    ),
    "clash in the keymap": (
        GOOD + '[ui.keymap]\n"poll.refresh" = "p"\n',
        "6: ui.keymap.poll.refresh: 'p' is already the key of 'poll.pause'; give that command another key too.",
    ),
    "saved filter of no key": (
        GOOD + '[ui.filters]\nfailed = "stat:failed"\n',
        "6: ui.filters.failed: 'stat:' is no key of a filter; did you mean 'state:'?",
    ),
    "saved filter of no state": (
        GOOD + '[ui.filters]\nmine = "user:me state:failed|stuk"\n',
        "6: ui.filters.mine: 'stuk' is no state; did you mean 'stuck'?",
    ),
    "saved filter that is not whole": (
        GOOD + '[ui.filters]\nyoung = "age<"\n',
        "6: ui.filters.young: 'age<' is not complete (say age<30m, 2h or 3d)",
    ),
    "saved filter of nothing": (GOOD + '[ui]\nfilters = { all = " " }\n', "6: ui.filters.all: lets every row pass"),
    "keymap": (GOOD + '[ui]\nkeymap = { "x.y" = 5 }\n', "6: ui.keymap.x.y: must be a text, not the number 5"),
    "watch as one table": (
        GOOD + '[watch]\nship = "x"\n',
        "5: watch: must be an array of tables: write [[watch]], with two brackets",
    ),
    "watch of an unknown server": (
        GOOD + '[[watch]]\nserver = "nroth"\nship = "x"\n',
        "6: watch[1].server: no server is called 'nroth'; did you mean 'north'?",
    ),
    "watch of nothing": (
        GOOD + '[[watch]]\nserver = "north"\n',
        "5: watch[1]: does not say what to watch; a harbour server takes one of: target, ship",
    ),
    "watch with an unknown key": (
        GOOD + '[[watch]]\nserver = "north"\nship = "x"\nvoyge = "1"\n',
        "8: watch[1].voyge: unknown key; did you mean 'voyage'?",
    ),
    "watch that its kind refuses": (
        GOOD + '[[watch]]\nserver = "north"\nship = "x"\n',
        "7: watch[1].ship: voyage is missing",
    ),
    "watch with a bad inner key": (
        '[servers.d]\nkind = "depot"\nurl = "https://d"\n[[watch]]\nserver = "d"\ntasks = { stat = 1 }\n',
        "6: watch[1].tasks.stat: unknown key 'stat'",
    ),
    "watch with a bad address": (
        GOOD + '[[watch]]\ntarget = "north:ship/x"\n',
        "6: watch[1].target: 'north:ship/x' is not of the form SERVER:ship/NAME/VOYAGE[?line=KEY] (a / inside a name "
        "is written %2F).",
    ),
    "no TOML": ("[servers\n", "1: is not TOML: expected ']' at the end of a table declaration"),
    "no TOML at the end": ("a = [1,\n\n", "3: is not TOML: invalid value (at end of document)"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_fault_names_line_key_and_nearest(tmp_path: Path, name: str) -> None:
    text, expected = CASES[name]
    assert expected in faults(tmp_path, text)


def test_all_faults_are_told_and_a_watch_of_a_faulty_server_is_not_another(tmp_path: Path) -> None:
    text = GOOD.replace("harbour", "hrbour") + 'x = 1\n[[watch]]\nserver = "north"\nship = "x"\n[poll]\nactiv = 1\n'
    assert [line.partition(":")[0] for line in faults(tmp_path, text)] == ["2", "5", "10"]


def test_the_message_is_the_first_fault_and_how_many_more(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(GOOD + "a = 1\nb = 1\n")
    with pytest.raises(ConfigError, match=r"c\.toml:5: .*\(and 1 more: `scantop config check` lists them\)$"):
        load(path, {}, KINDS)


def test_a_literal_token_needs_a_private_file_and_is_never_told(tmp_path: Path) -> None:
    text = GOOD.replace('{ env = "T" }', '"s3cret-t0ken"')
    found = faults(tmp_path, text, mode=0o640)
    assert len(found) == 1
    assert found[0].startswith(
        "4: servers.north.token: the token stands in a file that others can read; run: chmod 600 "
    )
    assert "s3cret" not in found[0]
    path = tmp_path / "config.toml"
    path.chmod(0o600)
    settings = load(path, {}, KINDS)
    assert settings.server("north").token is not None
    assert "s3cret" not in repr(settings)
    assert settings.warnings == (
        f"{path}:4: servers.north.token: the token stands in this file; {{ command = […] }} or {{ keyring = … }} would "
        "keep it safer",
    )


def test_a_proxy_password_needs_a_private_file_too(tmp_path: Path) -> None:
    found = faults(tmp_path, GOOD + 'proxy = "http://me:hunter2@proxy.example.com:3128"\n', mode=0o644)
    assert len(found) == 1 and "chmod 600" in found[0] and "hunter2" not in found[0]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "there is no such file"),
        (lambda path: path.mkdir(), "cannot be read: Is a directory"),
        (lambda path: path.write_bytes(b"a = 1\n# \xff\n"), "2: is not UTF-8 text"),
        (lambda path: path.write_bytes(b"#" * (5 * 1024 * 1024)), "is larger than 4 MiB, so it is not a config"),
        (lambda path: path.write_text("a = " + "[" * 5000), "is nested too deeply"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, make: object, words: str) -> None:
    path = tmp_path / "named.toml"
    make(path)  # type: ignore[operator]
    with pytest.raises(ConfigError) as caught:
        load(path, {"HB_URL": "https://h", "HB_TOKEN": "t"}, KINDS)
    assert words in str(caught.value) and str(path) in str(caught.value)


def test_no_config_at_all_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with pytest.raises(
        NoConfigError, match=r"config\.toml: there is no such file, .* `scantop config init` writes one"
    ):
        load(None, {}, KINDS)


def test_a_file_that_names_no_server(tmp_path: Path) -> None:
    assert faults(tmp_path, "read_only = true\n") == [" names no server; write a [servers.NAME] table"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(GOOD)
    path.chmod(0)
    with pytest.raises(ConfigError, match="Permission denied"):
        load(path, {}, KINDS)
