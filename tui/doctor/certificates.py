"""The TLS step: whether the server is trusted, who signed for it and until when, and which file would mend distrust."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from tui.clock import Clock
from tui.doctor.steps import Fact, Step, failed
from tui.domain.problem import Problem, ProblemCode
from tui.present.format import rfc3339
from tui.servers.certificate import Certificate, CertificateError, read_certificate
from tui.servers.errors import Unreachable
from tui.servers.probing import Verdict
from tui.servers.route import Way, find_authority, look_at, shake_hands, system_store
from tui.servers.trust import is_loopback
from tui.settings import ServerSettings

SOON_DAYS = 21  # a certificate that ends sooner is worth a word: renewing one takes people
DAY_S = 86_400
_PEM_BEGIN = "-----BEGIN CERTIFICATE-----"
_PEM_END = "-----END CERTIFICATE-----"


async def tls_step(
    server: ServerSettings, way: Way, clock: Clock, environ: Mapping[str, str], authorities: Iterable[Path]
) -> Step:
    """The step for one server. Raises nothing that a network or a server can bring about."""
    if not way.is_tls:
        return _plain(server, way)
    if not way.is_direct:
        text = "TLS is not looked at by itself through a proxy of this kind; the next step shows whether it works."
        return Step("tls", Verdict.NOTE, text)
    table = f"[servers.{server.name}]"
    try:
        trusted = await shake_hands(replace(server, verify=True), way)
    except Unreachable as error:
        seen = await look_at(server, way)
        if not server.verify and seen is not None:
            text = f"not checked at all (verify = false); it would fail: {error.problem.text} {_words(seen, clock)}"
            advice = await _mend(server, way, seen, error.problem, environ, authorities)
            return Step(
                "tls",
                Verdict.NOTE,
                text,
                f"{advice} Then take verify = false out of {table}.",
                facts=_facts(seen, clock),
            )
        problem = error.problem
        if seen is None or problem.code is not ProblemCode.TLS or "cannot be used" in problem.text:
            return failed("tls", problem)
        advice = await _mend(server, way, seen, problem, environ, authorities)
        return failed(
            "tls", replace(problem, text=f"{problem.text} {_words(seen, clock)}", advice=advice), _facts(seen, clock)
        )
    certificate = trusted.certificate
    own = client_certificate(server, clock.now())
    if certificate is None:
        return own or Step("tls", Verdict.OK, f"{trusted.version}, trusted.")
    by = f"ca_file {server.ca_file} or {system_store()}" if server.ca_file else system_store()
    text = f"{trusted.version}, trusted by {by}. {_words(certificate, clock)}"
    facts = (*_facts(certificate, clock), ("version", trusted.version))
    if not server.verify:
        advice = f"It would be trusted: take verify = false out of {table}."
        return Step("tls", Verdict.NOTE, f"not checked at all (verify = false). {text}", advice, facts=facts)
    if _days(certificate.ends_at, clock.now()) < SOON_DAYS:
        return Step("tls", Verdict.NOTE, text, "Its owner must renew it soon.", facts=facts)
    if own is not None:
        return replace(own, text=f"{text} {own.text}", facts=facts)
    return Step("tls", Verdict.OK, text, facts=facts)


def _plain(server: ServerSettings, way: Way) -> Step:
    if is_loopback(way.host):
        return Step("tls", Verdict.OK, "plain http to this machine itself: nothing leaves it.")
    if server.allow_http:
        text = "plain http: everybody on the way can read the token and change the answers (allow_http = true)."
        return Step("tls", Verdict.NOTE, text, "Use https in the server's url, and take allow_http out.")
    text = f"Plain http to {way.shown} is refused: its token would travel readable."
    advice = f"Use https, or set allow_http = true in [servers.{server.name}]."
    return failed("tls", Problem(ProblemCode.TLS, text, advice=advice))


async def _mend(
    server: ServerSettings,
    way: Way,
    seen: Certificate,
    problem: Problem,
    environ: Mapping[str, str],
    authorities: Iterable[Path],
) -> str:
    if "authority that this machine does not know" not in problem.text:
        names = f" It is for: {', '.join(seen.names)}." if seen.names and "another" in problem.text else ""
        return problem.advice + names
    file = await find_authority(server, way, environ, authorities)
    if file is not None:
        return f'ca_file = "{file}" in [servers.{server.name}] mends it: with that file the handshake works.'
    whose = "the server's own certificate" if seen.is_self_signed else f"the certificate of {seen.issuer!r}"
    return (
        f"No file on this machine vouches for it: get {whose} as a PEM file from whoever runs the server, and set "
        f"ca_file to it in [servers.{server.name}]."
    )


def _words(certificate: Certificate, clock: Clock) -> str:
    days = _days(certificate.ends_at, clock.now())
    left = f"{days} days left" if days >= 0 else f"{-days} days ago"
    signed = "signed by itself" if certificate.is_self_signed else f"signed by {certificate.issuer!r}"
    return f"Certificate of {certificate.subject!r}, {signed}, until {rfc3339(certificate.ends_at)} ({left})."


def _facts(certificate: Certificate, clock: Clock) -> tuple[tuple[str, Fact], ...]:
    return (
        ("subject", certificate.subject),
        ("issuer", certificate.issuer),
        ("names", certificate.names),
        ("ends_at", rfc3339(certificate.ends_at)),
        ("days_left", _days(certificate.ends_at, clock.now())),
    )


def _days(ends_at: datetime, now: datetime) -> int:
    return int((ends_at - now).total_seconds() // DAY_S)


def client_certificate(server: ServerSettings, now: datetime) -> Step | None:
    """A note on our own certificate where it is over or will be soon; None where there is nothing to say."""
    if server.client_cert is None:
        return None
    try:
        text = server.client_cert.expanduser().read_text("ascii", "replace")
        start, end = text.index(_PEM_BEGIN), text.index(_PEM_END) + len(_PEM_END)
        certificate = read_certificate(ssl.PEM_cert_to_DER_cert(text[start:end]))
    except (OSError, ValueError, RuntimeError, CertificateError):
        return None  # a file that cannot be used at all has failed before
    days = _days(certificate.ends_at, now)
    if days >= SOON_DAYS:
        return None
    when = f"ends in {days} days" if days >= 0 else f"ended {-days} days ago"
    return Step("tls", Verdict.NOTE, f"The client certificate {server.client_cert} {when}.", "Have it renewed.")
