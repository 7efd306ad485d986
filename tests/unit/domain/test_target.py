"""Addresses: one spelling each, read back as they were written, and errors that say what to write instead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.target import ADDRESS_LIMIT, AddressError, Grammar, Target, parse_address, split_server

GRAMMARS = (
    Grammar("build", "xray", ("name", "number"), params=("project",)),
    Grammar("artifact", "xray", ("repo", "path"), has_rest=True, params=("project",)),
    Grammar("report", "xray", ("id",), numeric=("id",)),
    Grammar("scan", "threadfix", ("application", "pending_scan"), numeric=("application", "pending_scan")),
    Grammar("job", "codeinsight", ("id",), numeric=("id",)),
)
SERVERS = {"prod": "xray", "dev": "xray", "tf": "threadfix", "sca": "codeinsight"}
NAME = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=30)


def read(text: str, servers: dict[str, str] | None = None) -> Target:
    return parse_address(text, GRAMMARS, SERVERS if servers is None else servers)


def error(text: str, servers: dict[str, str] | None = None) -> str:
    with pytest.raises(AddressError) as caught:
        read(text, servers)
    return str(caught.value)


@given(NAME, NAME, st.none() | NAME)
def test_any_build_name_round_trips(name: str, number: str, project: str | None) -> None:
    target = Target("prod", "build", (name, number), (("project", project),) if project else ())
    again = read(target.address)
    assert again == target and again.address == target.address
    assert target.address.isprintable() and " " not in target.address


@given(NAME, NAME)
def test_any_artifact_path_round_trips(repo: str, path: str) -> None:
    target = Target("prod", "artifact", (repo, path), has_rest=True)
    if not target.parts[1]:
        assert "is not of the form" in error(target.address)
    else:
        assert read(target.address) == target


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_one_sentence(text: str) -> None:
    try:
        target = read(text)
    except AddressError as caught:
        assert str(caught) and "\n" not in str(caught)
    else:
        assert read(target.address) == target


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("prod:build/my-build/1", "prod:build/my-build/1"),
        ("prod:build/my-build/1?project=my-project", "prod:build/my-build/1?project=my-project"),
        ("  prod:build/a/1  ", "prod:build/a/1"),
        ("prod:build/a%2Fb%20c/1%25", "prod:build/a%2Fb%20c/1%25"),
        ("prod:build/a b/1", "prod:build/a%20b/1"),
        ("prod:build/a:b/1", "prod:build/a:b/1"),
        ("prod:build/a%2fb/1", "prod:build/a%2Fb/1"),
        ("prod:build/a/1?project=", "prod:build/a/1"),
        (
            "prod:artifact/docker-local/desktop-storage/1.0/manifest.json",
            "prod:artifact/docker-local/desktop-storage/1.0/manifest.json",
        ),
        ("prod:artifact/repo//x/y/", "prod:artifact/repo/x/y"),
        ("prod:report/007", "prod:report/7"),
        ("scan/6/41", "tf:scan/6/41"),
        ("job/437", "sca:job/437"),
    ],
)
def test_addresses_have_one_spelling(text: str, address: str) -> None:
    assert read(text).address == address


def test_a_target_tells_its_parts() -> None:
    target = read("prod:build/my%20build/1?project=p")
    assert target.parts == ("my build", "1")
    assert (target.param("project"), target.param("other")) == ("p", None)
    assert target.title == "my build 1"
    assert read("prod:artifact/r/a/b").title == "r/a/b"


def test_targets_with_and_without_a_project_are_two() -> None:
    assert read("prod:build/a/1") != read("prod:build/a/1?project=p")


def test_text_that_hides_is_spelt_out() -> None:
    assert Target("prod", "build", ("a\u202eb", "\u200b1")).address == "prod:build/a%E2%80%AEb/%E2%80%8B1"


def test_the_server_may_be_left_out_where_one_fits() -> None:
    assert read("build/a/1", {"x": "xray", "tf": "threadfix"}).server == "x"
    assert "one of dev, prod" in error("build/a/1")
    assert "none is configured" in error("build/a/1", {"tf": "threadfix"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prod:biuld/a/1", "did you mean 'build'?"),
        ("prdo:build/a/1", "did you mean 'prod'?"),
        ("tf:build/a/1", "server 'tf' is a threadfix server"),
        ("prod:build/a", "SERVER:build/NAME/NUMBER[?project=KEY]"),
        ("prod:build/a/b/1", "%2F"),
        ("prod:build//1", "is not of the form"),
        ("prod:artifact/repo", "SERVER:artifact/REPO/PATH"),
        ("prod:artifact/repo/%2F", "is not of the form"),
        ("prod:report/x", "'x' in 'prod:report/x' is not a number"),
        ("tf:scan/6/-1", "is not a number"),
        ("tf:scan/6/٣", "is not a number"),
        ("prod:build/a%/1", "write a plain % as %25"),
        ("prod:build/a%ff/1", "not UTF-8"),
        ("prod:build/a/1?branch=x", "a build takes: project"),
        ("sca:job/1?project=x", "a job takes: none"),
        ("", "is no address"),
        ("x" * (ADDRESS_LIMIT + 1), "at most 4096 characters"),
    ],
)
def test_errors_say_what_is_wrong_and_what_is_right(text: str, words: str) -> None:
    assert words in error(text)


def test_a_long_text_is_not_repeated_in_full() -> None:
    assert len(error("prod:build/" + "x" * 4000)) < 400


def test_split_server() -> None:
    assert split_server("prod:build/x/1") == ("prod", "build/x/1")
    assert split_server("build/x:y/1") == ("", "build/x:y/1")
    assert split_server("pr od:build/x/1") == ("", "pr od:build/x/1")
