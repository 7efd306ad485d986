"""What can go wrong on the way to a server, as one exception tree, and the words for each failure.

::

    Exception
    └── ServerError          an expected failure: carries the `Problem`, the `Call`, the answer if there was one
        ├── Unreachable      no answer came: DNS, connection, TLS, proxy, time limit, size limit
        ├── Refusal          HTTP 401 or 403, a kind's own way to say so at 200, or no credential to be had
        └── BadAnswer        an answer came that is an error, a redirect, too large, or not what was asked for

Nothing below `tui.servers` lets any other exception out for what a network or a server may do. No sentence here holds a
credential; server text in one has passed `plain`.
"""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tui.domain.problem import REFUSALS, Problem, ProblemCode
from tui.domain.records import Call

if TYPE_CHECKING:
    from tui.servers.http import HttpAnswer

CHAIN_LIMIT = 50  # causes looked at; a chain that is longer is a loop
PROXY = "The proxy "  # before the ``name:port`` of a proxy that was spoken to
SERVER_TEXT = 300  # characters of server text in a sentence; the raw view has it all


class ServerError(Exception):
    """An expected failure of one request. `answer` is what the server sent, where it sent something whole.

    `may_have_arrived`: without an answer, the question may have reached the server all the same.
    """

    may_have_arrived = False

    def __init__(self, problem: Problem, call: Call | None = None, answer: HttpAnswer | None = None) -> None:
        super().__init__(problem.text)
        self.problem = problem
        self.call = call
        self.answer = answer


class Unreachable(ServerError):
    """No answer came."""


class Refusal(ServerError):
    """The server knows who asks, or wants to, and says no."""


class BadAnswer(ServerError):
    """An answer came, but not one that says what was asked."""


def error_for(problem: Problem, call: Call | None = None, answer: HttpAnswer | None = None) -> ServerError:
    """The exception of the tree that fits a problem."""
    if problem.code in REFUSALS:
        return Refusal(problem, call, answer)
    return (Unreachable if answer is None else BadAnswer)(problem, call, answer)


