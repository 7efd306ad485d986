"""``scantop history``: what was seen, and how long things take; prune it, carry it elsewhere and back.

Owns the command's grammar and its tables. It never asks a server; the file is the one that the monitor writes.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tui.cli.naming import span
from tui.cli.output import emit, narrate
from tui.cli.parser import UsageError

if TYPE_CHECKING:
    import sqlite3
    from io import BufferedReader

    from tui.history.reading import Seen
    from tui.present.as_json import Json

ACTS = ("prune", "export", "import")
SHOWN = 200  # newest transitions that a table shows unless --since says otherwise
KEEP = "90d"  # what `prune` keeps unless told

EPILOG = """\
examples:
  scantop history                              what was seen last, of everything
  scantop history prod:build/app/412           one target
  scantop history --stages --since 30d         how long each stage takes: runs, median, 90th and 95th percentile
  scantop history --since 7d --json            for a script; --csv for a spreadsheet
  scantop history prune --older-than 30d       drop what is older, and give its room back
  scantop history export seen.jsonl            a JSON object a line (- writes to standard output)
  scantop history import seen.jsonl            add an export; what is there already is not added twice

The history is one SQLite file in the state folder. It is pruned by itself (400 days, two million transitions).
exit codes: 0, or 2 (usage, or a file that cannot be used)
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's grammar."""
    parser = subparsers.add_parser(
        "history",
        help="what was seen, and how long each stage takes; prune, export, import",
        description="Show what was seen of everything, of one --server or of one TARGET, and how long its stages take.",
        epilog=EPILOG,
    )
    parser.add_argument(
        "words", nargs="*", metavar="TARGET", help="a target's address; or: prune, export FILE, import FILE"
    )
    parser.add_argument("--since", metavar="DURATION", type=span, help="only what was seen since then, e.g. 7d")
    parser.add_argument("--stages", action="store_true", dest="is_stages", help="how long each stage takes")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", dest="is_json", help="print one JSON object")
    form.add_argument("--csv", action="store_true", dest="is_csv", help="print CSV")
    parser.add_argument(
        "--older-than", metavar="DURATION", type=span, help=f"prune: what is older than this (default {KEEP})"
    )


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked; gives the exit code. Raises `UsageError`."""
    words: list[str] = arguments.words
    act = words[0] if words and words[0] in ACTS else ""
    if arguments.older_than is not None and act != "prune":
        raise UsageError("--older-than belongs to `scantop history prune`")
    if arguments.server is not None and act in ("prune", "import"):
        raise UsageError(f"`scantop history {act}` is of all servers, so it takes no --server")
    acts: dict[str, Callable[[argparse.Namespace, Sequence[str]], int]] = {
        "prune": _prune,
        "export": _export,
        "import": _import,
        "": _show,
    }
    return acts[act](arguments, words[1:] if act else words)


@contextmanager
def _opened(*, is_writing: bool = False) -> Iterator[sqlite3.Connection]:
    """The history's file. Raises `UsageError` where there is none to read, or it cannot be used."""
    import sqlite3

    from tui.history.files import ForeignHistory, NewerHistory, open_database, open_read_only
    from tui.locations import HISTORY_NAME, state_folder

    path = state_folder(os.environ) / HISTORY_NAME
    if not is_writing and not path.exists():
        raise UsageError(f"nothing was seen yet: there is no {path}")
    db = None
    try:
        try:
            db = open_database(path)
        except NewerHistory:
            if is_writing:
                raise UsageError(f"{path} is of a newer scantop, and only read by this one") from None
            db = open_read_only(path)
        yield db
    except ForeignHistory:
        raise UsageError(f"{path} is a database of something else") from None
    except sqlite3.Error as error:
        raise UsageError(f"{path} cannot be used: {error}") from None
    finally:
        if db is not None:
            db.close()


