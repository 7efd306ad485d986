"""The one gate between a server's text and anything that a person or a program reads from us.

Owns which characters may pass: everything that could drive a terminal, reorder or hide text becomes a visible stand-in
one cell wide, line breaks too, and lengths are capped. Knows no screen: callers decide where the text goes.
Standard library only, so that every output (screen, title, notification, CSV, log) can afford it.
"""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from functools import lru_cache

TEXT_CELLS = 2_000  # cells of one text; wider than any terminal, short enough to redraw
LINE_COUNT = 20_000  # lines of a raw view; an answer at its size limit, one field a line, is about that long
CSV_CHARACTERS = 32_000  # a spreadsheet's cell holds 32,767 characters
MARK_RUN = 4  # combining marks on one character; living scripts use up to three, "zalgo" text dozens
TAB = "    "  # in views that keep lines, a tab is indentation

ELLIPSIS = "…"
ASCII_ELLIPSIS = "~"
STAND_IN = "\N{REPLACEMENT CHARACTER}"
ASCII_STAND_IN = "?"
LINE_STAND_IN = "\N{SYMBOL FOR NEWLINE}"
_PICTURES = 0x2400  # U+2400 SYMBOL FOR NULL and on: one picture a C0 control
_DELETE_PICTURE = "\N{SYMBOL FOR DELETE}"

_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKS = frozenset({"Mn", "Me", "Mc"})
# Assigned, of a harmless category, and yet nothing is seen: Hangul fillers, the blank braille cell, grapheme joiner,
# Khmer inherent vowels (Unicode's Default_Ignorable_Code_Point beyond the refused categories).
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# Zero cells or joined to the character before: conjoining Hangul vowels and tails.
_JOINING = (("\u1161", "\u11ff"), ("\ud7b0", "\ud7ff"))
# Variation selectors and skin tones: they change the sign before them, and terminals disagree on the width of that.
_SELECTORS = (
    ("\ufe00", "\ufe0f"),
    ("\U000e0100", "\U000e01ef"),
    ("\u180b", "\u180d"),
    ("\u180f", "\u180f"),
    ("\U0001f3fb", "\U0001f3ff"),
)
# Wide since Unicode 16, which is younger than the tables of Python 3.11.
_LATE_WIDE = (("\u2630", "\u2637"), ("\u268a", "\u268f"), ("\u4dc0", "\u4dff"), ("\U0001d300", "\U0001d376"))
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
# A spreadsheet reads these as the start of a formula, the full-width forms too.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "|", "%")
_NUMBER = re.compile(r"[+-]?\d{1,15}([.,]\d{1,15})?")


class _Sort(IntEnum):
    """What a character does to a line of cells; the value of the first three is its width."""

    MARK = 0
    NARROW = 1
    WIDE = 2
    SELECTOR = 3
    REFUSED = 4


def clean(text: str, limit: int = TEXT_CELLS, *, is_ascii: bool = False) -> str:
    """One line of text that is safe on any output, at most `limit` cells wide (an ellipsis says that it was cut).

    Cleaning twice changes nothing. `is_ascii` is for terminals that can show nothing else: then all else is ``?``.
    """
    if limit <= 0:
        return ""
    if text.isascii() and text.isprintable():
        if len(text) <= limit:
            return text
        return text[: limit - 1] + (ASCII_ELLIPSIS if is_ascii else ELLIPSIS)
    # No cell holds more than a character, its marks and a selector, so what lies beyond is over the limit anyway.
    reach = limit * (MARK_RUN + 2) + 1
    cleaned = _replace(text[:reach], is_ascii)
    if width(cleaned) <= limit:
        return cleaned
    return _cut(cleaned, limit - 1) + (ASCII_ELLIPSIS if is_ascii else ELLIPSIS)


def clean_lines(text: str, limit: int = TEXT_CELLS, count: int = LINE_COUNT, *, is_ascii: bool = False) -> list[str]:
    """The lines of a raw view, each clean and at most `limit` cells wide; tabs are blanks.

    At most `count` lines: the last then says how many are not shown.
    """
    lines = _LINE_BREAK.split(text)
    if len(lines) > count:
        rest = len(lines) - count + 1
        lines = [*lines[: count - 1], f"({rest} more lines are not shown)"]
    return [clean(line.replace("\t", TAB), limit, is_ascii=is_ascii) for line in lines]


def csv_cell(text: str) -> str:
    """The value of a CSV cell: clean, and no spreadsheet takes it for a formula (a number stays a number).

    Quoting is the CSV writer's work.
    """
    cleaned = clean(text, CSV_CHARACTERS)
    if cleaned.lstrip().startswith(_FORMULA) and not _NUMBER.fullmatch(cleaned):
        return "'" + cleaned
    return cleaned


def is_safe(text: str) -> bool:
    """Nothing in the text would be replaced by `clean`, whatever its length."""
    return (text.isascii() and text.isprintable()) or _replace(text, False) == text


def width(text: str) -> int:
    """Cells that a clean text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, text))


def _cells(character: str) -> int:
    sort = _sort_of(character)
    return int(sort) if sort <= _Sort.WIDE else 1


def _cut(text: str, limit: int) -> str:
    """The longest start of a clean text that takes at most `limit` cells."""
    used = 0
    for index, character in enumerate(text):
        used += _cells(character)
        if used > limit:
            return text[:index]
    return text


def _replace(text: str, is_ascii: bool) -> str:
    found: list[str] = []
    marks = 0  # combining marks since the last character that takes a cell
    has_selector = True  # there is no character yet that a selector could belong to
    for character in text:
        sort = _sort_of(character)
        if sort is _Sort.MARK and found and marks < MARK_RUN:
            marks += 1
            if not is_ascii:
                found.append(character)
        elif sort is _Sort.SELECTOR and not has_selector:
            has_selector = True  # one is ordinary (emoji) and is dropped; more of them hide something
        else:
            is_refused = sort not in (_Sort.NARROW, _Sort.WIDE) or (is_ascii and not character.isascii())
            found.append(_stand_in(character, is_ascii) if is_refused else character)
            marks, has_selector = 0, sort in (_Sort.MARK, _Sort.SELECTOR)
    return "".join(found)


@lru_cache(maxsize=8_192)  # characters; a screen shows a few hundred different ones
def _sort_of(character: str) -> _Sort:
    if character in _INVISIBLE:
        return _Sort.REFUSED
    if _is_in(character, _SELECTORS):
        return _Sort.SELECTOR
    category = unicodedata.category(character)
    if category in _REFUSED:
        return _Sort.REFUSED
    if category in _MARKS or _is_in(character, _JOINING):
        return _Sort.MARK
    if unicodedata.east_asian_width(character) in "WF" or _is_in(character, _LATE_WIDE):
        return _Sort.WIDE
    return _Sort.NARROW


def _is_in(character: str, ranges: tuple[tuple[str, str], ...]) -> bool:
    return any(first <= character <= last for first, last in ranges)


def _stand_in(character: str, is_ascii: bool) -> str:
    if is_ascii:
        return ASCII_STAND_IN
    code = ord(character)
    if code < 0x20:
        return chr(_PICTURES + code)
    if code == 0x7F:
        return _DELETE_PICTURE
    if character in "\x85\u2028\u2029":
        return LINE_STAND_IN
    return STAND_IN
