"""The server's raw answer as lines: a JSON tree whose containers fold, and whose hits of a search are always open.

Pure. What is not JSON is shown as it came, line by line. All text is server text and is cleaned here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache

from tui.app.detail.context import FOLD, DetailContext, flowed, heading
from tui.app.line import Line, Piece
from tui.present.format import count
from tui.present.safe import clean, clean_lines

RAW_LINES = 2_000  # of the raw answer; a whole answer is for a file, not for a screen
VALUE_CELLS = 20_000  # of one value
_NOT_JSON = object()


def raw_lines(raw: str, context: DetailContext, width: int) -> Iterator[Line]:
    """The section; nothing where there is no answer."""
    if not raw:
        return
    tree = _read(raw)
    is_tree = isinstance(tree, dict | list) and bool(tree)
    yield heading("The server's raw answer", "Enter folds and unfolds" if is_tree else "")
    found = _tree(raw, tree, context) if is_tree else _text(raw, tree)
    for number, (indent, pieces) in enumerate(found):
        if number >= RAW_LINES:
            yield (Piece(f"  (only the first {count(RAW_LINES, 'line')} are shown; fold something)", "warn"),)
            return
        yield from flowed((Piece(" " * min(indent, width // 2)), *pieces), width, indent + 4)


@lru_cache(maxsize=4)  # the answers of the details that are open
def _read(raw: str) -> object:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return _NOT_JSON


def _text(raw: str, tree: object) -> Iterator[tuple[int, Line]]:
    shown = raw if tree is _NOT_JSON else json.dumps(tree, ensure_ascii=False)
    for line in clean_lines(shown):
        yield 2, (Piece(line, "dim"),)


def _tree(raw: str, tree: object, context: DetailContext) -> Iterator[tuple[int, Line]]:
    is_ascii = context.signs.glyphs.is_ascii
    signs = ("-", "+") if is_ascii else ("▾", "▸")
    hits = _ancestors(raw, context.needle) if context.needle else frozenset()
    # (name or None, value, pointer, depth, whether a comma follows) of what is still to be drawn, the next one last
    waiting: list[tuple[str | None, object, str, int, bool] | tuple[int, str]] = [(None, tree, "", 0, False)]
    while waiting:
        item = waiting.pop()
        if len(item) == 2:
            depth, text = item
            yield 2 + 2 * depth, (Piece(f"  {text}", "dim"),)
            continue
        name, value, pointer, depth, has_comma = item
        label = "" if name is None else f"{_quoted(name)}: "
        comma = "," if has_comma else ""
        if not isinstance(value, dict | list) or not value:
            yield 2 + 2 * depth, (Piece(f"  {label}"), Piece(_plain(value) + comma, "accent"))
            continue
        is_open = context.folds.is_open(pointer, depth) or (pointer in hits and pointer not in context.folds.closed)
        left, right, noun = ("{", "}", "field") if isinstance(value, dict) else ("[", "]", "item")
        sign = Piece(f"{signs[0 if is_open else 1]} ", "key", FOLD + pointer)
        if not is_open:
            folded = f"{label}{left}{'..' if is_ascii else '…'}{right}{comma}"
            yield 2 + 2 * depth, (sign, Piece(folded), Piece(f"  {count(len(value), noun)}", "dim"))
            continue
        yield 2 + 2 * depth, (sign, Piece(f"{label}{left}"))
        waiting.append((depth, right + comma))
        last = len(value) - 1
        # No more is taken than can be shown, so that a huge list costs no more than the screen's share of it.
        inner = list(_items(value))[: RAW_LINES + 1]
        for index in range(len(inner) - 1, -1, -1):
            key, one, step = inner[index]
            waiting.append((key, one, f"{pointer}/{step}", depth + 1, index < last))


def _items(value: dict[str, object] | list[object]) -> Iterator[tuple[str | None, object, str]]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield key, one, key.replace("~", "~0").replace("/", "~1")
    else:
        for index, one in enumerate(value):
            yield None, one, str(index)


def _quoted(text: str) -> str:
    return clean(json.dumps(text, ensure_ascii=False), VALUE_CELLS)


def _plain(value: object) -> str:
    return clean(json.dumps(value, ensure_ascii=False), VALUE_CELLS)


@lru_cache(maxsize=8)  # searches in the answers that are open
def _ancestors(raw: str, needle: str) -> frozenset[str]:
    """The containers that have to be open for every hit to be seen."""
    found: set[str] = set()
    waiting: list[tuple[object, str]] = [(_read(raw), "")]
    folded = needle.casefold()
    while waiting:
        value, pointer = waiting.pop()
        for key, one, step in _items(value) if isinstance(value, dict | list) else ():
            place = f"{pointer}/{step}"
            is_container = isinstance(one, dict | list) and bool(one)
            text = ("" if key is None else f"{_quoted(key)}: ") + ("" if is_container else _plain(one))
            if folded in text.casefold():
                above = pointer
                while above not in found:
                    found.add(above)
                    above = above.rpartition("/")[0]
            if is_container:
                waiting.append((one, place))
    return frozenset(found)
