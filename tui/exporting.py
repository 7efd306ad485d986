"""A downloaded ZIP, checked, and its one file written to its place in one step. Standard library only.

The archive is a stranger's: its size, its names, what it unpacks to and what it claims are not trusted. Nothing is ever
written anywhere but into the folder that the person chose, under the name that the person (or we) chose.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

UNPACKED_LIMIT = 1024 * 1024 * 1024  # bytes of the unpacked file; a report of 100,000 rows has about 60 MB as JSON
RATIO_LIMIT = 400  # unpacked to packed size; JSON of much repetition reaches about 100, a bomb starts at 1,000
RATIO_FROM = 16 * 1024 * 1024  # bytes; a smaller file may be packed as tightly as it likes
PIECE = 1024 * 1024  # bytes unpacked at once
MOST_MEMBERS = 16  # entries of the archive that are looked at; an export has one
_FOLDERS = ("/", "\\")


class ExportError(Exception):
    """An export cannot be written, or is not what it should be; one sentence, without server text in control of it."""


@dataclass(frozen=True, slots=True)
class Export:
    """A file that was written: where, and how many bytes."""

    path: Path
    size: int


def member_of(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The one file in the archive. Raises `ExportError` where it is not one, or not a plain one."""
    entries = archive.infolist()
    if len(entries) > MOST_MEMBERS:
        raise ExportError(f"The export holds {len(entries)} entries where one file should be.")
    files = [entry for entry in entries if not entry.is_dir()]
    if len(files) != 1:
        raise ExportError(f"The export holds {len(files)} files where there should be one.")
    if not all(is_safe_name(entry.filename) for entry in entries):
        raise ExportError("The export holds a file that would be written outside its folder.")
    member = files[0]
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
        raise ExportError("The export holds a link or a device where a file should be.")
    if member.flag_bits & 0x1:
        raise ExportError("The export is encrypted.")
    if member.file_size > UNPACKED_LIMIT:
        raise ExportError(f"The export says it unpacks to more than {UNPACKED_LIMIT // 2**20} MiB.")
    return member


def is_safe_name(name: str) -> bool:
    """A relative name that stays below its folder on every system: no root, no drive, no ``..``, nothing invisible."""
    if not name or not name.isprintable() or name.startswith(_FOLDERS) or ":" in name:
        return False
    parts = name.replace("\\", "/").rstrip("/").split("/")
    return all(part and part.strip(". ") for part in parts)


class Writer:
    """Takes a ZIP and leaves one file. `place` is a file, or a folder that exists: then `name` is the file in it."""

    def __init__(self, place: Path, name: str, *, is_overwriting: bool) -> None:
        place = place.expanduser()
        self.path = place / name if place.is_dir() else place
        self._is_overwriting = is_overwriting
        self._archive: IO[bytes] | None = None
        folder = self.path.parent
        if not folder.is_dir():
            raise ExportError(f"There is no folder {str(folder)!r} to write to.")
        if self.path.is_dir():
            raise ExportError(f"{str(self.path)!r} is a folder.")
        if not is_overwriting and os.path.lexists(self.path):
            raise self._exists()

    def _exists(self) -> ExportError:
        return ExportError(f"{str(self.path)!r} exists and is not overwritten.")

    @contextlib.contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """A nameless file for the ZIP, in the folder that the export goes to; gone when the block is left."""
        try:
            archive = tempfile.TemporaryFile(dir=self.path.parent)  # noqa: SIM115 - the next line does
        except OSError as error:
            raise self._unwritable(error) from None
        with archive:
            self._archive = archive
            try:
                yield archive
            except OSError as error:
                raise self._unwritable(error) from None
            finally:
                self._archive = None

    def finish(self) -> Export:
        """Check what was taken, unpack it and put it into place; the file is whole or not there. Blocking."""
        if self._archive is None:
            raise RuntimeError("finish() is called inside open()")
        self._archive.seek(0)
        try:
            with zipfile.ZipFile(self._archive) as archive:
                return self._unpack(archive, member_of(archive))
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, RuntimeError):
            raise ExportError("The server's export is no ZIP archive that can be read.") from None
        except OSError as error:
            raise self._unwritable(error) from None

    def _unpack(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Export:
        number, draft = tempfile.mkstemp(prefix=".scantop-", suffix=".part", dir=self.path.parent)
        try:
            with os.fdopen(number, "wb") as file, archive.open(member) as packed:
                size = self._copy(packed, file, member.compress_size)
                file.flush()
                os.fsync(file.fileno())
            self._place(draft)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(draft)
        return Export(self.path, size)

    def _copy(self, packed: IO[bytes], file: IO[bytes], packed_size: int) -> int:
        size = 0
        while piece := packed.read(PIECE):
            size += len(piece)
            if size > UNPACKED_LIMIT or (size > RATIO_FROM and size > RATIO_LIMIT * max(1, packed_size)):
                raise ExportError("The export unpacks to far more than a report can hold; it was not kept.")
            file.write(piece)
        return size

    def _place(self, draft: str) -> None:
        if self._is_overwriting:
            os.replace(draft, self.path)
        else:
            place_new(draft, self.path, self._exists())

    def _unwritable(self, error: OSError) -> ExportError:
        return ExportError(f"{str(self.path)!r} cannot be written: {error.strerror or type(error).__name__}.")


def place_new(draft: str, path: Path, taken: ExportError) -> None:
    """Give a finished draft its name; raises `taken`, and leaves what is there, where the name is taken.

    A link fails where the name is taken, in one step; where links do not exist it is looked first.
    """
    try:
        os.link(draft, path)
    except FileExistsError:
        raise taken from None
    except OSError:
        if os.path.lexists(path):
            raise taken from None
        os.replace(draft, path)
