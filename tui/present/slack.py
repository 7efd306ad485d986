"""How a deadline stands, in a column and in a sentence. Coarse, like every age; reckons nothing."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from tui.domain.deadline import has_ended, is_met, is_overdue, slack_s
from tui.domain.estimates import Left
from tui.domain.snapshot import Entry
from tui.domain.stuck import span_words
from tui.present.format import age, moment
from tui.present.spec import Cell, ColumnSpec, Context, SortKey

SLACK = "slack"  # the column's id; it is there only where something has a deadline
SLACK_WIDTH = 6  # cells: a sign and an age
_COARSE_S = 5  # seconds; a sentence of less than two minutes changes no more often than this


def slack_column(priority: int) -> ColumnSpec:
    """Time until it is due: ``12m``, with a minus once it is overdue; ``met`` or ``late`` at its end."""
    return ColumnSpec(SLACK, "slack", SLACK_WIDTH, slack_cell, by_slack, priority=priority, is_right=True, is_time=True)


def slack_cell(entry: Entry, context: Context) -> Cell:
    """Empty without a deadline, and for what ended badly before it was due."""
    seconds = slack_s(entry, context.now)
    if seconds is None:
        return Cell("")
    if has_ended(entry):
        met = is_met(entry)
        return Cell("" if met is None else "met" if met else "late", "dim")
    if seconds < 0:
        return Cell(f"-{age(-seconds)}", "dim" if entry.is_late else "bad")
    return Cell(age(seconds), "dim" if entry.is_late else "")


def by_slack(entry: Entry) -> SortKey:
    """What is due first comes first; then what has ended, then what has no deadline."""
    if entry.due_at is None:
        return (2, 0.0)
    return (int(has_ended(entry)), entry.due_at.timestamp())


def due_text(entry: Entry, now: datetime, zone: tzinfo = UTC, left: Left | None = None) -> str:
    """``due 17:30:00, slack 12 min``, ``overdue by 5 min (due 17:30:00)``, ``met …``; "" without a deadline.

    `left` is the time that is usually left, for a word on whether that will do.
    """
    seconds = slack_s(entry, now)
    if entry.due_at is None or seconds is None:
        return ""
    due = f"due {moment(entry.due_at, now, zone)}"
    span = _span(abs(seconds))
    if has_ended(entry):
        if seconds < 0:
            return f"{due}, ended {span} late"
        return f"{due}, met with {span} to spare" if is_met(entry) else f"{due}, {entry.state.word} {span} before"
    if is_overdue(entry, now):
        return f"overdue by {span} ({due})"
    if left is not None and left.low_s > seconds:
        return f"{due}, slack {span}, and more than that is usually left"
    return f"{due}, slack {span}"


def _span(seconds: float) -> str:
    """Coarse below two minutes, so that a screen seldom has to change."""
    whole = int(seconds)
    return span_words(whole // _COARSE_S * _COARSE_S if whole < 120 else whole)
