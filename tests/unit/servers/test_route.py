"""Which proxy a server is reached through: the same one that the HTTP library takes, and no password in a word."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tui.domain.problem import ProblemCode
from tui.servers.errors import Unreachable
from tui.servers.route import connect, resolve, way_of
from tui.settings import ServerSettings

ENVIRONMENTS: list[dict[str, str]] = [
    {},
    {"HTTPS_PROXY": "http://proxy.test:3128"},
    {"https_proxy": "http://low.test:1", "HTTPS_PROXY": "http://high.test:2"},
    {"HTTP_PROXY": "http://plain.test:8080"},
    {"ALL_PROXY": "http://all.test:9"},
    {"HTTPS_PROXY": "http://proxy.test:3128", "NO_PROXY": "acme.test"},
    {"HTTPS_PROXY": "http://proxy.test:3128", "NO_PROXY": ".acme.test,other.test"},
    {"HTTPS_PROXY": "http://proxy.test:3128", "NO_PROXY": "notacme.test, 10.0.0.1"},
    {"HTTPS_PROXY": "http://proxy.test:3128", "NO_PROXY": "*"},
    {"HTTPS_PROXY": "proxy.test:3128"},
]


def server(url: str, **changes: str) -> ServerSettings:
    return ServerSettings("prod", "xray", url, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("url", ["https://sub.acme.test", "https://acme.test:8443/x", "http://acme.test"])
@pytest.mark.parametrize("environ", ENVIRONMENTS)
def test_the_proxy_is_the_one_that_requests_take(
    environ: dict[str, str], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    if environ.get("NO_PROXY", "").startswith(".") and "sub" not in url:
        pytest.skip("a leading dot: libraries differ on whether the bare domain is meant")
    client = httpx.Client(trust_env=True)
    used = getattr(client._transport_for_url(httpx.URL(url))._pool, "_proxy_url", None)  # type: ignore[attr-defined]
    client.close()
    proxy = way_of(server(url), environ).proxy
    assert (proxy and (proxy.host.encode(), proxy.port)) == (used and (used.host, used.port))


def test_a_proxys_password_is_in_no_word() -> None:
    way = way_of(server("https://acme.test", proxy="http://me:s3cret%40@proxy.test"), {})
    assert way.proxy is not None
    assert (way.proxy.login, way.proxy.shown, way.first) == ("me:s3cret@", "http://proxy.test:80", ("proxy.test", 80))
    assert "s3cret" not in way.proxy.shown + way.origin


def test_this_machine_has_no_proxy() -> None:
    assert way_of(server("http://127.0.0.1:1"), {"HTTP_PROXY": "http://proxy.test:1"}).proxy is None


@pytest.mark.parametrize("proxy", ["http://", "http://[::1", "http://p:99999"])
def test_a_proxy_that_is_none_is_a_problem(proxy: str) -> None:
    with pytest.raises(Unreachable) as caught:
        way_of(server("https://acme.test", proxy=proxy), {})
    assert caught.value.problem.code is ProblemCode.REFUSED


def test_names_and_ports_that_are_not_there() -> None:
    async def ask() -> None:
        with pytest.raises(Unreachable) as caught:
            await resolve("no-such-host.invalid", 443, 10.0)
        assert caught.value.problem.code is ProblemCode.DNS
        here = server("http://127.0.0.1:9")
        with pytest.raises(Unreachable) as caught:
            await connect(here, way_of(here, {}))
        assert caught.value.problem.code is ProblemCode.REFUSED

    asyncio.run(ask())
