"""Which keys give which command: the defaults of the registry with the person's own keys over them, checked.

Owns the spelling of keys. Textual would lose a clashing binding and ignore an unknown command without a word, so
everything is checked here first. Must not import Textual.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from tui.commands import COMMANDS, Command, Place, find

# Ctrl+C must always end the program and Esc always lead back, whatever a config says.
RESERVED = frozenset({"ctrl+c", "escape"})
NAMED = frozenset(
    {
        *("enter", "escape", "tab", "space", "backspace", "delete", "insert"),
        *("home", "end", "pageup", "pagedown", "up", "down", "left", "right"),
        *(f"f{n}" for n in range(1, 25)),
    }
)
_ALIASES = {"esc": "escape", "return": "enter", "pgup": "pageup", "pgdn": "pagedown", "del": "delete", "ins": "insert"}
# Terminals send the same for both: a binding of the first would never be met.
_SAME = {"ctrl+@": "ctrl+space", "ctrl+i": "tab", "ctrl+m": "enter", "ctrl+[": "escape", "ctrl+?": "backspace"}
_MODIFIERS = ("ctrl", "alt", "shift")
# Textual names a sign by its Unicode name, except these.
_SIGN_NAMES = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
_SHOWN = {
    "escape": "Esc",
    "enter": "Enter",
    "tab": "Tab",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "home": "Home",
    "end": "End",
    "space": "Space",
}


class KeymapError(ValueError):
    """A keymap entry that cannot be used; one sentence, and the command id it stands at in `key`."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.key = key


@dataclass(frozen=True, slots=True)
class Keymap:
    """Keys by command id, in the spelling of a person. `changed` are the ids whose keys are not the defaults."""

    keys: tuple[tuple[str, tuple[str, ...]], ...]
    changed: frozenset[str] = frozenset()

    def of(self, command_id: str) -> tuple[str, ...]:
        """The keys of a command; empty if it has none."""
        for known, keys in self.keys:
            if known == command_id:
                return keys
        return ()

    @property
    def has_alt(self) -> bool:
        """A command has a key with Alt."""
        return any("alt+" in key for _, keys in self.keys for key in keys)

    def hint(self, command_id: str) -> str:
        """How a sentence names the way to a command: its first key, else its line (``:sort``)."""
        keys = self.of(command_id)
        return shown(keys[0]) if keys else f":{find(command_id).line}"

    def shown(self, command_id: str, limit: int = 2, is_ascii: bool = False) -> str:
        """The keys as they are drawn, e.g. ``j ↓``; "" if the command has none."""
        return " ".join(shown(key, is_ascii) for key in self.of(command_id)[:limit])


def spell(text: str) -> str:
    """One key in its one spelling: ``CTRL+P`` → ``ctrl+p``, ``Esc`` → ``escape``, ``S`` stays. Else ValueError."""
    key = text.strip()
    if len(key) == 1 and key.isprintable() and not key.isspace():
        return key
    *modifiers, name = key.split("+") if not key.endswith("++") else [*key[:-2].split("+"), "+"]
    modifiers = [modifier.lower() for modifier in modifiers]
    if len(name) == 1 and name.isprintable() and "shift" not in modifiers:
        name = name.lower() if modifiers else name
    else:
        name = _ALIASES.get(name.lower(), name.lower())
        if name not in NAMED:
            raise ValueError(text)
    if any(modifier not in _MODIFIERS for modifier in modifiers) or len(set(modifiers)) != len(modifiers):
        raise ValueError(text)
    whole = "+".join([*(modifier for modifier in _MODIFIERS if modifier in modifiers), name])
    return _SAME.get(whole, whole)


def textual_key(key: str) -> str:
    """A key in Textual's spelling: ``[`` → ``left_square_bracket``, ``ctrl+/`` → ``ctrl+slash``."""
    if key == "ctrl+space":
        return "ctrl+@"  # so does Textual call what terminals send for it
    *modifiers, name = [key] if len(key) == 1 else key.split("+")
    if len(name) == 1 and not name.isalnum():
        sign = unicodedata.name(name, "").lower().replace("-", "_").replace(" ", "_")
        name = _SIGN_NAMES.get(sign, sign)
    return "+".join([*modifiers, name])


def shown(key: str, is_ascii: bool = False) -> str:
    """A key as it is drawn: ``escape`` → ``Esc``, ``ctrl+p`` → ``^P``."""
    *modifiers, name = [key] if len(key) == 1 else key.split("+")
    drawn = _SHOWN.get(name, name if len(name) == 1 else name.capitalize())
    if is_ascii and not drawn.isascii():
        drawn = name.capitalize()
    if modifiers == ["ctrl"] and (len(name) == 1 or name == "space"):
        return f"^{drawn if name == 'space' else name.upper()}"
    return "+".join([*(modifier.capitalize() for modifier in modifiers), drawn])


def resolve(own: Mapping[str, str], commands: Iterable[Command] = COMMANDS) -> Keymap:
    """The keymap for a run.

    `own` maps a command id to its keys, comma-separated; "none" takes them all away. Own keys replace the defaults of
    that command. Raises `KeymapError` at the first entry that cannot be used.
    """
    commands = tuple(commands)
    known = {command.id: command for command in commands}
    chosen: dict[str, tuple[str, ...]] = {}
    for command_id, text in own.items():
        if command_id not in known:
            near = get_close_matches(command_id, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else "."
            raise KeymapError(command_id, f"{command_id!r} is no command{hint}")
        chosen[command_id] = _keys(command_id, text)
    keys = {command.id: chosen.get(command.id, command.keys) for command in commands}
    for command_id in chosen:
        _check_clash(known[command_id], keys, known)
    for command in commands:
        kept = tuple(key for key in command.keys if key in RESERVED)
        keys[command.id] += tuple(key for key in kept if key not in keys[command.id])
    return Keymap(tuple(keys.items()), frozenset(i for i, value in chosen.items() if value != known[i].keys))


def _keys(command_id: str, text: str) -> tuple[str, ...]:
    if text.strip().lower() in {"", "none"}:
        return ()
    found: list[str] = []
    for piece in [text] if text.strip() == "," else text.split(","):
        try:
            key = spell(piece)
        except ValueError:
            near = get_close_matches(piece.strip().lower(), [*NAMED, *_ALIASES], 1)
            hint = f"; did you mean {near[0]!r}?" if near else " (such as f5, ctrl+p, S or /)."
            raise KeymapError(command_id, f"{piece.strip()!r} is no key{hint}") from None
        if key in RESERVED:
            raise KeymapError(command_id, f"{key!r} is reserved: it always does the same.")
        found.append(key)
    return tuple(found)


def _check_clash(command: Command, keys: Mapping[str, tuple[str, ...]], known: Mapping[str, Command]) -> None:
    for other_id, other_keys in keys.items():
        other = known[other_id]
        if other.id == command.id or not command.places & other.places:
            continue
        for key in keys[command.id]:
            if key in other_keys:
                raise KeymapError(
                    command.id, f"{key!r} is already the key of {other.id!r}; give that command another key too."
                )


def places_of(commands: Iterable[Command], place: Place) -> tuple[Command, ...]:
    """The commands that apply at a place, in the registry's order."""
    return tuple(command for command in commands if place in command.places)
