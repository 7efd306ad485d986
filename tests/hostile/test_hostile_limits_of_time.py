"""The three limits of time, each at its edge: until connected, until the first byte, until the whole answer is here.

A server that dawdles in one phase by a tenth of the limits of the others shows which of them it was that ran out.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from typing import Any

import pytest

from tui.clock import SystemClock
from tui.domain.problem import Problem
from tui.servers.errors import ServerError
from tui.servers.http import Http
from tui.settings import ANSWER_S, CONNECT_S, FIRST_BYTE_S, ServerSettings

SHORT_S, LONG_S = 0.25, 30.0  # what runs out, and what a machine that is busy with other tests never needs
HEAD, BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", b"{}"


async def asked(phase: str, **limits: Any) -> Problem | None:
    """Ask a server that stops in that phase until it has been given up ("" never stops)."""
    is_over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for part, name in ((HEAD, "first byte"), (BODY, "body")):
            if phase == name:
                await is_over.wait()
                break
            writer.write(part)
        writer.close()

    async def no_token() -> None:
        return None

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    full: list[socket.socket] = []
    if phase == "connection":
        full = full_backlog()
        url = f"http://127.0.0.1:{full[0].getsockname()[1]}"
    http = Http(replace(ServerSettings("x", "xray", url), **limits), SystemClock(), no_token)
    try:
        await http.request("GET", "/")
    except ServerError as error:
        return error.problem
    finally:
        is_over.set()
        await http.aclose()
        server.close()
        await server.wait_closed()
        for one in full:
            one.close()
    return None


def full_backlog() -> list[socket.socket]:
    """A listener that accepts nobody (the first), with as many waiting before it as it takes: no more get in."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    waiting = [socket.socket() for _ in range(3)]
    for one in waiting:
        one.setblocking(False)
        one.connect_ex(listener.getsockname())
    return [listener, *waiting]


@pytest.mark.parametrize(
    ("phase", "limits", "words", "key"),
    [
        ("first byte", {"first_byte_s": SHORT_S, "answer_s": LONG_S}, "said nothing for 0.25 s", "first_byte_timeout"),
        ("first byte", {"first_byte_s": LONG_S, "answer_s": SHORT_S}, "said nothing for 0.25 s", "answer_timeout"),
        ("body", {"first_byte_s": LONG_S, "answer_s": SHORT_S}, "did not finish its answer within 0.25 s", "answer_"),
        ("connection", {"connect_s": SHORT_S}, "did not take the connection within 0.25 s", "connect_timeout"),
        ("body", {"first_byte_s": SHORT_S, "answer_s": 4 * SHORT_S}, "did not finish its answer within 1 s", "answer_"),
    ],
)
def test_the_limit_that_ran_out_is_named(phase: str, limits: dict[str, float], words: str, key: str) -> None:
    problem = asyncio.run(asked(phase, **limits))
    assert problem is not None and words in problem.text and key in problem.advice, problem


def test_what_keeps_its_time_is_taken() -> None:
    assert asyncio.run(asked("", first_byte_s=LONG_S, answer_s=LONG_S, connect_s=LONG_S)) is None


def test_the_three_are_distinct_and_each_shorter_than_the_next() -> None:
    assert CONNECT_S < FIRST_BYTE_S < ANSWER_S
