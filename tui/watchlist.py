"""The host's watch list: a file in the state folder that CI steps feed and a running monitor follows.

Owns the file: its form, its lock, how it is replaced. A file that is not a watch list (damaged, of a newer scantop, of
somebody else) is set aside under another name before anything is written, never overwritten. Addresses are text here;
which servers there are is the callers' business.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from tui.domain.deadline import Deadline
from tui.locations import PRIVATE_FILE, make_private_folder

FILE_NAME = "watchlist.json"
FORM = "scantop watch list"
VERSION = 1
FILE_BYTES = 16 * 1024 * 1024  # 50,000 entries are about 10 MB; more is not a list that somebody watches
TEXT_CHARACTERS = 8192  # of an address, a label or a name
_MOST_S = 1e9  # thirty years; longer is no deadline
_LATER_KEYS = ("within_s", "due_at")  # left out where they say nothing: lists of earlier versions have none
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry: what is watched, under which label, who added it and when, and when it leaves by itself.

    It is due `within_s` seconds after its run began, or at `due_at`; one of them at most.
    """

    address: str
    label: str = ""
    by: str = ""
    added_at: datetime | None = None
    expires_at: datetime | None = None
    within_s: float | None = None
    due_at: datetime | None = None

    def is_expired(self, now: datetime) -> bool:
        """Its time is over."""
        return self.expires_at is not None and self.expires_at <= now

    @property
    def deadline(self) -> Deadline | None:
        """When it is due, None for no deadline."""
        if self.within_s is None and self.due_at is None:
            return None
        return Deadline(within_s=self.within_s, at=self.due_at)

    def due_like(self, deadline: Deadline | None) -> Listed:
        """This entry with that deadline (of a time of day the list keeps the moment)."""
        if deadline is None:
            return self
        return replace(self, within_s=deadline.within_s, due_at=deadline.at)


