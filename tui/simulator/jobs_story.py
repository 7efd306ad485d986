"""The story of Code Insight's queue: arrivals, scan servers that do one scan at a time, updates that hold up the rest.

All times are story seconds. Jobs are planned a block at a time when somebody looks, so a hundred thousand of them cost
nothing at the start. Knows no wire: words are Code Insight's, shapes are ours.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from itertools import islice

from tui.simulator import names
from tui.simulator.chance import Draw
from tui.simulator.ledger import Ledger
from tui.simulator.scenarios import Scenario

BLOCK = 100  # jobs that are planned together
WARM_UP = 30  # jobs planned before a block so that its queues are not empty at its start
KEPT_BLOCKS = 1200  # plans that stay in memory: a hundred thousand jobs and a little
OLDEST_S = 20 * 86400.0  # how far back the queue reaches
NEW_S = 2.0  # a job is New this long before it is Scheduled
UPDATE_AT_S = 25.0  # the first update after the start
CORE_LANES = 3
TYPES: tuple[tuple[str, float], ...] = (
    ("Project Scan", 22),
    ("Project Re-Scan", 14),
    ("Remote Scan", 8),
    ("Report - Audit Report", 9),
    ("Report - Notices Report", 6),
    ("Report - Project Report", 10),
    ("Report - Executive Summary", 3),
    ("Update Notices", 7),
    ("Export to SBOM Insights", 6),
    ("Project Import", 3),
    ("Project Export", 3),
    ("Project Copy", 3),
    ("Project Branching", 2),
    ("Project Deletion", 2),
    ("Apply Policy - Project", 2),
    ("Apply Policy - Global", 0.6),
    ("Data Garbage Collection", 0.4),
)
ON_SCAN_SERVER = frozenset({"Project Scan", "Project Re-Scan"})
SYSTEM_WIDE = frozenset({"PDL Update", "Library Refresh", "Apply Policy - Global", "Data Garbage Collection"})
ERRORS = (
    "Analysis failed for 3 files; see scanEngineDetail.log.",
    "You cannot delete this project or scan folder while there are tasks scheduled or active for the project",
    "The codebase folder could not be read: permission denied.",
    "Communication with the scan server was lost.",
)
FINISHED = frozenset({"Completed", "Failed", "Terminated", "Canceled"})


@dataclass(frozen=True, slots=True)
class Job:
    """One job's whole plan.

    `start_s` is None for one that is canceled while it waits; `held_s` is from when till when an update
    holds it.
    """

    kind: str
    project: int | None
    user: str | None
    server: str
    queued_s: float
    start_s: float | None
    end_s: float
    end_word: str
    details: str = ""
    error: str = ""
    held_s: tuple[float, float] | None = None

    def status(self, t: float) -> str:
        """The status word at `t`."""
        if t >= self.end_s:
            return self.end_word
        if self.start_s is not None and t >= self.start_s:
            return "Active"
        if self.held_s is not None and self.held_s[0] <= t < self.held_s[1]:
            return "Waiting on update"
        return "Scheduled" if t >= self.queued_s + NEW_S else "New"


class JobStory:
    """The queue of one seed and scenario, and the jobs that were started through the API."""

    def __init__(self, seed: int, scenario: Scenario, count: int) -> None:
        self.seed = seed
        self.scenario = scenario
        self.count = count
        self.projects = max(12, min(500, count // 25))
        self.servers = (*names.SCAN_SERVERS, names.CORE_SERVER)
        self.ledger: Ledger[Job] = Ledger(1, lambda t: self.arrived(t))
        # Beyond the steady arrivals the past thins out, so that any number of jobs reaches back about as far.
        steady_s = scenario.job_every_s * count
        self._thin = max(0.0, OLDEST_S - steady_s) / max(1, count) ** 3
        # Where arrivals are thin, one gap would span many updates: they are told of the dense part only.
        slack_s = max(0.0, scenario.update_every_s / 10 - scenario.job_every_s)
        back = (slack_s / (3 * self._thin)) ** 0.5 if self._thin else count
        self._dense_s = self.queued_s(max(0, count - 1 - int(back)))
        self._blocks: OrderedDict[int, tuple[Job, ...]] = OrderedDict()

    def queued_s(self, place: int) -> float:
        """When the `place`-th job (from 0) is queued."""
        every_s = self.scenario.job_every_s
        back = self.count - 1 - place
        regular_s = -every_s * back - (self._thin * float(back) ** 3 if back > 0 else 0.0)
        return regular_s - every_s * 0.8 * Draw(self.seed, "job", place).number()

    def arrived(self, t: float) -> int:
        """How many jobs the story has queued by `t`."""
        is_past = self.scenario.is_still or t < 0
        high = self.count if is_past else self.count + int(t // self.scenario.job_every_s) + 2
        low = 0
        while low < high:
            middle = (low + high) // 2
            if self.queued_s(middle) <= t:
                low = middle + 1
            else:
                high = middle
        return low

    def project_name(self, project: int) -> str:
        """A project's name."""
        return names.service(self.seed, project + 7)

    def job(self, number: int) -> Job:
        """The job of that id, which must have been queued."""
        made = self.ledger.made(number)
        return made if made is not None else self.brought(self.ledger.place(number))

    def brought(self, place: int) -> Job:
        """The `place`-th job of the story."""
        return self.plan(place // BLOCK)[place % BLOCK]

    def start(self, kind: str, project: int, user: str, t: float, details: str) -> int:
        """Queue a job as the API does; its id."""
        draw = Draw(self.seed, "made", kind, project, int(t))
        start_s = self._after_update(t + draw.between(4, 9), kind)
        end_s = start_s + draw.between(12, 30)
        held_s = self._held(kind, t, start_s)
        job = Job(kind, project, user, names.CORE_SERVER, t, start_s, end_s, "Completed", details, "", held_s)
        self.ledger.add(t, lambda number: job)
        return self.ledger.newest(t)

    def active_of(self, project: int, t: float, within: int = 200) -> int | None:
        """The id of an unfinished job of that project among the newest `within`, None if there is none."""
        for number in islice(self.ledger.ids(t), within):
            job = self.job(number)
            if job.project == project and job.status(t) not in FINISHED:
                return number
        return None

    def unplanned(self, t: float) -> list[int]:
        """The blocks up to `t` that nobody has looked at."""
        return [block for block in range(self.arrived(t) // BLOCK + 1) if block not in self._blocks]

    def plan(self, block: int) -> tuple[Job, ...]:
        """That block's jobs, planned if they are not yet."""
        found = self._blocks.get(block)
        if found is None:
            found = self._blocks[block] = self._plan(block)
            if len(self._blocks) > KEPT_BLOCKS:
                self._blocks.popitem(last=False)
        return found

    def _plan(self, block: int) -> tuple[Job, ...]:
        first = max(0, block * BLOCK - WARM_UP)
        free_s: dict[str, list[float]] = {server: [float("-inf")] for server in names.SCAN_SERVERS}
        free_s[names.CORE_SERVER] = [float("-inf")] * CORE_LANES
        project_s: dict[int, float] = {}
        jobs = []
        for place in range(first, (block + 1) * BLOCK):
            job = self._next(place, free_s, project_s)
            if place >= block * BLOCK:
                jobs.append(job)
        return tuple(jobs)

    def _next(self, place: int, free_s: dict[str, list[float]], project_s: dict[int, float]) -> Job:
        queued_s = self.queued_s(place)
        update = self._update_between(self.queued_s(place - 1), queued_s)
        draw = Draw(self.seed, "plan", place)
        if update is not None:
            word = "PDL Update" if update % 2 == 0 else "Library Refresh"
            begins_s = self._update_s(update)
            end_s = begins_s + self.scenario.update_s
            return Job(word, None, None, names.CORE_SERVER, begins_s, begins_s + 3, end_s, "Completed")
        kind = draw.weighted(TYPES)
        project = None if kind in SYSTEM_WIDE else draw.whole(1, self.projects)
        user = None if project is None else draw.one_of(names.USERS)
        server = draw.one_of(names.SCAN_SERVERS) if kind in ON_SCAN_SERVER else names.CORE_SERVER
        details = f"Project {self.project_name(project)}" if kind == "Project Deletion" and project else ""
        # Results of a remote scan wait for nobody.
        lanes = [float("-inf")] if kind == "Remote Scan" else free_s[server]
        lane = lanes.index(min(lanes))
        ready_s = queued_s + NEW_S + draw.between(0.5, 3)
        wanted_s = max(ready_s, lanes[lane], ready_s if project is None else project_s.get(project, ready_s))
        start_s = self._after_update(wanted_s, kind, place % 7)
        held_s = self._held(kind, queued_s, start_s)
        low, high = (25.0, 100.0) if kind in ON_SCAN_SERVER else (12.0, 50.0)
        run_s = low + (high - low) * draw.number() ** 1.6
        fate = draw.number()
        if fate < 0.03 and start_s - queued_s > 6:
            end_s = queued_s + (start_s - queued_s) * draw.number()
            return Job(kind, project, user, server, queued_s, None, end_s, "Canceled", details, "", held_s)
        trouble = self.scenario.trouble * 0.5
        end_word = "Failed" if fate > 1 - trouble else "Terminated" if fate > 1 - trouble * 1.2 else "Completed"
        error = draw.one_of(ERRORS) if end_word == "Failed" else ""
        is_stuck = draw.is_one_in(self.scenario.stuck * 0.4) and place >= self.count - 60
        end_s = float("inf") if is_stuck else start_s + run_s
        lanes[lane] = start_s + run_s  # a hung scan holds its lane in reality; here the queue behind it goes on
        if project is not None:
            project_s[project] = start_s + run_s
        return Job(kind, project, user, server, queued_s, start_s, end_s, end_word, details, error, held_s)

    def _update_s(self, update: int) -> float:
        return UPDATE_AT_S + update * self.scenario.update_every_s

    def _update_between(self, after_s: float, until_s: float) -> int | None:
        """The number of the last update that begins in this stretch, if one does."""
        every_s = self.scenario.update_every_s
        last = int((until_s - UPDATE_AT_S) // every_s)
        if until_s <= self._dense_s:
            return None
        return last if last > int((after_s - UPDATE_AT_S) // every_s) else None

    def _last_update(self, t: float) -> tuple[int, float, float]:
        """The last update that has begun by `t`: its number, begin and end."""
        update = int((t - UPDATE_AT_S) // self.scenario.update_every_s)
        begins_s = self._update_s(update)
        return update, begins_s, begins_s + self.scenario.update_s

    def _after_update(self, wanted_s: float, kind: str, turn: int = 0) -> float:
        """When a job that wants to start then may."""
        _, begins_s, ends_s = self._last_update(wanted_s)
        is_free = wanted_s >= ends_s or kind == "Remote Scan" or begins_s <= self._dense_s
        return wanted_s if is_free else ends_s + 1 + turn * 2

    def _held(self, kind: str, queued_s: float, start_s: float) -> tuple[float, float] | None:
        """From when till when a PDL Update holds a job that waits from `queued_s` to `start_s`."""
        update, begins_s, ends_s = self._last_update(start_s)
        is_held = update % 2 == 0 and begins_s > self._dense_s and ends_s > queued_s + NEW_S
        return (max(begins_s, queued_s + NEW_S), ends_s) if is_held and kind != "Remote Scan" else None
