"""A hostile simulator on a thread of its own, the command line called in this process, and a clock that a test moves.

Everything between is real: sockets, HTTP, the config file, the parser, the words. Faults change through the control
call while the simulator runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import ssl
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from pathlib import Path
from typing import Any

from tui.cli.main import main
from tui.polling.monitor import Monitor
from tui.simulator.clock import StoryClock
from tui.simulator.scenarios import scenario
from tui.simulator.serve import Simulator
from tui.simulator.variants import parse_variants
from tui.simulator.world import World

START_AT = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
PATIENCE_S = 60.0  # of a test with a busy machine
AT_ONCE_S = 2e-6  # a budget says a microsecond too late when there is a token, and would not be idle before
NAMES = {"xray": "prod", "threadfix": "tf", "codeinsight": "sca"}  # as in the contract's examples


@dataclass(frozen=True)
class Said:
    """What one run of the command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


def command(*argv: str) -> Said:
    """Run one command line to its end, in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(argv)
    return Said(code, out.getvalue(), err.getvalue())


class HostileSite:
    """One simulator that listens."""

    def __init__(self, simulator: Simulator) -> None:
        self.line: dict[str, Any] = simulator.announcement()

    def faults(self, *faults: str) -> None:
        """Let exactly these faults strike from now on."""
        self.control("faults", {"clear": True, "faults": ",".join(faults)})

    def control(self, name: str, body: object = None, method: str = "POST") -> Any:
        """One control call."""
        request = urllib.request.Request(
            f"{self.line['control']}/{name}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return json.load(answer)

    def config(self, path: Path, watch: str = "", head: str = "", **changes: object) -> Path:
        """Write a config for this simulator; `changes` go into each server's table."""
        text = head
        for kind, name in NAMES.items():
            table = {**self.line["servers"][kind], **changes}
            text += f"[servers.{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
        path.write_text(text + watch)
        path.chmod(0o600)
        return path


@contextmanager
def hostile_site(
    name: str = "documents",
    *,
    tls: ssl.SSLContext | None = None,
    start_at: datetime = START_AT,
    variants: str = "",
    stuck: float | None = None,
    **sizes: int,
) -> Iterator[HostileSite]:
    """A simulator whose story stands still, until the block is left. `start_at` is what its clock shows.

    `stuck` is the share of scans and jobs that never end, where it is not the scenario's own.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="simulator", daemon=True)
    thread.start()

    def run(work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, loop).result(PATIENCE_S)

    story = scenario(name) if stuck is None else replace(scenario(name), stuck=stuck)
    world = World(story, seed=1, clock=StoryClock(start_at, is_frozen=True), **sizes)
    simulator = Simulator(world, tls=tls, variants=parse_variants(variants))
    run(simulator.start())
    try:
        yield HostileSite(simulator)
    finally:
        run(simulator.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE_S)
        loop.close()


class SteppedClock:
    """Time that passes only from one thing to do to the next, so that hours of polling take a moment."""

    def __init__(self) -> None:
        self.elapsed_s = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def now(self) -> datetime:
        """Wall time."""
        return START_AT + timedelta(seconds=self.elapsed_s)

    def monotonic(self) -> float:
        """Seconds."""
        return 1000.0 + self.elapsed_s

    async def sleep(self, seconds: float) -> None:
        """Until `step` comes there."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        self._count += 1
        heappush(self._sleepers, (self.elapsed_s + seconds, self._count, future))
        await future

    def passed(self, seconds: float) -> None:
        """So much time went by; what else lives on this clock may follow."""

    async def step(self, monitor: Monitor, most_s: float) -> None:
        """Go on to the next thing that somebody waits for, at most `most_s` ahead, and let it happen whole."""
        while self._sleepers and self._sleepers[0][2].done():
            heappop(self._sleepers)
        wake_s = self._sleepers[0][0] if self._sleepers else self.elapsed_s + most_s
        before_s = self.elapsed_s
        self.elapsed_s = min(max(wake_s, self.elapsed_s), self.elapsed_s + most_s)
        self.passed(self.elapsed_s - before_s)
        while self._sleepers and self._sleepers[0][0] <= self.elapsed_s + AT_ONCE_S:
            future = heappop(self._sleepers)[2]
            if not future.done():
                future.set_result(None)
        await asyncio.sleep(0)
        async with asyncio.timeout(PATIENCE_S):
            await monitor.idle()
