"""The replay shows what the monitor showed: the way back from transitions is held against the way there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from replay_tapes import AT, BUILD, JOB, at, seen, story, tape_of

from tui.domain.durations import scope_of_entry
from tui.domain.learning import Learner, told_of
from tui.domain.records import CATEGORIES, STAGES, Fields, Reading, Record, Stage
from tui.domain.snapshot import Entry
from tui.domain.state import BAD_ENDS, THREADFIX_PIPELINE, State
from tui.domain.target import Target
from tui.history.reading import Seen
from tui.polling.observe import Sight, observe
from tui.replay.scene import Scene
from tui.replay.tape import TapeError

TARGET = Target("prod", "build", ("shop", "412"))
REAL = [state for state in State if state not in (State.ABSENT, State.MISSING, State.UNKNOWN)]

one_poll = st.tuples(
    st.integers(1, 400),  # seconds since the last one
    st.sampled_from(REAL),
    st.fixed_dictionaries({name: st.sampled_from([*REAL, State.ABSENT]) for name in STAGES}),
    st.one_of(st.none(), st.fixed_dictionaries({name: st.sampled_from(REAL) for name in CATEGORIES})),
)


def record(state: State, stages: dict[str, State], categories: dict[str, State] | None) -> Record:
    """What a server would say; its words are the states' own."""
    return Record(
        TARGET,
        "shop 412",
        state,
        state.value,
        stages=tuple(
            Stage(name, None if stages[name] is State.ABSENT else stages[name].value, stages[name]) for name in STAGES
        ),
        categories=tuple(
            Stage(name, categories[name].value, categories[name]) for name in (CATEGORIES if categories else ())
        ),
        error="it fell over" if state in BAD_ENDS else "",
    )


def facts(entry: Entry) -> dict[str, object]:
    """What the screens read of an entry, without what an export cannot have (raw answers, calls, the web page)."""
    found = entry.record
    assert found is not None
    return {
        "own": (entry.name, found.state, found.status, found.error, entry.since_at, entry.first_seen_at),
        "stages": [(stage.name, stage.status, stage.state) for stage in found.stages],
        "categories": [(stage.name, stage.status, stage.state) for stage in found.categories],
        "marks": {(mark.part, mark.state, mark.since_at) for mark in entry.marks},
        "transitions": entry.transitions,
        "watched": (entry.is_watched, entry.is_late, entry.problem, entry.label),
    }


@settings(max_examples=40, deadline=None)
@given(st.lists(one_poll, min_size=1, max_size=12))
def test_what_was_observed_is_what_is_shown_again(polls: list[tuple[int, State, dict[str, State], object]]) -> None:
    entry, last_at, now = Entry(TARGET.key, TARGET, is_watched=True, label="the shop"), None, AT
    shown: list[Entry] = []
    export: list[Seen] = []
    for gone_s, state, stages, categories in polls:
        now += timedelta(seconds=gone_s)
        entry, found = observe(entry, Reading(TARGET, record(state, stages, categories)), Sight(now), last_at)  # type: ignore[arg-type]
        last_at = now
        texts = (told_of(entry.record), "shop 412", "", "it fell over", "the shop")
        export += [Seen(0, scope_of_entry(entry), one, *texts, last_seen_at=AT + timedelta(days=9)) for one in found]
        shown += [entry] if found else []
    tape = tape_of(export)
    scene, place = Scene(tape, Learner()), 0
    for expected in shown:
        while place < len(tape.steps) and tape.steps[place].at <= (expected.polled_at or AT):
            scene.take(place)
            place += 1
        replayed = scene.entry(TARGET.key)
        assert replayed is not None
        assert facts(replayed) == facts(expected)


def test_a_pipeline_stands_in_its_newest_stage() -> None:
    key = "tf:scan/6/41"
    steps = [seen(key, "", None, "waiting", 0), seen(key, "queued", None, "waiting", 0)]
    steps += [seen(key, "", "waiting", "running", 1), seen(key, "queued", "waiting", "done", 1)]
    steps += [seen(key, "channel_merging", None, "running", 3)]
    scene = Scene(tape_of(steps), Learner())
    for place in range(len(steps)):
        scene.take(place)
    entry = scene.entry(key)
    assert entry is not None and entry.record is not None
    assert (entry.record.status, entry.since_at) == ("RUNNING", at(3))
    assert [stage.name for stage in entry.record.stages] == [word.lower() for word in THREADFIX_PIPELINE]
    assert entry.record.detail.when("time") == at(0)


def test_a_job_knows_nothing_of_its_future() -> None:
    from tui.domain.learning import Told

    told = Told(at(0), at(2), at(5))
    steps = [
        Seen(0, one.scope, one.transition, told, "Project Scan shop", "shop")
        for one in (
            seen(JOB, "", None, "waiting", 0),
            seen(JOB, "", "waiting", "running", 2),
            seen(JOB, "", "running", "done", 5),
        )
    ]
    scene = Scene(tape_of(steps), Learner())
    known = []
    for place in range(len(steps)):
        scene.take(place)
        entry = scene.entry(JOB)
        assert entry is not None and entry.record is not None
        known.append([name for name in ("queued_at", "activated_at", "completed_at") if entry.record.detail.when(name)])
        assert entry.record.detail.get("project") == Fields((("name", "shop"),))
    assert [len(names) for names in known] == [1, 2, 3]


def test_what_was_missing_is_missing_and_then_there() -> None:
    steps = [seen(BUILD, "", None, "missing", 0), seen(BUILD, "", "missing", "running", 1)]
    scene = Scene(tape_of(steps), Learner())
    states = []
    for place in range(2):
        scene.take(place)
        entry = scene.entry(BUILD)
        assert entry is not None
        states.append((entry.state, entry.problem is None))
    assert states == [(State.MISSING, False), (State.RUNNING, True)]


def test_rows_leave_once_nobody_looked_at_them_any_more() -> None:
    tape = tape_of(story())
    scene = Scene(tape, Learner())
    for place in range(5):
        scene.take(place)
    assert (scene.next_leave_at, scene.leave(at(34)), scene.leave(at(35))) == (at(35), [], [BUILD])
    forgetful = Scene(tape, Learner(), timedelta(minutes=3))
    for place in range(5):
        forgetful.take(place)
    assert forgetful.next_leave_at == at(8)


@pytest.mark.parametrize(
    ("found", "server", "words"),
    [
        ([], None, "holds no transition"),
        ([seen("x:toy/1", "", None, "done", 0)], None, "no target of a kind"),
        (story(), "tf", "nothing of a server 'tf'; there are: prod"),
    ],
)
def test_what_cannot_be_played_is_one_sentence(found: list[Seen], server: str | None, words: str) -> None:
    from tui.replay.tape import make_tape
    from tui.servers.kind import grammars

    with pytest.raises(TapeError, match=words):
        make_tape(found, grammars(), server)


def test_targets_of_unknown_kinds_are_counted_and_left_out() -> None:
    tape = tape_of([*story(), seen("x:toy/1", "", None, "done", 0), seen("prod:build/%zz/1", "", None, "done", 0)])
    assert (tape.unknown, len(tape.steps), dict(tape.servers)) == (2, 7, {"prod": "xray"})
