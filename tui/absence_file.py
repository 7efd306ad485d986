"""When the person left the monitor, and which changed rows they had not looked at: kept for the next start.

Owns what the document holds, and what becomes of it where several monitors of one person keep it at once. How it is
written is `tui.kept_file`'s. Knows no target: an address is a text.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tui.kept_file import FILE_BYTES, TEXT_CHARACTERS, KeptFile, KeptForm, UnusableError, text_of

FILE_NAME = "absence.json"
FORM = KeptForm(*("scantop absence", 1, "When you left last"), lost="What you have not looked at is not kept")
MOST_ROWS = 1_000  # of one document
MOST_OWN = 500  # that one monitor adds, so that two at once have room; nobody walks through more
ROOM_BYTES = FILE_BYTES - 4_096  # for the rows; what is larger would not be read again
ROW_BYTES = 50  # of a row beside its address
LATEST = datetime(9999, 1, 1, tzinfo=UTC)  # later ones cannot be compared in every zone


@dataclass(frozen=True)
class Absence:
    """`left_at` is the person's last moment at a monitor, `unseen` the last look at each row with news, by address.

    A monitor gives all of its rows, the newest last: what is missing from `unseen` was looked at.
    """

    left_at: datetime
    unseen: dict[str, datetime] = field(default_factory=dict)


def merged(own: Absence, before: frozenset[str], kept: Absence | None) -> Absence:
    """What is to be kept, where another monitor may have `kept` something meanwhile; `before` were own rows until then.

    What was looked at in one of them was looked at; what only one of them has as news is news. What is missing because
    there was no room for it was not looked at.
    """
    newest = dict(list(own.unseen.items())[-MOST_OWN:])
    if kept is None:
        return Absence(own.left_at, newest)
    gone = before - kept.unseen.keys()
    looked_at = before - own.unseen.keys()
    if _has_room(kept.unseen, gone):
        looked_at |= gone
    rows = {key: at for key, at in kept.unseen.items() if key not in newest} | newest
    unseen = {key: at for key, at in rows.items() if key not in looked_at}
    return Absence(max(own.left_at, kept.left_at), unseen)


class AbsenceFile:
    """The file in one folder."""

    def __init__(self, folder: Path) -> None:
        self._file = KeptFile(folder / FILE_NAME, FORM)
        self._before: frozenset[str] = frozenset()
        self._turn = threading.Lock()  # a save in a thread may still be under way when the app leaves and saves
        self.path = self._file.path

    def load(self) -> tuple[Absence | None, str]:
        """What was kept (None: nothing), and what there is to say about it. Never raises."""
        found, notice = self._file.read(_read)
        self._before = frozenset(found.unseen) if found is not None else frozenset()
        return found, notice

    def save(self, own: Absence) -> tuple[frozenset[str], str]:
        """Keep it; gives the rows that were looked at elsewhere meanwhile, and what there is to say. Never raises."""
        with self._turn:
            return self._save(own)

    def _save(self, own: Absence) -> tuple[frozenset[str], str]:
        kept, notice = self._file.read(_read)
        now = merged(own, self._before, kept)
        written = _that_fit(now.unseen)
        said = self._file.write(_document(Absence(now.left_at, written)))
        elsewhere = self._before & own.unseen.keys() - now.unseen.keys()
        self._before = frozenset(own.unseen.keys() & written.keys())
        return elsewhere, notice or said


def _read(document: Mapping[str, object]) -> Absence:
    unseen = document.get("unseen", {})
    if not isinstance(unseen, dict) or len(unseen) > MOST_ROWS:
        raise UnusableError("is damaged")
    return Absence(_moment(document, "left_at"), {text_of({"": key}, ""): _moment(unseen, key) for key in unseen})


def _moment(document: Mapping[str, object], name: str) -> datetime:
    try:
        found = datetime.fromisoformat(text_of(document, name))
        if found.tzinfo is None or found.replace(tzinfo=UTC) >= LATEST:
            raise UnusableError("is damaged")
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UnusableError("is damaged") from None


def _document(absence: Absence) -> dict[str, object]:
    return {
        "left_at": absence.left_at.isoformat(),
        "unseen": {key: at.isoformat() for key, at in absence.unseen.items()},
    }


def _that_fit(rows: Mapping[str, datetime]) -> dict[str, datetime]:
    """The newest rows, as many as can be read again."""
    found: dict[str, datetime] = {}
    left = ROOM_BYTES
    for key, at in reversed(list(rows.items())):
        left -= _bytes_of(key)
        if left < 0 or len(found) == MOST_ROWS:
            break
        if key.isprintable() and len(key) <= TEXT_CHARACTERS:
            found[key] = at
    return dict(reversed(found.items()))


def _has_room(rows: Mapping[str, datetime], more: Iterable[str]) -> bool:
    """Each of these would have fitted in beside the rows."""
    left = ROOM_BYTES - sum(map(_bytes_of, rows))
    return len(rows) < MOST_ROWS and all(_bytes_of(key) <= left for key in more)


def _bytes_of(key: str) -> int:
    return len(json.dumps(key)) + ROW_BYTES
