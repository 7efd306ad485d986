"""The [servers.NAME] tables: addresses, trust, and where each token comes from. Reads no token from anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from tui.config.faults import nearest
from tui.config.sources import file_of, proxy_of, read_source
from tui.config.table import Table, describe
from tui.domain.target import split_server
from tui.servers.kind import ServerKind
from tui.settings import (
    ANSWER_BYTES,
    ANSWER_S,
    BUDGET_PER_MINUTE,
    CONNECT_S,
    FIRST_BYTE_S,
    ServerSettings,
    is_loopback,
)

KEYS = (
    "kind",
    "url",
    "token",
    "user",
    "ca_file",
    "client_cert",
    "client_key",
    "verify",
    "proxy",
    "allow_http",
    "read_only",
    "answer_bytes",
    "connect_timeout",
    "first_byte_timeout",
    "answer_timeout",
    "budget_per_minute",
)
MOST_ANSWER_BYTES = 256 * 1024 * 1024  # what a build host can spare for one answer without swapping
MOST_PER_MINUTE = 60_000  # a thousand requests a second: nothing but the simulator takes that


def read_servers(tables: Table, kinds: Mapping[str, ServerKind], is_private: bool) -> tuple[ServerSettings, ...]:
    """All servers of the file, those left out that cannot be used at all (their faults are noted).

    `is_private`: nobody but its owner can read the document, so that secrets may stand in it.
    """
    found: list[ServerSettings] = []
    for name in tables.values:
        table = tables.table(name)
        if split_server(f"{name}:")[0] != name:
            table.fault(
                "", "a server's name is made of letters, digits, '-', '_' and '.', and starts with a letter or digit"
            )
        elif table.values or isinstance(tables.values[name], Mapping):
            server = _server(name, table, kinds, is_private)
            if server is not None:
                found.append(server)
    return tuple(found)


def _server(name: str, table: Table, kinds: Mapping[str, ServerKind], is_private: bool) -> ServerSettings | None:
    kind = _kind(table, kinds)
    own = [key for each in (kinds.values() if kind is None else (kind,)) for key in each.server_keys]
    table.finish({*KEYS, *own})
    allow_http = table.boolean("allow_http", False)
    url = _url(table, kind, allow_http)
    token = read_source(table, "token", "the token", is_private)
    user = table.text("user")
    if user is not None and "token" not in table:
        table.fault("user", "basic authentication needs the password too: give it as token")
    if not (verify := table.boolean("verify", True)):
        table.warn("verify", "the server's certificate is not checked; ca_file is the safe way to trust a private one")
    client_cert, client_key = file_of(table, "client_cert"), file_of(table, "client_key")
    if "client_key" in table and "client_cert" not in table:
        table.fault("client_key", "a key is of no use without client_cert")
    settings = ServerSettings(
        name=name,
        kind="" if kind is None else kind.name,
        url=url or "",
        token=token,
        user=user,
        ca_file=file_of(table, "ca_file", may_be_folder=True),
        client_cert=client_cert,
        client_key=client_key,
        verify=verify,
        proxy=proxy_of(table, is_private),
        allow_http=allow_http,
        read_only=table.boolean("read_only", False),
        answer_bytes=table.integer("answer_bytes", ANSWER_BYTES, 1024, MOST_ANSWER_BYTES),
        connect_s=_timeout(table, "connect_timeout", CONNECT_S),
        first_byte_s=_timeout(table, "first_byte_timeout", FIRST_BYTE_S),
        answer_s=_timeout(table, "answer_timeout", ANSWER_S),
        budget_per_minute=table.integer("budget_per_minute", BUDGET_PER_MINUTE, 1, MOST_PER_MINUTE),
        extra=MappingProxyType({} if kind is None else _extra(table, kind)),
    )
    return settings if kind is not None and url else None


def _kind(table: Table, kinds: Mapping[str, ServerKind]) -> ServerKind | None:
    names = ", ".join(kinds)
    word = table.text("kind", next(iter(kinds), ""))
    if word is None:
        if "kind" not in table:
            table.fault("", f"the key kind is missing (one of {names})")
        return None
    if word not in kinds:
        table.fault("kind", f"{word!r} is no kind of server{nearest(word, kinds) or f'; there are: {names}'}")
        return None
    return kinds[word]


def _url(table: Table, kind: ServerKind | None, allow_http: bool) -> str | None:
    written = table.text("url", "https://acme.example.com")
    if written is None:
        if "url" not in table:
            table.fault("", "the key url is missing")
        return None
    fault, url = check_url(written, kind, allow_http)
    if fault:
        table.fault("url", fault)
        return None
    return url


def check_url(written: str, kind: ServerKind | None, allow_http: bool) -> tuple[str, str]:
    """What is wrong with a server's URL ("" if nothing), and the base that its kind makes of it.

    A URL without a scheme is for the kind to complete.
    """
    written = written.strip()
    try:
        parts = urlsplit(written if "://" in written else f"https://{written}")
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return "is not a URL that can be read", ""
    if parts.scheme not in ("http", "https"):
        return "must start with https:// (or http://)", ""
    if not has_host or any(sign.isspace() or not sign.isprintable() for sign in written):
        return "has no host that can be read", ""
    if "@" in parts.netloc:
        return "must not hold a user or password; use the keys user and token", ""
    if parts.query or parts.fragment:
        return "must end before any ? or #", ""
    try:
        url = written if kind is None else kind.normalise_url(written)
    except ValueError as error:
        return str(error), ""
    if not url.startswith("https://") and not allow_http and not is_loopback(url):
        return (
            "is plain http to another machine, where everybody on the way can read the token; use https, or say "
            "allow_http = true for this server",
            "",
        )
    return "", url


def _timeout(table: Table, key: str, default_s: float) -> float:
    seconds = table.duration(key, default_s)
    if seconds > 0:
        return seconds
    table.fault(key, "must be longer than nothing")
    return default_s


def _extra(table: Table, kind: ServerKind) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, default in kind.server_keys.items():
        value: object = table.values.get(key, default)
        if type(value) is not type(default):
            table.fault(key, f"must be {_expected(default)}, not {describe(value)}")
            value = default
        elif key in table and (fault := kind.check_key(key, value)):
            table.fault(key, fault)
            value = default
        found[key] = value
    return found


def _expected(default: object) -> str:
    match default:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
    return "a text"
