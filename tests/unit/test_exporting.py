"""The ZIP of an export: what is refused, that nothing is written elsewhere, and that a file is whole or not there."""

from __future__ import annotations

import io
import os
import stat
import warnings
import zipfile
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui import exporting
from tui.exporting import ExportError, Writer, is_safe_name

CONTENT = b'{"rows": []}'


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    packed = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the module warns of doubled names
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members:
                archive.writestr(name, content)
    return packed.getvalue()


def written(content: bytes, place: Path, *, is_overwriting: bool = False) -> Path:
    writer = Writer(place, "report-22.json", is_overwriting=is_overwriting)
    with writer.open() as sink:
        sink.write(content)
        return writer.finish().path


def linked(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    return member


def test_into_a_folder_under_our_name_or_into_a_file(tmp_path: Path) -> None:
    good = zipped(("anything.json", CONTENT))
    assert written(good, tmp_path) == tmp_path / "report-22.json"
    assert written(good, tmp_path / "own.txt") == tmp_path / "own.txt"
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {
        "report-22.json": CONTENT,
        "own.txt": CONTENT,
    }


def test_a_member_in_a_folder_of_the_archive_is_taken_too(tmp_path: Path) -> None:
    written(zipped(("exports/", b""), ("exports/x.json", CONTENT)), tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["report-22.json"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no ZIP"),
        (b"PK\x03\x04 but not really", "no ZIP"),
        (b"<html>login</html>", "no ZIP"),
        (zipped(("x.json", CONTENT * 100))[:-30], "no ZIP"),
        (zipped(), "0 files"),
        (zipped(("a.json", b"1"), ("b.json", b"2")), "2 files"),
        (zipped(*((f"{number}/", b"") for number in range(17))), "17 entries"),
        (zipped(("../evil.json", CONTENT)), "outside its folder"),
        (zipped(("/etc/evil", CONTENT)), "outside its folder"),
        (zipped(("..\\evil", CONTENT)), "outside its folder"),
        (zipped(("C:evil", CONTENT)), "outside its folder"),
        (zipped((linked("x.json"), b"/etc/passwd")), "link or a device"),
    ],
    # A ZIP holds the time at which it was made: as a name it would differ between two processes of one run.
    ids=[
        *("empty", "cut-head", "login-page", "cut-tail", "no-member", "two-members", "many-folders"),
        *("upwards", "from-the-root", "upwards-with-backslash", "on-a-drive", "link"),
    ],
)
def test_what_is_no_export_leaves_nothing_behind(content: bytes, words: str, tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    with pytest.raises(ExportError, match=words):
        written(content, folder)
    assert list(tmp_path.rglob("*")) == [folder]


def test_a_broken_member_leaves_nothing_behind(tmp_path: Path) -> None:
    good = zipped(("x.json", bytes(range(256)) * 64))
    at = good.index(b"x.json") + 40
    broken = good[:at] + bytes(byte ^ 0xFF for byte in good[at : at + 8]) + good[at + 8 :]
    with pytest.raises(ExportError, match="no ZIP"):
        written(broken, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_bomb_stops_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "RATIO_FROM", 1_000_000)
    monkeypatch.setattr(exporting, "PIECE", 65_536)
    with pytest.raises(ExportError, match="far more"):
        written(zipped(("x.json", b"\0" * 20_000_000)), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_size_that_lies_stops_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "UNPACKED_LIMIT", 1_000_000)
    with pytest.raises(ExportError, match="more than"):
        written(zipped(("x.json", os.urandom(1_200_000))), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_exists_is_kept_unless_told(tmp_path: Path) -> None:
    place = tmp_path / "x.json"
    place.write_text("mine")
    with pytest.raises(ExportError, match="exists and is not overwritten"):
        written(zipped(("x.json", CONTENT)), place)
    assert place.read_text() == "mine"
    written(zipped(("x.json", CONTENT)), place, is_overwriting=True)
    assert place.read_bytes() == CONTENT and list(tmp_path.iterdir()) == [place]


def test_a_file_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    place = tmp_path / "x.json"
    writer = Writer(place, "x.json", is_overwriting=False)
    with writer.open() as sink:
        sink.write(zipped(("x.json", CONTENT)))
        place.write_text("mine")
        with pytest.raises(ExportError, match="exists"):
            writer.finish()
    assert place.read_text() == "mine" and list(tmp_path.iterdir()) == [place]


def test_a_dangling_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    place = tmp_path / "x.json"
    place.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ExportError, match="exists"):
        written(zipped(("x.json", CONTENT)), place)
    written(zipped(("x.json", CONTENT)), place, is_overwriting=True)
    assert not place.is_symlink() and not (tmp_path / "elsewhere").exists()


def test_places_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="no folder"):
        Writer(tmp_path / "missing" / "x.json", "x.json", is_overwriting=False)


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        place = written(zipped(("x.json", CONTENT)), tmp_path)
    finally:
        os.umask(mask)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["report.json", "a/b.csv", "grüße.pdf", "..x", "a..b/c", "日本.json"])
def test_names_of_honest_exports(name: str) -> None:
    assert is_safe_name(name)


PIECES = [*"ab./\\: \x00\n\u202e", "..", "C:"]
NAMES = st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=20)


@given(NAMES)
def test_a_safe_name_stays_below_its_folder_on_every_system(name: str) -> None:
    if not is_safe_name(name):
        return
    assert not PurePosixPath(name).is_absolute() and not PureWindowsPath(name).anchor
    for path in (PurePosixPath(name), PureWindowsPath(name)):
        assert path.parts and ".." not in path.parts
        assert not any(part.strip(". ") == "" for part in path.parts)
    assert name.isprintable()


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("export")
    with pytest.raises(ExportError):
        written(b"PK\x03\x04" + content, folder)
    assert list(folder.iterdir()) == []
