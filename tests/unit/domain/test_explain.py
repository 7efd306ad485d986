"""What explains where a target stands: one test a rule, with the words that a person reads and the call behind them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from explain_cases import NOW, ago, artifact, build, call, case, fact, job, report, rules, scan, texts

from tui.domain.estimates import Left
from tui.domain.evidence import Case, Evidence, Question, case_of
from tui.domain.explain import RULES, explain
from tui.domain.outlook import Outlook
from tui.domain.problem import Problem, ProblemCode
from tui.domain.snapshot import Health, Mark, ServerHealth, Transition
from tui.domain.state import State
from tui.domain.stuck import Pace, Verdict

ACTIVE, SCHEDULED = Question.ACTIVE_JOBS, Question.SCHEDULED_JOBS
JOBS = "/codeinsight/api/jobs?status=Active"


def one(case: Case, rule: str) -> Evidence:
    (found,) = [piece for piece in explain(case) if piece.rule == rule]
    return found


# jobs


def waiting_job(**more: Any) -> Any:
    return job(900, "waiting", status=more.pop("status", "Scheduled"), activated_at=None, **more)


def test_a_job_waits_behind_an_update() -> None:
    update = job(812, "running", kind="PDL Update", project=None, server="Core", activated_at=ago(10_800))
    found = one(case(waiting_job(), fact(ACTIVE, JOBS, records=(update.record,))), "behind_update")
    assert "PDL Update" in found.text and "job 812, active for 3 h 00" in found.text
    assert (found.call, found.about) == (f"Code Insight GET {JOBS}", "sca:job/812")
    assert found.at == ago(5)
    assert explain(case(waiting_job(), fact(ACTIVE, JOBS, records=(update.record,))))[0] == found


def test_an_update_that_polls_have_shown_is_told_without_asking() -> None:
    update = job(812, "running", kind="Library Refresh", project=None)
    found = one(case(waiting_job(), others=(update,)), "behind_update")
    assert found.about == update.key and found.call.startswith("Code Insight GET")


def test_a_remote_scan_does_not_wait_for_a_refresh_but_for_an_update() -> None:
    refresh = job(812, "running", kind="Library Refresh", project=None).record
    update = job(813, "running", kind="PDL_UPDATE", project=None).record
    own = waiting_job(kind="Remote Scan")
    assert "behind_update" not in rules(case(own, fact(ACTIVE, JOBS, records=(refresh,))))
    assert one(case(own, fact(ACTIVE, JOBS, records=(refresh, update))), "behind_update").about == "sca:job/813"


def test_the_servers_own_word_for_waiting_on_an_update() -> None:
    own = waiting_job(status="WAITING_ON_UPDATE")
    assert "none is active" in one(case(own, fact(ACTIVE, JOBS)), "behind_update").text
    assert "none is active" not in one(case(own), "behind_update").text


def test_a_job_waits_behind_another_of_its_project() -> None:
    other = job(811, "running", kind="Report - Audit Report", server="Core")
    found = one(case(waiting_job(), fact(ACTIVE, JOBS, records=(other.record,))), "behind_project")
    assert "job 811" in found.text and "one job at a time" in found.text and found.about == other.key


def test_a_job_of_another_project_holds_nothing_up() -> None:
    other = job(811, "running", kind="Report - Audit Report", project=77, server="Core")
    assert "behind_project" not in rules(case(waiting_job(), fact(ACTIVE, JOBS, records=(other.record,))))


def test_a_scan_server_is_busy_with_another_scan() -> None:
    other = job(811, "running", project=77)
    found = one(case(waiting_job(), fact(ACTIVE, JOBS, records=(other.record,))), "behind_scan")
    assert "scan-east-1 is busy" in found.text and "one scan at a time" in found.text


def test_a_scan_server_with_nothing_active_may_be_stopped() -> None:
    others = tuple(job(n, "waiting", project=n, activated_at=None).record for n in (901, 902))
    busy = job(811, "running", project=77, server="scan-west-1").record
    facts = (fact(ACTIVE, JOBS, records=(busy,)), fact(SCHEDULED, JOBS, records=others))
    found = one(case(waiting_job(queued_at=ago(7_200)), *facts), "server_stopped")
    assert "scan-east-1, though 3 jobs are scheduled there, this one for 2 h 00" in found.text
    assert "may be stopped" in found.text


@pytest.mark.parametrize(
    ("own", "facts"),
    [
        (waiting_job(queued_at=ago(30)), (fact(ACTIVE, JOBS),)),
        (waiting_job(kind="Update Notices"), (fact(ACTIVE, JOBS),)),
        (waiting_job(), ()),
        (waiting_job(), (fact(ACTIVE, JOBS, problem=Problem(ProblemCode.FORBIDDEN, "No.", 403)),)),
        (waiting_job(), (fact(ACTIVE, JOBS, count=250),)),
        (waiting_job(), (fact(ACTIVE, JOBS, records=(job(811, "running", kind="PDL Update").record,)),)),
    ],
    ids=["just queued", "no scan", "not asked", "refused", "more than were read", "an update holds it"],
)
def test_a_server_is_not_called_stopped_without_reason(own: Any, facts: Any) -> None:
    assert "server_stopped" not in rules(case(own, *facts))


def test_how_many_were_queued_before() -> None:
    early = tuple(job(n, "waiting", project=n, queued_at=ago(9_000), activated_at=None).record for n in (880, 881))
    late = job(990, "waiting", project=5, queued_at=ago(60), activated_at=None).record
    found = one(case(waiting_job(), fact(SCHEDULED, JOBS, records=(*early, late))), "queued_before")
    assert found.text.startswith("2 jobs for scan-east-1 were queued before it")


def test_an_update_that_is_active_may_itself_wait() -> None:
    own = job(812, "running", kind="PDL Update", project=None)
    scans = (job(811, "running").record, job(810, "running", project=3).record)
    found = one(case(own, fact(ACTIVE, JOBS, records=scans)), "update_waits")
    assert "job 811" in found.text and "and 1 more" in found.text


# pending scans


def test_an_older_scan_is_refused_by_design_with_the_order_of_arrival() -> None:
    own = scan(41, "failed", error="A newer scan from this scanner has been uploaded.", time=ago(60))
    newer = scan(40, "done", status="DONE", time=ago(600), name="newer.fpr")
    elsewhere = scan(39, "done", status="DONE", time=ago(10), application="7")
    finished = fact(Question.FINISHED_SCANS, "/rest/latest/applications/6/scans", name="Fortify", at=ago(500))
    told = texts(case(own, finished, others=(newer, elsewhere)))
    assert "older scan was uploaded after a newer one" in told[0] and "by design" in told[0]
    assert "newer.fpr (pending scan 40) came 9 min before it" in told[1]
    assert "newest finished scan of Fortify changed 8 min ago" in told[2]
    assert not any("39" in text for text in told)


def test_the_other_words_of_that_refusal_and_words_that_are_none() -> None:
    text = "There was a more recent scan for this application on the queue."
    assert "older_than_newest" in rules(case(scan(41, "failed", error=text)))
    assert "older_than_newest" not in rules(case(scan(41, "failed", error="Failed to determine the scan type.")))


def test_an_interrupted_scan_met_a_restart() -> None:
    found = one(case(scan(41, "failed", status="SCAN_INTERRUPTED")), "interrupted")
    assert "the server was restarted" in found.text and "upload the file anew" in found.text


def test_a_deletion_locks_the_server_for_the_others() -> None:
    gone = scan(30, "running", status="SCAN_QUEUED_FOR_DELETE", application="9", since_at=ago(300))
    found = one(case(scan(41, "waiting", status="QUEUED"), others=(gone,)), "deletion_locks")
    assert "being deleted for 5 min" in found.text and found.about == gone.key
    assert "deletion_locks" not in rules(case(scan(41, "done", status="DONE"), others=(gone,)))
    assert "This is a deletion" in one(case(gone), "deletion_locks").text


def test_scans_that_run_beside_one_that_waits() -> None:
    runs = scan(30, "running", status="CHANNEL_MERGING", application="9")
    assert "1 other scan watched here runs" in one(case(scan(41, "waiting"), others=(runs,)), "others_run").text


def test_numbers_of_a_finished_scan_may_lag() -> None:
    told = explain(case(scan(41, "done", status="DONE")))
    assert [piece.rule for piece in told] == ["numbers_lag", "nothing_known", "standing"]


# builds and artifacts

LISTED = "/artifactory/api/build/app"
INDEXED = "/xray/api/v1/binMgr/default/builds"
REFUSED = Problem(ProblemCode.FORBIDDEN, "prod refused (HTTP 403).", 403)
GONE = Problem(ProblemCode.MISSING, "It is not indexed or does not exist.", 404)


def missing(entry: Any, **more: Any) -> Any:
    return replace(entry, record=None, problem=GONE, since_at=None, **more)


def test_missing_without_rights_the_two_cannot_be_told_apart() -> None:
    facts = (
        fact(Question.BUILD_LISTED, LISTED, is_so=False),
        fact(Question.BUILD_INDEXED, INDEXED, problem=REFUSED),
    )
    told = case(missing(build()), *facts)
    assert rules(told)[:2] == ["not_listed", "not_found"]
    assert "does not have number 412" in one(told, "not_listed").text
    assert "cannot be told apart without administrator rights" in one(told, "not_found").text
    vain = one(told, "asked_in_vain")
    assert "HTTP 403" in vain.text and "could not be asked whether the build is set to be indexed" in vain.text
    assert vain.call == f"JFrog Xray GET {INDEXED}"


def test_missing_with_rights_they_can() -> None:
    exists = fact(Question.BUILD_LISTED, LISTED, is_so=True)
    half = case(missing(build()), exists, fact(Question.BUILD_INDEXED, INDEXED, problem=REFUSED))
    assert "it is not indexed, or was not reached yet" in one(half, "listed").text and "not_found" not in rules(half)
    no = case(missing(build()), exists, fact(Question.BUILD_INDEXED, INDEXED, is_so=False))
    assert rules(no)[:2] == ["not_indexed", "listed"] and "not_found" not in rules(no)
    yes = case(missing(build()), exists, fact(Question.BUILD_INDEXED, INDEXED, is_so=True))
    assert "so it exists, and is set to be indexed" in one(yes, "listed").text
    alone = case(missing(build()), fact(Question.BUILD_INDEXED, INDEXED, is_so=True))
    assert "does not exist (yet)" in one(alone, "indexed").text


def test_a_missing_artifact_is_looked_for_by_its_repository() -> None:
    facts = (
        fact(Question.REPOSITORY_LISTED, "/artifactory/api/repositories", is_so=True),
        fact(Question.REPOSITORY_SCANNED, "/xray/api/v1/repos", is_so=False),
    )
    told = case(missing(artifact()), *facts)
    assert one(told, "listed").text == "The repository exists."
    assert "does not have docker-local" in one(told, "repository_scanned").text


def test_one_that_is_new_may_take_minutes() -> None:
    assert "may take minutes" in one(case(missing(build(), first_seen_at=ago(120))), "new").text
    assert "new" not in rules(case(missing(build(), first_seen_at=ago(7_200))))


def test_violations_not_scanned_though_overall_says_done() -> None:
    own = build(state="partial", status="DONE", stages={"sca": "done", "violations": "not_scanned"})
    found = one(case(own), "left_out")
    assert found.text.startswith("Violations not scanned, though overall says DONE")
    assert rules(case(own))[0] == "left_out"


@pytest.mark.parametrize(("state", "words"), [("failed", "failed 2 min ago"), ("partial", "ended in part")])
def test_which_stage_failed(state: str, words: str) -> None:
    own = build(state=state, status=state.upper(), stages={"contextual_analysis": state}, time_at=ago(120))
    assert f"Contextual analysis {words}" in one(case(own), "stage_failed").text


def test_pending_whose_time_moves() -> None:
    own = build(state="waiting", status="PENDING", stages={"sca": "waiting"})
    course = (Transition(own.key, "sca", None, State.WAITING, "PENDING", None, ago(3_000), ago(3_000)),)
    moved = replace(own, marks=(Mark("sca", State.WAITING, ago(120)),), transitions=course)
    found = one(case(moved), "time_moves")
    assert "SCA has waited for 50 min, though the server's time says 2 min" in found.text
    still = replace(own, marks=(Mark("sca", State.WAITING, ago(3_000)),), transitions=course)
    assert "time_moves" not in rules(case(still))


def test_not_scanned_after_its_time() -> None:
    found = one(case(build(state="not_scanned", status="NOT_SCANNED")), "never_scanned")
    assert "retention" in found.text and "90 days" in found.text


def test_exposures_unsupported_with_the_package_type_where_it_is_known() -> None:
    own = artifact(state="done", status="DONE", stages={"sca": "done", "exposures": "unsupported"})
    known = fact(Question.REPOSITORY_SCANNED, "/xray/api/v1/repos", is_so=True, name="generic")
    plain = one(case(own), "stage_unsupported").text
    assert plain == "Exposures unsupported: the package type, or the licence, has no such scan."
    assert "of the type generic" in one(case(own, known), "stage_unsupported").text


def test_categories_unsupported() -> None:
    own = artifact(
        state="done", status="DONE", stages={"exposures": "done"}, categories={"iac": "unsupported", "secrets": "done"}
    )
    assert "Exposures of iac unsupported" in one(case(own), "category_unsupported").text


def test_stages_that_are_not_reported() -> None:
    own = build(state="done", status="DONE", stages={"sca": "done", "violations": "done"})
    found = one(case(own), "stage_absent")
    assert found.text == ("Contextual analysis and Exposures are not reported by this server: neither good nor bad.")


# reports


def test_the_limit_of_reports_by_numbers() -> None:
    kept = fact(Question.REPORTS_KEPT, "/xray/api/v1/reports", count=100, limit=100)
    assert "100 of 100 are kept" in one(case(report("waiting"), kept), "limit_reached").text
    fewer = fact(Question.REPORTS_KEPT, "/xray/api/v1/reports", count=99, limit=100)
    assert "limit_reached" not in rules(case(report("waiting"), fewer))


def test_the_limit_of_reports_by_words() -> None:
    assert "by the server's words" in one(case(report("failed", error="Too many reports")), "limit_reached").text
    assert "limit_reached" not in rules(case(report("failed", error="out of memory")))


def test_other_reports_that_are_being_made() -> None:
    other = report("running", number=23)
    assert "1 other report is being made" in one(case(report("waiting"), others=(other,)), "others_run").text


# any target


def test_old_data_is_told_first_with_since_when() -> None:
    timeout = Problem(ProblemCode.TIMEOUT, "No answer within 20 s.")
    failed = replace(call("/codeinsight/api/jobs/900"), problem=timeout, at=ago(3))
    own = replace(waiting_job(), problem=timeout, good_at=ago(720))
    own = replace(own, calls=(*own.calls, failed))
    first = explain(case(own, health=ServerHealth("sca", "codeinsight", Health.FAILING, timeout)))[0]
    assert first.rule == "shown_is_old" and "sca cannot be asked: No answer within 20 s." in first.text
    assert "12 min old" in first.text and first.at == ago(3)


@pytest.mark.parametrize(
    ("health", "words"),
    [(Health.REFUSED, "does not accept the token"), (Health.LATE, "in time"), (Health.PAUSED, "polling is paused")],
)
def test_a_server_in_trouble(health: Health, words: str) -> None:
    assert words in one(case(build(), health=ServerHealth("prod", "xray", health)), "shown_is_old").text


def test_a_target_that_vanished() -> None:
    assert "no longer knows it" in one(case(replace(build(), problem=GONE)), "shown_is_old").text


def test_the_servers_own_words_for_a_failure() -> None:
    found = one(case(job(900, "failed", status="Failed", error="Analysis failed for 3 files.")), "reason_given")
    assert found.text == "The server's own words: Analysis failed for 3 files."
    assert "does not tell by whom" in one(case(job(900, "canceled", status="Terminated")), "reason_given").text


def test_slow_and_stuck_by_what_is_usual() -> None:
    slow, stuck = (Verdict(pace, "sca has run for 40 min") for pace in (Pace.SLOW, Pace.STUCK))
    assert one(replace(case(build()), verdict=slow), "pace").text == "Slow: sca has run for 40 min."
    assert one(replace(case(build()), verdict=stuck), "pace").text == "Stuck: sca has run for 40 min."
    assert "pace" not in rules(case(build()))


def test_a_server_on_which_nothing_finishes() -> None:
    quiet = replace(case(build()), quiet="nothing has finished for 40 min though 3 run")
    assert one(quiet, "server_quiet").text.startswith("On all of prod nothing has finished")


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (build(), "Nothing that scantop can read says why it still runs."),
        (build(state="waiting"), "Nothing that scantop can read says why it still waits."),
        (build(state="done", status="DONE"), "It has ended well: there is nothing to explain."),
        (build(state="unknown", status="QUUX"), "Nothing that scantop can read says why it is unknown."),
    ],
)
def test_where_nothing_is_known_it_says_so(entry: Any, words: str) -> None:
    assert words in texts(case(entry))


def test_what_takes_no_longer_than_usual_is_not_held_up() -> None:
    told = texts(replace(case(build()), left=Left(60.0, 300.0, 37, "of this kind")))
    assert told[-2] == "It takes no longer than usual so far, and nothing that scantop can read holds it up."
    assert told[-1] == "The server says SCANNING; 60 s to 5 min are usually left (from 37 runs of this kind)."


def test_how_it_stands_closes_with_the_servers_word() -> None:
    last = explain(case(replace(build(), since_at=ago(720))))[-1]
    assert last.text == "The server says SCANNING and it has been running for 12 min." and not last.is_telling


def test_every_rule_stands_there_once() -> None:
    assert len(set(RULES)) == len(RULES)


def test_the_case_knows_its_own_server_only() -> None:
    own, same, other = job(1), job(2), build()
    made = case_of(own, (own, same, other), NOW, outlook=Outlook())
    assert made.others == (same,)


def test_a_time_in_the_future_is_no_negative_span() -> None:
    made: datetime = NOW + timedelta(hours=1)
    assert case(build()).gone_s(made) == 0.0
