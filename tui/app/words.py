"""The lines around the tables as values: header, tabs, pane titles, notices, and what an empty pane says.

Pure functions from what is known to pieces of text, tried from the fullest variant to the barest, so that a narrow
screen leaves out whole facts and never half of one. No widget, no colour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from tui.app.line import Line, Piece, fit, joined, justify, shorten, trim, width_of
from tui.app.signs import LOOKS, SEVERITY, Signs
from tui.domain.problem import Problem
from tui.domain.snapshot import Health, ListState, ServerHealth
from tui.domain.state import State
from tui.present.format import age, count, skew
from tui.present.safe import clean

NAME = "scantop"
SERVER_NAME_CELLS = 24  # of a server's name in the header; it is the person's own word, mostly short
REASON_CELLS = 160  # of a problem's sentence in one line
# Which counts matter most in a narrow title: what is wrong, then what moves, then the rest.
_COUNT_ORDER = (
    State.FAILED,
    State.RUNNING,
    State.WAITING,
    State.PARTIAL,
    State.DONE,
    State.CANCELED,
    State.MISSING,
    State.NOT_SCANNED,
    State.UNSUPPORTED,
    State.UNKNOWN,
    State.ABSENT,
)


@dataclass(frozen=True, slots=True)
class HeaderFacts:
    """What the header tells. `per_minute` and `budget` in requests a minute over all servers, None where unknown.

    `replay` says that this is one, and how fast it goes.
    """

    servers: tuple[ServerHealth, ...]
    now: datetime
    zone: tzinfo
    is_paused: bool = False
    is_read_only: bool = False
    per_minute: int | None = None
    budget: int | None = None
    replay: str = ""


def header(facts: HeaderFacts, signs: Signs, width: int) -> Line:
    """The header in `width` cells."""
    here = facts.now.astimezone(facts.zone)
    clock = Piece(here.strftime("%H:%M"))
    live = Piece("PAUSED", "warn", "poll.pause") if facts.is_paused else Piece("live", "dim", "poll.pause")
    rate: Line = ()
    if facts.replay:  # nobody must take it for what is so now: its day stands there, and no rate
        rate, clock = (Piece(facts.replay, "warn"),), Piece(here.strftime("%Y-%m-%d %H:%M"))
        live = live if facts.is_paused else rate[0]
    elif facts.per_minute is not None:
        of = f" of {facts.budget}" if facts.budget else ""
        rate = (Piece(f"{facts.per_minute}{of} req/min", "dim"),)
    flags: Line = (Piece("read-only", "warn"),) if facts.is_read_only else ()
    name: Line = (Piece(NAME, "strong"),)
    insecure: Line = (Piece("INSECURE", "bad"),) if any(s.is_insecure for s in facts.servers) else ()
    full = [_chip(server, signs, facts.now, has_age=True, has_word=True) for server in facts.servers]
    words = [_chip(server, signs, facts.now, has_age=False, has_word=True) for server in facts.servers]
    names = [_chip(server, signs, facts.now, has_age=False, has_word=False) for server in facts.servers]
    marks = tuple(_mark(server, signs) for server in facts.servers)
    right = joined([flags, rate, *([(live,)] if live not in rate else []), (clock,)])
    shorter = joined([flags, (live,), (clock,)])
    short = joined([(live,), (clock,)])
    bare = (live,) if facts.is_paused or facts.replay else ()
    variants = (
        (joined([name, *full], "   "), right),
        (joined([name, *full]), shorter),
        (joined([name, *words]), right),
        (joined([name, *words]), shorter),
        (joined([name, *names, insecure]), shorter),
        (joined([*names, insecure], " "), short),
        (joined([marks, insecure]), short),
        (joined([marks, insecure], " "), bare),
    )
    for left, rest in variants:
        if width_of(left) + width_of(rest) + 2 <= width:
            return justify(left, rest, width)
    return fit([marks], width)


def _chip(server: ServerHealth, signs: Signs, now: datetime, *, has_age: bool, has_word: bool) -> Line:
    look = LOOKS[server.health]
    name = Piece(clean(server.name, SERVER_NAME_CELLS) + " ")
    pieces = [name, Piece(signs.of(server.health), look.tone)]
    if has_word:
        pieces.append(Piece(f" {look.word}", look.tone))
        if has_age and server.health in (Health.LATE, Health.FAILING) and server.good_at is not None:
            pieces.append(Piece(f" {age((now - server.good_at).total_seconds())}", look.tone))
        if has_age and (ahead := skew(server.clock_offset_s)):
            pieces.append(Piece(f" clock {ahead}", "warn"))
        if server.is_insecure:
            pieces.append(Piece(" INSECURE", "bad"))
    return tuple(pieces)


def _mark(server: ServerHealth, signs: Signs) -> Piece:
    return Piece(signs.of(server.health), LOOKS[server.health].tone)


def counts(states: Mapping[State, int], signs: Signs) -> list[Line]:
    """One piece of glyph and number a state, the ones that matter most first."""
    return [
        (Piece(f"{signs.glyphs.of(state)}{states[state]}", state.value),) for state in _COUNT_ORDER if states.get(state)
    ]


def strip(cells: Line, signs: Signs, width: int) -> Line:
    """A pane's strip: whole cells only; an ellipsis says that there are more than fit."""
    full = [joined([(cell,) for cell in cells], gap) for gap in ("  ", " ")]
    fewer = [
        joined([*((cell,) for cell in cells[:many]), (Piece(signs.ellipsis, "dim"),)], " ")
        for many in range(len(cells) - 1, -1, -1)
    ]
    return fit([*full, *fewer], width)


