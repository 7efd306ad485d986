"""How good the estimates are: a seeded story of a thousand finished runs, forty live ones, and one that hangs.

The story is watched as polling would watch it (every five seconds, with server times only where the kind has them), so
that the learner knows no more than the monitor does.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from tui.domain.durations import Scope, quantile, run_step, scope_of
from tui.domain.learning import Lesson, learn
from tui.domain.outlook import Outlook
from tui.domain.records import Fields, Record
from tui.domain.snapshot import Entry, Mark, Transition
from tui.domain.state import State
from tui.domain.stuck import Pace
from tui.domain.target import Target

AT = datetime(2026, 11, 1, tzinfo=UTC)
EVERY_S = 5.0
FINISHED, LIVE, LOOKS = 1000, 40, 5
WAITING, RUNNING, DONE = State.WAITING, State.RUNNING, State.DONE
Moves = list[tuple[float, str, State]]  # seconds since the start of the story, part, state
JOBS = {"Project Scan": (600, 0.45), "Report - Audit Report": (90, 0.35), "PDL Update": (2400, 0.25)}
PIPELINE = (("uploaded", 6), ("findings_generating", 40), ("channel_merging", 25), ("application_merging", 60))


@dataclass
class Story:
    """One run: what it is, and what really happened when."""

    target: Target
    type: str = ""
    moves: Moves = field(default_factory=list)
    has_server_times: bool = False

    @property
    def begin_s(self) -> float:
        return self.moves[0][0]

    @property
    def end_s(self) -> float:
        return max(at_s for at_s, part, state in self.moves if not part)

    @property
    def scope(self) -> Scope:
        return scope_of(self.target.key, self.type, "")


def at(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def told(chance: random.Random, number: int, begin_s: float, *, is_hung: bool = False) -> Story:
    """One run of one of three kinds, begun at `begin_s`."""

    def takes(median_s: float, spread: float = 0.35) -> float:
        return float(median_s * chance.lognormvariate(0, spread))

    kind = 0 if is_hung else number % 3
    if kind == 0:  # a build; some names are five times as large as others
        name = number // 3 % 6
        size = (0.4, 0.7, 1.0, 1.3, 1.8, 2.5)[name]
        sca_s = begin_s + takes(20)
        contextual_s = sca_s + takes(120 * size)
        end_s = contextual_s + takes(200 * size)
        moves: Moves = [(begin_s, "", WAITING), (begin_s, "sca", WAITING)]
        moves += [(sca_s, "", RUNNING), (sca_s, "sca", RUNNING), (contextual_s, "sca", DONE)]
        moves.append((contextual_s, "contextual_analysis", RUNNING))
        if not is_hung:
            violations_s = end_s + takes(15)
            moves += [(end_s, "contextual_analysis", DONE), (end_s, "violations", RUNNING)]
            moves += [(violations_s, "", DONE), (violations_s, "violations", DONE)]
        return Story(Target("x", "build", (f"app-{'abcdef'[name]}", str(number))), moves=moves, has_server_times=True)
    if kind == 1:
        job_type = chance.choice(tuple(JOBS))
        median_s, spread = JOBS[job_type]
        start_s = begin_s + takes(60, 0.5)
        moves = [(begin_s, "", WAITING), (start_s, "", RUNNING), (start_s + takes(median_s, spread), "", DONE)]
        return Story(Target("c", "job", (str(number),)), job_type, moves, True)
    moves, now_s = [(begin_s, "", WAITING), (begin_s, "queued", WAITING)], begin_s + takes(30, 0.5)
    moves += [(now_s, "", RUNNING), (now_s, "queued", DONE)]
    for stage, median_s in PIPELINE:  # ThreadFix tells no time of a stage: only the polls do
        moves.append((now_s, stage, RUNNING))
        now_s += takes(median_s)
        moves.append((now_s, stage, DONE))
    return Story(Target("t", "scan", ("6", str(number))), moves=[*moves, (now_s, "", DONE)])


def polled(story: Story, until_s: float = float("inf")) -> Iterator[tuple[Transition, float]]:
    """What polling sees of it up to a moment: the transition, and when it was seen (seconds)."""
    known: dict[str, State] = {}
    polls = sorted({(int(at_s / EVERY_S) + 1) * EVERY_S for at_s, _, _ in story.moves})
    for poll_s in polls:
        if poll_s > until_s:
            return
        now: dict[str, tuple[State, float]] = {}
        for at_s, part, state in story.moves:
            if at_s <= poll_s:
                now[part] = (state, at_s)
        for part, (state, at_s) in now.items():
            before = known.get(part)
            if before is not state:
                server_at = at(int(at_s)) if story.has_server_times else None
                after_at = at(poll_s - EVERY_S) if known else None
                status = state.value.upper()
                yield (
                    Transition(story.target.key, part, before, state, status, after_at, at(poll_s), server_at),
                    poll_s,
                )
                known[part] = state


def seen_at(story: Story, now_s: float) -> Entry | None:
    """The entry that the monitor would have at a moment; None before its first poll."""
    marks: dict[str, Mark] = {}
    for transition, _ in polled(story, now_s):
        since_at = max(filter(None, (transition.server_at or transition.seen_at, transition.after_at)))
        marks[transition.part] = Mark(transition.part, transition.after, since_at)
    if "" not in marks:
        return None
    own = marks[""]
    record = Record(story.target, "x", own.state, own.state.value, detail=Fields((("type", story.type),)))
    return Entry(story.target.key, story.target, record, since_at=own.since_at, marks=tuple(marks.values()))


def experience(stories: list[Story]) -> Outlook:
    """What a monitor has learnt that watched them all."""
    lessons: list[tuple[float, Lesson]] = [
        (when_s, (story.scope, transition, None)) for story in stories for transition, when_s in polled(story)
    ]
    outlook = Outlook(7200.0)
    learn(outlook.learner, (lesson for _, lesson in sorted(lessons, key=lambda one: one[0])))
    return outlook


@pytest.fixture(scope="module", params=[1, 2, 3], ids="seed{}".format)
def world(request: pytest.FixtureRequest) -> tuple[Outlook, list[Story], list[Story], random.Random]:
    """An outlook on a thousand finished runs, these, forty live ones, and the chance that made them."""
    chance = random.Random(request.param)
    finished = [told(chance, number, number * 40.0) for number in range(FINISHED)]
    live = [told(chance, FINISHED + number, FINISHED * 40.0 + number * 11.0) for number in range(LIVE)]
    return experience(finished), finished, live, chance


def test_the_ranges_hold_and_are_narrower_than_the_naive_ones(
    world: tuple[Outlook, list[Story], list[Story], random.Random], figure: Callable[[str, object], None]
) -> None:
    outlook, finished, live, chance = world
    lengths: dict[str, list[float]] = {}
    for story in finished:
        lengths.setdefault(story.target.kind, []).append(story.end_s - story.begin_s)
    held = asked = naive_held = 0
    widths, naive_widths, errors, naive_errors = [], [], [], []
    for story in live:
        known = sorted(lengths[story.target.kind])
        for _ in range(LOOKS):
            now_s = chance.uniform(story.begin_s + EVERY_S, story.end_s)
            entry = seen_at(story, now_s)
            left = outlook.time_left(entry, at(now_s)) if entry is not None else None
            if left is None:
                continue
            gone_s, real_s = now_s - story.begin_s, story.end_s - now_s
            asked += 1
            held += left.low_s - EVERY_S <= real_s <= left.high_s + EVERY_S
            widths.append(left.high_s - left.low_s)
            errors.append(abs((left.low_s + left.high_s) / 2 - real_s))
            low_s, middle_s, high_s = (max(0.0, quantile(known, share) - gone_s) for share in (0.1, 0.5, 0.9))
            naive_held += low_s - EVERY_S <= real_s <= high_s + EVERY_S
            naive_widths.append(high_s - low_s)
            naive_errors.append(abs(middle_s - real_s))
    mean = [sum(some) / asked for some in (widths, naive_widths, errors, naive_errors)]
    figure("time left: looks that had an estimate", f"{asked} of {LIVE * LOOKS}")
    figure("time left: the range held, ours and all runs' 10 to 90 %", f"{held / asked:.0%}, {naive_held / asked:.0%}")
    figure("time left: mean width, ours and all runs'", f"{mean[0]:.0f} s, {mean[1]:.0f} s")
    figure("time left: mean error, our middle and the median of all runs", f"{mean[2]:.0f} s, {mean[3]:.0f} s")
    assert asked >= LIVE * LOOKS * 0.9
    assert held / asked >= 0.8
    assert mean[0] < 0.7 * mean[1] and mean[2] < 0.7 * mean[3]


def test_the_planted_scan_is_found_and_no_healthy_one_is_called_stuck(
    world: tuple[Outlook, list[Story], list[Story], random.Random], figure: Callable[[str, object], None]
) -> None:
    outlook, _, live, chance = world
    for story in live:
        moments = [story.begin_s + EVERY_S + n * 15.0 for n in range(int((story.end_s - story.begin_s) / 15) + 1)]
        for now_s in moments:
            entry = seen_at(story, min(now_s, story.end_s))
            assert entry is None or outlook.verdict(entry, at(min(now_s, story.end_s))).pace is not Pace.STUCK
    hung = told(chance, 3 * 6 * 99, FINISHED * 40.0, is_hung=True)
    stage_s = max(at_s for at_s, _, _ in hung.moves)
    found = outlook.learner.durations.find(hung.scope, run_step("contextual_analysis"))
    assert found is not None
    usual_s = found.sample.at_most(0.95)
    now_s = next(
        now_s
        for now_s in (stage_s + EVERY_S * n for n in range(1, 10_000))
        if (entry := seen_at(hung, now_s)) is not None and outlook.is_stuck(entry, at(now_s))
    )
    verdict = outlook.verdict(seen_at(hung, now_s) or pytest.fail("it is gone"), at(now_s))
    figure(
        "stuck: the planted scan was found after", f"{now_s - stage_s:.0f} s; its stage takes {usual_s:.0f} s at most"
    )
    figure("stuck: said of it", verdict.text)
    assert verdict.part == "contextual_analysis"
    assert now_s - stage_s <= 3 * usual_s + 2 * EVERY_S
