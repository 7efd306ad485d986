"""What passes between the HTTP server and the simulated servers: a request, a reply, an endpoint, a server.

Knows no socket and no story.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import unquote

JSON_TYPE = "application/json"
HTML_TYPE = "text/html;charset=utf-8"


class Absent:
    """The type of `NO_PAYLOAD`: a reply whose body is no JSON."""


NO_PAYLOAD = Absent()


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `path` is still percent-encoded and has no query; header names are lower-case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""

    def json(self) -> Any:
        """The body as JSON, None if it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object, empty if it is none."""
        found = self.json()
        return found if isinstance(found, dict) else {}

    def whole(self, name: str, default: int) -> int:
        """A query parameter as a number; ValueError if it is none."""
        text = self.query.get(name)
        return default if text is None else int(text)


@dataclass(slots=True)
class Reply:
    """One answer. While `payload` is JSON it can still be changed; `render` makes the body of it."""

    status: int = 200
    payload: Any = NO_PAYLOAD
    body: bytes = b""
    content_type: str | None = JSON_TYPE
    headers: list[tuple[str, str]] = field(default_factory=list)
    stream: Callable[[], AsyncIterator[bytes]] | None = None  # a body too large to hold, sent in chunks
    framing: str = "length"  # or chunked, close

    def render(self) -> bytes:
        """The body's bytes; lone surrogates of hostile text are escaped as JSON does."""
        if self.payload is NO_PAYLOAD:
            return self.body
        try:
            return json.dumps(self.payload, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            return json.dumps(self.payload).encode()


@dataclass(slots=True)
class Delivery:
    """How an answer goes out. `stop` is hang, reset or close; `stop_at` head (nothing was sent) or body (half was)."""

    wait_s: float = 0.0
    drip_s: float | None = None
    stop: str = ""
    stop_at: str = ""
    raw: bytes | None = None  # sent instead of HTTP


@dataclass(frozen=True, slots=True)
class Answered:
    """What goes out for one request, and what the log says of it."""

    reply: Reply
    delivery: Delivery
    fault: str = ""


def html(status: int, title: str, text: str = "") -> Reply:
    """A page as a servlet container or proxy makes it."""
    page = f"<!doctype html><html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>"
    return Reply(status, body=page.encode(), content_type=HTML_TYPE)


Run = Callable[[Request, tuple[str, ...]], Reply]
Prepare = Callable[[Request], Awaitable[None]]


class Endpoint:
    """One call of one server: its name for faults and counts, its method and path, and what answers it.

    `path` may hold ``{}`` for one segment and ``{*}`` for the rest; what they match is percent-decoded.
    """

    def __init__(
        self, name: str, method: str, path: str, run: Run, *, is_open: bool = False, prepare: Prepare | None = None
    ) -> None:
        pattern = re.escape(path).replace(re.escape("{}"), "([^/]+)").replace(re.escape("{*}"), "(.+)")
        self.name = name
        self.method = method
        self.run = run
        self.is_open = is_open  # needs no token
        self.prepare = prepare  # long work that must be done before `run`, in slices, so that nobody else has to wait
        self._pattern = re.compile(pattern)

    def match(self, path: str) -> tuple[str, ...] | None:
        """The decoded variable parts of `path`, None if it is not of this endpoint."""
        found = self._pattern.fullmatch(path)
        return None if found is None else tuple(unquote(part) for part in found.groups())


class Server(Protocol):
    """One simulated server kind."""

    kind: str
    prefixes: tuple[str, ...]  # of the paths that are this server's
    endpoints: tuple[Endpoint, ...]

    def refuse(self, request: Request) -> Reply | None:
        """The answer to a request without the right token, None if it has it."""
        ...

    def error(self, status: int, text: str) -> Reply:
        """An error in this server's own form."""
        ...

    def settings(self, base: str) -> dict[str, object]:
        """What a configuration needs: kind, url, token and the kind's own keys. `base` is scheme, host and port."""
        ...

    def watch(self) -> list[dict[str, object]]:
        """The [[watch]] tables for what this server has to show."""
        ...
