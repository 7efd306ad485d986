"""What happened while the person was away as values: the line under the header, and the lines of the list.

Pure functions, tried from the fullest variant to the barest. No widget, no colour, and no word of who was away where.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from tui.app.line import Line, Piece, joined, justify, shorten, trim, width_of
from tui.app.signs import LOOKS, Signs
from tui.domain.changes import News
from tui.domain.snapshot import Entry, Health, ServerHealth
from tui.domain.state import State
from tui.present.format import moment
from tui.present.safe import clean

STUCK, STUCK_SIGN = "stuck", "!"
SERVER_CELLS = 24  # of a server's name in the line
STATE_CELLS = 13  # a sign and the longest word
TIME_CELLS = 13
WHAT_CELLS = 24  # "not scanned → unsupported"
LEAST_NAME_CELLS = 10


@dataclass(frozen=True, slots=True)
class AwayFacts:
    """What happened between `since_at` and the return. `down` are servers that stopped answering in that time.

    `keys` are the person's own: opens the list, goes to the next row, puts the line away.
    """

    since_at: datetime
    now: datetime
    zone: tzinfo
    news: tuple[News, ...]
    down: tuple[ServerHealth, ...] = ()
    keys: tuple[str, str, str] = ("", "", "")


def since_words(at: datetime, now: datetime, zone: tzinfo) -> str:
    """``18:05`` today, ``Nov 21 18:05`` this year, else the date."""
    here = at.astimezone(zone)
    return here.strftime("%H:%M") if here.date() == now.astimezone(zone).date() else moment(at, now, zone)


def away_line(facts: AwayFacts, signs: Signs, width: int) -> Line:
    """``since 18:05: ✗ 1 failed, ! 1 stuck, ✓ 4 done`` with the keys, in `width` cells."""
    since = since_words(facts.since_at, facts.now, facts.zone)
    tallies = tally(facts.news)
    head: Line = (Piece(f"since {since}:", "strong", "changed.open"), Piece(" "))
    short: Line = (Piece(f"{since} ", "strong", "changed.open"),)
    words = _counted(tallies, signs, has_words=True)
    counts = _counted(tallies, signs, has_words=False)
    down = _down(facts, signs, has_time=True)
    brief = _down(facts, signs, has_time=False)
    opens, goes_on, away = facts.keys
    keys = [(opens, "list", "changed.open"), (goes_on, "next", "changed.next"), (away, "put away", "back")]
    all_keys, one_key = _keys(keys), _keys(keys[:1])
    variants: tuple[tuple[Line, Line], ...] = (
        (joined([(*head, *words), down]), all_keys),
        (joined([(*head, *words), brief]), all_keys),
        (joined([(*head, *words), brief]), one_key),
        (joined([(*head, *counts), brief]), all_keys),
        (joined([(*head, *counts), brief]), one_key),
        (joined([(*short, *counts), brief]), one_key),
    )
    for left, right in variants:
        if width_of(left) + width_of(right) + 2 <= width:
            return justify(left, right, width)
    return trim(variants[-1][0], width)


def tally(news: Iterable[News]) -> list[tuple[State | None, int]]:
    """How many are in which state now, the worst first; None stands for stuck."""
    worst_first = sorted(news, key=lambda one: one.rank)
    return list(Counter(None if one.is_stuck else one.now for one in worst_first).items())


def said(facts: AwayFacts) -> str:
    """The same as one sentence without keys."""
    parts = [f"{many} {state.word if state is not None else STUCK}" for state, many in tally(facts.news)]
    parts += [_trouble(server, facts) for server in facts.down]
    return f"Since {since_words(facts.since_at, facts.now, facts.zone)}: {', '.join(parts)}."


def _counted(tallies: Sequence[tuple[State | None, int]], signs: Signs, *, has_words: bool) -> Line:
    parts: list[Line] = []
    for place, (state, many) in enumerate(tallies):
        sign, word = (signs.glyphs.of(state), state.word) if state is not None else (STUCK_SIGN, STUCK)
        tone = state.value if state is not None else "bad"
        comma = "," if has_words and place < len(tallies) - 1 else ""
        text = f"{sign} {many:,} {word}{comma}" if has_words else f"{sign}{many:,}"
        parts.append((Piece(text, tone, "changed.open"),))
    return joined(parts, " ")


def _down(facts: AwayFacts, signs: Signs, *, has_time: bool) -> Line:
    parts: list[Line] = []
    for server in facts.down:
        sign, tone = signs.of(server.health), LOOKS[server.health].tone
        text = _trouble(server, facts) if has_time else clean(server.name, SERVER_CELLS)
        parts.append((Piece(f"{sign} {text}", tone),))
    return joined(parts)


def _trouble(server: ServerHealth, facts: AwayFacts) -> str:
    verb = "refuses" if server.health is Health.REFUSED else "does not answer"
    since = f" since {since_words(server.good_at, facts.now, facts.zone)}" if server.good_at is not None else ""
    return f"{clean(server.name, SERVER_CELLS)} {verb}{since}"


def _keys(keys: Iterable[tuple[str, str, str]]) -> Line:
    return joined([(Piece(key, "key", command), Piece(f" {word}", "", command)) for key, word, command in keys if key])


def changed_line(
    news: News, entry: Entry | None, facts: AwayFacts, signs: Signs, mark: str, width: int, tone: str = ""
) -> Line:
    """One row of the list: mark, state, name, what it was, when. `tone` is laid under all of it ("" for none)."""
    state, word = (signs.glyphs.of(news.now), news.now.word) if not news.is_stuck else (STUCK_SIGN, STUCK)
    was = "new" if news.was is None else news.was.word
    what = "no change for too long" if news.is_stuck else f"{was} {signs.arrow} {news.now.word}"
    name = clean((entry.label or entry.name) if entry is not None else news.key)
    time = moment(news.at, facts.now, facts.zone)
    first = f"{mark} " + f"{state} {word}".ljust(STATE_CELLS)
    room = width - len(first) - WHAT_CELLS - TIME_CELLS - 2
    if room < LEAST_NAME_CELLS:
        room, what = room + WHAT_CELLS + 1, ""
    if room < LEAST_NAME_CELLS:
        room, time = room + TIME_CELLS + 1, ""
    under = f"{tone}:" if tone else ""
    shown = shorten(name, max(1, room), signs.ellipsis)
    gap = " " * max(0, room - width_of((Piece(shown),)))
    own = "bad" if news.is_stuck else news.now.value
    faded = "" if mark.strip() else "dim"
    return trim(
        (
            Piece(first, under + (faded or own)),
            Piece(shown + gap, (under + faded).rstrip(":")),
            *((Piece(f" {what:<{WHAT_CELLS}}", f"{under}dim"),) if what else ()),
            *((Piece(f" {time:<{TIME_CELLS}}", f"{under}dim"),) if time else ()),
        ),
        width,
    )
