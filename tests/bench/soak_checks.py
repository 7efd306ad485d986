"""What must hold of a soak: the server's ledger and the true courses against the history that scantop kept.

Pure: values in, sentences out. A sentence is a broken promise; none is what is wanted. Knows neither client nor clock.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from soak_site import Told
from soak_truth import Reading, Span
from soak_weather import HANGING, Storm, longest_s

from tui.domain.state import State

MISSING = State.MISSING.value
WINDOW_S = 60.0
JITTER = 1.1  # an interval is shaken by a tenth
LIST_IDLE_FACTOR = 9.0  # a target that a list shows may be left to the list: 1.5 times its longest interval
SELDOM_S = 60.0
EARLY_S = 0.02  # by which two clocks of one machine may disagree


@dataclass(frozen=True, slots=True)
class Event:
    """One transition as the history has it (times in wall seconds)."""

    key: str
    part: str
    before: str | None
    after: str
    status: str | None
    after_s: float | None
    seen_s: float


@dataclass(frozen=True, slots=True)
class Terms:
    """What was promised: intervals and budgets (requests a minute), and how late things may be in real time."""

    active_s: float
    settled_s: float
    grace_s: float
    budgets: Mapping[str, int]
    answer_s: float
    late_s: float
    concurrency: int
    sources: Mapping[str, int]  # a server
    begun_s: float
    ended_s: float
    first_round_s: Mapping[str, float]  # a server: how long everything took that was asked at once; empty for no limit

    def interval_s(self, span: Span, kind: str) -> float:
        """How often the target is asked while it stands like that, at most."""
        if span.state is State.MISSING:
            in_grace = span.begin_s < self.begun_s + self.grace_s
            found = self.active_s if in_grace and span.end_s < self.begun_s + self.grace_s else SELDOM_S
        elif span.state.is_active:
            found = self.active_s
        else:
            found = self.settled_s if span.state.is_terminal else min(max(SELDOM_S, self.active_s), self.settled_s)
        return max(found, LIST_IDLE_FACTOR * self.active_s) if kind in ("job", "report") else found

    def longest_interval_s(self, kind: str) -> float:
        """How often a target of that kind is asked, at least."""
        found = max(self.settled_s, min(SELDOM_S, self.settled_s), self.active_s)
        return max(found, LIST_IDLE_FACTOR * self.active_s) if kind in ("job", "report") else found

    def wave_s(self, server: str) -> float:
        """How long it takes to ask everything once, as fast as the budget flows and the machine can."""
        return max(self.sources[server] * 60.0 / (self.budgets[server] * 5 / 6), self.first_round_s.get(server, 0.0))


@dataclass(slots=True)
class Findings:
    """Sentences, the first few of each kind, and how often what was looked at."""

    broken: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def tell(self, what: str, text: str) -> None:
        """Note one broken promise."""
        self.counts[f"BROKEN {what}"] += 1
        if self.counts[f"BROKEN {what}"] <= 5:
            self.broken.append(f"{what}: {text}")


def _events_by_key(events: Iterable[Event]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        found[event.key].append(event)
    return found


def _told_by_key(ledger: Iterable[Told]) -> dict[str, list[tuple[Told, Reading]]]:
    found: dict[str, list[tuple[Told, Reading]]] = defaultdict(list)
    for row in ledger:
        for key, reading in row.told.items():
            found[key].append((row, reading))
    return found


def check_told(
    findings: Findings, ledger: Sequence[Told], events: Sequence[Event], late_s: float, doubtful: Sequence[Storm] = ()
) -> None:
    """Whatever the server told is in the history, exactly once, in order, and nothing else is.

    Each sight in the history (a target's events of one moment) must be what one answer changed. An answer under way
    while its connection was cut (`doubtful`: from when till when, a server) need not have arrived.
    """
    told, kept = _told_by_key(ledger), _events_by_key(events)
    for key in sorted(told.keys() | kept.keys()):
        sights = [tuple(group) for _, group in groupby(kept.get(key, []), key=lambda event: event.seen_s)]
        sights = [sight for sight in sights if _words(sight)]
        now: Reading = {}
        has_record, place = False, 0
        for row, reading in told.get(key, []):
            is_missing = reading.get("") == MISSING
            if is_missing and has_record:
                continue
            changed = {part: state for part, state in reading.items() if now.get(part) != state}
            if not changed:
                now = reading
                continue
            sight = sights[place] if place < len(sights) else ()
            if _words(sight) == changed and -EARLY_S <= sight[0].seen_s - row.at_s <= late_s:
                place, now, has_record = place + 1, reading, not is_missing
                findings.counts["transitions told and kept"] += len(changed)
            elif row.is_sure and not _is_doubtful(row, doubtful):
                found = f"{sight[0].seen_s - row.at_s:+.3f} s later it has {_words(sight)}" if sight else "nothing more"
                findings.tell("told, not kept as told", f"{key} at {row.at_s:.3f}: {changed}; {found}")
                break
        else:
            for sight in sights[place:]:
                findings.tell("kept, never told", f"{key} at {sight[0].seen_s:.3f}: {_words(sight)}")
                break


def _words(sight: Sequence[Event]) -> Reading:
    """What a sight says by words of the server. That a part lies behind, or is told no more, is scantop's own word."""
    return {event.part: event.after for event in sight if event.status is not None or event.after == MISSING}


def _is_doubtful(row: Told, doubtful: Sequence[Storm]) -> bool:
    return any(storm.server == row.server and storm.begin_s <= row.at_s <= storm.end_s for storm in doubtful)


def check_true(
    findings: Findings, courses: Mapping[str, Sequence[Span]], events: Sequence[Event], late_s: float
) -> None:
    """Nothing is in the history that never was, and no change twice."""
    last: dict[tuple[str, str], str] = {}
    for event in events:
        before = last.get((event.key, event.part))
        if before == event.after or (event.before is not None and before is not None and event.before != before):
            findings.tell("not a change", f"{event.key} {event.part!r}: {before}, then {event.before}→{event.after}")
        last[event.key, event.part] = event.after
        course = courses.get(event.key)
        if course is None or (event.status is None and event.after != MISSING):
            continue
        findings.counts["transitions held against the story"] += 1
        held = {span.reading.get(event.part) for span in _within(course, event.seen_s - late_s, event.seen_s + EARLY_S)}
        if event.after not in held:
            findings.tell("never was", f"{event.key} {event.part!r} {event.after} at {event.seen_s:.3f}; it was {held}")
        if event.before is None or event.after_s is None or event.status is None:
            continue
        held = {
            span.reading.get(event.part) for span in _within(course, event.after_s - late_s, event.after_s + EARLY_S)
        }
        if event.before not in (
            *held,
            State.DONE.value if None in held else "",
            State.ABSENT.value if None in held else "",
        ):
            findings.tell("not so before", f"{event.key} {event.part!r} {event.before} at {event.after_s:.3f}; {held}")


def _within(course: Sequence[Span], begin_s: float, end_s: float) -> Sequence[Span]:
    first = max(0, bisect_right(course, begin_s, key=lambda span: span.end_s))
    return course[first : bisect_right(course, end_s, key=lambda span: span.begin_s)]


def check_seen(
    findings: Findings,
    courses: Mapping[str, Sequence[Span]],
    events: Sequence[Event],
    ledger: Sequence[Told],
    weather: Sequence[Storm],
    terms: Terms,
) -> None:
    """What the server held for longer than it may go unasked was seen."""
    kept = _events_by_key(events)
    good: dict[str, list[float]] = defaultdict(list)
    for row in ledger:
        for key in row.told:
            good[key].append(row.at_s)
    for key, course in courses.items():
        server, kind = key.partition(":")[0], key.partition(":")[2].partition("/")[0]
        usual_s = JITTER * terms.longest_interval_s(kind)
        blind = _troubles(server, weather, good[key], terms, usual_s)
        reach_s = terms.begun_s + terms.wave_s(server) + terms.late_s
        for trouble in blind:
            if trouble.begin_s <= reach_s:
                reach_s = max(reach_s, min(trouble.back_s, trouble.limit_s) + terms.wave_s(server))
        for span, following in zip(course, (*course[1:], None), strict=True):
            # Before its end it was seen, unless it was too short; from then on it is asked in this span's interval.
            if span.end_s - terms.late_s > reach_s and span.end_s <= terms.ended_s:
                _must_be_seen(findings, key, span, kept.get(key, []), terms.late_s)
            else:
                findings.counts["statuses too short to be seen for sure"] += 1
            gap_s = JITTER * terms.interval_s(span, kind) + terms.late_s + terms.wave_s(server)
            candidate_s = span.end_s + gap_s
            for trouble in blind:
                if trouble.begin_s <= candidate_s:
                    candidate_s = max(candidate_s, min(trouble.back_s, trouble.limit_s) + gap_s)
            reach_s = max(reach_s, candidate_s)
            if following is None:
                break


def _must_be_seen(findings: Findings, key: str, span: Span, events: Sequence[Event], late_s: float) -> None:
    findings.counts["statuses that had to be seen"] += 1
    known: Reading = {}
    place = bisect_right(events, span.begin_s, key=lambda event: event.seen_s)
    for event in events[:place]:
        known[event.part] = event.after
    ever = [(part, state) for part, state in known.items()]
    ever += [(event.part, event.after) for event in events[place:] if event.seen_s <= span.end_s + late_s]
    for part, state in span.reading.items():
        if (part, state) not in ever and not (state == MISSING and known):
            seen = [f"{event.seen_s:.1f} {event.after}" for event in events if event.part == part]
            findings.tell(
                "held long, never seen",
                f"{key} {part!r} {state} from {span.begin_s:.1f} to {span.end_s:.1f}; seen {seen[-6:]}",
            )


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Storms in a row: from when, until something was asked for again, and by when it had to be."""

    begin_s: float
    names: frozenset[str]
    off_s: float
    back_s: float
    limit_s: float


def _troubles(
    server: str, weather: Sequence[Storm], good: Sequence[float], terms: Terms, usual_s: float
) -> list[_Trouble]:
    """The troubles of a server. `good` is when it was answered well, `usual_s` how long it may go unasked anyway.

    Storms that follow before it was asked again are one trouble: its waits go on doubling.
    """
    found: list[_Trouble] = []
    for storm in (storm for storm in weather if storm.server == server):
        if found and storm.begin_s <= min(found[-1].back_s, found[-1].limit_s + usual_s):
            last = found.pop()
            begin_s, names, off_s = last.begin_s, last.names | {storm.name}, max(last.off_s, storm.end_s)
        else:
            begin_s, names, off_s = storm.begin_s, frozenset({storm.name}), storm.end_s
        wait_s = longest_s(names, off_s - begin_s, terms.active_s) + (terms.answer_s if names & set(HANGING) else 0.0)
        place = bisect_left(good, off_s)
        back_s = good[place] if place < len(good) else float("inf")
        found.append(_Trouble(begin_s, names, off_s, back_s, off_s + wait_s + terms.wave_s(server) + terms.late_s))
    return found


def check_back(findings: Findings, ledger: Sequence[Told], weather: Sequence[Storm], terms: Terms) -> None:
    """After trouble each server is asked again no later than the back-off allows."""
    for server in terms.sources:
        good = [row.at_s for row in ledger if row.server == server and not row.fault]
        for trouble in _troubles(server, weather, good, terms, JITTER * terms.active_s):
            limit_s = trouble.limit_s + JITTER * terms.active_s
            findings.counts["returns of servers after trouble"] += limit_s < terms.ended_s
            if trouble.back_s > limit_s and limit_s < terms.ended_s:
                text = f"{sorted(trouble.names)} ended at {trouble.off_s:.1f}, back at {trouble.back_s:.1f}"
                findings.tell("not asked again in time", f"{server}: {text}, due by {limit_s:.1f}")


def check_budget(findings: Findings, ledger: Sequence[Told], terms: Terms) -> dict[str, int]:
    """In no minute more requests than were allowed reached a server; gives the most of any minute."""
    most: dict[str, int] = {}
    for server in terms.sources:
        times = sorted(row.at_s for row in ledger if row.server == server)
        counts = [place + 1 - bisect_right(times, at_s - WINDOW_S) for place, at_s in enumerate(times)]
        most[server] = max(counts, default=0)
        # A question that needed a second request is charged for it afterwards: at most one each that was under way.
        allowed = terms.budgets[server]
        if most[server] > allowed + terms.concurrency:
            findings.tell("over budget", f"{server}: {most[server]} requests in a minute, {allowed} allowed")
    return most