@dataclass(frozen=True, slots=True)
class TabFacts:
    """One tab: its digit, its words, its counts, whether it is the shown one, and its servers' worst health."""

    number: int
    title: str
    short: str
    states: Mapping[State, int]
    total: int
    is_active: bool
    health: Health


def tabs(facts: Sequence[TabFacts], signs: Signs, width: int) -> Line:
    """All tabs in one line. A pane in trouble keeps its mark in every variant."""

    def build(has_title: bool, has_short: bool, many: int) -> Line:
        out: list[Piece] = []
        for tab in facts:
            command = f"pane.{tab.number}"
            tone = "tab-active" if tab.is_active else "tab"
            words = tab.title if has_title else tab.short if has_short else ""
            label = f" {tab.number} {words}" if words else f" {tab.number}"
            out.append(Piece(label, tone, command))
            if tab.health in (Health.LATE, Health.FAILING, Health.REFUSED):
                sign = signs.of(tab.health)
                out.append(Piece(f" {sign}", f"{tone}:{LOOKS[tab.health].tone}", command))
            for line in counts(tab.states, signs)[:many]:
                out.append(Piece(f" {line[0].text}", f"{tone}:{line[0].tone}", command))
            if not many:
                out.append(Piece(f" {tab.total}", tone, command))
            out.append(Piece(" ", tone, command))
        return tuple(out)

    variants = [
        build(True, True, 4),
        build(False, True, 4),
        build(False, True, 3),
        build(False, True, 2),
        build(False, True, 0),
        build(False, False, 2),
        build(False, False, 0),
    ]
    return fit(variants, width)


@dataclass(frozen=True, slots=True)
class TitleFacts:
    """What a pane's title tells. Where `filter_text` is not "", `matching` of `total` rows are shown."""

    number: int
    title: str
    short: str
    states: Mapping[State, int]
    total: int
    matching: int = 0
    filter_text: str = ""
    sort_title: str = ""
    is_reverse: bool = False
    is_held: bool = False
    moved: int = 0
    lists: tuple[ListState, ...] = ()
    has_more_servers: bool = False
    is_zoomed: bool = False
    marks: int = 0


