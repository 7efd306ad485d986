"""The steps of a kind that exists in tests only: the probes are its own, and the sentences follow from them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace

import httpx
import pytest
from test_tokens import jwt

from tui.clock import SystemClock
from tui.doctor.examine import Examination
from tui.doctor.steps import Look, Step
from tui.domain.problem import Problem, ProblemCode
from tui.domain.records import Call
from tui.servers.errors import error_for
from tui.servers.http import HttpAnswer
from tui.servers.kind import ServerKind
from tui.servers.probing import Probe, Probes, Release, Verdict, is_older
from tui.settings import ServerSettings, TokenSource


def answered(
    status: int = 200, text: str = "{}", problem: Problem | None = None
) -> Callable[[], Awaitable[HttpAnswer]]:
    async def ask() -> HttpAnswer:
        clock = SystemClock()
        call = Call(clock.now(), "GET", "/", status, 0.01, 2, problem)
        answer = HttpAnswer(status, httpx.Headers(), text, {}, call, clock.now())
        if problem is not None:
            raise error_for(problem, call, answer)
        return answer

    return ask


def looked(*probes: Probe, release: str = "2.0", token: str = "opaque", how: str = "literal") -> Look:
    """What is found on a port that answers nobody: the probes are values here."""

    async def tell() -> Release:
        return Release(release) if release else Release(note="Harbour tells nothing.")

    kind = ServerKind(
        name="harbour",
        title="Harbour",
        grammars=(),
        environment=("HARBOUR_URL", "HARBOUR_TOKEN"),
        normalise_url=str,
        recognise=lambda text: (),
        watch_forms=(),
        open_client=lambda server, http: None,  # type: ignore[arg-type,return-value]
        panes=tuple,
        server_keys={},
        default_lists=lambda server: (),
        open_probes=lambda server, http: Probes("Harbour", probes, tell),
    )

    with socket.create_server(("127.0.0.1", 0)) as listening:  # the system takes the connection, and nobody answers
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        what = (token,) if how == "literal" else ("printf", "%s", token)
        server = ServerSettings("quay", "harbour", url, token=TokenSource(how, what))
        return asyncio.run(Examination(server, kind, SystemClock(), {}).run())


def step(look: Look, name: str) -> Step:
    return next(each for each in look.steps if each.name == name)


FINE = Probe("GET /ships", "ships", "Read", answered(), since="1.5")


def test_a_kind_of_its_own_is_looked_at_like_the_others() -> None:
    look = looked(FINE)
    assert {each.verdict for each in look.steps} == {Verdict.OK}
    assert step(look, "version").text == "Harbour 2.0 (needed: 1.5 for ships)."


@pytest.mark.parametrize(("is_needed", "verdict"), [(True, Verdict.FAILED), (False, Verdict.NOTE)])
def test_a_release_that_is_too_old(is_needed: bool, verdict: Verdict) -> None:
    newer = replace(FINE, endpoint="GET /piers", purpose="piers", since="2.1", is_needed=is_needed)
    version = step(looked(FINE, newer), "version")
    assert version.verdict is verdict and version.advice
    assert version.text == "Harbour 2.0 is older than what is needed: 2.1 for piers."


def test_a_release_that_is_not_told() -> None:
    assert step(looked(FINE, release=""), "version").verdict is Verdict.NOTE


@pytest.mark.parametrize(("is_needed", "verdict"), [(True, Verdict.FAILED), (False, Verdict.NOTE)])
def test_a_permission_that_lacks(is_needed: bool, verdict: Verdict) -> None:
    no = Problem(ProblemCode.FORBIDDEN, "No.", 403)
    look = looked(FINE, replace(FINE, ask=answered(403, "{}", no), permission="Write", is_needed=is_needed))
    found = [each for each in look.steps if each.name == "permission"]
    assert [each.verdict for each in found] == [Verdict.OK, verdict] and found[1].advice == "It needs Write."
    assert look.verdict is verdict


def test_a_thing_that_is_not_there_shows_that_it_may_be_asked_for() -> None:
    gone = Problem(ProblemCode.MISSING, "None.", 404)
    assert step(looked(replace(FINE, ask=answered(404, "{}", gone))), "permission").verdict is Verdict.OK
    page = step(looked(replace(FINE, ask=answered(404, "<html>", gone))), "authentication")
    assert page.verdict is Verdict.FAILED and "this came with 1.5" in page.advice


@pytest.mark.parametrize(("how", "verdict"), [("literal", Verdict.NOTE), ("command", Verdict.OK)])
def test_a_token_that_ends_soon(how: str, verdict: Verdict) -> None:
    ends = int(SystemClock().now().timestamp()) + 3600
    found = step(looked(FINE, token=jwt({"sub": "me", "exp": ends}), how=how), "authentication")
    assert found.verdict is verdict and "a JWT of 'me', until " in found.text and found.advice


def test_a_token_that_is_over_says_so_when_it_is_refused() -> None:
    no = Problem(ProblemCode.UNAUTHORISED, "Refused.", 401)
    look = looked(replace(FINE, ask=answered(401, "{}", no)), token=jwt({"sub": "me", "exp": 1_700_000_000}))
    found = step(look, "authentication")
    assert "which is over" in found.text and "take a new one" in found.advice
    assert [each.verdict for each in look.steps if each.name in ("permission", "version")] == [Verdict.NOT_TRIED] * 2


@pytest.mark.parametrize(
    ("have", "want", "is_it"),
    [
        ("3.80.8", "3.80.9", True),
        ("3.80.9", "3.80.9", False),
        ("3.107.14", "3.80.9", False),
        ("2022 R4", "2023 R1", True),
        ("2025 R1 SP1", "2023 R1", False),
        ("unknown", "3.8", False),
        ("3.80.9-m001", "3.80.9", False),
    ],
)
def test_releases_are_compared_by_their_numbers(have: str, want: str, is_it: bool) -> None:
    assert is_older(have, want) is is_it
