"""Xray servers in the JFrog CLI's set-up, for whoever has `jf` and has not set up scantop. Reads no token."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from tui.servers.kind import ElsewhereError, FoundServer
from tui.settings import TokenSource

ORIGIN = "the JFrog CLI"
RECENT_BUILDS = 10  # enough to see one's own, and few enough to ask for on a busy platform


def find(environ: Mapping[str, str]) -> tuple[FoundServer, ...]:
    """Every server of the JFrog CLI that has a URL, the default one marked; none where `jf` is not set up.

    Raises `ElsewhereError` where its configuration is there but broken.
    """
    from tui.jfrog import NoJfrogConfig, certificates, default_server, read_servers
    from tui.secrets import SecretError

    try:
        servers = read_servers(environ)
    except NoJfrogConfig:
        return ()
    except SecretError as error:
        raise ElsewhereError(str(error)) from None
    try:
        chosen = default_server(environ).id
    except SecretError as error:
        if environ.get("JFROG_CLI_SERVER_ID", "").strip():
            raise ElsewhereError(str(error)) from None
        chosen = None  # several and no default one: there is nothing to guess
    folder = certificates(environ)
    return tuple(
        FoundServer(
            name=server.id,
            url=server.url,
            token=TokenSource("jfrog_cli", (server.id,)) if server.has_token else None,
            is_default=server.id == chosen,
            origin=ORIGIN,
            recent=RECENT_BUILDS,
            client_cert=_path(server.client_cert),
            client_key=_path(server.client_key) if server.client_cert else None,
            ca_file=folder,
        )
        for server in servers
        if server.url
    )


def _path(text: str) -> Path | None:
    return Path(os.path.expanduser(text)) if text else None
