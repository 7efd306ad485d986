"""One small JSON document in the state folder: private, replaced as a whole, and never a reason to fail.

Owns how it is read and written. A file that cannot be used (damaged, of a newer scantop, of somebody else) is set aside
under another name, never overwritten and never an error. What stands in the document is its readers' affair.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from tui.locations import PRIVATE_FILE, make_private_folder

FILE_BYTES = 256 * 1024  # what scantop keeps is some kB; more is the wrong file
TEXT_CHARACTERS = 4_096  # of one text in a document

Kept = TypeVar("Kept")


class UnusableError(ValueError):
    """The document is none that can be read; a sentence's end."""


@dataclass(frozen=True, slots=True)
class KeptForm:
    """What the document calls itself and its version; `called` and `lost` begin the sentences about trouble."""

    name: str
    version: int
    called: str
    lost: str


class KeptFile:
    """The file at one place."""

    def __init__(self, path: Path, form: KeptForm) -> None:
        self.path = path
        self.form = form
        self._is_told = False
        self._turn = threading.Lock()  # a write in a thread may still be under way when the app leaves and writes

    def read(self, take: Callable[[Mapping[str, object]], Kept]) -> tuple[Kept | None, str]:
        """What `take` makes of the document (None: there is none), and what there is to say about it. Never raises.

        `take` raises `UnusableError` for what it cannot use.
        """
        try:
            with self.path.open("rb") as file:
                text = file.read(FILE_BYTES + 1)
        except FileNotFoundError:
            return None, ""
        except OSError as error:
            self._is_told = True
            return None, f"{self.form.called} cannot be read ({error.strerror or type(error).__name__})."
        try:
            if len(text) > FILE_BYTES:
                raise UnusableError(f"is larger than {FILE_BYTES // 1024} KiB")
            return take(self._document(json.loads(text))), ""
        except UnusableError as error:
            return None, self._set_aside(str(error))
        except (ValueError, RecursionError):
            return None, self._set_aside("is damaged")

    def write(self, document: Mapping[str, object]) -> str:
        """Replace what is kept; what there is to say where that was not possible, once. Never raises."""
        with self._turn:
            return self._write(document)

    def _write(self, document: Mapping[str, object]) -> str:
        new = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        try:
            make_private_folder(self.path.parent)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
            with os.fdopen(os.open(new, flags, PRIVATE_FILE), "w", encoding="utf-8") as file:
                json.dump({"form": self.form.name, "version": self.form.version, **document}, file, indent=1)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            os.replace(new, self.path)
        except (OSError, UnicodeError) as error:
            _remove(new)
            if self._is_told:
                return ""
            self._is_told = True
            reason = (error.strerror if isinstance(error, OSError) else "") or type(error).__name__
            return f"{self.form.lost}: {self.path} cannot be written ({reason})."
        return ""

    def _document(self, document: object) -> Mapping[str, object]:
        if not isinstance(document, dict) or document.get("form") != self.form.name:
            raise UnusableError("is not of scantop")
        version = document.get("version")
        if isinstance(version, int) and not isinstance(version, bool) and version > self.form.version:
            raise UnusableError(f"was written by a newer scantop (version {version} of the form)")
        if version is True or version != self.form.version:
            raise UnusableError("is damaged")
        return document

    def _set_aside(self, trouble: str) -> str:
        stem = f"{self.path.name}.aside-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        for number in range(1, 1000):
            place = self.path.with_name(stem if number == 1 else f"{stem}-{number}")
            if os.path.lexists(place):
                continue
            try:
                os.rename(self.path, place)
            except OSError as error:
                self._is_told = True
                return f"{self.path} {trouble}, and cannot be set aside ({error.strerror or type(error).__name__})."
            return f"{self.path} {trouble}; it was set aside as {place.name}."
        self._is_told = True
        return f"{self.path} {trouble}, and too many like it were set aside already."


def text_of(document: Mapping[str, object], name: str) -> str:
    """A text that can be shown, "" where there is none; else `UnusableError`."""
    value = document.get(name, "")
    if not isinstance(value, str) or len(value) > TEXT_CHARACTERS or not value.isprintable():
        raise UnusableError("is damaged")
    return value


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return
