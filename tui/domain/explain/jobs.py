"""Rules for jobs of a queue: what holds one up. The vendor's documents tell which jobs exclude which.

An update takes precedence over everything that is scheduled; a scan server does one scan at a time; a project has one
job at a time; scans for a scan server that is stopped stay scheduled without a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tui.domain.evidence import Case, Evidence, Fact, Question, found, last_call
from tui.domain.records import Call, Fields, Record
from tui.domain.state import State, fold_job
from tui.domain.stuck import span_words

UPDATES = frozenset({"pdl update", "library refresh", "electronic update"})
REFRESH = "library refresh"
REMOTE = "remote scan"
WAITS_ON_UPDATE = "waiting on update"
SETTLING_S = 60.0  # a job that is scheduled no longer than this waits for no server that is stopped


def behind_update(case: Case) -> Iterator[Evidence]:
    """An update is active: all others stay scheduled till it ends (but a remote scan does not wait for a refresh)."""
    own = _waiting(case)
    if own is None:
        return
    updates = [pair for pair in _active(case) if _kind(pair[0]) in UPDATES]
    told = [pair for pair in updates if not (_kind(own) == REMOTE and _kind(pair[0]) == REFRESH)]
    for record, call in told:
        text = f"It waits behind {_named(case, record)}: while that runs, all other jobs stay scheduled."
        yield from found(case, "behind_update", text, call, about=record.target.key)
    if not told and fold_job(own.status or "") == WAITS_ON_UPDATE:
        text = "The server says that it waits on an update"
        fact = case.fact(Question.ACTIVE_JOBS)
        text += ", but none is active in its list of jobs." if fact is not None else "."
        yield from found(case, "behind_update", text, fact.call if fact is not None else case.own_call())


def behind_project(case: Case) -> Iterator[Evidence]:
    """Another job of the same project is active."""
    own = _waiting(case)
    project = _project(own) if own is not None else ""
    for record, call in _active(case) if project else ():
        if _project(record) == project:
            text = f"It waits behind {_named(case, record)} of the same project: a project has one job at a time."
            yield from found(case, "behind_project", text, call, about=record.target.key)


def behind_scan(case: Case) -> Iterator[Evidence]:
    """Its scan server is busy with another scan."""
    own = _waiting(case)
    server, project = (_scan_server(own), _project(own)) if own is not None else ("", "")
    for record, call in _active(case) if server else ():
        if _scan_server(record) == server and not (project and _project(record) == project):
            text = f"Scan server {server} is busy with {_named(case, record)}, and does one scan at a time."
            yield from found(case, "behind_scan", text, call, about=record.target.key)


def server_stopped(case: Case) -> Iterator[Evidence]:
    """No job is active on its scan server, though some are scheduled there, and nothing else explains it."""
    own, fact = _waiting(case), case.fact(Question.ACTIVE_JOBS)
    server = _scan_server(own) if own is not None else ""
    waited_s = case.told_gone_s(own.detail.when("queued_at")) if own is not None else None
    if not server or own is None or fact is None or waited_s is None or waited_s <= SETTLING_S or _is_cut(fact):
        return
    active = [record for record, _ in _active(case)]
    if any(_kind(one) in UPDATES or one.detail.text("server") == server for one in active):
        return
    if _project(own) and any(_project(one) == _project(own) for one in active):
        return
    there = {record.target.key for record in _scheduled(case) if _scan_server(record) == server} | {own.target.key}
    jobs = "1 job is" if len(there) == 1 else f"{len(there)} jobs are"
    text = (
        f"No job is active on scan server {server}, though {jobs} scheduled there, this one for {span_words(waited_s)}:"
        " it may be stopped. Scans for a server that is stopped stay scheduled without a word."
    )
    yield from found(case, "server_stopped", text, fact.call)


def queued_before(case: Case) -> Iterator[Evidence]:
    """How many that wait for the same server were queued before it."""
    own = _waiting(case)
    server = own.detail.text("server") if own is not None else ""
    queued_at = own.detail.when("queued_at") if own is not None else None
    fact = case.fact(Question.SCHEDULED_JOBS)
    if not server or queued_at is None or fact is None:
        return
    before = [one for one in fact.records if one.detail.text("server") == server and _is_before(one, queued_at)]
    if before:
        jobs = "1 job" if len(before) == 1 else f"{len(before)}{' or more' if _is_cut(fact) else ''} jobs"
        text = f"{jobs} for {server} {'was' if len(before) == 1 else 'were'} queued before it and still wait."
        yield from found(case, "queued_before", text, fact.call)


def update_waits(case: Case) -> Iterator[Evidence]:
    """An update counts as active while it itself waits for scans that run."""
    record = case.entry.record
    if (
        record is None
        or record.target.kind != "job"
        or record.state is not State.RUNNING
        or _kind(record) not in UPDATES
    ):
        return
    scans = [pair for pair in _active(case) if "scan" in _kind(pair[0])]
    if scans:
        first, call = scans[0]
        many = f" and {len(scans) - 1} more" if len(scans) > 1 else ""
        text = f"An update is active while it still waits for scans: {_named(case, first)}{many}."
        yield from found(case, "update_waits", text, call, about=first.target.key)


def _waiting(case: Case) -> Record | None:
    """The target's record, if it is a job that waits."""
    record = case.entry.record
    is_waiting = record is not None and record.target.kind == "job" and record.state is State.WAITING
    return record if is_waiting else None


def _active(case: Case) -> list[tuple[Record, Call | None]]:
    """The jobs that run, each with the call that told so: what was asked now, else what is known from polls."""
    fact = case.fact(Question.ACTIVE_JOBS)
    if fact is not None:
        return [(one, fact.call) for one in fact.records if one.target != case.entry.target]
    known = [(entry.record, last_call(entry)) for entry in case.others if entry.target.kind == "job"]
    return [(record, call) for record, call in known if record is not None and record.state is State.RUNNING]


def _scheduled(case: Case) -> list[Record]:
    fact = case.fact(Question.SCHEDULED_JOBS)
    if fact is not None:
        return list(fact.records)
    records = [entry.record for entry in case.others if entry.target.kind == "job"]
    return [record for record in records if record is not None and record.state is State.WAITING]


def _kind(record: Record) -> str:
    return fold_job(record.detail.text("type"))


def _project(record: Record) -> str:
    project = record.detail.get("project")
    return (project.text("id") or project.text("name")) if isinstance(project, Fields) else ""


def _scan_server(record: Record) -> str:
    """The scan server that a scan is for; "" for other jobs, and for one that runs elsewhere."""
    kind = _kind(record)
    return record.detail.text("server") if "scan" in kind and kind != REMOTE else ""


def _named(case: Case, record: Record) -> str:
    gone_s = case.told_gone_s(record.detail.when("activated_at"))
    since = f", active for {span_words(gone_s)}" if gone_s is not None else ", active"
    return f"{record.name} (job {record.target.parts[0]}{since})"


def _is_before(record: Record, queued_at: datetime) -> bool:
    other_at = record.detail.when("queued_at")
    return other_at is not None and other_at < queued_at


def _is_cut(fact: Fact) -> bool:
    """The server has more than were read."""
    return fact.count is not None and fact.count > len(fact.records)
