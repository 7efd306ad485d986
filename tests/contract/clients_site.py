"""Clients of every kind on a simulator in the test's own loop: real sockets, real time limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from simulator_site import Site, running

from tui.clock import SystemClock
from tui.domain.problem import Problem
from tui.domain.records import Answer, ListQuery
from tui.domain.target import Target
from tui.secrets import Secret
from tui.servers.http import Http
from tui.servers.kind import Client, kinds
from tui.settings import ServerSettings, WatchedTarget

LIMIT_S = 0.6  # a whole answer in tests that wait for the limit; honest answers of the simulator take milliseconds
QUESTIONS: dict[str, tuple[str, Callable[[Client], Awaitable[Answer]]]] = {
    "build": ("xray", lambda c: c.read([Target("xray", "build", ("my-build", "1"), (("project", "my-project"),))])),
    "artifact": (
        "xray",
        lambda c: c.read([Target("xray", "artifact", ("docker-local", "desktop-storage/1.0/manifest.json"), (), True)]),
    ),
    "report": ("xray", lambda c: c.read([Target("xray", "report", ("1234",))])),
    "reports": ("xray", lambda c: c.list(ListQuery("xray", "reports"))),
    "scan": ("threadfix", lambda c: c.read([Target("threadfix", "scan", ("6", "41"))])),
    "jobs": ("codeinsight", lambda c: c.list(ListQuery("codeinsight", "jobs"))),
    "job": ("codeinsight", lambda c: c.read([Target("codeinsight", "job", ("1234",))])),
}


def server_of(site: Site, kind: str, **changes: Any) -> ServerSettings:
    announced = site.announced["servers"][kind]
    found = kinds()[kind]
    extra = {**found.server_keys, **({"timezone": announced["timezone"]} if "timezone" in announced else {})}
    return replace(ServerSettings(kind, kind, found.normalise_url(announced["url"]), extra=extra), **changes)


@asynccontextmanager
async def client_of(site: Site, kind: str, **changes: Any) -> AsyncIterator[Client]:
    """A client with the simulator's token."""
    token = site.announced["servers"][kind]["token"]

    async def read() -> Secret:
        return Secret(token)

    server = server_of(site, kind, **changes)
    client = kinds()[kind].open_client(server, Http(server, SystemClock(), read))
    try:
        yield client
    finally:
        await client.aclose()


async def asked(site: Site, question: str, **changes: Any) -> Answer:
    kind, ask = QUESTIONS[question]
    async with client_of(site, kind, **changes) as client:
        return await ask(client)


def problem_of(answer: Answer) -> Problem | None:
    return answer.readings[0].problem if answer.readings else answer.problem


def on_site(test: Callable[[Site], Awaitable[None]], scenario: str = "documents", **options: Any) -> None:
    """Run a test on a simulator of its own."""

    async def run() -> None:
        async with running(scenario, **options) as site:
            await test(site)

    asyncio.run(run())


async def of_the_day(site: Site, question: str) -> Answer:
    """The answer for something that the story made (the documents' samples never change their form).

    A build with exposures, an artifact, a report, a scan that is done, or a job; the same one each time.
    """
    kind = QUESTIONS[question][0]
    async with client_of(site, kind) as client:
        if question in ("report", "job"):
            listed = await client.list(ListQuery(kind, f"{question}s"))
            assert listed.page is not None, listed.problem
            done = [record.target for record in listed.page.records if record.state.value == "done"]
            return await client.read(done[:1])
        for table in site.announced["watch"]:
            inner = {key: value for key, value in table.items() if key != "server"}
            for form in kinds()[kind].watch_forms if table["server"] == kind else ():
                if form.marker != {"scan": "application"}.get(question, question) or form.marker not in inner:
                    continue
                for item in form.read(kind, inner):
                    assert isinstance(item, WatchedTarget)
                    answer = await client.read([item.target])
                    record = answer.readings[0].record
                    if record is not None and record.state.value == "done":
                        return answer
    raise AssertionError(f"no {question} is done in this story")
