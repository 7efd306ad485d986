"""The two panes of Xray: builds and artifacts with their stages, and exposures with their categories and reports.

Values only; knows no wire, no client and no toolkit.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial

from tui.domain.records import CATEGORIES, STAGES, Stage
from tui.domain.snapshot import Entry
from tui.domain.state import State
from tui.present import cells
from tui.present.empty import EmptyWords, empty_text
from tui.present.format import age, bar, percent, seconds_between
from tui.present.slack import slack_column
from tui.present.spec import Cell, ColumnSpec, Context, PaneSpec, SortKey

# Cells that a build's name gets before the stages have words: a person asks for a name and its number first.
BUILD_NAME_WIDTH = 14
BAR_WIDTH = 8  # cells; with eighths of a cell a step of progress is under two percent
_REPORT = "report"
_SCANNED = frozenset({"build", "artifact"})
# The last names of Docker images: they say nothing that the path before them does not.
_MANIFESTS = frozenset({"manifest.json", "list.manifest.json"})
_SERVER = "JFrog Xray"
_BUILDS = EmptyWords(
    _SERVER,
    "builds or artifacts",
    (
        "scantop watch add build/my-build/1",
        "scantop watch add artifact/docker-local/app/1.0/manifest.json",
        'or in the config: [[watch]] build = "my-build", latest = 5',
    ),
)
_EXPOSURES = EmptyWords(
    _SERVER,
    "exposures scans or reports",
    ("scantop watch add build/my-build/1", "scantop watch add report/22"),
    "none of which reports exposures.",
)


def panes() -> tuple[PaneSpec, ...]:
    """The panes of this kind, in the order of the screen."""
    return (_builds(), _exposures())


def _builds() -> PaneSpec:
    return PaneSpec(
        id="builds",
        title="Builds and artifacts",
        short="Builds",
        order=1,
        server_kind="xray",
        kinds=_SCANNED,
        columns=(
            cells.state_column(),
            replace(
                cells.name_column(width=BUILD_NAME_WIDTH),
                cell=_name_cell,
                sort=lambda entry: cells.natural(scanned_name(entry)),
            ),
            cells.part_column("sca", "sca", 2),
            cells.part_column("contextual_analysis", "ctx", 2),
            cells.part_column("exposures", "exp", 2),
            cells.part_column("violations", "viol", 2),
            _signs_column("stages", "s c e v", STAGES, 0),
            cells.server_column(4),
            cells.why_column("why", 16, 6),
            cells.left_column(5),
            slack_column(2),
            cells.age_column(),
        ),
        default_sort=("state", False),
        empty=partial(empty_text, _BUILDS),
    )


def _exposures() -> PaneSpec:
    titles = {"secrets": "secr", "services": "serv", "applications": "apps", "iac": "iac"}
    return PaneSpec(
        id="exposures",
        title="Exposures",
        short="Exposures",
        order=2,
        server_kind="xray",
        kinds=_SCANNED | {_REPORT},
        columns=(
            replace(cells.state_column(), cell=_exposures_state, sort=lambda entry: _attention(entry)),
            replace(cells.name_column(), cell=_name_cell, sort=lambda entry: cells.natural(scanned_name(entry))),
            *(_category_column(name, titles[name], 5) for name in CATEGORIES),
            _signs_column("categories", "s s a i", CATEGORIES, 1),
            cells.server_column(6),
            ColumnSpec("bar", "", BAR_WIDTH, _bar_cell, _by_progress, priority=4, is_picture=True),
            ColumnSpec("progress", "done", 4, _percent_cell, _by_progress, priority=2, is_right=True),
            cells.why_column("why", 16, 7),
            slack_column(3),
            replace(
                cells.age_column(),
                cell=_exposures_age,
                sort=lambda entry: (cells.newest_first(_exposures_since(entry)),),
            ),
        ),
        default_sort=("state", False),
        lists=("reports",),
        accepts=_has_exposures,
        empty=partial(empty_text, _EXPOSURES),
        state_of=_exposures_of,
    )


def scanned_name(entry: Entry) -> str:
    """The label, or a name that says most first: ``my-build 412``, ``desktop-storage/1.0``, ``app.jar org/acme``."""
    if entry.label:
        return entry.label
    if entry.target.kind != "artifact":
        return entry.name
    folder, _, file = entry.target.parts[-1].rpartition("/")
    if file in _MANIFESTS:
        return folder or file
    return f"{file} {folder}".rstrip()


def _name_cell(entry: Entry, context: Context) -> Cell:
    return Cell(scanned_name(entry), "" if entry.record is not None else "dim")


def _signs_column(name: str, title: str, parts: tuple[str, ...], priority: int) -> ColumnSpec:
    """All parts as a sign each: what stands in for their columns where the pane is narrow."""
    return ColumnSpec(
        name,
        title,
        2 * len(parts) - 1,
        lambda entry, context: _signs_cell(entry, parts, context),
        lambda entry: tuple(cells.severity(_state_of(_part(entry, part))) for part in parts),
        priority=priority,
        instead_of=parts,
    )


def _signs_cell(entry: Entry, parts: tuple[str, ...], context: Context) -> Cell:
    if entry.target.kind == _REPORT and not any(_part(entry, part) for part in parts):
        return Cell("")
    return cells.signs_cell((_part(entry, part) for part in parts), context, is_late=entry.is_late, gap=" ")


def _category_column(name: str, title: str, priority: int) -> ColumnSpec:
    def cell(entry: Entry, context: Context) -> Cell:
        part = _part(entry, name)
        if part is None and entry.target.kind == _REPORT:
            return Cell("")
        return cells.stage_cell(part, context, is_late=entry.is_late)

    return replace(
        cells.part_column(name, title, priority),
        cell=cell,
        sort=lambda entry: (cells.severity(_state_of(_part(entry, name))),),
    )


def _part(entry: Entry, name: str) -> Stage | None:
    """A stage or category; for a report, which is made for one category, the report itself stands under it."""
    if entry.target.kind != _REPORT:
        return cells.part_of(entry, name)
    if entry.record is None or entry.record.detail.text("category") != name:
        return None
    return Stage(name, entry.record.status, entry.record.state)


def _state_of(part: Stage | None) -> State:
    return part.state if part is not None else State.ABSENT


def _has_exposures(entry: Entry) -> bool:
    """Reports, and targets that report an exposures scan; those without an answer are awaited in the builds pane."""
    if entry.target.kind == _REPORT:
        return True
    part = cells.part_of(entry, "exposures")
    return part is not None and (part.state is not State.ABSENT or bool(entry.record and entry.record.categories))


def _exposures_state(entry: Entry, context: Context) -> Cell:
    """A report's own state; of a build or artifact the state of its exposures scan."""
    part = None if entry.target.kind == _REPORT else cells.part_of(entry, "exposures")
    if part is None:
        return cells.state_cell(entry, context)
    word = part.status if part.state is State.UNKNOWN and part.status else part.state.word
    return Cell(f"{context.glyphs.of(part.state)} {word}", "dim" if entry.is_late else part.state.value)


