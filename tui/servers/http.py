"""The one way out: every request of scantop passes here, with its limits, its credential and its words for failure.

Owns time, size and nesting limits, trust, proxies, the token and its reading again, and what an HTTP status means.
Knows no server kind: a kind gives paths, and may give its own reading of an answer (`Judge`).
"""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode, urlsplit

import httpx

from tui import __version__
from tui.clock import Clock
from tui.domain.problem import Problem, ProblemCode
from tui.secrets import Secret, SecretError, password_of
from tui.servers.errors import Unreachable, error_for
from tui.servers.exchange import Asked, Exchange, Sink
from tui.servers.exchange import HttpAnswer as HttpAnswer
from tui.servers.status import judge_body, judge_status
from tui.servers.trust import is_loopback, tls_context
from tui.settings import ServerSettings

KEEP_ALIVE_S = 15.0  # an idle connection is kept this long: longer than a poll's pause, shorter than Tomcat's 20 s
SENT_KEPT = 8  # earlier tokens that are looked for in answers; a server may quote the one that it has just refused
POOL = 32  # connections; the poller's own limit on requests at once is far lower, so none waits here

Params: TypeAlias = "Sequence[tuple[str, str]]"
Authorise: TypeAlias = Callable[[Secret, str | None], Mapping[str, str]]
Judge: TypeAlias = Callable[[HttpAnswer], Problem | None]


def bearer(secret: Secret, user: str | None) -> dict[str, str]:
    """Bearer token; basic auth where a user is known. A pasted ``Bearer `` is taken off first."""
    who = secret.user or user
    if who:
        pair = f"{who}:{secret.reveal()}".encode()
        return {"Authorization": "Basic " + b64encode(pair).decode("ascii")}
    return {"Authorization": f"Bearer {without_scheme(secret.reveal(), 'bearer')}"}


def without_scheme(token: str, scheme: str) -> str:
    """A token that was pasted with its scheme's word, without it."""
    head, _, rest = token.partition(" ")
    return rest.strip() if rest and head.lower() == scheme else token


