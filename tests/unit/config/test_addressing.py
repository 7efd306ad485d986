"""Whatever a person may write or paste finds its target and its server, or one sentence that helps."""

from __future__ import annotations

import pytest
from toy_kinds import KINDS

from tui.addressing import resolve
from tui.config import from_document
from tui.domain.target import AddressError

ONE = from_document(
    {
        "servers": {
            "north": {"kind": "harbour", "url": "https://north.example.com"},
            "store": {"kind": "depot", "url": "https://store.example.com"},
        }
    },
    kinds=KINDS,
)
TWO = from_document(
    {
        "servers": {
            "north": {"kind": "harbour", "url": "https://north.example.com"},
            "south": {"kind": "harbour", "url": "https://south.example.com:8443"},
        }
    },
    kinds=KINDS,
)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("north:ship/Beagle/2", ["north:ship/Beagle/2"]),
        (" ship/Beagle/2?line=red ", ["north:ship/Beagle/2?line=red"]),
        ("https://north.example.com/ships/Beagle/2", ["north:ship/Beagle/2"]),
        ("https://NORTH.example.com:443/ships/Beagle/2", ["north:ship/Beagle/2"]),
        ('{"tasks":[7,8,7]}', ["store:task/7", "store:task/8"]),
        ('store:{"tasks":[7]}', ["store:task/7"]),
    ],
)
def test_targets_are_found(text: str, keys: list[str]) -> None:
    assert [target.key for target in resolve(text, ONE, KINDS)] == keys


def test_the_host_chooses_the_server() -> None:
    (target,) = resolve("https://south.example.com:8443/ships/Beagle/2", TWO, KINDS)
    assert target.server == "south"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "An empty text is no address"),
        ("nroth:ship/a/1", "did you mean 'north'"),
        ("shp/a/1", "did you mean 'ship'"),
        ("task/x", "not a number"),
        (
            "https://east.example.com/ships/a/1",
            "on east.example.com, and no server of kind harbour is configured there",
        ),
        ("https://north.example.com/docks", "is a URL that scantop cannot read a target from"),
        ('{"boats": [1]}', "an answer in which there is no scan to watch"),
        ('north:{"tasks":[7]}', "needs a server of kind depot, and 'north' is none"),
        ("x" * 2_000_000, "2000000 characters"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(text: str, words: str) -> None:
    with pytest.raises(AddressError) as caught:
        resolve(text, ONE, KINDS)
    assert words in str(caught.value)


def test_a_paste_that_fits_two_servers_or_none() -> None:
    with pytest.raises(AddressError, match="must say which server: one of north, south"):
        resolve("ship/Beagle/2", TWO, KINDS)
    with pytest.raises(AddressError, match="needs a server of kind depot, and none is configured"):
        resolve('{"tasks":[7]}', TWO, KINDS)


@pytest.mark.parametrize(
    "text",
    [
        "https://me:s3cretpw@elsewhere.example.com/ships/a/1",
        "https://me:s3cretpw@elsewhere.example.com/docks",
        "https://me:s3c@ret/s3cretpw@elsewhere.example.com/docks",
        "https://me:s3cretpw/x@elsewhere.example.com/docks",
        "https://s3cretpw@elsewhere.example.com/" + "docks" * 40,
        "https://elsewhere.example.com/docks?access_token=s3cretpw",
        "https://elsewhere.example.com/docks#token=s3cretpw",
        "https://elsewhere.example.com/docks?to=a@b&access_token=s3cretpw",
        "north:https://me:s3cretpw@elsewhere.example.com/docks",
        "nroth:https://me:s3cretpw@elsewhere.example.com/docks",
        "me:s3cretpw@elsewhere.example.com/docks",
        "ftp://me:s3cretpw@elsewhere.example.com/docks",
        "north:ship/Beagle/2?apiKey=s3cretpw",
        "ship/Beagle?apiKey=s3cretpw",
    ],
)
def test_a_secret_in_what_was_pasted_is_in_no_error(text: str) -> None:
    for settings in (ONE, TWO):
        with pytest.raises(AddressError) as caught:
            resolve(text, settings, KINDS)
        assert "s3cret" not in str(caught.value)
