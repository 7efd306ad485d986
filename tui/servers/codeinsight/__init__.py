"""Revenera Code Insight: its queue of jobs. What the rest of scantop needs to know of the kind.

Cheap to import: the client and the panes are loaded when they are asked for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tui.domain.records import ListQuery
from tui.domain.target import Grammar
from tui.servers.addresses import cut_at, join_base, split_base
from tui.servers.codeinsight.watching import read_job, read_jobs
from tui.servers.kind import Client, Pasted, ServerKind, WatchForm

if TYPE_CHECKING:
    from tui.present.spec import PaneSpec
    from tui.servers.http import Http
    from tui.servers.probing import Probes
    from tui.settings import ServerSettings

_JOB = re.compile(r"(https?://\S{1,2000}?)/codeinsight/api/jobs/(\d{1,19})/?", re.ASCII)


def normalise_url(url: str) -> str:
    """The origin of any URL of it: ``http://h:8888/codeinsight/api/`` → ``http://h:8888``."""
    origin, segments = split_base(url)
    return join_base(origin, cut_at(segments, frozenset({"codeinsight"})))


def recognise(text: str) -> tuple[Pasted, ...]:
    """The job that an API URL means; () for anything else."""
    found = _JOB.fullmatch(text.strip()) if len(text) < 4096 else None
    if found is None:
        return ()
    try:
        return (Pasted("job", (str(int(found.group(2))),), (), normalise_url(found.group(1))),)
    except ValueError:
        return ()


def check_key(key: str, value: object) -> str:
    """What is wrong with `timezone`; "" if nothing is."""
    if key != "timezone" or not isinstance(value, str):
        return ""
    from tui.servers.times import zone_of

    try:
        zone_of(value)
    except ValueError as error:
        return str(error)
    return ""


def _open_client(server: ServerSettings, http: Http) -> Client:
    from tui.servers.codeinsight.client import CodeInsightClient

    return CodeInsightClient(server, http)


def _open_probes(server: ServerSettings, http: Http) -> Probes:
    from tui.servers.codeinsight.probes import open_probes

    return open_probes(server, http)


def _panes() -> tuple[PaneSpec, ...]:
    import importlib

    panes: tuple[PaneSpec, ...] = importlib.import_module("tui.servers.codeinsight.panes").panes()
    return panes


KIND = ServerKind(
    name="codeinsight",
    title="Code Insight",
    grammars=(Grammar("job", "codeinsight", ("id",), numeric=("id",)),),
    environment=("CODEINSIGHT_URL", "CODEINSIGHT_TOKEN"),
    normalise_url=normalise_url,
    recognise=recognise,
    watch_forms=(WatchForm("jobs", ("jobs", "label"), read_jobs), WatchForm("job", ("job", "label"), read_job)),
    open_client=_open_client,
    panes=_panes,
    open_probes=_open_probes,
    server_keys={"timezone": ""},
    default_lists=lambda server: (ListQuery(server, "jobs", limit=25),),
    default_name="codeinsight",
    abilities=frozenset({"job.start", "suggest", "explain"}),
    check_key=check_key,
)
