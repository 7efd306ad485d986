"""``scantop man``: the manual page, made from the parser, so that it cannot say anything else than `--help`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from tui.cli.exit_codes import ExitCode
from tui.cli.output import emit

EPILOG = """\
examples:
  scantop man > ~/.local/share/man/man1/scantop.1
  scantop man | man -l -
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's grammar."""
    subparsers.add_parser(
        "man",
        help="print the manual page",
        description="Print the manual page in roff, made from the help of every command.",
        epilog=EPILOG,
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the page."""
    from tui.cli.parser import build

    emit("\n".join(page(build())))
    return ExitCode.FINE


def page(parser: argparse.ArgumentParser) -> Iterator[str]:
    """The lines of the page."""
    from tui import __version__

    yield f'.TH SCANTOP 1 "" "scantop {__version__}" "User Commands"'
    yield ".SH NAME"
    yield f"scantop \\- {_text(parser.description or '')}"
    yield ".SH SYNOPSIS"
    yield f".B scantop\n{_text(_usage(parser))}"
    yield from _options(parser)
    yield from _epilog(parser)
    yield ".SH COMMANDS"
    for command in _commands(parser):
        yield f".SS {_text(command.prog)} {_text(_usage(command))}"
        yield _text(command.description or "")
        yield from _options(command)
        if not _commands(command):
            yield from _epilog(command)


def _commands(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    """All commands below, each before its own actions."""
    found: list[argparse.ArgumentParser] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for entry in action._choices_actions:  # those alone that the help lists
                command = action.choices[entry.dest]
                found += [command, *_commands(command)]
    return found


def _usage(parser: argparse.ArgumentParser) -> str:
    return " ".join(parser.format_usage().split()).removeprefix(f"usage: {parser.prog}").strip()


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction) or action.help == argparse.SUPPRESS:
            continue
        name = ", ".join(action.option_strings) or str(action.metavar or action.dest)
        value = f" {action.metavar or ''}".rstrip() if action.option_strings and action.nargs != 0 else ""
        yield ".TP"
        yield f".B {_text(name + value)}"
        yield _text(" ".join((action.help or "").replace("%%", "%").split()))


def _epilog(parser: argparse.ArgumentParser) -> Iterator[str]:
    if parser.epilog:
        yield ".PP\n.nf"
        yield from (_text(line) for line in parser.epilog.strip().splitlines())
        yield ".fi"


def _text(text: str) -> str:
    """Text that roff takes as it is: no line of it is a request, no backslash an escape, no hyphen a dash."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    text = "".join(sign if sign.isascii() else f"\\[u{ord(sign):04X}]" for sign in text)
    return f"\\&{text}" if text.startswith((".", "'")) else text
