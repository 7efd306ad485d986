"""The table of keys and lines, drawn from the registry: for `scantop keys`, the README and programs. No Textual."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tui.commands import COMMANDS, Command
from tui.keymap import Keymap, resolve, shown


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One command: its id, keys (as they are written in a config), line, what it does, where, whether keys are own."""

    id: str
    keys: tuple[str, ...]
    line: str
    takes: str
    does: str
    group: str
    places: tuple[str, ...]
    is_own: bool


def key_rows(keymap: Keymap | None = None) -> tuple[KeyRow, ...]:
    """Every command with the keys in force, in the registry's order."""
    keymap = keymap or resolve({})
    return tuple(
        KeyRow(
            command.id,
            keymap.of(command.id),
            command.line,
            command.takes,
            command.title,
            command.group,
            tuple(sorted(place.value for place in command.places)),
            command.id in keymap.changed,
        )
        for command in COMMANDS
    )


def markdown(keymap: Keymap | None = None) -> str:
    """The table as Markdown. The pane numbers with their usual keys are one row."""
    keymap = keymap or resolve({})
    lines = ["| key | does | command | line |", "|---|---|---|---|"]
    digits = [command for command in COMMANDS if _is_digit(command) and keymap.of(command.id) == command.keys]
    for command in COMMANDS:
        if command in digits[1:]:
            continue
        if digits and command is digits[0]:
            first, last = digits[0].keys[0], digits[-1].keys[0]
            lines.append(f"| `{first}` … `{last}` | To that pane | `{command.id}` … | `:{command.line}` … |")
            continue
        keys = " ".join(f"`{shown(key)}`" for key in keymap.of(command.id))
        line = f":{command.line} {command.takes}".strip()
        lines.append(f"| {keys} | {command.title} | `{command.id}` | `{line}` |".replace("`|`", "`\\|`"))
    return "\n".join(lines)


def document(keymap: Keymap | None = None) -> dict[str, object]:
    """The table for programs."""
    rows = [
        {
            "command": row.id,
            "keys": list(row.keys),
            "line": row.line,
            "takes": row.takes or None,
            "does": row.does,
            "group": row.group,
            "places": list(row.places),
            "own": row.is_own,
        }
        for row in key_rows(keymap)
    ]
    return {"version": 1, "keys": rows}


def plain(keymap: Keymap | None = None, *, is_ascii: bool = False) -> Iterator[tuple[str, str, str, str]]:
    """Rows for a terminal: keys, what it does, line, command; a * at own keys."""
    for row in key_rows(keymap):
        keys = " ".join(shown(key, is_ascii) for key in row.keys) + ("*" if row.is_own else "")
        yield keys, row.does, f":{row.line}", row.id


def _is_digit(command: Command) -> bool:
    return command.id.startswith("pane.") and command.id.removeprefix("pane.").isdigit()
