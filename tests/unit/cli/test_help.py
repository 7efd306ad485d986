"""Every command and action explains itself: examples, what each argument is, where output goes; and in one width."""

from __future__ import annotations

import argparse

import pytest

from tui.cli.parser import _below, build

PARSERS = {parser.prog: parser for parser in (build(), *_below(build()))}


def test_the_walk_reaches_every_command() -> None:
    assert {"scantop", "scantop status", "scantop watch add", "scantop doctor", "scantop completion bash"} <= set(
        PARSERS
    )
    assert len(PARSERS) > 20


@pytest.mark.parametrize("name", PARSERS)
def test_help_has_examples_of_the_command_itself(name: str) -> None:
    text = PARSERS[name].format_help()
    _, found, examples = text.partition("examples:\n")
    assert found and PARSERS[name].description
    family = " ".join(name.split()[:2])
    assert family in examples or f"| {family}" in examples
    assert all(len(line) <= 120 for line in text.splitlines())


@pytest.mark.parametrize("name", PARSERS)
def test_every_argument_is_explained(name: str) -> None:
    for action in PARSERS[name]._actions:
        if not isinstance(action, argparse._SubParsersAction):
            assert action.help, action


@pytest.mark.parametrize("name", PARSERS)
def test_a_flag_with_a_json_document_says_which(name: str) -> None:
    """A flag's help may not promise what another flag of the same name does not do."""
    json_flags = [action for action in PARSERS[name]._actions if "--json" in action.option_strings]
    assert all("JSON" in (action.help or "") for action in json_flags)
