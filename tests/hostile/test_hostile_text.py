"""Random and hostile text in every answer, looked at as the raw bytes that leave: the terminal's, and each export's."""

from __future__ import annotations

import re
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hostile_site import PATIENCE_S, HostileSite, command, hostile_site
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pty_screen import Terminal, on_terminal

from tui.simulator import garble

WATCH = """
[[watch]]
server = "prod"
build = "my-build"
number = "1"
project = "my-project"
[[watch]]
server = "tf"
application = 6
pending_scan = 41
[[watch]]
server = "sca"
job = 1234
"""
ADDRESSES = ("prod:build/my-build/1?project=my-project", "prod:report/1234", "tf:scan/6/41", "sca:job/1234")
# Parameters that scantop itself never writes: a sequence that has them came from a server.
FOREIGN = "7771"
ATTACKS = (
    f"\x1b[{FOREIGN}mred",
    f"\x1b[{FOREIGN};1Hmoved",
    f"\x1b]52;c;{FOREIGN}\x07",
    f"\x1b]0;{FOREIGN}\x1b\\",
    f"\x1b]8;;http://{FOREIGN}.invalid\x1b\\link\x1b]8;;\x1b\\",
    f"\x1bP{FOREIGN}\x1b\\",
    f"\x9b{FOREIGN}m",
    f"\x9d0;{FOREIGN}\x9c",
    "\u202eright to left\u2066",
    "zero\u200bwidth\u2060\ufeff",
    "[/x] [bold] [@click=app.quit]quit[/] [ERROR]",
    "\ud800 lone \udfff",
    "\U000e0041\u0378\U0010ffff",
    "line\nbreak\r\x85\u2028\x00\x08\x7f",
    '=HYPERLINK("http://x.invalid")',
    "x" * 10_000,
    "e\u0301\u0302\u0303\u0304\u0305\u0306" * 50,
)
TEXTS = st.lists(
    st.one_of(
        st.sampled_from(ATTACKS),
        st.text(st.characters(), min_size=1, max_size=60),
        st.text(st.characters(max_codepoint=0x2F), min_size=1, max_size=30),
        st.text(st.sampled_from("\x1b\x9b\x9d\x90[]()0;mHJK?hl\x07\\\u200b\u202e\u2066"), min_size=1, max_size=30),
    ),
    min_size=5,
    max_size=17,
)
# What scantop's own drawing is made of: colours and places, modes, the kitty keyboard's questions, a bell never.
OWN = re.compile(
    rb"\x1b\[[0-9;]*[mHABCDJKXGd]|\x1b\[[?=<>][0-9;]*\$?[a-zA-Z]|\x1b\[[0-9]*[ ]?[qnchltru]|\x1b[78=>M]"
    rb"|\x1b\]22;[a-z-]*\x07"  # the pointer's form
)
LINES = frozenset("\r\n")


def refused_in(text: str) -> set[str]:
    """Characters that may reach nobody: controls, bidi, zero-width, unassigned, surrogates, line separators."""
    refused = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    return {c for c in text if c not in LINES and unicodedata.category(c) in refused}


def check_drawn(piece: bytes) -> None:
    """All that was written to the terminal is scantop's own sequences and harmless characters."""
    rest = OWN.sub(b"", piece).decode("utf-8")
    assert not refused_in(rest), (refused_in(rest), rest[:2000])
    for sequence in OWN.findall(piece):
        assert FOREIGN.encode() not in sequence


def check_printed(text: str) -> None:
    assert not refused_in(text), (refused_in(text), text[:2000])


class Poisoned:
    """A site whose strings are the test's."""

    def __init__(self, site: HostileSite, monkeypatch: pytest.MonkeyPatch, config: Path) -> None:
        self.site = site
        self.config = config
        self._monkeypatch = monkeypatch

    def say(self, texts: list[str]) -> None:
        """Every string of every answer holds these from now on."""
        self._monkeypatch.setattr(garble, "HOSTILE", tuple(texts))


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Poisoned]:
    folder = tmp_path_factory.mktemp("poisoned")
    with hostile_site() as site, pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("HOME", str(folder))
        site.faults("hostile")
        yield Poisoned(site, monkeypatch, site.config(folder / "config.toml", WATCH))


@pytest.fixture(scope="module")
def terminal(poisoned: Poisoned) -> Iterator[Terminal]:
    """The monitor, once for all examples."""
    poisoned.say(["quiet"])
    with on_terminal([sys.executable, "-m", "tui", "--config", str(poisoned.config)], 100, 30) as running:
        running.until_shown("1 Builds", "4 Jobs", "my-build")
        yield running
        running.type("q")
        assert running.end() == 0, running.text


def asked(site: HostileSite) -> Counter[str]:
    return Counter(site.control("requests", method="GET")["counts"])


POLLED = ("xray/build-status", "threadfix/scan-status", "codeinsight/jobs")
TURN_S = 0.05  # between two looks at what the servers were asked
# What a person opens, from the dashboard and back: keys, and words that show that it is there.
WALKS = (
    ("?", "keys of the dashboard"),
    ("4\r", "Esc back"),
    ("1\r", "Esc back"),
    ("3\r", "Esc back"),
)


@settings(max_examples=4, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=TEXTS)
def test_nothing_of_it_reaches_the_terminal(texts: list[str], poisoned: Poisoned, terminal: Terminal) -> None:
    poisoned.say(texts)
    before, begun = asked(poisoned.site), len(terminal.written)
    terminal.type("r")
    # The answers that hold these texts are there once each server was asked again; the walk below draws them.
    give_up_s = time.monotonic() + PATIENCE_S
    while not all(asked(poisoned.site)[name] > before[name] for name in POLLED):
        assert time.monotonic() < give_up_s, "the servers were not asked again"
        terminal._take(TURN_S)
    for keys, words in WALKS:
        terminal.type(keys)
        terminal.until_shown(words)
        terminal.type("G")
        terminal.type("\x1b")
        terminal.until(lambda text: "Tab pane" in text and "Esc back" not in text, "the dashboard")
    check_drawn(terminal.written[begun:])


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=TEXTS)
def test_nothing_of_it_is_printed(texts: list[str], poisoned: Poisoned) -> None:
    poisoned.say(texts)
    for argv in (
        ("status", *ADDRESSES),
        ("status", "--json", *ADDRESSES),
        ("jobs",),
        ("jobs", "--json"),
        ("report", "list"),
        ("report", "list", "--json"),
        ("history", "--csv"),
        ("history", "--json"),
        ("history",),
    ):
        said = command("--config", str(poisoned.config), *argv)
        assert said.code == 0, (argv, said)
        check_printed(said.out)
        check_printed(said.err)


def test_the_check_itself_finds_what_it_should() -> None:
    for attack in ATTACKS[:8]:
        with pytest.raises((AssertionError, UnicodeDecodeError)):
            check_drawn(b"\x1b[31mfine" + attack.encode("utf-8", "surrogatepass"))
    for attack in (*ATTACKS[8:10], *ATTACKS[12:14]):
        with pytest.raises(AssertionError):
            check_printed(attack)
