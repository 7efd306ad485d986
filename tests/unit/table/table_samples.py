"""Rows and a pane for the table's tests: every row is a job whose detail holds the values of its columns."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from tui.domain.records import Fields, FieldValue, Record
from tui.domain.snapshot import Entry
from tui.domain.state import State
from tui.domain.target import Target
from tui.present.spec import Cell, ColumnSpec, Context, PaneSpec

NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
CONTEXT = Context(NOW)


def key_of(number: int) -> str:
    return Target("sca", "job", (f"{number:05}",)).key


def entry(
    number: int,
    value: FieldValue = None,
    *,
    name: str | None = None,
    state: State = State.RUNNING,
    since_at: datetime | None = None,
) -> Entry:
    target = Target("sca", "job", (f"{number:05}",))
    record = Record(
        target, f"job {number}" if name is None else name, state, state.value, detail=Fields((("value", value),))
    )
    return Entry(target.key, target, record=record, since_at=since_at)


def value_of(item: Entry) -> FieldValue:
    assert item.record is not None
    return item.record.detail.get("value")


def _age(item: Entry, context: Context) -> Cell:
    return Cell(
        "" if item.since_at is None else f"{int((context.now - item.since_at).total_seconds() // 5 * 5)}s", "dim"
    )


COLUMNS = (
    ColumnSpec(
        "state",
        "STATE",
        12,
        lambda item, context: Cell(f"{context.glyphs.of(item.state)} {item.state.word}", item.state.value),
        lambda item: (item.state.value,),
    ),
    ColumnSpec("name", "NAME", 12, lambda item, _: Cell(item.name), lambda item: (item.name,), flex=1),
    ColumnSpec(
        "value",
        "VALUE",
        8,
        lambda item, _: Cell(str(value_of(item))),
        lambda item: (value_of(item),),
        priority=2,
        is_right=True,
    ),
    ColumnSpec("server", "SERVER", 6, lambda item, _: Cell(item.target.server, "dim"), lambda item: (), priority=3),
    ColumnSpec("age", "AGE", 6, _age, lambda item: (item.since_at,), priority=1, is_right=True, is_time=True),
)
SPEC = PaneSpec("jobs", "Jobs", "Jobs", 4, "codeinsight", frozenset({"job"}), COLUMNS, ("name", False))
BY_VALUE = replace(SPEC, default_sort=("value", False))
