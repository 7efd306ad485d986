"""The world that the three servers tell of: one seed, one scenario, one clock.

Owns the stories' sizes and the tokens; the stories are in the `*_story` modules. Holds no sockets and no wire.
"""

from __future__ import annotations

import base64
import json
from hashlib import blake2b

from tui.simulator.clock import StoryClock
from tui.simulator.jobs_story import JobStory
from tui.simulator.reports_story import ReportStory
from tui.simulator.scenarios import SCENARIOS, Scenario
from tui.simulator.threadfix_story import UploadStory
from tui.simulator.xray_story import ScanStory

USER = "admin"
REPORTS = 30  # reports that are there at the start; a hundredth of the targets where that is more
# How the targets are shared out: builds, artifacts, and the rest uploaded scans.
BUILD_SHARE = 0.4
ARTIFACT_SHARE = 0.25


class World:
    """Everything that can be asked about, at the clock's moment."""

    def __init__(
        self,
        scenario: Scenario = SCENARIOS[0],
        *,
        seed: int = 1,
        clock: StoryClock | None = None,
        targets: int | None = None,
        jobs: int | None = None,
    ) -> None:
        self.scenario = scenario
        self.seed = seed
        self.clock = clock or StoryClock()
        total = scenario.targets if targets is None else targets
        count = scenario.jobs if jobs is None else jobs
        builds = round(total * BUILD_SHARE)
        artifacts = round(total * ARTIFACT_SHARE)
        self.scans = ScanStory(seed, scenario, builds, artifacts)
        self.uploads = UploadStory(seed, scenario, total - builds - artifacts)
        self.reports = ReportStory(seed, scenario, 0 if scenario.is_documents else max(REPORTS, total // 100))
        self.jobs = JobStory(seed, scenario, count)

    @property
    def t(self) -> float:
        """Story seconds now."""
        return self.clock.story_s()

    def token(self, kind: str) -> str:
        """The one token that a server of this kind takes, in the shape that its real tokens have."""
        key = blake2b(f"{self.seed} {kind}".encode(), digest_size=48)
        if kind == "codeinsight":
            head, body = _encode({"alg": "HS512"}), _encode({"sub": USER, "userId": 1, "iat": 1700000000})
            return f"{head}.{body}.{base64.urlsafe_b64encode(key.digest()).decode()}"
        text = base64.b64encode(key.digest(), b"aZ").decode()
        return text[:43] if kind == "threadfix" else text


def _encode(claims: dict[str, object]) -> str:
    text = json.dumps(claims, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")
