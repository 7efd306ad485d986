"""`simulate` run by itself: one JSON line, every way to end it, what it refuses, what it does not import."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tui.cli.main import main

COMMAND = [sys.executable, "-m", "tui.cli.simulate"]
PATIENCE_S = 20  # for a loaded machine; every wait ends by itself long before


@contextmanager
def simulating(*flags: str) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any]]]:
    """The command with its standard input held open, and the line that it printed."""
    with subprocess.Popen(
        [*COMMAND, "--frozen", *flags], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        try:
            assert child.stdout is not None
            line = child.stdout.readline()
            assert line, child.stderr.read().decode() if child.stderr else ""
            yield child, json.loads(line)
        finally:
            child.kill()


def asked(line: dict[str, Any]) -> httpx.Response:
    """The first page of the queue."""
    server = line["servers"]["codeinsight"]
    headers = {"Authorization": f"Bearer {server['token']}"}
    return httpx.get(f"{server['url']}/codeinsight/api/jobs", headers=headers, trust_env=False)


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def refused(*flags: str) -> str:
    """The one line on standard error of a run that must end with 2 and print nothing."""
    ended = subprocess.run(
        [*COMMAND, *flags], capture_output=True, text=True, timeout=PATIENCE_S, stdin=subprocess.DEVNULL
    )
    assert (ended.returncode, ended.stdout) == (2, ""), ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_the_line_has_port_servers_tokens_and_watch_and_ends_with_end_of_file() -> None:
    with simulating("--until-eof", "--targets", "10", "--jobs", "12") as (child, line):
        assert set(line["servers"]) == {"xray", "threadfix", "codeinsight"}
        for kind, server in line["servers"].items():
            assert server["kind"] == kind and server["token"] and server["url"].startswith("http://127.0.0.1:")
        assert line["servers"]["codeinsight"]["timezone"] == "UTC"
        assert {table["server"] for table in line["watch"]} == set(line["servers"])
        assert asked(line).headers["Total-records"] == "12"
        assert is_open(line["port"])
        assert child.stdin is not None
        child.stdin.close()
        assert child.wait(PATIENCE_S) == 0
        assert not is_open(line["port"])
        assert child.stderr is not None and child.stderr.read() == b""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_even_with_a_caller_that_hangs(number: signal.Signals) -> None:
    with simulating("--faults", "codeinsight:hang") as (child, line):
        port = int(line["servers"]["codeinsight"]["url"].rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as caller:
            token = line["servers"]["codeinsight"]["token"]
            lines = ("GET /codeinsight/api/jobs HTTP/1.1", "Host: x", f"Authorization: Bearer {token}", "", "")
            caller.sendall("\r\n".join(lines).encode())
            child.send_signal(number)
            assert child.wait(PATIENCE_S) == 0
        assert child.stderr is not None and child.stderr.read() == b""


def test_it_dies_with_a_parent_that_is_killed() -> None:
    # The parent holds the only other end of the pipe and is killed without a chance to clean up.
    parent = (
        "import subprocess, sys; "
        "child = subprocess.Popen([sys.executable, '-m', 'tui.cli.simulate', '--until-eof'], "
        "stdin=subprocess.PIPE, stdout=subprocess.PIPE); "
        "sys.stdout.buffer.write(child.stdout.readline()); sys.stdout.flush(); child.wait()"
    )
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        port = json.loads(child.stdout.readline())["port"]
        with socket.create_connection(("127.0.0.1", port)) as caller:
            caller.settimeout(PATIENCE_S)
            child.kill()
            assert caller.recv(1) == b""  # the simulator closed it, so it has ended or is about to


def four_free_ports() -> int:
    """The first of four ports in a row that nobody has."""
    for first in range(21000, 30000, 4):
        with ExitStack() as stack:
            probes = [stack.enter_context(socket.socket()) for _ in range(4)]
            try:
                for place, probe in enumerate(probes):
                    probe.bind(("127.0.0.1", first + place))
            except OSError:
                continue
            return first
    raise AssertionError("no four free ports")


def test_it_takes_the_ports_that_it_is_told_and_says_when_they_are_taken() -> None:
    port = four_free_ports()
    with simulating("--port", str(port)) as (_, line):
        urls = [server["url"] for server in line["servers"].values()]
        assert line["port"] == port
        assert sorted(httpx.URL(url).port or 0 for url in urls) == [port + 1, port + 2, port + 3]
        assert f"cannot listen on ports {port} to {port + 3}" in refused("--port", str(port))


@pytest.mark.parametrize(
    ("flags", "hint"),
    [
        (("--scenario", "dya"), "did you mean 'day'?"),
        (("--faults", "xray:rset"), "did you mean 'reset'?"),
        (("--variants", "list-shape=bear"), "did you mean 'bare'?"),
        (("--speed", "-1"), "--speed must be"),
        (("--speed", "nan"), "--speed must be"),
        (("--targets", "-5"), "--targets must lie between"),
        (("--jobs", "99999999"), "--jobs must lie between"),
        (("--port", "70000"), "--port must lie between"),
        (("--start-at", "yesterday"), "--start-at 'yesterday'"),
        (("--tls-cert", "/nonexistent.pem"), "nonexistent.pem"),
        (("--tls-key", "/nonexistent.pem"), "--tls-key needs --tls-cert"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence_and_exit_code_2(
    flags: tuple[str, ...], hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", *flags]) == 2
    said = capsys.readouterr()
    assert said.out == "" and hint in said.err
    assert said.err.count("\n") == 1


def test_it_imports_neither_the_screen_nor_the_client() -> None:
    check = (
        "import sys; import tui.cli.simulate, argparse; from tui.simulator.serve import Simulator; "
        "from tui.simulator.world import World; Simulator(World()); "
        "print([name for name in ('textual', 'httpx', 'pydantic') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", check], capture_output=True, text=True).stdout.strip() == "[]"


def test_a_start_time_makes_two_processes_tell_the_same() -> None:
    flags = ("--start-at", "2026-11-22T07:00:00Z", "--seed", "9")
    with simulating(*flags) as (_, one), simulating(*flags) as (_, other):
        assert one["watch"] == other["watch"] and one["port"] != other["port"]
        assert asked(one).content == asked(other).content


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1 and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl makes the certificate")
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    call = [openssl, "req", "-x509", *curve, "-nodes", "-days", "2", *subject, "-keyout", str(key), "-out", str(cert)]
    subprocess.run(call, check=True, capture_output=True)
    return cert, key


def test_tls_on_the_servers_ports_and_a_cut_handshake(certificate: tuple[Path, Path]) -> None:
    cert, key = certificate
    with simulating("--tls-cert", str(cert), "--tls-key", str(key)) as (_, line):
        server = line["servers"]["xray"]
        assert server["url"].startswith("https://")
        trusting = ssl.create_default_context(cafile=str(cert))
        with httpx.Client(verify=trusting, trust_env=False) as client:
            assert client.get(f"{server['url']}/xray/api/v1/system/ping").json() == {"status": "pong"}
            with httpx.Client(trust_env=False) as distrusting, pytest.raises(httpx.ConnectError, match="CERTIFICATE"):
                distrusting.get(f"{server['url']}/xray/api/v1/system/ping")
            cut = {"fault": "tls-cut", "server": "xray", "count": 1}
            assert client.post(f"{line['control']}/faults", json=cut).status_code == 200
        with httpx.Client(verify=trusting, trust_env=False) as client:
            with pytest.raises(httpx.TransportError):
                client.get(f"{server['url']}/xray/api/v1/system/ping")
            assert client.get(f"{server['url']}/xray/api/v1/system/ping").status_code == 200


def test_a_file_that_is_no_certificate_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("nothing")
    assert main(["simulate", "--tls-cert", str(wrong), "--tls-key", str(wrong)]) == 2
    assert "no certificate" in capsys.readouterr().err
