"""What a person may write or paste for a target, read against the servers that are configured.

Addresses (`tui.domain.target`), and whatever a server kind recognises: a ThreadFix status URL or upload answer, an
Artifactory URL, an image name. Knows no kind by name, and asks no server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from tui.domain.target import AddressError, Grammar, Target, parse_address, quotable, split_server
from tui.servers.kind import Pasted, ServerKind
from tui.servers.kind import kinds as all_kinds
from tui.settings import ServerSettings, Settings

PASTE_LIMIT = 1024 * 1024  # characters; an upload answer is a few hundred
SHOWN = 60  # characters of a text that an error repeats


def resolve(text: str, settings: Settings, kinds: Mapping[str, ServerKind] | None = None) -> tuple[Target, ...]:
    """The targets that `text` names: one for an address, one or more for something pasted.

    Raises `AddressError` with one sentence: what is wrong, the nearest right word, or which servers fit.
    """
    kinds = all_kinds() if kinds is None else kinds
    text = text.strip()
    if not text:
        raise AddressError("An empty text is no address.")
    if len(text) > PASTE_LIMIT:
        raise AddressError(f"This text has {len(text)} characters, so it is neither an address nor an answer.")
    grammars = [grammar for kind in kinds.values() for grammar in kind.grammars]
    if _begins_like_address(text, grammars):
        return (parse_address(text, grammars, settings.server_kinds),)
    server, rest = _split(text, settings)
    for kind in kinds.values():
        pasted = kind.recognise(rest)
        if pasted:
            return tuple(dict.fromkeys(_target(shorten(text), one, kind, server, settings) for one in pasted))
    if rest.startswith(("http://", "https://")):
        raise AddressError(f"{shorten(text)!r} is a URL that scantop cannot read a target from.")
    if rest[:1] in "{[":
        raise AddressError(f"{shorten(text)!r} is an answer in which there is no scan to watch.")
    return (parse_address(text, grammars, settings.server_kinds),)


def shorten(text: str) -> str:
    """The beginning of a text, for an error; without what may be secret in a URL."""
    text = quotable(text)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _begins_like_address(text: str, grammars: Sequence[Grammar]) -> bool:
    kind, slash, _ = split_server(text)[1].partition("/")
    return bool(slash) and kind in {grammar.kind for grammar in grammars}


def _split(text: str, settings: Settings) -> tuple[str, str]:
    """``tf:https://…`` and ``prod:repo/image:tag`` say their server; a URL's scheme is none."""
    server, rest = split_server(text)
    return (server, rest) if server in settings.server_kinds else ("", text)


def _target(text: str, pasted: Pasted, kind: ServerKind, server: str, settings: Settings) -> Target:
    grammar = next(grammar for grammar in kind.grammars if grammar.kind == pasted.kind)
    fitting = [one for one in settings.servers if one.kind == kind.name]
    chosen = _choose(text, pasted, kind, fitting, server)
    return Target(chosen, pasted.kind, pasted.parts, tuple(sorted(pasted.params)), grammar.has_rest)


def _choose(text: str, pasted: Pasted, kind: ServerKind, fitting: Sequence[ServerSettings], server: str) -> str:
    names = sorted(one.name for one in fitting)
    if server:
        if server not in names:
            raise AddressError(f"{text!r} needs a server of kind {kind.name}, and {server!r} is none.")
        return server
    if not names:
        raise AddressError(f"{text!r} needs a server of kind {kind.name}, and none is configured.")
    if pasted.url is not None:
        host = _host(pasted.url)
        same = [one.name for one in fitting if _host(one.url) == host]
        if not same:
            raise AddressError(
                f"{text!r} is on {host[0]}, and no server of kind {kind.name} is configured there "
                f"(configured: {', '.join(names)})."
            )
        names = same
    if len(names) > 1:
        raise AddressError(f"{text!r} must say which server: one of {', '.join(names)} (as SERVER: before it).")
    return names[0]


def _host(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        return parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443)
    except ValueError:
        return "", 0
