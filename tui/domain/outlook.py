"""What is learnt, asked about one target or server at one moment. Pure; whoever feeds it gives it the transitions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tui.domain import estimates, stuck
from tui.domain.estimates import Left
from tui.domain.learning import Learner
from tui.domain.snapshot import Entry
from tui.domain.stuck import Pace, Verdict, span_words


class Outlook:
    """Answers from a learner. `stuck_s` is the limit for what is not known yet, None for none (seconds)."""

    def __init__(self, stuck_s: float | None = None) -> None:
        self.learner = Learner()
        self.stuck_s = stuck_s

    def time_left(self, entry: Entry, now: datetime) -> Left | None:
        """What is left of the target; None without a basis, and for one that is stuck (nobody knows then)."""
        if self.verdict(entry, now).pace is Pace.STUCK:
            return None
        return estimates.time_left(entry, now, self.learner.durations)

    def stage_left(self, entry: Entry, part: str, now: datetime) -> Left | None:
        """What is left of one part's wait or run."""
        return estimates.stage_left(entry, part, now, self.learner.durations)

    def verdict(self, entry: Entry, now: datetime) -> Verdict:
        """Whether it is slow or stuck, and why."""
        return stuck.judge(entry, now, self.learner.durations, self.stuck_s)

    def is_stuck(self, entry: Entry, now: datetime) -> bool:
        """It is stuck."""
        return self.verdict(entry, now).pace is Pace.STUCK

    def stuck_limit(self, entry: Entry) -> float | None:
        """Seconds without any change after which it is stuck; None for never."""
        return stuck.stuck_limit(entry, self.learner.durations, self.stuck_s)

    def server_stuck(self, server: str, entries: Iterable[Entry], now: datetime) -> str:
        """A sentence where nothing on the server finishes although things run; "" where all is well."""
        own = (entry for entry in entries if entry.target.server == server)
        found = stuck.server_stuck(own, self.learner.ends.get(server, ()), now)
        if found is None:
            return ""
        quiet_s, usual_s, running = found
        return (
            f"nothing has finished for {span_words(quiet_s)} though {running} run"
            f" (usually something does within {span_words(usual_s)})"
        )
