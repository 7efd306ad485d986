"""Time left, and being slow or stuck, as they are shown: in words, in a column, in a filter, in JSON."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from present_builders import NOW, ago, build, job

from tui.domain.estimates import Left
from tui.domain.snapshot import Entry
from tui.present.as_json import status_document
from tui.present.cells import AGE_WIDTH, age_cell, left_column
from tui.present.left import left_short, left_text
from tui.present.query import parse
from tui.present.spec import Context


@pytest.mark.parametrize(
    ("low_s", "high_s", "text", "short"),
    [
        (380, 640, "6 to 11 min", "6-11m"),
        (0, 300, "up to 5 min", "<5m"),
        (22, 43, "20 to 45 s", "20-45s"),
        (0, 2, "up to 5 s", "<5s"),
        (300, 300, "about 5 min", "~5m"),
        (3_700, 9_000, "1 to 3 h", "1-3h"),
        (90_000, 600_000, "1 to 7 days", "1-7d"),
    ],
)
def test_a_range_in_words_and_in_a_column(low_s: float, high_s: float, text: str, short: str) -> None:
    left = Left(low_s, high_s, 23, "of the same name")
    assert left_text(left) == f"{text}, from 23 runs of the same name"
    assert left_short(left) == short


@given(st.floats(0, 1e9), st.floats(0, 1e9))
def test_the_short_form_fits_its_column(one_s: float, other_s: float) -> None:
    left = Left(min(one_s, other_s), max(one_s, other_s), 8)
    assert len(left_short(left)) <= left_column(0).width + (left.high_s > 86_400 * 99)


def context(pace: str, left: str = "") -> Context:
    return Context(NOW, time_left=lambda entry: left, pace=lambda entry: pace)


@pytest.mark.parametrize("seconds", [0, 59, 720, 11_100, 187_000, 5e7])
def test_what_is_stuck_has_a_sign_at_its_age_and_the_word_beside_it(seconds: float) -> None:
    entry = build(seconds=seconds)
    cell = age_cell(entry, context("stuck", "5-9m"))
    assert cell.text.startswith("!") and cell.tone == "bad" and len(cell.text) <= AGE_WIDTH
    assert cell.text[1:] and age_cell(entry, context("")).text.startswith(cell.text[1:])
    assert left_column(0).cell(entry, context("stuck", "5-9m")).text == "stuck"


def test_what_is_slow_still_has_its_time_left() -> None:
    entry = build(seconds=720)
    assert (age_cell(entry, context("slow")).text, age_cell(entry, context("slow")).tone) == ("12m", "warn")
    assert left_column(0).cell(entry, context("slow", "5-9m")).text == "5-9m"
    assert left_column(0).cell(entry, context("slow")).text == "slow"


def test_what_has_ended_is_never_marked() -> None:
    assert age_cell(build(state="done", seconds=720), context("stuck")).tone == "dim"


ENTRIES = {"a": build(number="1"), "b": build(number="2"), "c": build(number="3", state="failed"), "d": job(4)}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("state:stuck", {"a"}),
        ("state:stuck|failed", {"a", "c"}),
        ("state:slow", {"b"}),
        ("state:s", {"a", "b"}),
        ("!state:stuck", {"b", "c", "d"}),
        ("state:running", {"a", "b", "d"}),
    ],
)
def test_a_filter_finds_what_is_stuck(text: str, names: set[str]) -> None:
    paces = {ENTRIES["a"].key: "stuck", ENTRIES["b"].key: "slow"}
    query = parse(text)

    def pace(entry: Entry) -> str:
        return paces.get(entry.key, "")

    assert query.left_out == ()
    assert {name for name, entry in ENTRIES.items() if query.matches(entry, NOW, pace)} == names
    assert query.has_ages is (text != "state:running")


def test_a_status_document_tells_the_time_left() -> None:
    left = Left(361.04, 640.0, 23, "of the same name")
    (told,) = status_document([build(seconds=9)], NOW, lambda entry: left)["targets"]  # type: ignore[misc, union-attr]
    text = "6 to 11 min, from 23 runs of the same name"
    assert told["left"] == {"low_s": 361.0, "high_s": 640.0, "runs": 23, "text": text}  # type: ignore[index, call-overload]
    (told,) = status_document([build(seconds=9)], ago(0))["targets"]  # type: ignore[misc, union-attr]
    assert told["left"] is None  # type: ignore[index, call-overload]
