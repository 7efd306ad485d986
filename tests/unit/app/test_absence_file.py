"""What is kept of an absence: whole and private, set aside where it cannot be used, shared by several monitors."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.absence_file import MOST_OWN, Absence, AbsenceFile, merged

START = datetime(2026, 11, 22, 7, tzinfo=UTC)
LATER = START + timedelta(hours=1)
KEYS = st.frozensets(st.sampled_from("abcdef"))


def absence(*keys: str, at: datetime = START) -> Absence:
    """Rows that nobody looked at."""
    return Absence(at, dict.fromkeys(keys, START))


def document(**changes: object) -> str:
    return json.dumps({"form": "scantop absence", "version": 1, "left_at": START.isoformat(), **changes})


def test_what_is_kept_comes_back_and_is_private(tmp_path: Path) -> None:
    file = AbsenceFile(tmp_path / "state")
    assert file.load() == (None, "")
    assert file.save(absence("prod:build/ä/1", "x")) == (frozenset(), "")
    assert AbsenceFile(tmp_path / "state").load() == (absence("prod:build/ä/1", "x"), "")
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is damaged"),
        ('{"form": "scantop preferences"}', "is not of scantop"),
        (document(version=2), "was written by a newer scantop (version 2 of the form)"),
        (document(left_at="yesterday"), "is damaged"),
        (document(left_at="2026-11-22T07:00:00"), "is damaged"),
        (document(left_at="0001-01-01T00:00:00+14:00"), "is damaged"),
        (document(left_at="9999-12-31T23:59:59-14:00"), "is damaged"),
        (document(unseen=["a"]), "is damaged"),
        (document(unseen={"a": 5}), "is damaged"),
        (document(unseen={"\x1b[31m": START.isoformat()}), "is damaged"),
    ],
)
def test_what_cannot_be_used_is_set_aside_and_told(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "absence.json"
    path.write_text(text)
    file = AbsenceFile(tmp_path)
    found, notice = file.load()
    (aside,) = tmp_path.iterdir()
    assert found is None and notice == f"{path} {said}; it was set aside as {aside.name}."
    assert aside.read_text() == text
    assert file.save(absence("a")) == (frozenset(), "")
    assert AbsenceFile(tmp_path).load() == (absence("a"), "")


def test_a_newer_ones_file_that_comes_later_is_not_overwritten(tmp_path: Path) -> None:
    file = AbsenceFile(tmp_path)
    file.load()
    (tmp_path / "absence.json").write_text(document(version=7))
    assert "version 7" in file.save(absence("a"))[1]
    assert len(list(tmp_path.iterdir())) == 2


def test_what_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    rows = [f"prod:build/{'x' * 2_000}/{number}" for number in range(500)]
    AbsenceFile(tmp_path).save(absence("a\nb", "y" * 5_000, *rows))
    found, notice = AbsenceFile(tmp_path).load()
    assert found is not None and not notice
    assert 50 < len(found.unseen) < 500 and list(found.unseen) == rows[-len(found.unseen) :]


@pytest.mark.parametrize("stem", ["prod:build/" + "x" * 600, "prod:build/" + "日" * 150, "prod:build/x"], ids=len)
def test_what_found_no_room_was_not_looked_at(tmp_path: Path, stem: str) -> None:
    """Neither in the monitor whose rows they are, however often it saves, nor in another one beside it."""
    rows = [f"{stem}/{number}" for number in range(MOST_OWN + 5)]
    one, other = AbsenceFile(tmp_path), AbsenceFile(tmp_path)
    for _ in range(2):
        assert one.save(absence(*rows[:MOST_OWN])) == (frozenset(), "")
        assert other.save(absence(*rows[:MOST_OWN])) == (frozenset(), "")
    for _ in range(2):
        assert other.save(absence(*rows[:MOST_OWN])) == (frozenset(), "")
        assert one.save(absence(*rows)) == (frozenset(), "")
    found, _notice = AbsenceFile(tmp_path).load()
    assert found is not None and list(found.unseen)[-100:] == rows[-100:]


def test_a_look_among_more_than_there_is_room_for_is_one(tmp_path: Path) -> None:
    rows = [f"prod:build/{'x' * 600}/{number}" for number in range(MOST_OWN)]
    file = AbsenceFile(tmp_path)
    file.save(absence(*rows))
    file.save(absence(*rows[:-1]))
    found, _notice = AbsenceFile(tmp_path).load()
    assert found is not None and rows[-1] not in found.unseen and rows[-2] in found.unseen
    file.save(absence())
    assert AbsenceFile(tmp_path).load() == (absence(), "")


def test_a_look_in_one_monitor_is_a_look_in_the_other(tmp_path: Path) -> None:
    one, other = AbsenceFile(tmp_path), AbsenceFile(tmp_path)
    one.save(absence("a", "b", at=LATER))
    other.load()
    one.save(absence("b", at=LATER))
    assert other.save(absence("a", "b", "c")) == (frozenset("a"), "")
    assert AbsenceFile(tmp_path).load()[0] == absence("b", "c", at=LATER)


@given(before=KEYS, own=KEYS, kept=KEYS)
def test_merging_loses_no_look_and_no_news(before: frozenset[str], own: frozenset[str], kept: frozenset[str]) -> None:
    found = frozenset(merged(absence(*own), before, absence(*kept)).unseen)
    assert found == (own | kept) - (before - own) - (before - kept)
    assert merged(absence(*own), before, None) == absence(*own)
