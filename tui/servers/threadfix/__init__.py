"""ThreadFix 2.5 to 3.0: the status of pending scans. What the rest of scantop needs to know of the kind.

Cheap to import: the client and the panes are loaded when they are asked for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tui.domain.state import THREADFIX_PIPELINE
from tui.domain.target import Grammar
from tui.servers.addresses import join_base, split_base
from tui.servers.kind import Client, ServerKind, WatchForm
from tui.servers.threadfix.paste import recognise
from tui.servers.threadfix.watching import read_scan

if TYPE_CHECKING:
    from tui.present.spec import PaneSpec
    from tui.servers.http import Http
    from tui.servers.probing import Probes
    from tui.settings import ServerSettings

DEFAULT_CONTEXT = "threadfix"  # Tomcat's context unless the installer chose another
# Stages of scans that were pulled from a provider or are being deleted, which move along other lines.
OTHER_LINES = ("FINISHED_FINDING_PULLING", "SCAN_QUEUED_FOR_DELETE", "SCAN_DELETED")
_VERSION = re.compile(r"latest|legacy|v\d[\d.]*")


def normalise_url(url: str) -> str:
    """The context's base: ``https://h:8443``, ``…/threadfix/`` and ``…/threadfix/rest/latest`` are all
    ``https://h:8443/threadfix``. A server at the root of its host is written ``https://h:8443/rest``.
    """
    origin, segments = split_base(url)
    lower = [segment.lower() for segment in segments]
    if "rest" in lower:
        context = segments[: lower.index("rest")]
        return join_base(origin, context or ["rest"])
    return join_base(origin, segments or [DEFAULT_CONTEXT])


def check_key(key: str, value: object) -> str:
    """What is wrong with `api_version`; "" if nothing is."""
    if key == "api_version" and not (isinstance(value, str) and (not value or _VERSION.fullmatch(value))):
        return f'api_version must be "latest" or a version such as "v2.8.3", not {value!r}'
    return ""


def _open_client(server: ServerSettings, http: Http) -> Client:
    from tui.servers.threadfix.client import ThreadFixClient

    return ThreadFixClient(server, http)


def _open_probes(server: ServerSettings, http: Http) -> Probes:
    from tui.servers.threadfix.probes import open_probes

    return open_probes(server, http)


def _panes() -> tuple[PaneSpec, ...]:
    import importlib

    panes: tuple[PaneSpec, ...] = importlib.import_module("tui.servers.threadfix.panes").panes()
    return panes


KIND = ServerKind(
    name="threadfix",
    title="ThreadFix",
    grammars=(
        Grammar(
            "scan",
            "threadfix",
            ("application", "pending_scan"),
            numeric=("application", "pending_scan"),
            stages=tuple(word.lower() for word in (*THREADFIX_PIPELINE, *OTHER_LINES)),
        ),
    ),
    environment=("THREADFIX_URL", "THREADFIX_API_KEY"),
    normalise_url=normalise_url,
    recognise=recognise,
    watch_forms=(WatchForm("application", ("application", "pending_scan", "label"), read_scan),),
    open_client=_open_client,
    panes=_panes,
    open_probes=_open_probes,
    server_keys={"api_version": "latest"},
    default_lists=lambda server: (),
    default_name="threadfix",
    check_key=check_key,
    abilities=frozenset({"explain"}),
)
