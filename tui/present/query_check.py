"""What is wrong with a filter that somebody wrote down for later: said once when it is read, with the nearest word.

A filter that is typed never fails (`tui.present.query`); one that stands in a config ought to mean what it says.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches

from tui.domain.state import State
from tui.present.query import KEYS, PACES, Term, parse

NEAR_ENOUGH = 0.6  # of difflib's 0 to 1
GROUPS = ("active", "ended", "bad")
OF_THE_SCREEN = "'is:changed' is known on the screen alone; leave it out: what is told has just changed (see on)"
_WORD = re.compile(r"([a-z_]+):")


def complaints(text: str, servers: Collection[str] = (), *, is_seen: bool = True) -> tuple[str, ...]:
    """Sentences' ends: what of a filter cannot be meant. An address in it may begin with one of the `servers`.

    Only where a person sees the rows (`is_seen`) is it known which they looked at.
    """
    query = parse(text)
    if query.is_empty:
        return ("lets every row pass", *query.left_out) if not query.left_out else query.left_out
    found = [part for part in query.left_out if not part.startswith("no state")]
    if query.has_marks and not is_seen:
        found.append(OF_THE_SCREEN)
    for term in query.terms:
        found += _of_word(term, servers) if not term.key else _of_state(term) if term.key == "state" else ()
    return tuple(found)


def _of_word(term: Term, servers: Collection[str]) -> list[str]:
    """``stat:failed`` was read as a word, which no row has; ``prod:build/x`` is the beginning of an address."""
    found = []
    for choice in term.choices:
        begins = _WORD.match(choice)
        if begins is None or term.is_exact or "/" in choice or begins.group(1) in servers:
            continue
        near = get_close_matches(begins.group(1), KEYS, 1, NEAR_ENOUGH)
        hint = f"; did you mean '{near[0]}:'?" if near else f"; they are {', '.join(f'{key}:' for key in KEYS)}"
        found.append(f"{begins.group()!r} is no key of a filter{hint}")
    return found


def _of_state(term: Term) -> list[str]:
    words = [*(state.value for state in State), *PACES, *GROUPS]
    found = []
    for choice in term.choices:
        folded = choice.replace(" ", "_").replace("-", "_")
        if any(word.startswith(folded) for word in words):
            continue
        near = get_close_matches(folded, words, 1, NEAR_ENOUGH)
        hint = f"; did you mean {near[0]!r}?" if near else f" (they are {', '.join(words)})"
        found.append(f"{choice!r} is no state{hint}")
    return found
