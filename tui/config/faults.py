"""What can be wrong with a configuration, worded for the person who wrote it: file, line, key, what, nearest right key.

Knows no key's meaning. All faults of a file are gathered before any is raised, so that `config check` shows them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from tui.config.lines import KeyPath

NEAR_ENOUGH = 0.55  # of difflib's 0 to 1: `tokn`, `allow-http` and `JobStatus` still find their key, `x` finds none


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. `line` counts from 1, None where it cannot be told (then `key` alone says where)."""

    text: str
    key: str = ""
    path: Path | None = None
    line: int | None = None

    def __str__(self) -> str:
        place = "" if self.path is None else f"{self.path}:{self.line}: " if self.line else f"{self.path}: "
        return f"{place}{self.key}: {self.text}" if self.key else f"{place}{self.text}"


class ConfigError(ValueError):
    """The configuration cannot be used. `faults` has every one of them; the message is the first, and how many more."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        more = len(self.faults) - 1
        rest = f" (and {more} more: `scantop config check` lists them)" if more else ""
        super().__init__(f"{self.faults[0]}{rest}")


class NoConfigError(ConfigError):
    """There is no config file, and the environment names no server either."""


def nearest(word: str, known: Iterable[str]) -> str:
    """``; did you mean 'token'?`` for the known word that is nearest, "" where none is near."""
    by_folded = {name.lower().replace("-", "_"): name for name in known}
    near = get_close_matches(word.lower().replace("-", "_"), by_folded, 1, NEAR_ENOUGH)
    return f"; did you mean {by_folded[near[0]]!r}?" if near else ""


def dotted(path: KeyPath) -> str:
    """A key's path as TOML writes it: ``servers.prod.token``, ``watch[1].build`` (counted from 1, as people do)."""
    out = ""
    for step in path:
        out += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if out else step
    return out


@dataclass(slots=True)
class FaultLog:
    """Gathers the faults and warnings of one document."""

    path: Path | None = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def fault(self, path: KeyPath, text: str) -> None:
        """Note what is wrong with the key at `path`."""
        self.faults.append(Fault(text, dotted(path), self.path, self.line(path)))

    def warn(self, path: KeyPath, text: str) -> None:
        """Note what may be used, and ought to be known."""
        self.warnings.append(str(Fault(text, dotted(path), self.path, self.line(path))))

    def line(self, path: KeyPath) -> int | None:
        """Line of the key at `path`, or of the nearest table around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None
