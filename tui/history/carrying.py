"""A history as a file that can be carried: one JSON object a line, the first of them saying what it is.

Owns that form, also packed by gzip. What is read in is checked as a whole before any of it is written. Then it is
written piece by piece, so that monitors can write in between; what a stop in the middle leaves out, the same import
adds later. Keys that this version does not know are passed over, so that the form may grow.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BufferedReader
from typing import Any

from tui.domain.durations import scope_of
from tui.domain.latency import COUNT_LIMIT, LONGEST_S, Tally, by_bucket, read_spread, spread_text
from tui.domain.learning import Told
from tui.domain.snapshot import Transition
from tui.domain.state import State
from tui.history import tallies
from tui.history.reading import LEARNT_AT_ONCE, Seen, everything
from tui.history.rows import TEXT_LIMIT
from tui.history.schema import to_number, to_time

FORM = "history"
VERSION = 2  # 2: also lines of how polls went; 1 had none
LINE_LIMIT = 100_000  # characters; ours are a few hundred
ADDRESS_LIMIT = 4096
ADDED_AT_ONCE = 2_000  # transitions that hold the write lock together: a tenth of a second
GZIP_SIGN = b"\x1f\x8b"
_TRANSITION_START = '{"target": '  # of our own lines, so that none need be read again
_TOLD = ("queued_at", "began_at", "ended_at")
_TIMES = ("after_at", "seen_at", "server_at", "last_seen_at", *_TOLD)
_TEXTS = ("error", "label")  # these and `last_seen_at` came later: an export may lack them, and older readers pass over


class NotAnExport(ValueError):
    """The text is no export of a history; one sentence that names the line."""


def export_lines(db: sqlite3.Connection, at_once: int = LEARNT_AT_ONCE, server: str | None = None) -> Iterator[str]:
    """The line that says what this is, all transitions, or those of one server, oldest first, and how its polls went.

    No line breaks.
    """
    yield json.dumps({"scantop": FORM, "version": VERSION})
    for seen in everything(db, at_once):
        if server is None or seen.scope.server == server:
            yield json.dumps(_object(seen), ensure_ascii=True)
    for (name, bucket_s), tally in tallies.everything(db):
        if server is None or name == server:
            yield json.dumps(_tally_object(name, bucket_s, tally), ensure_ascii=True)


def is_transition(line: str) -> bool:
    """A line of an export is a transition, neither its first line nor how polls went."""
    return line.startswith(_TRANSITION_START)


def import_lines(db: sqlite3.Connection, lines: Iterable[str]) -> int:
    """Add what is not there yet, oldest first; gives how many transitions were new. Raises `NotAnExport`.

    What was checked waits in a table of SQLite's own temporary file, so that memory does not grow with the export.
    """
    polled: dict[tuple[str, int], Tally] = {}
    db.execute("CREATE TEMP TABLE incoming (seen_at INTEGER NOT NULL, item TEXT NOT NULL)")
    try:
        with _transaction(db, "DEFERRED"):
            seen = _without_tallies(_read(lines), polled)
            checked = ((item["seen_at"], json.dumps(item)) for item in seen)
            db.executemany("INSERT INTO temp.incoming VALUES (?, ?)", checked)
            db.execute("CREATE INDEX temp.incoming_by_time ON incoming (seen_at)")
        # No cursor stays open from piece to piece: it would hold on to the file as it was before others wrote.
        sql = "SELECT seen_at, rowid, item FROM temp.incoming WHERE (seen_at, rowid) > (?, ?) ORDER BY 1, 2 LIMIT ?"
        added, last = 0, (-(2**63), 0)
        while piece := db.execute(sql, (*last, ADDED_AT_ONCE)).fetchall():
            last = piece[-1][:2]
            with _transaction(db, "IMMEDIATE"):
                added += sum(_add(db, json.loads(item)) for _, _, item in piece)
        if polled:
            with _transaction(db, "IMMEDIATE"):
                tallies.put(db, polled)
        return added
    finally:
        db.execute("DROP TABLE temp.incoming")


def _without_tallies(items: Iterable[dict[str, Any]], polled: dict[tuple[str, int], Tally]) -> Iterator[dict[str, Any]]:
    """The transitions; how polls went is put aside into `polled`."""
    for item in items:
        if "tally" in item:
            polled[item["server"], item["bucket_s"]] = item["tally"]
        else:
            yield item


@contextmanager
def _transaction(db: sqlite3.Connection, kind: str) -> Iterator[None]:
    """All that is done inside, or nothing of it."""
    db.execute(f"BEGIN {kind}")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


def read_lines(stream: BufferedReader) -> Iterator[str]:
    """The lines of an export, plain or packed. Raises `NotAnExport`; a line beyond any limit is cut."""
    packed = gzip.GzipFile(fileobj=stream) if stream.peek(len(GZIP_SIGN))[:2] == GZIP_SIGN else None
    source = packed or stream
    number = 1
    while True:
        try:
            line = source.readline(4 * LINE_LIMIT)  # bytes: of characters beyond ASCII there may be fewer
        except (gzip.BadGzipFile, zlib.error, EOFError):
            raise NotAnExport(f"line {number} cannot be unpacked: the gzip file is damaged or cut off") from None
        if not line:
            return
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError:
            if len(line) < 4 * LINE_LIMIT:
                raise NotAnExport(f"line {number} is not UTF-8 text") from None
            yield line.decode("utf-8", "replace")
        number += 1


def read_seen(lines: Iterable[str]) -> Iterator[Seen]:
    """What an export holds, checked line by line, in the file's order. Raises `NotAnExport`."""
    for number, item in enumerate(_without_tallies(_read(lines), {}), 1):
        address = item["address"]
        before = item["before"]
        at = {name: None if item[name] is None else to_time(item[name]) for name in _TIMES}
        told = Told(*(at[name] for name in _TOLD))
        yield Seen(
            number,
            scope_of(address, item["type"], item["project"]),
            Transition(
                address,
                item["part"],
                None if before is None else State(before),
                State(item["after"]),
                item["status"],
                at["after_at"],
                to_time(item["seen_at"]),
                at["server_at"],
            ),
            told if any(told) else None,
            item["name"],
            item["project"],
            item["error"],
            item["label"],
            at["last_seen_at"],
        )


