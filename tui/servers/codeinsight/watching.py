"""The [[watch]] tables of a Code Insight server: a page of jobs with filters, or one job by id."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from tui.domain.records import ListQuery
from tui.domain.target import Target
from tui.servers.codeinsight.filters import status_fault
from tui.servers.kind import WatchFormError
from tui.servers.watching import needed_id, number_of, text_of
from tui.settings import WatchedList, WatchedTarget, WatchItem

KEYS = ("status", "type", "project", "user", "history_days", "limit")
DAYS_LIMIT = 3650  # the API's own
PAGE_LIMIT = 10_000  # rows; the vendor's scripts ask for as many


def read_jobs(server: str, table: Mapping[str, object]) -> tuple[WatchItem, ...]:
    """``jobs = { status, type, project, user, history_days, limit }``, each of them optional."""
    asked = table.get("jobs")
    if not isinstance(asked, Mapping):
        raise WatchFormError('jobs must be a table, such as jobs = { status = "Active" }.', "jobs")
    for key in asked:
        if key not in KEYS:
            near = get_close_matches(str(key), KEYS, 1)
            hint = f"; did you mean {near[0]}?" if near else f"; it takes {', '.join(KEYS)}."
            raise WatchFormError(f"jobs has no key {key!r}{hint}", f"jobs.{key}")
    try:
        return _read(server, asked)
    except WatchFormError as error:  # of one key in there: its place is below jobs
        raise WatchFormError(str(error), f"jobs.{error.key}") from None


def _read(server: str, asked: Mapping[str, object]) -> tuple[WatchItem, ...]:
    if fault := status_fault(text_of(asked, "status")):
        raise WatchFormError(fault, "status")
    filters = [(key, text_of(asked, key)) for key in ("type", "status", "project", "user")]
    days = number_of(asked, "history_days")
    if days is not None and days > DAYS_LIMIT:
        raise WatchFormError(f"history_days is at most {DAYS_LIMIT}.", "history_days")
    if days:
        filters.append(("days", str(days)))
    limit = number_of(asked, "limit", 1)
    if limit is not None and limit > PAGE_LIMIT:
        raise WatchFormError(f"limit is at most {PAGE_LIMIT}.", "limit")
    return (WatchedList(ListQuery(server, "jobs", tuple(pair for pair in filters if pair[1]), limit=limit or 25)),)


def read_job(server: str, table: Mapping[str, object]) -> tuple[WatchItem, ...]:
    """``job`` = its id."""
    return (WatchedTarget(Target(server, "job", (needed_id(table, "job"),)), text_of(table, "label")),)