@dataclass(frozen=True, slots=True)
class Contents:
    """What the file holds; `trouble` says in a sentence's end why it cannot be used ("" if it can)."""

    entries: tuple[Listed, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What a change did: the addresses that are new, changed (label, end, deadline), removed; what was set aside."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    set_aside: str = ""


class WatchList:
    """The list in one folder. Every change holds a lock, reads, and replaces the file as a whole."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self._lock_path = folder / (FILE_NAME + ".lock")

    def read(self, now: datetime) -> Contents:
        """What is listed and not expired, in the order in which it was added. Changes nothing. Raises OSError."""
        contents = self._load()
        return replace(contents, entries=tuple(entry for entry in contents.entries if not entry.is_expired(now)))

    def stamp(self) -> tuple[int, int, int] | None:
        """What differs once somebody has written: cheap to ask for. None where there is no file."""
        try:
            found = os.stat(self.path)
        except OSError:
            return None
        return (found.st_ino, found.st_mtime_ns, found.st_size)

    def add(self, entries: Iterable[Listed], now: datetime) -> Written:
        """Take these in. One that is listed already keeps its place, who and when.

        A new label, end or deadline replaces the old.         Adding what is there changes nothing. Raises OSError.
        """
        wanted = tuple(entries)

        def change(listed: dict[str, Listed]) -> Written:
            added, changed = [], []
            for entry in wanted:
                known = listed.get(entry.address)
                if known is None:
                    added.append(entry.address)
                    listed[entry.address] = entry
                    continue
                after = _joined(known, entry)
                if after != known:
                    changed.append(entry.address)
                    listed[entry.address] = after
            return Written(added=tuple(added), changed=tuple(changed))

        return self._change(change, now)

    def remove(self, addresses: Iterable[str], now: datetime) -> Written:
        """Take these out; those that are not there are not in the answer. Raises OSError."""
        wanted = tuple(addresses)

        def change(listed: dict[str, Listed]) -> Written:
            return Written(removed=tuple(address for address in wanted if listed.pop(address, None) is not None))

        return self._change(change, now)

    def _change(self, change: Callable[[dict[str, Listed]], Written], now: datetime) -> Written:
        with self._locked():
            contents = self._load()
            set_aside = self._set_aside(contents.trouble, now) if contents.trouble else ""
            listed = {entry.address: entry for entry in contents.entries if not entry.is_expired(now)}
            before = tuple(contents.entries)
            done = change(listed)
            if tuple(listed.values()) != before:
                self._write(listed.values())
            return replace(done, set_aside=set_aside)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """The lock is a file of its own that is never replaced: a lock on the list itself would go with the old one."""
        make_private_folder(self.path.parent)
        descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, PRIVATE_FILE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _load(self) -> Contents:
        try:
            with self.path.open("rb") as file:
                text = file.read(FILE_BYTES + 1)
        except FileNotFoundError:
            return Contents()
        if len(text) > FILE_BYTES:
            return Contents(trouble=f"is larger than {FILE_BYTES // 2**20} MiB")
        try:
            return Contents(_read(json.loads(text)))
        except _Foreign as error:
            return Contents(trouble=str(error))
        except (ValueError, RecursionError):
            return Contents(trouble="is damaged")

    def _write(self, entries: Iterable[Listed]) -> None:
        document = {"form": FORM, "version": VERSION, "entries": [_document(entry) for entry in entries]}
        new = self.path.with_name(f"{FILE_NAME}.new")  # the lock is ours, and what a kill left is written over
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE_FILE)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(document, file, indent=1)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            os.replace(new, self.path)
        except BaseException:
            new.unlink(missing_ok=True)
            raise

    def _set_aside(self, trouble: str, now: datetime) -> str:
        stem = f"{FILE_NAME}.aside-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        for number in range(1, 1000):  # we hold the lock, so nobody of ours takes the name meanwhile
            place = self.path.with_name(stem if number == 1 else f"{stem}-{number}")
            if not os.path.lexists(place):
                os.rename(self.path, place)
                return f"{self.path} {trouble}; it was set aside as {place.name}"
        raise FileExistsError(errno.EEXIST, "there are too many files that were set aside", str(self.path))


def _joined(known: Listed, entry: Listed) -> Listed:
    after = replace(known, label=entry.label or known.label, expires_at=entry.expires_at or known.expires_at)
    if entry.within_s is None and entry.due_at is None:
        return after
    return replace(after, within_s=entry.within_s, due_at=entry.due_at)


class _Foreign(ValueError):
    """The file is none of ours; a sentence's end."""


def _read(document: object) -> tuple[Listed, ...]:
    if not isinstance(document, dict) or document.get("form") != FORM:
        raise _Foreign("is not a watch list of scantop")
    version = document.get("version")
    if isinstance(version, int) and version > VERSION:
        raise _Foreign(f"was written by a newer scantop (version {version} of the list)")
    rows = document.get("entries")
    if version != VERSION or not isinstance(rows, list):
        raise _Foreign("is damaged")
    entries = [_listed(row) for row in rows]
    return tuple({entry.address: entry for entry in entries}.values())


def _listed(row: object) -> Listed:
    if not isinstance(row, dict):
        raise _Foreign("is damaged")
    texts = {name: row.get(name, "") for name in ("address", "label", "by")}
    for text in texts.values():
        if not isinstance(text, str) or len(text) > TEXT_CHARACTERS:
            raise _Foreign("is damaged")
    if not texts["address"]:
        raise _Foreign("is damaged")
    return Listed(
        **texts,
        added_at=_time(row.get("added_at")),
        expires_at=_time(row.get("expires_at")),
        within_s=_seconds(row.get("within_s")),
        due_at=_time(row.get("due_at")),
    )


def _seconds(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _MOST_S:
        raise _Foreign("is damaged")
    return float(value)


def _time(text: object) -> datetime | None:
    if text is None:
        return None
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        raise _Foreign("is damaged")
    return datetime.fromisoformat(text)


def _document(entry: Listed) -> dict[str, object]:
    return {
        name: value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z" if isinstance(value, datetime) else value
        for name, value in asdict(entry).items()
        if value is not None or name not in _LATER_KEYS
    }
