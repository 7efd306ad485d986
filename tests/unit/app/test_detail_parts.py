"""What a detail says, piece by piece: folds, hits, links, findings, and that no line is wider than the screen."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.app.detail.build import DetailContext, detail_lines, title_line
from tui.app.detail.context import FOLD, OPEN, flowed
from tui.app.detail.findings import FINDING, finding_lines, head_line, next_sort, page_words, row_lines
from tui.app.detail.folds import Folds
from tui.app.detail.hits import hit_lines, marked
from tui.app.detail.links import related, scope_of
from tui.app.detail.raw import raw_lines
from tui.app.line import Piece, width_of
from tui.app.signs import ASCII_SIGNS, UNICODE_SIGNS
from tui.domain.acts import Finding, RowsPage, RowsQuery
from tui.domain.problem import Problem, ProblemCode
from tui.domain.records import Call, Fields, Record, Stage
from tui.domain.snapshot import Entry, Mark, Transition
from tui.domain.state import THREADFIX_PIPELINE, State
from tui.domain.target import Target

NOW = datetime(2026, 11, 22, 7, 0, 30, tzinfo=UTC)
CONTEXT = DetailContext(NOW, UTC, UNICODE_SIGNS)
texts = st.text(max_size=60)
lines = st.lists(st.builds(Piece, texts.map(lambda text: "".join(c for c in text if c.isprintable()))), max_size=6)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def text_of(found: Any) -> str:
    return "\n".join("".join(piece.text for piece in line) for line in found)


def words_of(found: Any) -> str:
    return " ".join(text_of(found).split())


def entry_of(kind: str, parts: tuple[str, ...], state: str, status: str = "WORD", **more: Any) -> Entry:
    target = Target(more.pop("server", "prod"), kind, parts, tuple(more.pop("params", ())))
    known = {name: more.pop(name) for name in ("transitions", "marks", "calls", "problem") if name in more}
    record = Record(target, more.pop("name", " ".join(parts)), State(state), status, **more)
    return Entry(target.key, target, record, **{"since_at": ago(60), "first_seen_at": ago(600), **known})


def report(number: int, name: str, resources: object, state: str = "done") -> Entry:
    return entry_of("report", (str(number),), state, name=name, raw=json.dumps({"resources": resources}))


def job(number: int, state: str, kind: str, project: int | None, server: str = "sca") -> Entry:
    fields = Fields((("id", project), ("name", f"p{project}"))) if project is not None else None
    detail = Fields((("type", kind), ("project", fields)))
    return entry_of("job", (str(number),), state, detail=detail, server=server)


# lines


@given(lines, st.integers(1, 90))
def test_a_flowed_line_loses_nothing_but_blanks_and_is_never_too_wide(line: list[Piece], width: int) -> None:
    found = flowed(tuple(line), width)
    wide = any(width_of((Piece(c),)) > max(1, width - width // 3) for piece in line for c in piece.text)
    assert wide or all(width_of(one) <= width for one in found)
    assert text_of(found).replace(" ", "").replace("\n", "") == "".join(p.text for p in line).replace(" ", "")


@given(texts, st.text(min_size=1, max_size=5), st.booleans())
def test_marking_hits_changes_no_text(text: str, needle: str, is_here: bool) -> None:
    cut = len(text) // 2
    line = (Piece(text[:cut], "dim", "row.copy"), Piece(text[cut:], "bad"))
    found = marked(line, needle, is_here=is_here)
    assert "".join(piece.text for piece in found) == text
    is_hit = hit_lines([line], needle) == [0]
    assert is_hit == any(piece.tone in ("hit", "cursor") for piece in found if piece.text)


def test_a_hit_across_two_pieces_is_marked_in_both() -> None:
    found = marked((Piece("abc", "dim"), Piece("DEF")), "cd")
    assert [(piece.text, piece.tone) for piece in found] == [("ab", "dim"), ("c", "hit"), ("D", "hit"), ("EF", "")]


# the raw answer

TREE = {"overall": {"status": "DONE"}, "details": {"sca": {"time": "x"}, "list": [1, {"deep/er": "needle"}]}, "n": []}


def raw(context: DetailContext, width: int = 60, tree: object = TREE) -> str:
    return text_of(raw_lines(json.dumps(tree), context, width))


def test_the_raw_answer_is_folded_below_its_first_level() -> None:
    assert raw(CONTEXT).splitlines()[1:] == [
        "  ▾ {",
        '    ▸ "overall": {…},  1 field',
        '    ▸ "details": {…},  2 fields',
        '      "n": []',
        "    }",
    ]


def test_unfolding_all_shows_the_whole_document_and_folding_nothing_of_it() -> None:
    whole = "".join(line.strip("▾ ").strip() for line in raw(replace(CONTEXT, folds=Folds(9))).splitlines()[1:])
    assert json.loads(whole) == TREE
    assert raw(replace(CONTEXT, folds=Folds(0))).splitlines()[1:] == ["  ▸ {…}  3 fields"]


def test_one_fold_is_turned_alone() -> None:
    folds = Folds().turned("/details")
    shown = raw(replace(CONTEXT, folds=folds))
    assert '▾ "details": {' in shown and '▸ "overall"' in shown
    assert raw(replace(CONTEXT, folds=folds.turned("/details"))) == raw(CONTEXT)


def test_a_hit_in_a_fold_opens_it() -> None:
    shown = raw(replace(CONTEXT, needle="NEEDLE"))
    assert '"deep/er": "needle"' in shown and '▸ "overall"' in shown


def test_folds_are_spots() -> None:
    found = list(raw_lines(json.dumps(TREE), CONTEXT, 60))
    assert [piece.command for line in found for piece in line if piece.command] == [
        FOLD,
        FOLD + "/overall",
        FOLD + "/details",
    ]


@pytest.mark.parametrize("answer", ["<html>\x1b[31mno", '"a word"', "12", "[" * 5_000, "\u202e{"])
def test_what_is_no_tree_is_shown_as_it_came_and_harmless(answer: str) -> None:
    shown = text_of(raw_lines(answer, CONTEXT, 60))
    assert "\x1b" not in shown and "\u202e" not in shown
    assert len(shown.splitlines()) > 1


def test_a_huge_answer_is_cut_with_a_word() -> None:
    shown = raw(replace(CONTEXT, folds=Folds(3)), tree=list(range(100_000)))
    assert "only the first 2,000 lines" in shown


# links


def test_reports_fit_by_scope_or_by_name() -> None:
    build = entry_of("build", ("shop-web", "412"), "running", params=(("project", "core"),))
    artifact = entry_of("artifact", ("docker-local", "auth/3.2.1/manifest.json"), "done")
    reports = [
        report(1, "weekly", {"builds": {"names": ["shop-web"]}}),
        report(2, "weekly", {"builds": {"names": ["other"]}}),
        report(3, "weekly", {"projects": {"keys": ["core"]}}),
        report(4, "secrets of Shop-Web", None),
        report(5, "weekly", {"repositories": [{"name": "docker-local"}]}),
        report(11, "auth images", {}),
    ]
    assert [one.target.parts[0] for one in related(build, reports)] == ["4", "3", "1"]
    assert [one.target.parts[0] for one in related(artifact, reports)] == ["11", "5"]


@pytest.mark.parametrize(
    "answer", ["", "[]", "{", '{"resources": 5}', '{"resources": {"builds": {"names": 7}}}', "null"]
)
def test_a_scope_that_cannot_be_read_is_none(answer: str) -> None:
    assert scope_of(answer) == ("", ())


def test_what_holds_a_waiting_job_up() -> None:
    waiting = job(9, "waiting", "Project Scan", 7)
    others = [
        waiting,
        job(1, "running", "PDL_Update", None),
        job(2, "running", "Library Refresh", None),
        job(3, "running", "Project Scan", 7),
        job(4, "running", "Project Scan", 8),
        job(5, "done", "PDL Update", None),
        job(6, "running", "PDL Update", None, server="other"),
    ]
    assert [one.target.parts[0] for one in related(waiting, others)] == ["3", "2", "1"]
    assert related(job(9, "running", "Project Scan", 7), others) == ()
    found = detail_lines(waiting, replace(CONTEXT, related=related(waiting, others)), 80)
    assert [piece.command for line in found for piece in line if piece.command.startswith(OPEN)] == [
        "open:sca:job/3",
        "open:sca:job/2",
        "open:sca:job/1",
    ]


# a whole detail


def test_a_job_tells_its_error_first_and_in_full() -> None:
    error = "Scan server lost.\n" + "at com.example.Scan " * 40
    failed = entry_of(
        "job",
        ("5",),
        "failed",
        error=error,
        detail=Fields((("queued_at", ago(90)), ("activated_at", ago(60)), ("completed_at", ago(20)), ("error", error))),
    )
    shown = text_of(detail_lines(failed, CONTEXT, 60))
    assert shown.startswith("Error")
    assert shown.count("com.example.Scan") == 40
    assert [line.split() for line in shown.splitlines() if line.startswith(("  waited ", "  ran "))][-2:] == [
        ["waited", "30s"],
        ["ran", "40s"],
    ]


def scan(status: str, state: str, **more: Any) -> Entry:
    """A ThreadFix scan that was seen on its way."""
    now = THREADFIX_PIPELINE.index(status)
    stages = tuple(
        Stage(
            word.lower(),
            status if index == now else None,
            State(state) if index == now else State.DONE if index < now and word != "LINKING_DEFECTS" else State.ABSENT,
            ago(40) if index == now else None,
        )
        for index, word in enumerate(THREADFIX_PIPELINE)
    )
    return entry_of("scan", ("6", "41"), state, status, stages=stages, **more)


def test_a_pipeline_says_the_time_in_each_stage_and_what_was_skipped() -> None:
    first = Transition("k", "queued", None, State.WAITING, "QUEUED", None, ago(100), ago(100))
    passed = Transition("k", "queued", State.WAITING, State.DONE, None, ago(70), ago(65))
    going = Transition("k", "channel_merging", None, State.RUNNING, "CHANNEL_MERGING", None, ago(65), ago(66))
    entry = scan("CHANNEL_MERGING", "running", transitions=(first, passed, going))
    shown = words_of(detail_lines(entry, CONTEXT, 80))
    assert "queued 34s" in shown
    assert "uploaded before it was watched" in shown
    assert "channel merging running for 1m" in shown
    assert "(CHANNEL_MERGING)" in shown
    assert "linking defects to come" in shown
    done = scan("DONE", "done", detail=Fields((("scanId", 941),)), web_url="https://tf.example.com/scans")
    shown = words_of(detail_lines(done, CONTEXT, 80))
    assert "linking defects skipped" in shown
    assert "statistics may lag" in shown and "scan 941" in shown


KINDS = {
    "build": entry_of(
        "build",
        ("shop", "1"),
        "running",
        stages=tuple(Stage(name, "SCANNING", State.RUNNING, ago(30)) for name in ("sca", "contextual_analysis")),
        categories=(Stage("secrets", "PENDING", State.WAITING, None),),
        marks=(Mark("sca", State.RUNNING, ago(30)), Mark("@secrets", State.WAITING, ago(10))),
        transitions=(Transition("k", "sca", State.WAITING, State.RUNNING, "SCANNING", ago(35), ago(30), ago(31)),),
        calls=(Call(ago(2), "GET", "/xray/api/v1/" + "x" * 200, 200, 0.1, 900),),
        problem=Problem(ProblemCode.TIMEOUT, "No answer within 30 s. " * 5, None, "Wait."),
        note="violations not scanned",
        web_url="https://prod.example.com/ui/" + "y" * 150,
        raw=json.dumps({"long": "z" * 300, "list": list(range(30))}),
    ),
    "scan": scan("CHANNEL_MERGING", "running"),
    "job": job(9, "waiting", "Project Scan", 7),
    "report": report(3, "r" * 90, {"repositories": [{"name": "docker-local" * 9}]}, "running"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [10, 20, 39, 79, 119])
@pytest.mark.parametrize("signs", [UNICODE_SIGNS, ASCII_SIGNS], ids=["unicode", "ascii"])
def test_no_line_is_wider_than_the_screen(kind: str, width: int, signs: Any) -> None:
    entry = KINDS[kind]
    others = (report(4, "shop " * 20, None), job(3, "running", "PDL Update", None))
    context = DetailContext(NOW, UTC, signs, related=others, folds=Folds(3))
    found = detail_lines(entry, context, width)
    assert max(width_of(line) for line in found) <= width
    if signs is ASCII_SIGNS:
        assert not set(text_of(found)) & set("█░‹▾▸├└┌│•→✓▶")
    assert width_of(title_line(entry, context, max(40, width))) <= max(40, width)


# findings


def page(count: int, total: int | None = None, number: int = 1, **fields: str) -> RowsPage:
    rows = tuple(
        Finding(Fields((("jfrog_severity", "High"), ("exposures_id", f"EXP-{n}"), *fields.items())))
        for n in range(count)
    )
    return RowsPage(RowsQuery(number), rows, total, ("1 of 2 rows could not be read",))


@pytest.mark.parametrize("width", [20, 39, 79, 119, 199])
def test_rows_fit_and_each_is_a_spot(width: int) -> None:
    found = list(row_lines(page(3, description="\x1b[31mtext " * 30, file_path="/a/b" * 40), width))
    assert max(width_of(line) for line in found) <= width
    assert [line[0].command for line in found[:3]] == [f"{FINDING}{n}" for n in range(3)]
    assert "high" in found[0][0].text and "\x1b" not in text_of(found)
    assert width_of(head_line(width)) <= width


def test_words_of_a_page() -> None:
    assert page_words(page(25, 1204, 2)) == "1,204 rows  page 2 of 49"
    assert page_words(page(25, None, 3)) == "page 3"
    assert page_words(None) == ""


def test_sorts_are_the_fields_that_rows_have() -> None:
    has_file = page(1, file_path="/x")
    assert next_sort(RowsQuery(), has_file) == "file_path"
    assert next_sort(RowsQuery(sort="file_path"), has_file) == ""
    assert next_sort(RowsQuery(sort=""), has_file) == "jfrog_severity"
    assert next_sort(RowsQuery(sort="unheard_of"), has_file) == "jfrog_severity"


def test_a_finding_shows_every_field_of_any_length() -> None:
    row = Finding(
        Fields((("evidence", "e" * 500), ("nested", Fields((("a", 1),))), ("description", "d"), ("none", None)))
    )
    found = finding_lines(row, CONTEXT, 40)
    assert max(width_of(line) for line in found) <= 40
    shown = text_of(found)
    assert shown.count("e") >= 500 and "nested a" in shown and "none" not in shown
    assert shown.splitlines()[1].split() == ["description", "d"]
