"""Whom we trust and through whom we speak: TLS contexts, loopback, proxies. Knows no request."""

from __future__ import annotations

import os
import ssl
from ipaddress import ip_address
from pathlib import Path

from tui.domain.problem import Problem, ProblemCode
from tui.servers.errors import Unreachable, plain
from tui.settings import ServerSettings


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its very name (no lookup: a name server must not decide it)."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def has_system_store() -> bool:
    """Whether OpenSSL's own default places hold any authority (they do not in some Python builds)."""
    paths = ssl.get_default_verify_paths()
    if paths.cafile and os.path.isfile(paths.cafile):
        return True
    try:
        return bool(paths.capath) and any(os.scandir(paths.capath))
    except OSError:
        return False


def tls_context(server: ServerSettings) -> ssl.SSLContext:
    """The context for one server: the system's store (SSL_CERT_FILE and SSL_CERT_DIR are obeyed), else certifi's; plus
    `ca_file`; the client certificate; no checks at all with ``verify = false``. Raises `Unreachable`.
    """
    context = ssl.create_default_context()
    if not has_system_store():
        import certifi

        context.load_verify_locations(certifi.where())
    if server.ca_file is not None:
        try:
            context.load_verify_locations(_expanded(server.ca_file))
        except (OSError, RuntimeError) as error:  # ssl.SSLError is an OSError
            raise _unusable("ca_file", server.ca_file, error, "It must be a PEM file of certificates.") from None
    if server.client_cert is not None:
        key = _expanded(server.client_key) if server.client_key is not None else None
        try:
            # A password is refused rather than asked for: the terminal is not ours to ask on.
            context.load_cert_chain(_expanded(server.client_cert), key, password=_no_password)
        except (OSError, RuntimeError, ValueError) as error:
            advice = "It must be a PEM file with the certificate, and client_key its key without a password."
            raise _unusable("client_cert", server.client_cert, error, advice) from None
    if not server.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _no_password() -> str:
    return ""


def _expanded(path: Path) -> Path:
    return path.expanduser()


def _unusable(key: str, path: Path, error: Exception, advice: str) -> Unreachable:
    reason = error.strerror if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) else None
    words = plain(reason or "it is not what it should be")
    return Unreachable(Problem(ProblemCode.TLS, f"The {key} {path} cannot be used: {words}.", advice=advice))
