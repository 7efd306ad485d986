"""Every fault on every endpoint that is read, over real sockets: the problem's code and words, and the way back."""

from __future__ import annotations

import asyncio
import contextlib
import time

import pytest
from clients_site import LIMIT_S, QUESTIONS, asked, client_of, on_site, problem_of
from simulator_site import Site

from tui.clock import SystemClock
from tui.domain.problem import ProblemCode
from tui.domain.target import Target
from tui.servers.http import Http
from tui.servers.kind import kinds
from tui.settings import ServerSettings

TIMEOUT, REFUSED, BAD = ProblemCode.TIMEOUT, ProblemCode.REFUSED, ProblemCode.BAD_ANSWER
MISSING, SERVER = ProblemCode.MISSING, ProblemCode.SERVER_ERROR
FAULTS = [
    ("slow=5", TIMEOUT, None, "said nothing for"),
    ("hang", TIMEOUT, None, "said nothing for"),
    ("drip=5", TIMEOUT, 200, "did not finish its answer"),
    ("hang-body", TIMEOUT, 200, "did not finish its answer"),
    ("reset", REFUSED, None, "before it answered"),
    ("reset-body", REFUSED, 200, "within its answer"),
    ("close", REFUSED, None, "closed the connection without an answer"),
    ("truncated", BAD, 200, "broke off"),
    ("400", BAD, 400, "did not accept the question"),
    ("401", ProblemCode.UNAUTHORISED, 401, "refused the token"),
    ("403", ProblemCode.FORBIDDEN, 403, "ermi"),
    ("409", BAD, 409, "Conflict"),
    ("429", ProblemCode.RATE_LIMITED, 429, "fewer requests"),
    ("500", SERVER, 500, "Internal Server Error"),
    ("502", SERVER, 502, "Bad Gateway"),
    ("503", SERVER, 503, "Temporarily Unavailable"),
    ("404-page", BAD, 404, "url"),
    ("login", BAD, 200, "login page titled 'Sign in'"),
    ("html", BAD, 200, "web page titled 'System error'"),
    ("empty", BAD, 200, "empty answer"),
    ("invalid-json", BAD, 200, "broken JSON"),
    ("half-json", BAD, 200, "broken JSON"),
    ("deep", BAD, 200, "nested deeper than"),
    ("bad-utf8", BAD, 200, "broken JSON"),
    ("wrong-types", BAD, 200, "The answer of"),
    ("nulls", BAD, 200, "The answer of"),
    ("huge=20", ProblemCode.TOO_LARGE, 200, "larger than 8 MiB"),
    ("gzip-bomb=20", ProblemCode.TOO_LARGE, 200, "larger than 8 MiB"),
    ("redirect-host", ProblemCode.REDIRECTED, 302, "http://redirected.invalid/"),
    ("redirect-path", ProblemCode.REDIRECTED, 302, "/login.jsp"),
    ("redirect-scheme", ProblemCode.REDIRECTED, 302, "https://"),
    ("redirect-loop", ProblemCode.REDIRECTED, 302, "redirects to"),
    ("not-http", REFUSED, None, "without an answer"),
    ("refused=60", REFUSED, None, "refused the connection"),
    ("reset-accept", REFUSED, None, "broke the connection"),
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_each_fault_is_its_own_problem_and_ends_with_the_fault(question: str) -> None:
    async def check(site: Site) -> None:
        for fault, code, status, words in FAULTS:
            await site.control("faults", {"faults": fault, "clear": True})
            waits = code is TIMEOUT
            answer = await asked(site, question, **({"answer_s": LIMIT_S} if waits else {}))
            problem = problem_of(answer)
            assert problem is not None, fault
            assert (fault, problem.code) == (fault, code), problem
            assert words in problem.text, (fault, problem.text)
            assert problem.text.isprintable()
            assert answer.calls[-1].problem == problem
            assert (fault, answer.calls[-1].http_status) == (fault, status)
            await site.control("faults", method="DELETE")
            assert problem_of(await asked(site, question)) is None, fault

    on_site(check)


@pytest.mark.parametrize("question", [question for question in QUESTIONS if question != "jobs"])
def test_a_404_is_a_missing_target(question: str) -> None:
    async def check(site: Site) -> None:
        await site.control("faults", {"faults": "404"})
        problem = problem_of(await asked(site, question))
        assert problem is not None
        assert (problem.code, problem.http_status) == (MISSING, 404)

    on_site(check)


@pytest.mark.parametrize("fault", ["wrong-type", "no-type", "hostile", "slow=0.01", "drip=0"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_what_is_odd_but_readable_is_read(question: str, fault: str) -> None:
    async def check(site: Site) -> None:
        await site.control("faults", {"faults": fault})
        assert problem_of(await asked(site, question)) is None

    on_site(check)


@pytest.mark.parametrize(("value", "wait_s"), [("7", 7.0), ("absurd", 3600.0), ("wrong", None)])
def test_retry_after_over_the_wire(value: str, wait_s: float | None) -> None:
    async def check(site: Site) -> None:
        await site.control("faults", {"faults": f"429={value}"})
        problem = problem_of(await asked(site, "build"))
        assert problem is not None
        assert problem.retry_after_s == wait_s

    on_site(check)


@pytest.mark.parametrize("how", ["close", "reset"])
def test_a_kept_connection_that_dies_under_the_question_is_replaced_once(how: str) -> None:
    """A server that ends idle connections does it at any moment, also while the next question is on its way."""
    body = b'{"overall": {"status": "DONE"}}'
    questions: list[int] = []
    ended = asyncio.Semaphore(0)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for asked_here in range(2):
            try:
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]))
            except asyncio.IncompleteReadError:
                break
            questions.append(asked_here)
            if asked_here:
                break
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        if how == "reset":
            writer.transport.abort()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        ended.release()

    async def run() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        settings = ServerSettings("x", "xray", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")

        async def no_token() -> None:
            return None

        client = kinds()["xray"].open_client(settings, Http(settings, SystemClock(), no_token))
        for _ in range(3):
            answer = await client.read([Target("x", "build", ("b", "1"))])
            assert problem_of(answer) is None
        await client.aclose()
        for _ in range(3):
            await ended.acquire()
        server.close()
        await server.wait_closed()

    asyncio.run(run())
    assert questions == [0, 1, 0, 1, 0], "a question that died was asked again, on a connection of its own"


def test_a_kept_connection_that_died_meanwhile_is_replaced_without_a_word() -> None:
    async def check(site: Site) -> None:
        async with client_of(site, "xray") as client:
            _, ask = QUESTIONS["build"]
            assert problem_of(await ask(client)) is None
            # The server drops what is connected and comes back: what a load balancer does at each deployment.
            await site.control("faults", {"faults": "refused=60"})
            await site.control("faults", method="DELETE")
            answer = await ask(client)
            assert problem_of(answer) is None
            assert [call.problem for call in answer.calls] == [None]

    on_site(check)


def test_a_silent_server_costs_one_time_limit_and_no_more() -> None:
    async def check(site: Site) -> None:
        await site.control("faults", {"faults": "hang"})
        begun = time.monotonic()
        answers = await asyncio.gather(*(asked(site, question, answer_s=LIMIT_S) for question in ("build", "scan")))
        assert {problem.code for answer in answers if (problem := problem_of(answer))} == {TIMEOUT}
        assert time.monotonic() - begun < 20 * LIMIT_S

    on_site(check)


def test_faults_of_one_server_leave_the_others_alone() -> None:
    async def check(site: Site) -> None:
        await site.control("faults", {"faults": "threadfix:503,xray:refused=60"})
        codes = {}
        for question in ("build", "scan", "jobs"):
            problem = problem_of(await asked(site, question))
            codes[question] = problem.code if problem else None
        assert codes == {"build": REFUSED, "scan": SERVER, "jobs": None}

    on_site(check)
