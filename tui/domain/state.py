"""The state rules: what a server's word means, and what a target's stages add up to.

Owns the only reading of statuses into states. Knows nothing of wires, times or screens: words in, states out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum


class State(StrEnum):
    """Our reading of a status. The server's own word is always kept beside it."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELED = "canceled"
    NOT_SCANNED = "not_scanned"
    UNSUPPORTED = "unsupported"
    ABSENT = "absent"
    MISSING = "missing"
    UNKNOWN = "unknown"

    @property
    def is_terminal(self) -> bool:
        """Nothing more is expected to happen to a target in this state."""
        return self in TERMINAL

    @property
    def is_active(self) -> bool:
        """The target waits or runs, so its next change is worth asking for often."""
        return self in ACTIVE

    @property
    def word(self) -> str:
        """The state as it is shown to a person, e.g. ``not scanned``."""
        return self.value.replace("_", " ")


TERMINAL = frozenset({State.DONE, State.PARTIAL, State.FAILED, State.CANCELED, State.UNSUPPORTED})
ACTIVE = frozenset({State.WAITING, State.RUNNING})
BAD_ENDS = frozenset({State.FAILED, State.PARTIAL, State.CANCELED})

_XRAY: Mapping[str, State] = {
    "PENDING": State.WAITING,
    "SCANNING": State.RUNNING,
    "DONE": State.DONE,
    "PARTIAL": State.PARTIAL,
    "FAILED": State.FAILED,
    "NOT_SCANNED": State.NOT_SCANNED,
    "": State.NOT_SCANNED,
    "NOT_SUPPORTED": State.UNSUPPORTED,
}

# The order of a ThreadFix pipeline as the vendor lists it; LINKING_DEFECTS is optional (apis: section 1.5).
THREADFIX_PIPELINE = (
    "QUEUED",
    "UPLOADED",
    "FINDINGS_GENERATING",
    "CHANNEL_MERGING",
    "APPLICATION_MERGING",
    "APPLICATION_MERGED",
    "LINKING_DEFECTS",
    "DONE",
)

_THREADFIX: Mapping[str, State] = {
    "QUEUED": State.WAITING,
    "UPLOADED": State.WAITING,
    "FINDINGS_GENERATING": State.RUNNING,
    "CHANNEL_MERGING": State.RUNNING,
    "APPLICATION_MERGING": State.RUNNING,
    "APPLICATION_MERGED": State.RUNNING,
    "LINKING_DEFECTS": State.RUNNING,
    "FINISHED_FINDING_PULLING": State.RUNNING,
    "SCAN_QUEUED_FOR_DELETE": State.RUNNING,
    "DONE": State.DONE,
    "SCAN_DELETED": State.DONE,
    "SCAN_INTERRUPTED": State.FAILED,
}

_JOB: Mapping[str, State] = {
    "new": State.WAITING,
    "scheduled": State.WAITING,
    "waiting on update": State.WAITING,
    "active": State.RUNNING,
    "completed": State.DONE,
    "failed": State.FAILED,
    "canceled": State.CANCELED,
    "cancelled": State.CANCELED,
    "terminated": State.CANCELED,
}

_REPORT: Mapping[str, State] = {
    "pending": State.WAITING,
    "running": State.RUNNING,
    "completed": State.DONE,
    "complete": State.DONE,
    "failed": State.FAILED,
    "aborted": State.CANCELED,
    "cancelled": State.CANCELED,
    "canceled": State.CANCELED,
}


def fold_xray(status: str) -> str:
    """``not scanned`` and ``Not-Scanned`` are ``NOT_SCANNED``: servers and their documents disagree on spelling."""
    return status.strip().upper().replace(" ", "_").replace("-", "_")


def xray_state(status: str | None) -> State:
    """State of one Xray status word; ``None`` (the answer has the stage but no word) reads as not scanned."""
    return _XRAY.get(fold_xray(status or ""), State.UNKNOWN)


def xray_overall(overall: State, stages: Mapping[str, State] | Iterable[tuple[str, State]]) -> tuple[State, str]:
    """A build's or artifact's own state by the six rules, and the words that must go with it ("" if none).

    `stages` gives the state of each of the four stages by name. Categories take no part.
    """
    by_name = dict(stages)
    states = tuple(by_name.values())
    if any(state in ACTIVE for state in states):
        begun = {State.RUNNING, State.DONE, State.PARTIAL, State.FAILED}
        return (State.RUNNING if any(state in begun for state in states) else State.WAITING), ""
    if overall in ACTIVE:
        return overall, ""
    for bad in (State.FAILED, State.PARTIAL):
        if overall is bad or bad in states:
            return bad, ""
    if overall is State.DONE:
        titles = (("sca", "SCA"), ("violations", "violations"))
        left_out = [title for name, title in titles if by_name.get(name) is State.NOT_SCANNED]
        if left_out:
            return State.PARTIAL, " and ".join(left_out) + " not scanned"
    return overall, ""


def threadfix_state(status: str | None, *, is_error: bool = False, error_message: str | None = None) -> State:
    """State of a pending scan. `is_error` or a message at any status is a failure in that stage."""
    if is_error or (error_message or "").strip():
        return State.FAILED
    return _THREADFIX.get((status or "").strip().upper().replace(" ", "_"), State.UNKNOWN)


def fold_job(status: str) -> str:
    """``WAITING_ON_UPDATE`` and ``Waiting on update`` are one status (compare lower-cased, ``_`` as blank)."""
    return " ".join(status.replace("_", " ").lower().split())


def job_state(status: str | None) -> State:
    """State of a Code Insight job's status, in any of the spellings that releases use."""
    return _JOB.get(fold_job(status or ""), State.UNKNOWN)


def report_state(status: str | None) -> State:
    """State of an Xray report's status."""
    return _REPORT.get((status or "").strip().lower(), State.UNKNOWN)
