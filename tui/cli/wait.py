"""``scantop wait``: follows targets to their end, and tells the shell how that was.

Owns the command's grammar and its exit code; the rules are in `tui.waiting`, the streams in `wait_output`.
"""

from __future__ import annotations

import argparse
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from tui.cli.exit_codes import ExitCode, of_all
from tui.cli.naming import span, span_or_none, targets_named
from tui.cli.parser import UsageError, near

if TYPE_CHECKING:
    from tui.cli.wait_output import WaitOutput
    from tui.clock import Clock
    from tui.domain.outlook import Outlook
    from tui.domain.snapshot import Entry
    from tui.domain.target import Target
    from tui.settings import Settings
    from tui.waiting.rules import Wait
    from tui.waiting.terms import Terms

AUTO = "auto"
SHORTEST_S = 1.0  # the shortest interval for a server that is not on this machine
REFUSAL_PAUSE_LEAST_S = 2.0  # polling itself asks a server in trouble no sooner
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

EPILOG = """\
TARGET is an address (prod:build/app/412, tf:scan/6/41, sca:job/9912, prod:artifact/REPO/PATH, prod:report/ID), a
ThreadFix status URL or upload answer, an Artifactory URL of a file, an image as repo/image:tag, or `-`: standard input
with an address a line, or one whole upload answer. Durations are written 300ms, 5s, 30m, 2h or 7d.

examples:
  scantop wait prod:build/app/412 --timeout 30m
  scantop wait prod:build/app/412 --stage violations --stage-timeout sca=20m
  scantop wait --any prod:build/app/412 prod:build/app/411
  curl -s -F file=@app.fpr … | scantop wait - --timeout 1h --fail-fast
  scantop wait prod:build/app/412 --json | jq -c 'select(.event == "ended")'

Standard output has a line per change, the time (UTC) first, and a line every --heartbeat in which nothing changed; with
--json a JSON object a line, the last one the summary. On a terminal a small live view on standard error takes the
lines' place and leaves one line a target. CI, NO_COLOR, TERM=dumb and redirections are respected.

A 502, a reset, a DNS failure, a login page or ten minutes without a network do not end it: they are counted and told at
the end. A refusal (401, 403) is asked again twice, the token read anew, and then ends that target with 4. Without
--timeout it waits as long as it takes.

exit codes: 0 every target (--any: one) ended well, 1 one ended failed, partial or canceled, 2 usage, 3 a server was
never reached in all the time, 4 refused, 5 out of time (--timeout, --stage-timeout), 6 never appeared within --grace, 7
stuck, 8 standard output was closed before the end, 130 interrupted. For several: the first of 2, 4, 3, 6, 1, 7, 5, 8.
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's grammar."""
    parser = subparsers.add_parser(
        "wait",
        help="follow TARGETs to their end, with an exit code for a script",
        description="Follow TARGETs to their end. Survives whatever the network does; a timeout is never 0.",
        epilog=EPILOG,
    )
    parser.add_argument("targets", nargs="+", metavar="TARGET", help="what to wait for, or - for standard input")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--all", action="store_true", dest="is_all", help="until every target has ended (default)")
    which.add_argument("--any", action="store_true", dest="is_any", help="until one target has ended well")
    parser.add_argument(
        "--fail-fast", action="store_true", dest="is_fail_fast", help="end as soon as one target ends otherwise"
    )
    parser.add_argument("--stage", metavar="NAME", default="", help="wait for the end of this stage, e.g. violations")
    parser.add_argument("--timeout", metavar="DURATION", type=span_or_none, help="give up after that time, with 5")
    parser.add_argument(
        "--stage-timeout",
        metavar="NAME=DURATION",
        type=_stage_limit,
        action="append",
        default=[],
        help="the longest time that a stage may wait and run, e.g. sca=20m; repeatable",
    )
    parser.add_argument(
        "--grace", metavar="DURATION", type=span_or_none, help="how long a target may be missing (default 5m)"
    )
    parser.add_argument(
        "--stuck-after",
        metavar="DURATION",
        help="a target in which nothing changes for so long is stuck, with 7; auto: far longer than it usually takes",
    )
    parser.add_argument(
        "--heartbeat", metavar="DURATION", type=span_or_none, help="a line when nothing changes (default 60s; 0: none)"
    )
    parser.add_argument("--interval", metavar="DURATION", type=span, help="how often to ask (default: [poll] active)")
    parser.add_argument("--json", action="store_true", dest="is_json", help="print one JSON object a line")
    parser.add_argument(
        "--annotate", metavar="SYSTEM", choices=("github", "gitlab", "jenkins"), help="github, gitlab or jenkins"
    )


