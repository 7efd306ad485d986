"""WORDS.md: every fault with the words that a person then reads, written from what the tests saw."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from faults_table import QUESTIONS, Question
from hostile_site import HostileSite

PAGE = Path(__file__).with_name("WORDS.md")
WRITE = "HOSTILE_WRITE_WORDS"
HEAD = """# What you read when something breaks

Every fault that the simulator can bring about, on every endpoint that is polled, with the problem's code (`status
--json`) and its words (`status`, the monitor's row, header and detail). HOST stands for the server's name and port.
The last good state stays on the screen with its age; the server is asked again by itself, ever less often, at least
every five minutes. Written by the tests (`HOSTILE_WRITE_WORDS=1 pytest -n0 tests/hostile`) and checked by them.
"""


def is_writing(environ: Mapping[str, str]) -> bool:
    """The page is to be written anew rather than compared."""
    return environ.get(WRITE) == "1"


def shown(text: str, site: HostileSite) -> str:
    """The words without what differs from run to run, fit for a cell of the page."""
    for server in site.line["servers"].values():
        text = text.replace(server["url"].partition("//")[2].partition("/")[0], "HOST")
    # A connection that breaks at once does so a little before or a little after the question is sent.
    text = re.sub(r"broke the connection (while connecting|before it answered)", "broke the connection [at once]", text)
    return re.sub(r"\(\d+ bytes came\)", "(N bytes came)", text).replace("|", "\\|")


def kept(name: str) -> list[tuple[str, ...]]:
    """The lines that the page has for one endpoint: fault, code, words."""
    if not PAGE.exists():
        return []
    part = PAGE.read_text("utf-8").partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    rows = [line for line in part.splitlines() if line.startswith("| ")][1:]
    return [tuple(line[2:-2].split(" | ")) for line in rows]


def keep(name: str, question: Question, lines: Sequence[tuple[str, ...]]) -> None:
    """Write one endpoint's part of the page and leave the others as they are."""
    parts = {each: _part(each, QUESTIONS[each], kept(each)) for each in QUESTIONS}
    parts[name] = _part(name, question, lines)
    PAGE.write_text(HEAD + "".join(parts.values()), "utf-8")


def _part(name: str, question: Question, lines: Sequence[tuple[str, ...]]) -> str:
    asked = f"\n`scantop {' '.join(question.argv)}`\n\n| fault | code | words |\n|---|---|---|\n"
    return f"\n## {name}\n" + asked + "".join(f"| {' | '.join(line)} |\n" for line in lines)
