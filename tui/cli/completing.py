"""What may stand at the cursor of a half-typed command line: commands, flags, choices, servers, targets.

Works on the parser itself, so that it knows every command there is. Names of servers and targets come from the config
and the watch list: files only, never the network, never a token. Whatever goes wrong, there is just nothing to offer.
"""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.settings import Settings

MOST_WORDS = 2000  # offered at once; a shell that asks whether to show more is of no help
TARGETS = frozenset({"TARGET", "ADDRESS"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A whole word that may stand there, and what it is (for shells that show it)."""

    word: str
    words: str = ""


@dataclass(slots=True)
class _Place:
    """Where the cursor is: the command that was reached, what it has been given, and what the word belongs to."""

    parser: argparse.ArgumentParser
    given: dict[str, str] = field(default_factory=dict)
    positionals: int = 0
    valued: argparse.Action | None = None
    is_only_positional: bool = False


def split_line(line: str) -> list[str]:
    """The words of a command line up to the cursor; the last one is the word that is being typed ("" after a blank)."""
    for end in ("", '"', "'", "\\"):  # a quote that is still open ends at the cursor
        try:
            words = shlex.split(line + end)
        except ValueError:
            continue
        is_new = end == "" and (not words or line[-1:].isspace())
        return [*words, ""] if is_new else words
    return [""]


def candidates(parser: argparse.ArgumentParser, words: Sequence[str]) -> list[Candidate]:
    """What may replace the last of `words` (the command's own name not among them), the fitting ones alone."""
    *before, current = words or [""]
    place = _walk(parser, before)
    flag, equals, _ = current.partition("=")
    if place.valued is None and current.startswith("--") and equals and not place.is_only_positional:
        action = place.parser._option_string_actions.get(flag)
        found: Iterable[Candidate] = () if action is None else _values(action, place)
        found = (Candidate(f"{flag}={each.word}", each.words) for each in found)
    elif place.valued is not None:
        found = _values(place.valued, place)
    elif current.startswith("-") and not place.is_only_positional:
        found = _flags(place.parser)
    else:
        found = _positional(place)
    fitting = {each.word: each for each in found if each.word.startswith(current)}
    return list(fitting.values())[:MOST_WORDS]


def _walk(parser: argparse.ArgumentParser, words: Sequence[str]) -> _Place:
    place = _Place(parser)
    for word in words:
        if place.valued is not None:
            place.given[place.valued.dest] = word
            place.valued = None
        elif word == "--" and not place.is_only_positional:
            place.is_only_positional = True
        elif word.startswith("-") and len(word) > 1 and not place.is_only_positional:
            name, equals, value = word.partition("=")
            action = place.parser._option_string_actions.get(name)
            if action is not None and action.nargs != 0:
                if equals:
                    place.given[action.dest] = value
                else:
                    place.valued = action
        else:
            commands = _commands(place.parser)
            if commands is not None and not place.positionals and word in commands.choices:
                place.parser = commands.choices[word]
            else:
                place.positionals += 1
    return place


def _commands(parser: argparse.ArgumentParser) -> argparse._SubParsersAction[argparse.ArgumentParser] | None:
    return next((each for each in parser._actions if isinstance(each, argparse._SubParsersAction)), None)


def _flags(parser: argparse.ArgumentParser) -> Iterator[Candidate]:
    for action in parser._actions:
        if action.help != argparse.SUPPRESS:
            for flag in action.option_strings:
                yield Candidate(flag, action.help or "")


def _positional(place: _Place) -> Iterator[Candidate]:
    commands = _commands(place.parser)
    if commands is not None:
        if not place.positionals:  # else there is a word that is no command, and nobody knows what comes after it
            yield from (Candidate(action.dest, action.help or "") for action in commands._choices_actions)
        return
    actions = [each for each in place.parser._actions if not each.option_strings]
    if not actions:
        return
    last = len(actions) - 1
    takes_more = actions[last].nargs in ("*", "+")
    if place.positionals <= last or takes_more:
        yield from _values(actions[min(place.positionals, last)], place)


def _values(action: argparse.Action, place: _Place) -> Iterator[Candidate]:
    """What an argument may be; nothing for a file (the shell knows files) or a free text."""
    if action.choices is not None:
        yield from (Candidate(str(choice)) for choice in action.choices)
    elif action.dest == "server":
        settings = _settings(place)
        for server in settings.servers if settings is not None else ():
            yield Candidate(server.name, f"{server.kind} at {server.url}")
    elif action.dest == "tell":
        settings = _settings(place)
        for rule in settings.tell if settings is not None else ():
            yield Candidate(rule.name, ", ".join(rule.on))
    elif action.metavar in TARGETS:
        yield from _targets(place)


def _settings(place: _Place) -> Settings | None:
    from tui import config

    try:
        return config.load(place.given.get("config"), os.environ)
    except (ValueError, OSError):
        return None


def _targets(place: _Place) -> Iterator[Candidate]:
    """Every target that the config or the watch list names, then the beginnings of addresses on each server."""
    from datetime import UTC, datetime

    from tui.domain.target import split_server
    from tui.locations import state_folder
    from tui.servers.kind import kinds
    from tui.settings import WatchedTarget
    from tui.watchlist import WatchList

    settings = _settings(place)
    if settings is None:
        return
    only = place.given.get("server")
    for item in settings.watch:
        if isinstance(item, WatchedTarget) and only in (None, item.target.server):
            yield Candidate(item.target.key, item.label)
    try:
        listed = WatchList(state_folder(os.environ)).read(datetime.now(UTC)).entries
    except OSError:
        listed = ()
    for entry in listed:
        if only in (None, split_server(entry.address)[0]):
            yield Candidate(entry.address, entry.label)
    known = kinds()
    for server in settings.servers:
        if only in (None, server.name):
            for grammar in known[server.kind].grammars:
                yield Candidate(f"{server.name}:{grammar.kind}/", known[server.kind].title)
