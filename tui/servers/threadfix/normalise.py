"""From ThreadFix's wire to records. The states are `tui.domain.state`'s; here only the pipeline's shape is decided."""

from __future__ import annotations

from datetime import datetime

from tui.domain.records import Fields, Record, Stage
from tui.domain.state import THREADFIX_PIPELINE, State, threadfix_state
from tui.domain.target import Target
from tui.servers.threadfix.wire import PendingScanWire
from tui.servers.times import parse_time
from tui.servers.wire import BadWire

DELETE_LINE = ("SCAN_QUEUED_FOR_DELETE", "SCAN_DELETED")
PULLED = "FINISHED_FINDING_PULLING"  # an import from a remote provider has this in place of upload and parsing
PULL_LINE = ("QUEUED", PULLED, *THREADFIX_PIPELINE[THREADFIX_PIPELINE.index("CHANNEL_MERGING") :])
OPTIONAL = frozenset({"LINKING_DEFECTS"})  # a scan that is past it may never have been in it
INTERRUPTED = "SCAN_INTERRUPTED"


def scan_record(target: Target, wire: PendingScanWire, raw: str, base: str) -> Record:
    """A pending scan. Raises `BadWire` where there is no status."""
    if wire.status is None:
        raise BadWire("has no status of the scan")
    state = threadfix_state(wire.status, is_error=wire.is_error, error_message=wire.error_message)
    modified_at = parse_time(wire.modified)
    time_at = parse_time(wire.time)
    since_at = modified_at or time_at
    files = tuple(file.name for file in wire.files or () if file.name)
    name = wire.name or ", ".join(files)
    error = _error(wire, state)
    return Record(
        target=target,
        name=name or f"scan {target.parts[1]}",
        state=state,
        status=wire.status,
        note="interrupted" if fold(wire.status) == INTERRUPTED else "",
        since_at=since_at,
        stages=_pipeline(wire.status, state, since_at),
        detail=Fields(
            (
                ("file", name or None),
                ("files", files),
                ("scanId", wire.scan_id),
                ("appId", wire.app_id if wire.app_id is not None else int(target.parts[0])),
                ("id", wire.id if wire.id is not None else int(target.parts[1])),
                ("type", wire.type),
                ("message", wire.message),
                ("time", time_at),
                ("modified_at", modified_at),
                ("error", error or None),
            )
        ),
        error=error,
        raw=raw,
        web_url=f"{base}/scans",
    )


def fold(status: str) -> str:
    """A status word as the vendor lists it."""
    return status.strip().upper().replace(" ", "_")


def _error(wire: PendingScanWire, state: State) -> str:
    if wire.error_message:
        return wire.error_message
    if state is not State.FAILED:
        return ""
    return wire.message or "ThreadFix marks the scan as failed and gives no reason."


def _pipeline(status: str, state: State, at: datetime | None) -> tuple[Stage, ...]:
    """The line that the scan moves on: what lies behind is done, what lies ahead absent.

    A word that is on no line (an interruption does not tell where it came) stands alone at the end.
    """
    word = fold(status)
    line = next((line for line in (THREADFIX_PIPELINE, PULL_LINE, DELETE_LINE) if word in line), None)
    if line is None:
        ahead = tuple(Stage(name.lower(), None, State.ABSENT) for name in THREADFIX_PIPELINE)
        return (*ahead, Stage(word.lower() or "unknown", status, state, at))
    now = line.index(word)
    stages: list[Stage] = []
    for index, name in enumerate(line):
        if index == now:
            stages.append(Stage(name.lower(), status, state, at))
        elif index < now and name not in OPTIONAL:
            stages.append(Stage(name.lower(), None, State.DONE))
        else:
            stages.append(Stage(name.lower(), None, State.ABSENT))
    return tuple(stages)
