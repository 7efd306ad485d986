"""What a pane without rows says: the first line what is so, the rest what to do. One set of rules for every pane.

Knows no server kind: each pane brings its words. Problems' sentences are ours, names are cleaned here.
"""

from __future__ import annotations

from dataclasses import dataclass

from tui.domain.problem import Problem
from tui.domain.snapshot import Health, ListState, ServerHealth
from tui.present.format import count
from tui.present.safe import clean
from tui.present.spec import PaneSituation

NAME_CELLS = 24  # of a server's name; it is the person's own word, mostly short
_WELL = frozenset({Health.OK, Health.LATE, Health.PAUSED})


@dataclass(frozen=True, slots=True)
class EmptyWords:
    """A pane's words. `what` are its rows in the plural; `examples` are lines that a person can use as they are.

    `none_fit` is said where targets are watched and none of them belongs here ("" where that cannot be).
    """

    server_title: str
    what: str
    examples: tuple[str, ...]
    none_fit: str = ""


def empty_text(words: EmptyWords, situation: PaneSituation) -> str:
    """The words for a situation, the most pressing reason first; lines are parted by line breaks."""
    if situation.is_replay and not situation.is_filtered:
        return f"No {words.what} had been seen by then."
    if not situation.servers:
        return _lines(f"No {words.server_title} server is configured.", "`scantop config init` writes an example.")
    if situation.is_filtered:
        return _lines(f"No {words.what} match the filter.", f"{situation.key_of('back')} clears it.")
    troubled = [server for server in situation.servers if server.health not in _WELL]
    if len(troubled) == len(situation.servers):
        return _trouble(troubled)
    for server in situation.servers:
        for lookup in server.lookups:
            return _problem(f"The newest of {_name(lookup.name)} on {_name(server.name)} are not known", lookup.problem)
    for state in situation.lists:
        if state.problem is not None:
            return _problem(f"{_name(state.query.server)} did not give its {state.query.name}", state.problem)
    if any(state.polled_at is None for state in situation.lists):
        names = ", ".join(_name(state.query.server) for state in situation.lists if state.polled_at is None)
        return f"Asking {names} for the first time …"
    chosen = next((state for state in situation.lists if state.query.filters), None)
    if chosen is not None:
        return _no_match(words, chosen, situation)
    beyond = next((state for state in situation.lists if state.query.page > 1), None)
    if beyond is not None:
        return _lines(
            f"There are no {words.what} on page {beyond.query.page}.",
            f"{situation.key_of('list.page_back')} goes back a page.",
        )
    if situation.watched and words.none_fit:
        return _lines(f"{count(situation.watched, 'target')} watched, {words.none_fit}")
    if situation.lists and not words.examples:
        return f"There are no {words.what} now."
    return _lines(
        f"No {words.what} are watched yet.", f"Press {situation.key_of('watch.add')} to add one, or:", *words.examples
    )


def _no_match(words: EmptyWords, state: ListState, situation: PaneSituation) -> str:
    said = " and ".join(f"{name} {clean(value, NAME_CELLS)}" for name, value in state.query.filters)
    others = ", ".join(f"{situation.key_of(f'list.{name}')} {name}" for name in ("type", "status"))
    more = f"{situation.key_of('list.filter')} any"
    return _lines(f"No {words.what} with {said} on {_name(state.query.server)}.", f"Choose others: {others}, {more}.")


def _trouble(servers: list[ServerHealth]) -> str:
    refused = [server for server in servers if server.health is Health.REFUSED]
    failing = [server for server in servers if server.health is Health.FAILING]
    if refused:
        head = f"{_names(refused)} refused the token"
        return _problem(head, refused[0].problem, "The token's source is read again by itself.")
    if failing:
        return _problem(f"{_names(failing)} cannot be asked", failing[0].problem, "It is tried again by itself.")
    return f"Asking {_names(servers)} for the first time …"


def _problem(head: str, problem: Problem | None, last: str = "") -> str:
    if problem is None:
        return _lines(f"{head}.", last)
    status = f" ({problem.http_status})" if problem.http_status is not None else ""
    return _lines(f"{head}{status}.", clean(problem.text), clean(problem.advice), last)


def _names(servers: list[ServerHealth]) -> str:
    return ", ".join(_name(server.name) for server in servers)


def _name(name: str) -> str:
    return clean(name, NAME_CELLS)


def _lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line)
