"""The JFrog CLI's own configuration in its layouts, plain and encrypted."""

from __future__ import annotations

import asyncio
import json
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tui.jfrog import read_servers
from tui.secrets import Secret, SecretError, read_token
from tui.settings import TokenSource

KEY = "0123456789abcdef0123456789abcdef"
ACME = {
    "url": "https://acme.jfrog.io/",
    "artifactoryUrl": "https://acme.jfrog.io/artifactory/",
    "xrayUrl": "https://acme.jfrog.io/xray/",
    "user": "me",
    "accessToken": "acme-token",
    "serverId": "acme",
    "isDefault": True,
}
OTHER = {"artifactoryUrl": "https://other.test/artifactory/", "user": "you", "password": "pw!", "serverId": "other"}


@pytest.fixture
def folder(own_home: Path) -> Path:
    made = own_home / ".jfrog"
    made.mkdir()
    return made


def write(folder: Path, *entries: dict[str, Any], name: str = "jfrog-cli.conf.v6", **more: Any) -> None:
    (folder / name).write_text(json.dumps({"servers": list(entries), "version": "6", **more}))


def token(folder: Path, server: str = "", **environ: str) -> Secret:
    secret = asyncio.run(read_token(TokenSource("jfrog_cli", (server,)), {"HOME": str(folder.parent), **environ}))
    assert secret is not None
    return secret


def refused(folder: Path, server: str = "", **environ: str) -> str:
    with pytest.raises(SecretError) as caught:
        token(folder, server, **environ)
    return str(caught.value)


def seal(text: str, key: str = KEY) -> str:
    nonce = b"nonce-of-12b"
    return b64encode(nonce + AESGCM(key.encode()).encrypt(nonce, text.encode(), None)).decode()


def test_the_default_server_the_named_one_and_the_environments(folder: Path) -> None:
    write(folder, OTHER, ACME)
    assert token(folder) == Secret("acme-token")
    assert token(folder, "other") == Secret("pw!", "you")
    assert token(folder, JFROG_CLI_SERVER_ID="other") == Secret("pw!", "you")
    assert token(folder, "acme", JFROG_CLI_SERVER_ID="other") == Secret("acme-token")
    assert "'nope'; it knows: other, acme" in refused(folder, "nope")


def test_the_only_server_needs_no_mark(folder: Path) -> None:
    write(folder, OTHER)
    assert token(folder).reveal() == "pw!"
    write(folder, OTHER, {**OTHER, "serverId": "third"})
    assert "no default" in refused(folder)


def test_the_servers_without_their_secrets(folder: Path) -> None:
    write(folder, ACME, OTHER, {**OTHER, "password": "", "serverId": "bare"})
    servers = read_servers({"HOME": str(folder.parent)})
    assert [(s.id, s.url, s.user, s.is_default, s.has_token) for s in servers] == [
        ("acme", "https://acme.jfrog.io", "me", True, True),
        ("other", "https://other.test", "you", False, True),
        ("bare", "https://other.test", "you", False, False),
    ]
    assert "acme-token" not in repr(servers)


def test_older_layouts_and_the_newest_file_first(folder: Path) -> None:
    (folder / "jfrog-cli.conf").write_text(json.dumps({"artifactory": [{**ACME, "accessToken": "v1"}], "version": "1"}))
    assert token(folder).reveal() == "v1"
    write(folder, {**ACME, "accessToken": "v5"}, name="jfrog-cli.conf.v5")
    assert token(folder).reveal() == "v5"
    write(folder, ACME)
    assert token(folder).reveal() == "acme-token"


def test_another_home(folder: Path, tmp_path: Path) -> None:
    write(tmp_path, {**ACME, "accessToken": "there"})
    assert token(folder, JFROG_CLI_HOME_DIR=str(tmp_path)).reveal() == "there"


def test_encrypted_values_with_a_key_from_each_place(folder: Path, tmp_path: Path) -> None:
    write(folder, {**ACME, "accessToken": seal("sealed")}, {**OTHER, "password": seal("word")}, enc=True)
    assert token(folder, JFROG_CLI_ENCRYPTION_KEY=KEY).reveal() == "sealed"
    (tmp_path / "master.key").write_text(KEY + "\n")
    assert token(folder, JFROG_CLI_ENCRYPTION_KEY=str(tmp_path / "master.key")).reveal() == "sealed"
    (folder / "security").mkdir()
    (folder / "security" / "security.yaml").write_text(f"version: 1\nmasterKey: {KEY}\n")
    assert token(folder).reveal() == "sealed"
    assert token(folder, "other") == Secret("word", "you")


def test_encrypted_values_that_cannot_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = seal("sealed")
    write(folder, {**ACME, "accessToken": sealed}, enc=True)
    for words, environ in (
        ("security.yaml cannot be read", {}),
        ("32 characters", {"JFROG_CLI_ENCRYPTION_KEY": "short"}),
        ("does not fit", {"JFROG_CLI_ENCRYPTION_KEY": KEY[::-1]}),
        ("cannot be read", {"JFROG_CLI_ENCRYPTION_KEY": "/nowhere/master.key"}),
    ):
        said = refused(folder, **environ)
        assert words in said
        assert sealed not in said
    write(folder, {**ACME, "accessToken": "no base64!"}, enc=True)
    assert "does not fit" in refused(folder, JFROG_CLI_ENCRYPTION_KEY=KEY)
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    assert "scantop[jfrog]" in refused(folder, JFROG_CLI_ENCRYPTION_KEY=KEY)


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"servers": []}', '{"servers": 7}', "[" * 100_000, '{"version": "6"}']
)
def test_a_broken_configuration_is_one_sentence(folder: Path, content: str) -> None:
    (folder / "jfrog-cli.conf.v6").write_text(content)
    assert "jfrog-cli.conf.v6" in refused(folder)


def test_no_configuration_and_no_token(folder: Path) -> None:
    assert "jf config add" in refused(folder)
    write(folder, {**ACME, "accessToken": ""})
    assert "jf login" in refused(folder)


def test_it_is_read_again_after_a_change(folder: Path) -> None:
    write(folder, ACME)
    assert token(folder).reveal() == "acme-token"
    write(folder, {**ACME, "accessToken": "refreshed"})
    assert token(folder).reveal() == "refreshed"
