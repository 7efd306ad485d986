"""Asks one ThreadFix for pending scans. It only ever reads: the key that may read them may also upload and delete.

ThreadFix hides refusals and failures in envelopes of HTTP 200; `judge` finds them. Every expected failure comes back as
a problem in the answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tui.domain.problem import Problem, ProblemCode
from tui.domain.records import Answer, ListQuery, Record
from tui.domain.target import Target
from tui.secrets import Secret
from tui.servers.body import is_html, reason_in
from tui.servers.cycle import Cycle, raw_of, unknown_list
from tui.servers.errors import ServerError, plain
from tui.servers.http import Http, HttpAnswer, without_scheme
from tui.servers.status import is_no_such_page, no_such_page
from tui.servers.threadfix.evidence import EvidenceCalls
from tui.servers.threadfix.normalise import scan_record
from tui.servers.threadfix.wire import PendingScanWire
from tui.servers.wire import BadWire, read_wire
from tui.settings import ServerSettings

# Texts of the envelope, from the vendor's published code and wiki; matched loosely, since releases word them anew.
_KEY = re.compile(r"api key not found|authentication failed|check your api key|invalid api key", re.IGNORECASE)
_RESTRICTED = re.compile(r"restricted|permission|not authori[sz]ed|access (is )?denied|forbidden", re.IGNORECASE)
_NO_PATH = re.compile(r"unrecognized path", re.IGNORECASE)
_NOT_THERE = re.compile(
    r"lookup failed|check your id|invalid\b.{0,60}\bid\b|\bno\b.{0,60}\b(exist|found|associated|with|for)|not found"
    r"|does(n't| not) exist|unknown (pending )?(scan|application)|pending ?scan.{0,40}(invalid|failed|missing)",
    re.IGNORECASE,
)
_INTERNAL = re.compile(r"exception|internal|system error|database|max_allowed_packet|\berror\b", re.IGNORECASE)
TOO_NEW = "ThreadFix 3.1 and later have another endpoint, which scantop does not speak; 2.5 to 3.0 have this one."


def authorise(secret: Secret, user: str | None) -> dict[str, str]:
    """``Authorization: APIKEY …``: never the query parameter of old releases, which ends in logs."""
    return {"Authorization": f"APIKEY {without_scheme(secret.reveal(), 'apikey')}"}


class ThreadFixClient(EvidenceCalls):
    """One ThreadFix server."""

    def __init__(self, server: ServerSettings, http: Http) -> None:
        self._server = server
        self._http = http
        http.authorise_with(authorise)
        version = str(server.extra.get("api_version", "latest")).strip("/")
        base = "" if server.url.endswith("/rest") else "/rest"
        self._rest = f"{base}/{version}" if version else base
        self._web = server.url.removesuffix("/rest")

    @property
    def rest(self) -> str:
        """The path of the REST calls below the server's base, with the version that was configured."""
        return self._rest

    async def aclose(self) -> None:
        """Give back the connections."""
        await self._http.aclose()

    async def read(self, targets: Sequence[Target]) -> Answer:
        """The status of each pending scan, one request each."""
        cycle = Cycle()
        return cycle.read([(target, await self._scan(cycle, target)) for target in targets])

    async def list(self, query: ListQuery) -> Answer:
        """ThreadFix lists no pending scans."""
        return Cycle().listed(unknown_list(query.name, "threadfix"))

    async def _application_scans(self, application: str) -> HttpAnswer:
        return await self._http.request("GET", f"{self._rest}/applications/{application}/scans", judge=judge)

    async def _scan(self, cycle: Cycle, target: Target) -> Record | Problem:
        application, pending = target.parts
        path = f"{self._rest}/applications/{application}/pendingScan/{pending}/status"
        try:
            answer = cycle.took(await self._http.request("GET", path, judge=judge))
        except ServerError as error:
            return cycle.failed(error)
        try:
            wire = read_wire(PendingScanWire, inner_object(answer.body))
            return scan_record(target, wire, raw_of(answer.text), self._web)
        except BadWire as error:
            return cycle.misread(str(error), self._http.host, answer.status)


def inner_object(body: object) -> object:
    """The envelope's ``object``; an answer without an envelope is the object itself (the vendor's client does so)."""
    if isinstance(body, Mapping) and "object" not in body and "success" not in body:
        return body
    inner = body.get("object") if isinstance(body, Mapping) else None
    if not isinstance(inner, Mapping):
        raise BadWire("says success but has no object")
    return inner


def judge(answer: HttpAnswer) -> Problem | None:
    """The failure that an answer hides in its envelope (any HTTP status), or that a status means here."""
    body, status = answer.body, answer.status
    is_failure = isinstance(body, Mapping) and _is_false(body.get("success"))
    if is_no_such_page(answer):
        return no_such_page(answer, f"Check its api_version too. {TOO_NEW}")
    if is_unknown_path(answer):
        return _no_path(answer, is_sure=is_failure)
    if not is_failure:
        return None
    reason = reason_in(answer.text, body) or "no reason given"
    said = f"ThreadFix says: {reason}" + ("" if reason.endswith((".", "!", "?", "…")) else ".")
    if _KEY.search(reason):
        advice = "The API key may have been revoked; its source is read again before each try."
        return Problem(ProblemCode.UNAUTHORISED, said, status, advice)
    if status == 401:
        return None
    if status == 403 or _RESTRICTED.search(reason):
        advice = "The key's user needs the permission Upload Scans."
        return Problem(ProblemCode.FORBIDDEN, said, status, advice)
    if status < 400 or status == 404:
        if status == 404 or _NOT_THERE.search(reason):
            advice = "Check both ids; a scan may also be gone after its failure was cleaned up."
            return Problem(ProblemCode.MISSING, said, status, advice)
        code = ProblemCode.SERVER_ERROR if _INTERNAL.search(reason) else ProblemCode.BAD_ANSWER
        return Problem(code, said, status)
    return None


def is_unknown_path(answer: HttpAnswer) -> bool:
    """Whether the server has no such call: another release, a wrong url. An envelope says so at any status."""
    body, status = answer.body, answer.status
    is_failure = isinstance(body, Mapping) and _is_false(body.get("success"))
    if status == 404 and (is_html(answer.text) or not is_failure):
        return True
    is_plain = status < 400 or status == 404
    return is_failure and is_plain and _NO_PATH.search(reason_in(answer.text, body)) is not None


def _is_false(value: object) -> bool:
    return value is False or (isinstance(value, str) and value.strip().lower() == "false")


def _no_path(answer: HttpAnswer, *, is_sure: bool) -> Problem:
    """`is_sure`: ThreadFix itself says that it has no such call; else a 404 of unknown form may mean the scan."""
    reason = plain(reason_in(answer.text, answer.body)).rstrip(".")
    text = "ThreadFix does not know this path (HTTP 404)" + (f": {reason}." if reason else ".")
    code = ProblemCode.BAD_ANSWER if is_sure else ProblemCode.MISSING
    return Problem(
        code, text, answer.status, f"Check the server's url and api_version. {TOO_NEW}", is_everywhere=is_sure
    )
