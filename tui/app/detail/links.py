"""What a target has to do with: reports about it, jobs that hold it up. Pure: entries in, entries and lines out.

Judged from what the store knows, which are the watched targets and the pages of the lists; so it says "known".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache

from tui.app.detail.context import OPEN, DetailContext, flowed, heading, pad
from tui.app.line import Line, Piece, width_of
from tui.domain.records import Fields
from tui.domain.snapshot import Entry
from tui.domain.state import State
from tui.present.format import age, percent
from tui.present.safe import clean

LINKS_SHOWN = 20
NAME_CELLS = 40
SCANNED = frozenset({"build", "artifact"})
# Jobs that hold every other one of their server up (source: the vendor's manual on the impact of both on other jobs).
BLOCKING_TYPES = ("pdl update", "library refresh")
# A report about repositories fits an artifact, one about builds a build. Source: Xray's "resources" of a report.
_SCOPES = {"build": "builds", "artifact": "repositories"}
_NAME_AT_LEAST = 3  # characters of a target's name that say something within a report's name


def wants(entry: Entry) -> str:
    """The kind of targets on its server that an entry may link to; "" for none."""
    if entry.target.kind in SCANNED:
        return "report"
    return "job" if entry.target.kind == "job" and entry.state is State.WAITING else ""


def related(entry: Entry, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries that this one links to, the newest first."""
    kind, server = wants(entry), entry.target.server
    if not kind:
        return ()
    fits = _holds_up if kind == "job" else _is_about
    found = [
        other
        for other in entries
        if other.target.kind == kind and other.target.server == server and other.key != entry.key and fits(other, entry)
    ]
    return tuple(sorted(found, key=lambda other: (len(other.target.parts[-1]), other.target.parts[-1]), reverse=True))


def _holds_up(other: Entry, entry: Entry) -> bool:
    if other.state is not State.RUNNING or other.record is None or entry.record is None:
        return False
    kind = other.record.detail.text("type").casefold().replace("_", " ").replace("-", " ")
    if kind.startswith(BLOCKING_TYPES):
        return True
    project = _project(other)
    return project != "" and project == _project(entry)


def _project(entry: Entry) -> str:
    project = entry.record.detail.get("project") if entry.record is not None else None
    return (project.text("id") or project.text("name")) if isinstance(project, Fields) else ""


def _is_about(report: Entry, entry: Entry) -> bool:
    if report.record is None:
        return False
    target = entry.target
    scope, names = scope_of(report.record.raw)
    if scope == _SCOPES[target.kind] and target.parts[0] in names:
        return True
    if scope == "projects" and target.param("project") in names:
        return True
    words = [target.parts[0]]
    if target.kind == "artifact":
        words.append(target.parts[-1].partition("/")[0])
    told = report.record.name.casefold()
    return any(len(word) >= _NAME_AT_LEAST and word.casefold() in told for word in words)


@lru_cache(maxsize=256)  # the reports of some pages
def scope_of(raw: str) -> tuple[str, tuple[str, ...]]:
    """What a report is about, by its raw answer: the kind of things and their names; ("", ()) where it does not say.

    Source: Xray's "resources": ``{"repositories": [{"name": …}]}``, ``{"builds": {"names": […]}}``; projects have keys.
    """
    try:
        resources = json.loads(raw).get("resources")
        told = {kind: value for kind, value in resources.items() if value}
    except (ValueError, RecursionError, AttributeError):
        return "", ()
    for kind, value in told.items():
        items = value
        if isinstance(value, dict):
            items = value.get("names") or value.get("keys") or value.get("include_key_patterns") or []
        if isinstance(items, list):
            names = (item.get("name") if isinstance(item, dict) else item for item in items)
            found = tuple(name for name in names if isinstance(name, str))
            if found:
                return kind, found
    return "", ()


def report_links(entry: Entry, context: DetailContext, width: int) -> Iterator[Line]:
    """The exposures reports about a build or artifact."""
    if entry.target.kind not in SCANNED or not context.related:
        return
    yield heading("Exposures reports about it", "Enter opens one")
    yield from _links(context, width)


def blocking_links(entry: Entry, context: DetailContext, width: int) -> Iterator[Line]:
    """The jobs that a waiting job waits for."""
    if entry.target.kind != "job" or not context.related or entry.state is not State.WAITING:
        return
    yield heading("Held up by", "active jobs that are known; Enter opens one")
    yield from _links(context, width)


def _links(context: DetailContext, width: int) -> Iterator[Line]:
    shown = context.related[:LINKS_SHOWN]
    names = [clean(f"{one.target.parts[-1]}  {_words(one)}", min(NAME_CELLS, max(10, width - 24))) for one in shown]
    size = max(width_of((Piece(name),)) for name in names)
    for one, name in zip(shown, names, strict=True):
        aged = age((context.now - one.since_at).total_seconds()) if one.since_at is not None else ""
        progress = one.record.detail.get("progress") if one.record is not None else None
        done = percent(progress) if isinstance(progress, int | float) and one.state is State.RUNNING else ""
        line = (
            Piece(f"  {context.signs.glyphs.of(one.state)} ", one.state.value),
            Piece(pad(name, size + 2), "accent", OPEN + one.key),
            Piece(one.state.word, one.state.value),
            Piece(f" {done}" if done else ""),
            Piece(f" for {aged}" if aged else "", "dim"),
        )
        yield from flowed(line, width)
    if len(context.related) > LINKS_SHOWN:
        yield (Piece(f"  and {len(context.related) - LINKS_SHOWN} more", "dim"),)


def _words(entry: Entry) -> str:
    """What a link says beside the number: a report's name and category, a job's type and project."""
    if entry.record is None:
        return entry.name
    detail = entry.record.detail
    if entry.target.kind == "report":
        category = detail.text("category")
        return f"{entry.name} ({category})" if category else entry.name
    project = detail.get("project")
    named = (project.text("name") or project.text("id")) if isinstance(project, Fields) else ""
    return " ".join(part for part in (detail.text("type"), named) if part)
