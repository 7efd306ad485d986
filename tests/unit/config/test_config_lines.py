"""The scanner finds the line of every key that `tomllib` finds, in every way that TOML can write one."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from tui.config.lines import KeyPath, key_lines


def _paths(value: object, path: KeyPath = ()) -> list[KeyPath]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += _paths(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found += _paths(inner, (*path, index))
    return found


def test_lines_of_every_form() -> None:
    text = '''# a comment = [not a key]
top = 1

[servers.prod]  # [x]
kind = "xray"
"quoted key" = """
a = 1
[not.a.table]
"""
token = { env = "A", deep.er = [1, { x = 2 }] }
list = [
  "a", # ]
  'b]',
]
after = 2024-01-01 10:00:00

[[watch]]
build = "x"
[watch.inner]
y = 1

[[watch]]
build = 'it''s'
'''.replace("it''s", "its")
    lines = key_lines(text)
    assert {".".join(map(str, path)): line for path, line in lines.items()} == {
        "top": 2,
        "servers": 4,
        "servers.prod": 4,
        "servers.prod.kind": 5,
        "servers.prod.quoted key": 6,
        "servers.prod.token": 10,
        "servers.prod.token.env": 10,
        "servers.prod.token.deep": 10,
        "servers.prod.token.deep.er": 10,
        "servers.prod.token.deep.er.0": 10,
        "servers.prod.token.deep.er.1": 10,
        "servers.prod.token.deep.er.1.x": 10,
        "servers.prod.list": 11,
        "servers.prod.list.0": 12,
        "servers.prod.list.1": 13,
        "servers.prod.after": 15,
        "watch": 17,
        "watch.0": 17,
        "watch.0.build": 18,
        "watch.0.inner": 19,
        "watch.0.inner.y": 20,
        "watch.1": 22,
        "watch.1.build": 23,
    }


_KEYS = st.one_of(st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True), st.text("a.\"'[]{}=#é \t", max_size=4))
_TEXTS = st.text("ab\"'\\[]{}=#,\n\t é", max_size=12)
_VALUES = st.recursive(
    st.one_of(st.integers(-5, 5), st.booleans(), _TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=3)),
    max_leaves=8,
)


def _basic(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def _write(value: object, many_lines: bool) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            if many_lines:
                return '"""\n' + value.replace("\\", "\\\\").replace('"""', '""\\"').replace('"', '\\"') + '"""'
            return _basic(value)
        case list():
            gap = "\n # ] , = comment\n" if many_lines else " "
            return "[" + "".join(f"{gap}{_write(item, many_lines)}," for item in value) + gap + "]"
        case dict():
            return "{ " + ", ".join(f"{_basic(key)} = {_write(item, False)}" for key, item in value.items()) + " }"
    raise AssertionError(value)


@given(st.dictionaries(_KEYS, _VALUES, max_size=5), st.booleans())
def test_every_key_has_its_line(document: dict[str, object], many_lines: bool) -> None:
    text = "# first\n" + "".join(
        f"{_basic(key)} = {_write(value, many_lines)} # = x\n" for key, value in document.items()
    )
    parsed = tomllib.loads(text)
    assert parsed == document
    lines = key_lines(text)
    assert set(lines) == set(_paths(parsed))
    written = text.splitlines()
    for key in document:
        assert written[lines[(key,)] - 1].startswith(_basic(key))
