"""From Code Insight's wire to records. The states are `tui.domain.state`'s; here times, names and links are decided."""

from __future__ import annotations

from datetime import datetime, tzinfo

from tui.domain.records import Fields, Record
from tui.domain.state import State, job_state
from tui.domain.target import Target
from tui.servers.codeinsight.wire import JobWire
from tui.servers.times import parse_steps
from tui.servers.wire import BadWire


def job_record(
    server: str,
    wire: JobWire,
    raw: str,
    base: str,
    zone: tzinfo,
    asked_id: str | None = None,
    *,
    is_approximate: bool = False,
) -> Record:
    """A job; its times are local to `zone`. `asked_id` is the id that was asked for, where one was.

    `is_approximate`: the zone is a guess, so every time may be hours off; where the clock was changed in a job's
    hours, they say so too.

    Raises `BadWire` where there is no id (nor status), or another one than was asked for. All else may be absent.
    """
    number = asked_id or (str(wire.id) if wire.id is not None and wire.id >= 0 else None)
    if number is None:
        raise BadWire("has a job without an id")
    if asked_id is not None and wire.id is not None and str(wire.id) != asked_id:
        raise BadWire(f"is of job {wire.id}, which was not asked for")
    if wire.status is None and wire.id is None:
        raise BadWire("has no status of the job")
    state = State.UNKNOWN if wire.status is None else job_state(wire.status)
    times, is_unsure = parse_steps((wire.queued, wire.activated, wire.completed), zone)
    queued_at, activated_at, completed_at = times
    has_times = any((queued_at, activated_at, completed_at))
    project = wire.project
    has_project = project is not None and (project.id is not None or project.name)
    detail = Fields(
        (
            ("id", int(number)),
            ("type", wire.type),
            ("status", wire.status),
            ("project", Fields((("id", project.id), ("name", project.name))) if project and has_project else None),
            ("user", wire.user),
            ("server", wire.server),
            ("queued_at", queued_at),
            ("activated_at", activated_at),
            ("completed_at", completed_at),
            ("details", wire.details),
            ("error", wire.error),
            *((("times_approximate", True),) if (is_approximate or is_unsure) and has_times else ()),
        )
    )
    return Record(
        target=Target(server, "job", (number,)),
        name=_name(wire, number),
        state=state,
        status=wire.status,
        since_at=_since(state, queued_at, activated_at, completed_at),
        detail=detail,
        error=wire.error or "",
        raw=raw,
        web_url=_web_url(base, project.id if project else None),
    )


def _name(wire: JobWire, number: str) -> str:
    project = wire.project.name if wire.project is not None else None
    return " ".join(part for part in (wire.type, project) if part) or f"job {number}"


def _since(
    state: State, queued_at: datetime | None, activated_at: datetime | None, completed_at: datetime | None
) -> datetime | None:
    """The server's own time of the current state."""
    if state is State.WAITING:
        return queued_at
    if state.is_terminal:
        return completed_at or activated_at or queued_at
    return activated_at or queued_at


def _web_url(base: str, project: int | None) -> str:
    """The project's page; the page of jobs has no address that the vendor tells, so the entry page stands for it."""
    page = f"{base}/codeinsight/FNCI"
    return page if project is None else f"{page}#myprojectdetails/?id={project}&tab=projectInventory"
