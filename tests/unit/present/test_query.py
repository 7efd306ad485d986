"""The filter line: it never fails, it means what the grammar says, and it explains itself."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from present_builders import NOW, ago, build, job, report, scan, stage, unanswered

from tui.domain.problem import Problem, ProblemCode
from tui.domain.snapshot import Entry
from tui.domain.state import State
from tui.domain.target import Target
from tui.present.query import TERM_COUNT, TERM_LENGTH, hits, parse

ENTRIES = {
    "b412": build("my-build", "412", "running", stages={"sca": "done", "exposures": "running"}, seconds=600),
    "b411": build("my-build", "411", "failed", stages={"sca": "done", "violations": "failed"}, seconds=90_000),
    "dev": build("other", "7", "partial", server="dev", params=[("project", "crm")], note="violations not scanned"),
    "report": report(22, detail={"category": "secrets"}, seconds=60),
    "scan": scan(stages=(stage("channel_merging", "running", "CHANNEL_MERGING"),), seconds=7_200),
    "job": job(437, seconds=1_800),
    "job2": job(
        438, "failed", "Failed", error="Out of memory", detail={"type": "PDL Update", "user": "eve"}, seconds=30
    ),
    "lost": unanswered(
        Target("tf", "scan", ("6", "99")), Problem(ProblemCode.TIMEOUT, "tf did not answer within 30 s.")
    ),
}


def found(text: str) -> set[str]:
    query = parse(text)
    return {name for name, entry in ENTRIES.items() if query.matches(entry, NOW)}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("412", {"b412"}),
        ("MY-BUILD", {"b412", "b411"}),
        ("mb412", {"b412"}),
        ("myb 41", {"b412", "b411"}),
        ("!my-build !job !tf", {"dev", "report"}),
        ("state:failed", {"b411", "job2"}),
        ("state:failed|partial", {"b411", "job2", "dev"}),
        ("state:fai", {"b411", "job2"}),
        ("state:active", {"b412", "report", "scan", "job"}),
        ("!state:active !state:bad", {"lost"}),
        ("stage:exposures", {"b412"}),
        ("stage:violations", {"b411"}),
        ("stage:channel_merging", {"scan"}),
        ('stage:"channel merging"', {"scan"}),
        ("sca:done", {"b412", "b411"}),
        ("violations:failed", {"b411"}),
        ('type:"Project Scan"', {"job"}),
        ("type:pdl", {"job2"}),
        ("type:build", {"b412", "b411", "dev"}),
        ("type:secrets", {"report"}),
        ("project:ePortal", {"job", "job2"}),
        ("project:10", {"job", "job2"}),
        ("project:crm", {"dev"}),
        ("server:dev", {"dev"}),
        ("server:core", {"job", "job2"}),
        ("user:eve|nobody", {"job2"}),
        ("status:channel_merging", {"scan"}),
        ("error:memory", {"job2"}),
        ("error:timeout", {"lost"}),
        ("memory", {"job2"}),
        ('"out of memory"', {"job2"}),
        ('"mb412"', set()),
        ("age<2h", {"b412", "report", "job", "job2"}),
        ("age>=2h", {"b411", "scan"}),
        ("age>2h", {"b411"}),
        ("age<=1m", {"report", "job2"}),
        ("age<1", {"job2"}),
        ("id:437", {"job"}),
        ("state:failed age<2h my", set()),
        ("sca:job/437", {"job"}),
        ("prod:build/my-build/411", {"b411"}),
    ],
)
def test_the_grammar(text: str, names: set[str]) -> None:
    assert found(text) == names


@pytest.mark.parametrize(
    "text", ["", "   ", "!", "state:", 'type:"', "age<", "age<2x", "age<2hh", '""', "!state:", "state:|"]
)
def test_what_is_half_typed_hides_nothing(text: str) -> None:
    assert found(text) == set(ENTRIES)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ""),
        ("412", "'412'"),
        ("!x", "no 'x'"),
        ("state:failed|partial age<2h", "state is failed or partial and under 2h in its state"),
        ("!user:eve", "user is not eve"),
        ("age<", "'age<' is not complete (say age<30m, 2h or 3d)"),
        ("a state:", "'a'; state: wants a word after it"),
    ],
)
def test_it_explains_itself(text: str, words: str) -> None:
    assert parse(text).explain == words


def test_an_unknown_state_is_said_with_the_right_ones() -> None:
    assert "no state starts with 'faled' (they are waiting, running, done" in parse("state:faled").explain
    assert found("state:faled") == set()


@given(st.text(max_size=80) | st.text(st.sampled_from('ab!:|<>"= 12hstaeg'), max_size=40))
def test_nothing_that_is_typed_fails(text: str) -> None:
    query = parse(text)
    assert query.text == text
    assert isinstance(query.explain, str)
    for entry in ENTRIES.values():
        assert query.matches(entry, NOW) in (True, False)
        assert all(0 <= place < len(entry.name) for place in query.found_in(entry.name))
    if query.is_empty:
        assert found(text) == set(ENTRIES)


def test_a_huge_paste_is_cut_and_said() -> None:
    query = parse("x " * 5_000)
    assert len(query.terms) == TERM_COUNT and f"only the first {TERM_COUNT}" in query.explain
    long = parse("y" * (TERM_LENGTH + 1))
    assert long.is_empty and "201 characters" in long.explain


STATES = st.sampled_from(sorted(State))
SIGNS = {"<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b}
NAMES = st.text(st.sampled_from("abc-12"), min_size=1, max_size=8)


@st.composite
def conditions(draw: st.DrawFn) -> tuple[str, object]:
    """A condition as text and, apart from the code under test, as a plain function of an entry."""
    kind = draw(st.sampled_from(["state", "server", "age", "phrase", "user"]))
    if kind == "state":
        wanted = draw(st.lists(STATES, min_size=1, max_size=3))
        return "state:" + "|".join(wanted), lambda e: any(e.state.startswith(w) for w in wanted)
    if kind == "age":
        sign, minutes = draw(st.sampled_from(sorted(SIGNS))), draw(st.integers(0, 90))
        return f"age{sign}{minutes}m", lambda e: SIGNS[sign]((NOW - e.since_at).total_seconds(), minutes * 60)
    word = draw(NAMES)
    if kind == "server":
        return f"server:{word}", lambda e: word in e.target.server
    if kind == "user":
        return f"user:{word}", lambda e: word in e.record.detail.text("user")
    shown = ("state", "status", "name", "key")
    return (
        f'"{word}"',
        lambda e: (
            any(
                word in text.casefold()
                for text in (e.state.word, e.record.status, e.name, e.key, e.record.detail.text("user"))
            )
            and bool(shown)
        ),
    )


@given(
    st.lists(st.tuples(conditions(), st.booleans()), max_size=4),
    st.builds(
        lambda name, number, state, seconds, server, user: build(
            name, number, state, seconds=seconds, server=server, detail={"user": user}
        ),
        NAMES,
        NAMES,
        STATES,
        st.integers(0, 6_000),
        st.sampled_from(["abc", "b-1"]),
        NAMES,
    ),
)
def test_a_filter_equals_a_naive_evaluation(terms: list[tuple[tuple[str, object], bool]], entry: Entry) -> None:
    text = " ".join(("!" if is_not else "") + condition for (condition, _), is_not in terms)
    naive = all(meets(entry) is not is_not for (_, meets), is_not in terms)  # type: ignore[operator]
    assert parse(text).matches(entry, NOW) is naive


@given(st.text(st.sampled_from("abAB-"), min_size=1, max_size=5), st.text(st.sampled_from("abAB-x"), max_size=20))
def test_hits_are_the_letters_of_the_word_in_order(word: str, text: str) -> None:
    places = hits(word.casefold(), text)
    assert list(places) == sorted(set(places))
    if places:
        assert "".join(text[place] for place in places).casefold() == word.casefold()
    else:
        assert word.casefold() not in text.casefold()


def test_hits_prefer_letters_that_stand_together() -> None:
    assert hits("bui", "b-u-i build") == (6, 7, 8)
    assert hits("mb4", "my-build 412") == (0, 3, 9)
    assert hits("m4", "my-very-long-word 4") == ()


def test_only_ages_change_by_themselves() -> None:
    assert parse("age<2h").has_ages and not parse("state:failed x").has_ages
    query, entry = parse("age<2h"), ENTRIES["scan"]
    earlier: datetime = ago(10)
    assert query.matches(entry, earlier) and not query.matches(entry, NOW)
