"""Trust over real TLS: unknown authority, ca_file, expired, wrong name, no checks, client certificates, plain ports."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from authority import Authority, serving
from clients_site import asked, problem_of
from simulator_site import Site, make_world

from tui.domain.problem import Problem, ProblemCode
from tui.simulator.serve import Simulator


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def on_tls(context: ssl.SSLContext | None, test: Callable[[Site], Awaitable[None]]) -> None:
    async def run() -> None:
        simulator = Simulator(make_world("documents"), tls=context)
        await simulator.start()
        try:
            await test(Site(simulator, None))  # type: ignore[arg-type]
        finally:
            await simulator.stop()

    asyncio.run(run())


def outcome(context: ssl.SSLContext | None, url: Callable[[str], str] = str, **changes: Any) -> Problem | None:
    found: list[Problem | None] = []

    async def check(site: Site) -> None:
        address = url(site.announced["servers"]["xray"]["url"])
        found.append(problem_of(await asked(site, "build", url=address, **changes)))

    on_tls(context, check)
    return found[0]


def test_an_unknown_authority_is_named_and_ca_file_mends_it(authority: Authority) -> None:
    context = serving(authority.issue("127.0.0.1"))
    problem = outcome(context)
    assert problem is not None
    assert problem.code is ProblemCode.TLS
    assert "authority that this machine does not know" in problem.text
    assert "ca_file" in problem.advice
    assert outcome(context, ca_file=authority.ca_file) is None


def test_the_environments_store_is_obeyed(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))
    assert outcome(serving(authority.issue("127.0.0.1"))) is None


def test_no_checks_at_all_is_a_choice(authority: Authority) -> None:
    assert outcome(serving(authority.issue("other.test", days=-1)), verify=False) is None


@pytest.mark.parametrize(
    ("host", "days", "words"),
    [("127.0.0.1", -1, "has expired"), ("127.0.0.1", 100, "not valid yet"), ("x.test", 9, "another")],
)
def test_certificates_that_do_not_fit(authority: Authority, host: str, days: int, words: str) -> None:
    problem = outcome(serving(authority.issue(host, days=days)), ca_file=authority.ca_file)
    assert problem is not None
    assert problem.code is ProblemCode.TLS
    assert words in problem.text
    assert problem.advice


def test_a_client_certificate(authority: Authority) -> None:
    context = serving(authority.issue("127.0.0.1"), client_ca=authority.ca_file)
    certificate, key = authority.issue("me.test")
    problem = outcome(context, ca_file=authority.ca_file)
    assert problem is not None
    assert problem.code in (ProblemCode.TLS, ProblemCode.REFUSED), "it may hang up before its alert is read"
    assert "client_cert" in problem.advice
    assert outcome(context, ca_file=authority.ca_file, client_cert=certificate, client_key=key) is None


def test_files_that_cannot_be_used_are_named(authority: Authority, tmp_path: Path) -> None:
    context = serving(authority.issue("127.0.0.1"))
    junk = tmp_path / "junk.pem"
    junk.write_text("no certificate")
    for changes in ({"ca_file": junk}, {"ca_file": tmp_path / "none.pem"}, {"client_cert": junk}):
        problem = outcome(context, **changes)
        assert problem is not None
        assert problem.code is ProblemCode.TLS
        assert "cannot be used" in problem.text
        assert next(iter(changes)) in problem.text


def test_a_plain_port_and_a_cut_handshake_are_tls_problems(authority: Authority) -> None:
    plain = outcome(None, lambda url: url.replace("http:", "https:"))
    assert plain is not None
    assert plain.code in (ProblemCode.TLS, ProblemCode.REFUSED)

    async def cut(site: Site) -> None:
        site.simulator.plan.add(site.simulator.plan.parse("tls-cut"))
        problem = problem_of(await asked(site, "build", ca_file=authority.ca_file))
        assert problem is not None
        assert problem.code in (ProblemCode.TLS, ProblemCode.REFUSED)
        assert problem.text.isprintable()

    on_tls(serving(authority.issue("127.0.0.1")), cut)


def test_a_tls_port_asked_in_plain_http_is_a_problem(authority: Authority) -> None:
    problem = outcome(serving(authority.issue("127.0.0.1")), lambda url: url.replace("https:", "http:"))
    assert problem is not None
    assert problem.code in (ProblemCode.REFUSED, ProblemCode.BAD_ANSWER)


def test_a_name_that_does_not_resolve_is_a_dns_problem() -> None:
    problem = outcome(None, lambda url: "https://no-such-host.invalid")
    assert problem is not None
    assert problem.code is ProblemCode.DNS
    assert "no-such-host.invalid cannot be resolved" in problem.text


def test_a_proxy_that_is_down_or_refuses_is_a_problem() -> None:
    down = outcome(None, lambda url: "https://no-such-host.invalid", proxy="http://127.0.0.1:9")
    assert down is not None
    assert down.code is ProblemCode.REFUSED
