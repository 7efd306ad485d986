"""Every fault x every endpoint x the command line: the words, the code, the exit code, and nothing of the others lost.

The words are kept in WORDS.md beside this file, a part for each endpoint; ``HOSTILE_WRITE_WORDS=1`` writes it anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults_table import FAULTS, HARMLESS, QUESTIONS, Fault, Question
from hostile_site import HostileSite, Said, command, hostile_site
from words_page import is_writing, keep, kept, shown

from tui.cli.exit_codes import ExitCode, of_problem
from tui.domain.problem import Problem, ProblemCode

LIMIT = "1s"  # a whole answer; honest answers of the simulator take milliseconds


@pytest.fixture(scope="module")
def site() -> Iterator[HostileSite]:
    """One simulator for all questions; each test leaves it without faults."""
    with hostile_site() as running:
        yield running


@pytest.fixture
def config(site: HostileSite, tmp_path: Path) -> Iterator[Path]:
    """The config for it, with a short time limit."""
    site.faults()
    yield site.config(tmp_path / "config.toml", answer_timeout=LIMIT)
    site.faults()


def asked(config: Path, question: Question, *more: str) -> Said:
    said = command("--config", str(config), *question.argv, *more)
    assert "Traceback" not in said.err and "mistake in scantop" not in said.err, said
    assert all(line.isprintable() for line in (said.out + said.err).splitlines()), said
    return said


def others(question: Question) -> list[str]:
    """A target on each of the other servers."""
    return [QUESTIONS[name].key for name in ("build", "scan", "job") if QUESTIONS[name].kind != question.kind]


def words_of_target(site: HostileSite, config: Path, question: Question, fault: Fault) -> tuple[ProblemCode, str]:
    """What `status` says of the target; its neighbours on other servers are asked along and are well."""
    said = asked(config, question, *others(question), "--json")
    first, *rest = said.document["targets"]
    assert [(one["target"], one["state"], one["problem"]) for one in rest] == [
        (key, "done", None) for key in others(question)
    ], fault.what
    problem = first["problem"]
    assert problem is not None and first["status"] is None, (fault.what, first)
    assert first["state"] == ("missing" if problem["code"] == "missing" else "unknown")
    code = ProblemCode(problem["code"])
    assert said.code == of_problem(Problem(code, "")) != ExitCode.FINE
    assert fault.words in problem["text"]
    if (
        not fault.is_slow and question is QUESTIONS["build"]
    ):  # the table for people says the same, in the same line as the target
        plain = asked(config, question)
        assert plain.code == said.code
        line = next(line for line in plain.out.splitlines() if question.key in line)
        assert shown(problem["text"], site) in shown(line, site)
    return code, problem["text"]


def words_of_list(site: HostileSite, config: Path, question: Question, fault: Fault) -> tuple[ProblemCode, str]:
    """What the list's command says on standard error, where there is nothing on standard output."""
    said = asked(config, question, "--json")
    assert said.out == "" and fault.words in said.err, (fault.what, said)
    assert said.code == of_problem(Problem(fault.code, "")), (fault.what, said)
    text = said.err.strip().removeprefix(f"scantop: {question.server}: ")
    assert "\n" not in text
    return fault.code, text


@pytest.mark.parametrize("name", QUESTIONS)
def test_each_fault_is_told_in_its_words_and_spoils_nothing_else(name: str, site: HostileSite, config: Path) -> None:
    question = QUESTIONS[name]
    lines = []
    for fault in FAULTS:
        site.faults(f"{question.kind}:{fault.told}")
        if name == "jobs" and fault.told == "404":  # this server says so when there are none
            assert asked(config, question).code == ExitCode.FINE
            continue
        code, text = (words_of_target if question.key else words_of_list)(site, config, question, fault)
        assert (fault.what, code) == (fault.what, fault.code)
        lines.append((fault.what, code.value, shown(text, site)))
    if is_writing(os.environ):
        keep(name, question, lines)
    assert kept(name) == [tuple(line) for line in lines]


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_is_odd_but_readable_is_read(name: str, site: HostileSite, config: Path) -> None:
    for told in HARMLESS:
        site.faults(f"{QUESTIONS[name].kind}:{told}")
        said = asked(config, QUESTIONS[name])
        assert (told, said.code) == (told, ExitCode.FINE), said


def test_the_page_of_words_has_every_endpoint_and_nothing_else() -> None:
    assert all(len(kept(name)) >= len(FAULTS) - 1 for name in QUESTIONS)
