"""What a JFrog platform can tell beside a scan's status: whether a thing exists, and whether it is to be indexed.

Reads only. Sources: JFrog's REST reference for the lists of builds and repositories (Artifactory), the scans list
(Xray, Read), the list of what is indexed (``binMgr``; administrators only), and the list of reports.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from urllib.parse import quote, unquote

from tui.domain.evidence import Fact, Question
from tui.domain.problem import Problem, ProblemCode
from tui.domain.state import State
from tui.domain.target import Target
from tui.servers.errors import ServerError
from tui.servers.http import Http, HttpAnswer

API = "/xray/api/v1"
INDEXED = f"{API}/binMgr/default"
REPOSITORIES_READ = 1000  # rows of the scans list; where it has more, "not in it" is not told
CACHE = "-cache"  # after the name of a remote repository: where its files lie; lists have it without
_REPORTS = (("direction", "desc"), ("page_num", "1"), ("num_of_rows", "1"), ("order_by", "start_time"))
_UNSCANNED = frozenset({State.WAITING, State.MISSING, State.NOT_SCANNED, State.UNKNOWN})
_TYPED = frozenset({State.UNSUPPORTED, State.PARTIAL, State.DONE})  # states in which stages may be unsupported


class EvidenceCalls:
    """The part of an Xray client that gathers evidence."""

    _http: Http

    async def gather(self, target: Target, state: State) -> tuple[Fact, ...]:
        """At most three calls, at once."""
        calls: list[Awaitable[Fact]] = []
        if target.kind == "build" and state in _UNSCANNED:
            calls = [self._build_listed(target), self._build_indexed(target)]
        elif target.kind == "artifact" and state in _UNSCANNED:
            calls = [
                self._repository_listed(target),
                self._repository_indexed(target),
                self._repository_scanned(target),
            ]
        elif target.kind == "artifact" and state in _TYPED:
            calls = [self._repository_scanned(target)]
        elif target.kind == "report" and state is not State.DONE:
            calls = [self._reports_kept()]
        return tuple(await asyncio.gather(*calls))

    async def _asked(self, question: Question, path: str, params: tuple[tuple[str, str], ...] = ()) -> Asked:
        try:
            return await self._http.request("GET", path, params=params)
        except ServerError as error:
            return Fact(question, error.call, problem=error.problem)

    async def _build_listed(self, target: Target) -> Fact:
        name, number = target.parts
        project = target.param("project")
        path = f"/artifactory/api/build/{quote(name, safe='')}"
        answer = await self._asked(Question.BUILD_LISTED, path, (("project", project),) if project else ())
        if isinstance(answer, Fact):
            is_none = answer.problem is not None and answer.problem.code is ProblemCode.MISSING
            return replace(answer, problem=None, is_so=False) if is_none else answer
        rows = answer.body.get("buildsNumbers") if isinstance(answer.body, Mapping) else None
        if not isinstance(rows, list):
            return _unread(Question.BUILD_LISTED, answer)
        numbers = (
            unquote(str(row["uri"]).removeprefix("/")) for row in rows if isinstance(row, Mapping) and "uri" in row
        )
        return Fact(Question.BUILD_LISTED, answer.call, is_so=number in numbers, count=len(rows))

    async def _build_indexed(self, target: Target) -> Fact:
        question = Question.BUILD_INDEXED
        answer = await self._asked(question, f"{INDEXED}/builds")
        if isinstance(answer, Fact):
            return answer
        names = answer.body.get("indexed_builds") if isinstance(answer.body, Mapping) else None
        if not isinstance(names, list):
            return _unread(question, answer)
        others = answer.body.get("non_indexed_builds") if isinstance(answer.body, Mapping) else None
        if target.parts[0] in names:
            return Fact(question, answer.call, is_so=True, count=len(names))
        # One that is in neither list may be indexed by a pattern, or in a project of its own.
        is_so = False if isinstance(others, list) and target.parts[0] in others else None
        return Fact(question, answer.call, is_so=is_so, count=len(names))

    async def _repository_listed(self, target: Target) -> Fact:
        question = Question.REPOSITORY_LISTED
        answer = await self._asked(question, "/artifactory/api/repositories")
        if isinstance(answer, Fact):
            return answer
        if not isinstance(answer.body, list):
            return _unread(question, answer)
        row = _row(answer.body, "key", target.parts[0])
        return Fact(question, answer.call, is_so=row is not None, name=_package_type(row), count=len(answer.body))

    async def _repository_indexed(self, target: Target) -> Fact:
        question = Question.REPOSITORY_INDEXED
        answer = await self._asked(question, f"{INDEXED}/repos")
        if isinstance(answer, Fact):
            return answer
        body = answer.body if isinstance(answer.body, Mapping) else {}
        rows, others = body.get("indexed_repos"), body.get("non_indexed_repos")
        if not isinstance(rows, list):
            return _unread(question, answer)
        row = _row(rows, "name", target.parts[0])
        if row is not None:
            return Fact(question, answer.call, is_so=True, name=_package_type(row))
        is_so = False if isinstance(others, list) and _row(others, "name", target.parts[0]) is not None else None
        return Fact(question, answer.call, is_so=is_so)

    async def _repository_scanned(self, target: Target) -> Fact:
        question = Question.REPOSITORY_SCANNED
        answer = await self._asked(question, f"{API}/repos", (("num_of_rows", str(REPOSITORIES_READ)), ("offset", "0")))
        if isinstance(answer, Fact):
            return answer
        rows = answer.body.get("data") if isinstance(answer.body, Mapping) else answer.body
        if not isinstance(rows, list):
            return _unread(question, answer)
        row = _row(rows, "repo", target.parts[0])
        offset = answer.body.get("offset") if isinstance(answer.body, Mapping) else None
        is_whole = not isinstance(offset, int) or offset <= 0
        is_so = True if row is not None else (False if is_whole else None)
        return Fact(question, answer.call, is_so=is_so, name=_package_type(row))

    async def _reports_kept(self) -> Fact:
        question = Question.REPORTS_KEPT
        try:
            answer = await self._http.request("POST", f"{API}/reports", params=_REPORTS, json_body={})
        except ServerError as error:
            return Fact(question, error.call, problem=error.problem)
        body = answer.body if isinstance(answer.body, Mapping) else {}
        total, limit = _count(body.get("total_reports")), _count(body.get("max_saved_limit"))
        return _unread(question, answer) if total is None else Fact(question, answer.call, count=total, limit=limit)


Asked = HttpAnswer | Fact


def _row(rows: list[object], key: str, name: str) -> Mapping[str, object] | None:
    wanted = {name, name.removesuffix(CACHE)}
    found = (row for row in rows if isinstance(row, Mapping))
    return next((row for row in found if row.get(key) in wanted), None)


def _package_type(row: Mapping[str, object] | None) -> str:
    names = ("packageType", "package_type", "pkg_type")
    told = next((row[name] for name in names if isinstance(row.get(name), str)), "") if row is not None else ""
    return str(told).lower()


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _unread(question: Question, answer: HttpAnswer) -> Fact:
    problem = Problem(ProblemCode.BAD_ANSWER, "The answer is not the list that it should be.", answer.status)
    return Fact(question, answer.call, problem=problem)
