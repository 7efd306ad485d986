"""The configuration: one TOML file, or the environment alone, read into `tui.settings`.

Owns the file's shape and every fault's wording. Knows no server kind by name (each brings its own keys), no token, and
no screen. `load` for people, `from_document` for whoever has a document already (the demo).
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType

from tui.config.environment import servers_elsewhere, servers_of
from tui.config.faults import ConfigError, Fault, FaultLog, NoConfigError, nearest
from tui.config.lines import key_lines
from tui.config.servers import read_servers
from tui.config.table import Table
from tui.config.watch import read_watch
from tui.locations import config_file, is_named, theme_names
from tui.servers.kind import ServerKind
from tui.servers.kind import kinds as all_kinds
from tui.settings import (
    ACTIVE_S,
    CONCURRENCY,
    GRACE_S,
    SETTLED_S,
    STUCK_S,
    PollSettings,
    ServerSettings,
    Settings,
    TellRule,
    UiSettings,
    is_loopback,
)

__all__ = ["ConfigError", "Fault", "NoConfigError", "from_document", "load"]

KEYS = ("servers", "watch", "poll", "ui", "read_only", "tell", "quiet")
POLL_KEYS = ("active", "settled", "grace", "concurrency", "stuck")
UI_KEYS = ("theme", "keymap", "ascii", "filters", "forget_after", "notify")
NOTIFY = ("bell", "osc9", "osc777", "off")
FILE_BYTES = 4 * 1024 * 1024  # ten thousand [[watch]] tables are a tenth of it; more is the wrong file
SHORTEST_S = 1.0  # an interval below this is for loopback only: no server of others is to be asked so often
SHORTEST_LOOPBACK_S = 0.02  # fifty times a second: below it the machine would be busy with nothing else
MOST_AT_ONCE = 64  # connections at once to one server
_ERROR_LINE = re.compile(r"\(at line (\d+), column \d+\)")


def load(
    path: str | Path | None, environ: Mapping[str, str], kinds: Mapping[str, ServerKind] | None = None
) -> Settings:
    """Settings of the file at `path` (or SCANTOP_CONFIG's, or the user's own), or of the environment alone.

    A file that names no server is completed by the environment's, and both by the server that another program (the
    JFrog CLI) is set up for, where a kind knows one. Raises `ConfigError`, or `NoConfigError` where there
    is neither a file nor a variable.
    """
    kinds = all_kinds() if kinds is None else kinds
    place = config_file(path, environ)
    from_environment, half_set = servers_of(environ, kinds)
    try:
        text, is_private = _read(place)
    except FileNotFoundError:
        if is_named(path, environ):
            raise ConfigError([Fault("there is no such file", path=place)]) from None
        elsewhere, recent, broken = servers_elsewhere(environ, kinds, from_environment)
        half_set = (*half_set, *broken)
        if from_environment or elsewhere:
            servers = (*from_environment, *elsewhere)
            return Settings(servers=servers, watch=recent, warnings=tuple(str(fault) for fault in half_set))
        raise (ConfigError(half_set) if half_set else _nothing(place, kinds)) from None
    except OSError as error:
        raise ConfigError([Fault(f"cannot be read: {error.strerror or error}", path=place)]) from None
    document = _parse(text, place)
    if not document.get("servers"):
        elsewhere, _, broken = servers_elsewhere(environ, kinds, from_environment)
        from_environment, half_set = (*from_environment, *elsewhere), (*half_set, *broken)
    settings = _of_document(document, kinds, FaultLog(place, key_lines(text)), is_private, from_environment)
    if not settings.servers:
        raise ConfigError(half_set or [Fault("names no server; write a [servers.NAME] table", path=place)])
    return settings


def from_document(
    document: Mapping[str, object], path: Path | None = None, kinds: Mapping[str, ServerKind] | None = None
) -> Settings:
    """Settings of a document that was made, not read: tokens may stand in it, and no line can be told."""
    return _of_document(document, all_kinds() if kinds is None else kinds, FaultLog(path), True)


def _nothing(place: Path, kinds: Mapping[str, ServerKind]) -> NoConfigError:
    variables = " or ".join(f"{kind.environment[0]} and {kind.environment[1]}" for kind in kinds.values())
    text = f"there is no such file, and no {variables} in the environment; `scantop config init` writes one to fill in"
    return NoConfigError([Fault(text, path=place)])


def _read(place: Path) -> tuple[str, bool]:
    with place.open("rb") as file:
        status = os.fstat(file.fileno())
        content = file.read(FILE_BYTES + 1)
    if len(content) > FILE_BYTES:
        raise ConfigError(
            [Fault(f"is larger than {FILE_BYTES // 1024 // 1024} MiB, so it is not a config", path=place)]
        )
    is_mine = status.st_uid in (os.geteuid(), 0)
    is_private = is_mine and not stat.S_IMODE(status.st_mode) & (stat.S_IRWXG | stat.S_IRWXO)
    try:
        return content.decode("utf-8-sig"), is_private
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigError([Fault("is not UTF-8 text", path=place, line=line)]) from None


def _parse(text: str, place: Path) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        words = str(error)
        found = _ERROR_LINE.search(words)
        line = int(found.group(1)) if found else text.count("\n") + 1
        plain = _ERROR_LINE.sub("", words).strip()
        raise ConfigError([Fault(f"is not TOML: {plain[:1].lower()}{plain[1:]}", path=place, line=line)]) from None
    except RecursionError:
        raise ConfigError([Fault("is nested too deeply", path=place)]) from None


def _of_document(
    document: Mapping[str, object],
    kinds: Mapping[str, ServerKind],
    log: FaultLog,
    is_private: bool,
    from_environment: tuple[ServerSettings, ...] = (),
) -> Settings:
    """The settings of a document, on the environment's servers where it names none. Raises `ConfigError`."""
    top = Table(document, (), log)
    top.finish(KEYS)
    tables = top.table("servers")
    servers = read_servers(tables, kinds, is_private) if tables.values else from_environment
    named = frozenset(tables.values) or frozenset(server.name for server in servers)
    watch = read_watch(top.tables("watch"), servers, kinds, named)
    is_all_loopback = all(is_loopback(server.url) for server in servers)
    ui = _ui(top.table("ui"), named)
    settings = Settings(
        servers=servers,
        watch=watch,
        poll=_poll(top.table("poll"), is_all_loopback),
        ui=ui,
        tell=_tell(top, ui.notify, named, is_private),
        read_only=top.boolean("read_only", False),
        path=log.path,
        warnings=tuple(log.warnings),
    )
    if log.faults:
        raise ConfigError(sorted(log.faults, key=lambda fault: fault.line or 0))
    return settings


