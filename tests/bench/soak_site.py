"""The simulator of a soak, with a ledger: what was asked, when, and what was told of which target.

Owns both ways of running it: on a thread of this process, with a clock that is moved, or as a process of its own
(`python soak_site.py`), in real time. The ledger is the server's word alone; nothing of the client is in it.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from soak_truth import GONE, Reading, job_reading, report_reading, scan_reading, upload_reading

from tui.domain.target import Target
from tui.simulator.clock import StoryClock
from tui.simulator.exchange import NO_PAYLOAD, Endpoint, Reply, Request
from tui.simulator.scenarios import scenario
from tui.simulator.serve import Simulator
from tui.simulator.world import World

PATIENCE_S = 120.0  # of a run with a busy machine
BATCH_ROWS = "100"  # a list call with so many rows asks for reports that are watched, not for a page that is shown


@dataclass(frozen=True, slots=True)
class Story:
    """What is told: enough to tell it again elsewhere."""

    scenario: str
    seed: int
    targets: int
    jobs: int
    report_every_s: float
    job_every_s: float
    speed: float
    begun_s: float  # wall time of story second 0

    def world(self, monotonic: Callable[[], float] = time.monotonic) -> World:
        """The story's world; its clock begins now."""
        every = {"report_every_s": self.report_every_s, "job_every_s": self.job_every_s}
        start_at = datetime.fromtimestamp(self.begun_s, UTC)
        clock = StoryClock(start_at, speed=self.speed, monotonic=monotonic)
        told = replace(scenario(self.scenario), **every)
        return World(told, seed=self.seed, clock=clock, targets=self.targets, jobs=self.jobs)

    def wall(self, story_s: float) -> float:
        """Wall time of a story second."""
        return self.begun_s + story_s / self.speed


@dataclass(slots=True)
class Told:
    """One request that reached the server. `told` is what a clean answer said, a target; `asked` who was asked for.

    `is_sure` is false where an answer holds more than the client may have asked for.
    """

    at_s: float
    server: str
    endpoint: str
    status: int
    fault: str
    asked: tuple[str, ...] = ()
    told: dict[str, Reading] = field(default_factory=dict)
    is_sure: bool = True


class Ledger:
    """Writes down what a simulator is asked and tells. `wall` gives the time."""

    def __init__(self, simulator: Simulator, wall: Callable[[], float]) -> None:
        self.rows: list[Told] = []
        self._wall = wall
        self._open: dict[int, tuple[tuple[str, ...], dict[str, Reading]]] = {}
        for server in simulator.servers:
            for endpoint in server.endpoints:
                endpoint.run = self._recorded(server.kind, endpoint)
        self._log = simulator.control.log
        simulator.control.log = self.note  # type: ignore[method-assign]

    def _recorded(self, kind: str, endpoint: Endpoint) -> Callable[[Request, tuple[str, ...]], Reply]:
        run = endpoint.run

        def recorded(request: Request, parts: tuple[str, ...]) -> Reply:
            reply = run(request, parts)
            payload = reply.payload if reply.payload is not NO_PAYLOAD else None
            self._open[id(request)] = told_by(kind, endpoint.name, request, parts, reply.status, payload)
            return reply

        return recorded

    def note(self, request: Request, server: str, endpoint: str, status: int, fault: str) -> None:
        """One request and its answer, as the simulator logs it."""
        self._log(request, server, endpoint, status, fault)
        asked, told = self._open.pop(id(request), ((), {}))
        is_sure = endpoint != "reports" or request.query.get("num_of_rows") != BATCH_ROWS
        at_s = self._wall()
        self.rows.append(Told(at_s, server, endpoint, status, fault, asked, {} if fault else told, is_sure))


