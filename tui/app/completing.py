"""What would complete an address or a name that is being typed, from the servers' own lists where they may be read.

Owns which look-up a text calls for, and that a refusal is told once and then not provoked again. Never raises; a
failure is a sentence. The look-ups are the actor's. Knows no screen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import unquote

from tui.domain.acts import Ask, Suggestion, Suggestions
from tui.domain.problem import REFUSALS, Problem
from tui.domain.target import encode_part, split_server
from tui.servers.kind import ServerKind
from tui.settings import Settings

MOST = 30  # completions for one text


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole text for the field, and words beside it (server text in both)."""

    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Completions:
    """What fits, best first; `said` is a sentence about it, "" mostly."""

    found: tuple[Completion, ...] = ()
    said: str = ""


NO_COMPLETIONS = Completions()


class Suggesting(Protocol):
    """The part of the actor that looks names up."""

    def servers_for(self, act: str) -> tuple[str, ...]:
        """The servers that can do `act`."""
        ...

    async def suggest(self, server: str, ask: Ask) -> Suggestions:
        """Completions for what is being typed; never raises."""
        ...


class Completer:
    """Completes for one run of the app. `actor` None completes addresses only as far as the config tells."""

    def __init__(self, actor: Suggesting | None, settings: Settings, kinds: dict[str, ServerKind]) -> None:
        self._actor = actor
        self._settings = settings
        self._grammars = {grammar.kind: grammar for kind in kinds.values() for grammar in kind.grammars}
        self._refused: set[tuple[str, str]] = set()

    async def address(self, text: str) -> Completions:
        """Completions of an address."""
        text = text.lstrip()
        if text.startswith(("{", "[")) or text.startswith(("http:", "https:")):
            return NO_COMPLETIONS
        server, rest = split_server(text)
        kind, slash, tail = rest.partition("/")
        grammar = self._grammars.get(kind)
        if not slash or grammar is None:
            return Completions(tuple(self._beginnings(text)))
        server = server or next((one.name for one in self._settings.servers if one.kind == grammar.server_kind), "")
        head = f"{server}:{kind}/"
        first, is_second, second = tail.partition("/")
        if "?" in tail or not server:
            return NO_COMPLETIONS
        if kind == "build" and not is_second:
            return await self._ask(server, Ask("build", _plain(first)), lambda value: f"{head}{encode_part(value)}/")
        if kind == "build":
            ask = Ask("number", _plain(second), within=_plain(first))
            return await self._ask(server, ask, lambda value: f"{head}{first}/{encode_part(value)}")
        if kind == "artifact" and not is_second:
            ask = Ask("repository", _plain(first))
            return await self._ask(server, ask, lambda value: f"{head}{encode_part(value)}/")
        if kind == "artifact":
            ask = Ask("artifact", _plain(second), within=_plain(first))
            return await self._ask(server, ask, lambda value: f"{head}{first}/{value.lstrip('/')}")
        return NO_COMPLETIONS

    async def last_name(self, server: str, what: str, text: str) -> Completions:
        """Completions of the last of several names with commas between; the others stay."""
        before, comma, last = text.rpartition(",")
        head = f"{before}{comma} " if comma else ""
        return await self._ask(server, Ask(what, last.strip()), lambda value: head + value)

    def _beginnings(self, text: str) -> list[Completion]:
        wanted = text.casefold()
        found = []
        for one in self._settings.servers:
            for grammar in self._grammars.values():
                if grammar.server_kind == one.kind:
                    begin = f"{one.name}:{grammar.kind}/"
                    if begin.casefold().startswith(wanted) or (wanted and f"{grammar.kind}/".startswith(wanted)):
                        found.append(Completion(begin, grammar.usage.partition(":")[2]))
        return found[:MOST]

    async def _ask(self, server: str, ask: Ask, whole: Callable[[str], str]) -> Completions:
        if self._actor is None or (server, ask.what) in self._refused:
            return NO_COMPLETIONS
        if server not in self._actor.servers_for("suggest"):
            return NO_COMPLETIONS
        brought = await self._actor.suggest(server, ask)
        if brought.problem is not None:
            return self._trouble(server, ask.what, brought.problem)
        found = tuple(_completion(one, whole) for one in brought.found[:MOST])
        return Completions(found, " ".join(brought.notes))

    def _trouble(self, server: str, what: str, problem: Problem) -> Completions:
        """A refusal is told once; what may pass (a timeout) is told each time and asked again."""
        if problem.code in REFUSALS:
            self._refused.add((server, what))
            return Completions(said=f"{server} completes no {what} names for this token ({problem.text}) Type on.")
        return Completions(said=f"{server} completes nothing just now ({problem.text}) Type on.")


def _completion(one: Suggestion, whole: Callable[[str], str]) -> Completion:
    return Completion(whole(one.value), one.note)


def _plain(part: str) -> str:
    return unquote(part, errors="replace")
