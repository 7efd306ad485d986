"""Completion from the servers' own lists: what is asked, what fits, the fallbacks, and that it has an end."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from wire_bench import Wire, ask, reply

from tui.domain.acts import Ask, Suggestions
from tui.domain.problem import ProblemCode
from tui.servers.codeinsight.starting import MOST_PARTS as MOST_PROJECT_PARTS
from tui.servers.kind import ABILITIES, kinds
from tui.servers.xray.lookups import MOST_PARTS


def suggested(kind: str, wire: Wire, asked: Ask) -> Suggestions:
    found: Suggestions = ask(kind, wire, lambda client: client.suggest(asked))
    return found


def values(found: Suggestions) -> list[str]:
    return [one.value for one in found.found]


def by_path(**answers: Any) -> Wire:
    """A server that knows these paths by their last word (an int is a status); 404 for all others."""

    def answer(request: httpx.Request) -> httpx.Response:
        known = answers.get(request.url.path.rpartition("/")[2], 404)
        return reply({"error": "no"}, known) if isinstance(known, int) else reply(known)

    return Wire(handler=answer)


def builds(*names: str, offset: int = -1) -> dict[str, Any]:
    return {"data": [{"name": name, "build_repository": "artifactory-build-info"} for name in names], "offset": offset}


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_a_client_has_the_abilities_that_its_kind_promises(kind: str) -> None:
    async def able(client: object) -> set[str]:
        return {name for name, ability in ABILITIES.items() if isinstance(client, ability)}

    assert ask(kind, Wire({}), able) == kinds()[kind].abilities


def test_builds_that_begin_with_what_was_typed_come_first() -> None:
    wire = by_path(builds=builds("big-app", "App-1", "zapp", "other", "app-2", "app-2"))
    found = suggested("xray", wire, Ask("build", "app"))
    assert values(found) == ["App-1", "app-2", "big-app", "zapp"] and found.is_whole
    assert "search=app" in wire.paths[0]


def test_builds_of_one_project_only() -> None:
    rows = [{"name": "a", "build_repository": "web-build-info"}, {"name": "b", "build_repository": "x-build-info"}]
    assert values(suggested("xray", by_path(builds={"data": rows}), Ask("build", project="web"))) == ["a"]


def test_parts_are_followed_to_their_end_but_not_for_ever() -> None:
    wire = Wire(builds("a", offset=100), builds("b", offset=-1))
    assert values(suggested("xray", wire, Ask("build"))) == ["a", "b"]
    assert "offset=100" in wire.paths[1]
    count = iter(range(1000))
    endless = Wire(handler=lambda _: reply(builds(f"b{next(count)}", offset=next(count) + 1)))
    found = suggested("xray", endless, Ask("build"))
    assert len(endless.requests) == MOST_PARTS and not found.is_whole


def test_an_offset_that_goes_nowhere_ends_the_list() -> None:
    wire = Wire(builds("a", offset=0))
    assert suggested("xray", wire, Ask("build")).is_whole and len(wire.requests) == 1


@pytest.mark.parametrize("status", [403, 404])
def test_artifactorys_builds_where_xrays_cannot_be_read(status: int) -> None:
    listed = {"builds": [{"uri": "/old", "lastStarted": "2024"}, {"uri": "/my%20app", "lastStarted": "2026"}, "x", {}]}
    wire = by_path(builds=status, build=listed)
    assert values(suggested("xray", wire, Ask("build", project="web"))) == ["my app", "old"]
    assert wire.paths[-1] == "GET /artifactory/api/build?project=web"


def test_no_builds_anywhere_is_no_failure_and_a_dead_server_is_one() -> None:
    assert suggested("xray", by_path(), Ask("build")) == Suggestions(Ask("build"), is_whole=True)
    problem = suggested("xray", by_path(builds=503), Ask("build")).problem
    assert problem is not None and problem.code is ProblemCode.SERVER_ERROR


def test_numbers_repositories_and_paths() -> None:
    wire = by_path(
        versions={"data": [{"version": "9", "created_at": "2026-01-01T00:00:00Z"}, {"version": "10"}]},
        repos={"data": [{"repo": "docker-local", "package_type": "Docker"}, {"repo": None}, 3], "offset": -1},
        artifacts={"data": [{"repo_full_path": "docker-local/app/1/manifest.json"}, {"repo_path": "app/2"}, {}]},
    )
    assert values(suggested("xray", wire, Ask("number", within="my app"))) == ["9", "10"]
    assert "/builds/my%20app/versions" in wire.paths[0]
    (repository,) = suggested("xray", wire, Ask("repository")).found
    assert (repository.value, repository.note) == ("docker-local", "docker")
    assert values(suggested("xray", wire, Ask("artifact", within="docker-local"))) == ["app/1/manifest.json", "app/2"]


def test_repositories_from_artifactory() -> None:
    wire = by_path(repos=403, repositories=[{"key": "npm-local", "packageType": "Npm"}])
    assert values(suggested("xray", wire, Ask("repository"))) == ["npm-local"]


def test_a_path_that_the_search_does_not_find_is_looked_for_here() -> None:
    rows = {"data": [{"repo_full_path": "r/app/1"}, {"repo_full_path": "r/web/1"}]}
    wire = Wire({"data": []}, rows)
    assert values(suggested("xray", wire, Ask("artifact", "app/", "r"))) == ["app/1"]
    assert len(wire.requests) == 2


@pytest.mark.parametrize("body", [[], {"data": None}, {"data": [None, 1, "x", {"name": {}}]}])
def test_lists_in_odd_forms_suggest_nothing(body: Any) -> None:
    assert suggested("xray", Wire(body), Ask("build")).found == ()


def test_no_more_than_was_asked_for() -> None:
    found = suggested("xray", Wire(builds(*(f"b{n}" for n in range(60)))), Ask("build", limit=7))
    assert len(found.found) == 7 and not found.is_whole


def test_projects_by_name_and_by_id() -> None:
    rows = [{"id": 12, "name": "alpha"}, {"id": 120, "name": "beta"}, {"id": 3, "name": "zalpha"}, {"name": "none"}]
    wire = Wire({"data": rows})
    assert values(suggested("codeinsight", wire, Ask("project", "alp"))) == ["12", "3"]
    assert values(suggested("codeinsight", wire, Ask("project", "12"))) == ["12", "120"]


def test_projects_are_read_once_for_a_person_who_types() -> None:
    wire = Wire({"data": [{"id": 12, "name": "alpha"}]})

    async def typed(client: Any) -> list[Suggestions]:
        return [await client.suggest(Ask("project", word)) for word in ("a", "al", "alp")]

    assert [values(found) for found in ask("codeinsight", wire, typed)] == [["12"]] * 3
    assert len(wire.requests) == 1


def test_many_projects_have_an_end_and_a_page_past_it_is_one() -> None:
    count = iter(range(1, 10_000))
    endless = Wire(handler=lambda _: reply({"data": [{"id": next(count), "name": "p"} for _ in range(200)]}))
    assert not suggested("codeinsight", endless, Ask("project")).is_whole
    assert len(endless.requests) == MOST_PROJECT_PARTS
    past = "The page 1 you requested is out of bounds. Total records :0 number of pages :0"
    none = Wire(reply({"errors": [{"message": past}]}, 400))
    assert suggested("codeinsight", none, Ask("project")) == Suggestions(Ask("project"), is_whole=True)
