"""Every test runs in a home of its own: no config, state, token or colour setting of this machine reaches it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# What scantop, the libraries under it, and the tests' own children read from the environment.
_READ = (
    "JF_",
    "JFROG_",
    "THREADFIX_",
    "CODEINSIGHT_",
    "SCANTOP_",
    "TEXTUAL",
    "XDG_",
    "SSL_CERT_",
)
_READ_ALONE = {"NO_COLOR", "COLORTERM", "TERM", "TMUX", "STY", "CI", "SSH_TTY", "SSH_CONNECTION", "DISPLAY", "BROWSER"}
# In xdist's workers (readline sets them in the process that starts these) they would fix the size of every terminal.
_READ_ALONE |= {"COLUMNS", "LINES"}
_KEPT = ("TEXTUAL_SNAPSHOT_",)  # where the snapshot plugin puts its report
_PROXIES = {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}


def pytest_configure(config: pytest.Config) -> None:
    """Let this process and the commands that tests start keep their compiled modules.

    Where a machine forbids that (containers often do), hundreds of commands would each compile all of scantop anew.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    # Two cores have four minutes for all of it; `HYPOTHESIS_PROFILE=thorough` looks for longer.
    settings.register_profile("suite", max_examples=60)
    settings.register_profile("thorough", max_examples=2_000, deadline=None)
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty home folder, and an environment without anything that changes what scantop does."""
    for name in list(os.environ):
        if name.startswith(_KEPT):
            continue
        if name.startswith(_READ) or name in _READ_ALONE or name.lower() in _PROXIES:
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("TZ", "UTC")
    # A shell starts what runs in its background with this signal ignored, and children would inherit that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield home
