"""The JFrog CLI's own configuration: which servers it knows, and their tokens, decrypted where it keeps them encrypted.

Read only. Layouts as the JFrog CLI writes them: versions 5 and 6 (``servers``), and before (``artifactory``). The
encryption is AES-256-GCM under a key from the environment or the CLI's security folder; it needs the extra `jfrog`.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from tui.secrets import Secret, SecretError

FILES = ("jfrog-cli.conf.v6", "jfrog-cli.conf.v5", "jfrog-cli.conf.v4", "jfrog-cli.conf")  # the newest first
FILE_BYTES = 4 * 1024 * 1024  # a configuration has a few kB
KEY_BYTES = 32  # AES-256
NONCE_BYTES = 12
_PRODUCTS = ("/artifactory", "/xray")


class NoJfrogConfig(SecretError):
    """The JFrog CLI is not set up here; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class JfrogServer:
    """One server of the JFrog CLI, without its secrets. `has_token`: it has an access token or a password."""

    id: str
    url: str
    user: str
    is_default: bool
    has_token: bool
    client_cert: str = ""
    client_key: str = ""


def home(environ: Mapping[str, str]) -> Path:
    """The folder of the JFrog CLI: JFROG_CLI_HOME_DIR, else ``~/.jfrog``."""
    named = environ.get("JFROG_CLI_HOME_DIR", "").strip()
    try:
        return Path(named).expanduser() if named else Path(environ.get("HOME") or "~").expanduser() / ".jfrog"
    except RuntimeError:
        raise SecretError("There is no home folder to look for the JFrog CLI's configuration in.") from None


def read_servers(environ: Mapping[str, str]) -> tuple[JfrogServer, ...]:
    """Every server that the JFrog CLI knows. Raises `SecretError` where it has no configuration or a broken one."""
    _, entries, _ = _load(environ)
    return tuple(_server(entry) for entry in entries)


def default_server(environ: Mapping[str, str]) -> JfrogServer:
    """The server that `jf` speaks to unless told: JFROG_CLI_SERVER_ID's, else the default one, else the only one.

    Raises `SecretError`.
    """
    path, entries, _ = _load(environ)
    return _server(_choose(entries, environ.get("JFROG_CLI_SERVER_ID", "").strip(), path))


def certificates(environ: Mapping[str, str]) -> Path | None:
    """The folder of authorities that the JFrog CLI trusts besides the system's; None where it holds none."""
    folder = home(environ) / "security" / "certs"
    try:
        return folder if any(entry.is_file() for entry in folder.iterdir()) else None
    except OSError:
        return None


def read_secret(server_id: str, environ: Mapping[str, str]) -> Secret:
    """The token of one server: its access token, else its password with its user.

    "" means the server of JFROG_CLI_SERVER_ID, else the default one, else the only one. Raises `SecretError`.
    """
    path, entries, is_encrypted = _load(environ)
    entry = _choose(entries, server_id or environ.get("JFROG_CLI_SERVER_ID", "").strip(), path)
    name = _text(entry, "serverId")
    user = _text(entry, "user")
    for field in ("accessToken", "password"):
        kept = _text(entry, field)
        if kept:
            text = _decrypt(kept, environ, path) if is_encrypted else kept
            if not text.strip() or not text.isprintable():
                raise SecretError(f"The {field} of {name!r} in {path} is not usable; sign in again with: jf login")
            return Secret(text.strip(), user or None if field == "password" else None)
    raise SecretError(f"The JFrog CLI has no access token or password for {name!r}; sign in with: jf login")


def _load(environ: Mapping[str, str]) -> tuple[Path, list[Mapping[str, object]], bool]:
    folder = home(environ)
    for name in FILES:
        path = folder / name
        try:
            with path.open("rb") as file:
                content = file.read(FILE_BYTES + 1)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise SecretError(f"{path} cannot be read: {error.strerror or type(error).__name__}.") from None
        return path, *_entries(content, path)
    raise NoJfrogConfig(f"The JFrog CLI has no configuration in {folder}; make one with: jf config add")


