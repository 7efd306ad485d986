"""When the person left the monitor, and which changed rows they had not looked at: kept for the next start.

Owns what the document holds, and what becomes of it where several monitors of one person keep it at once. How it is
written is `tui.kept_file`'s. Knows no target: an address is a text.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tui.kept_file import FILE_BYTES, TEXT_CHARACTERS, KeptFile, KeptForm, UnusableError, text_of

FILE_NAME = "absence.json"
FORM = KeptForm(*("scantop absence", 1, "When you left last"), lost="What you have not looked at is not kept")
MOST_ROWS = 1_000  # of one document; a monitor keeps half as many, two at once perhaps all
ROOM_BYTES = FILE_BYTES - 4_096  # for the rows; what is larger would not be read again
ROW_BYTES = 50  # of a row beside its address
LATEST = datetime(9999, 1, 1, tzinfo=UTC)  # later ones cannot be compared in every zone


@dataclass(frozen=True)
class Absence:
    """`left_at` is the person's last moment at a monitor, `unseen` the last look at each row with news, by address."""

    left_at: datetime
    unseen: dict[str, datetime] = field(default_factory=dict)


def merged(own: Absence, before: frozenset[str], kept: Absence | None) -> Absence:
    """What is to be kept, where another monitor may have `kept` something meanwhile; `before` were own rows until then.

    What was looked at in one of them was looked at; what only one of them has as news is news.
    """
    if kept is None:
        return own
    looked_at = (before - own.unseen.keys()) | (before - kept.unseen.keys())
    rows = {**kept.unseen, **own.unseen}
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
        said = self._file.write(_document(now))
        elsewhere = frozenset(own.unseen) - now.unseen.keys()
        self._before = frozenset(own.unseen) - elsewhere
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
    """The newest rows, as many as can be read again."""
    rows: dict[str, str] = {}
    left = ROOM_BYTES
    for key, at in reversed(absence.unseen.items()):
        left -= len(json.dumps(key)) + ROW_BYTES
        if left < 0 or len(rows) == MOST_ROWS:
            break
        if key.isprintable() and len(key) <= TEXT_CHARACTERS:
            rows[key] = at.isoformat()
    return {"left_at": absence.left_at.isoformat(), "unseen": dict(reversed(rows.items()))}
