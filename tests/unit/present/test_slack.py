"""A deadline as it is shown: the column, the sentence, the filter, the JSON."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from present_builders import NOW, ago, build

from tui.domain.estimates import Left
from tui.domain.snapshot import Entry
from tui.present.as_json import target_document
from tui.present.query import parse
from tui.present.query_check import complaints
from tui.present.slack import by_slack, due_text, slack_cell
from tui.present.spec import Context

CONTEXT = Context(NOW)


def due(seconds: float, state: str = "running", **more: object) -> Entry:
    return replace(build(state=state, seconds=60, **more), due_at=NOW + timedelta(seconds=seconds))


SOON, OVERDUE, MET = due(750, number="1"), due(-320, number="2"), due(600, "done", number="3")
LATE, FAILED, NEVER = due(-120, "done", number="4"), due(600, "failed", number="5"), build(number="6")
ALL = {"soon": SOON, "overdue": OVERDUE, "met": MET, "late": LATE, "failed": FAILED, "never": NEVER}


@pytest.mark.parametrize(
    ("name", "cell", "text"),
    [
        ("soon", ("12m", ""), "due 07:12:30, slack 12 min"),
        ("overdue", ("-5m", "bad"), "overdue by 5 min (due 06:54:40)"),
        ("met", ("met", "dim"), "due 07:10:00, met with 11 min to spare"),
        ("late", ("late", "dim"), "due 06:58:00, ended 60 s late"),
        ("failed", ("", "dim"), "due 07:10:00, failed 11 min before"),
        ("never", ("", ""), ""),
    ],
)
def test_the_column_and_the_sentence(name: str, cell: tuple[str, str], text: str) -> None:
    shown = slack_cell(ALL[name], CONTEXT)
    assert (shown.text, shown.tone) == cell
    assert due_text(ALL[name], NOW) == text


def test_the_sentence_says_where_the_time_will_not_do() -> None:
    assert due_text(SOON, NOW, left=Left(800, 900, 23)).endswith("and more than that is usually left")
    assert due_text(SOON, NOW, left=Left(300, 900, 23)) == due_text(SOON, NOW)


def test_what_is_due_first_comes_first() -> None:
    assert sorted(ALL, key=lambda name: by_slack(ALL[name]))[:2] == ["overdue", "soon"]
    assert sorted(ALL, key=lambda name: by_slack(ALL[name]))[-1] == "never"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("state:overdue", {"overdue"}),
        ("state:over|done", {"overdue", "met", "late"}),
        ("!state:overdue", {"soon", "met", "late", "failed", "never"}),
        ("slack<15m", {"soon", "overdue"}),
        ("slack>10m", {"soon"}),
        ("slack>=0m", {"soon"}),
    ],
)
def test_the_filter_knows_it(text: str, names: set[str]) -> None:
    query = parse(text)
    assert {name for name, entry in ALL.items() if query.matches(entry, NOW)} == names
    assert query.has_ages and complaints(text) == ()


def test_the_filter_says_what_it_means() -> None:
    assert parse("slack<10m").explain == "under 10m until it is due"
    assert parse("slack<").left_out == ("'slack<' is not complete (say slack<30m, 2h or 3d)",)
    assert "did you mean 'overdue'" in complaints("state:overdeu")[0]


def test_the_json_has_the_moment_and_the_slack() -> None:
    told = [target_document(one, now=NOW) for one in (OVERDUE, MET, NEVER)]
    assert [(one["due_at"], one["slack_s"]) for one in told] == [
        ("2026-11-22T06:54:40Z", -320.0),
        ("2026-11-22T07:10:00Z", 660.0),
        (None, None),
    ]
    assert MET.since_at == ago(60)
