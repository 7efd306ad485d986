"""The simulator's own calls: faults, variants, the clock, what was asked. Loopback only, no token.

Owns the request log. Knows no server and no socket.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from typing import Any

from tui.simulator.exchange import Reply, Request
from tui.simulator.faults import Fault, FaultPlan
from tui.simulator.scenarios import UnknownName
from tui.simulator.variants import Variants
from tui.simulator.world import World

PREFIX = "/_simulator/"
KEPT = 2000  # requests in the log
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class Control:
    """Answers `/_simulator/faults`, `variants`, `clock` and `requests`; `refuse` and `mend` close and open ports."""

    def __init__(
        self,
        world: World,
        plan: FaultPlan,
        variants: Variants,
        refuse: Callable[[Fault], None],
        mend: Callable[[], None],
    ) -> None:
        self._world = world
        self._plan = plan
        self._variants = variants
        self._refuse = refuse
        self._mend = mend
        self._counts: Counter[str] = Counter()
        self._statuses: Counter[str] = Counter()
        self._log: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def log(self, request: Request, server: str, endpoint: str, status: int, fault: str) -> None:
        """Count one request and keep it; of its headers nothing is kept."""
        self._counts[f"{server}/{endpoint}"] += 1
        self._statuses[str(status)] += 1
        query = {name: "***" if name.lower() == "apikey" else value for name, value in request.query.items()}
        self._log.append(
            {
                "at": self._world.clock.server_at().isoformat(),
                "story_s": round(self._world.t, 3),
                "server": server,
                "endpoint": endpoint,
                "method": request.method,
                "path": request.path,
                "query": query,
                "size": len(request.body),
                "status": status,
                "fault": fault,
            }
        )

    def answer(self, request: Request) -> Reply | None:
        """The answer to a control call, None if this is none."""
        if not request.path.startswith(PREFIX):
            return None
        # A web page in a browser on this machine must not be able to steer the simulator by a name of its own.
        if request.headers.get("host", "").rpartition(":")[0] not in LOOPBACK:
            return Reply(403, {"error": "only for 127.0.0.1 and localhost"})
        calls = {"faults": self._faults, "variants": self._choose, "clock": self._clock, "requests": self._requests}
        name = request.path[len(PREFIX) :]
        if name not in calls:
            return Reply(404, {"error": f"there are: {', '.join(calls)}"})
        try:
            return calls[name](request)
        except (UnknownName, TypeError, ValueError) as error:
            return Reply(400, {"error": str(error)})

    def _faults(self, request: Request) -> Reply:
        if request.method == "DELETE":
            self._plan.clear()
            self._mend()
        elif request.method == "POST":
            body = request.json()
            table = body if isinstance(body, dict) else {"faults": body}
            listed = table.get("faults", [table] if "fault" in table else [])
            if isinstance(listed, str):
                found = self._plan.parse(listed)
            else:
                found = [fault for each in listed for fault in self._read(each)]
            if table.get("clear"):
                self._plan.clear()
                self._mend()
            self._plan.add(found)
            for fault in found:
                if fault.name == "refused":
                    self._refuse(fault)
        return Reply(payload={"faults": [fault.text() for fault in self._plan.faults]})

    def _read(self, each: Any) -> list[Fault]:
        if isinstance(each, str):
            return self._plan.parse(each)
        if not isinstance(each, dict):
            raise UnknownName("a fault is a text or an object.")
        return [self._plan.read(each)]

    def _choose(self, request: Request) -> Reply:
        if request.method == "POST":
            self._variants.choose({str(name): str(value) for name, value in request.json_object().items()})
        return Reply(payload=self._variants.chosen())

    def _clock(self, request: Request) -> Reply:
        clock = self._world.clock
        if request.method == "POST":
            body = request.json_object()
            if "speed" in body:
                clock.set_speed(_positive(body["speed"]))
            if "frozen" in body:
                clock.freeze(bool(body["frozen"]))
            if "advance_s" in body:
                clock.advance(_positive(body["advance_s"]))
        return Reply(
            payload={
                "story_s": round(self._world.t, 3),
                "server_at": clock.server_at().isoformat(),
                "speed": clock.speed,
                "frozen": clock.is_frozen,
            }
        )

    def _requests(self, request: Request) -> Reply:
        if request.method == "DELETE":
            self._counts.clear()
            self._statuses.clear()
            self._log.clear()
        return Reply(
            payload={
                "total": sum(self._counts.values()),
                "counts": dict(self._counts),
                "statuses": dict(self._statuses),
                "requests": list(self._log),
            }
        )


def _positive(given: Any) -> float:
    number = float(given)
    if not 0 <= number < 1e9:
        raise ValueError(f"{given!r} is no number of seconds or times.")
    return number
