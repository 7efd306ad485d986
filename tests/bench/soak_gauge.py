"""What a process holds: memory, objects of scantop's own, tasks, threads, files and sockets."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tui.domain.durations import KEPT_RUNS, SAMPLES_KEPT
from tui.domain.learning import STEPS_KEPT, TARGETS_KEPT
from tui.polling.observe import CALLS_KEPT, TRANSITIONS_KEPT
from tui.polling.store import MESSAGES_KEPT

OURS = (
    "tui.domain",
    "tui.servers",
    "tui.polling",
    "tui.history",
    "tui.present",
    "tui.app",
    "asyncio",
    "httpx",
    "httpcore",
)
GROWTH = 1.15  # objects of one class may wobble by that share, and …
EACH = 3  # tasks, or ends of connections, a request
PARTS = 12  # of a target, at most: itself, a pipeline's steps or stages and categories
WOBBLE = 400  # … by so many: what is under way, and pages of lists of different lengths


@dataclass(frozen=True, slots=True)
class Gauge:
    """One look at this process."""

    rss_mb: float
    objects: Counter[str]
    tasks: int
    threads: int
    descriptors: int


def gauge(tasks: int = 0) -> Gauge:
    """Look now; rubbish is thrown away first."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    objects = Counter(
        f"{kind.__module__}.{kind.__qualname__}"
        for kind in map(type, gc.get_objects())
        if isinstance(kind.__module__, str) and kind.__module__.startswith(OURS)
    )
    rss_mb = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    return Gauge(rss_mb, objects, tasks, threading.active_count(), len(os.listdir("/proc/self/fd")))


def count_tasks() -> int:
    """Tasks of the running loop."""
    return len(asyncio.all_tasks())


def grown(early: Gauge, late: Gauge, entries: int, at_once: int) -> list[str]:
    """What there is more of late than early, beyond what is kept on purpose (an entry's last events, for example).

    `at_once` is how many requests may be under way: each has tasks and a connection.
    """
    ways = min(TARGETS_KEPT, late.objects["tui.domain.learning._Way"])
    samples = late.objects["tui.domain.durations.Sample"]
    kept = {
        "tui.domain.snapshot.Transition": entries * TRANSITIONS_KEPT + MESSAGES_KEPT,
        "tui.domain.snapshot.Mark": entries * PARTS,
        "tui.domain.records.Call": entries * (CALLS_KEPT + 2),
        "tui.polling.messages.Message": MESSAGES_KEPT + WOBBLE,
        # What is learnt: a way a target, and samples by step and scope, as many as there are types and projects.
        "tui.domain.learning._Way": TARGETS_KEPT,
        "tui.domain.learning._Part": ways * PARTS,
        "tui.domain.learning.Moment": ways * (PARTS + STEPS_KEPT),
        "tui.domain.durations.Scope": SAMPLES_KEPT + samples,
        "tui.domain.durations.Sample": SAMPLES_KEPT,
        "tui.domain.durations.Run": samples * KEPT_RUNS,
    }
    found = []
    for name, count in late.objects.items():
        limit = max(early.objects[name] * GROWTH + WOBBLE, kept.get(name, 0))
        if count > limit:
            found.append(f"{name}: {early.objects[name]} early, {count} late")
    for name in ("tasks", "threads", "descriptors"):
        if getattr(late, name) > getattr(early, name) + EACH * at_once:
            found.append(f"{name}: {getattr(early, name)} early, {getattr(late, name)} late")
    return found
