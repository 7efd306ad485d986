"""The grammar of the command line: one parser made of the commands' own, global options before or after the command.

Knows which commands there are and nothing of what they do; their files import nothing heavy.
"""

from __future__ import annotations

import argparse
import importlib
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import NoReturn

from tui import __version__
from tui.cli.exit_codes import MEANINGS

# In the order of `--help`; each has its own file here with `register(subparsers)` and `run(args)`.
COMMANDS = {
    "demo": "tui.cli.demo",
    "simulate": "tui.cli.simulate",
    "status": "tui.cli.status",
    "wait": "tui.cli.wait",
    "explain": "tui.cli.explain",
    "watch": "tui.cli.watch",
    "jobs": "tui.cli.jobs",
    "history": "tui.cli.history",
    "replay": "tui.cli.replay",
    "report": "tui.cli.report",
    "job": "tui.cli.job",
    "doctor": "tui.cli.doctor",
    "keys": "tui.cli.keys",
    "config": "tui.cli.config_command",
    "completion": "tui.cli.completion",
    "man": "tui.cli.man",
}
VALUED = ("--config", "--server")
LINE_CELLS = 118  # of help; wider terminals leave the rest empty
NEAR_ENOUGH = 0.5  # of difflib's 0 to 1

EPILOG = """\
examples:
  scantop                                   the monitor on your config, or a first screen without one
  scantop demo                              the same on a simulator, to look around
  scantop status                            one poll of everything that is watched, as a table
  scantop status prod:build/app/412 --json  one build, for a script
  scantop wait prod:build/app/412 --timeout 30m   follow it to its end, for a CI step
  scantop watch add prod:build/app/412      let the monitors of this host show it
  scantop doctor                            each server step by step, and how to mend what is wrong
  scantop config init                       a commented config to fill in

exit codes:
{codes}
"""


class UsageError(Exception):
    """The command line cannot be read; one sentence."""


class HelpText(argparse.RawDescriptionHelpFormatter):
    """Texts in the terminal's width: prose flows, what is indented (examples, tables) keeps its lines."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return flowed(text, min(width, LINE_CELLS))


class Parser(argparse.ArgumentParser):
    """argparse with one sentence for an error, no abbreviated flags, and texts that keep their lines."""

    def __init__(self, **options: object) -> None:
        options.setdefault("formatter_class", HelpText)
        options.setdefault("allow_abbrev", False)
        super().__init__(**options)  # type: ignore[arg-type]  # argparse's own constructor, passed through

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing a page of usage."""
        raise UsageError(f"{message} (see `{self.prog} --help`)")


def flowed(text: str, width: int) -> str:
    """The text in lines of at most `width`: paragraphs are filled, indented lines broken behind their own indent."""
    lines: list[str] = []
    for is_indented, group in groupby(text.strip("\n").split("\n"), key=lambda line: line.startswith(" ") or not line):
        if not is_indented:
            lines += textwrap.wrap(" ".join(group), width, break_on_hyphens=False)
            continue
        for line in group:
            indent = " " * (len(line) - len(line.lstrip()) + 4)
            lines += textwrap.wrap(line, width, subsequent_indent=indent, break_on_hyphens=False) or [""]
    return "\n".join(lines)


def build() -> Parser:
    """The whole parser."""
    codes = "\n".join(f"  {code.value:<4} {meaning}" for code, meaning in MEANINGS)
    parser = Parser(
        prog="scantop",
        description="top for security scans: JFrog Xray, ThreadFix and Revenera Code Insight on one terminal screen.",
        epilog=EPILOG.format(codes=codes),
    )
    _add_global(parser, is_top=True)
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command", prog="scantop")
    for name, module_name in COMMANDS.items():
        module = importlib.import_module(module_name)
        module.register(subparsers)
        subparsers.choices[name].set_defaults(run=module.run)
    parser.set_defaults(run=importlib.import_module("tui.cli.monitor_command").run)
    for each in _below(parser):
        _add_global(each, is_top=False)
    return parser


def _below(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in dict.fromkeys(action.choices.values()):
                yield each
                yield from _below(each)


def _add_global(parser: argparse.ArgumentParser, *, is_top: bool) -> None:
    """`--config`, `--server` and `--version` are taken everywhere; what stands after the command wins."""
    group = parser.add_argument_group("everywhere")
    default = None if is_top else argparse.SUPPRESS
    group.add_argument(
        "--config", metavar="FILE", default=default, help="config file (else SCANTOP_CONFIG, else yours)"
    )
    group.add_argument("--server", metavar="NAME", default=default, help="only this one of the configured servers")
    group.add_argument(
        "--read-only",
        action="store_true",
        dest="is_read_only",
        default=False if is_top else argparse.SUPPRESS,
        help="change nothing on any server, whatever the config says",
    )
    group.add_argument("--version", action="version", version=f"scantop {__version__}", help="print the version")


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments as a namespace with `run`; raises `UsageError`, and SystemExit(0) after ``--help``."""
    parser = build()
    command = _command(argv)
    if command is not None and command not in COMMANDS:
        from tui.domain.target import quotable

        raise UsageError(f"there is no command {quotable(command)!r}{near(command, COMMANDS)} (see `scantop --help`)")
    arguments, unknown = parser.parse_known_args(list(argv))
    targets = getattr(arguments, "targets", None)
    if isinstance(targets, list):  # argparse takes them in one run only; people write flags in between
        while unknown and (unknown[0] == "-" or not unknown[0].startswith("-")):
            targets.append(unknown.pop(0))
    if unknown:
        raise UsageError(_unknown(parser, command, unknown[0]))
    return arguments


def _command(argv: Sequence[str]) -> str | None:
    words = iter(argv)
    for word in words:
        if word in VALUED:
            next(words, None)
        elif not word.startswith("-"):
            return word
    return None


def near(word: str, known: Iterable[str]) -> str:
    """``; did you mean 'status'?``, "" where nothing is near."""
    from difflib import get_close_matches

    found = get_close_matches(word, list(known), 1, NEAR_ENOUGH)
    return f"; did you mean {found[0]!r}?" if found else ""


def _unknown(parser: Parser, command: str | None, word: str) -> str:
    reached = next((each for each in _below(parser) if each.prog == f"scantop {command}"), parser)
    flags = [flag for each in (reached, *_below(reached)) for flag in each._option_string_actions]
    written = word.partition("=")[0]
    what = "flag" if word.startswith("-") else "argument"
    hint = near(written, flags) if word.startswith("--") else ""
    from tui.domain.target import quotable

    return f"{reached.prog} takes no {what} {quotable(written)!r}{hint} (see `{reached.prog} --help`)"


def number(least: int, most: int) -> Callable[[str], int]:
    """An argparse type: a whole number between two bounds."""

    def read(text: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,19}", text) or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number between {least} and {most}")
        return int(text)

    return read
