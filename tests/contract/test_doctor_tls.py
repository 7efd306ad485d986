"""What the doctor says of TLS over real sockets: who signed, until when, and which file would mend it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from authority import Authority, serving
from clients_site import server_of
from simulator_site import Site
from test_clients_tls import on_tls

from tui.clock import SystemClock
from tui.doctor.examine import Examination
from tui.doctor.steps import Look, Step
from tui.domain.problem import ProblemCode
from tui.servers.kind import kinds
from tui.servers.probing import Verdict
from tui.settings import TokenSource


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def looked(context: Any, environ: dict[str, str] | None = None, others: tuple[Path, ...] = (), **changes: Any) -> Look:
    """What the doctor finds on a simulated Xray behind this TLS."""
    found: list[Look] = []

    async def look(site: Site) -> None:
        announced = site.announced["servers"]["xray"]
        server = replace(server_of(site, "xray"), token=TokenSource("literal", (announced["token"],)), **changes)
        found.append(await Examination(server, kinds()["xray"], SystemClock(), environ or {}, others).run())

    on_tls(context, look)
    return found[0]


def step(look: Look, name: str) -> Step:
    return next(each for each in look.steps if each.name == name)


def test_a_trusted_server_says_who_signed_and_how_long(authority: Authority) -> None:
    look = looked(serving(authority.issue("127.0.0.1", days=40)), ca_file=authority.ca_file)
    tls = step(look, "tls")
    assert tls.verdict is Verdict.OK
    assert (
        "signed by 'Test authority'" in tls.text and "(39 days left)" in tls.text and str(authority.ca_file) in tls.text
    )
    assert dict(tls.facts)["issuer"] == "Test authority" and dict(tls.facts)["days_left"] == 39


@pytest.mark.parametrize("how", ["another server's", "a variable of another program"])
def test_the_file_that_mends_it_is_found(authority: Authority, how: str) -> None:
    context = serving(authority.issue("127.0.0.1"))
    environ = {"REQUESTS_CA_BUNDLE": str(authority.ca_file)} if how.startswith("a v") else {}
    look = looked(context, environ, () if environ else (authority.ca_file,))
    tls = step(look, "tls")
    assert (tls.verdict, tls.code) == (Verdict.FAILED, ProblemCode.TLS)
    assert "signed by 'Test authority'" in tls.text
    assert tls.advice.startswith(f'ca_file = "{authority.ca_file}" in [servers.xray] mends it')
    assert [each.verdict for each in look.steps if each.name in ("authentication", "permission", "version")] == [
        Verdict.NOT_TRIED
    ] * 3


def test_without_such_a_file_it_says_whose_to_get(authority: Authority, tmp_path: Path) -> None:
    tls = step(looked(serving(authority.issue("127.0.0.1"))), "tls")
    assert "get the certificate of 'Test authority' as a PEM file" in tls.advice


@pytest.mark.parametrize(
    ("host", "days", "words"), [("127.0.0.1", -2, "3 days ago"), ("other.test", 9, "It is for: other.test.")]
)
def test_certificates_that_do_not_fit_say_why(authority: Authority, host: str, days: int, words: str) -> None:
    tls = step(looked(serving(authority.issue(host, days=days)), ca_file=authority.ca_file), "tls")
    assert tls.verdict is Verdict.FAILED and words in f"{tls.text} {tls.advice}"


def test_one_that_ends_soon_is_a_note(authority: Authority) -> None:
    look = looked(serving(authority.issue("127.0.0.1", days=5)), ca_file=authority.ca_file)
    assert (step(look, "tls").verdict, look.verdict) == (Verdict.NOTE, Verdict.NOTE)


@pytest.mark.parametrize("is_known", [True, False])
def test_no_checks_are_said_aloud_with_what_would_be_found(authority: Authority, is_known: bool) -> None:
    ca_file = {"ca_file": authority.ca_file} if is_known else {}
    tls = step(looked(serving(authority.issue("127.0.0.1")), verify=False, **ca_file), "tls")
    assert tls.verdict is Verdict.NOTE and "verify = false" in tls.text and "'Test authority'" in tls.text
    assert ("It would be trusted" in tls.advice) is is_known and "take verify = false out" in tls.advice


def test_a_folder_of_authorities(authority: Authority, tmp_path: Path) -> None:
    folder = tmp_path / "certs"
    folder.mkdir()
    (folder / "acme.crt").write_bytes(authority.ca_file.read_bytes())
    (folder / "README.md").write_text("not a certificate")
    assert step(looked(serving(authority.issue("127.0.0.1")), ca_file=folder), "tls").verdict is Verdict.OK


def test_a_client_certificate_that_ends_soon(authority: Authority) -> None:
    context = serving(authority.issue("127.0.0.1", days=60), client_ca=authority.ca_file)
    certificate, key = authority.issue("me.test", days=3)
    own = {"ca_file": authority.ca_file, "client_cert": certificate, "client_key": key}
    tls = step(looked(context, **own), "tls")
    assert tls.verdict is Verdict.NOTE and "ends in 2 days" in tls.text
    refused = looked(context, ca_file=authority.ca_file)
    assert refused.verdict is Verdict.FAILED
    assert "client_cert" in " ".join(each.advice for each in refused.steps)


def test_a_port_without_tls(authority: Authority) -> None:
    async def look(site: Site) -> None:
        server = server_of(site, "xray")
        server = replace(server, url=server.url.replace("http:", "https:"))
        found = await Examination(server, kinds()["xray"], SystemClock(), {}).run()
        assert step(found, "tls").code is ProblemCode.TLS and "the port" in step(found, "tls").advice

    on_tls(None, look)