def _object(seen: Seen) -> dict[str, Any]:
    one = seen.transition
    told = zip(_TOLD, seen.told or (), strict=False)
    return {
        "target": one.key,
        "name": seen.name,
        "type": seen.scope.type,
        "project": seen.project,
        "part": one.part,
        "before": one.before.value if one.before is not None else None,
        "after": one.after.value,
        "status": one.status,
        "after_at": _text(one.after_at),
        "seen_at": _text(one.seen_at),
        "server_at": _text(one.server_at),
        **{name: _text(at) for name, at in told if at is not None},
        "last_seen_at": _text(seen.last_seen_at),
        **{name: text for name, text in zip(_TEXTS, (seen.error, seen.label), strict=True) if text},
    }


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _read(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    is_first = True
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_LIMIT:
            raise NotAnExport(f"line {number} is longer than any of an export")
        if not line.strip() and not is_first:
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if is_first:
            _check_head(value)
            is_first = False
        else:
            yield _item(value, number)
    if is_first:
        raise NotAnExport("line 1 is missing: an export begins by saying that it is one")


def _check_head(value: object) -> None:
    if not isinstance(value, Mapping) or value.get("scantop") != FORM:
        raise NotAnExport("line 1 does not say that this is an export of `scantop history export`")
    version = value.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise NotAnExport("line 1 does not say of which version the export is")
    if version > VERSION:
        raise NotAnExport(f"line 1: the export is of a newer scantop (version {version}; this one reads {VERSION})")


def _item(value: object, number: int) -> dict[str, Any]:
    """One transition, checked, with times as they are stored."""
    if not isinstance(value, Mapping):
        raise NotAnExport(f"line {number} is no JSON object")
    if "polls" in value:
        return _tally_item(value, number)
    address = value.get("target")
    server, _, path = address.partition(":") if isinstance(address, str) else ("", "", "")
    kind = path.partition("/")[0]
    if not isinstance(address, str) or not server or not kind or "/" not in path or len(address) > ADDRESS_LIMIT:
        raise NotAnExport(f"line {number} names no target by its address")
    item: dict[str, Any] = {"address": address, "server": server, "kind": kind}
    for name in ("name", "type", "project", "part", "status", *_TEXTS):
        text = value.get(name)
        if text is not None and not isinstance(text, str):
            raise NotAnExport(f"line {number}: {name} must be a text")
        clean = (text or "")[:TEXT_LIMIT].encode("utf-8", "replace").decode("utf-8")
        item[name] = None if name == "status" and text is None else clean
    for name in ("before", "after"):
        word = value.get(name)
        if word is None and name == "before":
            item[name] = None
        elif isinstance(word, str) and word in set(State):
            item[name] = word
        else:
            known = ", ".join(state.value for state in State)
            raise NotAnExport(f"line {number}: {name} is no state (they are {known})")
    for name in _TIMES:
        item[name] = _number(value.get(name), name, number)
    if item["seen_at"] is None:
        raise NotAnExport(f"line {number}: seen_at is missing")
    return item


def _tally_object(server: str, bucket_s: int, tally: Tally) -> dict[str, Any]:
    return {
        "server": server,
        "from": _text(datetime.fromtimestamp(bucket_s, UTC)),
        "polls": tally.polls,
        "failed": tally.failed,
        "sum_s": round(tally.sum_s, 6),
        "longest_s": round(tally.longest_s, 6),
        "spread": spread_text(tally.spread),
    }


def _tally_item(value: Mapping[str, Any], number: int) -> dict[str, Any]:
    """How polls of a server went in one span, checked."""
    server, spread = value.get("server"), value.get("spread")
    if not isinstance(server, str) or not server or len(server) > ADDRESS_LIMIT or not isinstance(spread, str):
        raise NotAnExport(f"line {number} says how polls went, but not of which server or how long they took")
    counts = [value.get(name) for name in ("polls", "failed", "sum_s", "longest_s")]
    limits = (COUNT_LIMIT, COUNT_LIMIT, COUNT_LIMIT * LONGEST_S, LONGEST_S)
    if any(
        isinstance(one, bool) or not isinstance(one, int | float) or not 0 <= one <= limit
        for one, limit in zip(counts, limits, strict=True)
    ):
        raise NotAnExport(f"line {number}: polls, failed, sum_s and longest_s must be numbers from 0 on")
    from_at = _number(value.get("from"), "from", number)
    if from_at is None:
        raise NotAnExport(f"line {number}: from is missing")
    polls, failed, sum_s, longest_s = counts
    clean = server.encode("utf-8", "replace").decode("utf-8")
    tally = Tally(int(polls or 0), int(failed or 0), float(sum_s or 0), float(longest_s or 0), read_spread(spread))
    return {"server": clean, "bucket_s": by_bucket(from_at / 1_000_000), "tally": tally}


def _number(value: object, name: str, number: int) -> int | None:
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
        if at is not None and at.tzinfo is not None:
            return to_number(at)
    except (ValueError, OverflowError):
        pass
    raise NotAnExport(f"line {number}: {name} is no time with a zone, such as 2026-11-22T07:00:00Z")


def _add(db: sqlite3.Connection, item: Mapping[str, Any]) -> int:
    """Add one transition unless it is there; 1 if it was new."""
    (target_id,) = db.execute(
        "INSERT INTO target (address, server, kind, name, type, project, first_seen_at, last_seen_at,"
        " error, label, queued_at, began_at, ended_at) VALUES (:address, :server, :kind, :name, :type, :project,"
        " :seen_at, max(:seen_at, coalesce(:last_seen_at, 0)), :error, :label, :queued_at, :began_at, :ended_at)"
        " ON CONFLICT (address) DO UPDATE SET"
        " error = coalesce(nullif(error, ''), excluded.error), label = coalesce(nullif(label, ''), excluded.label),"
        " first_seen_at = min(first_seen_at, excluded.first_seen_at),"
        " last_seen_at = max(last_seen_at, excluded.last_seen_at),"
        " queued_at = coalesce(queued_at, excluded.queued_at), began_at = coalesce(began_at, excluded.began_at),"
        " ended_at = coalesce(ended_at, excluded.ended_at) RETURNING id",
        item,
    ).fetchone()
    row = {**item, "target_id": target_id}
    known = db.execute(
        "SELECT 1 FROM transition WHERE target_id = :target_id AND part = :part AND after = :after"
        " AND seen_at = :seen_at",
        row,
    ).fetchone()
    if known is not None:
        return 0
    db.execute(
        "INSERT INTO transition (target_id, part, before, after, status, after_at, seen_at, server_at)"
        " VALUES (:target_id, :part, :before, :after, :status, :after_at, :seen_at, :server_at)",
        row,
    )
    row["since_at"] = item["server_at"] if item["server_at"] is not None else item["seen_at"]
    db.execute(
        "INSERT INTO mark (target_id, part, state, status, since_at, seen_at)"
        " VALUES (:target_id, :part, :after, :status, :since_at, :seen_at)"
        " ON CONFLICT (target_id, part) DO UPDATE SET state = excluded.state, status = excluded.status,"
        " since_at = excluded.since_at, seen_at = excluded.seen_at WHERE seen_at < excluded.seen_at",
        row,
    )
    return 1