def _stage_limit(text: str) -> tuple[str, float]:
    name, equals, limit = text.partition("=")
    if not equals or not name.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=DURATION, e.g. sca=20m")
    return fold(name), span(limit)


def fold(name: str) -> str:
    """A stage's name as it is kept: ``Channel Merging`` and ``CHANNEL_MERGING`` are ``channel_merging``."""
    return "_".join(name.lower().replace("-", " ").replace("_", " ").split())


def run(arguments: argparse.Namespace) -> int:
    """Wait, and give the exit code. Raises `AddressError`, `UsageError`, `ConfigError`."""
    import asyncio

    from tui.cli.session import settings_of
    from tui.cli.wait_output import WaitOutput
    from tui.clock import SteadyClock
    from tui.domain.outlook import Outlook
    from tui.waiting.rules import Wait

    settings = settings_of(arguments)
    targets = targets_named(arguments.targets, settings)
    clock = SteadyClock()
    outlook = Outlook(settings.poll.stuck_s or None)
    terms = terms_of(arguments, targets, settings, outlook, clock)
    wait = Wait(targets, terms, clock)
    output = WaitOutput(wait, clock, os.environ, is_json=arguments.is_json, system=arguments.annotate)
    asyncio.run(_follow(_narrowed(settings, targets, terms, arguments.interval), wait, output, outlook, clock))
    code = exit_code(wait, has_reader=output.has_reader)
    output.close(code, {key: code_of(course.outcome) for key, course in wait.courses.items() if course.outcome})
    return code


def terms_of(
    arguments: argparse.Namespace, targets: Sequence[Target], settings: Settings, outlook: Outlook, clock: Clock
) -> Terms:
    """The conditions that the flags set; `outlook` judges what is learnt. Raises `UsageError` for unknown stages."""
    from tui.waiting.terms import GRACE_S, HEARTBEAT_S, REFUSAL_PAUSE_S, Terms, no_stuck_limit

    stages = _stages(targets)
    stage = fold(arguments.stage)
    if arguments.stage:
        for target in targets:
            _check_stage(stage, stages[target.kind], f"{target.key} has no stage")
    known = tuple(dict.fromkeys(name for names in stages.values() for name in names))
    for name, _ in arguments.stage_timeout:
        _check_stage(name, known, "none of these targets has a stage")
    active_s = arguments.interval or settings.poll.active_s
    stuck_limit: Callable[[Entry], float | None] = no_stuck_limit
    if arguments.stuck_after is not None:
        is_auto = arguments.stuck_after.strip().lower() == AUTO
        stuck_limit = outlook.stuck_limit if is_auto else _fixed(_stuck_after(arguments.stuck_after))
    return Terms(
        is_any=arguments.is_any,
        is_fail_fast=arguments.is_fail_fast,
        stage=stage,
        timeout_s=arguments.timeout or None,
        grace_s=GRACE_S if arguments.grace is None else arguments.grace,
        heartbeat_s=HEARTBEAT_S if arguments.heartbeat is None else arguments.heartbeat,
        stage_limits_s=dict(arguments.stage_timeout),
        stuck_limit=stuck_limit,
        left_words=_left_words(outlook, clock),
        refusal_pause_s=min(REFUSAL_PAUSE_S, max(REFUSAL_PAUSE_LEAST_S, 2 * active_s)),
    )


