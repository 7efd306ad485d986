"""One HTTP exchange: the question, the answer read within its limits, and the words for what broke on the way.

Owns time, size and packing limits of a body, and whether a question may have reached the server before it failed.
Knows no token, no meaning of a status and no server kind.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import IO, Any

import httpx

from tui.clock import Clock
from tui.domain.acts import ExportProgress
from tui.domain.problem import Problem, ProblemCode
from tui.domain.records import Call
from tui.servers.body import Inflater, TooLargeBody, UnreadableBody, decode_text, read_json
from tui.servers.errors import PROXY, Unreachable, describe_timeout, describe_transport
from tui.servers.route import way_of
from tui.servers.times import parse_http_date
from tui.settings import ServerSettings

CONNECTING = frozenset({"connecting", "handshake"})  # phases in which nothing of the request was sent
WANTS_CERTIFICATE = "A server that wants a client certificate does this too: then set client_cert and client_key."
DOWNLOAD_BYTES = 512 * 1024 * 1024  # of a file that is downloaded; far above the largest report that is kept
DOWNLOAD_S = 1800.0  # a whole download; a server that pauses longer than for an answer is given up before
ZIP_BEGIN = b"PK"


class SinkError(Exception):
    """A download could not be written on this machine; the `OSError` is its cause."""


@dataclass(slots=True)
class Sink:
    """Where a download goes as it comes. `is_taken`: the answer is a ZIP and went there, not into the answer."""

    file: IO[bytes]
    progress: Callable[[ExportProgress], None]
    limit: int = DOWNLOAD_BYTES
    is_taken: bool = False

    def write(self, content: bytes, done: int, total: int | None) -> None:
        """Take a piece; `done` bytes are here with it. Raises `SinkError`."""
        try:
            self.file.write(content)
        except OSError as error:
            raise SinkError from error
        self.progress(ExportProgress(done, total))


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """One answer, read whole. `body` is its JSON value (None where it is empty or no JSON); names of headers compare
    without case. They and `text` are redacted: a token that the server echoes is starred."""

    status: int
    headers: httpx.Headers
    text: str
    body: object
    call: Call
    server_at: datetime | None = None
    content: bytes = b""

    @property
    def is_empty(self) -> bool:
        """Nothing but blanks came."""
        return not self.text.strip()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, without what authorises it. With a `sink` a ZIP in the answer goes there."""

    method: str
    path: str
    json_body: object
    headers: dict[str, str]
    expects_json: bool
    sink: Sink | None = None


