"""From Xray's wire to records. The states are `tui.domain.state`'s; only names, times and links are decided here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, urlencode

from tui.domain.records import CATEGORIES, STAGES, Fields, Record, Stage
from tui.domain.state import State, report_state, xray_overall, xray_state
from tui.domain.target import Target
from tui.servers.times import parse_time
from tui.servers.wire import BadWire
from tui.servers.xray.wire import ReportWire, ScanWire, StatusWire

DEFAULT_BUILDS = "artifactory-build-info"  # the repository of builds that belong to no project


def scan_record(target: Target, wire: ScanWire, raw: str, base: str, path: str | None = None) -> Record:
    """A build or an artifact. `path` is the file that answered, where it is not the target's own (multi-arch images).

    Raises `BadWire` for an answer that tells nothing.
    """
    details = wire.details
    stages = tuple(_stage(name, getattr(details, name, None)) for name in STAGES)
    if (wire.overall is None or wire.overall.status is None) and all(stage.status is None for stage in stages):
        raise BadWire("has no status in it")
    told = getattr(getattr(details, "exposures", None), "categories", None)
    categories = () if told is None else tuple(_stage(name, getattr(told, name, None)) for name in CATEGORIES)
    if wire.overall is None:
        overall, status, since_at = State.UNKNOWN, None, None
    else:
        status, since_at = wire.overall.status, parse_time(wire.overall.time)
        overall = xray_state(status)
    state, note = xray_overall(overall, [(stage.name, stage.state) for stage in stages])
    failed = [stage.name.replace("_", " ") for stage in stages if stage.state is State.FAILED]
    if not note and state is State.FAILED and failed:
        note = " and ".join(failed) + " failed"
    return Record(
        target=target,
        name=target.title,
        state=state,
        status=status,
        note=note,
        since_at=since_at,
        stages=stages,
        categories=categories,
        detail=_detail(target, path),
        raw=raw,
        web_url=web_url(target, base, path),
    )


def _stage(name: str, wire: StatusWire | None) -> Stage:
    if wire is None:
        return Stage(name, None, State.ABSENT)
    return Stage(name, wire.status, xray_state(wire.status), parse_time(wire.time))


def _detail(target: Target, path: str | None) -> Fields:
    if target.kind == "build":
        items = [("name", target.parts[0]), ("number", target.parts[1])]
    else:
        items = [("repo", target.parts[0]), ("path", path or target.parts[1])]
    project = target.param("project")
    # A multi-arch image answers by another file than the one that was asked for: say by which.
    answered_by = (("answered_by", path),) if path and path != target.parts[-1] else ()
    return Fields((*items, ("project", project), *answered_by))


def report_record(target: Target, wire: ReportWire, raw: str, base: str) -> Record:
    """A report. Raises `BadWire` where it has no status."""
    if wire.status is None:
        raise BadWire("has no status of the report")
    state = report_state(wire.status)
    started_at = parse_time(wire.start_time)
    ended_at = parse_time(wire.end_time) or (parse_time(wire.end_time_estimation) if state.is_terminal else None)
    error = wire.error or ""
    if state is State.CANCELED and wire.aborting_user and not error:
        error = f"aborted by {wire.aborting_user}"
    detail = Fields(
        (
            ("id", wire.id if wire.id is not None else int(target.parts[0])),
            ("type", wire.report_type),
            ("category", _category(wire)),
            ("progress", wire.progress),
            ("rows", wire.number_of_rows),
            ("artifacts", wire.total_artifacts),
            ("processed", wire.num_of_processed_artifacts),
            ("author", wire.author),
            ("started_at", started_at),
            ("ended_at", ended_at),
            ("error", error or None),
        )
    )
    return Record(
        target=target,
        name=wire.name or f"report {target.parts[0]}",
        state=state,
        status=wire.status,
        since_at=_report_since(state, started_at, ended_at),
        detail=detail,
        error=error,
        raw=raw,
        web_url=f"{base}/ui/reports",
    )


def _report_since(state: State, started_at: datetime | None, ended_at: datetime | None) -> datetime | None:
    return (ended_at or started_at) if state.is_terminal else started_at


def _category(wire: ReportWire) -> str | None:
    if wire.category:
        return wire.category.lower()
    if isinstance(wire.filters, Mapping):
        told = wire.filters.get("category")
        return told.lower() if isinstance(told, str) and told.lower() in CATEGORIES else None
    return None


def web_url(target: Target, base: str, path: str | None = None) -> str:
    """The web page of a build or an artifact in the forms that need no time stamp; JFrog documents none of them."""
    if target.kind == "artifact":
        return f"{base}/ui/repos/tree/Xray/{quote(target.parts[0])}/{quote(path or target.parts[1])}"
    name, number = target.parts
    project = target.param("project")
    repository = f"{project}-build-info" if project else DEFAULT_BUILDS
    package = f"build://[{repository}]/{name}" if project else f"build://{name}"
    query = {
        "version": number,
        "package_id": package,
        "build_repository": repository,
        "component_id": f"{package}:{number}",
        "page_type": "security-vulnerabilities",
    }
    page = f"{quote(name, safe='')}/scan-descendants/{quote(number, safe='')}"
    return f"{base}/ui/scans-list/builds-scans/{page}?{urlencode(query, quote_via=quote, safe='')}"