def title(facts: TitleFacts, signs: Signs, width: int) -> Line:
    """A pane's title in `width` cells: the name always; the filter, the page, the counts, the order as they fit."""
    name = (Piece(f"{facts.number} {facts.title}", "strong"),)
    short = (Piece(f"{facts.number} {facts.short}", "strong"),)
    filtered: Line = ()
    bare_filter: Line = ()
    if facts.filter_text:
        unread = " read so far" if any(_has_unread(state) for state in facts.lists) else ""
        bare_filter = (Piece(f"{facts.matching:,} of {facts.total:,}{unread}", "accent", "pane.filter"),)
        filtered = (*bare_filter, Piece(f" /{clean(facts.filter_text, 30)}", "accent", "pane.filter"))
    pages = tuple(joined([_page(state, facts.has_more_servers) for state in facts.lists]))
    brief = tuple(joined([_page(state, False, is_brief=True) for state in facts.lists]))
    chosen = joined([_chosen(state) for state in facts.lists[:1]])
    many = len(facts.lists[0].query.filters) if facts.lists else 0
    few_chosen: Line = (Piece(f"{count(many, 'filter')} on", "accent", "list.filter"),)
    order = ""
    if facts.sort_title:
        order = f"{signs.down if facts.is_reverse else signs.up} {facts.sort_title}"
    held: Line = ()
    if facts.is_held and facts.moved:
        held = (Piece(f"order held, {facts.moved} to move", "warn"),)
    elif facts.is_held:
        held = (Piece("order held", "dim"),)
    if facts.marks:
        held = joined([(Piece(f"{facts.marks:,} marked", "accent", "row.clear_marks"),), held])
    sort: Line = (Piece(order, "dim", "pane.sort"),) if order else ()
    numbers = counts(facts.states, signs)
    all_numbers, few_numbers = joined(numbers, " "), joined(numbers[:2], " ")
    if not numbers:
        all_numbers = few_numbers = (Piece("0", "dim"),)
    variants: tuple[tuple[list[Line], list[Line]], ...] = (
        ([name, all_numbers, filtered, chosen], [held, pages, sort]),
        ([name, all_numbers, filtered, chosen], [held or sort, pages]),
        ([name, all_numbers, filtered, chosen], [held, pages]),
        ([short, all_numbers, filtered, chosen], [held, brief]),
        ([short, few_numbers, filtered, chosen], [held, brief]),
        ([short, few_numbers, bare_filter, chosen], [brief]),
        *([([short, bare_filter, chosen], [brief]), ([short, bare_filter, few_chosen], [brief])] if chosen else []),
        ([short, bare_filter or few_numbers], [brief]),
        ([short, bare_filter], [brief]),
        ([short], [bare_filter or brief]),
    )
    for left, right in variants:
        start, end = joined(left), joined(right)
        if width_of(start) + width_of(end) + (2 if end else 0) <= width:
            return justify(start, end, width)
    return fit([short], width)


def _page(state: ListState, has_server: bool, *, is_brief: bool = False) -> Line:
    if state.good_at is None and state.problem is None:
        return ()
    pages = f" of {state.pages}" if state.pages is not None else ("" if state.has_more is False else "+")
    if is_brief:
        text = f"p{state.page}/{state.pages}" if state.pages is not None else f"p{state.page}{pages}"
    else:
        where = f"{clean(state.query.server, SERVER_NAME_CELLS)} " if has_server else ""
        text = f"{where}page {state.page}{pages}"
        if state.total is not None:
            text += f", {count(state.total, state.query.name.removesuffix('s'))}"
    if state.is_fetching and state.query.page != state.page:
        text += f", fetching {state.query.page}"
    elif state.is_fetching and state.shown is not None:
        text += ", fetching"
    return (Piece(text, "accent" if state.is_fetching else "dim", "list.page_on"),)


def _chosen(state: ListState) -> Line:
    """The list's own filters: what the server was asked for."""
    text = " ".join(f"{name}={clean(value, 24)}" for name, value in state.query.filters)
    return (Piece(text, "accent", "list.filter"),) if text else ()


def _has_unread(state: ListState) -> bool:
    return state.has_more is True or (state.pages is not None and state.pages > 1)


