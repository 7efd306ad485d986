"""A simulator in the test's own loop, with a clock that stands still until the test moves it, and clients for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx

from tui.simulator.clock import StoryClock
from tui.simulator.scenarios import scenario
from tui.simulator.serve import Simulator
from tui.simulator.variants import parse_variants
from tui.simulator.world import World

START_AT = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
LIST = {"direction": "desc", "page_num": "1", "num_of_rows": "20", "order_by": "start_time"}
SCHEMES = {"xray": "Bearer", "threadfix": "APIKEY", "codeinsight": "Bearer"}
PATHS = {"xray": "/xray/api/v1", "threadfix": "/rest/latest", "codeinsight": "/codeinsight/api"}


def make_world(name: str = "day", *, seed: int = 1, **sizes: int) -> World:
    """A world at its first moment."""
    return World(scenario(name), seed=seed, clock=StoryClock(START_AT, is_frozen=True), **sizes)


class Site:
    """One running simulator. `call` asks with the server's token; paths start after the server's API root."""

    def __init__(self, simulator: Simulator, client: httpx.AsyncClient) -> None:
        self.simulator = simulator
        self.world = simulator.world
        self.client = client
        self.announced: dict[str, Any] = simulator.announcement()

    def url(self, server: str, path: str) -> str:
        return f"{self.announced['servers'][server]['url']}{PATHS[server]}{path}"

    def auth(self, server: str) -> dict[str, str]:
        return {"Authorization": f"{SCHEMES[server]} {self.announced['servers'][server]['token']}"}

    async def call(self, server: str, method: str, path: str, **more: Any) -> httpx.Response:
        return await self.client.request(method, self.url(server, path), headers=self.auth(server), **more)

    async def control(self, name: str, body: Any = None, method: str = "") -> Any:
        method = method or ("GET" if body is None else "POST")
        answer = await self.client.request(method, f"{self.announced['control']}/{name}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def build(self, name: str, number: str, project: str = "") -> httpx.Response:
        body = {"name": name, "number": number} | ({"project": project} if project else {})
        return await self.call("xray", "POST", "/build/status", json=body)

    async def artifact(self, address: str) -> httpx.Response:
        repo, _, path = address.partition("/")
        return await self.call("xray", "POST", "/artifact/status", json={"repo": repo, "path": path})

    async def scan(self, application: int, pending_scan: int) -> httpx.Response:
        return await self.call("threadfix", "GET", f"/applications/{application}/pendingScan/{pending_scan}/status")

    async def jobs(self, **query: Any) -> httpx.Response:
        return await self.call("codeinsight", "GET", "/jobs", params=query)

    async def reports(self, **query: str) -> list[dict[str, Any]]:
        answer = await self.call("xray", "POST", "/reports", params=LIST | query)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["reports"])


@asynccontextmanager
async def running(
    name: str = "day", *, variants: str = "", faults: str = "", seed: int = 1, **sizes: int
) -> AsyncIterator[Site]:
    """A simulator that listens until the block is left."""
    world = make_world(name, seed=seed, **sizes)
    simulator = Simulator(world, variants=parse_variants(variants), faults=faults)
    await simulator.start()
    try:
        async with httpx.AsyncClient(timeout=5, verify=False, trust_env=False) as client:
            yield Site(simulator, client)
    finally:
        await simulator.stop()
