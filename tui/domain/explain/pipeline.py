"""Rules for pending scans of an import pipeline: refusals by order, deletions that lock, restarts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from tui.domain.evidence import Case, Evidence, Question, found, last_call
from tui.domain.records import Record
from tui.domain.snapshot import Entry
from tui.domain.state import ACTIVE, State
from tui.domain.stuck import span_words

# The two texts of a refusal by order, loosely: releases word them anew.
_NEWER = re.compile(r"\b(newer|more recent)\b.{0,40}\bscan\b|\bscan\b.{0,60}\b(newer|more recent)\b", re.IGNORECASE)
_INTERRUPTED = "SCAN_INTERRUPTED"
_DELETING = "SCAN_QUEUED_FOR_DELETE"


def older_than_newest(case: Case) -> Iterator[Evidence]:
    """An older scan was uploaded after a newer one: refused by design."""
    record = _scan(case)
    if record is None or not _NEWER.search(record.error):
        return
    text = (
        "An older scan was uploaded after a newer one: ThreadFix refuses it by design, so it is no fault of the file."
    )
    yield from found(case, "older_than_newest", text, case.own_call())
    for other in _of_application(case):
        own_at, other_at = record.detail.when("time"), _time(other)
        if own_at is not None and other_at is not None and other.state is not State.FAILED:
            order = "after" if other_at > own_at else "before"
            gap = span_words(abs((other_at - own_at).total_seconds()))
            text = (
                f"Of the same application, {other.name} (pending scan {other.target.parts[1]}) came {gap} {order} it."
            )
            yield from found(case, "arrival_order", text, last_call(other), about=other.key)
    fact = case.fact(Question.FINISHED_SCANS)
    if fact is not None and fact.at is not None:
        who = f" of {fact.name}" if fact.name else ""
        gone = span_words(case.told_gone_s(fact.at) or 0.0)
        text = f"The application's newest finished scan{who} changed {gone} ago."
        yield from found(case, "arrival_order", text, fact.call)


def interrupted(case: Case) -> Iterator[Evidence]:
    """The server was restarted in the middle of it."""
    record = _scan(case)
    if record is not None and _status(record) == _INTERRUPTED:
        text = (
            "Interrupted: the server was restarted while it worked on this scan. No call takes it up again: upload the"
            " file anew."
        )
        yield from found(case, "interrupted", text, case.own_call())


def deletion_locks(case: Case) -> Iterator[Evidence]:
    """A scan is being deleted, which takes locks that hold up all others."""
    record = _scan(case)
    if record is None or record.state not in ACTIVE:
        return
    if _status(record) == _DELETING:
        text = "This is a deletion: it takes locks on the whole server, and waits for those of others."
        yield from found(case, "deletion_locks", text, case.own_call())
    for other in case.others:
        if other.record is not None and other.target.kind == "scan" and _status(other.record) == _DELETING:
            gone_s = case.gone_s(other.since_at)
            since = f" for {span_words(gone_s)}" if gone_s is not None else ""
            text = (
                f"{other.name} ({other.key}) is being deleted{since}: a deletion locks the whole server for the others."
            )
            yield from found(case, "deletion_locks", text, last_call(other), about=other.key)


def others_run(case: Case) -> Iterator[Evidence]:
    """Others that are known run at this moment."""
    record = _scan(case)
    if record is None or record.state is not State.WAITING:
        return
    running = [one for one in case.others if one.target.kind == "scan" and one.state is State.RUNNING]
    if running:
        scans = (
            "1 other scan watched here runs" if len(running) == 1 else f"{len(running)} other scans watched here run"
        )
        text = f"{scans} now; the server lists none, so there may be more."
        yield from found(case, "others_run", text, last_call(running[0]), about=running[0].key, is_telling=False)


def numbers_lag(case: Case) -> Iterator[Evidence]:
    """Done means that the statistics are queued, not that they are counted."""
    record = _scan(case)
    if record is not None and _status(record) == "DONE":
        text = "Its numbers on the web page may lag: the server counts them after the scan is done."
        yield from found(case, "numbers_lag", text, case.own_call(), is_telling=False)


def _scan(case: Case) -> Record | None:
    record = case.entry.record
    return record if record is not None and record.target.kind == "scan" else None


def _status(record: Record) -> str:
    return (record.status or "").strip().upper().replace(" ", "_")


def _of_application(case: Case) -> list[Entry]:
    own = case.entry.target.parts[0]
    return [one for one in case.others if one.target.kind == "scan" and one.target.parts[0] == own]


def _time(entry: Entry) -> datetime | None:
    return entry.record.detail.when("time") if entry.record is not None else None
