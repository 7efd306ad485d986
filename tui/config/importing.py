"""A config made from another program's set-up (the JFrog CLI's). It refers to that program's secrets and holds none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tui.config.environment import server_name, settings_of
from tui.servers.kind import ElsewhereError, FoundServer, ServerKind
from tui.servers.kind import kinds as all_kinds
from tui.settings import TokenSource

HEAD = """\
# scantop's configuration, made from the set-up of {origins}. Each token stays where it is: this file only says where.
# `scantop doctor` tries every server; `scantop config check` reads this file; `scantop config init` shows every key.
"""
WATCH = """
# [[watch]]
# server = "{name}"
# build = "my-build"
# latest = 5                 # the newest five numbers, looked up again as builds come
"""


@dataclass(frozen=True, slots=True)
class Imported:
    """The config's text, the names of the servers in it, and what was left out, in sentences."""

    text: str
    names: tuple[str, ...]
    notes: tuple[str, ...]


def import_text(environ: Mapping[str, str], kinds: Mapping[str, ServerKind] | None = None) -> Imported:
    """The config for every server of every other program that a kind knows; no names where there is none."""
    tables: list[tuple[bool, str, str]] = []
    notes: list[str] = []
    origins: dict[str, None] = {}
    for kind in (all_kinds() if kinds is None else kinds).values():
        try:
            found = kind.elsewhere(environ)
        except ElsewhereError as error:
            notes.append(str(error))
            continue
        for server in found:
            name = _free(server_name(server, kind), {name for _, name, _ in tables})
            settings, fault = settings_of(server, kind, name)
            if settings is None:
                notes.append(f"{server.name!r} of {server.origin} is left out: its URL {fault}")
                continue
            if server.token is None:
                notes.append(f"{server.name!r} of {server.origin} has no token or password, so it is asked without one")
            origins[server.origin] = None
            tables.append((not server.is_default, name, _table(name, kind, settings.url, server)))
    tables.sort(key=lambda entry: entry[0])  # the default one first, the others in their own order
    if not tables:
        return Imported("", (), tuple(notes))
    text = HEAD.format(origins=" and ".join(origins)) + "".join(table for _, _, table in tables)
    return Imported(text + WATCH.format(name=tables[0][1]), tuple(name for _, name, _ in tables), tuple(notes))


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 2
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free


def _table(name: str, kind: ServerKind, url: str, found: FoundServer) -> str:
    header = name if name.replace("-", "").replace("_", "").isalnum() and name.isascii() else _quoted(name)
    values: list[tuple[str, str]] = [("kind", _quoted(kind.name)), ("url", _quoted(url))]
    if found.token is not None:
        values.append(("token", _token(found.token)))
    files: tuple[tuple[str, Path | None], ...] = (
        ("ca_file", found.ca_file),
        ("client_cert", found.client_cert),
        ("client_key", found.client_key),
    )
    values += [(key, _quoted(str(path))) for key, path in files if path is not None]
    note = f"  # the default server of {found.origin}" if found.is_default else ""
    return f"\n[servers.{header}]{note}\n" + "".join(f"{key} = {value}\n" for key, value in values)


def _token(source: TokenSource) -> str:
    return f"{{ {source.how} = {_quoted(source.what[0])} }}"


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's form of a text is one, but for DEL, which TOML wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
