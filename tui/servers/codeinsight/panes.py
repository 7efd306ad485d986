"""Code Insight's pane: the paginated job queue, with wait and run times and what the server filters by.

Values only; knows no wire, no client and no toolkit. The columns read the record's own fields (id, type, project, …).
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

from tui.domain.records import Fields
from tui.domain.snapshot import Entry
from tui.domain.state import State, fold_job
from tui.present import cells
from tui.present.empty import EmptyWords, empty_text
from tui.present.format import age, duration, seconds_between
from tui.present.slack import slack_column
from tui.present.spec import Cell, ColumnSpec, Context, PaneSpec, SortKey

# Words of the vendor's Jobs API (the types beyond these are custom reports).
STATUSES = ("New", "Scheduled", "Waiting on update", "Active", "Completed", "Failed", "Canceled", "Terminated")
TYPES = (
    "Project Scan",
    "Project Re-Scan",
    "Remote Scan",
    "Project Branching",
    "Project Copy",
    "Project Import",
    "Project Export",
    "Project Deletion",
    "PDL Update",
    "Export to SBOM Insights",
    "Update Notices",
    "Apply Policy - Global",
    "Apply Policy - Project",
    "Report - Audit Report",
    "Report - Notices Report",
    "Report - Project Report",
)
DAYS = ("1", "7", "30", "365")
_EMPTY = EmptyWords("Code Insight", "jobs", ())


def panes() -> tuple[PaneSpec, ...]:
    """The panes of this kind, in the order of the screen."""
    return (
        PaneSpec(
            id="jobs",
            title="Jobs",
            short="Jobs",
            order=4,
            server_kind="codeinsight",
            kinds=frozenset({"job"}),
            columns=(
                cells.state_column(),
                ColumnSpec("id", "id", 6, _id_cell, _by_id, is_right=True),
                ColumnSpec("type", "type", 12, _type_cell, lambda entry: _words(entry, "type"), flex=3),
                ColumnSpec("project", "project", 10, _project_cell, _by_project, priority=1, flex=3),
                ColumnSpec("status", "status", 9, _status_cell, _by_status, priority=5, flex=1),
                ColumnSpec("user", "user", 8, _user_cell, lambda entry: _words(entry, "user"), priority=6, flex=1),
                ColumnSpec("runs_on", "runs on", 8, _runs_on_cell, _by_runs_on, priority=7, flex=1),
                cells.server_column(4),
                cells.why_column("error", 12, 4),
                ColumnSpec("wait", "waited", 6, _wait_cell, _by_queued, priority=3, is_right=True, is_time=True),
                ColumnSpec("run", "ran", 5, _run_cell, _by_activated, priority=2, is_right=True, is_time=True),
                cells.left_column(8),
                slack_column(2),
                cells.age_column(),
            ),
            default_sort=("id", True),
            lists=("jobs",),
            empty=partial(empty_text, _EMPTY),
            list_filters=("type", "status", "project", "user", "days"),
            list_choices=(("type", TYPES), ("status", STATUSES), ("days", DAYS)),
        ),
    )


def wait_s(entry: Entry, now: datetime) -> float | None:
    """Seconds that the job waited, or waits still; None where the server does not tell when it was queued."""
    began_at = _when(entry, "activated_at") or _when(entry, "completed_at")
    open_at = None if entry.state.is_terminal else entry.on_server(now)
    return seconds_between(_when(entry, "queued_at"), began_at or open_at)


def run_s(entry: Entry, now: datetime) -> float | None:
    """Seconds that the job ran, or runs still; None for one that never began."""
    ended_at = _when(entry, "completed_at") or (entry.on_server(now) if entry.state is State.RUNNING else None)
    return seconds_between(_when(entry, "activated_at"), ended_at)


def _detail(entry: Entry) -> Fields:
    return entry.record.detail if entry.record is not None else Fields()


def _when(entry: Entry, name: str) -> datetime | None:
    return _detail(entry).when(name)


def _words(entry: Entry, name: str) -> SortKey:
    return (_detail(entry).text(name).casefold(),)


def _number(entry: Entry) -> int:
    text = entry.target.parts[-1]
    return int(text) if text.isascii() and text.isdigit() else 0


def _id_cell(entry: Entry, context: Context) -> Cell:
    return Cell(entry.target.parts[-1], "" if entry.record is not None else "dim")


def _by_id(entry: Entry) -> SortKey:
    return (_number(entry), entry.target.server)


def _type_cell(entry: Entry, context: Context) -> Cell:
    return Cell(entry.label or _detail(entry).text("type") or ("" if entry.record is None else entry.name))


def _project_cell(entry: Entry, context: Context) -> Cell:
    return Cell(_project(entry), "dim" if entry.is_late else "")


def _project(entry: Entry) -> str:
    project = _detail(entry).get("project")
    if not isinstance(project, Fields):
        return ""
    return project.text("name") or project.text("id")


def _by_project(entry: Entry) -> SortKey:
    return cells.natural(_project(entry))


def _status_cell(entry: Entry, context: Context) -> Cell:
    """The server's own word."""
    status = entry.record.status if entry.record is not None else None
    return Cell(status or "", "dim")


def _by_status(entry: Entry) -> SortKey:
    return (fold_job((entry.record.status if entry.record is not None else None) or ""),)


def _user_cell(entry: Entry, context: Context) -> Cell:
    return cells.detail_cell(entry, "user")


def _runs_on_cell(entry: Entry, context: Context) -> Cell:
    return cells.detail_cell(entry, "server", "dim")


def _by_runs_on(entry: Entry) -> SortKey:
    return _words(entry, "server")


def _wait_cell(entry: Entry, context: Context) -> Cell:
    is_over = entry.state is not State.WAITING
    return Cell((duration if is_over else age)(wait_s(entry, context.now)), "dim" if is_over else "")


def _by_queued(entry: Entry) -> SortKey:
    return (cells.newest_first(_when(entry, "queued_at")),)


def _run_cell(entry: Entry, context: Context) -> Cell:
    is_over = entry.state is not State.RUNNING
    return Cell((duration if is_over else age)(run_s(entry, context.now)), "dim" if is_over else "")


def _by_activated(entry: Entry) -> SortKey:
    return (cells.newest_first(_when(entry, "activated_at")),)
