"""What fails before there is any HTTP, at both front doors: names that do not resolve, and TLS in every way it breaks.

The simulator of the sick server is one of its own; the other two servers are well and must stay so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from authority import Authority, serving
from hostile_site import HostileSite, SteppedClock, command, hostile_site

from tui import config
from tui.domain.problem import ProblemCode
from tui.domain.snapshot import Health
from tui.wiring import open_monitor

BUILD, OTHERS = "prod:build/my-build/1?project=my-project", ("tf:scan/6/41", "sca:job/1234")
WATCH = """
[[watch]]
target = "prod:build/my-build/1?project=my-project"
[[watch]]
target = "tf:scan/6/41"
[[watch]]
target = "sca:job/1234"
"""
TLS = ProblemCode.TLS


class Way(NamedTuple):
    """One way to fail: `certificate` is what the server shows (its name, its days left; None: no TLS at all)."""

    code: ProblemCode
    words: str
    certificate: tuple[str, int] | None = ("127.0.0.1", 30)
    is_known: bool = True  # the authority, by ca_file
    fault: str = ""
    url: Callable[[str], str] = str


WAYS = {
    "no such name": Way(
        ProblemCode.DNS,
        "no-such-host.invalid cannot be resolved",
        None,
        False,
        "",
        lambda url: "https://no-such-host.invalid/xray",
    ),
    "unknown authority": Way(TLS, "an authority that this machine does not know", is_known=False),
    "expired": Way(TLS, "its certificate has expired", ("127.0.0.1", -1)),
    "not valid yet": Way(TLS, "its certificate is not valid yet", ("127.0.0.1", 100)),
    "another name": Way(TLS, "its certificate is for another", ("elsewhere.test", 30)),
    "handshake cut": Way(TLS, "The TLS handshake with", fault="xray:tls-cut"),
}


@pytest.fixture(scope="module")
def well() -> Iterator[HostileSite]:
    """The servers that are well."""
    with hostile_site() as running:
        yield running


def config_for(way: Way, sick: HostileSite, well: HostileSite, authority: Authority, folder: Path) -> Path:
    """The config in which prod is the sick one."""
    path = well.config(folder / "config.toml", WATCH)
    own = f'url = "{way.url(sick.line["servers"]["xray"]["url"])}"'
    if way.is_known:
        own += f'\nca_file = "{authority.ca_file}"'
    its_url = f'url = "{well.line["servers"]["xray"]["url"]}"'
    text = path.read_text()
    assert its_url in text
    path.write_text(text.replace(its_url, own))
    return path


@pytest.mark.parametrize("name", WAYS)
def test_each_way_is_told_at_both_doors(name: str, well: HostileSite, tmp_path: Path) -> None:
    way, authority = WAYS[name], Authority(tmp_path)
    host, days = way.certificate or ("", 0)
    context = serving(authority.issue(host, days=days)) if host else None
    with hostile_site(tls=context) as sick:
        sick.faults(*filter(None, [way.fault]))
        path = config_for(way, sick, well, authority, tmp_path)
        said = command("--config", str(path), "status", "--json")
        assert said.code == 3 and "Traceback" not in said.err
        found = {one["target"]: one for one in said.document["targets"]}
        problem = found[BUILD]["problem"]
        assert (problem["code"], found[BUILD]["state"]) == (way.code.value, "unknown"), problem
        assert way.words in problem["text"] and problem["text"].isprintable()
        assert [found[key]["problem"] for key in OTHERS] == [None, None]
        plain = command("--config", str(path), "status", BUILD)
        assert plain.code == 3 and way.words in plain.out
        asyncio.run(watched(path, way))


async def watched(path: Path, way: Way) -> None:
    """The monitor says the same of that server, and the others are well."""
    monitor = open_monitor(config.load(path, {}), clock=SteppedClock(), seed=1)
    await monitor.start()
    try:
        await monitor.idle()
        servers = monitor.store.servers
        problem = servers["prod"].problem
        assert problem is not None and problem.code is way.code and way.words in problem.text
        assert problem.advice, "what to do"
        assert {name: servers[name].health for name in servers} == {
            "prod": Health.FAILING,
            "tf": Health.OK,
            "sca": Health.OK,
        }
        assert monitor.store.entries[BUILD].record is None and servers["prod"].failed_calls[-1].problem == problem
    finally:
        await monitor.stop()


def test_no_two_ways_sound_alike() -> None:
    assert len({way.words for way in WAYS.values()}) == len(WAYS)