def worst(servers: Sequence[ServerHealth]) -> Health:
    """The health that a pane must tell about; OK where there is no server."""
    found = {server.health for server in servers}
    return next((health for health in SEVERITY if health in found), Health.OK)


def notice(
    servers: Sequence[ServerHealth],
    lists: Sequence[ListState],
    signs: Signs,
    now: datetime,
    width: int,
) -> Line:
    """Why a pane's rows may be old, in one line; empty while all is well.

    How old the rows are and when the next try comes is always there; the reason is shortened where it must be.
    """
    for health in (Health.REFUSED, Health.FAILING, Health.LATE):
        for server in servers:
            if server.health is health:
                others = sum(1 for one in servers if one.health not in (Health.OK, Health.STARTING)) - 1
                return _server_notice(server, signs, now, others, width)
    for state in lists:
        if state.problem is not None:
            name = f"{clean(state.query.server, SERVER_NAME_CELLS)} {clean(state.query.name, SERVER_NAME_CELLS)}"
            head = Piece(f"{signs.of(Health.FAILING)} {name}: ", "bad")
            old = age((now - state.good_at).total_seconds()) if state.good_at is not None else ""
            return _squeeze(head, state.problem, [f"{old} old" if old else "", ""], width)
    for state in lists:
        if state.notes:
            name = clean(state.query.server, SERVER_NAME_CELLS)
            said = "; ".join(clean(note, REASON_CELLS) for note in state.notes)
            return (Piece(shorten(f"{name}: {said}", width), "dim"),)
    return ()


def _server_notice(server: ServerHealth, signs: Signs, now: datetime, others: int, width: int) -> Line:
    look = LOOKS[server.health]
    old = age((now - server.good_at).total_seconds()) if server.good_at is not None else ""
    many = f" (and {others} more)" if others > 0 else ""
    head = Piece(f"{signs.of(server.health)} {clean(server.name, SERVER_NAME_CELLS)} {look.word}{many}: ", look.tone)
    again = ""
    if server.retry_at is not None and server.retry_at > now:
        again = f"next try in {age((server.retry_at - now).total_seconds())}"
    full = ", ".join(part for part in (f"what is shown is {old} old" if old else "", again) if part)
    brief = ", ".join(part for part in (f"{old} old" if old else "", again) if part)
    return _squeeze(head, server.problem, [full, brief, f"{old} old" if old else ""], width)


def _squeeze(head: Piece, problem: Problem | None, tails: Sequence[str], width: int) -> Line:
    reason = clean(problem.text, REASON_CELLS) if problem is not None else "an answer is overdue."
    for tail in tails[:-1]:
        line = (head, Piece(reason), *((Piece(f" ({tail})", "dim"),) if tail else ()))
        if width_of(line) <= width:
            return line
    tail = f" ({tails[-1]})" if tails[-1] else ""
    room = max(0, width - width_of((head,)) - len(tail))
    return trim((head, Piece(shorten(reason, room)), Piece(tail, "dim")), width)


def empty(
    words: str, health: Health, signs: Signs, *, filter_text: str = "", total: int = 0, back: str = "Esc"
) -> list[Line]:
    """The lines of a pane without rows: what is so, marked by its servers' health, then what to do.

    `words` are the pane's own, parted by line breaks; `total` rows are hidden where `filter_text` is not "".
    """
    if filter_text:
        return [
            (Piece(f"No row matches /{clean(filter_text, 60)}", "strong"),),
            (Piece(f"There are {count(total, 'row')} without the filter. {back} clears it.", "dim"),),
        ]
    head, *rest = words.splitlines() or ["Nothing here."]
    look = LOOKS[health]
    mark: Line = () if health is Health.OK else (Piece(f"{signs.of(health)} ", look.tone),)
    tone = {Health.OK: "strong", Health.PAUSED: "strong"}.get(health, look.tone)
    indent = " " * width_of(mark)
    return [(*mark, Piece(head, tone)), *((Piece(indent + line, "dim"),) for line in rest)]
