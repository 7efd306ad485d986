"""The one way out: tokens and their reading again, redaction, redirects, waits, what is refused before it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from wire_bench import NOW, TOKEN, StillClock, Wire, open_http, reply, settings

from tui.domain.problem import Problem, ProblemCode
from tui.secrets import Secret, SecretError
from tui.servers.errors import BadAnswer, Refusal, ServerError, Unreachable
from tui.servers.http import Http, HttpAnswer
from tui.servers.status import RETRY_AFTER_LIMIT_S


class Tokens:
    """A source that gives these in turn, the last one for ever; an exception is raised."""

    def __init__(self, *texts: str | SecretError | None) -> None:
        self.texts = list(texts)
        self.reads = 0

    async def __call__(self) -> Secret | None:
        self.reads += 1
        text = self.texts.pop(0) if len(self.texts) > 1 else self.texts[0]
        if isinstance(text, SecretError):
            raise text
        return None if text is None else Secret(text)


def wants(token: str) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        fits = request.headers.get("authorization") == f"Bearer {token}"
        return reply({"ok": True}) if fits else reply({"error": "Found invalid token"}, 401)

    return answer


def run(
    wire: Any,
    question: Callable[[Http], Awaitable[Any]] = lambda http: http.request("GET", "/x"),
    token: Any = None,
    **changes: Any,
) -> Any:
    async def ask() -> Any:
        http = open_http(settings("xray", **changes), wire, token)
        try:
            return await question(http)
        finally:
            await http.aclose()

    return asyncio.run(ask())


def fails(wire: Any, **changes: Any) -> ServerError:
    with pytest.raises(ServerError) as caught:
        run(wire, **changes)
    return caught.value


def test_an_answer_tells_its_call_and_the_servers_clock() -> None:
    date = {"Date": "Sun, 22 Nov 2026 07:00:05 GMT", "Content-Type": "text/html"}
    wire = Wire(handler=lambda _: reply({"a": 1}, headers=date))
    answer = run(wire, lambda http: http.request("GET", "/x", params=(("q", "a b&c"),)))
    assert (answer.status, answer.body, answer.text) == (200, {"a": 1}, '{"a": 1}')
    assert answer.server_at == NOW + timedelta(seconds=5)
    call = answer.call
    assert (call.at, call.method, call.path, call.http_status, call.size, call.problem) == (
        *(NOW, "GET", "/x?q=a%20b%26c", 200, 8, None),
    )


def test_the_token_is_read_once_while_it_is_good() -> None:
    tokens = Tokens("good")

    async def thrice(http: Http) -> None:
        await asyncio.gather(*(http.request("GET", "/x") for _ in range(3)))

    run(Wire(handler=wants("good")), thrice, tokens)
    assert tokens.reads == 1


def test_a_refused_token_is_read_again_and_the_new_one_used_at_once() -> None:
    tokens, wire = Tokens("old", "new"), Wire(handler=wants("new"))
    assert run(wire, token=tokens).body == {"ok": True}
    assert (tokens.reads, len(wire.requests)) == (2, 2)


def test_a_token_that_stays_refused_hammers_nobody() -> None:
    tokens, wire = Tokens("old"), Wire(handler=wants("new"))

    async def thrice(http: Http) -> list[ProblemCode]:
        codes = []
        for _ in range(3):
            with pytest.raises(Refusal) as caught:
                await http.request("GET", "/x")
            codes.append(caught.value.problem.code)
        return codes

    assert run(wire, thrice, tokens) == [ProblemCode.UNAUTHORISED] * 3
    assert len(wire.requests) == 3, "one request a cycle"
    assert tokens.reads == 4, "read at the start, after the first refusal, and before each later try"


def test_a_new_token_is_picked_up_by_the_next_cycle() -> None:
    tokens, wire = Tokens("old", "old", "new"), Wire(handler=wants("new"))

    async def twice(http: Http) -> object:
        with pytest.raises(Refusal):
            await http.request("GET", "/x")
        return (await http.request("GET", "/x")).body

    assert run(wire, twice, tokens) == {"ok": True}
    assert len(wire.requests) == 2


def test_many_requests_that_are_refused_together_read_the_source_once() -> None:
    tokens, answer = Tokens("old", "new", "newer"), wants("new")
    refused: list[httpx.Request] = []
    all_in = asyncio.Event()

    async def wire(request: httpx.Request) -> httpx.Response:
        """Holds the refusals back until all five requests are under way."""
        found = answer(request)
        if found.status_code == 401:
            refused.append(request)
            if len(refused) == 5:
                all_in.set()
            await all_in.wait()
        return found

    async def many(http: Http) -> list[HttpAnswer]:
        return await asyncio.gather(*(http.request("GET", "/x") for _ in range(5)))

    assert len(run(wire, many, tokens)) == 5
    assert (len(refused), tokens.reads) == (5, 2)


def test_what_creates_is_never_repeated() -> None:
    tokens, wire = Tokens("old", "new"), Wire(handler=wants("new"))

    async def create(http: Http) -> None:
        await http.request("POST", "/make", json_body={}, is_repeatable=False)

    with pytest.raises(Refusal):
        run(wire, create, tokens)
    assert len(wire.requests) == 1


def test_a_kinds_own_word_of_refusal_counts_as_one() -> None:
    def judge(answer: HttpAnswer) -> Problem | None:
        refused = isinstance(answer.body, dict) and answer.body.get("success") is False
        return Problem(ProblemCode.UNAUTHORISED, "no", 200) if refused else None

    tokens, wire = Tokens("old", "new"), Wire({"success": False}, {"success": True})
    assert run(wire, lambda http: http.request("GET", "/x", judge=judge), tokens).body == {"success": True}
    assert tokens.reads == 2


def test_a_token_that_cannot_be_read_is_a_refusal_without_a_request() -> None:
    tokens = Tokens(SecretError("The environment variable T is not set."), SecretError("x"), "good")
    wire = Wire(handler=wants("good"))

    async def thrice(http: Http) -> object:
        for _ in range(2):
            with pytest.raises(Refusal) as caught:
                await http.request("GET", "/x")
            assert caught.value.problem.code is ProblemCode.UNAUTHORISED
        return (await http.request("GET", "/x")).body

    assert run(wire, thrice, tokens) == {"ok": True}
    assert len(wire.requests) == 1


def test_without_a_token_none_is_sent_and_a_401_says_so() -> None:
    error = fails(wire := Wire(handler=lambda _: reply("", 401)), token=Tokens(None))
    assert "authorization" not in wire.requests[0].headers
    assert error.problem.advice == "No token is configured for it."


@pytest.mark.parametrize("token", ["ключ", "tok€n"])
def test_a_token_that_no_header_takes_is_a_refusal(token: str) -> None:
    error = fails(Wire({"a": 1}), token=Tokens(token))
    assert error.problem.code is ProblemCode.UNAUTHORISED
    assert token not in str(error)


def test_a_token_that_the_server_echoes_is_starred_everywhere() -> None:
    page = {"error": f"token {TOKEN} is bad", "headers": f"Bearer {TOKEN}"}
    error = fails(Wire(handler=lambda _: reply(page, 403)))
    assert error.answer is not None
    for text in (str(error), error.problem.text, repr(error.problem), repr(error.call), repr(error.answer)):
        assert TOKEN not in text
    assert "token *** is bad" in error.problem.text
    elsewhere = {"Location": f"https://x.test/{TOKEN}/login"}
    assert TOKEN not in repr(fails(Wire(handler=lambda _: reply("", 302, elsewhere))).problem)
    answer = run(Wire(page))
    assert TOKEN not in answer.text
    assert TOKEN not in repr(answer.body)


def test_no_redirect_is_followed_and_none_of_its_secrets_shown() -> None:
    where = "https://user:pw@other.test/login.jsp?ticket=secret#frag"
    wire = Wire(handler=lambda _: reply("", 302, {"Location": where}))
    error = fails(wire)
    assert len(wire.requests) == 1
    assert (error.problem.code, error.problem.http_status) == (ProblemCode.REDIRECTED, 302)
    assert "https://other.test/login.jsp" in error.problem.text
    assert "login page" in error.problem.advice
    assert not any(word in repr(error.problem) for word in ("pw", "ticket", "frag"))


@pytest.mark.parametrize("where", ["", "http://[::1", "//evil\x1b]0;x\x07", "/threadfix/login.jsp"])
def test_odd_redirects_are_redirects(where: str) -> None:
    problem = fails(Wire(handler=lambda _: reply("", 301, {"Location": where}))).problem
    assert problem.code is ProblemCode.REDIRECTED
    assert problem.text.isprintable()


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [
        *(("7", 7.0), (" 0 ", 0.0), ("Sun, 22 Nov 2026 07:01:00 GMT", 60.0), ("Sun, 22 Nov 2026 06:00:00 GMT", 0.0)),
        *(("99999999999999999999", RETRY_AFTER_LIMIT_S), ("Sun, 22 Nov 2099 07:01:00 GMT", RETRY_AFTER_LIMIT_S)),
        *(("soon", None), ("-5", None), ("1.5", None), ("", None), (None, None)),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after(status: int, header: str | None, wait_s: float | None) -> None:
    headers = {} if header is None else {"Retry-After": header}
    problem = fails(Wire(handler=lambda _: reply({"error": "busy"}, status, headers))).problem
    assert problem.retry_after_s == wait_s
    assert problem.code is (ProblemCode.RATE_LIMITED if status == 429 else ProblemCode.SERVER_ERROR)


@pytest.mark.parametrize(
    ("status", "code", "tree"),
    [
        *((400, ProblemCode.BAD_ANSWER, BadAnswer), (401, ProblemCode.UNAUTHORISED, Refusal)),
        *((403, ProblemCode.FORBIDDEN, Refusal), (404, ProblemCode.MISSING, BadAnswer)),
        *((407, ProblemCode.REFUSED, BadAnswer), (408, ProblemCode.TIMEOUT, BadAnswer)),
        *((409, ProblemCode.BAD_ANSWER, BadAnswer), (410, ProblemCode.MISSING, BadAnswer)),
        *((429, ProblemCode.RATE_LIMITED, BadAnswer), (304, ProblemCode.REDIRECTED, BadAnswer)),
        *((500, ProblemCode.SERVER_ERROR, BadAnswer), (502, ProblemCode.SERVER_ERROR, BadAnswer)),
    ],
)
def test_what_a_status_means(status: int, code: ProblemCode, tree: type[ServerError]) -> None:
    error = fails(Wire(handler=lambda _: reply({"error": "why"}, status)))
    assert (error.problem.code, error.problem.http_status) == (code, status)
    assert isinstance(error, tree)
    assert error.call is not None
    assert (error.call.http_status, error.call.problem) == (status, error.problem)
    assert error.problem.text.endswith(".")


def test_login_page_at_200_is_named() -> None:
    page = "<html><title>Sign in – Okta</title><input type='password'></html>"
    problem = fails(Wire(handler=lambda _: reply(page, headers={"Content-Type": "application/json"}))).problem
    assert problem.code is ProblemCode.BAD_ANSWER
    assert "login page titled 'Sign in – Okta'" in problem.text


def test_hostile_text_of_a_server_is_plain_in_a_problem() -> None:
    body = {"error": "\x1b]52;c;AAAA\x07\u202egnp.exe [/bold] " + "x" * 10_000}
    text = fails(Wire(handler=lambda _: reply(body, 500))).problem.text
    assert text.isprintable()
    assert len(text) < 500


@pytest.mark.parametrize(
    ("url", "is_allowed", "is_sent"),
    [
        ("http://scan.example.com", False, False),
        ("http://localhost.example.com", False, False),
        ("http://127.0.0.1.example.com", False, False),
        ("http://10.0.0.1", False, False),
        ("http://scan.example.com", True, True),
        ("http://127.0.0.1:8081", False, True),
        ("http://127.8.9.1", False, True),
        ("http://localhost:8081", False, True),
        ("http://[::1]:8081", False, True),
        ("https://scan.example.com", False, True),
    ],
)
def test_plain_http_goes_to_loopback_alone_unless_allowed(url: str, is_allowed: bool, is_sent: bool) -> None:
    wire = Wire({"a": 1})
    if is_sent:
        assert run(wire, url=url, allow_http=is_allowed).body == {"a": 1}
        return
    error = fails(wire, url=url, allow_http=is_allowed)
    assert isinstance(error, Unreachable)
    assert error.problem.code is ProblemCode.TLS
    assert "allow_http" in error.problem.advice
    assert wire.requests == []


def test_sizes_are_limited_to_the_byte() -> None:
    body = b'"' + b"x" * 998 + b'"'
    assert run(Wire(body), answer_bytes=1000).body == "x" * 998
    error = fails(Wire(body), answer_bytes=999)
    assert (error.problem.code, error.problem.http_status) == (ProblemCode.TOO_LARGE, 200)
    assert error.call is not None
    assert error.call.http_status == 200


def test_a_packing_that_was_not_asked_for_is_named() -> None:
    problem = fails(Wire(handler=lambda _: reply(b"x", headers={"Content-Encoding": "br"}))).problem
    assert problem.code is ProblemCode.BAD_ANSWER
    assert "packed" in problem.text


@pytest.mark.parametrize("proxy", ["nonsense", "ftp://p:1", "http://"])
def test_a_proxy_that_is_none_is_a_problem(proxy: str) -> None:
    async def ask() -> None:
        http = Http(settings("xray", proxy=proxy), StillClock(), Tokens("t"))
        with pytest.raises(ServerError):
            await http.request("GET", "/x")
        await http.aclose()

    asyncio.run(ask())


def test_bytes_are_kept_where_no_json_is_expected() -> None:
    wire = Wire(b"PK\x03\x04\xff")
    answer = run(wire, lambda http: http.request("GET", "/export", expects_json=False))
    assert answer.content == b"PK\x03\x04\xff"
    assert wire.requests[0].headers["accept"] != "application/json"
