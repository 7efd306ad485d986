"""JFrog Xray: build and artifact scan status, exposures reports. What the rest of scantop needs to know of the kind.

Cheap to import: the client and the panes are loaded when they are asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tui.domain.records import CATEGORIES, STAGES, ListQuery
from tui.domain.target import Grammar, Target
from tui.servers.addresses import cut_at, join_base, split_base
from tui.servers.kind import Client, FoundServer, ServerKind, WatchForm
from tui.servers.xray.paste import recognise
from tui.servers.xray.watching import read_artifact, read_build, read_report

if TYPE_CHECKING:
    from tui.present.spec import PaneSpec
    from tui.servers.http import Http
    from tui.servers.probing import Probes
    from tui.settings import ServerSettings

# Where a pasted platform URL ends and a product, or its web pages, begins.
_PRODUCTS = frozenset({"xray", "artifactory", "access", "ui", "distribution", "router"})


def normalise_url(url: str) -> str:
    """The platform's base of any URL of it: ``https://acme.jfrog.io/artifactory/`` → ``https://acme.jfrog.io``."""
    origin, segments = split_base(url)
    return join_base(origin, cut_at(segments, _PRODUCTS))


def batch(target: Target) -> str | None:
    """One list call answers for all reports; a build or an artifact needs its own."""
    return "reports" if target.kind == "report" else None


def _open_client(server: ServerSettings, http: Http) -> Client:
    from tui.servers.xray.client import XrayClient

    return XrayClient(server, http)


def _elsewhere(environ: Mapping[str, str]) -> tuple[FoundServer, ...]:
    from tui.servers.xray.elsewhere import find

    return find(environ)


def _open_probes(server: ServerSettings, http: Http) -> Probes:
    from tui.servers.xray.probes import open_probes

    return open_probes(server, http)


def _panes() -> tuple[PaneSpec, ...]:
    import importlib

    panes: tuple[PaneSpec, ...] = importlib.import_module("tui.servers.xray.panes").panes()
    return panes


KIND = ServerKind(
    name="xray",
    title="JFrog Xray",
    grammars=(
        Grammar("build", "xray", ("name", "number"), params=("project",), stages=(*STAGES, *CATEGORIES)),
        Grammar(
            "artifact",
            "xray",
            ("repo", "path"),
            has_rest=True,
            params=("project",),
            stages=(*STAGES, *CATEGORIES),
        ),
        Grammar("report", "xray", ("id",), numeric=("id",)),
    ),
    environment=("JF_URL", "JF_ACCESS_TOKEN"),
    environment_basic=("JF_USER", "JF_PASSWORD"),
    normalise_url=normalise_url,
    recognise=recognise,
    watch_forms=(
        WatchForm("build", ("build", "number", "latest", "project", "label"), read_build),
        WatchForm("artifact", ("artifact", "project", "label"), read_artifact),
        WatchForm("report", ("report", "label"), read_report),
    ),
    open_client=_open_client,
    panes=_panes,
    server_keys={"reports": True},
    default_lists=lambda server: (ListQuery(server, "reports", limit=25),),
    batch=batch,
    elsewhere=_elsewhere,
    open_probes=_open_probes,
    default_name="xray",
    abilities=frozenset({"report.create", "report.rows", "report.export", "report.delete", "suggest", "explain"}),
)
