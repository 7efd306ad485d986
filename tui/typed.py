"""A command as it is typed after ``:``, read against the registry: which command, and what it is given.

One grammar for the palette, the line and its history. Owns the words of what is wrong with a line; what a command does
with its argument is the screen's affair. Must not import Textual.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from tui.commands import COMMANDS, Command

LINE_LENGTH = 4_096  # characters, as many as the longest address; more is a paste by mistake
SHOWN = 40  # characters of a line that an error repeats
NEAR_ENOUGH = 0.6  # of difflib's 0 to 1
MOST_PAGE = 10_000_000
MOST_ROWS = 10_000  # on a page; the vendor's own scripts go as far
MOST_DAYS = 3650  # the server's own limit
# What `jobs` takes here and on the command line: a filter or a number between two bounds.
JOB_FILTERS = ("type", "status", "project", "user", "days")
JOB_NUMBERS: Mapping[str, tuple[int, int]] = {"days": (0, MOST_DAYS), "page": (1, MOST_PAGE), "limit": (1, MOST_ROWS)}
JOB_FLAGS = tuple(f"--{name}" for name in (*JOB_FILTERS, "page", "limit"))
SEVERAL = ("--type", "--status")  # may be given several times: one of these
WATCH_FLAGS = ("--label", "--expire", "--deadline", "--by")


class LineError(ValueError):
    """The line cannot be done; one sentence, with the nearest right word where there is one."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A command and what follows its words, as it was typed."""

    command: Command
    rest: str = ""


def refusal(text: str) -> str:
    """Why a text cannot be a line at all ("" if it can): too long, or not of visible characters."""
    if len(text) > LINE_LENGTH:
        return f"That has {len(text):,} characters; a line takes {LINE_LENGTH:,} at most."
    for place, sign in enumerate(text, 1):
        if not sign.isprintable():
            return f"That holds a character that cannot be seen (U+{ord(sign):04X}, the {place}. one)."
    return ""


def read(text: str, commands: Iterable[Command] = COMMANDS) -> Typed:
    """Which command a line gives. Raises `LineError`."""
    if complaint := refusal(text):
        raise LineError(complaint)
    text = text.strip().removeprefix(":").lstrip()
    if not text:
        raise LineError("An empty line is no command.")
    known = tuple(commands)
    words = text.split()
    found: tuple[int, Command] | None = None
    for command in known:
        for line in {command.line, command.id}:
            own = line.split()
            is_first = found is None or len(own) > found[0]
            if is_first and [word.casefold() for word in words[: len(own)]] == own:
                found = (len(own), command)
    if found is None:
        raise LineError(_unknown(words, known))
    count, command = found
    rest = text.split(maxsplit=count)[count].strip() if len(words) > count else ""
    if rest and not command.takes:
        more = _unknown(words, known) if any(other.line.startswith(command.line + " ") for other in known) else ""
        raise LineError(more or f"{command.line!r} takes nothing after it.")
    if command.needs_more and not rest:
        raise LineError(f"{command.line!r} wants {command.takes} after it.")
    return Typed(command, rest)


def _unknown(words: list[str], commands: Iterable[Command]) -> str:
    lines = [command.line for command in commands]
    first = words[0].casefold()
    family = [line for line in lines if line.startswith(first + " ")]
    if family and len(words) == 1:
        return f"{first!r} wants one of these after it: {', '.join(line.split(' ', 1)[1] for line in family[:8])}."
    for many in (2, 1) if len(words) > 1 else (1, 2):
        written = " ".join(words[:many]).casefold()
        among = [line for line in (family or lines) if len(line.split()) == many]
        near = get_close_matches(written, among, 1, NEAR_ENOUGH) or [
            line for line in among if written and line.startswith(written)
        ]
        if near and near[0] != written:
            return f"There is no command {shorten(written)!r}; did you mean {near[0]!r}?"
    if family:
        return _unknown([first], commands)
    return f"There is no command {shorten(words[0])!r}; Tab and ↓ show what there is."


def shorten(text: str) -> str:
    """The beginning of a text, for an error."""
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def nearest(word: str, known: Iterable[str], what: str) -> LineError:
    """The error for a word that is none of the known ones: with the nearest, else with some of them."""
    names = list(known)
    near = get_close_matches(word.casefold(), names, 1, NEAR_ENOUGH)
    few = ", ".join(names[:8]) + (" …" if len(names) > 8 else "")
    hint = f"; did you mean {near[0]!r}?" if near else f"; there are: {few}." if names else "."
    return LineError(f"{shorten(word)!r} is no {what}{hint}")


def split_flags(rest: str, flags: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    """Words and the values of ``--flag VALUE`` or ``--flag=VALUE``, quoted as in a shell. Raises `LineError`."""
    known = tuple(flags)
    try:
        pieces = shlex.split(rest)
    except ValueError:
        raise LineError("A quotation mark is not closed.") from None
    words: list[str] = []
    values: dict[str, str] = {}
    rest_of = iter(pieces)
    for piece in rest_of:
        if not piece.startswith("--"):
            words.append(piece)
            continue
        flag, sign, value = piece.partition("=")
        if flag not in known:
            raise nearest(flag, known, "flag")
        if not sign:
            value = next(rest_of, "")
        if not value or (not sign and value.startswith("--")):
            raise LineError(f"{flag!r} wants a value after it.")
        name = flag.removeprefix("--")
        values[name] = f"{values[name]}|{value}" if flag in SEVERAL and name in values else value
    return words, values


def read_jobs(rest: str) -> dict[str, str]:
    """What ``jobs`` is asked for, by name: filters, `page`, `limit`. Raises `LineError`."""
    words, values = split_flags(rest, JOB_FLAGS)
    if words:
        raise LineError(f"{shorten(words[0])!r} stands alone; did you mean '--type {shorten(words[0])}'?")
    for name, (least, most) in JOB_NUMBERS.items():
        if (text := values.get(name)) is not None and not _is_between(text, least, most):
            raise LineError(f"{shorten(text)!r} is not a whole number between {least} and {most} (--{name}).")
    return values


def _is_between(text: str, least: int, most: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19 and least <= int(text) <= most


def job_line(values: Iterable[tuple[str, str]], page: int = 1) -> str:
    """The ``jobs`` line that asks for these filters."""
    parts = ["jobs", *(f"--{name} {shlex.quote(value)}" for name, value in values)]
    return " ".join([*parts, *([f"--page {page}"] if page > 1 else [])])
