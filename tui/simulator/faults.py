"""What can go wrong on the wire, by name, server, endpoint, probability and count.

Owns the plan (which fault strikes which request) and what a fault does to an answer; `serve` delivers it.
Knows no story. A fault is written ``server/endpoint:name=value@probability*count``; all but the name may be left out.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from tui.simulator import floods, garble
from tui.simulator.exchange import HTML_TYPE, NO_PAYLOAD, Delivery, Reply, Server, html
from tui.simulator.scenarios import UnknownName, nearest

DEEP = 100_000  # brackets
HUGE_MB = 300.0
BOMB_MB = 1024.0
REFUSED_S = 10.0


@dataclass(frozen=True, slots=True)
class Fault:
    """One line of the plan. `value` is the fault's own: seconds, megabytes, a word."""

    name: str
    server: str = "*"
    endpoint: str = "*"
    value: str = ""
    probability: float = 1.0
    left: int | None = None  # how often it still strikes; None for ever

    def text(self) -> str:
        """The fault as it is written."""
        where = self.server if self.endpoint == "*" else f"{self.server}/{self.endpoint}"
        value = f"={self.value}" if self.value else ""
        chance = f"@{self.probability:g}" if self.probability < 1 else ""
        return f"{where}:{self.name}{value}{chance}" + (f"*{self.left}" if self.left is not None else "")

    def number(self, default: float) -> float:
        """The value as a number, `default` where there is none."""
        try:
            return float(self.value)
        except ValueError:
            return default


@dataclass(slots=True)
class Strike:
    """What a fault may change: the answer, its way out. `server` words errors in its own form; `at` is its clock."""

    fault: Fault
    server: Server
    path: str
    at: datetime
    base: str
    reply: Reply
    delivery: Delivery = field(default_factory=Delivery)


def _stop(how: str, where: str) -> Callable[[Strike], None]:
    def strike(struck: Strike) -> None:
        struck.delivery.stop, struck.delivery.stop_at = how, where

    return strike


def _slow(struck: Strike) -> None:
    struck.delivery.wait_s += struck.fault.number(3.0)


def _drip(struck: Strike) -> None:
    struck.delivery.drip_s = struck.fault.number(1.0)


def _status(status: int, text: str) -> Callable[[Strike], None]:
    def strike(struck: Strike) -> None:
        struck.reply = struck.server.error(status, text)

    return strike


def _page(status: int, title: str) -> Callable[[Strike], None]:
    def strike(struck: Strike) -> None:
        struck.reply = html(status, title, "The server is temporarily unable to service your request.")

    return strike


def _too_many(struck: Strike) -> None:
    struck.reply = struck.server.error(429, "Too Many Requests")
    value = struck.fault.value
    if value == "date":
        value = format_datetime(struck.at.astimezone(UTC) + timedelta(seconds=5), usegmt=True)
    elif value == "absurd":
        value = "99999999999"
    elif value == "wrong":
        value = "soon"
    if value:
        struck.reply.headers.append(("Retry-After", value))


def _login(struck: Strike) -> None:
    struck.reply = html(200, "Sign in", '<form action="/login"><input name="user"><input type="password"></form>')


def _body(make: Callable[[Reply], bytes], content_type: str | None = None) -> Callable[[Strike], None]:
    def strike(struck: Strike) -> None:
        struck.reply.body = make(struck.reply)
        struck.reply.payload = NO_PAYLOAD
        if content_type is not None:
            struck.reply.content_type = content_type or None

    return strike


def _payload(change: Callable[[Any], Any]) -> Callable[[Strike], None]:
    def strike(struck: Strike) -> None:
        if struck.reply.payload is not NO_PAYLOAD:
            struck.reply.payload = change(struck.reply.payload)

    return strike


def _typed(content_type: str | None) -> Callable[[Strike], None]:
    def strike(struck: Strike) -> None:
        struck.reply.content_type = content_type

    return strike


def _huge(struck: Strike) -> None:
    size = int(struck.fault.number(HUGE_MB) * 1_000_000)
    struck.reply.payload, struck.reply.stream = NO_PAYLOAD, lambda: floods.huge(size)


def _bomb(struck: Strike) -> None:
    size = int(struck.fault.number(BOMB_MB) * 1_000_000)
    struck.reply.payload, struck.reply.stream = NO_PAYLOAD, lambda: floods.bomb(size)
    struck.reply.headers.append(("Content-Encoding", "gzip"))


def _redirect(place: str) -> Callable[[Strike], None]:
    def strike(struck: Strike) -> None:
        base, path = struck.base, struck.path
        target = {
            "host": struck.fault.value or f"http://redirected.invalid{path}",
            "path": f"{base}/login.jsp",
            "scheme": "https" + base[base.index(":") :] + path if base.startswith("http:") else f"http{base[5:]}{path}",
            "self": f"{base}{path}",
        }[place]
        struck.reply = Reply(302, body=b"", content_type=None, headers=[("Location", target)])

    return strike


def _not_http(struck: Strike) -> None:
    struck.delivery.raw = b"SSH-2.0-OpenSSH_9.2\r\n"


