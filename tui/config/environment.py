"""Servers from the environment alone, for CI: ``JF_URL`` and ``JF_ACCESS_TOKEN`` and their like, as each kind says."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tui.config.faults import Fault
from tui.config.servers import check_url
from tui.servers.kind import ServerKind
from tui.settings import ServerSettings, TokenSource


def servers_of(
    environ: Mapping[str, str], kinds: Mapping[str, ServerKind]
) -> tuple[tuple[ServerSettings, ...], tuple[Fault, ...]]:
    """The servers whose variables are set, and what is wrong with those that are set by half."""
    found: list[ServerSettings] = []
    faults: list[Fault] = []
    for kind in kinds.values():
        url_variable, token_variable = kind.environment
        written = environ.get(url_variable, "").strip()
        if not written:
            continue
        user, token = _credential(environ, kind)
        if token is None:
            basic = (
                f" (or {kind.environment_basic[0]} and {kind.environment_basic[1]})" if kind.environment_basic else ""
            )
            faults.append(Fault(f"is set, but {token_variable}{basic} is not", url_variable))
            continue
        fault, url = check_url(written, kind, allow_http=False)
        if fault:
            faults.append(Fault(fault.replace(", or say allow_http = true for this server", ""), url_variable))
            continue
        found.append(
            ServerSettings(
                name=kind.default_name or kind.name,
                kind=kind.name,
                url=url,
                token=token,
                user=user,
                extra=MappingProxyType(dict(kind.server_keys)),
            )
        )
    return tuple(found), tuple(faults)


def _credential(environ: Mapping[str, str], kind: ServerKind) -> tuple[str | None, TokenSource | None]:
    token_variable = kind.environment[1]
    if environ.get(token_variable, "").strip():
        return None, TokenSource("env", (token_variable,))
    if kind.environment_basic is not None:
        user_variable, password_variable = kind.environment_basic
        user = environ.get(user_variable, "").strip()
        if user and environ.get(password_variable, "").strip():
            return user, TokenSource("env", (password_variable,))
    return None, None
