"""Servers without a config file: from the environment (``JF_URL`` and their like), or another program's set-up (`jf`).

Which variables and which programs these are, each kind says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from tui.config.faults import Fault
from tui.config.servers import check_url
from tui.domain.target import split_server
from tui.servers.kind import ElsewhereError, FoundServer, ServerKind
from tui.settings import ServerSettings, TokenSource, WatchedLatest, WatchItem


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


def servers_elsewhere(
    environ: Mapping[str, str], kinds: Mapping[str, ServerKind], taken: Iterable[ServerSettings] = ()
) -> tuple[tuple[ServerSettings, ...], tuple[WatchItem, ...], tuple[Fault, ...]]:
    """The default server of another program's set-up for every kind that the environment does not name.

    With what is watched on them where nobody says what to watch; the faults say why one cannot be used.
    """
    watch: list[WatchItem] = []
    found: list[ServerSettings] = []
    faults: list[Fault] = []
    known = {server.kind for server in taken}
    names = {server.name for server in taken}
    for kind in kinds.values():
        if kind.name in known or environ.get(kind.environment[0], "").strip():
            continue
        try:
            others = [server for server in kind.elsewhere(environ) if server.is_default]
        except ElsewhereError as error:
            faults.append(Fault(str(error)))
            continue
        for other in others[:1]:
            name = server_name(other, kind)
            settings, fault = settings_of(other, kind, kind.default_name if name in names else name)
            if settings is None:
                faults.append(Fault(f"{other.name!r} of {other.origin} cannot be used: its URL {fault}"))
            else:
                found.append(settings)
                names.add(settings.name)
                if other.recent:
                    watch.append(WatchedLatest(settings.name, "", other.recent))
    return tuple(found), tuple(watch), tuple(faults)


def server_name(found: FoundServer, kind: ServerKind) -> str:
    """What a server of another program's set-up is called here: as there, if that can stand in an address."""
    return found.name if split_server(f"{found.name}:")[0] == found.name else kind.default_name or kind.name


def settings_of(found: FoundServer, kind: ServerKind, name: str) -> tuple[ServerSettings | None, str]:
    """The settings for such a server, or None and what is wrong with its URL."""
    fault, url = check_url(found.url, kind, allow_http=False)
    if fault:
        return None, fault.replace(", or say allow_http = true for this server", "")
    settings = ServerSettings(
        name=name,
        kind=kind.name,
        url=url,
        token=found.token,
        client_cert=found.client_cert,
        client_key=found.client_key,
        ca_file=found.ca_file,
        extra=MappingProxyType(dict(kind.server_keys)),
    )
    return settings, ""


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
