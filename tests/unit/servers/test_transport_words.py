"""A connection that breaks is told by what was under way, however the system words it."""

from __future__ import annotations

import errno
import ssl

import pytest

from tui.servers.errors import describe_transport

RESET = ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")


@pytest.mark.parametrize(
    "error", [RESET, BrokenPipeError(errno.EPIPE, "Broken pipe"), ssl.SSLEOFError(8, "EOF"), EOFError()]
)
def test_a_cut_handshake_is_one_whichever_way_it_was_cut(error: BaseException) -> None:
    problem = describe_transport(error, "h:443", "handshake")
    assert problem.code == "tls" and problem.text == "The TLS handshake with h:443 failed (the connection was cut)."


@pytest.mark.parametrize(
    ("phase", "words"),
    [("connecting", "while connecting"), ("waiting", "before it answered"), ("reading", "within its answer")],
)
def test_elsewhere_a_reset_is_a_broken_connection(phase: str, words: str) -> None:
    problem = describe_transport(RESET, "h:443", phase)
    assert (problem.code, problem.text) == ("refused", f"h:443 broke the connection {words}.")
