"""``scantop doctor``: this machine, then every server step by step, each with a sentence that says how to mend it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui.cli.exit_codes import ExitCode
from tui.cli.output import emit

if TYPE_CHECKING:
    from tui.doctor.steps import Look, Step
    from tui.settings import Settings

WORDS = {"ok": "ok", "note": "note", "failed": "FAIL", "not_tried": "-"}
NAME_CELLS = 14

EPILOG = """\
The steps of a server: name (its addresses), connection (through which proxy), tls (who signed, until when, which
ca_file would mend it), authentication (which token, whose and until when; never the token itself), permission (one for
each endpoint that scantop uses), version (against what each endpoint needs), clock (against this machine's), latency.
A step that stands on one that failed is not tried. Only reading questions are asked, and nothing is changed anywhere.

examples:
  scantop doctor
  scantop doctor --server prod
  scantop doctor --tell                    a test message by every rule of the config ([[tell]])
  scantop doctor --tell failures           … by that one
  scantop doctor --json | jq -r '.servers[].steps[] | select(.verdict == "failed") | .advice'

--json prints one object:
  {"version": 1, "checked_at": TIME, "scantop": VERSION, "here": [STEP…],
   "servers": [{"name", "kind", "url", "verdict", "steps": [STEP…]}]}
  STEP is {"step": NAME, "verdict": "ok|note|failed|not_tried", "text": SENTENCE, "advice": SENTENCE or null,
   "problem": null or {"code", "text", "http_status"} with the codes of `status --json`, "facts": {…}}

exit codes: 0 nothing failed (there may be notes), 2 (usage or configuration), 3 (a server could not be asked, or is too
old), 4 (a server refused the token, or an endpoint that is needed); 4 wins over 3
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's grammar."""
    parser = subparsers.add_parser(
        "doctor",
        help="look at each server step by step, and say how to mend what is wrong",
        description="Look at this machine and at each configured server, step by step, and say how to mend what is "
        "wrong.",
        epilog=EPILOG,
    )
    parser.add_argument("--json", action="store_true", dest="is_json", help="print one JSON object")
    parser.add_argument(
        "--tell",
        nargs="?",
        const="",
        metavar="RULE",
        help="send a test message by each rule of the config, or by RULE, and look at nothing else",
    )


def run(arguments: argparse.Namespace) -> int:
    """Look, print, and give the exit code. Raises `ConfigError`, `UsageError`."""
    import asyncio

    from tui.cli.session import settings_of
    from tui.doctor.as_json import doctor_document
    from tui.doctor.here import look_here
    from tui.doctor.rules import look_at_rules
    from tui.locations import state_folder
    from tui.present.as_json import json_text

    settings = settings_of(arguments)
    if arguments.tell is not None:
        return _tell(settings, arguments.tell, is_json=arguments.is_json)
    here = (*look_here(settings, state_folder(os.environ), os.environ), *look_at_rules(settings))
    if arguments.is_json:
        looks = asyncio.run(_look(settings))
        emit(json_text(doctor_document(here, looks, datetime.now(UTC))))
        return _code(looks)
    _print("this machine", here)
    looks = asyncio.run(_look(settings))
    for look in looks:
        emit("")
        _print(f"{look.name}: {look.title} at {look.url}", look.steps)
    return _code(looks)


async def _look(settings: Settings) -> Sequence[Look]:
    """All servers at once: one that hangs keeps no other waiting."""
    import asyncio

    from tui.clock import SystemClock
    from tui.doctor.examine import Examination
    from tui.servers.kind import kinds

    known, clock = kinds(), SystemClock()
    authorities = [server.ca_file for server in settings.servers if server.ca_file is not None]
    examinations = (
        Examination(server, known[server.kind], clock, os.environ, authorities) for server in settings.servers
    )
    return await asyncio.gather(*(examination.run() for examination in examinations))


def _tell(settings: Settings, name: str, *, is_json: bool) -> int:
    """Send the test messages. Raises `UsageError` where there is no such rule."""
    import asyncio

    from tui.cli.parser import UsageError
    from tui.clock import SystemClock
    from tui.config.faults import nearest
    from tui.doctor.as_json import doctor_document
    from tui.doctor.rules import try_rules
    from tui.present.as_json import json_text

    rules = [rule for rule in settings.tell if name in ("", rule.name)]
    if not settings.tell:
        raise UsageError("the config has no [[tell]] table, so nobody is told anything")
    if not rules:
        names = [rule.name for rule in settings.tell]
        known = ", ".join(names)
        raise UsageError(f"no rule is called {name!r}{nearest(name, names) or f'; there are: {known}'}")
    steps = asyncio.run(try_rules(rules, settings, SystemClock(), _ring))
    if is_json:
        emit(json_text(doctor_document(steps, (), datetime.now(UTC))))
    else:
        _print("test messages", steps)
    return _code_of(steps)


def _ring(text: str, tone: str, how: str) -> bool:
    """Ring on the terminal that this command was given on, wherever its output goes; False where there is none."""
    from tui.present.ringing import BELL, sequence

    try:
        with open("/dev/tty", "w", encoding="utf-8") as terminal:
            terminal.write(BELL + sequence(how, text, os.environ))
    except OSError:
        return False
    return True


def _print(title: str, steps: Iterable[Step]) -> None:
    from tui.cli.columns import is_ascii_only
    from tui.present.safe import clean

    is_ascii = is_ascii_only()
    lines = [title]
    for step in steps:
        lines.append(f"  {WORDS[step.verdict]:<5} {step.name:<{NAME_CELLS}} {step.text}")
        if step.advice:
            lines.append(f"  {'':<5} {'':<{NAME_CELLS}} -> {step.advice}")
    emit("\n".join(clean(line, 4000, is_ascii=is_ascii) for line in lines))


def _code(looks: Iterable[Look]) -> int:
    return _code_of(step for look in looks for step in look.steps)


def _code_of(steps: Iterable[Step]) -> int:
    from tui.cli.exit_codes import of_all
    from tui.domain.problem import REFUSALS
    from tui.servers.probing import Verdict

    failed = [step for step in steps if step.verdict is Verdict.FAILED]
    return of_all(ExitCode.REFUSED if step.code in REFUSALS else ExitCode.NOT_ASKED for step in failed)
