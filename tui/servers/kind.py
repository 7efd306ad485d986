"""What a server kind offers. A kind is one folder here whose package has a `KIND`; no other file knows its name.

This module and each kind's package file are cheap to import: `open_client` and `panes` import what they need late.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from tui.domain.acts import (
        Ask,
        ExportProgress,
        JobRequest,
        Outcome,
        ReportRequest,
        RowsPage,
        RowsQuery,
        Suggestions,
    )
    from tui.domain.evidence import Fact
    from tui.domain.problem import Problem
    from tui.domain.records import Answer, ListQuery, Newest
    from tui.domain.state import State
    from tui.domain.target import Grammar, Target
    from tui.present.spec import PaneSpec
    from tui.servers.http import Http
    from tui.servers.probing import Probes
    from tui.settings import ServerSettings, TokenSource, WatchItem


class Client(Protocol):
    """One server, asked. Failures that can be expected come back as problems in the answer, never as exceptions."""

    async def read(self, targets: Sequence[Target]) -> Answer:
        """One reading a target, in the same order; targets share a batch key (see `ServerKind.batch`)."""
        ...

    async def list(self, query: ListQuery) -> Answer:
        """One page of a list."""
        ...

    async def aclose(self) -> None:
        """Give back the connections."""
        ...


@runtime_checkable
class CanFindLatest(Protocol):
    """A client that can tell the newest of a named thing: what `latest = N` in a [[watch]] table needs."""

    async def latest(self, name: str, count: int, params: Sequence[tuple[str, str]]) -> Newest:
        """The newest `count` targets of that name (of any for ""), newest first. `params` as in `Target.params`."""
        ...


# Abilities to act and to look up. None of them raises for what a server may do, and none asks twice for what changes
# something: where the answer is lost they look whether it happened (`Outcome.look`).


@runtime_checkable
class MakesReports(Protocol):
    """A client that can have an exposures report made."""

    async def make_report(self, request: ReportRequest, category: str) -> Outcome:
        """Have the report of one category made; one request. The outcome's target is the report."""
        ...


@runtime_checkable
class ReadsRows(Protocol):
    """A client that can read the rows of a report."""

    async def rows(self, target: Target, query: RowsQuery) -> RowsPage | Problem:
        """One page of rows, sorted by the server."""
        ...


@runtime_checkable
class ExportsReports(Protocol):
    """A client that can download a report."""

    async def download(
        self, target: Target, form: str, name: str, sink: IO[bytes], progress: Callable[[ExportProgress], None]
    ) -> Problem | None:
        """Write the server's ZIP into `sink` as it comes. `form` is json, csv or pdf, `name` the file's in it."""
        ...


@runtime_checkable
class DeletesReports(Protocol):
    """A client that can delete a report."""

    async def delete_report(self, target: Target) -> Outcome:
        """Delete it for good; one request."""
        ...


@runtime_checkable
class StartsJobs(Protocol):
    """A client that can start a job."""

    async def start_job(self, request: JobRequest) -> Outcome:
        """Start it; one request. The outcome's target is the job."""
        ...


@runtime_checkable
class Suggests(Protocol):
    """A client that can complete what a person types."""

    def suggestible(self) -> tuple[str, ...]:
        """The words of `Ask.what` that it knows."""
        ...

    async def suggest(self, ask: Ask) -> Suggestions:
        """Completions from the server's own lists, bounded in number."""
        ...


@runtime_checkable
class GathersEvidence(Protocol):
    """A client that can find out more of why a target stands where it stands. It only ever reads."""

    async def gather(self, target: Target, state: State) -> tuple[Fact, ...]:
        """What a few further calls tell, each failure as a fact of its own; () where none would help in that state."""
        ...


@dataclass(frozen=True, slots=True)
class Pasted:
    """A target recognised in text that is no address (a URL, an upload answer, an image name).

    `url` is the server's base that the text names, None where it must not or cannot be used to choose the server.
    """

    kind: str
    parts: tuple[str, ...]
    params: tuple[tuple[str, str], ...] = ()
    url: str | None = None


