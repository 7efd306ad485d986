"""ThreadFix's pane: each pending scan with its pipeline as a strip, the stage it stands in, and why it failed.

Values only; knows no wire, no client and no toolkit. The record's stages are the line that the scan moves on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from tui.domain.records import Stage
from tui.domain.snapshot import Entry
from tui.domain.state import THREADFIX_PIPELINE, State
from tui.present import cells
from tui.present.empty import EmptyWords, empty_text
from tui.present.format import age, duration, seconds_between
from tui.present.slack import slack_column
from tui.present.spec import Cell, ColumnSpec, Context, PaneSpec, SortKey

STRIP_WIDTH = len(THREADFIX_PIPELINE) + 1  # cells: one a stage, one for a word that is on no line
_EMPTY = EmptyWords(
    "ThreadFix",
    "scans",
    (
        "scantop watch add scan/6/41",
        "curl … /upload | scantop watch add -",
        "or in the config: [[watch]] application = 6, pending_scan = 41",
    ),
)
# One word a stage, for the line of counts; the server's own word stands in the row.
_WORDS: Mapping[str, str] = {
    "queued": "queued",
    "uploaded": "uploaded",
    "finished_finding_pulling": "pulled",
    "findings_generating": "findings",
    "channel_merging": "channel",
    "application_merging": "merging",
    "application_merged": "merged",
    "linking_defects": "defects",
    "scan_queued_for_delete": "deleting",
    "scan_deleted": "deleted",
    "done": "done",
}
_ORDER = tuple(_WORDS)


def panes() -> tuple[PaneSpec, ...]:
    """The panes of this kind, in the order of the screen."""
    return (
        PaneSpec(
            id="threadfix",
            title="ThreadFix",
            short="ThreadFix",
            order=3,
            server_kind="threadfix",
            kinds=frozenset({"scan"}),
            columns=(
                cells.state_column(),
                cells.name_column("file"),
                ColumnSpec("pipeline", "pipeline", STRIP_WIDTH, _strip_cell, _by_stage, priority=2, is_picture=True),
                ColumnSpec("stage", "stage", 11, _stage_cell, _by_stage, priority=1, flex=4),
                cells.server_column(4),
                ColumnSpec("total", "total", 5, _total_cell, _by_total, priority=3, is_right=True, is_time=True),
                cells.left_column(5),
                slack_column(2),
                cells.age_column("in it"),
            ),
            default_sort=("state", False),
            empty=partial(empty_text, _EMPTY),
            strip=counts,
        ),
    )


def current_stage(entry: Entry) -> Stage | None:
    """Where the scan stands: the one stage that the server named; None before any answer."""
    stages = entry.record.stages if entry.record is not None else ()
    return next((stage for stage in reversed(stages) if stage.status is not None), None)


def counts(entries: Sequence[Entry], context: Context) -> tuple[Cell, ...]:
    """How many scans stand in each stage, in its order, then the failed ones; stages without any are left out."""
    found: dict[tuple[int, str, State], int] = {}
    for entry in entries:
        if entry.record is None:
            continue
        stage, state = current_stage(entry), entry.record.state
        place = (len(_ORDER), "failed", state) if state is State.FAILED else (*_place(stage), state)
        found[place] = found.get(place, 0) + 1
    return tuple(
        Cell(f"{context.glyphs.of(state)} {word} {number}", state.value)
        for (_, word, state), number in sorted(found.items())
    )


def _place(stage: Stage | None) -> tuple[int, str]:
    name = stage.name if stage is not None else ""
    if name in _WORDS:
        return (_ORDER.index(name), _WORDS[name])
    return (len(_ORDER) + 1, "other")


def _strip_cell(entry: Entry, context: Context) -> Cell:
    if entry.record is None:
        return Cell("")
    stages = [stage for stage in entry.record.stages if stage.name in _WORDS or stage.status is not None]
    return cells.signs_cell(stages, context, is_late=entry.is_late)


def _stage_cell(entry: Entry, context: Context) -> Cell:
    """The stage in the server's word, and the error where it failed in it; what hinders the polls is the notice's."""
    if entry.record is None:
        return cells.why_cell(entry, context)
    word = (entry.record.status or "").replace("_", " ").lower()
    reason = entry.record.error
    tone = "dim" if entry.is_late else entry.record.state.value
    return Cell(f"{word}: {reason}" if reason else word, tone)


def _by_stage(entry: Entry) -> SortKey:
    stage = current_stage(entry)
    return (*_place(stage), stage.name if stage is not None else "")


def _total_s(entry: Entry, context: Context) -> float | None:
    """Seconds from the scan's own start to its end, or to now while it goes on."""
    record = entry.record
    if record is None:
        return None
    ended_at = record.detail.when("modified_at") if record.state.is_terminal else entry.on_server(context.now)
    return seconds_between(record.detail.when("time"), ended_at)


def _total_cell(entry: Entry, context: Context) -> Cell:
    is_over = entry.state.is_terminal
    return Cell((duration if is_over else age)(_total_s(entry, context)), "dim" if is_over or entry.is_late else "")


def _by_total(entry: Entry) -> SortKey:
    return (cells.newest_first(entry.record.detail.when("time") if entry.record is not None else None),)
