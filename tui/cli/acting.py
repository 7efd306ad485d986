"""What commands share that change something: which server, asking first, printing what came of it, following it.

Knows no act. A command that changes something asks on a terminal, wants ``--yes`` without one, and is off under
read-only.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from tui.cli.exit_codes import ExitCode, of_all, of_problem
from tui.cli.output import emit, narrate
from tui.cli.parser import UsageError, parse

if TYPE_CHECKING:
    from tui.acting import Actor
    from tui.domain.acts import Outcome
    from tui.domain.target import Target
    from tui.settings import Settings

YES = frozenset({"y", "yes"})
ANSWER_CHARACTERS = 100  # of a yes or a no
Result = TypeVar("Result")


def add_yes(parser: argparse.ArgumentParser) -> None:
    """The flag of a command that changes something."""
    parser.add_argument("--yes", action="store_true", dest="is_yes", help="do not ask first")


def add_wait(parser: argparse.ArgumentParser, what: str) -> None:
    """The flags of a command that can follow what it made."""
    from tui.cli.naming import span

    parser.add_argument("--wait", action="store_true", dest="is_waiting", help=f"follow {what}")
    parser.add_argument("--timeout", metavar="DURATION", type=span, help="with --wait: give up after that time, with 5")


def add_json(parser: argparse.ArgumentParser) -> None:
    """The flag for programs."""
    parser.add_argument("--json", action="store_true", dest="is_json", help="print one JSON object")


def acting(settings: Settings, act: Callable[[Actor], Awaitable[Result]]) -> Result:
    """Run something with an actor on these settings, and close it."""
    import asyncio

    from tui.wiring import open_actor

    async def run() -> Result:
        async with open_actor(settings) as actor:
            return await act(actor)

    return asyncio.run(run())


def server_for(settings: Settings, ability: str, what: str) -> str:
    """The one server that can; ``--server`` has narrowed the settings already. Raises `UsageError`."""
    from tui.wiring import open_actor

    names = open_actor(settings).servers_for(ability)
    if len(names) == 1:
        return names[0]
    if not names:
        raise UsageError(f"no configured server can {what}")
    raise UsageError(f"say which server with --server: one of {', '.join(names)}")


def check_allowed(settings: Settings, server: str, ability: str) -> None:
    """Raise `UsageError` where the server's kind cannot or it is read-only."""
    from tui.wiring import open_actor

    reason = open_actor(settings).why_not(server, ability)
    if reason:
        raise UsageError(reason.rstrip("."))


def agree(question: str, *, is_yes: bool) -> bool:
    """Whether the person wants it. Raises `UsageError` where nobody can be asked and ``--yes`` is not there.

    The question goes to standard error, one line; an answer that is not yes, or none, is no.
    """
    if is_yes:
        return True
    if sys.stdin is None or sys.stdin.closed or not sys.stdin.isatty():
        raise UsageError(f"{question} Standard input is no terminal to ask on: give --yes to do it")
    narrate(f"{question} [y/N]")
    answer = sys.stdin.readline(ANSWER_CHARACTERS)
    if answer.strip().lower() in YES:
        return True
    narrate("nothing was changed")
    return False


def place_of(settings: Settings, server: str) -> str:
    """A server's name and address, for a question."""
    return f"{server} ({settings.server(server).url})"


def report_outcomes(outcomes: Sequence[Outcome], arguments: argparse.Namespace, *, is_following: bool = False) -> int:
    """Print what came of acts, and give the exit code: data on standard output, what went wrong on standard error."""
    from tui.domain.acts import Fate
    from tui.present.acts_as_json import json_line, outcomes_document
    from tui.present.as_json import json_text

    if arguments.is_json:
        document = outcomes_document(outcomes)
        emit(json_line(document) if is_following else json_text(document))
    codes = [ExitCode.FINE]
    for outcome in outcomes:
        if outcome.fate is not Fate.DONE:
            narrate(f"{outcome.act}: {outcome.text}")
        elif not arguments.is_json:
            narrate(outcome.text)
        if outcome.is_done and outcome.target is not None and not (arguments.is_json or is_following):
            emit(outcome.target.key)
        codes.append(code_of(outcome))
    return of_all(codes)


def code_of(outcome: Outcome) -> ExitCode:
    """What one act calls for; an answer that was lost without a trace is a server that could not be asked."""
    from tui.domain.acts import Fate

    if outcome.fate is Fate.DONE:
        return ExitCode.FINE
    if outcome.fate is Fate.UNSURE or outcome.problem is None:
        return ExitCode.NOT_ASKED
    return of_problem(outcome.problem)


def follow(targets: Sequence[Target], arguments: argparse.Namespace) -> int:
    """`scantop wait` on what was made; its exit code. It has its own lines on standard output."""
    if not targets:
        return ExitCode.FINE
    argv = ["wait", *(target.key for target in targets)]
    if arguments.config is not None:
        argv += ["--config", arguments.config]
    if arguments.timeout is not None:
        argv += ["--timeout", f"{arguments.timeout:f}s"]
    if arguments.is_json:
        argv.append("--json")
    waiting = parse(argv)
    result: int = waiting.run(waiting)
    return result


def finish(outcomes: Sequence[Outcome], arguments: argparse.Namespace) -> int:
    """Print what came of acts that make something; with ``--wait`` follow what was made. Gives the exit code."""
    code = report_outcomes(outcomes, arguments, is_following=arguments.is_waiting)
    if not arguments.is_waiting:
        return code
    made = [outcome.target for outcome in outcomes if outcome.is_done and outcome.target is not None]
    return of_all([ExitCode(code), ExitCode(follow(made, arguments))])