def plain(text: str, limit: int = SERVER_TEXT) -> str:
    """Server text on one line without control, bidi or zero-width characters, for use inside a sentence."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text[: limit * 4]).split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _chain(error: BaseException) -> Iterator[BaseException]:
    pending: list[BaseException] = [error]
    for _ in range(CHAIN_LIMIT):
        if not pending:
            return
        current = pending.pop(0)
        yield current
        if isinstance(current, BaseExceptionGroup):
            pending.extend(current.exceptions)
        pending.extend(cause for cause in (current.__cause__, current.__context__) if cause is not None)


# What OpenSSL's verify codes mean to a person. Source: x509_vfy.h (X509_V_ERR_…), stable since 1.0.2.
_VERIFY: dict[int, tuple[str, str]] = {
    9: ("its certificate is not valid yet", "Check this machine's clock."),
    10: ("its certificate has expired", "Its owner must renew it; check this machine's clock too."),
    62: ("its certificate is for another name", "Use the name that the certificate is for in the server's url."),
    64: ("its certificate is for another address", "Use the name that the certificate is for in the server's url."),
}
_UNKNOWN_CA = (
    "its certificate is signed by an authority that this machine does not know",
    "Set ca_file to the PEM file of that authority.",
)


def describe_transport(error: BaseException, host: str, phase: str) -> Problem:
    """The problem behind whatever httpx, anyio, ssl or the system raised.

    `host` is the ``name:port`` (or proxy) that was spoken to, `phase` what was under way: ``connecting``, ``handshake``
    (of TLS), ``waiting`` (for the first byte) or ``reading``.
    """
    links = tuple(_chain(error))
    for link in links:
        if isinstance(link, ssl.SSLCertVerificationError):
            words, advice = _VERIFY.get(link.verify_code, _UNKNOWN_CA)
            if link.verify_code not in _VERIFY and link.verify_code not in (2, 18, 19, 20, 21):
                words = f"its certificate was not accepted ({plain(link.verify_message or 'no reason given')})"
            return Problem(ProblemCode.TLS, f"{host} cannot be trusted: {words}.", advice=advice)
    for link in links:
        if isinstance(link, ssl.SSLError):
            return _tls(link, host)
        if isinstance(link, socket.gaierror | UnicodeError):
            name = host.rpartition(":")[0] or host
            whose = " of the proxy" if name.startswith(PROXY) else ""
            text = f"The name{whose} {name.removeprefix(PROXY)} cannot be resolved."
            return Problem(ProblemCode.DNS, text, advice="Check the server's url, and DNS or VPN on this machine.")
        if isinstance(link, OSError) and link.errno is not None:
            found = _system(link.errno, host, phase)
            if found is not None:
                return found
    return _by_name(links, host, phase)


def _tls(link: ssl.SSLError, host: str) -> Problem:
    reason = getattr(link, "reason", None) or ""
    if reason in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"}:
        text, advice = f"{host} does not speak TLS on that port.", "Check the port and the scheme in the server's url."
    elif "CERTIFICATE_REQUIRED" in reason or "ALERT_BAD_CERTIFICATE" in reason or "HANDSHAKE_FAILURE" in reason:
        text = f"{host} ended the TLS handshake ({reason.lower().replace('_', ' ')})."
        advice = "It may want a client certificate: set client_cert and client_key."
    else:
        return _handshake(host, plain(reason.lower().replace("_", " ")) or "the connection was cut")
    return Problem(ProblemCode.TLS, text, advice=advice)


def _handshake(host: str, words: str) -> Problem:
    advice = "Check the port and any proxy between."
    return Problem(ProblemCode.TLS, f"The TLS handshake with {host} failed ({words}).", advice=advice)


def _system(number: int, host: str, phase: str) -> Problem | None:
    if number == errno.ECONNREFUSED:
        advice = "Check that it is up, and the host and port in its url."
        return Problem(ProblemCode.REFUSED, f"{host} refused the connection.", advice=advice)
    if number in {errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED}:
        if phase == "handshake":
            return _handshake(host, "the connection was cut")
        when = {"connecting": "while connecting", "waiting": "before it answered"}.get(phase, "within its answer")
        return Problem(ProblemCode.REFUSED, f"{host} broke the connection {when}.")
    if number in {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL}:
        advice = "Check this machine's network, VPN or proxy."
        return Problem(ProblemCode.REFUSED, f"There is no route to {host}.", advice=advice)
    if number == errno.ETIMEDOUT:
        return Problem(ProblemCode.TIMEOUT, f"{host} does not answer on the network.")
    return None


def _by_name(links: tuple[BaseException, ...], host: str, phase: str) -> Problem:
    names = [type(link).__name__ for link in links]
    if "ProxyError" in names:
        detail = plain(str(links[0])) or "no reason given"
        advice = "Check the proxy of this server, and HTTPS_PROXY."
        return Problem(ProblemCode.REFUSED, f"The proxy did not connect to {host}: {detail}.", advice=advice)
    if any("Timeout" in name for name in names):
        return Problem(ProblemCode.TIMEOUT, f"{host} did not answer in time.")
    if "location header" in str(links[0]):  # the client looks at a redirect even where it does not follow it
        return Problem(ProblemCode.REDIRECTED, f"{host} redirects to a place that is no URL.")
    if phase == "reading":
        return Problem(ProblemCode.BAD_ANSWER, f"The answer of {host} broke off before its end.")
    if "RemoteProtocolError" in names and "disconnected" not in str(links[0]):
        return Problem(ProblemCode.BAD_ANSWER, f"{host} does not answer in HTTP.", advice="Check the port in its url.")
    if phase == "handshake":
        return _handshake(host, "the connection was cut")
    when = "while connecting" if phase == "connecting" else "without an answer"
    return Problem(ProblemCode.REFUSED, f"{host} closed the connection {when}.")


def describe_timeout(host: str, phase: str, limit_s: float, size: int, key: str = "answer_timeout") -> Problem:
    """The words for a time limit that ran out, by what was under way; `size` is how many bytes had come, `key` what
    sets the limit of an answer."""
    if phase == "connecting":
        text = f"{host} did not take the connection within {limit_s:g} s."
    elif phase == "waiting":
        text = f"{host} took the question but said nothing for {limit_s:g} s."
    else:
        text = f"{host} did not finish its answer within {limit_s:g} s ({size} bytes came)."
    key = "connect_timeout" if phase == "connecting" else key
    advice = f"Look at the network and the server's load; {key} gives it more time."
    return Problem(ProblemCode.TIMEOUT, text, advice=advice)
