"""What a body says: JSON whatever its content type, the reason in an error of any of the servers' shapes, HTML pages.

Owns limits on decoded size and nesting. Knows no request and no server kind.
"""

from __future__ import annotations

import html
import json
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NoReturn

from tui.servers.errors import plain

JSON_DEPTH = 64  # levels; the deepest honest answer has seven
_TITLE = re.compile(r"<(title|h1|h2)\b[^>]{0,500}>(.{0,2000}?)</\1", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]{0,500}>")
_LOGIN = re.compile(
    r"type\s*=\s*[\"']?password|(?:log|sign)[ -]?(?:in|on)\b|\bsso\b|single sign|saml(?:request)?\b", re.IGNORECASE
)
_HTML_SCAN = 64 * 1024  # characters of a page that are looked at for its title and its purpose


class UnreadableBody(ValueError):
    """A body that is not what it should be; the message goes after "its answer ": "is empty", "is not JSON"."""


class TooLargeBody(ValueError):
    """More decoded bytes than the limit."""


class Inflater:
    """Decodes a gzip or zlib stream piece by piece and never makes more than `limit` bytes (a bomb stops early)."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._inflate = zlib.decompressobj(wbits=47)  # 32 + 15: gzip or zlib, told by its header

    def feed(self, piece: bytes) -> bytes:
        """The decoded bytes of the next piece. Raises `TooLargeBody` or `UnreadableBody`."""
        made = b""
        while piece:
            if self._inflate.eof:  # a gzip stream may have several members
                self._inflate = zlib.decompressobj(wbits=47)
            try:
                made += self._inflate.decompress(piece, self._limit - self._size - len(made) + 1)
            except zlib.error:
                raise UnreadableBody("is not the gzip stream that it says it is") from None
            if self._size + len(made) > self._limit:
                raise TooLargeBody
            piece = self._inflate.unconsumed_tail or self._inflate.unused_data
        self._size += len(made)
        return made

    def end(self) -> None:
        """Say whether the stream came to its end. Raises `UnreadableBody`."""
        if not self._inflate.eof:
            raise UnreadableBody("is a gzip stream that breaks off")


def decode_text(body: bytes) -> str:
    """A body as text: UTF-8 (or UTF-16/32, which JSON allows), undecodable bytes replaced, no byte order mark."""
    encoding = json.detect_encoding(body[:4]) if body else "utf-8"
    return body.decode(encoding, "replace").removeprefix("\ufeff")


def scrub(text: str) -> str:
    """`text` without lone surrogates, which JSON escapes can make and no encoder takes."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if has_surrogate(text) else text


def has_surrogate(text: str) -> bool:
    """Whether the text holds a lone surrogate."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def read_json(text: str) -> object:
    """The JSON value of a body. Raises `UnreadableBody` for empty, broken, half, too deep or no JSON."""
    if not text.strip():
        raise UnreadableBody("is empty")
    try:
        value: object = json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise UnreadableBody(f"is nested deeper than {JSON_DEPTH} levels") from None
    except ValueError:
        start = text.lstrip()[:1]
        words = "is HTML" if start == "<" else "is broken JSON" if start in {"{", "["} else "is not JSON"
        raise UnreadableBody(words) from None
    if _is_too_deep(value):
        raise UnreadableBody(f"is nested deeper than {JSON_DEPTH} levels")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _is_too_deep(value: object) -> bool:
    level: list[object] = [value]
    for _ in range(JSON_DEPTH + 1):
        inner: list[object] = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(v for v in item.values() if isinstance(v, dict | list))
            elif isinstance(item, list):
                inner.extend(v for v in item if isinstance(v, dict | list))
        if not inner:
            return False
        level = inner
    return True


def dump(value: object) -> str:
    """One JSON value as text for the raw view, e.g. one row of a list."""
    return scrub(json.dumps(value, ensure_ascii=False))


def is_html(text: str) -> bool:
    """Whether a body is a page for people rather than an answer."""
    return text.lstrip()[:1] == "<"


def html_title(text: str) -> str:
    """The title, else the first heading, of a page; "" where it has none."""
    for found in _TITLE.finditer(text[:_HTML_SCAN]):
        title = plain(html.unescape(_TAG.sub(" ", found.group(2))))
        if title:
            return title
    return ""


def is_login_page(text: str) -> bool:
    """Whether a page is one where a person would sign in (a proxy's, or the server's own)."""
    return is_html(text) and _LOGIN.search(text[:_HTML_SCAN]) is not None


def reason_in(text: str, value: object) -> str:
    """The server's own reason in an error body, one clean line; "" where there is none.

    Shapes, as servers send and the vendors' scripts read them: ``errors[].message``; any key that is ``error``,
    ``message`` or ``info`` once blanks and colons are trimmed; a JSON string; an HTML title; short plain text.
    """
    if value is not None:
        return plain(_reason_in_json(value))
    if is_html(text):
        return html_title(text)
    return plain(text) if len(text) < 2000 else ""


def _reason_in_json(value: object) -> str:
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping):
        return ""
    errors = value.get("errors")
    if isinstance(errors, Sequence) and not isinstance(errors, str):
        texts = [text for text in (_entry_text(entry) for entry in errors) if text]
        if texts:
            return "; ".join(dict.fromkeys(texts))
    trimmed = {str(key).strip(" :").lower(): item for key, item in value.items()}
    for name in ("error", "message", "info", "reason", "detail", "error_description"):
        text = _entry_text(trimmed.get(name))
        if text:
            return text
    return ""


def _entry_text(entry: object) -> str:
    if isinstance(entry, str):
        return entry.strip()
    if isinstance(entry, Mapping):
        return _first_text(entry.get(name) for name in ("message", "error", "detail", "reason"))
    return ""


def _first_text(values: Iterable[object]) -> str:
    for value in values:
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""
