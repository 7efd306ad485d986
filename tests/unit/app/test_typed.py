"""The grammar of typed lines: found by their words, refused with the nearest one, as on the command line."""

from __future__ import annotations

import argparse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.cli import jobs, watch
from tui.commands import COMMANDS
from tui.typed import JOB_FLAGS, LINE_LENGTH, WATCH_FLAGS, LineError, job_line, read, read_jobs, split_flags


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_every_command_has_a_line_of_its_own(command) -> None:
    for line in (command.line, command.id, f":{command.line.upper()} "):
        argument = "x" if command.needs_more else ""
        assert read(f"{line} {argument}").command is command


@pytest.mark.parametrize(
    ("line", "command_id", "rest"),
    [
        ("sort state", "pane.sort", "state"),
        ("watch add prod:build/a/1", "watch.add", "prod:build/a/1"),
        ('watch add {"success":  true}', "watch.add", '{"success":  true}'),
        ("filter a  b", "pane.filter", "a  b"),
        ("pane 3", "pane.3", ""),
        ("copy json", "row.copy_json", ""),
        ("watch remove", "watch.remove", ""),
    ],
)
def test_the_longest_words_win_and_the_rest_stays_as_it_was(line: str, command_id: str, rest: str) -> None:
    typed = read(line)
    assert (typed.command.id, typed.rest) == (command_id, rest)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("statsu x", "There is no command 'statsu'; did you mean 'status'?"),
        ("watch ad x", "There is no command 'watch ad'; did you mean 'watch add'?"),
        ("page", "'page' wants one of these after it: down, up, back, on."),
        ("pane 12", "There is no command 'pane 12'; did you mean 'pane 2'?"),
        ("zoom in", "'zoom' takes nothing after it."),
        ("theme", "'theme' wants NAME after it."),
        ("", "An empty line is no command."),
        ("  :  ", "An empty line is no command."),
        ("xyzzy", "There is no command 'xyzzy'; Tab and ↓ show what there is."),
        ("sort \x1b[31m", "That holds a character that cannot be seen (U+001B, the 6. one)."),
        ("x" * 10_240, f"That has 10,240 characters; a line takes {LINE_LENGTH:,} at most."),
    ],
)
def test_a_line_that_cannot_be_read_gets_one_sentence(line: str, said: str) -> None:
    with pytest.raises(LineError) as caught:
        read(line)
    assert str(caught.value) == said


def flags_of(module, *path: str) -> set[str]:
    """The flags of a command of the command line, but for those that only choose how it prints."""
    parser = argparse.ArgumentParser()
    subparsers = parser.add_subparsers()
    module.register(subparsers)
    for name in path:
        action = next(each for each in parser._actions if isinstance(each, argparse._SubParsersAction))
        parser = action.choices[name]
    return {flag for flag in parser._option_string_actions if flag.startswith("--")} - {"--help", "--json"}


def test_jobs_and_watch_take_what_the_command_line_takes() -> None:
    assert set(JOB_FLAGS) == flags_of(jobs, "jobs")
    assert set(WATCH_FLAGS) == flags_of(watch, "watch", "add")


def test_jobs_are_read_as_in_a_shell() -> None:
    line = '--status Failed --type "Project Scan" --page=2'
    assert read_jobs(line) == {"status": "Failed", "type": "Project Scan", "page": "2"}
    assert read_jobs("") == {}
    assert read_jobs("--status New --status Active --page 2 --page 3") == {"status": "New|Active", "page": "3"}
    assert job_line((("type", "Project Scan"), ("days", "7")), 3) == "jobs --type 'Project Scan' --days 7 --page 3"
    typed = read(job_line((("type", "It's"),)))
    assert read_jobs(typed.rest) == {"type": "It's"}


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("--stats Failed", "'--stats' is no flag; did you mean '--status'?"),
        ("--status", "'--status' wants a value after it."),
        ("--status --page 2", "'--status' wants a value after it."),
        ('--type "Project', "A quotation mark is not closed."),
        ("--page 0", "'0' is not a whole number between 1 and 10000000 (--page)."),
        ("--days ²", "'²' is not a whole number between 0 and 3650 (--days)."),
        ("Failed", "'Failed' stands alone; did you mean '--type Failed'?"),
    ],
)
def test_wrong_flags_are_told(rest: str, said: str) -> None:
    with pytest.raises(LineError) as caught:
        read_jobs(rest)
    assert str(caught.value) == said


@given(st.text(max_size=300))
def test_whatever_is_typed_is_a_command_or_one_sentence(text: str) -> None:
    try:
        assert read(text).command in COMMANDS
    except LineError as error:
        said = str(error)
        assert said and "\n" not in said and len(said) < 400
        assert all(sign.isprintable() for sign in said)


@given(st.text(alphabet="-= '\"abtype\\", max_size=60))
def test_flags_never_fail_otherwise(text: str) -> None:
    try:
        words, values = split_flags(text, JOB_FLAGS)
    except LineError:
        return
    assert all(isinstance(word, str) for word in (*words, *values, *values.values()))
