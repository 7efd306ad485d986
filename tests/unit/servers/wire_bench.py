"""A client of any kind whose server is a function of the test's: requests in, prepared answers out, no socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from tui.domain.records import Answer, ListQuery, Page, Reading, Record
from tui.domain.target import Target
from tui.secrets import Secret
from tui.servers.http import Http
from tui.servers.kind import Client, kinds
from tui.settings import ServerSettings

FIXTURES = Path(__file__).parents[2] / "fixtures"
TOKEN = "canary-token-4711"
URLS = {"xray": "https://xray.test", "threadfix": "https://tf.test/threadfix", "codeinsight": "https://ci.test"}
NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
BUILD = Target("xray", "build", ("my-build", "1"), (("project", "my-project"),))
ARTIFACT = Target("xray", "artifact", ("docker-local", "desktop-storage/1.0/manifest.json"), (), True)
SCAN = Target("threadfix", "scan", ("6", "41"))
JOBS = ListQuery("codeinsight", "jobs")

Handler = Callable[[httpx.Request], httpx.Response]


class StillClock:
    """A clock that shows one moment."""

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 100.0

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


class Wire:
    """The other end: `answers` in order (the last one for ever) or a function; `requests` as they came."""

    def __init__(self, *answers: Any, handler: Handler | None = None) -> None:
        self.requests: list[httpx.Request] = []
        self._answers = list(answers)
        self._handler = handler

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self._handler is not None:
            return self._handler(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return answer if isinstance(answer, httpx.Response) else reply(answer)

    @property
    def paths(self) -> list[str]:
        return [f"{request.method} {request.url.raw_path.decode()}" for request in self.requests]

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(request.content) if request.content else None for request in self.requests]


def reply(body: Any = b"", status: int = 200, headers: dict[str, str] | None = None) -> httpx.Response:
    """An answer that is streamed as from a socket; anything but bytes and text is made JSON."""
    content = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return httpx.Response(status, headers=headers, stream=_Pieces(content))


class _Pieces(httpx.AsyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self):  # type: ignore[no-untyped-def]
        yield self._content


def settings(kind: str, **changes: Any) -> ServerSettings:
    """A server of that kind, named like it."""
    found = kinds()[kind]
    extra = {**found.server_keys, **changes.pop("extra", {})}
    return replace(ServerSettings(kind, kind, found.normalise_url(URLS[kind]), extra=extra), **changes)


def open_http(
    server: ServerSettings, wire: Handler, token: Callable[[], Awaitable[Secret | None]] | None = None
) -> Http:
    async def read() -> Secret | None:
        return Secret(TOKEN)

    return Http(server, StillClock(), token or read, transport=httpx.MockTransport(wire))


def ask(kind: str, wire: Handler, question: Callable[[Any], Awaitable[Any]], **changes: Any) -> Any:
    """Open a client, ask it, close it."""

    async def run() -> Any:
        server = settings(kind, **changes)
        client: Client = kinds()[kind].open_client(server, open_http(server, wire))
        try:
            return await question(client)
        finally:
            await client.aclose()

    return asyncio.run(run())


def read(kind: str, wire: Handler, *targets: Target, **changes: Any) -> Answer:
    answer: Answer = ask(kind, wire, lambda client: client.read(targets), **changes)
    assert [reading.target for reading in answer.readings] == list(targets)
    return answer


def read_one(kind: str, wire: Handler, target: Target, **changes: Any) -> Reading:
    return read(kind, wire, target, **changes).readings[0]


def record_of(kind: str, body: Any, target: Target, **changes: Any) -> Record:
    reading = read_one(kind, Wire(body), target, **changes)
    assert reading.record is not None, reading.problem
    return reading.record


def listing(kind: str, wire: Handler, query: ListQuery, **changes: Any) -> Answer:
    answer: Answer = ask(kind, wire, lambda client: client.list(query), **changes)
    return answer


def page_of(kind: str, wire: Handler, query: ListQuery, **changes: Any) -> Page:
    answer = listing(kind, wire, query, **changes)
    assert answer.page is not None, answer.problem
    return answer.page


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / name).read_text())


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


def epoch_ms(milliseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


def ids(records: Sequence[Record]) -> list[int]:
    return [int(record.target.parts[0]) for record in records]
