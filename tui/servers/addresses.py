"""Base URLs as people paste them, made one. Shared by the kinds; cheap to import, as they are."""

from __future__ import annotations

from urllib.parse import urlsplit

from tui.domain.target import quotable


def split_base(url: str) -> tuple[str, list[str]]:
    """``Https://Host:8443/a/b/?x`` → (``https://host:8443``, [``a``, ``b``]).

    A text without a scheme is https (http on loopback). Raises ValueError with one sentence for what is no URL of a
    server, and for one that holds a user or password.
    """
    text = url.strip()
    if "://" not in text:
        host = text.split("/", 1)[0].rsplit(":", 1)[0].lower()
        is_local = host in {"localhost", "127.0.0.1", "[::1]"}
        text = f"{'http' if is_local else 'https'}://{text}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(f"{quotable(url.strip())!r} is no URL.") from None
    if parts.username is not None or parts.password is not None:
        raise ValueError("The url holds a user name or a password; write them as user and token.")
    if parts.scheme.lower() not in {"http", "https"} or not host or any(c.isspace() or ord(c) < 33 for c in host):
        raise ValueError(f"{quotable(url.strip())!r} is no URL of a server; it starts with https:// or http://.")
    name = f"[{host}]" if ":" in host else host
    origin = f"{parts.scheme.lower()}://{name}" + (f":{port}" if port is not None else "")
    return origin, [segment for segment in parts.path.split("/") if segment]


def join_base(origin: str, segments: list[str]) -> str:
    """The inverse of `split_base`, without a trailing slash."""
    return "/".join([origin, *segments])


def cut_at(segments: list[str], names: frozenset[str]) -> list[str]:
    """The segments before the first one that is in `names` (compared in lower case)."""
    for index, segment in enumerate(segments):
        if segment.lower() in names:
            return segments[:index]
    return segments
