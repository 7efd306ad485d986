"""Which filters of a jobs query the server does, which are done here, and the words that tell the person.

The server takes one value a filter. The spelling of report types changed between releases, so those are compared here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

from tui.domain.records import ListQuery, Record
from tui.domain.state import fold_job

# The statuses in the spelling that the server's filter wants (the vendor's jobs reference).
STATUSES = ("New", "Scheduled", "Waiting on update", "Active", "Completed", "Failed", "Canceled", "Terminated")
# The types in the spelling of the server's filter; the set is open, and reports are not to be sent.
TYPES = (
    "Project Branching",
    "Project Copy",
    "Project Scan",
    "Project Re-Scan",
    "PDL Update",
    "Project Deletion",
    "Export to SBOM Insights",
    "Update Notices",
    "Project Import",
    "Project Export",
    "Remote Scan",
    "Apply Policy - Global",
    "Apply Policy - Project",
)
_BY_FOLD = {fold_job(status): status for status in STATUSES} | {"cancelled": "Canceled"}
NEAR_ENOUGH = 0.75  # of difflib's 0 to 1: a slip of the finger, not another word
_SIGNS = re.compile(r"[\W_]+")

Keep = Callable[[Record], bool]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send and what to check. `keep` holds for a row that fits all filters that a row can be checked for.

    `must_walk` says that the server cannot do all of them by itself; `notes` why. `statuses` are several that it can
    do one by one.
    """

    params: tuple[tuple[str, str], ...]
    keep: Keep
    must_walk: bool
    notes: tuple[str, ...]
    statuses: tuple[str, ...] = ()


def status_fault(text: str) -> str:
    """What is wrong with a status filter (``|`` between several): a word that is nearly one of the server's.

    A word that is near none of them passes: later releases may have more.
    """
    for word in _several(text):
        near = get_close_matches(fold_job(word), _BY_FOLD, 1, NEAR_ENOUGH)
        if near and fold_job(word) not in _BY_FOLD:
            return f"{word!r} is no status of a job; did you mean {_BY_FOLD[near[0]]!r}?"
    return ""


def fold_type(name: str) -> str:
    """A job type without blanks, signs and case, and without the word Report before it: releases differ in these."""
    folded = _SIGNS.sub("", name).lower()
    return folded.removeprefix("report") or folded


def is_report_type(name: str) -> bool:
    """Whether a type is one of the reports, whose filter spelling is not to be relied on."""
    return "report" in name.lower()


def plan(query: ListQuery, project_id: int | None = None) -> Plan:
    """Divide the filters. `project_id` is that of the project filter, where it was given as a name and looked up."""
    asked = {key: value.strip() for key, value in query.filters if value.strip()}
    params: list[tuple[str, str]] = []
    checks: list[Keep] = []
    notes: list[str] = []
    each: tuple[str, ...] = ()
    if types := _several(asked.get("type", "")):
        checks.append(_type_check(types))
        if len(types) == 1 and not is_report_type(types[0]):
            known_types = {fold_type(known): known for known in TYPES}
            params.append(("jobType", known_types.get(fold_type(types[0]), types[0])))
        else:
            why = "several at once" if len(types) > 1 else "reports are spelled differently by release"
            notes.append(f"type is filtered here ({why})")
    if statuses := _several(asked.get("status", "")):
        checks.append(_status_check(statuses))
        known = [_BY_FOLD[fold_job(status)] for status in statuses if fold_job(status) in _BY_FOLD]
        if len(known) < len(statuses):
            notes.append("status is filtered here (the server knows no such status)")
        elif len(known) == 1:
            params.append(("status", known[0]))
        else:
            each = tuple(dict.fromkeys(known))
    if project := asked.get("project", ""):
        number = project_id if project_id is not None else int(project) if _is_id(project) else None
        if number is not None:
            params.append(("projectId", str(number)))
            checks.append(lambda record: _project_id(record) in (None, number))
    if user := asked.get("user", ""):
        params.append(("triggeredBy", user))
    days = asked.get("days", "")
    if _is_id(days) and int(days) > 0:
        params.append(("jobsHistoryInDays", str(int(days))))
    must_walk = bool(notes)
    if each:
        notes.append("several statuses are joined here (the server takes one)")
    return Plan(tuple(params), lambda record: all(check(record) for check in checks), must_walk, tuple(notes), each)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def project_name(query: ListQuery) -> str:
    """The project filter if it is a name, which must be looked up; "" for an id or none."""
    text = dict(query.filters).get("project", "").strip()
    return "" if _is_id(text) else text


def _several(text: str) -> list[str]:
    return [part.strip() for part in text.split("|") if part.strip()]


def _type_check(types: list[str]) -> Keep:
    wanted = {fold_type(name) for name in types}
    is_any_report = "report" in wanted or "reports" in wanted

    def fits(record: Record) -> bool:
        name = record.detail.text("type")
        return fold_type(name) in wanted or (is_any_report and is_report_type(name))

    return fits


def _status_check(statuses: list[str]) -> Keep:
    wanted = {_BY_FOLD.get(fold_job(status), fold_job(status)) for status in statuses}

    def fits(record: Record) -> bool:
        folded = fold_job(record.status or "")
        return _BY_FOLD.get(folded, folded) in wanted

    return fits


def _project_id(record: Record) -> object:
    project = record.detail.get("project")
    return project.get("id") if project is not None and hasattr(project, "get") else None
