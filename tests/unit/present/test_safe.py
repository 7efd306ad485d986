"""The gate: whatever a server sends, nothing of it drives a terminal, hides, reorders or overflows."""

import csv
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.present import safe

ANY = st.text(st.characters(exclude_categories=()), max_size=60)  # surrogates and unassigned too
NASTY = st.text(
    st.sampled_from("a\x1b\x9b\x07\n\r\t\u202e\u200d\ufe0f\u0301\u0903漢👍🏽\ud800\ue000\u3164\u2028"), max_size=60
)


def drives_or_hides(character: str) -> bool:
    """Written apart from the code under test: by Unicode category and the ranges that terminals act on."""
    code = ord(character)
    return (
        unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
        or 0x202A <= code <= 0x202E
        or 0x2066 <= code <= 0x2069
        or 0x200B <= code <= 0x200F
        or 0xFE00 <= code <= 0xFE0F
        or 0xE0000 <= code <= 0xE0FFF
    )


@given(ANY | NASTY, st.integers(0, 40))
def test_no_dangerous_character_survives_and_the_width_is_as_promised(text: str, limit: int) -> None:
    cleaned = safe.clean(text, limit)
    assert not [character for character in cleaned if drives_or_hides(character)]
    assert safe.width(cleaned) <= limit
    cleaned.encode("utf-8")


@given(ANY | NASTY, st.integers(0, 40), st.booleans())
def test_cleaning_twice_changes_nothing(text: str, limit: int, is_ascii: bool) -> None:
    once = safe.clean(text, limit, is_ascii=is_ascii)
    assert safe.clean(once, limit, is_ascii=is_ascii) == once
    assert safe.is_safe(once)


@given(ANY | NASTY)
def test_is_safe_says_what_clean_would_do(text: str) -> None:
    assert safe.is_safe(text) == (safe.clean(text, 10_000) == text)


@given(ANY | NASTY, st.integers(1, 40))
def test_ascii_output_is_printable_ascii_of_the_same_promise(text: str, limit: int) -> None:
    cleaned = safe.clean(text, limit, is_ascii=True)
    assert cleaned.isascii() and (cleaned.isprintable()) and len(cleaned) <= limit


@given(ANY | NASTY)
def test_nothing_vanishes_unseen(text: str) -> None:
    """Each character leaves a cell, but for marks and selectors, which belong to the one before."""
    cleaned = safe.clean(text, 10_000)
    needed = [c for c in text if safe.width(safe.clean("a" + c)) > 1]
    assert safe.width(cleaned) >= len(needed)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=80))
def test_plain_text_passes_unchanged(text: str) -> None:
    assert safe.clean(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]52;c;AAAA\x07", "␛]52;c;AAAA␇"),
        ("\x9d0;title\x9c", "�0;title�"),
        ("a\x7fb", "a␡b"),
        ("user\u202egnp.exe", "user�gnp.exe"),
        ("one\r\ntwo\u2028three", "one␍␊two␤three"),
        ("zero\u200bwidth\ufeff", "zero�width�"),
        ("\ud800", "�"),
        ("\ue0b0", "�"),
        ("e\u0301tude", "e\u0301tude"),
        ("\u0301start", "�start"),
        ("❤\ufe0f!", "❤!"),
        ("❤\ufe0f\ufe0f!", "❤�!"),
        ("👍🏽", "👍"),
        ("[/x] [ERROR] {}", "[/x] [ERROR] {}"),
        ("漢字", "漢字"),
    ],
)
def test_known_tricks(text: str, shown: str) -> None:
    assert safe.clean(text) == shown


def test_stacked_marks_are_capped() -> None:
    cleaned = safe.clean("Z" + "\u0336" * 100)
    assert max(len(run) for run in cleaned.replace("Z", "�").split("�")) == safe.MARK_RUN


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcde…"),
        ("漢字漢", 5, "漢字…"),
        ("漢字漢", 4, "漢…"),
        ("ab", 1, "…"),
        ("a", 0, ""),
    ],
)
def test_long_text_ends_in_an_ellipsis(text: str, limit: int, shown: str) -> None:
    assert safe.clean(text, limit) == shown


def test_a_huge_text_is_not_read_to_its_end() -> None:
    class Counting(str):
        reads = 0

        def __getitem__(self, index: object) -> str:
            part = super().__getitem__(index)  # type: ignore[index]
            Counting.reads += len(part)
            return part

    assert safe.clean(Counting("\x1b" * 1_000_000), 10) == "␛" * 9 + "…"
    assert Counting.reads < 200


@given(st.text(st.sampled_from("ab\t\n\r\x1b\u2028\x85"), max_size=40), st.integers(1, 5))
def test_lines_are_clean_and_counted(text: str, count: int) -> None:
    lines = safe.clean_lines(text, 20, count)
    assert 1 <= len(lines) <= count
    assert all(safe.is_safe(line) and safe.width(line) <= 20 for line in lines)


def test_lines_keep_their_structure() -> None:
    assert safe.clean_lines("a\r\nb\n\n\tc\u2028d\re") == ["a", "b", "", "    c", "d", "e"]
    assert safe.clean_lines("1\n2\n3\n4", count=3) == ["1", "2", "(2 more lines are not shown)"]


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", " =1", "＝1", "|x", "%x", "\r=1"]
)
def test_formulas_are_defused(text: str) -> None:
    cell = safe.csv_cell(text)
    assert not cell.lstrip(" \u3000").startswith(safe._FORMULA)


@pytest.mark.parametrize("text", ["-5", "+3.25", "412", "plain", "a=b"])
def test_numbers_and_plain_text_stay_as_they_are(text: str) -> None:
    assert safe.csv_cell(text) == text


@given(ANY | NASTY)
def test_a_csv_row_stays_one_row(text: str) -> None:
    out = io.StringIO()
    csv.writer(out).writerow([safe.csv_cell(text), "end"])
    rows = list(csv.reader(io.StringIO(out.getvalue())))
    assert len(rows) == 1 and rows[0][1] == "end"