def _show(arguments: argparse.Namespace, words: Sequence[str]) -> int:
    from tui.history.reading import SHOWN as MOST
    from tui.history.reading import seen_of, seen_since

    if len(words) > 1:
        raise UsageError("one TARGET at a time")
    since_at = datetime.now(UTC) - timedelta(seconds=arguments.since) if arguments.since is not None else None
    is_whole = since_at is not None or arguments.is_stages or arguments.is_json or arguments.is_csv
    with _opened() as db:
        if words:
            address = _address(words[0], arguments)
            found = seen_of(db, address, since_at)
            if not found:
                narrate(f"nothing was seen of {address}" + (" since then" if since_at is not None else ""))
        else:
            found = seen_since(db, since_at, arguments.server, MOST if is_whole else SHOWN)
            if arguments.server is not None and not found:
                narrate(f"nothing was seen of a server {arguments.server!r}" + (" since then" if since_at else ""))
    if arguments.is_stages:
        header, rows, objects = _durations(found, is_narrow=bool(words))
    else:
        header, rows, objects = _transitions(found)
    _print(arguments, header, rows, objects, "stages" if arguments.is_stages else "transitions")
    return 0


def _address(word: str, arguments: argparse.Namespace) -> str:
    """The address as it is kept: read by the configuration where there is one, else as it is written."""
    from tui.cli.naming import targets_named
    from tui.cli.session import settings_of
    from tui.config.faults import ConfigError

    try:
        settings = settings_of(arguments)
    except ConfigError:
        return word
    (target,) = targets_named((word,), settings)[:1]
    return target.key


def _print(
    arguments: argparse.Namespace,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    objects: Sequence[Json],
    name: str,
) -> None:
    from tui.cli.columns import is_ascii_only, table
    from tui.present.as_csv import csv_text
    from tui.present.as_json import json_text

    if arguments.is_json:
        emit(json_text({"version": 1, name: list(objects)}))
    elif arguments.is_csv:
        emit(csv_text([title.lower() for title in header], rows).rstrip("\r\n"))
    elif rows:
        emit(table(header, rows, is_ascii=is_ascii_only()))


def _transitions(found: Sequence[Seen]) -> tuple[Sequence[str], list[list[str]], list[Json]]:
    from tui.present.format import rfc3339

    rows: list[list[str]] = []
    objects: list[Json] = []
    for seen in found:
        one = seen.transition
        before = one.before.value if one.before is not None else None
        seen_at, after_at, server_at = rfc3339(one.seen_at), rfc3339(one.after_at), rfc3339(one.server_at)
        change = (one.part, before or "", one.after.value, one.status or "")
        rows.append([seen_at or "", one.key, *change, server_at or ""])
        objects.append(
            {
                "target": one.key,
                "part": one.part,
                "before": before,
                "after": one.after.value,
                "status": one.status,
                "after_at": after_at,
                "seen_at": seen_at,
                "server_at": server_at,
            }
        )
    return ("SEEN", "TARGET", "PART", "FROM", "TO", "STATUS", "SERVER'S TIME"), rows, objects


def _durations(found: Sequence[Seen], *, is_narrow: bool) -> tuple[Sequence[str], list[list[str]], list[Json]]:
    """What these transitions tell of how long things take, a line a step; with `is_narrow` of the name itself."""
    from tui.domain.durations import rest_step
    from tui.domain.learning import Learner, learn
    from tui.domain.state import State
    from tui.present.format import duration

    learner = Learner()
    learn(learner, ((seen.scope, seen.transition, seen.told) for seen in found))
    rows: list[list[str]] = []
    objects: list[Json] = []
    whole = rest_step("", State.WAITING)
    for scope, step, sample in learner.durations.steps():
        part, _, phase = step.partition("|")
        is_widest = not scope.family and not scope.project
        if (phase.startswith(">") and step != whole) or (not is_narrow and not is_widest):
            continue
        if is_narrow and scope != scope.ladder()[0]:
            continue
        name = "in all" if step == whole else phase
        p50, p90, p95 = (sample.at_most(share) for share in (0.5, 0.9, 0.95))
        rows.append(
            [scope.server, scope.kind, scope.type, part, name, str(len(sample)), *map(duration, (p50, p90, p95))]
        )
        objects.append(
            {
                "server": scope.server,
                "kind": scope.kind,
                "type": scope.type,
                "stage": part,
                "phase": name,
                "runs": len(sample),
                "p50_s": [round(sample.at_least(0.5), 1), round(p50, 1)],
                "p90_s": [round(sample.at_least(0.9), 1), round(p90, 1)],
                "p95_s": [round(sample.at_least(0.95), 1), round(p95, 1)],
            }
        )
    order = sorted(range(len(rows)), key=lambda place: rows[place][:5])
    header = ("SERVER", "KIND", "TYPE", "STAGE", "PHASE", "RUNS", "P50", "P90", "P95")
    return header, [rows[place] for place in order], [objects[place] for place in order]


