"""The one way to change anything: what read-only stops, what stops the rest of several, when clients are opened."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
import zipfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import pytest

from tui.acting import CHANGING, Actor
from tui.domain.acts import (
    ActError,
    Ask,
    ExportProgress,
    Fate,
    JobRequest,
    Outcome,
    ReportRequest,
    RowsPage,
    RowsQuery,
    Scope,
    Suggestions,
)
from tui.domain.problem import Problem, ProblemCode
from tui.domain.target import Target
from tui.exporting import Export, ExportError
from tui.servers.kind import ABILITIES, kinds
from tui.settings import ServerSettings, Settings

PROD = ServerSettings("prod", "xray", "https://xray.test")
TF = ServerSettings("tf", "threadfix", "https://tf.test")
SCA = ServerSettings("sca", "codeinsight", "https://ci.test")
REQUEST = ReportRequest("nightly", Scope("builds", ("app",)), ("secrets", "services", "iac"))
REPORT = Target("prod", "report", ("22",))


class Client:
    """A client with every ability; `outcomes` are what its acts give, one after the other."""

    def __init__(self, *fates: Outcome) -> None:
        self.fates = list(fates)
        self.asked: list[Any] = []
        self.is_closed = False
        self.content = b""
        self.problem: Problem | None = None

    def _next(self, *asked: Any) -> Outcome:
        self.asked.append(asked)
        return self.fates.pop(0) if self.fates else Outcome("x", Fate.DONE, "x", REPORT)

    async def make_report(self, request: ReportRequest, category: str) -> Outcome:
        return self._next("make", category)

    async def delete_report(self, target: Target) -> Outcome:
        return self._next("delete", target)

    async def start_job(self, request: JobRequest) -> Outcome:
        return self._next("start", request)

    async def rows(self, target: Target, query: RowsQuery) -> RowsPage:
        self.asked.append(("rows", query))
        return RowsPage(query, ())

    async def download(
        self, target: Target, form: str, name: str, sink: IO[bytes], progress: Callable[[ExportProgress], None]
    ) -> Problem | None:
        sink.write(self.content)
        progress(ExportProgress(len(self.content)))
        return self.problem

    def suggestible(self) -> tuple[str, ...]:
        return ("build",)

    async def suggest(self, ask: Ask) -> Suggestions:
        self.asked.append(("suggest", ask))
        return Suggestions(ask, is_whole=True)

    async def aclose(self) -> None:
        self.is_closed = True


def act(client: Client, doing: Callable[[Actor], Awaitable[Any]], *servers: ServerSettings, **more: Any) -> Any:
    """Do something with an actor whose every client is this one."""
    opened: list[str] = []
    client.is_closed = False

    async def run() -> Any:
        settings = Settings(servers=servers or (PROD, TF, SCA), **more)

        def opener(name: str) -> Callable[[], Awaitable[Any]]:
            async def open_client() -> Any:
                opened.append(name)
                return client

            return open_client

        async with Actor(settings, kinds(), {one.name: opener(one.name) for one in settings.servers}) as actor:
            found = await doing(actor)
        assert client.is_closed == bool(opened) and len(opened) == len(set(opened))
        return found

    return asyncio.run(run())


ACTS: list[Callable[[Actor], Awaitable[Any]]] = [
    lambda actor: actor.create_report("prod", REQUEST),
    lambda actor: actor.delete_report(REPORT),
    lambda actor: actor.start_job("sca", JobRequest("notices", 3)),
]


@pytest.mark.parametrize("doing", ACTS)
@pytest.mark.parametrize("is_all", [True, False])
def test_read_only_stops_everything_that_changes_something(doing: Any, is_all: bool) -> None:
    servers = (PROD, SCA) if is_all else (replace(PROD, read_only=True), replace(SCA, read_only=True))
    client = Client()
    found = act(client, doing, *servers, read_only=is_all)
    for outcome in found if isinstance(found, tuple) else (found,):
        assert outcome.fate is Fate.REFUSED and "Nothing is changed on" in outcome.text
        assert "this scantop is read-only" in outcome.text if is_all else "read_only = true" in outcome.text
    assert client.asked == []


def test_read_only_stops_no_reading() -> None:
    async def read(actor: Actor) -> tuple[Any, Any]:
        return await actor.rows(REPORT), await actor.suggest("prod", Ask("build"))

    rows, suggestions = act(Client(), read, PROD, read_only=True)
    assert isinstance(rows, RowsPage) and suggestions.problem is None


def test_every_changing_act_is_known() -> None:
    """A new ability must be told to be harmless, or read-only does not cover it."""
    assert set(ABILITIES) - CHANGING == {"report.rows", "report.export", "suggest", "explain"}


def test_who_can_what_and_why_not() -> None:
    async def ask(actor: Actor) -> None:
        assert actor.servers_for("job.start") == ("sca",) and actor.servers_for("suggest") == ("prod", "sca")
        assert actor.why_not("prod", "report.create") == ""
        assert actor.why_not("tf", "report.create") == "tf is a ThreadFix server, which cannot make reports."
        assert actor.why_not("gone", "suggest") == "No server is called 'gone'."

    act(Client(), ask)


def outcome(fate: Fate, code: ProblemCode | None = None) -> Outcome:
    return Outcome("x", fate, "x", problem=None if code is None else Problem(code, "x"))


@pytest.mark.parametrize(
    ("first", "asked"),
    [
        (outcome(Fate.DONE), 3),
        (outcome(Fate.DONE, ProblemCode.TIMEOUT), 3),  # its answer was lost, and it was found
        (outcome(Fate.REFUSED, ProblemCode.BAD_ANSWER), 3),  # this category may be off, another on
        (outcome(Fate.REFUSED, ProblemCode.FORBIDDEN), 1),
        (outcome(Fate.REFUSED, ProblemCode.RATE_LIMITED), 1),
        (outcome(Fate.UNSURE, ProblemCode.TIMEOUT), 1),
    ],
)
def test_what_stops_the_other_categories(first: Outcome, asked: int) -> None:
    client = Client(first)
    outcomes = act(client, lambda actor: actor.create_report("prod", REQUEST))
    assert [category for _, category in client.asked] == list(REQUEST.categories[:asked])
    assert len(outcomes) == 3 and outcomes[0] is first
    assert all("Not asked for" in one.text and one.fate is Fate.REFUSED for one in outcomes[asked:])


@pytest.mark.parametrize(
    "doing",
    [
        lambda actor: actor.create_report("prod", replace(REQUEST, name="")),
        lambda actor: actor.start_job("sca", JobRequest("scan", 3)),
    ],
)
def test_what_cannot_be_meant_is_not_sent(doing: Any) -> None:
    client = Client()
    with pytest.raises(ActError):
        act(client, doing)
    assert client.asked == []


def test_what_is_no_report() -> None:
    build = Target("prod", "build", ("app", "1"))
    client = Client()
    assert act(client, lambda actor: actor.delete_report(build)).text == "prod:build/app/1 is no report."
    assert isinstance(act(client, lambda actor: actor.rows(build)), Problem)
    assert isinstance(act(client, lambda actor: actor.rows(Target("tf", "report", ("1",)))), Problem)


def test_nothing_is_asked_that_a_kind_cannot_complete() -> None:
    client = Client()
    found = act(client, lambda actor: actor.suggest("prod", Ask("project")))
    assert found.is_whole and found.problem is None and client.asked == []
    assert act(client, lambda actor: actor.suggest("tf", Ask("build"))).problem is not None


def archive(content: bytes = b"[]") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as found:
        found.writestr("x.json", content)
    return packed.getvalue()


def test_an_export_is_written_under_the_reports_number(tmp_path: Path) -> None:
    client, seen = Client(), []
    client.content = archive()
    found = act(client, lambda actor: actor.export_report(REPORT, "csv", tmp_path, progress=seen.append))
    assert found == Export(tmp_path / "report-22.csv", 2) and seen == [ExportProgress(len(client.content))]


def test_an_export_that_fails_leaves_nothing(tmp_path: Path) -> None:
    client = Client()
    client.content, client.problem = archive()[:20], Problem(ProblemCode.TIMEOUT, "x")
    assert act(client, lambda actor: actor.export_report(REPORT, "json", tmp_path)) is client.problem
    assert list(tmp_path.iterdir()) == []


def test_an_export_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    place = tmp_path / "x.json"
    place.touch()
    client = Client()
    for form, where in (("xml", tmp_path), ("json", place)):
        with pytest.raises(ExportError):
            act(client, lambda actor, form=form, where=where: actor.export_report(REPORT, form, where))


def test_an_actor_loads_no_http_library_until_it_acts() -> None:
    code = (
        "import sys; from tui.wiring import open_actor; from tui.settings import *; "
        "a = open_actor(Settings((ServerSettings('p', 'xray', 'https://x'),))); a.why_not('p', 'report.create'); "
        "print({'httpx', 'pydantic', 'textual'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.strip() == "set()"
