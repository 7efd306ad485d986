"""Addresses of targets: ``SERVER:kind/part/part?param=value``, read and written.

Owns the grammar; which kinds there are is told by the callers (each server kind brings its own). A ``/``, ``?``, ``%``,
blank or unprintable character inside a part is percent-encoded, so that an address can be shown and copied anywhere;
the last part of a `rest` kind keeps its slashes (but not at its ends: repository paths have none there).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from urllib.parse import unquote

_SERVER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_ENCODED = re.compile(r"[/?%\s\x00-\x1f\x7f-\x9f]")
_ENCODED_REST = re.compile(r"[?%\s\x00-\x1f\x7f-\x9f]")
_ENCODED_PARAM = re.compile(r"[&?%#\s\x00-\x1f\x7f-\x9f]")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
ADDRESS_LIMIT = 4096  # characters; longer ones are a paste by mistake, not an address
_SCHEME = re.compile(r"(.*?[A-Za-z][A-Za-z0-9+.-]*://)(.*)", re.DOTALL)
_LOGIN = re.compile(r"[^/\s]*:[^/\s]*@(?!sha256:)")  # ``me:password@host``, of a URL that lost its scheme
_QUOTE_LIMIT = 120  # characters of it that a message repeats


class AddressError(ValueError):
    """The text is no address; the message is one sentence for the person who wrote it."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """How addresses of one target kind are built, e.g. ``build/NAME/NUMBER[?project=KEY]``.

    `stages` are the names of the stages (and categories) that such a target may have; () where it has none.
    """

    kind: str
    server_kind: str
    parts: tuple[str, ...]
    has_rest: bool = False
    params: tuple[str, ...] = ()
    numeric: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()

    @property
    def usage(self) -> str:
        """The address form, for messages."""
        query = "".join(f"[?{name}=KEY]" for name in self.params)
        return f"SERVER:{self.kind}/" + "/".join(part.upper() for part in self.parts) + query


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """One thing that is watched. `key` is its address, unique over all servers."""

    server: str
    kind: str
    parts: tuple[str, ...]
    params: tuple[tuple[str, str], ...] = ()
    has_rest: bool = field(default=False, compare=False, repr=False)
    key: str = field(init=False, compare=False, repr=False, default="")

    def __post_init__(self) -> None:
        if self.has_rest:
            object.__setattr__(self, "parts", (*self.parts[:-1], self.parts[-1].strip("/")))
        object.__setattr__(self, "key", self._address())

    @property
    def address(self) -> str:
        """The address in its one spelling; reading it again gives an equal target."""
        return self.key

    @property
    def title(self) -> str:
        """The parts as a person reads them, before any server has answered."""
        return ("/" if self.has_rest else " ").join(self.parts)

    def param(self, name: str) -> str | None:
        """Value of one parameter, e.g. the project's key."""
        return dict(self.params).get(name)

    def _address(self) -> str:
        head = [encode_part(part) for part in self.parts[:-1]]
        last = _encode(self.parts[-1], _ENCODED_REST) if self.has_rest else encode_part(self.parts[-1])
        query = "&".join(f"{name}={_encode(value, _ENCODED_PARAM)}" for name, value in self.params)
        return f"{self.server}:{self.kind}/" + "/".join([*head, last]) + (f"?{query}" if query else "")


def encode_part(text: str) -> str:
    """One part of an address, with everything that would break it apart percent-encoded."""
    return _encode(text, _ENCODED)


def _encode(text: str, pattern: re.Pattern[str]) -> str:
    encoded = pattern.sub(lambda match: _escape(match.group()), text)
    if encoded.isprintable():
        return encoded
    return "".join(sign if sign.isprintable() else _escape(sign) for sign in encoded)


def _escape(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "replace"))


def _decode(text: str, whole: str) -> str:
    if _BROKEN_ESCAPE.search(text):
        raise AddressError(f"{whole!r} has a % that is not followed by two hex digits; write a plain % as %25.")
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise AddressError(f"{whole!r} holds percent-encoded bytes that are not UTF-8.") from None


def split_server(text: str) -> tuple[str, str]:
    """``prod:build/x/1`` → (``prod``, ``build/x/1``); the server is "" where it is left out."""
    head, colon, rest = text.partition(":")
    if colon and "/" not in head and _SERVER.fullmatch(head):
        return head, rest
    return "", text


