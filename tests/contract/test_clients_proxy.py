"""Proxies: of the server's own settings, of the environment, none for loopback; and what a proxy may refuse."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tui.clock import SystemClock
from tui.domain.problem import ProblemCode
from tui.domain.records import Answer
from tui.domain.target import Target
from tui.secrets import Secret
from tui.servers.http import Http
from tui.servers.kind import kinds
from tui.settings import ServerSettings

SAMPLE = Path(__file__).parents[1] / "fixtures" / "xray" / "build_status.json"
OUTSIDE = "http://xray.example.invalid"


class Proxy:
    """Answers every request with the sample (or with `status`) and keeps the request lines and heads."""

    def __init__(self, status: str = "200 OK") -> None:
        self.heads: list[str] = []
        self.port = 0
        self._status = status

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        body = SAMPLE.read_bytes() if self._status.startswith("200") else b"<html><title>Proxy</title></html>"
        writer.write(
            f"HTTP/1.1 {self._status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
        )
        await writer.drain()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


@asynccontextmanager
async def proxy(status: str = "200 OK") -> AsyncIterator[Proxy]:
    made = Proxy(status)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        await server.wait_closed()


async def ask(url: str, **changes: Any) -> Answer:
    async def read() -> Secret:
        return Secret("canary-token")

    server = ServerSettings("xray", "xray", url, **changes)
    client = kinds()["xray"].open_client(server, Http(server, SystemClock(), read))
    try:
        return await client.read([Target("xray", "build", ("b", "1"))])
    finally:
        await client.aclose()


@pytest.mark.parametrize("where", ["settings", "environment"])
def test_a_proxy_takes_the_question(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        async with proxy() as between:
            address = f"http://127.0.0.1:{between.port}"
            if where == "environment":
                monkeypatch.setenv("HTTP_PROXY", address)
            answer = await ask(OUTSIDE, allow_http=True, proxy=address if where == "settings" else None)
            assert answer.readings[0].record is not None
            assert between.heads[0].startswith(f"POST {OUTSIDE}/xray/api/v1/build/status HTTP/1.1")

    assert json.loads(SAMPLE.read_text())
    asyncio.run(run())


def test_loopback_and_no_proxy_go_straight(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        async with proxy() as between, proxy() as straight:
            monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{between.port}")
            monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{between.port}")
            answer = await ask(f"http://127.0.0.1:{straight.port}")
            assert answer.readings[0].record is not None
            monkeypatch.setenv("NO_PROXY", "example.invalid")
            outside = await ask(OUTSIDE, allow_http=True)
            assert outside.problem is not None
            assert outside.problem.code is ProblemCode.DNS
            assert between.heads == []

    asyncio.run(run())


@pytest.mark.parametrize(
    ("status", "words"), [("407 Proxy Authentication Required", "407"), ("403 Forbidden", "403"), ("502 Bad", "502")]
)
def test_a_proxy_that_does_not_connect_never_sees_the_token(status: str, words: str) -> None:
    async def run() -> None:
        async with proxy(status) as between:
            answer = await ask("https://xray.example.invalid", proxy=f"http://127.0.0.1:{between.port}")
            assert answer.problem is not None
            assert answer.problem.code is ProblemCode.REFUSED
            assert words in answer.problem.text
            assert between.heads[0].startswith("CONNECT xray.example.invalid:443")
            assert not any("canary-token" in head for head in between.heads)

    asyncio.run(run())
