"""The four panes as rows of text: what a person reads at each width, in each state, and when there is nothing."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from present_builders import NOW, ago, build, entry_of, fields, job, report, scan, stage, unanswered

from tui.app.widgets.columns import place, wanted
from tui.domain.problem import Problem, ProblemCode
from tui.domain.records import Record
from tui.domain.snapshot import Entry, Mark
from tui.domain.state import THREADFIX_PIPELINE, State
from tui.domain.target import Target
from tui.present.as_csv import pane_csv
from tui.present.spec import ASCII, Context, PaneSpec
from tui.servers.codeinsight.panes import panes as codeinsight_panes
from tui.servers.kind import kinds
from tui.servers.threadfix.panes import counts
from tui.servers.threadfix.panes import panes as threadfix_panes
from tui.servers.xray.panes import panes as xray_panes

BUILDS, EXPOSURES = xray_panes()
(THREADFIX,) = threadfix_panes()
(JOBS,) = codeinsight_panes()
ALL = (BUILDS, EXPOSURES, THREADFIX, JOBS)
CONTEXT = Context(NOW)
TIMEOUT = Problem(ProblemCode.TIMEOUT, "prod did not answer within 30 s.")
ARTIFACT = Target("prod", "artifact", ("docker-local", "desktop-storage/1.0/manifest.json"), has_rest=True)


def shown(spec: PaneSpec, width: int, *, has_servers: bool = False) -> list[str]:
    return [placed.column.id for placed in place(wanted(spec.columns, has_servers=has_servers), width)]


def row(spec: PaneSpec, entry: Entry, *ids: str, context: Context = CONTEXT) -> list[str]:
    cells = {column.id: column.cell(entry, context).text for column in spec.columns}
    return [cells[name] for name in ids]


def tone(spec: PaneSpec, entry: Entry, name: str) -> str:
    return next(column.cell(entry, CONTEXT).tone for column in spec.columns if column.id == name)


def order(spec: PaneSpec, entries: Iterable[Entry]) -> list[str]:
    name, is_reverse = spec.default_sort
    column = next(column for column in spec.columns if column.id == name)
    return [entry.key for entry in sorted(entries, key=column.sort, reverse=is_reverse)]


def pipeline(current: str, state: str = "running") -> tuple:
    names = [name.lower() for name in THREADFIX_PIPELINE]
    place = names.index(current)
    return tuple(
        stage(name, state, name.upper()) if i == place else stage(name, "done" if i < place else "absent", None)
        for i, name in enumerate(names)
    )


# widths


@pytest.mark.parametrize(
    ("spec", "essential"),
    [
        (BUILDS, ["state", "name", "age"]),
        (EXPOSURES, ["state", "name", "age"]),
        (THREADFIX, ["state", "name", "age"]),
        (JOBS, ["state", "id", "type", "age"]),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
def test_state_name_and_age_stay_at_forty_cells(spec: PaneSpec, essential: list[str]) -> None:
    assert set(essential) <= set(shown(spec, 39))
    assert set(essential) <= set(shown(spec, 20))


def test_columns_in_a_quarter_of_120_cells() -> None:
    assert shown(BUILDS, 57) == ["state", "name", "stages", "left", "age"]
    assert shown(EXPOSURES, 57) == ["state", "name", "categories", "bar", "progress", "age"]
    assert shown(THREADFIX, 57) == ["state", "name", "pipeline", "stage", "total", "age"]
    assert shown(JOBS, 57) == ["state", "id", "type", "project", "run", "age"]


def test_columns_at_eighty_cells() -> None:
    stages = ["sca", "contextual_analysis", "exposures", "violations"]
    assert shown(BUILDS, 78) == ["state", "name", *stages, "left", "age"]
    assert shown(BUILDS, 78, has_servers=True) == ["state", "name", *stages, "server", "left", "age"]
    assert shown(JOBS, 78) == ["state", "id", "type", "project", "why", "wait", "run", "age"]


def test_a_narrow_pane_shows_all_stages_as_signs_or_with_words_never_some() -> None:
    stages = {"sca", "contextual_analysis", "exposures", "violations"}
    for width in range(20, 200):
        ids = shown(BUILDS, width)
        assert stages <= set(ids) or not stages & set(ids)
        assert ("stages" in ids) != (stages <= set(ids)) or not stages & set(ids)
    assert "stages" in shown(BUILDS, 39)


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.id)
def test_a_wider_pane_loses_no_fact(spec: PaneSpec) -> None:
    """Except where words take the place of a short form, and may need the room of less important columns."""
    short = {column.id for column in spec.columns if column.instead_of}
    before: set[str] = set()
    for width in range(10, 240):
        now = set(shown(spec, width))
        assert now >= before or short & before - now, width
        before = now


# builds


def test_a_build_in_all_its_cells() -> None:
    entry = build(
        stages={"sca": "done", "contextual_analysis": "running", "exposures": "unsupported"}, seconds=250, number="412"
    )
    ids = ("state", "name", "sca", "contextual_analysis", "exposures", "violations", "stages", "age")
    assert row(BUILDS, entry, *ids) == ["▶ running", "my-build 412", "✓ done", "▶ run", "∅ n/a", "·", "✓ ▶ ∅ ·", "4m"]
    ascii_context = Context(NOW, ASCII)
    assert row(BUILDS, entry, *ids[:-2], context=ascii_context) == [
        "> running",
        "my-build 412",
        "+ done",
        "> run",
        "- n/a",
        "",
    ]
    assert tone(BUILDS, entry, "sca") == "done" and tone(BUILDS, entry, "state") == "running"


@pytest.mark.parametrize("state", list(State))
def test_every_state_of_a_stage_fits_its_column(state: State) -> None:
    entry = build(stages={"sca": state.value})
    column = next(column for column in BUILDS.columns if column.id == "sca")
    cell = column.cell(entry, CONTEXT)
    if state is not State.UNKNOWN:
        assert len(cell.text) <= column.width
    assert cell.tone == state


def test_names_say_most_first() -> None:
    assert row(BUILDS, entry_of(Record(ARTIFACT, "x", State.DONE, "DONE")), "name") == ["desktop-storage/1.0"]
    jar = Target("prod", "artifact", ("libs", "org/acme/app/1.0/app-1.0.jar"), has_rest=True)
    assert row(BUILDS, entry_of(Record(jar, "x", State.DONE, "DONE")), "name") == ["app-1.0.jar org/acme/app/1.0"]
    assert row(BUILDS, build(label="nightly"), "name") == ["nightly"]


def test_before_any_answer_and_when_it_fails() -> None:
    target = Target("prod", "build", ("a", "1"))
    assert row(BUILDS, unanswered(target), "state", "name", "age", "why") == ["◌ asking", "a 1", "", ""]
    failed = unanswered(target, TIMEOUT)
    assert row(BUILDS, failed, "state", "why") == ["? timeout", "prod did not answer within 30 s."]
    assert tone(BUILDS, failed, "state") == "bad"
    missing = unanswered(target, Problem(ProblemCode.MISSING, "not indexed or does not exist"))
    assert row(BUILDS, missing, "state", "why") == ["□ missing", "not indexed or does not exist"]


def test_an_unknown_word_is_shown_as_it_is() -> None:
    assert row(BUILDS, build(state="unknown", status="WARMING_UP"), "state") == ["? WARMING_UP"]


def test_why_a_done_build_is_partial() -> None:
    entry = build(state="partial", status="DONE", note="violations not scanned")
    assert row(BUILDS, entry, "state", "why") == ["◐ partial", "violations not scanned"]


def test_a_late_row_keeps_its_words_and_loses_its_colour() -> None:
    entry = build(is_late=True, problem=TIMEOUT, stages={"sca": "done"})
    assert row(BUILDS, entry, "state", "sca") == ["▶ running", "✓ done"]
    assert {tone(BUILDS, entry, name) for name in ("state", "sca", "stages", "age")} == {"dim"}


def test_active_and_bad_come_first_then_the_newest() -> None:
    entries = [
        build(number="1", state="done", seconds=5),
        build(number="2", state="failed", seconds=50),
        build(number="3", state="running", seconds=90),
        build(number="4", state="running", seconds=10),
        build(number="5", state="waiting", seconds=1),
        build(number="6", state="partial", seconds=1),
    ]
    assert [key.rpartition("/")[2] for key in order(BUILDS, entries)] == ["4", "3", "2", "6", "5", "1"]


def test_names_sort_by_their_numbers() -> None:
    column = next(column for column in BUILDS.columns if column.id == "name")
    entries = [build(number=number) for number in ("10", "9", "100", "9a")]
    assert [entry.target.parts[1] for entry in sorted(entries, key=column.sort)] == ["9", "9a", "10", "100"]


# exposures


def test_exposures_of_a_target_are_its_own_state_and_age() -> None:
    entry = build(
        state="running",
        stages={"sca": "running", "exposures": "done"},
        categories={"secrets": "done", "services": "failed", "iac": "unsupported"},
        seconds=5,
        marks=(Mark("exposures", State.DONE, ago(600)),),
    )
    ids = ("state", "secrets", "services", "applications", "iac", "categories", "bar", "progress", "age")
    assert row(EXPOSURES, entry, *ids) == ["✓ done", "✓ done", "✗ fail", "·", "∅ n/a", "✓ ✗ · ∅", "", "", "10m"]
    assert EXPOSURES.state_of(entry) is State.DONE


def test_a_report_has_a_bar_and_stands_under_its_category() -> None:
    entry = report(progress=40, detail={"category": "secrets"}, seconds=65)
    ids = ("state", "name", "secrets", "services", "categories", "bar", "progress", "age")
    assert row(EXPOSURES, entry, *ids) == ["▶ running", "report-22", "▶ run", "", "▶ · · ·", "███▏░░░░", "40%", "1m"]
    assert row(EXPOSURES, entry, "bar", context=Context(NOW, ASCII)) == ["[##....]"]
    assert row(EXPOSURES, report(progress=None), "bar", "progress", "categories") == ["", "", ""]


def test_only_what_has_exposures_is_in_the_pane() -> None:
    assert EXPOSURES.accepts(report())
    assert EXPOSURES.accepts(build(stages={"exposures": "unsupported"}))
    assert not EXPOSURES.accepts(build(stages={"sca": "done"}))
    assert not EXPOSURES.accepts(unanswered(ARTIFACT))


# ThreadFix


def test_a_scan_shows_where_it_stands() -> None:
    entry = scan(stages=pipeline("channel_merging"), seconds=125, detail={"time": ago(700)})
    ids = ("state", "name", "pipeline", "stage", "total", "age")
    assert row(THREADFIX, entry, *ids) == ["▶ running", "contoso.fpr", "✓✓✓▶····", "channel merging", "11m", "2m"]


def test_a_failed_scan_shows_the_stage_and_the_error() -> None:
    entry = scan(state="failed", stages=pipeline("findings_generating", "failed"), status="FINDINGS_GENERATING",
                 error="Failed to determine the scan type")  # fmt: skip
    expected = ["✗ failed", "✓✓✗·····", "findings generating: Failed to determine the scan type"]
    assert row(THREADFIX, entry, "state", "pipeline", "stage") == expected
    assert tone(THREADFIX, entry, "stage") == "failed"


def test_an_interrupted_scan_and_a_deletion() -> None:
    ahead = tuple(stage(name.lower(), "absent", None) for name in THREADFIX_PIPELINE)
    entry = scan(state="failed", status="SCAN_INTERRUPTED",
                 stages=(*ahead, stage("scan_interrupted", "failed", "SCAN_INTERRUPTED")))  # fmt: skip
    assert row(THREADFIX, entry, "pipeline", "stage") == ["········✗", "scan interrupted"]
    deletion = (stage("scan_queued_for_delete", "running", "SCAN_QUEUED_FOR_DELETE"), stage("scan_deleted", "absent"))
    entry = scan(status="SCAN_QUEUED_FOR_DELETE", stages=deletion)
    assert row(THREADFIX, entry, "pipeline", "stage") == ["▶·", "scan queued for delete"]


def test_the_strip_counts_each_stage_in_the_pipelines_order() -> None:
    entries = [
        scan(1, "done", pipeline("done", "done"), status="DONE"),
        scan(2, stages=pipeline("channel_merging")),
        scan(3, stages=pipeline("channel_merging")),
        scan(4, "waiting", pipeline("queued", "waiting"), status="QUEUED"),
        scan(5, "failed", pipeline("uploaded", "failed"), status="UPLOADED", error="x"),
        scan(6, "unknown", (stage("pondering", "unknown", "PONDERING"),), status="PONDERING"),
        unanswered(Target("tf", "scan", ("6", "7"))),
    ]
    texts = [cell.text for cell in counts(entries, CONTEXT)]
    assert texts == ["◌ queued 1", "▶ channel 2", "✓ done 1", "✗ failed 1", "? other 1"]
    assert counts([], CONTEXT) == ()


# jobs


def test_a_job_in_all_its_cells() -> None:
    ids = ("state", "id", "type", "project", "status", "wait", "run", "user", "runs_on", "why")
    assert row(JOBS, job(), *ids) == (
        ["▶ running", "437", "Project Scan", "ePortal", "Active", "30m00", "30m", "admin", "Core Server", ""]
    )
    waiting = job(1, "waiting", "Waiting on update", detail={"activated_at": None, "project": None, "user": None})
    assert row(JOBS, waiting, "status", "project", "user", "wait", "run") == ["Waiting on update", "", "", "1h00", ""]
    failed = job(2, "failed", "Failed", error="Out of memory", detail={"completed_at": ago(1770)})
    assert row(JOBS, failed, "wait", "run", "why") == ["30m00", "30s", "Out of memory"]


def test_jobs_stand_newest_first() -> None:
    assert order(JOBS, [job(9), job(437), job(100)]) == ["sca:job/437", "sca:job/100", "sca:job/9"]


def test_jobs_can_be_filtered_by_what_the_server_takes() -> None:
    assert JOBS.list_filters == ("type", "status", "project", "user", "days")
    choices = dict(JOBS.list_choices)
    assert set(choices) <= set(JOBS.list_filters)
    assert "Project Scan" in choices["type"] and "Waiting on update" in choices["status"]


# all of them


def test_the_panes_are_found_through_their_kinds_in_the_order_of_the_screen() -> None:
    found = sorted((pane for kind in kinds().values() for pane in kind.panes()), key=lambda pane: pane.order)
    assert [pane.id for pane in found] == ["builds", "exposures", "threadfix", "jobs"]
    for pane in found:
        ids = [column.id for column in pane.columns]
        assert len(set(ids)) == len(ids) and pane.default_sort[0] in ids
        assert pane.columns[0].priority == 0


TARGETS = (
    Target("prod", "build", ("a", "1")),
    Target("prod", "report", ("1",)),
    ARTIFACT,
    Target("tf", "scan", ("6", "41")),
    Target("sca", "job", ("x",)),
)
RECORDS = st.builds(
    lambda target, state, status, error, detail: entry_of(
        Record(target, "name", state, status, error=error, detail=fields(detail))
    ),
    st.sampled_from(TARGETS),
    st.sampled_from(list(State)),
    st.none() | st.text(max_size=9),
    st.text(max_size=9),
    st.dictionaries(
        st.sampled_from(["id", "progress", "project", "user", "queued_at", "activated_at", "time", "category", "type"]),
        st.none() | st.text(max_size=5) | st.integers() | st.floats() | st.just(NOW) | st.just({"id": 1, "name": None}),
    ),
)


@given(st.lists(RECORDS, max_size=4))
def test_no_record_breaks_a_pane_and_all_sort_keys_compare(entries: list[Entry]) -> None:
    for spec in ALL:
        for column in spec.columns:
            for entry in entries:
                assert isinstance(column.cell(entry, CONTEXT).text, str)
            assert len(sorted(entries, key=column.sort)) == len(entries)
        if spec.strip is not None:
            spec.strip(entries, CONTEXT)


def test_a_pane_as_csv() -> None:
    entry = report(progress=40, name="=cmd|' /C calc'!A0", detail={"category": "secrets"}, seconds=60)
    lines = pane_csv(EXPOSURES, [entry], CONTEXT).split("\r\n")
    assert lines[0] == "target,server,state,status,since,name,secrets,services,applications,iac,progress,why"
    assert lines[1] == "prod:report/22,prod,running,running,2026-11-22T06:59:00Z,'=cmd|' /C calc'!A0,run,,,,40%,"
    assert lines[2:] == [""]
