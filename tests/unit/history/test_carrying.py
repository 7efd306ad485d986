"""Taking a history elsewhere: what goes out comes in again, once, and nothing else does."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_history import all_rows, on, record_two
from test_past import job, opened

from tui.domain.learning import Told
from tui.domain.snapshot import Transition
from tui.domain.state import State
from tui.history import carrying
from tui.history.carrying import NotAnExport, export_lines, import_lines
from tui.history.reading import everything
from tui.history.sqlite import SqliteHistory

HEAD = '{"scantop": "history", "version": 2}'
ITEM = {"target": "s:job/1", "part": "", "after": "done", "seen_at": "2026-11-22T07:00:00Z"}


def exported(path: Path) -> list[str]:
    with opened(path) as db:
        return list(export_lines(db))


def test_what_goes_out_comes_in_again_and_only_once(tmp_path: Path) -> None:
    first, second = tmp_path / "one" / "h.sqlite", tmp_path / "two" / "h.sqlite"

    async def story(history: SqliteHistory) -> None:
        await record_two(history)
        one = job(7, State.DONE, queued_at=-90, activated_at=-60, completed_at=-1)
        odd = Transition(
            one.key, "@iac", State.RUNNING, State.UNKNOWN, "\x1b[2J \u202e", None, one.polled_at or _never()
        )
        await history.record([odd], [one])

    on(first, story)
    lines = exported(first)
    assert lines[0] == HEAD and all(line.isascii() and "\x1b" not in line for line in lines)
    with opened(second) as db:
        assert import_lines(db, lines) == 3
        assert import_lines(db, lines) == 0
        told = [seen.told for seen in everything(db)]
        assert told.count(None) == 2 and any(isinstance(one, Told) and one.ended_at is not None for one in told)
    assert sorted(exported(second)) == sorted(lines)
    assert all_rows(second, "SELECT state FROM mark WHERE part = ''") == [("running",)]


def _never() -> None:
    raise AssertionError


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], "line 1 is missing"),
        (["{}"], "line 1 does not say that this is an export"),
        (["\x7fELF"], "line 1 does not say"),
        (['{"scantop": "history"}'], "of which version"),
        (['{"scantop": "history", "version": 3}'], "newer scantop"),
        ([HEAD, "[]"], "line 2 is no JSON object"),
        ([HEAD, "", '{"target": 5}'], "line 3 names no target"),
        ([HEAD, json.dumps({**ITEM, "target": "no address"})], "line 2 names no target"),
        ([HEAD, json.dumps({**ITEM, "after": "dun"})], "line 2: after is no state"),
        ([HEAD, json.dumps({**ITEM, "seen_at": None})], "line 2: seen_at is missing"),
        ([HEAD, json.dumps({**ITEM, "seen_at": "2026-11-22"})], "line 2: seen_at is no time with a zone"),
        ([HEAD, json.dumps(ITEM), json.dumps({**ITEM, "part": 3})], "line 3: part must be a text"),
        ([HEAD, "x" * 200_000], "line 2 is longer"),
    ],
)
def test_anything_else_is_refused_with_its_line_and_changes_nothing(
    tmp_path: Path, lines: list[str], words: str
) -> None:
    path = tmp_path / "h.sqlite"
    with opened(path) as db, pytest.raises(NotAnExport, match=words):
        import_lines(db, lines)
    assert all_rows(path, "SELECT count(*) FROM target") == [(0,)]


def test_others_write_between_the_pieces_of_an_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A monitor beside it keeps what it sees: at the beginning of every piece the file is free, and then is again."""
    monkeypatch.setattr(carrying, "ADDED_AT_ONCE", 10)
    path = tmp_path / "h.sqlite"
    lines = [HEAD, *(json.dumps({**ITEM, "target": f"s:job/{number}"}) for number in range(95))]
    with opened(path) as db, opened(path) as other:
        other.execute("PRAGMA busy_timeout = 0")

        def begins(statement: str) -> None:
            if statement == "BEGIN IMMEDIATE":
                other.execute(
                    "INSERT INTO outage (server, code, started_at, last_at, polls) VALUES ('s', 'x', 1, 1, 1)"
                )

        db.set_trace_callback(begins)
        assert import_lines(db, lines) == 95
        db.set_trace_callback(None)
        assert other.execute("SELECT count(*) FROM outage").fetchone() == (10,)
        assert import_lines(db, lines) == 0


def test_an_export_of_one_server_holds_nothing_of_others(tmp_path: Path) -> None:
    lines = [HEAD, *(json.dumps({**ITEM, "target": f"{server}:job/1"}) for server in ("s", "other"))]
    with opened(tmp_path / "h.sqlite") as db:
        import_lines(db, lines)
        found = [json.loads(line)["target"] for line in list(export_lines(db, server="s"))[1:]]
    assert found == ["s:job/1"]


def test_errors_labels_and_last_sights_are_carried_and_may_be_lacking(tmp_path: Path) -> None:
    whole = {**ITEM, "error": "it fell over", "label": "mine", "last_seen_at": "2026-11-23T07:00:00Z"}
    with opened(tmp_path / "h.sqlite") as db:
        import_lines(db, [HEAD, json.dumps(ITEM)])
        import_lines(db, [HEAD, json.dumps(whole)])
        (line,) = list(export_lines(db))[1:]
    (seen,) = carrying.read_seen([HEAD, line])
    assert json.loads(line).items() >= whole.items()
    assert (seen.error, seen.label, str(seen.last_seen_at)) == ("it fell over", "mine", "2026-11-23 07:00:00+00:00")


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(
        st.lists(inner), st.dictionaries(st.sampled_from([*ITEM, "before", "status", "ended_at"]), inner)
    ),
    max_leaves=8,
)


@given(st.lists(json_values, max_size=5))
def test_no_file_breaks_an_import(values: list[object]) -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    from tui.history.schema import migrate

    migrate(db)
    lines = [HEAD, *(json.dumps({**ITEM, **value} if isinstance(value, dict) else value) for value in values)]
    try:
        assert import_lines(db, lines) >= 0
    except NotAnExport as error:
        assert str(error).startswith("line ")
    finally:
        db.close()
