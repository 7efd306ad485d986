"""The way to a server, step by step, for `scantop doctor`: names, proxy, connection, TLS. No request is made here.

The same rules as in `http`: the server's own proxy, else the environment's, never one for this machine itself. Works on
plain sockets in threads, so that each step can be told from the next. No sentence holds a proxy's password.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import time
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from tui.domain.problem import Problem, ProblemCode
from tui.servers.certificate import Certificate, CertificateError, read_certificate
from tui.servers.errors import Unreachable, describe_timeout, describe_transport, plain
from tui.servers.trust import SYSTEM_STORES, is_loopback, tls_context
from tui.settings import ServerSettings

T = TypeVar("T")
HEAD_BYTES = 64 * 1024  # of a proxy's answer to CONNECT
MOST_TRIED = 16  # files that are tried as authorities; each costs a handshake
# Variables by which other programs on this machine are told of a private authority.
CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO")
CA_FOLDERS = ("/usr/local/share/ca-certificates", "/etc/pki/ca-trust/source/anchors", "~/.jfrog/security/certs")


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy; `shown` is its URL without user and password, `login` what it is signed in to with ("" if not)."""

    scheme: str
    host: str
    port: int
    login: str = ""

    @property
    def shown(self) -> str:
        """For people: no secret in it."""
        return f"{self.scheme}://{_bracketed(self.host)}:{self.port}"


@dataclass(frozen=True, slots=True)
class Way:
    """Where a server is and how it is reached. `origin` says where the proxy was named."""

    host: str
    port: int
    is_tls: bool
    proxy: Proxy | None = None
    origin: str = ""

    @property
    def first(self) -> tuple[str, int]:
        """Host and port of what is connected to first: the proxy where there is one."""
        return (self.proxy.host, self.proxy.port) if self.proxy is not None else (self.host, self.port)

    @property
    def is_direct(self) -> bool:
        """TLS can be looked at from here: no proxy, or one that is asked for a tunnel in plain HTTP."""
        return self.proxy is None or self.proxy.scheme == "http"

    @property
    def shown(self) -> str:
        """``host:port``."""
        return f"{_bracketed(self.host)}:{self.port}"


@dataclass(frozen=True, slots=True)
class Handshake:
    """A TLS handshake that was made; `certificate` is the server's own, None where it cannot be read."""

    version: str
    certificate: Certificate | None


def way_of(server: ServerSettings, environ: Mapping[str, str]) -> Way:
    """The way to a server. Raises `Unreachable` where its proxy's URL is of no use."""
    parts = urlsplit(server.url)
    host, is_tls = parts.hostname or "", parts.scheme == "https"
    way = Way(host, parts.port or (443 if is_tls else 80), is_tls)
    if server.proxy is not None:
        return replace(way, proxy=_proxy(server.proxy), origin=f"proxy in [servers.{server.name}]")
    if is_loopback(host):
        return way
    # As every HTTP library: both cases are read, and the lower one wins.
    ordered = sorted(environ, key=str.islower)
    named = {name.lower(): environ[name] for name in ordered if name.lower().endswith("_proxy") and environ[name]}
    if "REQUEST_METHOD" in environ:
        named.pop("http_proxy", None)  # in a CGI this is a header of the client's; every HTTP library leaves it out
    bypass = {"no": named.pop("no_proxy", "")}
    if urllib.request.proxy_bypass_environment(way.shown, bypass):  # type: ignore[attr-defined]  # public, untyped
        return way
    for variable in (f"{parts.scheme}_proxy", "all_proxy"):
        if variable in named:
            return replace(way, proxy=_proxy(named[variable]), origin=f"{variable.upper()} in the environment")
    return way


def _proxy(url: str) -> Proxy:
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 1080)
    except ValueError:
        parts, port = urlsplit(""), 0
    if not parts.hostname:
        advice = "Set proxy to http://host:port or https://host:port."
        raise Unreachable(Problem(ProblemCode.REFUSED, "The proxy's URL is not usable.", advice=advice))
    login = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}" if parts.username else ""
    return Proxy(parts.scheme, parts.hostname, port, login)


