"""Completion from Xray's lists (builds, numbers, repositories, artifacts); Artifactory's lists are the fallback.

Source: JFrog's REST reference, "Scans List" (Xray, Read permission, indexed resources only) and "Build Info"
(Artifactory). Everything is bounded: a list is for a person who types, not for an inventory.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import unquote

from tui.domain.acts import Ask, Suggestion, Suggestions
from tui.domain.problem import Problem, ProblemCode
from tui.domain.records import Newest
from tui.servers.errors import ServerError
from tui.servers.http import Http
from tui.servers.suggesting import ranked
from tui.servers.wire import BadWire, Model, read_wire
from tui.servers.xray.wire import ArtifactWire, BuildNameWire, PartWire, RepositoryWire

API = "/xray/api/v1"
PART = 100  # rows a request
MOST_PARTS = 4  # requests at most for one look-up
# Where Xray's list cannot be read, Artifactory's may be: another permission, or an Xray too old to have it.
_ELSEWHERE = frozenset({ProblemCode.FORBIDDEN, ProblemCode.MISSING})


class LookupCalls:
    """The part of an Xray client that completes what a person types."""

    _http: Http

    async def latest(self, name: str, count: int, params: Sequence[tuple[str, str]]) -> Newest:
        """The newest numbers of a build."""
        raise NotImplementedError

    def suggestible(self) -> tuple[str, ...]:
        """What can be completed here."""
        return ("build", "number", "repository", "artifact")

    async def suggest(self, ask: Ask) -> Suggestions:
        """Completions; what begins with the prefix first, then what holds it."""
        try:
            match ask.what:
                case "build":
                    found, is_whole = await self._builds(ask)
                case "number":
                    return await self._numbers(ask)
                case "repository":
                    found, is_whole = await self._repositories()
                case "artifact":
                    found, is_whole = await self._artifacts(ask)
                case _:
                    found, is_whole = [], True
        except ServerError as error:
            return Suggestions(ask, problem=error.problem)
        except BadWire as error:
            text = f"The answer of {self._http.host} {error}."
            return Suggestions(ask, problem=Problem(ProblemCode.BAD_ANSWER, text))
        return ranked(ask, found, is_whole=is_whole)

    async def _parts(self, path: str, params: tuple[tuple[str, str], ...]) -> tuple[list[object], bool]:
        """The rows of a list and whether these are all, asked for part by part. Raises `ServerError`, `BadWire`."""
        rows: list[object] = []
        offset = 0
        for _ in range(MOST_PARTS):
            asked = (*params, ("num_of_rows", str(PART)), ("offset", str(offset)))
            answer = await self._http.request("GET", path, params=asked)
            wire = PartWire(data=answer.body) if isinstance(answer.body, list) else read_wire(PartWire, answer.body)
            part = wire.rows or []
            rows += part
            if not part or wire.offset is None or wire.offset <= offset:  # -1, or a server that does not part it
                return rows, True
            offset = wire.offset
        return rows, False

    async def _builds(self, ask: Ask) -> tuple[list[Suggestion], bool]:
        params = (("order_by", "updated_at"), ("direction", "desc"), ("search", ask.prefix))
        try:
            rows, is_whole = await self._parts(f"{API}/builds", params if ask.prefix else params[:2])
        except ServerError as error:
            if error.problem.code not in _ELSEWHERE:
                raise
            return await self._artifactory_builds(ask), True
        wanted = f"{ask.project}-build-info" if ask.project else None
        found = []
        for wire in _read_all(BuildNameWire, rows):
            if wire.name and wanted in (None, wire.build_repository):
                found.append(Suggestion(wire.name, f"latest {wire.latest_version}" if wire.latest_version else ""))
        return found, is_whole

    async def _artifactory_builds(self, ask: Ask) -> list[Suggestion]:
        params = (("project", ask.project),) if ask.project else ()
        try:
            answer = await self._http.request("GET", "/artifactory/api/build", params=params)
        except ServerError as error:
            if error.problem.code is ProblemCode.MISSING:  # its way to say that there are none
                return []
            raise
        builds = answer.body.get("builds") if isinstance(answer.body, dict) else None
        told = [
            (str(row.get("lastStarted") or ""), unquote(row["uri"].removeprefix("/")))
            for row in (builds if isinstance(builds, list) else ())
            if isinstance(row, dict) and isinstance(row.get("uri"), str)
        ]
        return [Suggestion(name) for _, name in sorted(told, reverse=True) if name]

    async def _numbers(self, ask: Ask) -> Suggestions:
        params = (("project", ask.project),) if ask.project else ()
        newest = await self.latest(ask.within, PART * MOST_PARTS, params)
        if newest.problem is not None:
            return Suggestions(ask, problem=newest.problem)
        found = [Suggestion(target.parts[1]) for target in newest.targets]
        return ranked(ask, found, is_whole=len(found) < PART * MOST_PARTS)

    async def _repositories(self) -> tuple[list[Suggestion], bool]:
        try:
            rows, is_whole = await self._parts(f"{API}/repos", ())
        except ServerError as error:
            if error.problem.code not in _ELSEWHERE:
                raise
            answer = await self._http.request("GET", "/artifactory/api/repositories")
            rows, is_whole = (answer.body if isinstance(answer.body, list) else []), True
        found = []
        for wire in _read_all(RepositoryWire, rows):
            name = wire.repo or wire.key
            if name:
                found.append(Suggestion(name, (wire.package_type or "").lower()))
        return found, is_whole

    async def _artifacts(self, ask: Ask) -> tuple[list[Suggestion], bool]:
        params = (("repo", ask.within), ("order_by", "created"), ("direction", "desc"))
        searched = (*params, ("search", ask.prefix)) if ask.prefix else params
        rows, is_whole = await self._parts(f"{API}/artifacts", searched)
        if not rows and ask.prefix:  # what its search looks at is not documented: a path's beginning may find nothing
            rows, is_whole = await self._parts(f"{API}/artifacts", params)
        found = []
        for wire in _read_all(ArtifactWire, rows):
            path = (wire.repo_full_path or wire.repo_path or "").removeprefix(f"{ask.within}/").lstrip("/")
            if path:
                found.append(Suggestion(path, wire.version or ""))
        return found, is_whole


def _read_all(model: type[Model], rows: Iterable[object]) -> Iterator[Model]:
    """Every row that can be read; a list for completion is no place to complain about the others."""
    for row in rows:
        with contextlib.suppress(BadWire):
            yield read_wire(model, row)
