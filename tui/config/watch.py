"""The [[watch]] tables: each in a form that its server's kind knows, or a plain address. Knows no kind by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import time

from tui.config.faults import nearest
from tui.config.table import Table, describe
from tui.domain.deadline import Deadline
from tui.domain.target import AddressError, parse_address
from tui.servers.kind import ServerKind, WatchForm, WatchFormError
from tui.settings import ServerSettings, WatchedList, WatchedTarget, WatchItem

DUE_KEYS = ("deadline", "by")  # of every watch, whatever its kind
ADDRESS_KEYS = ("target", "server", "label", *DUE_KEYS)


def read_watch(
    tables: Sequence[Table], servers: Sequence[ServerSettings], kinds: Mapping[str, ServerKind], named: frozenset[str]
) -> tuple[WatchItem, ...]:
    """All that is to be watched, in the file's order, nothing twice.

    `named` are the names of all [servers] tables, the faulty ones too: a [[watch]] of those is not a second fault.
    """
    found: list[WatchItem] = []
    seen: set[str] = set()
    for table in tables:
        deadline = _deadline(table)
        for found_item in _items(table, servers, kinds, named):
            item = _due(found_item, deadline, table)
            key = _key(item)
            if key in seen:
                table.warn("", f"{key} is watched already")
                continue
            seen.add(key)
            found.append(item)
    return tuple(found)


def _key(item: WatchItem) -> str:
    if isinstance(item, WatchedTarget):
        return item.target.key
    if isinstance(item, WatchedList):
        return item.query.key
    return f"the newest of {item.server}:{item.name}" + "".join(f"?{name}={value}" for name, value in item.params)


def _deadline(table: Table) -> Deadline | None:
    """When the table's targets are due. TOML has times of day of its own, which are taken too."""
    texts: dict[str, str] = {}
    for key in DUE_KEYS:
        value = table.values.get(key, "")
        text = f"{value:%H:%M}" if isinstance(value, time) else value
        if not isinstance(text, str):
            table.fault(key, f"must be a text such as {'45m' if key == 'deadline' else '17:30'}, not {describe(value)}")
            return None
        if key in table:
            texts[key] = text
    if not texts:
        return None
    from tui.deadlines import read_deadline  # few have one, and the first picture waits for what is loaded here

    try:
        return read_deadline(texts.get("deadline"), texts.get("by"))
    except ValueError as error:
        table.fault(error.args[1], error.args[0])
        return None


def _due(item: WatchItem, deadline: Deadline | None, table: Table) -> WatchItem:
    if deadline is None:
        return item
    if isinstance(item, WatchedList):
        key = "by" if deadline.by is not None else "deadline"
        table.fault(key, "a list has no deadline; give one to a watch of its own for each target")
        return item
    return replace(item, deadline=deadline)


def _items(
    table: Table, servers: Sequence[ServerSettings], kinds: Mapping[str, ServerKind], named: frozenset[str]
) -> tuple[WatchItem, ...]:
    if "target" in table:
        return _address(table, servers, kinds, named)
    server = _server(table, servers, kinds, named)
    if server is None:
        return ()
    forms = kinds[server.kind].watch_forms
    chosen = [form for form in forms if form.marker in table]
    if len(chosen) != 1:
        _no_form(table, server, forms, chosen)
        return ()
    form = chosen[0]
    table.finish({"server", "label", form.marker, *form.keys, *DUE_KEYS})
    inner = {key: value for key, value in table.values.items() if key not in ("server", *DUE_KEYS)}
    try:
        return form.read(server.name, inner)
    except WatchFormError as error:
        table.fault(error.key or form.marker, str(error))
    except AddressError as error:
        table.fault(form.marker, str(error))
    return ()


def _address(
    table: Table, servers: Sequence[ServerSettings], kinds: Mapping[str, ServerKind], named: frozenset[str]
) -> tuple[WatchItem, ...]:
    table.finish(ADDRESS_KEYS)
    text = table.text("target", "prod:build/my-build/1")
    label = table.text("label") or ""
    prefix = table.text("server")
    if text is None:
        return ()
    address = f"{prefix}:{text}" if prefix else text
    if address.partition(":")[0] in named - {server.name for server in servers}:
        return ()
    grammars = [grammar for kind in kinds.values() for grammar in kind.grammars]
    try:
        target = parse_address(address, grammars, {server.name: server.kind for server in servers})
    except AddressError as error:
        table.fault("target", str(error))
        return ()
    return (WatchedTarget(target, label),)


def _server(
    table: Table, servers: Sequence[ServerSettings], kinds: Mapping[str, ServerKind], named: frozenset[str]
) -> ServerSettings | None:
    by_name = {server.name: server for server in servers}
    if "server" not in table:
        fitting = [server for server in servers if any(form.marker in table for form in kinds[server.kind].watch_forms)]
        if len(fitting) == 1:
            return fitting[0]
        known = ", ".join(server.name for server in fitting or servers) or "none is configured"
        if not named or servers:
            table.fault("", f"the key server is missing (one of: {known})")
        return None
    name = table.text("server")
    if name is None or name in by_name:
        return None if name is None else by_name[name]
    if name not in named:
        known = ", ".join(named) or "none"
        table.fault("server", f"no server is called {name!r}{nearest(name, named) or f'; there are: {known}'}")
    return None


def _no_form(table: Table, server: ServerSettings, forms: Sequence[WatchForm], chosen: Sequence[WatchForm]) -> None:
    markers = [form.marker for form in forms]
    if len(chosen) > 1:
        both = " and ".join(form.marker for form in chosen)
        table.fault(chosen[1].marker, f"{both} cannot be watched by one table; write two")
        return
    known = {"server", "label", "target", *DUE_KEYS, *(key for form in forms for key in (form.marker, *form.keys))}
    table.finish(known)
    table.fault("", f"does not say what to watch; a {server.kind} server takes one of: target, {', '.join(markers)}")