def _poll(table: Table, is_all_loopback: bool) -> PollSettings:
    table.finish(POLL_KEYS)

    def interval(key: str, default_s: float) -> float:
        seconds = table.duration(key, default_s)
        if not is_all_loopback and seconds < SHORTEST_S:
            table.fault(key, "is under 1s, which is taken only where every server is on this machine")
        elif seconds < SHORTEST_LOOPBACK_S:
            table.fault(key, f"must be at least {SHORTEST_LOOPBACK_S * 1000:.0f}ms")
        return seconds

    return PollSettings(
        active_s=interval("active", ACTIVE_S),
        settled_s=interval("settled", SETTLED_S),
        grace_s=table.duration("grace", GRACE_S),
        concurrency=table.integer("concurrency", CONCURRENCY, 1, MOST_AT_ONCE),
        stuck_s=table.duration("stuck", STUCK_S),
    )


def _ui(table: Table, servers: Collection[str]) -> UiSettings:
    table.finish(UI_KEYS)
    theme = table.text("theme", UiSettings().theme) or UiSettings().theme
    if "theme" in table:
        _check_theme(table, theme)
    keymap = table.texts("keymap")
    if keymap:
        _check_keymap(table, keymap)
    filters = table.texts("filters")
    if filters:
        _check_filters(table, filters, servers)
    notify = table.text("notify", "bell") or "bell"
    if notify not in NOTIFY:
        table.fault("notify", f"{notify!r} is no way to be told; there are: {', '.join(NOTIFY)}")
    return UiSettings(
        theme=theme,
        keymap=MappingProxyType(keymap),
        ascii=table.boolean("ascii", False) if "ascii" in table else None,
        filters=MappingProxyType(filters),
        forget_after_s=table.duration("forget_after", 0.0),
        notify=notify,
    )


def _tell(top: Table, notify: str, servers: Collection[str], is_private: bool) -> tuple[TellRule, ...]:
    """The rules; what reads them is loaded where there are any."""
    if "tell" not in top and "quiet" not in top:
        return ()
    from tui.config.tell import read_quiet, read_tell

    return read_tell(top.tables("tell"), read_quiet(top), notify, servers, is_private)


def _check_theme(table: Table, theme: str) -> None:
    """A theme that is not there would be replaced by the default without a word."""
    names = theme_names()
    if names and theme not in names:
        known = ", ".join(names)
        table.fault("theme", f"{theme!r} is no theme{nearest(theme, names) or f'; there are: {known}'}")


def _check_filters(table: Table, filters: Mapping[str, str], servers: Collection[str]) -> None:
    """A filter that means nothing would show no rows, without a word."""
    from tui.present.query_check import complaints

    for name, text in filters.items():
        if not name.strip() or not name.isprintable():
            table.log.fault((*table.path, "filters", name), "a filter's name must be visible text")
        for complaint in complaints(text, servers):
            table.log.fault((*table.path, "filters", name), complaint)


def _check_keymap(table: Table, own: Mapping[str, str]) -> None:
    """The screen would lose a clashing key, and ignore an unknown command, without a word."""
    from tui.keymap import KeymapError, resolve

    try:
        resolve(own)
    except KeymapError as error:
        table.log.fault((*table.path, "keymap", error.key), str(error))