def _exposures_since(entry: Entry) -> datetime | None:
    if entry.target.kind == _REPORT:
        return cells.since_at(entry)
    part = cells.part_of(entry, "exposures")
    return cells.mark_at(entry, "exposures") or (part.time_at if part is not None else None) or cells.since_at(entry)


def _exposures_age(entry: Entry, context: Context) -> Cell:
    if entry.target.kind == _REPORT:
        return cells.age_cell(entry, context)
    seconds = seconds_between(_exposures_since(entry), context.now)
    return Cell(age(seconds), "dim" if entry.is_late or _exposures_of(entry).is_terminal else "")


def _exposures_of(entry: Entry) -> State:
    part = None if entry.target.kind == _REPORT else cells.part_of(entry, "exposures")
    return entry.state if part is None else part.state


def _attention(entry: Entry) -> SortKey:
    return (cells.severity(_exposures_of(entry)), cells.newest_first(_exposures_since(entry)))


def _by_progress(entry: Entry) -> SortKey:
    return (-_progress(entry),)


def _progress(entry: Entry) -> float:
    value = entry.record.detail.get("progress") if entry.record is not None else None
    return float(value) if isinstance(value, int | float) else -1.0


def _bar_cell(entry: Entry, context: Context) -> Cell:
    progress = _progress(entry)
    if progress < 0:
        return Cell("")
    tone = "dim" if entry.is_late else entry.state.value
    return Cell(bar(progress / 100, BAR_WIDTH, is_ascii=context.glyphs.is_ascii), tone)


def _percent_cell(entry: Entry, context: Context) -> Cell:
    progress = _progress(entry)
    return Cell("" if progress < 0 else percent(progress), "dim" if entry.is_late else "")