def quotable(text: str) -> str:
    """The text as an error may repeat it: of a URL neither user, password, query nor fragment.

    What people paste holds tokens in all of these places.
    """
    found = _SCHEME.fullmatch(text)
    head, rest = (found.group(1), found.group(2)) if found else ("", text)
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    login, at, _ = host.rpartition("@")
    if found and at:
        rest = rest[len(login) + 1 :]
    if "@" in rest and ((found and at) or _LOGIN.match(rest) or (found and re.search(r":(?!\d*$)", host))):
        return f"{head}…"  # a password with a slash or a sign in it: where it ends cannot be told
    path, question, query = rest.partition("?")
    if not found:
        names = (pair.partition("=")[0] for pair in query.split("&"))
        return f"{path}?" + "&".join(f"{name}=…" for name in names) if question else path
    return head + path.partition("#")[0] + ("?…" if question else "")


def parse_address(text: str, grammars: Iterable[Grammar], servers: Mapping[str, str]) -> Target:
    """Read one address.

    `servers` maps the configured names to their kinds. Raises `AddressError` with a sentence that names what is wrong
    and the nearest right word.
    """
    text = text.strip()
    if len(text) > ADDRESS_LIMIT:
        raise AddressError(f"An address has at most {ADDRESS_LIMIT} characters; this text has {len(text)}.")
    try:
        return _read(text, grammars, servers)
    except AddressError as error:
        shown = quotable(text)
        if _SCHEME.fullmatch(text) or _LOGIN.match(text):
            raise AddressError(f"{shown[:_QUOTE_LIMIT]!r} is no address, but may be a URL with a login.") from None
        quoted = repr(shown[:_QUOTE_LIMIT]) + ("..." if len(shown) > _QUOTE_LIMIT else "")
        raise AddressError(str(error).replace(repr(text), quoted)) from None


def _read(text: str, grammars: Iterable[Grammar], servers: Mapping[str, str]) -> Target:
    by_kind = {grammar.kind: grammar for grammar in grammars}
    server, rest = split_server(text)
    path, question, query = rest.partition("?")
    kind, _, tail = path.partition("/")
    grammar = by_kind.get(kind)
    if grammar is None:
        raise AddressError(_unknown_kind(text, kind, by_kind))
    server = _find_server(text, server, grammar, servers)
    count = len(grammar.parts)
    pieces = tail.split("/", count - 1) if grammar.has_rest else tail.split("/")
    if len(pieces) != count or not all(pieces):
        raise AddressError(f"{text!r} is not of the form {grammar.usage} (a / inside a name is written %2F).")
    parts = tuple(_decode(piece, text) for piece in pieces)
    if grammar.has_rest and not parts[-1].strip("/"):
        raise AddressError(f"{text!r} is not of the form {grammar.usage}.")
    for name, part in zip(grammar.parts, parts, strict=True):
        if name in grammar.numeric and not (part.isascii() and part.isdigit()):
            raise AddressError(f"{part!r} in {text!r} is not a number, and {name} must be one ({grammar.usage}).")
    if grammar.numeric:
        parts = tuple(
            str(int(part)) if name in grammar.numeric and len(part) < 20 else part
            for name, part in zip(grammar.parts, parts, strict=True)
        )
    return Target(server, grammar.kind, parts, _params(text, query if question else "", grammar), grammar.has_rest)


def _params(text: str, query: str, grammar: Grammar) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for pair in query.split("&") if query else ():
        name, _, value = pair.partition("=")
        if name not in grammar.params:
            known = ", ".join(grammar.params) or "none"
            raise AddressError(f"{text!r} has the parameter {name!r}; a {grammar.kind} takes: {known}.")
        if value:
            found[name] = _decode(value, text)
    return tuple(sorted(found.items()))


def _unknown_kind(text: str, kind: str, by_kind: Mapping[str, Grammar]) -> str:
    near = get_close_matches(kind, by_kind, 1)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    forms = " · ".join(grammar.usage for grammar in by_kind.values())
    return f"{text!r} is no address: {kind!r} is not a kind of target{hint} Addresses: {forms}."


def _find_server(text: str, server: str, grammar: Grammar, servers: Mapping[str, str]) -> str:
    fitting = [name for name, kind in servers.items() if kind == grammar.server_kind]
    if server:
        if server not in servers:
            near = get_close_matches(server, servers, 1) or fitting[:1]
            hint = f"; did you mean {near[0]!r}?" if near else "; no server is configured."
            raise AddressError(f"{text!r} names the server {server!r}, which is not configured{hint}")
        if servers[server] != grammar.server_kind:
            raise AddressError(
                f"{text!r}: server {server!r} is a {servers[server]} server, and a {grammar.kind} needs one of kind "
                f"{grammar.server_kind}."
            )
        return server
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        raise AddressError(f"{text!r} needs a server of kind {grammar.server_kind}, and none is configured.")
    raise AddressError(f"{text!r} must say which server: one of {', '.join(sorted(fitting))} (put SERVER: before it).")
