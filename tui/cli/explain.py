"""``scantop explain TARGET…``: why a target stands where it stands, each piece of evidence with its call."""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui.cli.output import emit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.domain.evidence import Evidence, Fact
    from tui.domain.outlook import Outlook
    from tui.domain.snapshot import Entry
    from tui.domain.target import Target
    from tui.polling.store import Store
    from tui.settings import Settings

EPILOG = """\
TARGET is an address, or what stands for one, as for `scantop status`; `-` reads them from standard input. Each target
is polled once; then a few calls that only read ask for what may explain it (the active jobs, the list of builds, what
is set to be indexed). The most telling evidence comes first. What could not be asked is said too.

examples:
  scantop explain sca:job/9912
  scantop explain prod:build/app/412
  scantop explain --json tf:scan/6/41 | jq -r '.targets[].evidence[].text'

exit codes: as for `scantop status`: 0 once every target was polled, whatever its state, else 3 (could not be asked),
4 (refused), 6 (missing)
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's grammar."""
    parser = subparsers.add_parser(
        "explain",
        help="why TARGETs stand where they stand, with the calls that say so",
        description="Say why a target waits, fails or is missing, as far as its server lets that be known.",
        epilog=EPILOG,
    )
    parser.add_argument("targets", nargs="+", metavar="TARGET", help="what to explain")
    parser.add_argument("--json", action="store_true", dest="is_json", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Poll once, ask what more there is to know, print, and give the exit code."""
    import asyncio

    from tui.cli.exit_codes import of_status
    from tui.cli.naming import targets_named
    from tui.cli.session import settings_of
    from tui.domain.outlook import Outlook
    from tui.present.as_json import json_text
    from tui.present.explaining import explain_document

    settings = settings_of(arguments)
    targets = targets_named(arguments.targets, settings)
    outlook = Outlook(settings.poll.stuck_s or None)
    store, facts = asyncio.run(_ask(settings, targets, outlook))
    now = datetime.now(UTC)
    told = [
        (store.entries[target.key], _explained(settings, store, target, facts[target.key], outlook, now))
        for target in targets
    ]
    if arguments.is_json:
        emit(json_text(explain_document(told, now)))
    else:
        _print(told, now)
    return of_status([entry for entry, _ in told], is_judging=False)


async def _ask(
    settings: Settings, targets: tuple[Target, ...], outlook: Outlook
) -> tuple[Store, Mapping[str, tuple[Fact, ...]]]:
    """One poll of the targets, then what their servers can tell beside it; one target after the other."""
    from tui.locations import HISTORY_NAME, state_folder
    from tui.wiring import open_actor, open_monitor

    monitor = open_monitor(settings, history_path=state_folder(os.environ) / HISTORY_NAME, outlook=outlook)
    try:
        await monitor.poll_once(targets=targets, lists=())
        await monitor.learnt()
    finally:
        await monitor.stop()
    async with open_actor(settings) as actor:
        facts = {target.key: await actor.gather(target, monitor.store.entries[target.key].state) for target in targets}
    return monitor.store, facts


def _explained(
    settings: Settings, store: Store, target: Target, facts: tuple[Fact, ...], outlook: Outlook, now: datetime
) -> tuple[Evidence, ...]:
    from tui.domain.evidence import case_of
    from tui.domain.explain import explain
    from tui.servers.kind import kinds

    case = case_of(
        store.entries[target.key],
        store.entries.values(),
        now,
        outlook=outlook,
        title=kinds()[settings.server(target.server).kind].title,
        health=store.servers.get(target.server),
        facts=facts,
    )
    return explain(case)


def _print(told: list[tuple[Entry, tuple[Evidence, ...]]], now: datetime) -> None:
    from tui.cli.columns import LAST_LIMIT, is_ascii_only
    from tui.present.cells import since_at
    from tui.present.explaining import source_text
    from tui.present.format import age, seconds_between
    from tui.present.safe import clean
    from tui.present.spec import ASCII, UNICODE

    is_ascii = is_ascii_only()
    glyphs = ASCII if is_ascii else UNICODE
    for index, (entry, evidence) in enumerate(told):
        gone = age(seconds_between(since_at(entry), now))
        head = f"{glyphs.of(entry.state)} {entry.key}  {entry.state.word}" + (f" {gone}" if gone else "")
        lines = [clean(head, LAST_LIMIT, is_ascii=is_ascii)]
        for number, one in enumerate(evidence, 1):
            lines.append(f"{number:>3}. {clean(one.text, LAST_LIMIT, is_ascii=is_ascii)}")
            source = source_text(one, now)
            if source:
                lines.append(f"     [{clean(source, LAST_LIMIT, is_ascii=is_ascii)}]")
        emit(("\n" if index else "") + "\n".join(lines))