def _prune(arguments: argparse.Namespace, words: Sequence[str]) -> int:
    from tui.durations import parse_duration
    from tui.history.rows import prune

    if words:
        raise UsageError("`scantop history prune` takes no TARGET")
    keep = timedelta(seconds=arguments.older_than if arguments.older_than is not None else parse_duration(KEEP))
    gone = 0
    with _opened(is_writing=True) as db:
        while True:
            now = datetime.now(UTC)
            some = prune(db, now, keep)
            gone += some
            if not some:
                break
        room = _give_room_back(db)
    narrate(f"{_so_many(gone)} dropped{room}")
    return 0


def _so_many(number: int) -> str:
    from tui.present.format import count

    return f"{count(number, 'transition')} {'was' if number == 1 else 'were'}"


def _give_room_back(db: sqlite3.Connection) -> str:
    """Make the file as small as it can be; gives what is to be said where somebody else writes at this moment."""
    import sqlite3

    try:
        db.execute("VACUUM")
    except sqlite3.OperationalError as error:
        return f"; their room in the file is used again later ({error})"
    return ""


def _export(arguments: argparse.Namespace, words: Sequence[str]) -> int:
    from tui.history.carrying import export_lines, is_transition
    from tui.locations import PRIVATE_FILE

    place = _one_file(words, "export")
    with _opened() as db:
        if place == "-":
            for line in export_lines(db, server=arguments.server):
                if not emit(line):
                    break
            return 0
        try:
            descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        except FileExistsError:
            raise UsageError(f"{place} is there already; nothing was written") from None
        written = 0
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                for line in export_lines(db, server=arguments.server):
                    file.write(line + "\n")
                    written += is_transition(line)
        except BaseException:  # half an export looks like a whole one
            os.unlink(place)
            raise
    narrate(f"{_so_many(written)} written to {place}")
    return 0


def _import(arguments: argparse.Namespace, words: Sequence[str]) -> int:
    from tui.history.carrying import NotAnExport, import_lines, read_lines

    place = _one_file(words, "import")
    try:
        with export_stream(place) as file, _opened(is_writing=True) as db:
            added = import_lines(db, read_lines(file))
    except NotAnExport as error:
        raise UsageError(f"{place}: {error}; nothing was added") from None
    narrate(f"{_so_many(added)} added")
    return 0


@contextmanager
def export_stream(place: str) -> Iterator[BufferedReader]:
    """The bytes of an export that is read; - is standard input. Raises `UsageError`, `OSError`."""
    if place != "-":
        with open(place, "rb") as file:
            yield file
    elif sys.stdin is None:
        raise UsageError("there is no standard input to read from")
    else:
        yield sys.stdin.buffer  # type: ignore[misc]  # a BufferedReader, wherever there is a standard input


def _one_file(words: Sequence[str], act: str) -> str:
    if len(words) != 1:
        stream = "input" if act == "import" else "output"
        raise UsageError(f"say which file: scantop history {act} FILE (- is standard {stream})")
    return words[0]
