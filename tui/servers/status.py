"""What an HTTP status and a body that is no answer mean, as problems in words. Knows no server kind."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tui.domain.problem import Problem, ProblemCode
from tui.servers.body import UnreadableBody, html_title, is_html, is_login_page, read_json, reason_in
from tui.servers.errors import plain
from tui.servers.times import parse_http_date

if TYPE_CHECKING:
    from tui.servers.http import HttpAnswer

RETRY_AFTER_LIMIT_S = 3600.0  # a longer wait is obeyed for an hour, then asked again: it may be a mistake
_PAGE_STATUS = re.compile(r"HTTP Status (401|403)\b")  # Tomcat's page, passed on by a proxy as 200
_OF_A_THING = re.compile(r"not indexed|does not exist", re.IGNORECASE)  # Xray's words for builds and artifacts


def retry_after(text: str | None, now: datetime) -> float | None:
    """Seconds to wait from a Retry-After header (seconds or a date), capped; None where it says nothing usable.

    `now` is what the clock showed that the date was read from: the server's.
    """
    if not text:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:12]), RETRY_AFTER_LIMIT_S)
    until = parse_http_date(text)
    if until is None:
        return None
    return min(max(0.0, (until - now).total_seconds()), RETRY_AFTER_LIMIT_S)


def is_no_such_page(answer: HttpAnswer) -> bool:
    """A 404 that is no JSON: from a proxy or the container before the server's own calls, not of a thing in them.

    The server's own sentence about a thing counts as its own, also where it comes as plain text.
    """
    if answer.status not in (404, 410) or answer.body is not None or answer.is_empty:
        return False
    return answer.text.lstrip().startswith("<") or not _OF_A_THING.search(answer.text)


def no_such_page(answer: HttpAnswer, advice: str = "") -> Problem:
    """The problem of `is_no_such_page`; `advice` is what may be the matter besides the url."""
    reason = reason_in(answer.text, None).rstrip(".")
    text = f"The server has no such call at that url (HTTP {answer.status}{': ' + reason if reason else ''})."
    advice = f"Check the server's url. {advice}".rstrip()
    return Problem(ProblemCode.BAD_ANSWER, text, answer.status, advice, is_everywhere=True)


def judge_status(answer: HttpAnswer, host: str, now: datetime, *, has_token: bool) -> Problem | None:
    """The problem that an HTTP status is, with the server's own reason; None for 2xx."""
    status = answer.status
    if 200 <= status < 300:
        return None
    if is_no_such_page(answer):
        return no_such_page(answer)
    reason = reason_in(answer.text, answer.body)
    because = f": {reason}" if reason else ""
    wait_s = retry_after(answer.headers.get("retry-after"), answer.server_at or now)
    code, text, advice = ProblemCode.BAD_ANSWER, f"{host} did not accept the question (HTTP {status}){because}", ""
    if status == 401:
        code, text, advice = _unauthorised(host, because, has_token)
    elif status == 403:
        code, text = ProblemCode.FORBIDDEN, f"{host} does not permit this (HTTP 403){because}"
        advice = "The token is known but lacks the permission."
    elif status in (404, 410):
        code, text = ProblemCode.MISSING, (reason or f"{host} knows no such thing (HTTP {status})")
    elif status == 407:
        code, text = ProblemCode.REFUSED, f"The proxy before {host} wants to be signed in to{because}"
        advice = "Put user and password into the proxy's URL."
    elif status == 408:
        code, text = ProblemCode.TIMEOUT, f"{host} says that the question took too long{because}"
    elif status == 429:
        code, text = ProblemCode.RATE_LIMITED, f"{host} asks for fewer requests (HTTP 429){because}"
        pause = f"It asks to be left alone for {wait_s:.0f} s. " if wait_s is not None else ""
        advice = f"{pause}Lower budget_per_minute of this server, or ask its owner."
    elif status >= 500:
        code, text = ProblemCode.SERVER_ERROR, f"{host} has an error of its own (HTTP {status}){because}"
        advice = "Its own log says more: ask whoever runs it."
    elif 300 <= status < 400:
        code, text, advice = _redirected(host, answer)
    return Problem(code, _sentence(text), status, advice, wait_s)


def _unauthorised(host: str, because: str, has_token: bool) -> tuple[ProblemCode, str, str]:
    if not has_token:
        advice = "No token is configured for it."
        return ProblemCode.UNAUTHORISED, f"{host} wants a token (HTTP 401){because}", advice
    advice = "The token may have expired or been revoked; its source is read again before each try."
    return ProblemCode.UNAUTHORISED, f"{host} refused the token (HTTP 401){because}", advice


def _redirected(host: str, answer: HttpAnswer) -> tuple[ProblemCode, str, str]:
    where = answer.headers.get("location", "")
    try:
        parts = urlsplit(where)
        # Neither query nor user part: both may hold what must not be shown.
        shown = plain(
            (f"{parts.scheme}://" if parts.scheme else "") + parts.netloc.rpartition("@")[2] + parts.path, 120
        )
    except ValueError:
        shown = ""
    to_where = f" to {shown}" if shown else ""
    advice = "Redirects are not followed, since the token must not travel; check the server's url."
    if "login" in where.lower() or "sso" in where.lower() or "auth" in where.lower():
        advice = "It sends us to a login page: check the server's url and the token."
    return ProblemCode.REDIRECTED, f"{host} redirects{to_where} (HTTP {answer.status})", advice


def judge_body(answer: HttpAnswer, host: str, *, may_be_empty: bool) -> Problem | None:
    """The problem of an answer of 2xx that holds no JSON: empty, a login page, a page, broken; None if it is fine."""
    if answer.body is not None or (answer.is_empty and may_be_empty):
        return None
    text, status = answer.text, answer.status
    if answer.is_empty:
        advice = "The server may have run out of time by itself: ask again later."
        return Problem(ProblemCode.BAD_ANSWER, f"{host} sent an empty answer (HTTP {status}).", status, advice)
    if is_html(text):
        return _page(text, host, status)
    try:
        read_json(text)
    except UnreadableBody as error:
        advice = "Something between may have cut it: ask again later."
        return Problem(ProblemCode.BAD_ANSWER, f"The answer of {host} {error} (HTTP {status}).", status, advice)
    return None  # the JSON value null: its reader says what it thinks of that


def _page(text: str, host: str, status: int) -> Problem:
    title = html_title(text)
    named = f" titled {title!r}" if title else ""
    if found := _PAGE_STATUS.search(title):
        code = ProblemCode.UNAUTHORISED if found.group(1) == "401" else ProblemCode.FORBIDDEN
        return Problem(code, f"{host} refused with a page{named} (HTTP {status}).", status)
    if is_login_page(text):
        advice = "A proxy or the server wants a person to sign in: check the server's url, the token and the network."
        what = "login"
    else:
        advice, what = "Check the server's url.", "web"
    text = f"{host} sent a {what} page{named} in place of an answer."
    return Problem(ProblemCode.BAD_ANSWER, text, status, advice, is_everywhere=True)


def _sentence(text: str) -> str:
    text = text.rstrip()
    return text if text.endswith((".", "!", "?", "…")) else text + "."
