"""What Code Insight sends, as pydantic models and a reader of its list bodies.

Sources: the vendor's jobs reference (`JobModel`, 2023 R2 and newer), and for the wrappers what its own public scripts
read: lists as ``{"data": […]}``, scalars of old resources under the key ``"Content: "``, page totals in headers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, Field

from tui.servers.body import UnreadableBody, read_json
from tui.servers.wire import BadWire, Loose, Moment, Whole, Wire, Word

_WRAPPERS = ("data", "content", "jobs")  # keys, compared without blanks and colons, in lower case
_SERVER_NAMES = ("name", "alias", "serverName", "scanServerAlias", "hostName", "host")
_USER_NAMES = ("user", "login", "name")


def _named(value: object) -> object:
    """``{"id", "name"}``; a bare text is the name, a bare number the id, anything else nothing."""
    if isinstance(value, str):
        return {"name": value}
    if isinstance(value, int) and not isinstance(value, bool):
        return {"id": value}
    return value if isinstance(value, Mapping) else None


def _server_name(value: object) -> object:
    """The server's name wherever it stands: the reference does not show the inner names."""
    return _first(value, (*_SERVER_NAMES, "id"))


def _user_name(value: object) -> object:
    return _first(value, (*_USER_NAMES, "id"))


def _first(value: object, names: tuple[str, ...]) -> object:
    if not isinstance(value, Mapping):
        return value
    for name in names:
        inner = value.get(name)
        if isinstance(inner, str | int) and not isinstance(inner, bool) and inner != "":
            return inner
    return None


class ProjectWire(Wire):
    """The project of a job."""

    id: Whole = None
    name: Loose = None


class JobWire(Wire):
    """One job. Every field but the id may be absent, null, "", "N/A" or "null"."""

    id: Whole = None
    type: Loose = Field(default=None, alias="jobType")
    project: Annotated[ProjectWire | None, BeforeValidator(_named)] = None
    server: Annotated[Loose, BeforeValidator(_server_name)] = None
    status: Word = None
    user: Annotated[Loose, BeforeValidator(_user_name)] = Field(default=None, alias="triggeredBy")
    queued: Moment = Field(default=None, alias="queuedOn")
    activated: Moment = Field(default=None, alias="activatedOn")
    completed: Moment = Field(default=None, alias="completedOn")
    details: Loose = Field(default=None, alias="jobDetails")
    error: Loose = None


def rows_of(body: object) -> list[object]:
    """The rows of a list body in any of its wrappers. Raises `BadWire` for a body that is no list."""
    for _ in range(4):
        if isinstance(body, list):
            return body
        if isinstance(body, str):
            body = _unpack(body)
            continue
        inner = _unwrap(body)
        if inner is None:
            break
        body = inner[0]
    raise BadWire("is no list of jobs")


def job_of(body: object) -> object:
    """One job's object: bare, or in a wrapper."""
    for _ in range(3):
        if isinstance(body, str):
            body = _unpack(body)
        if not isinstance(body, Mapping) or "id" in body or "status" in body:
            return body
        inner = _unwrap(body)
        if inner is None:
            return body
        body = inner[0]
        if isinstance(body, list) and len(body) == 1:
            body = body[0]
    return body


def _unpack(text: str) -> object:
    try:
        return read_json(text)
    except UnreadableBody:
        raise BadWire("holds a text where its list should be") from None


def _unwrap(body: object) -> tuple[object] | None:
    if not isinstance(body, Mapping):
        return None
    trimmed = {str(key).strip(" :").lower(): inner for key, inner in body.items()}
    for name in _WRAPPERS:
        if name in trimmed:
            # An empty wrapper is an empty list: this API writes null for nothing here and there.
            return ([] if trimmed[name] is None else trimmed[name],)
    return None


@dataclass(frozen=True, slots=True)
class Totals:
    """What the headers (or the text of a page past the end) tell of a list; None where they do not."""

    page: int | None = None
    pages: int | None = None
    records: int | None = None


_PAST_END = re.compile(r"out of bounds", re.IGNORECASE)
_RECORDS = re.compile(r"total\s+records\s*:?\s*(\d{1,12})", re.IGNORECASE | re.ASCII)
_PAGES = re.compile(r"number\s+of\s+pages\s*:?\s*(\d{1,12})", re.IGNORECASE | re.ASCII)


def totals_in(headers: Mapping[str, str]) -> Totals:
    """``Current-page``, ``Number-of-pages``, ``Total-records``; the mapping compares names without case."""
    return Totals(
        _count(headers.get("current-page")),
        _count(headers.get("number-of-pages")),
        _count(headers.get("total-records")),
    )


def past_end(text: str) -> Totals | None:
    """The totals in the text of a page past the end, which this API sends as HTTP 400; None for any other text."""
    if not _PAST_END.search(text):
        return None
    pages, records = _PAGES.search(text), _RECORDS.search(text)
    return Totals(None, int(pages.group(1)) if pages else None, int(records.group(1)) if records else None)


def _count(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 13 else None