async def resolve(host: str, port: int, limit_s: float) -> tuple[str, ...]:
    """The addresses of a name, each once. Raises `Unreachable`, also where no answer comes within `limit_s`."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(limit_s):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except TimeoutError:
        text = f"No name server answered within {limit_s:g} s where {host} is."
        raise Unreachable(Problem(ProblemCode.DNS, text, advice="Check DNS and VPN on this machine.")) from None
    except (OSError, UnicodeError) as error:
        raise Unreachable(describe_transport(error, f"{host}:{port}", "connecting")) from None
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


async def connect(server: ServerSettings, way: Way) -> float:
    """Connect (to the proxy, where there is one) and hang up; seconds it took. Raises `Unreachable`."""

    def measure() -> float:
        start = time.monotonic()
        _socket(server, way).close()
        return time.monotonic() - start

    return await _in_thread(measure)


async def shake_hands(server: ServerSettings, way: Way) -> Handshake:
    """Make a TLS handshake as a request would, through the proxy too. Raises `Unreachable`."""
    return await _in_thread(lambda: _handshake(server, way, tls_context(server)))


async def look_at(server: ServerSettings, way: Way) -> Certificate | None:
    """The certificate that the server shows, trusted or not; None where none can be had."""
    try:
        return (await shake_hands(replace(server, verify=False, ca_file=None), way)).certificate
    except Unreachable:
        return None


async def find_authority(
    server: ServerSettings, way: Way, environ: Mapping[str, str], others: Iterable[Path] = ()
) -> Path | None:
    """The first file on this machine with whose authorities the handshake works; None where none does.

    Tried: `others` (of the other servers), the variables that other programs read, the usual folders.
    """
    for file in _candidates(environ, others)[:MOST_TRIED]:
        try:
            await shake_hands(replace(server, verify=True, ca_file=file), way)
        except Unreachable:
            continue
        return file
    return None


def _candidates(environ: Mapping[str, str], others: Iterable[Path]) -> list[Path]:
    found = [*others, *(Path(environ[name]) for name in CA_VARIABLES if environ.get(name))]
    for folder in CA_FOLDERS:
        try:
            place = Path(folder.replace("~", environ.get("HOME", "~"), 1))
            found += sorted(entry for entry in place.iterdir() if entry.suffix.lower() in (".pem", ".crt", ".cer"))
        except OSError:
            continue
    found += [Path(name) for name in SYSTEM_STORES]
    return [path for path in dict.fromkeys(found) if path.is_file()]


async def _in_thread(work: Callable[[], T]) -> T:
    return await asyncio.to_thread(work)


def _socket(server: ServerSettings, way: Way) -> socket.socket:
    host, port = way.first
    shown = f"{_bracketed(host)}:{port}"
    try:
        return socket.create_connection((host, port), timeout=server.connect_s)
    except TimeoutError:
        raise Unreachable(describe_timeout(shown, "connecting", server.connect_s, 0)) from None
    except (OSError, UnicodeError) as error:
        raise Unreachable(describe_transport(error, shown, "connecting")) from None


def _handshake(server: ServerSettings, way: Way, context: ssl.SSLContext) -> Handshake:
    plain_socket = _socket(server, way)
    try:
        plain_socket.settimeout(server.answer_s)
        if way.proxy is not None:
            _tunnel(plain_socket, way, way.proxy)
        with context.wrap_socket(plain_socket, server_hostname=way.host) as wrapped:
            der = wrapped.getpeercert(binary_form=True)
            version = wrapped.version() or "TLS"
    except TimeoutError:
        raise Unreachable(describe_timeout(way.shown, "waiting", server.answer_s, 0)) from None
    except (OSError, ValueError) as error:  # ssl's errors are OSErrors
        raise Unreachable(describe_transport(error, way.shown, "connecting")) from None
    finally:
        plain_socket.close()
    try:
        return Handshake(version, read_certificate(der) if der else None)
    except CertificateError:
        return Handshake(version, None)


def _tunnel(opened: socket.socket, way: Way, proxy: Proxy) -> None:
    lines = [f"CONNECT {way.shown} HTTP/1.1", f"Host: {way.shown}"]
    if proxy.login:
        lines.append("Proxy-Authorization: Basic " + b64encode(proxy.login.encode()).decode("ascii"))
    opened.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace"))
    head = b""
    while b"\r\n\r\n" not in head and len(head) < HEAD_BYTES:
        piece = opened.recv(4096)
        if not piece:
            break
        head += piece
    status = head.split(b"\r\n", 1)[0].decode("latin-1").partition(" ")[2]
    if not status.startswith("2"):
        said = plain(status, 100) or "it hung up"
        advice = "Check the proxy of this server, and HTTPS_PROXY and NO_PROXY."
        if status.startswith("407"):
            advice = "Put user and password into the proxy's URL."
        text = f"The proxy {proxy.shown} did not connect to {way.shown}: {said}."
        raise Unreachable(Problem(ProblemCode.REFUSED, text, advice=advice))


def system_store() -> str:
    """Where the authorities that are trusted by default come from, for people."""
    paths = ssl.get_default_verify_paths()
    for name in (os.environ.get(paths.openssl_cafile_env), os.environ.get(paths.openssl_capath_env)):
        if name:
            return name
    return paths.cafile or paths.capath or next((name for name in SYSTEM_STORES if os.path.isfile(name)), "certifi's")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
