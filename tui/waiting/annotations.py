"""Events as the annotations that CI systems read from a log: GitHub's workflow commands, GitLab's sections, Jenkins's
``[ERROR]`` lines (the form of the Warnings plug-in's Maven parser). Pure; what a server said is cleaned and escaped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from tui.present.safe import clean
from tui.waiting.as_lines import LINE_CELLS, words_of
from tui.waiting.terms import Event, EventKind, Outcome

SYSTEMS = ("github", "gitlab", "jenkins")
_ERROR, _WARNING, _NOTICE = "error", "warning", "notice"
_GITLAB_COLOURS = {_ERROR: "\x1b[31;1m", _WARNING: "\x1b[33;1m", _NOTICE: "\x1b[32;1m"}
_JENKINS_WORDS = {_ERROR: "ERROR", _WARNING: "WARNING", _NOTICE: "INFO"}
_SECTION = "scantop_wait"


def annotation(system: str, event: Event, *, has_colour: bool = True) -> str | None:
    """The event's annotation; None where it is not worth one. Ends are, and trouble with a server."""
    level = _level(event)
    if level is None:
        return None
    subject = event.target.key if event.target is not None else event.server
    writers: Mapping[str, Callable[[str, str, str, bool], str]] = {
        "github": _github,
        "gitlab": _gitlab,
        "jenkins": _jenkins,
    }
    return writers[system](level, clean(subject, LINE_CELLS), clean(words_of(event), LINE_CELLS), has_colour)


def opening(system: str, at: datetime, title: str) -> str | None:
    """What stands before the first line: the head of a section that can be folded, where the system has them."""
    if system == "gitlab":
        return f"\x1b[0Ksection_start:{int(at.timestamp())}:{_SECTION}\r\x1b[0K{clean(title, LINE_CELLS)}"
    if system == "github":
        return f"::group::{_escape(clean(title, LINE_CELLS))}"
    return None


def closing(system: str, at: datetime) -> str | None:
    """What ends that section. Annotations come after it: inside a folded section nobody sees them."""
    if system == "gitlab":
        return f"\x1b[0Ksection_end:{int(at.timestamp())}:{_SECTION}\r\x1b[0K"
    return "::endgroup::" if system == "github" else None


def _level(event: Event) -> str | None:
    if event.kind is EventKind.PROBLEM and event.target is None:
        return _WARNING
    if event.kind is not EventKind.ENDED:
        return None
    return _NOTICE if event.outcome is Outcome.DONE else _ERROR


def _github(level: str, subject: str, words: str, has_colour: bool) -> str:
    title = _escape(subject).replace(":", "%3A").replace(",", "%2C")
    return f"::{level} title={title}::{_escape(words)}"


def _gitlab(level: str, subject: str, words: str, has_colour: bool) -> str:
    text = f"{level.upper()}: {subject} {words}"
    return f"{_GITLAB_COLOURS[level]}{text}\x1b[0m" if has_colour else text


def _jenkins(level: str, subject: str, words: str, has_colour: bool) -> str:
    return f"[{_JENKINS_WORDS[level]}] {subject} {words}"


def _escape(text: str) -> str:
    """A workflow command's text ends at a line break; `clean` has left none, and % is its escape sign."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
