"""The watch list's file: what is kept, what is set aside, many writers at once."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tui.domain.deadline import Deadline
from tui.watchlist import FILE_NAME, FORM, Listed, WatchList

NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
WRITERS, EACH = 50, 4


def addresses(watchlist: WatchList, now: datetime = NOW) -> list[str]:
    return [entry.address for entry in watchlist.read(now).entries]


def test_entries_come_back_as_they_were_given(tmp_path: Path) -> None:
    watchlist = WatchList(tmp_path / "state")
    entry = Listed("prod:build/ä b/1", "nightly", "ci", NOW, NOW + timedelta(days=7))
    assert watchlist.read(NOW).entries == () and watchlist.stamp() is None
    done = watchlist.add([entry, Listed("tf:scan/6/41")], NOW)
    assert done.added == ("prod:build/ä b/1", "tf:scan/6/41")
    assert watchlist.read(NOW).entries == (entry, Listed("tf:scan/6/41"))


def test_adding_again_changes_nothing_but_a_new_label_or_end(tmp_path: Path) -> None:
    watchlist = WatchList(tmp_path)
    watchlist.add([Listed("a:job/1", "x", "ci", NOW)], NOW)
    stamp = watchlist.stamp()
    again = watchlist.add([Listed("a:job/1", "", "me", NOW + timedelta(hours=1))], NOW)
    assert (again.added, again.changed, watchlist.stamp()) == ((), (), stamp)
    later = NOW + timedelta(days=1)
    assert watchlist.add([Listed("a:job/1", "y", expires_at=later)], NOW).changed == ("a:job/1",)
    assert watchlist.read(NOW).entries == (Listed("a:job/1", "y", "ci", NOW, later),)


def test_removing(tmp_path: Path) -> None:
    watchlist = WatchList(tmp_path)
    watchlist.add([Listed("a:job/1"), Listed("a:job/2")], NOW)
    assert watchlist.remove(["a:job/2", "a:job/3"], NOW).removed == ("a:job/2",)
    assert addresses(watchlist) == ["a:job/1"]


def test_expired_entries_leave(tmp_path: Path) -> None:
    watchlist = WatchList(tmp_path)
    watchlist.add([Listed("a:job/1", expires_at=NOW + timedelta(hours=1)), Listed("a:job/2")], NOW)
    assert addresses(watchlist, NOW + timedelta(minutes=59)) == ["a:job/1", "a:job/2"]
    assert addresses(watchlist, NOW + timedelta(minutes=60)) == ["a:job/2"]
    watchlist.add([Listed("a:job/3")], NOW + timedelta(hours=2))
    assert addresses(watchlist) == ["a:job/2", "a:job/3"]  # with any change it leaves the file, too


def test_the_files_are_their_owners_alone(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        WatchList(tmp_path / "deep" / "state").add([Listed("a:job/1")], NOW)
    finally:
        os.umask(old)
    folder = tmp_path / "deep" / "state"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert sorted(file.name for file in folder.iterdir()) == [FILE_NAME, FILE_NAME + ".lock"]


GOOD = {"form": FORM, "version": 1, "entries": []}
BAD = {
    "nothing": "",
    "half": '{"form": "scantop watch list", "version": 1, "entr',
    "not text": "\udcff\udcfe",
    "another's": '{"watch": ["a:job/1"]}',
    "a list": "[]",
    "newer": json.dumps({**GOOD, "version": 2}),
    "no version": json.dumps({**GOOD, "version": "1"}),
    "no entries": json.dumps({**GOOD, "entries": {}}),
    "an entry that is none": json.dumps({**GOOD, "entries": ["a:job/1"]}),
    "an entry without an address": json.dumps({**GOOD, "entries": [{"label": "x"}]}),
    "a time that is none": json.dumps(
        {**GOOD, "entries": [{"address": "a:job/1", "expires_at": "2026-13-45T00:00:00Z"}]}
    ),
    "a number for a label": json.dumps({**GOOD, "entries": [{"address": "a:job/1", "label": 5}]}),
    "deep": "[" * 100_000,
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_a_file_that_is_no_watch_list_is_set_aside_and_never_overwritten(text: str, tmp_path: Path) -> None:
    raw = text.encode("utf-8", "surrogateescape")
    watchlist = WatchList(tmp_path)
    watchlist.path.write_bytes(raw)
    assert watchlist.read(NOW).trouble and watchlist.path.read_bytes() == raw  # reading changes nothing
    for number in (1, 2):
        watchlist.path.write_bytes(raw)
        done = watchlist.add([Listed(f"a:job/{number}")], NOW)
        assert str(watchlist.path) in done.set_aside and "set aside as" in done.set_aside
        assert addresses(watchlist) == [f"a:job/{number}"]
    aside = sorted(file for file in tmp_path.iterdir() if "aside" in file.name)
    assert [file.read_bytes() for file in aside] == [raw, raw]


def test_a_newer_file_says_so(tmp_path: Path) -> None:
    watchlist = WatchList(tmp_path)
    watchlist.path.write_text(BAD["newer"])
    assert watchlist.read(NOW).trouble == "was written by a newer scantop (version 2 of the list)"


def test_a_write_that_fails_leaves_the_list_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watchlist = WatchList(tmp_path)
    watchlist.add([Listed("a:job/1")], NOW)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        watchlist.add([Listed("a:job/2")], NOW)
    assert addresses(watchlist) == ["a:job/1"]
    assert sorted(file.name for file in tmp_path.iterdir()) == [FILE_NAME, FILE_NAME + ".lock"]


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from tui.watchlist import Listed, WatchList
watchlist, number = WatchList(Path(sys.argv[1])), sys.argv[2]
sys.stdin.read()
for each in range(int(sys.argv[3])):
    watchlist.add([Listed(f"a:job/{number}{each:03d}")], datetime.now(UTC))
watchlist.remove([f"a:job/{number}000"], datetime.now(UTC))
"""


def test_fifty_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", WRITER, str(tmp_path)]
    writers = [
        subprocess.Popen([*argv, str(number), str(EACH)], stdin=subprocess.PIPE) for number in range(1, WRITERS + 1)
    ]
    for writer in writers:  # all of them are loaded and begin together
        assert writer.stdin is not None
        writer.stdin.close()
    assert [writer.wait(60) for writer in writers] == [0] * WRITERS
    found = addresses(WatchList(tmp_path))
    assert sorted(found) == sorted(f"a:job/{n}{e:03d}" for n in range(1, WRITERS + 1) for e in range(1, EACH))


def test_deadlines_are_kept_replaced_and_left_out_where_there_is_none(tmp_path: Path) -> None:
    watchlist = WatchList(tmp_path)
    watchlist.add([Listed("a:job/1", within_s=2700.0), Listed("a:job/2", due_at=NOW), Listed("a:job/3")], NOW)
    rows = json.loads(watchlist.path.read_text())["entries"]
    assert [row.get("within_s", row.get("due_at", "none")) for row in rows] == [2700.0, "2026-11-22T07:00:00Z", "none"]
    watchlist.add([Listed("a:job/1", due_at=NOW), Listed("a:job/2", "again")], NOW)
    one, two, three = watchlist.read(NOW).entries
    assert one.deadline == Deadline(at=NOW) and two.deadline == Deadline(at=NOW) and three.deadline is None
    watchlist.path.write_text(watchlist.path.read_text().replace('"due_at": "2026', '"due_at": "nope'))
    assert watchlist.read(NOW).trouble == "is damaged"
