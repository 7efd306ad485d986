"""The rules of a wait over all of its targets: when it ends, what is told meanwhile, what it had to survive.

Pure: what polling published comes in through `see`, time through the clock, events come out. Does no I/O and starts
nothing; `next_due` says when time alone will change something.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tui.clock import Clock
from tui.domain.problem import REFUSALS, Problem, ProblemCode
from tui.domain.snapshot import Entry, Health, ServerHealth
from tui.domain.target import Target
from tui.polling.outage import Verdict, verdict
from tui.waiting.course import Course
from tui.waiting.terms import REFUSALS_TAKEN, Event, EventKind, Outcome, PartChange, Terms

_TROUBLED = frozenset({Health.FAILING, Health.REFUSED})


@dataclass(slots=True)
class Weather:
    """What a wait had to survive of one server: failed polls by code, the longest time without an answer (seconds)."""

    polls: int = 0
    failures: Counter[ProblemCode] = field(default_factory=Counter)
    longest_s: float = 0.0
    is_reached: bool = False
    refusals: int = 0
    trouble: ProblemCode | None = None
    is_told: bool = False
    bad_since_s: float | None = None
    last_polled_at: datetime | None = None
    well_s: float | None = None  # monotonic; when its last trouble ended


class Wait:
    """One wait. Feed it with `see` and `tick` until `is_over`."""

    def __init__(self, targets: Iterable[Target], terms: Terms, clock: Clock) -> None:
        self.terms = terms
        self.courses = {target.key: Course(target) for target in targets}
        self.weather: dict[str, Weather] = {course.target.server: Weather() for course in self.courses.values()}
        self.is_interrupted = False
        self._clock = clock
        self._health: dict[str, ServerHealth] = {}
        self.started_s = clock.monotonic()
        self._spoken_s = self.started_s
        self._pending = len(self.courses)
        self._ask_again: dict[str, float] = {}

    @property
    def elapsed_s(self) -> float:
        """How long it goes on."""
        return self._clock.monotonic() - self.started_s

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Those that are settled, in the order of the targets."""
        return tuple(course.outcome for course in self.courses.values() if course.outcome is not None)

    @property
    def pending(self) -> tuple[Course, ...]:
        """The targets of which nothing came yet."""
        return tuple(course for course in self.courses.values() if course.is_pending)

    @property
    def is_over(self) -> bool:
        """There is nothing more to wait for."""
        if self.is_interrupted or not self._pending:
            return True
        if self._pending == len(self.courses):
            return False
        outcomes = set(self.outcomes)
        if self.terms.is_any and Outcome.DONE in outcomes:
            return True
        return self.terms.is_fail_fast and bool(outcomes - {Outcome.DONE})

    @property
    def has_succeeded(self) -> bool:
        """What was waited for has come: a target (`is_any`), or all of them, ended well."""
        outcomes = self.outcomes
        if self.terms.is_any:
            return Outcome.DONE in outcomes
        return not self._pending and set(outcomes) <= {Outcome.DONE}

    @property
    def has_given_up(self) -> bool:
        """It ended before all was told: somebody broke it off, the time was up, or one bad end was enough."""
        if self.has_succeeded:
            return False
        return bool(self._pending) or bool({Outcome.OUT_OF_TIME, Outcome.NOT_ASKED} & set(self.outcomes))

    def longest_silence_s(self, server: str) -> float:
        """The longest time in which a server gave no good answer, the present one included."""
        weather = self.weather[server]
        if weather.bad_since_s is None:
            return weather.longest_s
        return max(weather.longest_s, self._clock.monotonic() - weather.bad_since_s)

    def interrupt(self) -> None:
        """Somebody wants no more of it."""
        self.is_interrupted = True

    def see(
        self,
        keys: Iterable[str],
        servers: Iterable[str],
        entries: Mapping[str, Entry],
        healths: Mapping[str, ServerHealth],
    ) -> list[Event]:
        """Take in what was published: entries by address, healths by server."""
        events: list[Event] = []
        for name in servers:
            if name in self.weather and name in healths:
                if self._is_troubled(name) and healths[name].health not in _TROUBLED:
                    self.weather[name].well_s = self._clock.monotonic()
                self._health[name] = healths[name]
        for key in keys:
            course, entry = self.courses.get(key), entries.get(key)
            if course is None or entry is None or not course.is_pending or entry.polled_at is None:
                continue
            if entry.polled_at != course.entry.polled_at:
                events += self._take(course, entry)
        for name in servers:
            if name in self.weather and name in healths:
                events += self._server_trouble(name, healths[name])
        return self._spoken(events)

    def tick(self) -> list[Event]:
        """What time alone brings: limits that are over, the end of all time, a heartbeat."""
        now_s, now = self._clock.monotonic(), self._clock.now()
        events: list[Event] = []
        if self.is_over:
            return events
        for course in self.pending:
            found = course.judge(self.terms, now_s, is_fresh=self._is_fresh(course))
            if found is not None:
                events.append(self._settle(course, found, now))
        is_late = self.terms.timeout_s is not None and now_s - self.started_s >= self.terms.timeout_s
        if is_late and not self.is_over:
            for course in self.pending:
                name = course.target.server
                is_reached = self.weather[name].is_reached
                events.append(self._settle(course, course.give_up(is_reached=is_reached), now))
        beat_s = self.terms.heartbeat_s
        if not events and beat_s and now_s - self._spoken_s >= beat_s:
            pending = tuple(course.entry for course in self.pending)
            left = tuple(self.terms.left_words(entry) for entry in pending)
            self._spoken_s = now_s
            words, seconds = self._trouble_words(), self.elapsed_s
            return [Event(EventKind.HEARTBEAT, now, text=words, seconds=seconds, pending=pending, left=left)]
        return self._spoken(events)

    def next_due(self) -> float | None:
        """The monotonic time at which `tick` or `take_retries` has something to do; None where only news can help."""
        times = list(self._ask_again.values())
        if self.terms.timeout_s is not None:
            times.append(self.started_s + self.terms.timeout_s)
        if self.terms.heartbeat_s:
            times.append(self._spoken_s + self.terms.heartbeat_s)
        for course in self.pending:
            due_s = course.next_due(self.terms)
            if due_s is not None and self._is_fresh(course):
                times.append(due_s)
        return min(times, default=None)

    def take_retries(self) -> Sequence[str]:
        """The addresses that were refused and are to be asked again now, with whatever token there is by now."""
        now_s = self._clock.monotonic()
        due = [key for key, at_s in self._ask_again.items() if at_s <= now_s]
        for key in due:
            del self._ask_again[key]
        return due

    def _take(self, course: Course, entry: Entry) -> list[Event]:
        now_s, now = self._clock.monotonic(), self._clock.now()
        weather = self.weather[course.target.server]
        changes = course.see(entry, now, now_s)
        events = self._count(course, entry, weather, now, now_s)
        found = course.judge(self.terms, now_s, is_fresh=self._is_fresh(course))
        if found is None and changes:
            events.append(Event(EventKind.STATE, now, course.target.server, course.target, entry, changes))
        if found is not None:
            events.append(self._settle(course, found, now, changes))
        else:
            events += self._refused(course, entry, weather, now, now_s)
        return events

    def _count(self, course: Course, entry: Entry, weather: Weather, now: datetime, now_s: float) -> list[Event]:
        """Note how the poll went, and tell of a target's own trouble when it begins, changes or ends."""
        problem = entry.problem
        is_answer = problem is None or problem.code is ProblemCode.MISSING
        is_new_poll = entry.polled_at != weather.last_polled_at  # one request may bring several targets
        weather.last_polled_at = entry.polled_at
        weather.polls += is_new_poll
        if problem is not None and not is_answer:
            weather.failures[problem.code] += is_new_poll
            if weather.bad_since_s is None:
                weather.bad_since_s = now_s
        else:
            self._fair(weather, now_s)
        if problem is None or is_answer:
            return self._own_trouble_ended(course, now, now_s)
        if verdict(problem) is Verdict.DOWN or course.trouble is problem.code:
            return []
        if course.trouble is None:
            course.trouble_s = now_s
        course.trouble = problem.code
        return [Event(EventKind.PROBLEM, now, course.target.server, course.target, entry, problem=problem)]

    def _fair(self, weather: Weather, now_s: float) -> None:
        if weather.bad_since_s is not None:
            weather.longest_s = max(weather.longest_s, now_s - weather.bad_since_s)
            weather.bad_since_s = None
        weather.is_reached = True
        weather.refusals = 0

    def _own_trouble_ended(self, course: Course, now: datetime, now_s: float) -> list[Event]:
        if course.trouble is None:
            return []
        course.trouble = None
        lasted_s = now_s - course.trouble_s
        return [
            Event(EventKind.RECOVERED, now, course.target.server, course.target, course.entry, seconds=lasted_s),
        ]

    def _refused(self, course: Course, entry: Entry, weather: Weather, now: datetime, now_s: float) -> list[Event]:
        """Ask again a few times, because a token may just be being renewed; then it is refused for good."""
        problem = entry.problem
        if problem is None or problem.code not in REFUSALS:
            return []
        refused: tuple[Course, ...] = (course,)
        if problem.code is ProblemCode.UNAUTHORISED:  # the token's fault, so all of the server's targets share it
            weather.refusals += 1
            count = weather.refusals
            refused = tuple(one for one in self.pending if one.target.server == course.target.server)
        else:
            course.refusals += 1
            count = course.refusals
        if count < REFUSALS_TAKEN:
            self._ask_again[course.target.key] = now_s + self.terms.refusal_pause_s
            return []
        return [self._settle(one, (Outcome.REFUSED, problem.text), now) for one in refused]

    def _server_trouble(self, name: str, health: ServerHealth) -> list[Event]:
        """Tell when a server as a whole is in trouble, unless one of its targets told the same already."""
        weather, now, now_s = self.weather[name], self._clock.now(), self._clock.monotonic()
        problem = health.problem if health.health in _TROUBLED else None
        code = problem.code if problem is not None else None
        if code is weather.trouble or not any(course.target.server == name for course in self.pending):
            return []
        before, was_told, weather.trouble = weather.trouble, weather.is_told, code
        if problem is None:
            since_s, weather.is_told = weather.bad_since_s, False
            lasted_s = weather.longest_s if since_s is None else now_s - since_s
            return [Event(EventKind.RECOVERED, now, name, seconds=lasted_s)] if was_told else []
        told = {course.trouble for course in self.courses.values() if course.target.server == name}
        if before is None and code in told:
            return []
        weather.is_told = True
        return [Event(EventKind.PROBLEM, now, name, problem=problem)]

    def _settle(
        self, course: Course, found: tuple[Outcome, str], now: datetime, changes: tuple[PartChange, ...] = ()
    ) -> Event:
        course.settle(found, now)
        self._pending -= 1
        self._ask_again.pop(course.target.key, None)
        return Event(
            EventKind.ENDED,
            now,
            course.target.server,
            course.target,
            course.entry,
            changes,
            found[0],
            problem=course.entry.problem,
            text=found[1],
            seconds=self.elapsed_s,
        )

    def _is_fresh(self, course: Course) -> bool:
        """Its server answers, and has answered for this target since it was last in trouble."""
        name = course.target.server
        if self._is_troubled(name):
            return False
        well_s, asked_s = self.weather[name].well_s, course.polled_s
        return well_s is None or (asked_s is not None and asked_s >= well_s)

    def _is_troubled(self, name: str) -> bool:
        health = self._health.get(name)
        return health is not None and health.health in _TROUBLED

    def _trouble_words(self) -> str:
        """Which servers cannot be asked at present, and why."""
        found = []
        for name, health in self._health.items():
            problem: Problem | None = health.problem if health.health in _TROUBLED else None
            if problem is not None:
                found.append(f"{name} cannot be asked: {problem.text.rstrip('.')}")
        return "; ".join(found)

    def _spoken(self, events: list[Event]) -> list[Event]:
        if events:
            self._spoken_s = self._clock.monotonic()
        return events
