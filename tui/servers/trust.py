"""Whom we trust and through whom we speak: TLS contexts, loopback, proxies. Knows no request."""

from __future__ import annotations

import os
import ssl
from ipaddress import ip_address
from pathlib import Path

from tui.domain.problem import Problem, ProblemCode
from tui.servers.errors import Unreachable, plain
from tui.settings import ServerSettings

# Where operating systems keep their own store, for a Python that was built to look elsewhere: Debian and SUSE and
# Alpine and Arch, Fedora and RHEL, older SUSE, FreeBSD, macOS.
SYSTEM_STORES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
    "/etc/ssl/cert.pem",
)
CERTIFICATE_FILES = (".pem", ".crt", ".cer", "")  # what is read of a folder of authorities; "" is a hashed name


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
    `ca_file` (a folder: all of its files); the client certificate; no checks at all with ``verify = false``.

    Raises `Unreachable`. On the systems that scantop runs on the system's store is files that OpenSSL reads by itself,
    so no library for foreign stores is needed; for a Python that looks elsewhere the known places are tried.
    """
    context = ssl.create_default_context()
    if not has_system_store():
        context.load_verify_locations(_other_store())
    if server.ca_file is not None:
        try:
            for file in _authorities(_expanded(server.ca_file)):
                context.load_verify_locations(file)
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


def _other_store() -> str:
    for name in SYSTEM_STORES:
        if os.path.isfile(name) and os.access(name, os.R_OK):
            return name
    import certifi

    return certifi.where()


def _authorities(place: Path) -> list[Path]:
    if not place.is_dir():
        return [place]
    return sorted(file for file in place.iterdir() if file.is_file() and file.suffix.lower() in CERTIFICATE_FILES)


def _no_password() -> str:
    return ""


def _expanded(path: Path) -> Path:
    return path.expanduser()


def _unusable(key: str, path: Path, error: Exception, advice: str) -> Unreachable:
    reason = error.strerror if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) else None
    words = plain(reason or "it is not what it should be")
    return Unreachable(Problem(ProblemCode.TLS, f"The {key} {path} cannot be used: {words}.", advice=advice))
