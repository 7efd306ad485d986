"""``scantop keys``: the table of keys as they are in force with your config; a table, JSON, or Markdown."""

from __future__ import annotations

import argparse
import os

from tui.cli.output import emit, narrate

EPILOG = """\
examples:
  scantop keys                              every command, its keys and its line (typed after `:`)
  scantop keys --json | jq -r '.keys[] | select(.own) | .command'

Own keys stand in the config: [ui] keymap = { "poll.refresh" = "f5, ctrl+r" }; "none" takes a command's keys away.

exit codes: 0, or 2 (a keymap that cannot be used)
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's grammar."""
    parser = subparsers.add_parser(
        "keys",
        help="the monitor's keys and commands, yours included; a table, JSON, or Markdown",
        description="Print every command of the monitor: its keys, its line, its id for your own keymap.",
        epilog=EPILOG,
    )
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--json", action="store_true", dest="is_json", help="print one JSON object")
    forms.add_argument("--markdown", action="store_true", dest="is_markdown", help="print a Markdown table")


def run(arguments: argparse.Namespace) -> int:
    """Print the table. Raises `ConfigError`."""
    from tui.cli.columns import is_ascii_only, table
    from tui.config import NoConfigError, load
    from tui.key_table import document, markdown, plain
    from tui.keymap import resolve
    from tui.present.as_json import json_text

    try:
        own = load(arguments.config, os.environ).ui.keymap
    except NoConfigError:
        own = {}
    keymap = resolve(own)
    if arguments.is_json:
        emit(json_text(document(keymap)))  # type: ignore[arg-type]  # lists of plain values, as JSON wants them
    elif arguments.is_markdown:
        emit(markdown(keymap))
    else:
        is_ascii = is_ascii_only()
        emit(table(("KEYS", "DOES", "LINE", "COMMAND"), list(plain(keymap, is_ascii=is_ascii)), is_ascii=is_ascii))
        if keymap.changed:
            narrate("* your own keys (config: [ui] keymap)")
    return 0
