"""Two toy server kinds, so that the config's rules are tested without any real kind."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tui.domain.records import ListQuery
from tui.domain.target import Grammar, Target
from tui.servers.kind import Pasted, ServerKind, WatchForm, WatchFormError
from tui.settings import WatchedList, WatchedTarget, WatchItem


def _read_ship(server: str, table: Mapping[str, object]) -> tuple[WatchItem, ...]:
    name = table["ship"]
    if not isinstance(name, str):
        raise WatchFormError("must be a text", "ship")
    if not isinstance(table.get("voyage"), str):
        raise WatchFormError("voyage is missing")
    return (WatchedTarget(Target(server, "ship", (name, str(table["voyage"]))), str(table.get("label", ""))),)


def _read_tasks(server: str, table: Mapping[str, object]) -> tuple[WatchItem, ...]:
    filters = table["tasks"]
    assert isinstance(filters, Mapping)
    for key in filters:
        if key != "status":
            raise WatchFormError(f"unknown key {key!r}", f"tasks.{key}")
    return (WatchedList(ListQuery(server, "tasks", tuple((k, str(v)) for k, v in filters.items()))),)


def _never(*args: object) -> object:
    raise AssertionError("the configuration opens no client and asks for no panes")


def _recognise_url(text: str) -> tuple[Pasted, ...]:
    if text.startswith("https://") and "/ships/" in text:
        base, _, rest = text.partition("/ships/")
        name, _, voyage = rest.partition("/")
        return (Pasted("ship", (name, voyage), url=base),)
    return ()


def _recognise_answer(text: str) -> tuple[Pasted, ...]:
    if text.startswith('{"tasks":'):
        return tuple(Pasted("task", (number,)) for number in text[9:].strip("[]}").split(","))
    return ()


def _normalise_url(url: str) -> str:
    if "oops" in url:
        raise ValueError("is no harbour")
    return (url if "://" in url else f"https://{url}").rstrip("/").removesuffix("/harbour")


def _check_key(key: str, value: object) -> str:
    return "" if value in ("", "UTC") else f"{value!r} is no time zone"


HARBOUR = ServerKind(
    name="harbour",
    title="Harbour",
    grammars=(Grammar("ship", "harbour", ("name", "voyage"), params=("line",)),),
    environment=("HB_URL", "HB_TOKEN"),
    environment_basic=("HB_USER", "HB_PASSWORD"),
    normalise_url=_normalise_url,
    recognise=_recognise_url,
    watch_forms=(WatchForm("ship", ("ship", "voyage", "label"), _read_ship),),
    open_client=_never,  # type: ignore[arg-type]
    panes=_never,  # type: ignore[arg-type]
    server_keys={"pilots": True},
    default_lists=lambda server: (),
    default_name="hb",
)
DEPOT = ServerKind(
    name="depot",
    title="Depot",
    grammars=(Grammar("task", "depot", ("id",), numeric=("id",)),),
    environment=("DEPOT_URL", "DEPOT_TOKEN"),
    normalise_url=lambda url: url,
    recognise=_recognise_answer,
    watch_forms=(WatchForm("tasks", (), _read_tasks),),
    open_client=_never,  # type: ignore[arg-type]
    panes=_never,  # type: ignore[arg-type]
    server_keys={"timezone": ""},
    default_lists=lambda server: (),
    check_key=_check_key,
)
KINDS = MappingProxyType({"harbour": HARBOUR, "depot": DEPOT})
