"""What a pane says when it has nothing to show: what is so, and what to do about it."""

import pytest
from present_builders import NOW

from tui.domain.problem import Problem, ProblemCode
from tui.domain.records import ListQuery
from tui.domain.snapshot import Health, ListState, Lookup, ServerHealth
from tui.domain.target import parse_address
from tui.present.spec import PaneSituation, PaneSpec
from tui.servers.codeinsight.panes import panes as codeinsight_panes
from tui.servers.kind import grammars
from tui.servers.threadfix.panes import panes as threadfix_panes
from tui.servers.xray.panes import panes as xray_panes

BUILDS, EXPOSURES = xray_panes()
(THREADFIX,) = threadfix_panes()
(JOBS,) = codeinsight_panes()
ALL = (BUILDS, EXPOSURES, THREADFIX, JOBS)
TIMEOUT = Problem(ProblemCode.TIMEOUT, "prod did not answer within 30 s.")


def server(health: Health = Health.OK, problem: Problem | None = None) -> ServerHealth:
    return ServerHealth("prod", "xray", health, problem)


def words(
    spec: PaneSpec, *servers: ServerHealth, lists: tuple = (), is_filtered: bool = False, watched: int = 0
) -> str:
    return spec.empty(PaneSituation(servers, lists, is_filtered, watched))


def test_empty_words_for_each_situation() -> None:
    refused = server(Health.REFUSED, Problem(ProblemCode.UNAUTHORISED, "The token is not valid.", 401, "Renew it."))
    assert "No JFrog Xray server is configured" in words(BUILDS)
    assert words(BUILDS, server(), is_filtered=True).splitlines() == [
        "No builds or artifacts match the filter.",
        "Esc clears it.",
    ]
    assert words(BUILDS, refused).splitlines() == [
        "prod refused the token (401).",
        "The token is not valid.",
        "Renew it.",
        "The token's source is read again by itself.",
    ]
    failing = words(BUILDS, server(Health.FAILING, TIMEOUT))
    assert failing.splitlines() == [
        "prod cannot be asked.",
        "prod did not answer within 30 s.",
        "It is tried again by itself.",
    ]
    assert words(BUILDS, server(Health.STARTING)) == "Asking prod for the first time …"
    nothing = words(BUILDS, server())
    assert "No builds or artifacts are watched yet." in nothing and "scantop watch add build/my-build/1" in nothing
    assert words(EXPOSURES, server(), watched=12) == "12 targets watched, none of which reports exposures."


def test_one_refused_server_of_two_does_not_speak_for_both() -> None:
    refused = server(Health.REFUSED, Problem(ProblemCode.UNAUTHORISED, "no", 401))
    assert "are watched yet" in words(BUILDS, refused, server())


def test_empty_words_of_a_list() -> None:
    query = ListQuery("sca", "jobs", (("status", "Failed"), ("type", "PDL Update")))
    done = ListState(query, query, polled_at=NOW)
    assert words(JOBS, server(), lists=(done,)).splitlines() == [
        "No jobs with status Failed and type PDL Update on sca.",
        "Choose others: t type, f status, F any.",
    ]
    plain = ListQuery("sca", "jobs")
    assert words(JOBS, server(), lists=(ListState(plain),)) == "Asking sca for the first time …"
    assert words(JOBS, server(), lists=(ListState(plain, plain, polled_at=NOW),)) == "There are no jobs now."
    beyond = ListQuery("sca", "jobs", page=19)
    assert words(JOBS, server(), lists=(ListState(beyond, beyond, polled_at=NOW),)).splitlines() == [
        "There are no jobs on page 19.",
        "[ goes back a page.",
    ]
    denied = ListState(plain, None, problem=Problem(ProblemCode.FORBIDDEN, "The user may not see jobs.", 403))
    assert words(JOBS, server(), lists=(denied,)).splitlines() == [
        "sca did not give its jobs (403).",
        "The user may not see jobs.",
    ]


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.id)
def test_the_examples_are_addresses_that_can_be_read(spec: PaneSpec) -> None:
    for line in words(spec, server()).splitlines():
        if line.startswith("scantop watch add ") and not line.endswith(" -"):
            servers = {"prod": "xray", "tf": "threadfix", "sca": "codeinsight"}
            assert parse_address(line.split()[-1], grammars(), servers)


def test_a_lookup_that_failed_is_why_there_is_nothing() -> None:
    lost = ServerHealth("prod", "xray", Health.OK, lookups=(Lookup("my-build", TIMEOUT),))
    assert words(BUILDS, lost).splitlines() == [
        "The newest of my-build on prod are not known.",
        "prod did not answer within 30 s.",
    ]
