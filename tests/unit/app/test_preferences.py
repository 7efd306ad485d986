"""The preferences' file: kept whole and private, set aside where it cannot be used, and never a reason to fail."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from tui.preferences import FILE_BYTES, PaneChoice, Preferences, PreferencesFile

CHOSEN = Preferences(
    theme="scantop-light",
    theme_over="scantop-dark",
    focus="jobs",
    panes=(("jobs", PaneChoice("type", True, "state:failed", ("user",))),),
    lines=("sort state", "theme scantop-light"),
)


def test_what_is_kept_comes_back_and_is_private(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "scantop"
    file = PreferencesFile(folder)
    assert file.load() == (Preferences(), "")
    assert file.save(CHOSEN) == ""
    assert PreferencesFile(folder).load() == (CHOSEN, "")
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["preferences.json"]


def document(**changes: object) -> str:
    return json.dumps({"form": "scantop preferences", "version": 1, "panes": {}, **changes})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is damaged"),
        ("{", "is damaged"),
        ("[" * 100_000, "is damaged"),
        ("[]", "is not of scantop"),
        ('{"form": "other"}', "is not of scantop"),
        (document(version=2), "was written by a newer scantop (version 2 of the form)"),
        (document(version=True), "is damaged"),
        (document(theme=5), "is damaged"),
        (document(theme="\x1b[31m"), "is damaged"),
        (document(lines="x"), "is damaged"),
        (document(panes=[]), "is damaged"),
        (document(panes={"jobs": {"hidden": [1]}}), "is damaged"),
        (document(panes={"jobs": {"is_reverse": "no"}}), "is damaged"),
        (" " * (FILE_BYTES + 1), "is larger than 256 KiB"),
    ],
)
def test_what_cannot_be_used_is_set_aside_and_told(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "preferences.json"
    path.write_text(text)
    file = PreferencesFile(tmp_path)
    chosen, notice = file.load()
    assert chosen == Preferences()
    (aside,) = tmp_path.iterdir()
    assert notice == f"{path} {said}; it was set aside as {aside.name}."
    assert aside.read_text() == text
    assert file.save(CHOSEN) == ""
    assert PreferencesFile(tmp_path).load() == (CHOSEN, "")


def test_bytes_that_are_no_text_are_set_aside(tmp_path: Path) -> None:
    (tmp_path / "preferences.json").write_bytes(b"\xff\xfe\x00")
    assert "is damaged; it was set aside" in PreferencesFile(tmp_path).load()[1]


def test_a_second_one_does_not_overwrite_the_first(tmp_path: Path) -> None:
    for text in ("one", "two"):
        (tmp_path / "preferences.json").write_text(text)
        PreferencesFile(tmp_path).load()
    assert sorted(path.read_text() for path in tmp_path.iterdir()) == ["one", "two"]


def test_where_nothing_can_be_written_it_is_said_once(tmp_path: Path) -> None:
    folder = tmp_path / "a file"
    folder.write_text("")
    file = PreferencesFile(folder)
    said = [file.load()[1], file.save(CHOSEN), file.save(CHOSEN)]
    assert said == ["Your preferences cannot be read (Not a directory).", "", ""]


def test_a_read_only_home_is_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> int:
        raise OSError(30, "Read-only file system")

    file = PreferencesFile(tmp_path)
    monkeypatch.setattr(os, "open", refuse)
    said = [file.save(CHOSEN), file.save(CHOSEN)]
    assert said[1] == ""
    assert said[0].startswith("What you choose here is not kept for the next start:")
    assert "(Read-only file system)" in said[0]


def test_a_write_that_breaks_off_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = PreferencesFile(tmp_path)
    file.save(CHOSEN)

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    assert "No space left on device" in file.save(Preferences(theme="x"))
    assert PreferencesFile(tmp_path).load() == (CHOSEN, "")
    assert [path.name for path in tmp_path.iterdir()] == ["preferences.json"]