class Exchange:
    """One request and its answer, with what is needed to word a failure: the phase, the bytes so far."""

    def __init__(self, clock: Clock, host: str, server: ServerSettings, asked: Asked) -> None:
        self._clock = clock
        self._host = host
        self._server = server
        self._asked = asked
        self._at = clock.now()
        self._start = clock.monotonic()
        self._phase = "waiting"  # a kept connection needs no connecting; `_trace` says when one is made
        self._size = 0
        self._has_connected = False
        self._is_sent = False
        self._status: int | None = None
        self._timer: asyncio.Timeout | None = None
        self._end_s = 0.0
        self.was_stale = False

    async def run(
        self, client: httpx.AsyncClient, headers: Mapping[str, str], redact: Callable[[str], str]
    ) -> HttpAnswer:
        """Ask once and read the whole answer. Raises `Unreachable`, and `SinkError` where there is a sink."""
        asked, limit_s = self._asked, self._server.answer_s
        try:
            async with asyncio.timeout(limit_s) as timer:
                self._timer, self._end_s = timer, asyncio.get_running_loop().time() + limit_s
                request = client.build_request(
                    asked.method,
                    asked.path,
                    json=asked.json_body,
                    headers=headers,
                    extensions={"trace": self._trace},
                )
                response = await client.send(request, stream=True)
                try:
                    self._phase, self._status = "reading", response.status_code
                    self._wait_until(self._end_s)
                    if asked.sink is not None:  # from here on each pause has the limit, and the whole a longer one
                        self._wait_until(asyncio.get_running_loop().time() + DOWNLOAD_S)
                    content = await self._read(response)
                finally:
                    await response.aclose()
        except TimeoutError:
            raise self._failed(self._out_of_time()) from None
        except httpx.ConnectTimeout:
            problem = self._of_proxy(describe_timeout(self._spoken_to(), "connecting", self._server.connect_s, 0))
            raise self._failed(problem) from None
        except httpx.TimeoutException:
            raise self._failed(describe_timeout(self._host, self._phase, limit_s, self._size)) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, UnicodeError) as error:
            self.was_stale = self._phase == "waiting" and not self._has_connected
            problem = self._of_proxy(describe_transport(error, self._spoken_to(), self._phase))
            if problem.code is ProblemCode.REFUSED and not problem.advice and self._may_want_certificate():
                problem = replace(problem, advice=WANTS_CERTIFICATE)
            raise self._failed(problem) from None
        text = ""
        body: object = None
        if asked.expects_json or asked.sink is not None or response.status_code >= 400:
            text = redact(decode_text(content))
            try:
                body = read_json(text)
            except UnreadableBody:
                body = None
        return HttpAnswer(
            response.status_code,
            httpx.Headers([(name, redact(value)) for name, value in response.headers.multi_items()]),
            text,
            body,
            self._call(response.status_code, None),
            parse_http_date(response.headers.get("date")),
            b"" if asked.expects_json else content,
        )

    def _out_of_time(self) -> Problem:
        """The words for the shorter of two limits while the first byte is waited for, else for the whole answer's."""
        server = self._server
        if self._phase == "waiting" and server.first_byte_s < server.answer_s:
            return describe_timeout(self._host, self._phase, server.first_byte_s, 0, "first_byte_timeout")
        return describe_timeout(self._host, self._phase, server.answer_s, self._size)

    def _spoken_to(self) -> str:
        """Who failed: until a connection stands it is the proxy, where there is one. Its password is not shown."""
        if self._phase not in CONNECTING or self._is_sent:
            return self._host
        try:
            proxy = way_of(self._server, os.environ).proxy
        except Unreachable:
            return self._host
        return self._host if proxy is None else f"{PROXY}{proxy.host}:{proxy.port}"

    def _of_proxy(self, problem: Problem) -> Problem:
        is_proxys = PROXY.strip().lower() in problem.text.lower() and problem.code is not ProblemCode.TLS
        advice = f"Check proxy in [servers.{self._server.name}], and HTTPS_PROXY."
        return replace(problem, advice=advice) if is_proxys else problem

    def _may_want_certificate(self) -> bool:
        """TLS 1.3 servers say only after the handshake that they want one, often by hanging up."""
        return self._phase == "waiting" and self._server.client_cert is None and self._server.url.startswith("https:")

    async def _read(self, response: httpx.Response) -> bytes:
        sink = self._asked.sink
        limit = self._server.answer_bytes
        most = limit if sink is None else max(limit, sink.limit)
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        inflater = Inflater(most) if encoding in {"gzip", "x-gzip", "deflate"} else None
        try:
            if inflater is None and encoding not in {"identity", ""}:
                raise UnreadableBody("is packed in a way that was not asked for")
            told = response.headers.get("content-length", "")
            if told.isdigit() and len(told) > len(str(most)):
                raise TooLargeBody
            if response.is_stream_consumed:  # a transport that had it whole from the start
                self._size = len(response.content)
                if self._size > limit:
                    raise TooLargeBody
                return response.content
            content = await self._gather(response, inflater, limit)
            if inflater is not None and self._size:
                inflater.end()
            return content
        except TooLargeBody:
            limit = sink.limit if sink is not None and sink.is_taken else limit
            text = f"The answer of {self._host} is larger than {limit / 1_048_576:g} MiB and was not read to its end."
            raise self._failed(Problem(ProblemCode.TOO_LARGE, text, response.status_code)) from None
        except UnreadableBody as error:
            problem = Problem(ProblemCode.BAD_ANSWER, f"The answer of {self._host} {error}.", response.status_code)
            raise self._failed(problem) from None

    async def _gather(self, response: httpx.Response, inflater: Inflater | None, limit: int) -> bytes:
        """The body's bytes; those of a ZIP that has a sink go there. Raises `TooLargeBody`, `SinkError`."""
        pieces: list[bytes] = []
        told = response.headers.get("content-length", "")
        total = int(told) if told.isascii() and told.isdigit() and inflater is None else None
        sink = self._asked.sink if response.status_code == 200 else None
        async for raw in response.aiter_raw():
            piece = inflater.feed(raw) if inflater is not None else raw
            self._size += len(piece)
            if self._size > limit:
                raise TooLargeBody
            pieces.append(piece)
            if sink is not None and self._size >= len(ZIP_BEGIN):
                held = b"".join(pieces)
                if not sink.is_taken and not held.startswith(ZIP_BEGIN):
                    sink = None
                    continue
                sink.is_taken, limit = True, sink.limit
                sink.write(held, self._size, total)
                pieces.clear()
        return b"".join(pieces)

    async def _trace(self, event: str, told: Mapping[str, Any]) -> None:
        if event.startswith("connection.connect_tcp.started"):
            self._phase, self._has_connected = "connecting", True
        elif event.endswith("start_tls.started"):
            self._phase = "handshake"
        elif event.startswith("http11.send_request_headers"):
            self._phase = "waiting"
            is_to_proxy = getattr(told.get("request"), "method", b"") == b"CONNECT"
            self._is_sent = self._is_sent or (event.endswith(".started") and not is_to_proxy)
        elif event == "http11.receive_response_headers.started":
            self._wait_until(min(asyncio.get_running_loop().time() + self._server.first_byte_s, self._end_s))
        elif event == "http11.receive_response_headers.complete":
            self._wait_until(self._end_s)

    def _wait_until(self, at_s: float) -> None:
        """Another end of patience, on the loop's clock; one that has come already stays."""
        if self._timer is not None and not self._timer.expired():
            self._timer.reschedule(at_s)

    def _call(self, status: int | None, problem: Problem | None) -> Call:
        latency = max(0.0, self._clock.monotonic() - self._start)
        return Call(self._at, self._asked.method, self._asked.path, status, latency, self._size, problem)

    def _failed(self, problem: Problem) -> Unreachable:
        error = Unreachable(problem, self._call(self._status, problem))
        # Without any word of the transport (a kept connection, or a test's) it must be taken for sent.
        error.may_have_arrived = self._is_sent or (self._phase not in CONNECTING and not self._has_connected)
        return error
