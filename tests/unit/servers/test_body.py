"""What a body says: JSON, reasons in errors, pages, packed streams."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.servers.body import (
    JSON_DEPTH,
    Inflater,
    TooLargeBody,
    UnreadableBody,
    decode_text,
    html_title,
    is_login_page,
    read_json,
    reason_in,
    scrub,
)

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"error": "Found invalid token"}', "Found invalid token"),
        ('{"errors":[{"status":401,"message":"Bad credentials"}]}', "Bad credentials"),
        ('{"errors":[{"message":"a"},{"message":"b"},{"message":"a"}]}', "a; b"),
        ('{"errors":["plain"]}', "plain"),
        ('{"info":"Build x is not selected for indexing"}', "Build x is not selected for indexing"),
        (
            '{"Arguments: ": ["",""], "Key: ": " InvalidProjectNameParm", "Error: ": "The project name was not found"}',
            "The project name was not found",
        ),
        (
            '{"message":"API Key not found in database.","success":false,"responseCode":-1,"object":null}',
            "API Key not found in database.",
        ),
        ('"report deleted successfully"', "report deleted successfully"),
        ("<html><head><title>HTTP Status 401 – Unauthorized</title></head></html>", "HTTP Status 401 – Unauthorized"),
        ("<html><body><h1>Bad &amp; <b>ugly</b></h1></body></html>", "Bad & ugly"),
        ("upstream connect error", "upstream connect error"),
        ('{"error": {"message": "inner"}}', "inner"),
        ('{"error": null, "message": "", "x": 1}', ""),
        ('{"errors": []}', ""),
        ("[1, 2]", ""),
        ("", ""),
    ],
)
def test_the_reason_is_found_in_every_shape(body: str, reason: str) -> None:
    try:
        value = read_json(body)
    except UnreadableBody:
        value = None
    assert reason_in(body, value) == reason


def test_a_reason_is_one_clean_line_of_bounded_length() -> None:
    said = reason_in("", {"error": "a\x1b]0;x\x07\nb\u202e\u200bc" + "d" * 5000})
    assert said.isprintable()
    assert len(said) <= 300
    assert said.startswith("a ]0;x b c")


@given(ANY_JSON)
def test_any_json_has_a_reason_or_none(value: object) -> None:
    assert reason_in("", value).isprintable()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("<html>", "is HTML"),
        ('{"a": ', "is broken JSON"),
        ('{"a": NaN}', "is broken JSON"),
        ("pong", "is not JSON"),
        ("[" * 100_000 + "]" * 100_000, "is nested deeper"),
        ('{"a":' * (JSON_DEPTH + 2) + "1" + "}" * (JSON_DEPTH + 2), "is nested deeper"),
        ("1" * 10_000, "is not JSON"),
    ],
)
def test_what_is_no_json_is_named(text: str, words: str) -> None:
    with pytest.raises(UnreadableBody, match=words):
        read_json(text)


def test_the_depth_limit_is_exact() -> None:
    assert read_json("[" * JSON_DEPTH + "]" * JSON_DEPTH)
    with pytest.raises(UnreadableBody):
        read_json("[" * (JSON_DEPTH + 2) + "]" * (JSON_DEPTH + 2))


@given(ANY_JSON)
def test_json_is_read_whatever_its_encoding(value: object) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32"):
        assert read_json(decode_text(json.dumps(value, ensure_ascii=False).encode(encoding, "replace"))) is not ...


def test_login_pages_are_told_from_other_pages() -> None:
    assert is_login_page('<html><title>Sign in</title><input type="password"></html>')
    assert is_login_page("<!DOCTYPE html><form action='/login'><input type=password></form>")
    assert not is_login_page("<html><title>System error</title></html>")
    assert not is_login_page('{"message": "please log in"}')


def test_titles_end_where_they_should() -> None:
    assert html_title("<title></title><h1> A\n B </h1>") == "A B"
    assert html_title("<title>" + "x" * 10_000) == ""
    assert html_title("no page") == ""


@given(st.binary(max_size=5000), st.integers(1, 400), st.sampled_from(["gzip", "zlib", "two"]))
def test_packed_streams_come_back_whatever_the_pieces(content: bytes, step: int, form: str) -> None:
    half = len(content) // 2
    packed = {
        "gzip": gzip.compress(content),
        "zlib": zlib.compress(content),
        "two": gzip.compress(content[:half]) + gzip.compress(content[half:]),
    }[form]
    inflater = Inflater(10_000)
    made = b"".join(inflater.feed(packed[start : start + step]) for start in range(0, len(packed), step))
    inflater.end()
    assert made == content


def test_a_bomb_stops_at_the_limit() -> None:
    inflater = Inflater(1000)
    bomb = gzip.compress(b"0" * 1000)
    assert len(inflater.feed(bomb)) == 1000
    with pytest.raises(TooLargeBody):
        Inflater(999).feed(bomb)
    with pytest.raises(TooLargeBody):
        Inflater(1000).feed(gzip.compress(b"0" * 50_000_000))


def test_a_packed_stream_that_breaks_off_or_is_none_is_named() -> None:
    inflater = Inflater(1000)
    inflater.feed(gzip.compress(b"hello")[:-3])
    with pytest.raises(UnreadableBody, match="breaks off"):
        inflater.end()
    with pytest.raises(UnreadableBody, match="gzip"):
        Inflater(1000).feed(b'{"not": "packed"}')


def test_lone_surrogates_are_replaced() -> None:
    scrubbed = scrub(json.loads('"a\\ud800b\\udc00\\ud83d\\ude00"'))
    assert scrubbed.encode("utf-8")
    assert scrubbed.startswith("a") and scrubbed.endswith("😀")