class Http:
    """One server's connections. Create it in, and use it from, one event loop."""

    def __init__(
        self,
        server: ServerSettings,
        clock: Clock,
        read_token: Callable[[], Awaitable[Secret | None]],
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.server = server
        self.clock = clock
        self._read_token = read_token
        self._transport = transport
        self._authorise: Authorise = bearer
        self._client: httpx.AsyncClient | None = None
        self._secret: Secret | None = None
        self._sent = [Secret(password) for password in (password_of(server.proxy or ""),) if password]
        self._is_read = False
        self._is_refused = False
        self._lock = asyncio.Lock()
        parts = urlsplit(server.url)
        self._hostname = parts.hostname or ""
        self._is_plain = parts.scheme == "http"
        self.host = parts.netloc.rpartition("@")[2] or server.url

    def authorise_with(self, authorise: Authorise) -> None:
        """How this kind puts a token into headers."""
        self._authorise = authorise

    def redact(self, text: str) -> str:
        """`text` with every token that was sent so far, and the proxy's password, starred in whatever form."""
        for secret in self._sent:
            text = secret.redact(text)
        return text

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            client, self._client = self._client, None
            await client.aclose()

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Params = (),
        json_body: object = None,
        headers: Mapping[str, str] | None = None,
        judge: Judge | None = None,
        is_repeatable: bool = True,
        expects_json: bool = True,
        may_be_empty: bool = False,
        sink: Sink | None = None,
    ) -> HttpAnswer:
        """Ask once and read the whole answer. Raises `ServerError`, and nothing else that a server can bring about.

        `judge` reads the answer of a kind that hides errors in it (or has words of its own for a status); its problem
        counts. A refused token is read again from its source, once, and the request repeated only if it changed and
        `is_repeatable` (false for all that creates or deletes). `expects_json` false keeps the bytes in `content`; with
        a `sink` a ZIP goes there piece by piece (`SinkError` where it cannot), and any other answer is a problem.
        """
        if params:  # blanks as %20: not every server takes + for one
            path = f"{path}?{urlencode(params, quote_via=quote)}"
        self._check_way()
        may_read_again = True
        if self._is_refused:
            await self._read_again(self._secret)
            may_read_again = False
        for attempt in (1, 2):
            secret = await self._token()
            asked = Asked(method, path, json_body, dict(headers or {}), expects_json, sink)
            answer = await self._send(asked, secret, may_retry=is_repeatable)
            problem = self._judge(answer, judge, asked, may_be_empty)
            if problem is None:
                self._is_refused = False
                return answer
            problem = replace(problem, text=self.redact(problem.text), advice=self._advice(problem))
            is_refused = problem.code is ProblemCode.UNAUTHORISED
            if is_refused and may_read_again and attempt == 1:
                await self._read_again(secret)
                if is_repeatable and self._secret != secret:
                    may_read_again = False
                    continue
            self._is_refused = self._is_refused or is_refused
            call = replace(answer.call, problem=problem)
            raise error_for(problem, call, replace(answer, call=call))
        raise AssertionError("unreachable: the second attempt returns or raises")

    def _advice(self, problem: Problem) -> str:
        """What to do, with the place of the token where it is refused."""
        source = self.server.token
        if problem.code is not ProblemCode.UNAUTHORISED or source is None:
            return problem.advice
        return f"{problem.advice} It is that of [servers.{self.server.name}]: {source.place}.".lstrip()

    def _check_way(self) -> None:
        if self._is_plain and not self.server.allow_http and not is_loopback(self._hostname):
            text = f"Plain http to {self.host} is refused: its token would travel readable."
            advice = f"Use https, or set allow_http = true in [servers.{self.server.name}]."
            raise Unreachable(Problem(ProblemCode.TLS, text, advice=advice))

    async def _token(self) -> Secret | None:
        if not self._is_read:
            async with self._lock:
                if not self._is_read:
                    self._secret = await self._fresh_token()
                    self._is_read = True
        return self._secret

    async def _read_again(self, used: Secret | None) -> None:
        """Read the source again, unless another request has done so since `used` was sent."""
        async with self._lock:
            if self._secret == used or not self._is_read:
                self._secret = await self._fresh_token()
                self._is_read = True

    async def _fresh_token(self) -> Secret | None:
        try:
            secret = await self._read_token()
            if secret is not None and secret not in self._sent:
                self._sent = [secret, *self._sent[: SENT_KEPT - 1]]
            return secret
        except SecretError as error:
            self._is_refused = True
            problem = Problem(ProblemCode.UNAUTHORISED, str(error), advice="Mend the token's source; it is read again.")
            raise error_for(problem) from None

    def _judge(self, answer: HttpAnswer, judge: Judge | None, asked: Asked, may_be_empty: bool) -> Problem | None:
        sink, expects_json = asked.sink, asked.expects_json
        own = judge(answer) if judge is not None else None
        if own is not None:
            return own
        problem = judge_status(answer, self.host, self.clock.now(), has_token=bool(self._secret))
        is_taken = sink is not None and sink.is_taken
        if problem is None and (expects_json or sink is not None) and not is_taken:
            problem = judge_body(answer, self.host, may_be_empty=may_be_empty)
        if problem is None and sink is not None and not is_taken:
            text = f"{self.host} sent something else than a ZIP (HTTP {answer.status})."
            problem = Problem(ProblemCode.BAD_ANSWER, text, answer.status)
        return problem

    async def _send(self, asked: Asked, secret: Secret | None, *, may_retry: bool) -> HttpAnswer:
        """One exchange; a kept connection that died meanwhile is replaced once, for what may be repeated."""
        exchange = Exchange(self.clock, self.host, self.server, asked)
        try:
            return await exchange.run(self._open(), self._headers(asked, secret), self.redact)
        except Unreachable as error:
            if not (may_retry and exchange.was_stale and error.problem.code is ProblemCode.REFUSED):
                raise
        again = Exchange(self.clock, self.host, self.server, asked)
        return await again.run(self._open(), self._headers(asked, secret), self.redact)

    def _headers(self, asked: Asked, secret: Secret | None) -> dict[str, str]:
        own = {"Accept": "application/json"} if asked.expects_json else {}
        if secret:
            own.update(self._authorise(secret, self.server.user))
            if not own.get("Authorization", "").isascii():
                text = "The token holds characters that no token has."
                raise error_for(Problem(ProblemCode.UNAUTHORISED, text, advice="Check where the token comes from."))
        return own | asked.headers

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = self._new_client()
        return self._client

    def _new_client(self) -> httpx.AsyncClient:
        server = self.server
        verify: ssl.SSLContext | bool = False if self._is_plain else tls_context(server)
        options: dict[str, Any] = {
            "base_url": server.url,
            "verify": verify,
            "follow_redirects": False,
            "timeout": httpx.Timeout(server.answer_s, connect=server.connect_s),
            "limits": httpx.Limits(max_connections=POOL, max_keepalive_connections=POOL, keepalive_expiry=KEEP_ALIVE_S),
            "headers": {"User-Agent": f"scantop/{__version__}", "Accept-Encoding": "gzip"},
            # A proxy of the environment is for the world outside, never for this machine itself.
            "trust_env": server.proxy is None and not is_loopback(self._hostname),
        }
        if self._transport is not None:
            return httpx.AsyncClient(transport=self._transport, **options)
        try:
            return httpx.AsyncClient(proxy=server.proxy, **options)
        except (ValueError, ImportError, httpx.InvalidURL):
            advice = "Set proxy to http://host:port or https://host:port."
            problem = Problem(ProblemCode.REFUSED, f"The proxy for {self.host} is not usable.", advice=advice)
            raise Unreachable(problem) from None
