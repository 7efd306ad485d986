"""When a part usually ends, for its lane of a timeline: from the runs of the same scope that are known. Pure.

The range is that of eight runs in ten, measured from where the part's last bar begins. Without enough runs, or where
nobody saw that beginning, there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tui.domain.durations import Durations, run_step, scope_of_entry, wait_step
from tui.domain.snapshot import Entry
from tui.domain.state import State
from tui.present.timeline import CATEGORY_SIGN, Axis, Lane, Run, cell_of, place

EARLY_SHARE, LATE_SHARE = 0.1, 0.9
STRETCH = 2.0  # times its length that an axis grows at most, so that what is there can still be read
COVERED = {"█": "▓", "░": "▒", "#": "+", ".": ":"}  # a bar's cells where it may usually end
AHEAD, ASCII_AHEAD = "┄", "~"
FURTHER, ASCII_FURTHER = "›", ">"


@dataclass(frozen=True, slots=True)
class Usual:
    """Between which moments a part usually ends, by so many runs of what `basis` says ("of the same name")."""

    early_at: datetime
    late_at: datetime
    runs: int
    basis: str


def usual_of(entry: Entry, lane: Lane, durations: Durations) -> Usual | None:
    """The usual end of a lane's last bar."""
    bar = lane.bars[-1] if lane.bars else None
    if bar is None or not bar.is_start_seen or bar.is_within:
        return None
    found = durations.find(scope_of_entry(entry), _step_of(entry, lane, bar.state))
    if found is None:
        return None
    early_s, late_s = found.sample.at_least(EARLY_SHARE), found.sample.at_most(LATE_SHARE)
    try:
        early_at, late_at = (bar.start_at + timedelta(seconds=one) for one in (early_s, max(early_s, late_s)))
    except OverflowError:
        return None
    return Usual(early_at, late_at, len(found.sample), found.scope.words)


def _step_of(entry: Entry, lane: Lane, state: State) -> str:
    record = entry.record
    part = ""
    if record is not None and (record.stages or record.categories):
        is_stage = any(stage.name == lane.name for stage in record.stages)
        part = lane.name if is_stage else CATEGORY_SIGN + lane.name
    return wait_step(part) if state is State.WAITING else run_step(part)


def stretched(axis: Axis, usuals: Sequence[Usual | None]) -> Axis:
    """The axis with the usual ends on it, as far as it may grow."""
    late_at = max((one.late_at for one in usuals if one is not None), default=axis.end_at)
    most_at = axis.start_at + timedelta(seconds=axis.seconds * STRETCH)
    return Axis(axis.start_at, max(axis.end_at, min(late_at, most_at)))


def behind(runs: Sequence[Run], lane: Lane, usual: Usual | None, axis: Axis, *, is_ascii: bool = False) -> list[Run]:
    """A drawn lane (see `timeline.drawn`) with its usual end behind it, in as many cells."""
    cells = [Run(sign, run.state) for run in runs for sign in run.text]
    if usual is None or not cells:
        return list(runs)
    first, last = cell_of(usual.early_at, axis, len(cells)), cell_of(usual.late_at, axis, len(cells))
    start = place(lane.bars[-1], axis, len(cells))[0]
    for index in range(max(first, start), last + 1) if usual.early_at < axis.end_at else ():
        cell = cells[index]
        covered = COVERED.get(cell.text, cell.text)
        cells[index] = replace(cell, text=covered if cell.state is not None else ASCII_AHEAD if is_ascii else AHEAD)
    if usual.late_at > axis.end_at and cells[-1].state is None:
        cells[-1] = Run(ASCII_FURTHER if is_ascii else FURTHER)
    return _joined(cells)


def _joined(cells: Sequence[Run]) -> list[Run]:
    found: list[Run] = []
    for cell in cells:
        if found and found[-1].state is cell.state:
            found[-1] = Run(found[-1].text + cell.text, cell.state)
        else:
            found.append(cell)
    return found
