"""The [[watch]] tables of an Xray server: a build by number or the latest of it, an artifact, a report."""

from __future__ import annotations

from collections.abc import Mapping

from tui.domain.target import Target, quotable
from tui.servers.kind import WatchFormError
from tui.servers.watching import needed_id, number_of, text_of
from tui.servers.xray.paste import recognise
from tui.settings import WatchedLatest, WatchedTarget, WatchItem

LATEST_LIMIT = 100  # numbers of one build that are watched at once; each is polled on its own


def read_build(server: str, table: Mapping[str, object]) -> tuple[WatchItem, ...]:
    """``build`` with ``number``, or with ``latest`` = how many of the newest."""
    name, label = text_of(table, "build"), text_of(table, "label")
    params = _params(table)
    number, latest = text_of(table, "number"), number_of(table, "latest", 1)
    if number and latest is not None:
        raise WatchFormError("number and latest cannot both be set: a build is watched by one of them.", "latest")
    if latest is not None:
        if latest > LATEST_LIMIT:
            raise WatchFormError(f"latest is at most {LATEST_LIMIT}.", "latest")
        return (WatchedLatest(server, name, latest, params, label),)
    if not number:
        raise WatchFormError('a build needs its number, such as number = "1", or latest = 5.', "build")
    return (WatchedTarget(Target(server, "build", (name, number), params), label),)


def read_artifact(server: str, table: Mapping[str, object]) -> tuple[WatchItem, ...]:
    """``artifact`` = repository/path of the file; an Artifactory URL or ``repo/image:tag`` is taken too."""
    text, label = text_of(table, "artifact"), text_of(table, "label")
    pasted = [found for found in recognise(text) if found.kind == "artifact"]
    if pasted:
        parts = pasted[0].parts
    else:
        repo, _, path = text.strip("/").partition("/")
        parts = (repo, path.strip("/"))
    if len(parts) != 2 or not all(parts) or "://" in text:
        raise WatchFormError(
            "artifact must be REPOSITORY/PATH of a file, such as docker-local/app/1.0/manifest.json, "
            f"not {quotable(text)!r}.",
            "artifact",
        )
    return (WatchedTarget(Target(server, "artifact", parts, _params(table), True), label),)


def read_report(server: str, table: Mapping[str, object]) -> tuple[WatchItem, ...]:
    """``report`` = its id."""
    return (WatchedTarget(Target(server, "report", (needed_id(table, "report"),)), text_of(table, "label")),)


def _params(table: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    project = text_of(table, "project")
    return (("project", project),) if project else ()
