"""``scantop watch add|remove|list``: the host's watch list, which CI steps feed and a running monitor follows."""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.exit_codes import ExitCode
from tui.cli.naming import span, targets_named
from tui.cli.output import emit, narrate

if TYPE_CHECKING:
    from tui.domain.deadline import Deadline
    from tui.present.as_json import Json
    from tui.watchlist import Listed, WatchList, Written

JSON_VERSION = 1

EPILOG = """\
TARGET is an address (prod:build/app/412, tf:scan/6/41), a ThreadFix status URL or upload answer, an Artifactory URL of
a file, an image as repo/image:tag, or `-`: standard input with an address a line, or one whole upload answer.

examples:
  scantop watch add "prod:build/$NAME/$NUMBER" --expire 7d --deadline 45m
  curl -s … | scantop watch add - --label "nightly upload"
  scantop watch list --json
  scantop watch list --json | jq -r '.entries[].target' | scantop watch remove -

The list is a file in the state folder (SCANTOP_STATE names another folder); any number of writers may use it at once. A
running monitor shows a new entry within a second, and `scantop status` polls it too.

exit codes: 0 (adding what is listed already is all right), 2 (usage; remove: one of them was not listed)
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's grammar."""
    parser = subparsers.add_parser(
        "watch",
        help="add, remove or list: what this host watches besides the config",
        description="The host's watch list: what is watched besides the config's [[watch]] tables.",
        epilog=EPILOG,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    add = actions.add_parser(
        "add", help="watch TARGETs from now on", description="Watch TARGETs from now on.", epilog=EPILOG
    )
    add.add_argument("targets", nargs="+", metavar="TARGET", help="what to watch, or - for standard input")
    add.add_argument("--label", metavar="TEXT", default="", help="a name to show in place of the server's")
    add.add_argument(
        "--expire", metavar="DURATION", type=span, help="leave the list by itself after that time, e.g. 7d"
    )
    due = add.add_mutually_exclusive_group()
    due.add_argument("--deadline", metavar="DURATION", help="it is due so long after its run began, e.g. 45m")
    due.add_argument("--by", metavar="HH:MM", help="it is due when the clocks here show that next, e.g. 17:30")
    remove = actions.add_parser(
        "remove", help="watch TARGETs no longer", description="Watch TARGETs no longer.", epilog=EPILOG
    )
    remove.add_argument("targets", nargs="+", metavar="TARGET", help="what to take out, or - for standard input")
    listing = actions.add_parser(
        "list", help="print the list; a table, or JSON", description="Print the watch list.", epilog=EPILOG
    )
    listing.add_argument("--json", action="store_true", dest="is_json", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Do the one action. Raises `AddressError`, `UsageError`, `ConfigError`, OSError."""
    actions = {"add": _add, "remove": _remove, "list": _list}
    return actions[arguments.action](arguments)


def _watchlist() -> WatchList:
    from tui.locations import state_folder
    from tui.watchlist import WatchList

    return WatchList(Path(state_folder(os.environ)))


def _add(arguments: argparse.Namespace) -> int:
    from tui.cli.session import settings_of
    from tui.watchlist import Listed

    now = datetime.now(UTC)
    targets = targets_named(arguments.targets, settings_of(arguments))
    expires_at = now + timedelta(seconds=arguments.expire) if arguments.expire is not None else None
    who = _who()
    deadline = _deadline(arguments, now)
    entries = [Listed(target.key, arguments.label, who, now, expires_at).due_like(deadline) for target in targets]
    done = _watchlist().add(entries, now)
    _tell_aside(done)
    for words, addresses in (("now watched", done.added), ("changed", done.changed)):
        for address in addresses:
            narrate(f"{words}: {address}")
    for target in targets:
        if target.key not in (*done.added, *done.changed):
            narrate(f"watched already: {target.key}")
    return ExitCode.FINE


def _deadline(arguments: argparse.Namespace, now: datetime) -> Deadline | None:
    from tui.cli.parser import UsageError
    from tui.deadlines import read_deadline

    try:
        return read_deadline(arguments.deadline, arguments.by, now)
    except ValueError as error:
        raise UsageError(f"argument --{error.args[1]}: {error.args[0]}") from None


def _remove(arguments: argparse.Namespace) -> int:
    addresses = _addresses(arguments)
    done = _watchlist().remove(addresses, datetime.now(UTC))
    _tell_aside(done)
    for address in done.removed:
        narrate(f"no longer watched: {address}")
    unknown = [address for address in addresses if address not in done.removed]
    for address in unknown:
        narrate(f"{address} is not on the watch list (`scantop watch list` prints it)")
    return ExitCode.USAGE if unknown else ExitCode.FINE


def _addresses(arguments: argparse.Namespace) -> tuple[str, ...]:
    """The addresses to take out. What stands on the list just so needs no reading: its server may be gone."""
    from tui.cli.naming import STDIN, stdin_texts
    from tui.cli.session import settings_of

    texts = [text for word in arguments.targets for text in (stdin_texts() if word == STDIN else [word])]
    listed = {entry.address for entry in _watchlist().read(datetime.now(UTC)).entries}
    found: list[str] = []
    settings = None
    for text in texts:
        if text in listed:
            found.append(text)
            continue
        settings = settings or settings_of(arguments)
        found += [target.key for target in targets_named([text], settings)]
    return tuple(dict.fromkeys(found))


def _list(arguments: argparse.Namespace) -> int:
    from tui.present.as_json import json_text
    from tui.present.format import rfc3339

    now = datetime.now(UTC)
    watchlist = _watchlist()
    contents = watchlist.read(now)
    if contents.trouble:
        narrate(f"{watchlist.path} {contents.trouble}; the next `watch add` sets it aside")
    entries = [entry for entry in contents.entries if _is_wanted(entry, arguments.server)]
    if arguments.is_json:
        rows: list[Json] = [
            {
                "target": entry.address,
                "label": entry.label or None,
                "by": entry.by or None,
                "added_at": rfc3339(entry.added_at),
                "expires_at": rfc3339(entry.expires_at),
                "deadline_s": entry.within_s,
                "due_at": rfc3339(entry.due_at),
            }
            for entry in entries
        ]
        emit(json_text({"version": JSON_VERSION, "entries": rows}))
    elif entries:
        _print_table(entries, now)
    else:
        narrate("the watch list is empty")
    return ExitCode.FINE


def _is_wanted(entry: Listed, server: str | None) -> bool:
    return server is None or entry.address.startswith(f"{server}:")


def _print_table(entries: list[Listed], now: datetime) -> None:
    from tui.cli.columns import is_ascii_only, table
    from tui.present.format import age, seconds_between

    rows = [
        (
            entry.address,
            entry.label,
            entry.by,
            age(seconds_between(entry.added_at, now)),
            age(seconds_between(now, entry.expires_at)),
            _due(entry, now),
        )
        for entry in entries
    ]
    titles = ("TARGET", "LABEL", "BY", "SINCE", "LEAVES IN", "DUE")
    shown = len(titles) if any(entry.deadline for entry in entries) else -1
    emit(table(titles[:shown], [row[:shown] for row in rows], is_ascii=is_ascii_only()))


def _due(entry: Listed, now: datetime) -> str:
    """``45m after its start``, or the moment on this machine's clocks."""
    from tui.present.format import age, moment

    if entry.within_s is not None:
        return f"{age(entry.within_s)} after its start"
    return moment(entry.due_at, now, now.astimezone().tzinfo or UTC)


def _tell_aside(done: Written) -> None:
    if done.set_aside:
        narrate(done.set_aside)


def _who() -> str:
    """The user, as the system knows them; in a container there may be a number only."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