def _entries(content: bytes, path: Path) -> tuple[list[Mapping[str, object]], bool]:
    try:
        document = json.loads(content) if len(content) <= FILE_BYTES else None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise SecretError(f"{path} is not a configuration of the JFrog CLI.")
    listed = document.get("servers")
    if not isinstance(listed, list):
        listed = document.get("artifactory")
    entries = [entry for entry in listed if isinstance(entry, Mapping)] if isinstance(listed, list) else []
    if not entries:
        raise NoJfrogConfig(f"{path} names no server; add one with: jf config add")
    return entries, document.get("enc") is True


def _choose(entries: list[Mapping[str, object]], server_id: str, path: Path) -> Mapping[str, object]:
    if server_id:
        for entry in entries:
            if _text(entry, "serverId") == server_id:
                return entry
        known = ", ".join(_text(entry, "serverId") for entry in entries)
        raise SecretError(f"The JFrog CLI knows no server {server_id!r}; it knows: {known} ({path}).")
    for entry in entries:
        if entry.get("isDefault") is True:
            return entry
    if len(entries) == 1:
        return entries[0]
    raise SecretError(f"The JFrog CLI has several servers and no default one; name one of them ({path}).")


def _server(entry: Mapping[str, object]) -> JfrogServer:
    url = _text(entry, "url").rstrip("/")
    for field, product in zip(("artifactoryUrl", "xrayUrl"), _PRODUCTS, strict=True):
        if not url:
            url = _text(entry, field).rstrip("/").removesuffix(product)
    return JfrogServer(
        id=_text(entry, "serverId"),
        url=url,
        user=_text(entry, "user"),
        is_default=entry.get("isDefault") is True,
        has_token=bool(_text(entry, "accessToken") or _text(entry, "password")),
        client_cert=_text(entry, "clientCertPath"),
        client_key=_text(entry, "clientCertKeyPath"),
    )


def _text(entry: Mapping[str, object], name: str) -> str:
    value = entry.get(name)
    return value if isinstance(value, str) else ""


def _decrypt(kept: str, environ: Mapping[str, str], path: Path) -> str:
    """base64 of a 12-byte nonce and the AES-256-GCM text. The cipher text itself is never sent anywhere."""
    key = _master_key(environ)
    try:
        invalid_tag = import_module("cryptography.exceptions").InvalidTag
        cipher = import_module("cryptography.hazmat.primitives.ciphers.aead").AESGCM
    except ImportError:
        raise SecretError(
            f"The tokens in {path} are encrypted; reading them needs the extra: pip install 'scantop[jfrog]'."
        ) from None
    try:
        sealed = base64.b64decode(kept, validate=True)
        opened: bytes = cipher(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        return opened.decode("utf-8")
    except (invalid_tag, binascii.Error, ValueError):
        raise SecretError(f"A token in {path} cannot be decrypted: the master key does not fit it.") from None


def _master_key(environ: Mapping[str, str]) -> bytes:
    named = environ.get("JFROG_CLI_ENCRYPTION_KEY", "").strip()
    if named.endswith(".key"):
        text = _read_text(Path(named).expanduser()).strip()
    elif named:
        text = named
    else:
        text = _from_security_file(home(environ) / "security" / "security.yaml")
    key = text.encode("utf-8")
    if len(key) != KEY_BYTES:
        raise SecretError(f"The JFrog CLI's master key must have {KEY_BYTES} characters.")
    return key


def _from_security_file(path: Path) -> str:
    """``masterKey: …`` of a small YAML file, read without a YAML parser: the CLI writes one plain scalar a line."""
    for line in _read_text(path).splitlines():
        name, colon, value = line.partition(":")
        if colon and name.strip() == "masterKey":
            return value.strip().strip("\"'")
    raise SecretError(f"{path} has no masterKey.")


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(64 * 1024).decode("utf-8", "replace")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SecretError(f"The JFrog CLI's tokens are encrypted, and {path} cannot be read: {reason}.") from None
