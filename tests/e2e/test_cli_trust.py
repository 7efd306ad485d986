"""Private authorities, client certificates and proxies, from the configuration or the environment to the request."""

from __future__ import annotations

import os
import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from command import Said, scantop, simulated

# The authority is the one of the contract tests.
sys.path.insert(0, str(Path(__file__).parents[1] / "contract"))

from test_clients_tls import Authority

SAMPLE = Path(__file__).parents[1] / "fixtures" / "xray" / "build_status.json"
BUILD = "prod:build/my-build/1?project=my-project"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def config(path: Path, url: str, more: str = "", token: str = "any") -> Path:
    path.write_text(f'[servers.prod]\nkind = "xray"\nurl = "{url}"\ntoken = "{token}"\n{more}')
    path.chmod(0o600)
    return path


def status(path: Path, **environ: str) -> Said:
    return scantop("--config", str(path), "status", BUILD, environ={**os.environ, **environ})


def test_the_systems_store_and_a_ca_file(authority: Authority, tmp_path: Path) -> None:
    certificate, key = authority.issue("127.0.0.1")
    with simulated("--scenario=documents", f"--tls-cert={certificate}", f"--tls-key={key}") as world:
        server = world.line["servers"]["xray"]
        bare = config(tmp_path / "bare.toml", server["url"], token=server["token"])
        refused = status(bare)
        assert refused.code == 3 and "authority that this machine does not know" in refused.out
        assert status(bare, SSL_CERT_FILE=str(authority.ca_file)).code == 0, "the store that OpenSSL is told of"
        named = config(tmp_path / "named.toml", server["url"], 'ca_file = "ca.pem"\n', server["token"])
        assert status(named).code == 0, "a path beside the config"
        looked = scantop(
            "--config", str(bare), "doctor", environ={**os.environ, "CURL_CA_BUNDLE": str(authority.ca_file)}
        )
        assert looked.code == 3 and f'ca_file = "{authority.ca_file}"' in looked.out


class Answer(BaseHTTPRequestHandler):
    """Answers every question with the documents' sample."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", str(SAMPLE.stat().st_size))
        self.end_headers()
        self.wfile.write(SAMPLE.read_bytes())

    def log_message(self, *_: Any) -> None:
        """Nothing to say."""


class Quiet(HTTPServer):
    """A handshake that is refused is what the test is about."""

    def handle_error(self, *_: Any) -> None:
        """Nothing to say."""


@contextmanager
def wants_certificate(authority: Authority) -> Iterator[int]:
    """A server that takes nobody without a certificate of this authority; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.issue("127.0.0.1"))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority.ca_file)
    server = Quiet(("127.0.0.1", 0), Answer)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_client_certificate(authority: Authority, tmp_path: Path) -> None:
    certificate, key = authority.issue("me.test")
    with wants_certificate(authority) as port:
        url, ca = f"https://127.0.0.1:{port}", 'ca_file = "ca.pem"\n'
        own = f'client_cert = "{certificate}"\nclient_key = "{key}"\n'
        assert status(config(tmp_path / "own.toml", url, ca + own)).code == 0
        assert status(config(tmp_path / "none.toml", url, ca)).code == 3


@pytest.mark.parametrize("where", ["environment", "config", "left out"])
def test_proxies(tmp_path: Path, where: str) -> None:
    """The simulator takes the questions of a proxy's clients too: the host that they name exists nowhere."""
    with simulated("--scenario=documents", "--frozen") as world:
        server = world.line["servers"]["xray"]
        proxy = f'proxy = "{server["url"]}"\n' if where == "config" else ""
        environ = {} if where == "config" else {"http_proxy": server["url"]}
        environ |= {"no_proxy": "example.invalid"} if where == "left out" else {}
        path = config(
            tmp_path / "c.toml", "http://xray.example.invalid", "allow_http = true\n" + proxy, server["token"]
        )
        said = status(path, **environ)
        asked = world.control("requests", method="GET")["total"]
    assert (said.code, asked > 0) == ((3, False) if where == "left out" else (0, True)), said
