"""One connection: reads requests with h11, asks for the answer, delivers it as the delivery says.

Owns one socket and its task. Knows no server and no fault by name.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import h11

from tui.simulator.exchange import Answered, Delivery, Reply
from tui.simulator.headers import NO_BODY

BODY_LIMIT = 64 * 1024 * 1024  # bytes of an upload that are taken
READ = 64 * 1024  # bytes read at once
HANDSHAKE_S = 10.0
Answer = Callable[[h11.Request, bytes, str], Awaitable[Answered]]


class Connection:
    """Serves one accepted socket until either side has had enough. `all_open` is kept up to date by it."""

    def __init__(
        self, accepted: socket.socket, tls: ssl.SSLContext | None, answer: Answer, all_open: set[Connection]
    ) -> None:
        self._socket = accepted
        self._tls = tls
        self._answer = answer
        self._all_open = all_open
        self._task: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None
        host, port = accepted.getsockname()[:2]
        self._base = f"{'https' if tls else 'http'}://{host}:{port}"

    def start(self) -> None:
        """Serve in a task of its own."""
        self._all_open.add(self)
        self._task = asyncio.get_running_loop().create_task(self._run())

    def reset(self) -> None:
        """Cut it with a reset, as a crashed or guarded host does."""
        self._abort(is_reset=True)
        if self._task is not None:
            self._task.cancel()

    async def close(self) -> None:
        """End it and wait until it has ended."""
        self._abort(is_reset=False)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _abort(self, *, is_reset: bool) -> None:
        if self._writer is None:
            return
        if is_reset:
            accepted = self._writer.get_extra_info("socket")
            with contextlib.suppress(OSError):
                accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=READ)
        try:
            transport, protocol = await loop.connect_accepted_socket(
                lambda: asyncio.StreamReaderProtocol(reader),
                self._socket,
                ssl=self._tls,
                ssl_handshake_timeout=HANDSHAKE_S if self._tls else None,
            )
            self._writer = asyncio.StreamWriter(transport, protocol, reader, loop)
            await self._talk(reader, self._writer)
        except (OSError, h11.ProtocolError):
            pass  # the caller went away or speaks no HTTP
        finally:
            self._all_open.discard(self)
            if self._writer is not None:
                self._writer.close()
            else:
                self._socket.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        http = h11.Connection(h11.SERVER)
        while True:
            head = await self._next(http, reader, writer)
            if not isinstance(head, h11.Request):
                return
            body = bytearray()
            while isinstance(event := await self._next(http, reader, writer), h11.Data):
                body += event.data
                if len(body) > BODY_LIMIT:
                    return
            if not isinstance(event, h11.EndOfMessage):
                return
            answered = await self._answer(head, bytes(body), self._base)
            if not await self._deliver(http, head, answered.reply, answered.delivery, reader, writer):
                return
            if http.our_state is not h11.DONE or http.their_state is not h11.DONE:
                return
            http.start_next_cycle()

    async def _next(
        self, http: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> h11.Event | None:
        while True:
            event = http.next_event()
            if event is h11.NEED_DATA:
                if http.they_are_waiting_for_100_continue:
                    writer.write(http.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
                http.receive_data(await reader.read(READ))
            elif isinstance(event, h11.Event):
                return event
            else:
                return None

    async def _deliver(
        self,
        http: h11.Connection,
        request: h11.Request,
        reply: Reply,
        delivery: Delivery,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bool:
        """Send the answer; False if the connection is to end."""
        if delivery.wait_s:
            await asyncio.sleep(delivery.wait_s)
        if delivery.raw is not None:
            writer.write(delivery.raw)
            await writer.drain()
            return False
        if delivery.stop and delivery.stop_at == "head":
            return await self._stopped(delivery, reader)
        headers = list(reply.headers)
        if reply.framing == "close":
            await self._send_raw(reply, headers, writer)
            return False
        if reply.framing == "length" and reply.status not in NO_BODY:
            headers.append(("Content-Length", str(len(reply.body))))
        reason = HTTPStatus(reply.status).phrase.encode()
        writer.write(http.send(h11.Response(status_code=reply.status, headers=headers, reason=reason)) or b"")
        if delivery.stop:
            writer.write(http.send(h11.Data(data=reply.body[: max(1, len(reply.body) // 2)])) or b"")
            await writer.drain()
            return await self._stopped(delivery, reader)
        if request.method == b"HEAD" or reply.status in NO_BODY:
            pass
        elif reply.stream is not None:
            async for piece in reply.stream():
                writer.write(http.send(h11.Data(data=piece)) or b"")
                await writer.drain()
        elif delivery.drip_s is not None:
            for place in range(len(reply.body)):
                writer.write(http.send(h11.Data(data=reply.body[place : place + 1])) or b"")
                await writer.drain()
                await asyncio.sleep(delivery.drip_s)
        elif reply.body:
            writer.write(http.send(h11.Data(data=reply.body)) or b"")
        writer.write(http.send(h11.EndOfMessage()) or b"")
        await writer.drain()
        return True

    async def _send_raw(self, reply: Reply, headers: list[tuple[str, str]], writer: asyncio.StreamWriter) -> None:
        """A body that ends when the connection does, which h11 does not send."""
        lines = [f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in headers]
        writer.write(("\r\n".join([*lines, "Connection: close", "", ""])).encode("utf-8") + reply.body)
        await writer.drain()

    async def _stopped(self, delivery: Delivery, reader: asyncio.StreamReader) -> bool:
        if delivery.stop == "hang":
            while await reader.read(READ):
                pass  # until the caller has had enough or the simulator ends
        elif delivery.stop == "reset":
            await asyncio.sleep(0)
            self._abort(is_reset=True)
        return False