# Those that strike before there is a request: `serve` looks for them at its listeners.
LISTENER_FAULTS = ("refused", "reset-accept", "tls-cut")
FAULTS: Mapping[str, Callable[[Strike], None]] = {
    "slow": _slow,
    "drip": _drip,
    "hang": _stop("hang", "head"),
    "hang-body": _stop("hang", "body"),
    "reset": _stop("reset", "head"),
    "reset-body": _stop("reset", "body"),
    "close": _stop("close", "head"),
    "truncated": _stop("close", "body"),
    "400": _status(400, "Bad request"),
    "401": _status(401, "Unauthorized"),
    "403": _status(403, "Permission denied"),
    "404": _status(404, "Not found"),
    "409": _status(409, "Conflict"),
    "429": _too_many,
    "500": _page(500, "HTTP Status 500 – Internal Server Error"),
    "502": _page(502, "502 Bad Gateway"),
    "503": _page(503, "503 Service Temporarily Unavailable"),
    "404-page": _page(404, "HTTP Status 404 – Not Found"),
    "login": _login,
    "html": _page(200, "System error"),
    "empty": _body(lambda reply: b""),
    "invalid-json": _body(lambda reply: b'{"overall": nope, "jobs": [}'),
    "half-json": _body(lambda reply: reply.render()[: len(reply.render()) // 2]),
    "deep": _body(lambda reply: b"[" * DEEP + b"]" * DEEP),
    "bad-utf8": _body(lambda reply: reply.render().replace(b'"', b'"\xff\xfe', 3)),
    "wrong-types": _payload(garble.wrong_types),
    "nulls": _payload(garble.nulls),
    "hostile": _payload(garble.hostile),
    "strange-words": _payload(garble.strange_words),
    "huge": _huge,
    "gzip-bomb": _bomb,
    "wrong-type": _typed(HTML_TYPE),
    "no-type": _typed(None),
    "redirect-host": _redirect("host"),
    "redirect-path": _redirect("path"),
    "redirect-scheme": _redirect("scheme"),
    "redirect-loop": _redirect("self"),
    "not-http": _not_http,
}
_FORM = re.compile(
    r"(?:(?P<server>[a-z*]+)(?:/(?P<endpoint>[a-z*-]+))?:)?"
    r"(?P<name>[a-z0-9-]+)(?:=(?P<value>[^@*,]+))?(?:@(?P<probability>[0-9.]+))?(?:\*(?P<count>\d+))?"
)


class FaultPlan:
    """The faults that are on. `endpoints` tells each server's endpoint names, for checking what is written."""

    def __init__(self, endpoints: Mapping[str, Iterable[str]], seed: int = 1) -> None:
        self._endpoints = {server: sorted(set(found)) for server, found in endpoints.items()}
        self._random = random.Random(f"faults {seed}")  # noqa: S311 - a story's chance, nothing secret
        self._faults: list[Fault] = []

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is on now."""
        return tuple(self._faults)

    def parse(self, text: str) -> list[Fault]:
        """Faults from ``xray/reports:slow=2@0.5*3,…``; raises `UnknownName`."""
        found = []
        for piece in filter(None, (piece.strip() for piece in text.split(","))):
            match = _FORM.fullmatch(piece)
            if match is None:
                raise UnknownName(f"{piece!r} is no fault; the form is server/endpoint:name=value@probability*count.")
            part = match.groupdict()
            count, probability = part["count"], part["probability"]
            found.append(
                self._checked(
                    Fault(
                        part["name"],
                        part["server"] or "*",
                        part["endpoint"] or "*",
                        part["value"] or "",
                        _share(probability) if probability else 1.0,
                        int(count) if count else None,
                    )
                )
            )
        return found

    def read(self, table: Mapping[str, Any]) -> Fault:
        """One fault from JSON: fault, server, endpoint, value, probability, count; raises `UnknownName`."""
        for key in table:
            if key not in ("fault", "server", "endpoint", "value", "probability", "count"):
                raise nearest("key of a fault", key, ["fault", "server", "endpoint", "value", "probability", "count"])
        count = table.get("count")
        return self._checked(
            Fault(
                str(table.get("fault", "")),
                str(table.get("server") or "*"),
                str(table.get("endpoint") or "*"),
                str(table.get("value", "")),
                _share(table.get("probability", 1.0)),
                None if count is None else int(count),
            )
        )

    def add(self, faults: Iterable[Fault]) -> None:
        """Turn these on, beside what is on."""
        self._faults.extend(faults)

    def clear(self) -> None:
        """Turn all off."""
        self._faults.clear()

    def strike(self, server: str, endpoint: str, *, at_listener: bool = False) -> Fault | None:
        """The fault that strikes this request (or connection) now, None if it is spared; counts it."""
        for place, fault in enumerate(self._faults):
            if (fault.name in LISTENER_FAULTS) is not at_listener or fault.name == "refused":
                continue
            if fault.server not in ("*", server) or fault.endpoint not in ("*", endpoint):
                continue
            if fault.probability < 1 and self._random.random() >= fault.probability:
                continue
            if fault.left is not None:
                if fault.left <= 1:
                    del self._faults[place]
                else:
                    self._faults[place] = replace(fault, left=fault.left - 1)
            return fault
        return None

    def _checked(self, fault: Fault) -> Fault:
        known = [*FAULTS, *LISTENER_FAULTS]
        if fault.name not in known:
            raise nearest("fault", fault.name, known)
        if fault.server != "*" and fault.server not in self._endpoints:
            raise nearest("server", fault.server, list(self._endpoints))
        every = self._endpoints.get(fault.server) or sorted(
            {name for names in self._endpoints.values() for name in names}
        )
        if fault.endpoint != "*" and fault.endpoint not in every:
            raise nearest("endpoint", fault.endpoint, every)
        return fault


def _share(given: Any) -> float:
    try:
        share = float(given)
    except (TypeError, ValueError):
        share = -1.0
    if not 0 <= share <= 1:
        raise UnknownName(f"a probability lies between 0 and 1, not {given!r}.")
    return share
