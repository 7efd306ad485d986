"""The simulator as a process sees it: listeners on loopback, HTTP/1.1 with keep-alive, faults on the way out.

Owns sockets and connections; what is answered comes from the servers' modules, which are found by walking this package.
Each server has a port of its own, so that one can be down while the others live; every port answers for all servers
and has the control calls.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import pkgutil
import socket
import ssl
import struct
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

import h11

from tui.simulator.connection import Connection
from tui.simulator.control import Control
from tui.simulator.exchange import Answered, Delivery, Endpoint, Reply, Request, Server, html
from tui.simulator.faults import FAULTS, REFUSED_S, Fault, FaultPlan, Strike
from tui.simulator.garble import hostile
from tui.simulator.headers import dressed
from tui.simulator.variants import Variants
from tui.simulator.world import World

HOST = "127.0.0.1"
BACKLOG = 512


@dataclass(slots=True)
class Listener:
    """One port. `server` is the kind that is announced on it, "" for the control port."""

    server: str
    port: int
    socket: socket.socket
    accepting: asyncio.Task[None] | None = None
    connections: set[Connection] = field(default_factory=set)


def find_servers(world: World, variants: Variants) -> tuple[Server, ...]:
    """One server of every kind that this package has a module for."""
    import tui.simulator as package

    found: list[Server] = []
    # Backwards by name: Xray's builds are what most people look for first, in the watch list as on the screen.
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda module: module.name, reverse=True):
        loaded = importlib.import_module(f"{package.__name__}.{module.name}")
        open_server: Callable[[World, Variants], Server] | None = getattr(loaded, "open_server", None)
        if open_server is not None:
            found.append(open_server(world, variants))
    return tuple(found)


class Simulator:
    """Listens and answers. `tls` applies to the servers' ports; the control port is always plain."""

    def __init__(
        self,
        world: World,
        *,
        variants: Variants | None = None,
        faults: str = "",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.world = world
        self.variants = variants or Variants()
        self.servers = find_servers(world, self.variants)
        self.plan = FaultPlan(
            {server.kind: [each.name for each in server.endpoints] for server in self.servers}, world.seed
        )
        for text in (*world.scenario.faults, faults):
            self.plan.add(self.plan.parse(text))
        self.control = Control(world, self.plan, self.variants, self.refuse, self.mend)
        self._tls = tls
        self._listeners: dict[str, Listener] = {}
        self._closed: dict[str, asyncio.TimerHandle] = {}

    @property
    def port(self) -> int:
        """The control port."""
        return self._listeners[""].port

    def base(self, kind: str) -> str:
        """Scheme, host and port of a server."""
        return f"{'https' if self._tls else 'http'}://{HOST}:{self._listeners[kind].port}"

    def announcement(self) -> dict[str, object]:
        """What a parent process or a person needs: ports, addresses, tokens, what can be watched."""
        servers = {server.kind: server.settings(self.base(server.kind)) for server in self.servers}
        watch = [table for server in self.servers for table in server.watch()]
        control = f"http://{HOST}:{self.port}/_simulator"
        scenario = self.world.scenario.name
        return {"port": self.port, "control": control, "scenario": scenario, "servers": servers, "watch": watch}

    async def start(self, port: int = 0) -> None:
        """Listen: control on `port` (0: any), the servers on the ports after it; raises OSError."""
        names = ["", *(server.kind for server in self.servers)]
        try:
            for place, name in enumerate(names):
                bound = _bound(port + place if port else 0)
                self._listeners[name] = Listener(name, bound.getsockname()[1], bound)
        except OSError:
            await self.stop()
            raise
        for listener in self._listeners.values():
            self._open(listener)
        for fault in self.plan.faults:
            if fault.name == "refused":
                self.refuse(fault)

    async def stop(self) -> None:
        """Close everything."""
        for timer in self._closed.values():
            timer.cancel()
        for listener in self._listeners.values():
            await self._close(listener)
            listener.socket.close()

    def refuse(self, fault: Fault) -> None:
        """Close the ports of the fault's server for its seconds, dropping what is connected."""
        seconds = fault.number(REFUSED_S)
        loop = asyncio.get_running_loop()
        for name, listener in self._listeners.items():
            if name and fault.server in ("*", name):
                if listener.accepting is not None:
                    listener.accepting.cancel()
                    listener.accepting = None
                listener.socket.close()
                # The port stays bound but does not listen, so that nobody else gets it and callers are refused.
                listener.socket = _bound(listener.port)
                for connection in tuple(listener.connections):
                    connection.reset()
                if name in self._closed:
                    self._closed[name].cancel()
                self._closed[name] = loop.call_later(seconds, self._reopen, name)

    def mend(self) -> None:
        """Open every closed port again, now."""
        for name in tuple(self._closed):
            self._reopen(name)

    def _reopen(self, name: str) -> None:
        self._closed.pop(name).cancel()
        self._open(self._listeners[name])

    def _open(self, listener: Listener) -> None:
        listener.socket.listen(BACKLOG)
        listener.accepting = asyncio.get_running_loop().create_task(self._accept(listener))

    async def _close(self, listener: Listener) -> None:
        if listener.accepting is not None:
            listener.accepting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listener.accepting
        for connection in tuple(listener.connections):
            await connection.close()

    async def _accept(self, listener: Listener) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, _ = await loop.sock_accept(listener.socket)
            except OSError:
                return  # the listener was closed under us
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            fault = self.plan.strike(listener.server, "*", at_listener=True) if listener.server else None
            if fault is not None:
                if fault.name == "reset-accept":
                    accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                accepted.close()
                continue
            tls = self._tls if listener.server else None
            Connection(accepted, tls, self._answer, listener.connections).start()

    async def _answer(self, head: h11.Request, body: bytes, base: str) -> Answered:
        url = urlsplit(head.target.decode("ascii", "replace"))
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in head.headers}
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        request = Request(head.method.decode(), url.path, query, headers, body)
        try:
            return await self._chosen(request, base)
        except Exception:  # a defect of the simulator: said aloud, and no caller is left hanging
            traceback.print_exc()
            failed = html(500, "The simulator failed")
            return Answered(dressed(failed, Variants(), self.world.clock.server_at()), Delivery())

    async def _chosen(self, request: Request, base: str) -> Answered:
        found = self.control.answer(request)
        if found is not None:
            return Answered(dressed(found, Variants(), self.world.clock.server_at()), Delivery())
        server = next((each for each in self.servers if request.path.startswith(each.prefixes)), None)
        if server is None:
            return self._logged(request, None, None, Answered(html(404, "HTTP Status 404 – Not Found"), Delivery()))
        endpoint, parts, allowed = _route(server, request)
        if endpoint is None:
            status = 405 if allowed else 404
            reply = server.error(status, "Method Not Allowed" if allowed else "Not found")
            return self._logged(request, server, None, Answered(reply, Delivery()))
        if endpoint.prepare is not None:
            await endpoint.prepare(request)
        return self._logged(request, server, endpoint, self._struck(server, endpoint, request, parts, base))

    def _struck(
        self, server: Server, endpoint: Endpoint, request: Request, parts: tuple[str, ...], base: str
    ) -> Answered:
        refusal = None if endpoint.is_open else server.refuse(request)
        fault = self.plan.strike(server.kind, endpoint.name)
        # A fault that answers in the server's stead must not also make or delete things.
        is_lost = (
            fault is not None and request.method != "GET" and fault.name in ("400", "401", "403", "404", "409", "429")
        )
        is_lost = is_lost or (fault is not None and fault.name in ("500", "502", "503", "hang", "not-http"))
        reply = refusal or (Reply(payload={}) if is_lost else endpoint.run(request, parts))
        if self.variants["extra"] == "on" and isinstance(reply.payload, dict):
            reply.payload = reply.payload | {"addedLater": {"by": ["a newer release"]}}
        if self.world.scenario.is_hostile and reply.payload is not None:
            reply.payload = hostile(reply.payload)
        if fault is None:
            return Answered(reply, Delivery())
        struck = Strike(fault, server, request.path, self.world.clock.server_at(), base, reply)
        FAULTS[fault.name](struck)
        return Answered(struck.reply, struck.delivery, fault.name)

    def _logged(
        self, request: Request, server: Server | None, endpoint: Endpoint | None, answered: Answered
    ) -> Answered:
        self.control.log(
            request,
            server.kind if server else "",
            endpoint.name if endpoint else "",
            answered.reply.status,
            answered.fault,
        )
        reply = dressed(answered.reply, self.variants, self.world.clock.server_at())
        return Answered(reply, answered.delivery, answered.fault)


def _route(server: Server, request: Request) -> tuple[Endpoint | None, tuple[str, ...], bool]:
    """The endpoint for a request with the path's parts; whether the path is known for other methods."""
    is_known = False
    for endpoint in server.endpoints:
        parts = endpoint.match(request.path)
        if parts is not None:
            if endpoint.method == request.method:
                return endpoint, parts, True
            is_known = True
    return None, (), is_known


def _bound(port: int) -> socket.socket:
    """A socket bound to a loopback port; it does not listen yet."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setblocking(False)
    try:
        made.bind((HOST, port))
    except OSError:
        made.close()
        raise
    return made