def _stages(targets: Sequence[Target]) -> Mapping[str, tuple[str, ...]]:
    """The stages that each kind of target may have."""
    from tui.servers.kind import grammars

    kinds = {target.kind for target in targets}
    return {grammar.kind: grammar.stages for grammar in grammars() if grammar.kind in kinds}


def _check_stage(name: str, known: Sequence[str], what: str) -> None:
    if name not in known:
        hint = near(name, known) or (f"; there are: {', '.join(known)}" if known else "s at all")
        raise UsageError(f"{what} {name!r}{hint}" if known else f"{what}{hint}")


def _left_words(outlook: Outlook, clock: Clock) -> Callable[[Entry], str]:
    from tui.present.left import left_text

    def words(entry: Entry) -> str:
        left = outlook.time_left(entry, clock.now())
        return f"time left: {left_text(left)}" if left is not None else ""

    return words


def _stuck_after(text: str) -> float:
    try:
        return span(text)
    except argparse.ArgumentTypeError as error:
        raise UsageError(f"argument --stuck-after: {error}") from None


def _fixed(limit_s: float) -> Callable[[Entry], float | None]:
    def limit(entry: Entry) -> float | None:
        return limit_s

    return limit


def _narrowed(settings: Settings, targets: Sequence[Target], terms: Terms, interval_s: float | None) -> Settings:
    """Settings that ask for nothing but these targets: no lists, no watch tables, no other server."""
    import dataclasses

    from tui.settings import is_loopback

    used = {target.server for target in targets}
    servers = tuple(server for server in settings.servers if server.name in used)
    if interval_s is not None and interval_s < SHORTEST_S and not all(is_loopback(server.url) for server in servers):
        raise UsageError("--interval may be under 1s only for servers on this machine")
    poll = dataclasses.replace(settings.poll, grace_s=terms.grace_s, active_s=interval_s or settings.poll.active_s)
    return dataclasses.replace(settings, servers=servers, watch=(), poll=poll)


async def _follow(settings: Settings, wait: Wait, output: WaitOutput, outlook: Outlook, clock: Clock) -> None:
    import asyncio

    from tui.locations import HISTORY_NAME, state_folder
    from tui.waiting.follow import Follower
    from tui.wiring import open_monitor

    history = state_folder(os.environ) / HISTORY_NAME
    monitor = open_monitor(settings, clock=clock, history_path=history, has_default_lists=False, outlook=outlook)
    follower = Follower(monitor, wait, clock, output.tell, look_s=output.look_s)
    loop = asyncio.get_running_loop()
    output.on_closed = follower.interrupt
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup means it
            loop.add_signal_handler(number, follower.interrupt)
    output.open(clock.now())
    await follower.run()


def exit_code(wait: Wait, *, has_reader: bool = True) -> ExitCode:
    """How the wait ended. `has_reader` False: it was broken off because nobody reads its standard output."""
    if wait.has_succeeded:
        return ExitCode.FINE
    if wait.is_interrupted and has_reader:
        return ExitCode.INTERRUPTED
    codes = [code_of(outcome) for outcome in wait.outcomes]
    if wait.is_interrupted:
        codes.append(ExitCode.NOT_ENDED)
    return of_all(codes)


def code_of(outcome: str) -> ExitCode:
    """What one target's outcome by itself calls for."""
    from tui.waiting.terms import Outcome

    return {
        Outcome.DONE: ExitCode.FINE,
        Outcome.ENDED_BADLY: ExitCode.BAD_END,
        Outcome.NOT_ASKED: ExitCode.NOT_ASKED,
        Outcome.REFUSED: ExitCode.REFUSED,
        Outcome.OUT_OF_TIME: ExitCode.OUT_OF_TIME,
        Outcome.NEVER_APPEARED: ExitCode.NEVER_APPEARED,
        Outcome.STUCK: ExitCode.STUCK,
    }[Outcome(outcome)]
