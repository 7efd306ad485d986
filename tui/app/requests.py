"""What forms ask for, as values: fields filled in from the row, and requests read from what was entered.

Pure: no screen, no server. A text that cannot be meant is an `ActError` that names its field.
"""

from __future__ import annotations

import re
from datetime import datetime
from types import MappingProxyType

from tui.app.screens.form import FormField, Values
from tui.domain.acts import JOB_KINDS, NAME_LIMIT, ActError, JobRequest, ReportRequest, Scope
from tui.domain.records import CATEGORIES, Fields
from tui.domain.snapshot import Entry
from tui.moments import parse_moment

SCOPES = ("repositories", "builds", "projects")  # what the form offers; release bundles are the command line's
# What completes the names of a scope; projects have no list that a token may usually read.
LOOKED_UP = MappingProxyType({"builds": "build", "repositories": "repository"})
PREFILLED_NAME = 60  # characters of a target's name in a report's
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
NO, YES = "no", "yes"


def report_fields(entry: Entry | None, servers: tuple[str, ...], now: datetime) -> tuple[FormField, ...]:
    """The fields of a new report, filled in from a row."""
    target = entry.target if entry is not None and entry.target.server in servers else None
    scope, names = "repositories", ""
    if target is not None and target.kind in ("build", "artifact"):
        scope, names = ("builds" if target.kind == "build" else "repositories"), target.parts[0]
    stem = _UNFIT.sub("-", names)[:PREFILLED_NAME].strip("-") or "exposures"
    server = target.server if target is not None else servers[0]
    return (
        *_server_field(servers, server),
        FormField("name", "Name", f"{stem}-{now:%Y%m%d-%H%M}", "the report's name"),
        FormField("scope", "About", scope, choices=SCOPES),
        FormField("names", "Which", names, "names, or keys of projects, with commas between"),
        FormField("categories", "Categories", "secrets", choices=CATEGORIES, is_many=True),
        FormField("start_at", "Scanned from", "", "2026-11-22, or 7d for a week ago; empty: ever", is_optional=True),
        FormField("end_at", "Scanned to", "", "a date or a time; empty: now", is_optional=True),
        FormField("artifact", "Artifact", "", "a pattern as app-*; empty: all", is_optional=True),
        FormField(
            "project",
            "In project",
            (target.param("project") or "") if target else "",
            "its key; may be empty",
            is_optional=True,
        ),
    )


def report_request(values: Values, now: datetime) -> ReportRequest:
    """What a filled-in form asks for. Raises `ActError`."""
    names = tuple(dict.fromkeys(part for text in values["names"].split(",") if (part := text.strip())))
    categories = tuple(word for word in values["categories"].split(",") if word)
    request = ReportRequest(
        values["name"].strip(),
        Scope(values["scope"], names),
        categories,
        _moment(values, "start_at", now),
        _moment(values, "end_at", now),
        values["artifact"].strip(),
        values["project"].strip(),
    )
    request.check()
    return request


def rest_of(request: ReportRequest, made: tuple[str, ...]) -> dict[str, str]:
    """The values of a form that would ask for what is still lacking once the categories `made` are there."""
    left = tuple(category for category in request.categories if category not in made)
    changes = {"categories": ",".join(left)}
    if made and len(left) == 1:
        changes["name"] = request.name_for(left[0])[:NAME_LIMIT]
    return changes


def job_fields(entry: Entry | None, servers: tuple[str, ...]) -> tuple[FormField, ...]:
    """The fields of a new job, filled in from a row."""
    server = entry.target.server if entry is not None and entry.target.server in servers else servers[0]
    project = entry.record.detail.get("project") if entry is not None and entry.record is not None else None
    project_id = project.text("id") if isinstance(project, Fields) and entry and entry.target.server == server else ""
    return (
        *_server_field(servers, server),
        FormField("kind", "Job", JOB_KINDS[0], choices=JOB_KINDS),
        FormField("project_id", "Project", project_id, "its number"),
        FormField("is_overwriting", "Overwrite", NO, choices=(NO, YES)),
    )


def job_request(values: Values) -> JobRequest:
    """What a filled-in form asks for. Raises `ActError`."""
    text = values["project_id"].strip()
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise ActError(f"{text[:40]!r} is no project's number." if text else "Which project? Its number.", "project_id")
    request = JobRequest(values["kind"], int(text), values["is_overwriting"] == YES)
    request.check()
    return request


def server_in(values: Values, servers: tuple[str, ...]) -> str:
    """The server that was chosen, or the only one."""
    return values.get("server") or servers[0]


def _server_field(servers: tuple[str, ...], chosen: str) -> tuple[FormField, ...]:
    return (FormField("server", "Server", chosen, choices=servers),) if len(servers) > 1 else ()


def _moment(values: Values, name: str, now: datetime) -> datetime | None:
    text = values[name].strip()
    if not text:
        return None
    try:
        return parse_moment(text, now, is_end=name == "end_at")
    except ValueError as error:
        raise ActError(str(error), name) from None
