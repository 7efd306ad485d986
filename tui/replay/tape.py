"""What is played: the transitions of an export in the order of time, and what is known of each target. Built once.

Owns which targets can be shown at all (those of a kind that this scantop knows). Knows no file and no screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from tui.domain.durations import Scope
from tui.domain.learning import Told
from tui.domain.snapshot import Transition
from tui.domain.target import AddressError, Grammar, Target, parse_address, split_server

if TYPE_CHECKING:
    from tui.history.reading import Seen

MOST_STEPS = 5_000_000  # transitions; more than twice what a history keeps, and about two gigabytes here


class TapeError(ValueError):
    """There is nothing that could be played; one sentence."""


@dataclass(frozen=True, slots=True)
class Played:
    """What is known of a target for the whole of the replay. `last` is the place of its last step."""

    target: Target
    grammar: Grammar
    scope: Scope
    name: str
    project: str
    told: Told | None
    error: str
    label: str
    last_seen_at: datetime | None = None
    last: int = 0


class Step(NamedTuple):
    """One transition of one target."""

    key: str
    transition: Transition

    @property
    def at(self) -> datetime:
        """When it was seen."""
        return self.transition.seen_at


@dataclass(frozen=True, slots=True)
class Tape:
    """All that is played, oldest first; never empty. `servers` gives each server's kind, `unknown` counts what was left
    out because its kind is none of ours."""

    steps: tuple[Step, ...]
    targets: Mapping[str, Played]
    servers: Mapping[str, str]
    unknown: int = 0

    @property
    def start_at(self) -> datetime:
        """The first transition."""
        return self.steps[0].at

    @property
    def end_at(self) -> datetime:
        """The last one."""
        return self.steps[-1].at


def make_tape(seen: Iterable[Seen], grammars: Iterable[Grammar], server: str | None = None) -> Tape:
    """The tape of these transitions, or of those of one server. Raises `TapeError`."""
    by_kind = {grammar.kind: grammar for grammar in grammars}
    known: dict[str, tuple[Target, Grammar] | None] = {}
    latest: dict[str, Seen] = {}  # what is told of a target on its newest line holds
    names: set[str] = set()
    words: dict[str, str] = {}  # texts repeat a thousandfold: each is kept once
    steps: list[Step] = []
    unknown = 0
    for one in seen:
        address = one.transition.key
        if address not in known:
            names.add(split_server(address)[0])
            known[address] = _found(address, by_kind)
        if server is not None and split_server(address)[0] != server:
            continue
        found = known[address]
        if found is None:
            unknown += 1
            continue
        if len(steps) == MOST_STEPS:
            raise TapeError(f"it holds more than {MOST_STEPS:,} transitions; `--server` plays those of one server")
        key, transition = found[0].key, one.transition
        latest[key] = one
        status = transition.status
        transition = replace(
            transition,
            key=key,
            part=words.setdefault(transition.part, transition.part),
            status=None if status is None else words.setdefault(status, status),
        )
        steps.append(Step(key, transition))
    if not steps:
        raise TapeError(_nothing(names, unknown, server))
    steps.sort(key=lambda step: step.at)
    lasts = {step.key: place for place, step in enumerate(steps)}
    targets = {
        found[0].key: _played(found, latest[found[0].key], lasts[found[0].key])
        for found in known.values()
        if found is not None and found[0].key in latest
    }
    servers = {one.target.server: one.grammar.server_kind for one in targets.values()}
    return Tape(tuple(steps), targets, servers, unknown)


def _found(address: str, by_kind: Mapping[str, Grammar]) -> tuple[Target, Grammar] | None:
    """None for an address that is of no kind of ours, or not as ours are."""
    server, path = split_server(address)
    grammar = by_kind.get(path.partition("/")[0])
    if not server or grammar is None:
        return None
    try:
        return parse_address(address, (grammar,), {server: grammar.server_kind}), grammar
    except AddressError:
        return None


def _played(found: tuple[Target, Grammar], seen: Seen, last: int) -> Played:
    told, until_at = seen.told, seen.last_seen_at
    return Played(*found, seen.scope, seen.name, seen.project, told, seen.error, seen.label, until_at, last)


def _nothing(names: set[str], unknown: int, server: str | None) -> str:
    if server is not None and server not in names:
        there = ", ".join(sorted(names)[:8]) or "none"
        return f"it has nothing of a server {server!r}; there are: {there}"
    if unknown:
        return "it holds no target of a kind that this scantop knows"
    return "it holds no transition, so there is nothing to play"
