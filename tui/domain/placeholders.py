"""``{text}`` and its like in a command's words: which there are, and how they are filled in. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

NAMES = ("text", "event", "target", "name", "state", "server", "url", "rule")
_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")


def unknown(word: str) -> tuple[str, ...]:
    """What stands in braces in a word and is no placeholder; ``{{`` and ``}}`` are braces themselves."""
    return tuple(
        found.group(1) for found in _BRACES.finditer(word) if found.group(1) is not None and found.group(1) not in NAMES
    )


def has_any(word: str) -> bool:
    """Something is filled in in this word."""
    return any(found.group(1) in NAMES for found in _BRACES.finditer(word))


def fill(word: str, values: Mapping[str, str]) -> str:
    """The word with every placeholder filled in.

    A word that does not begin with a dash as it was written does not afterwards: a blank is put before it, so that no
    server can name an option.
    """

    def replaced(found: re.Match[str]) -> str:
        name = found.group(1)
        return found.group()[0] if name is None else values.get(name, "")

    filled = _BRACES.sub(replaced, word)
    return f" {filled}" if filled.startswith("-") and not word.startswith("-") else filled