def told_by(
    kind: str, endpoint: str, request: Request, parts: tuple[str, ...], status: int, payload: Any
) -> tuple[tuple[str, ...], dict[str, Reading]]:
    """Which targets a request asks for, and what its answer says of which."""
    if endpoint in ("build-status", "artifact-status"):
        body = request.json_object()
        if endpoint == "build-status":
            scope = (("project", body["project"]),) if body.get("project") else ()
            key = Target(kind, "build", (body["name"], body["number"]), scope).key
        else:  # an image that is missing is asked for by its other manifest too
            path = body["path"].replace("/list.manifest.json", "/manifest.json")
            key = Target(kind, "artifact", (body["repo"], path), has_rest=True).key
        return (key,), {key: dict(GONE) if status == 404 else _scan(payload)}
    if endpoint == "scan-status":
        key = Target(kind, "scan", parts[-2:]).key
        told = payload["object"]
        return (key,), {key: upload_reading(told["status"], told["errorMessage"]) if told else dict(GONE)}
    if endpoint in ("job", "report"):
        key, read = f"{kind}:{endpoint}/{int(parts[0])}", job_reading if endpoint == "job" else report_reading
        return (key,), {key: read(payload["status"]) if status == 200 else dict(GONE)}
    if endpoint == "jobs" and status == 200:
        return (), {f"{kind}:job/{row['id']}": job_reading(row["status"]) for row in payload["data"]}
    if endpoint == "reports" and status == 200:
        is_page = request.query.get("num_of_rows") != BATCH_ROWS  # a page shows exposures reports alone
        rows = [row for row in payload["reports"] if not is_page or row["report_type"] == "exposures"]
        return (), {f"{kind}:report/{row['id']}": report_reading(row["status"]) for row in rows}
    return (), {}


def _scan(payload: Any) -> Reading:
    details = payload["details"]
    categories = details.get("exposures", {}).get("categories", {})
    return scan_reading(
        payload["overall"]["status"],
        {name: part["status"] for name, part in details.items()},
        {name: part["status"] for name, part in categories.items()},
    )


class Site:
    """A simulator that runs, as the soak holds on to it. `ledger` is complete once the site has closed."""

    def __init__(self, line: dict[str, Any]) -> None:
        self.line = line
        self.ledger: list[Told] = []

    def faults(self, faults: list[str]) -> None:
        """Let exactly these faults strike from now on."""
        body = json.dumps({"clear": True, "faults": ",".join(faults)}).encode()
        with urllib.request.urlopen(f"{self.line['control']}/faults", body, timeout=PATIENCE_S) as answer:
            answer.read()


@contextmanager
def site_on_thread(story: Story, elapsed: Callable[[], float]) -> Iterator[Site]:
    """On a thread of its own, in the time of `elapsed` (seconds since the story began)."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="simulator", daemon=True)
    thread.start()

    def run(work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, loop).result(PATIENCE_S)

    simulator = Simulator(story.world(elapsed))
    ledger = Ledger(simulator, lambda: story.begun_s + elapsed())
    run(simulator.start())
    site = Site(simulator.announcement())
    try:
        yield site
    finally:
        run(simulator.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE_S)
        loop.close()
        site.ledger = ledger.rows


@contextmanager
def site_in_child(story: Story, folder: Path) -> Iterator[tuple[Site, Story]]:
    """In a process of its own, in real time; gives the story with the moment at which it began there."""
    place = folder / "ledger.jsonl"
    argv = [sys.executable, str(Path(__file__).resolve()), json.dumps(asdict(story)), str(place)]
    child = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdin is not None and child.stdout is not None
    try:
        line = json.loads(child.stdout.readline())
        site = Site(line)
        yield site, replace(story, begun_s=line["begun_s"])
    finally:
        child.stdin.close()
        child.stdout.read()
        child.stdout.close()
        child.wait(PATIENCE_S)
    site.ledger = [Told(**json.loads(row)) for row in place.read_text().splitlines()]


async def _serve(story: Story, place: Path) -> None:
    simulator = Simulator(replace(story, begun_s=time.time()).world())
    ledger = Ledger(simulator, time.time)
    await simulator.start()
    begun_s = time.time() - simulator.world.t / story.speed
    sys.stdout.write(json.dumps(simulator.announcement() | {"begun_s": begun_s}) + "\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await simulator.stop()
    with place.open("w") as file:
        file.writelines(json.dumps(asdict(row)) + "\n" for row in ledger.rows)


if __name__ == "__main__":
    asyncio.run(_serve(Story(**json.loads(sys.argv[1])), Path(sys.argv[2])))
