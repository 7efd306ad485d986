"""``scantop status``: one poll of everything that is watched, or of the targets named; a table, or JSON."""

from __future__ import annotations

import argparse
import math
import os
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui.cli.output import emit, narrate

if TYPE_CHECKING:
    from tui.domain.problem import Problem
    from tui.domain.records import ListQuery
    from tui.domain.snapshot import Entry
    from tui.domain.target import Target
    from tui.polling.store import Store
    from tui.present.spec import Glyphs
    from tui.settings import Settings

EPILOG = """\
TARGET is an address (prod:build/app/412, tf:scan/6/41, sca:job/9912, prod:artifact/REPO/PATH, prod:report/ID), a
ThreadFix status URL or upload answer, an Artifactory URL of a file, or an image as repo/image:tag. `SERVER:` may be
left out where only one server fits, and `-` reads addresses, or an upload answer, from standard input. Without TARGET:
all that the config's [[watch]] tables (rows of lists too) and the host's watch list (`scantop watch`) name.

examples:
  scantop status
  scantop status prod:build/app/412 docker-local/app:1.0
  scantop status --json | jq '.targets[] | select(.state == "failed")'
  scantop status --exit-status prod:build/app/412 || echo "not all right: $?"

A server's budget_per_minute may be used at once here; with more targets than that it says so and takes its minutes.
In the JSON, `problems` are those of no target (a list, the newest of a build); `note` is what a state does not say.
`due_at` and `slack_s` (seconds, negative once overdue) tell of a deadline, and are null without one.

exit codes: 0 once every target was polled, whatever its state, else 3 (could not be asked), 4 (refused), 6 (missing);
with --exit-status also 1 (ended failed, partial or canceled) and 8 (not ended yet)
A target that the server cannot scan (unsupported) counts as done: waiting changes nothing; its state says so.
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's grammar."""
    parser = subparsers.add_parser(
        "status",
        help="one poll of everything watched, or of TARGETs; a table, or JSON",
        description="Ask every server once and print where each target stands.",
        epilog=EPILOG,
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="what to ask for (default: everything watched)")
    parser.add_argument("--json", action="store_true", dest="is_json", help="print one JSON object")
    parser.add_argument(
        "--exit-status", action="store_true", dest="is_judging", help="let the exit code judge the states"
    )


def run(arguments: argparse.Namespace) -> int:
    """Poll once, print, and give the exit code."""
    from dataclasses import replace

    from tui.cli.exit_codes import of_status
    from tui.cli.naming import listed_items, targets_named
    from tui.cli.session import poll_once, settings_of
    from tui.domain.outlook import Outlook
    from tui.locations import HISTORY_NAME, state_folder
    from tui.present.as_json import json_text, status_document
    from tui.settings import WatchedTarget

    settings = settings_of(arguments)
    targets = targets_named(arguments.targets, settings)
    if not targets:
        listed = listed_items(settings, is_narrowed=arguments.server is not None)
        settings = replace(settings, watch=(*settings.watch, *listed))
    if not targets and not settings.watch:
        narrate("nothing is watched: name a TARGET, write [[watch]] tables into the config, or use `scantop watch add`")
    _tell_wait(settings, targets or tuple(item.target for item in settings.watch if isinstance(item, WatchedTarget)))
    outlook = Outlook(settings.poll.stuck_s or None)
    asked, lists = (targets, ()) if targets else (None, _lists(settings))
    history = state_folder(os.environ) / HISTORY_NAME
    store = poll_once(settings, asked, lists, history_path=history, outlook=outlook if arguments.is_json else None)
    entries = [store.entries[target.key] for target in targets] if targets else _watched(settings, store)
    problems = () if targets else _problems(settings, store)
    now = datetime.now(UTC)
    if arguments.is_json:
        emit(json_text(status_document(entries, now, lambda entry: outlook.time_left(entry, now), problems)))
    else:
        _print_table(entries, now)
    for server, about, problem in problems:
        narrate(f"{server}:{about}: {problem.words}")
    return of_status(entries, (problem for _, _, problem in problems), is_judging=arguments.is_judging)


def _tell_wait(settings: Settings, targets: Sequence[Target]) -> None:
    """Say that a server's budget will make this take long. Those that one request answers together may need less."""
    counts = Counter(target.server for target in targets)
    for server in settings.servers:
        beyond = counts[server.name] - server.budget_per_minute
        if beyond > 0:
            minutes = math.ceil(beyond / server.budget_per_minute)
            words = "a minute" if minutes == 1 else f"{minutes} minutes"
            narrate(
                f"{server.name}: {counts[server.name]} targets and a budget of {server.budget_per_minute} requests a "
                f"minute, so this may take {words} (budget_per_minute)"
            )


def _lists(settings: Settings) -> tuple[ListQuery, ...]:
    """The lists that [[watch]] names; those that the monitor shows besides are nobody's target."""
    from tui.settings import WatchedList

    return tuple(item.query for item in settings.watch if isinstance(item, WatchedList))


def _watched(settings: Settings, store: Store) -> list[Entry]:
    """What [[watch]] names in the file's order, then what it found (the newest builds), then the rows of its lists."""
    from tui.settings import WatchedTarget

    keys = [item.target.key for item in settings.watch if isinstance(item, WatchedTarget)]
    keys += [key for key, entry in store.entries.items() if entry.is_watched]
    keys += [key for query in _lists(settings) for key in store.lists[query.key].keys]
    return [store.entries[key] for key in dict.fromkeys(keys) if key in store.entries]


def _problems(settings: Settings, store: Store) -> tuple[tuple[str, str, Problem], ...]:
    """What could not be read besides targets: the server, what it is, why."""
    states = [store.lists[query.key] for query in _lists(settings)]
    lists = [(state.query.server, state.query.name, state.problem) for state in states if state.problem is not None]
    healths = store.servers.values()
    newest = [(health.name, f"newest of {one.name}", one.problem) for health in healths for one in health.lookups]
    return (*newest, *lists)


def _print_table(entries: Sequence[Entry], now: datetime) -> None:
    from tui.cli.columns import is_ascii_only, table
    from tui.present.spec import ASCII, UNICODE

    is_ascii = is_ascii_only()
    rows = [_row(entry, now, ASCII if is_ascii else UNICODE) for entry in entries]
    if rows:
        emit(table(("STATE", "SINCE", "TARGET", "STATUS", "STAGES AND NOTES"), rows, is_ascii=is_ascii))


def _row(entry: Entry, now: datetime, glyphs: Glyphs) -> tuple[str, ...]:
    from tui.domain.records import STAGES
    from tui.domain.state import State
    from tui.present.cells import since_at
    from tui.present.format import age, seconds_between
    from tui.present.slack import due_text

    state = entry.state
    record = entry.record
    stages = () if record is None else tuple(stage for stage in record.stages if stage.state is not State.ABSENT)
    if len(stages) > len(STAGES):  # a long pipeline: what is behind it says nothing
        stages = tuple(stage for stage in stages if stage.state is not State.DONE)
    notes = [
        " ".join(f"{stage.name}={stage.state.value}" for stage in stages),
        "" if record is None else record.note or record.error,
        due_text(entry, now, now.astimezone().tzinfo or UTC),
        entry.problem.words if entry.problem else "",
    ]
    return (
        f"{glyphs.of(state)} {state.word}",
        age(seconds_between(since_at(entry), now)),
        entry.key,
        (record.status or "") if record is not None else "",
        "; ".join(note for note in notes if note),
    )