class WatchFormError(ValueError):
    """A [[watch]] table that its kind cannot read; one sentence, and the key it is about in `key`."""

    def __init__(self, text: str, key: str | None = None) -> None:
        super().__init__(text)
        self.key = key


@dataclass(frozen=True, slots=True)
class WatchForm:
    """One form of a [[watch]] table, chosen by its `marker` key, e.g. ``build``. `keys` are all that it takes.

    `read(server, table)` gives the items; it raises `WatchFormError`.
    """

    marker: str
    keys: tuple[str, ...]
    read: Callable[[str, Mapping[str, object]], tuple[WatchItem, ...]]


class ElsewhereError(ValueError):
    """Another program's set-up is there but cannot be used; one sentence."""


@dataclass(frozen=True, slots=True)
class FoundServer:
    """A server that another program on this machine is set up for. `token` says where its secret is, never what.

    `is_default`: the one that the other program uses unless it is told; `origin` names that program.
    """

    name: str
    url: str
    token: TokenSource | None
    is_default: bool
    origin: str
    recent: int = 0  # how many of its newest things, of any name, to watch where nothing else is
    client_cert: Path | None = None
    client_key: Path | None = None
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class ServerKind:
    """Everything that the rest of scantop needs to know of one kind of server.

    `environment` names the two variables (URL, token) that are enough for one such server. `server_keys` are the kind's
    own keys of a [servers.NAME] table with their defaults (the default's type is the key's type). `default_lists` are
    the lists that are polled unless the config says otherwise. `batch(target)` is the same text for targets that one
    request answers for, None where each needs its own.
    """

    name: str
    title: str
    grammars: tuple[Grammar, ...]
    environment: tuple[str, str]
    normalise_url: Callable[[str], str]
    recognise: Callable[[str], tuple[Pasted, ...]]
    watch_forms: tuple[WatchForm, ...]
    open_client: Callable[[ServerSettings, Http], Client]
    panes: Callable[[], tuple[PaneSpec, ...]]
    server_keys: Mapping[str, object]
    default_lists: Callable[[str], tuple[ListQuery, ...]]
    batch: Callable[[Target], str | None] = lambda target: None
    default_name: str = ""  # the server's name when it comes from the environment alone
    environment_basic: tuple[str, str] | None = None  # variables of user and password, taken where the token's is unset
    check_key: Callable[[str, object], str] = lambda key, value: ""  # what is wrong with a value of `server_keys`
    # Servers of this kind in another program's set-up; raises `ElsewhereError` where that is broken.
    elsewhere: Callable[[Mapping[str, str]], tuple[FoundServer, ...]] = lambda environ: ()
    open_probes: Callable[[ServerSettings, Http], Probes] | None = None  # what `scantop doctor` asks
    abilities: frozenset[str] = frozenset()  # of `ABILITIES`: what its client can, known before one is opened


# What an act is called, and what a client needs for it.
ABILITIES: Mapping[str, type] = MappingProxyType(
    {
        "report.create": MakesReports,
        "report.rows": ReadsRows,
        "report.export": ExportsReports,
        "report.delete": DeletesReports,
        "job.start": StartsJobs,
        "suggest": Suggests,
        "explain": GathersEvidence,
    }
)


def kinds() -> dict[str, ServerKind]:
    """Every kind found below this package, by name."""
    import tui.servers as package

    found: dict[str, ServerKind] = {}
    for module in pkgutil.iter_modules(package.__path__):
        if module.ispkg:
            kind = getattr(importlib.import_module(f"{package.__name__}.{module.name}"), "KIND", None)
            if isinstance(kind, ServerKind):
                found[kind.name] = kind
    return found


def grammars() -> tuple[Grammar, ...]:
    """The address forms of all kinds."""
    return tuple(grammar for kind in kinds().values() for grammar in kind.grammars)
