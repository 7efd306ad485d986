"""What a JWT says of itself, and that nothing else is taken for one."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.doctor.tokens import read_claims


def jwt(claims: Any, head: Any = None) -> str:
    parts = [
        urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (head or {"alg": "x"}, claims)
    ]
    return ".".join([*parts, "c2lnbmF0dXJl"])


def test_whose_it_is_and_until_when() -> None:
    claims = read_claims(jwt({"sub": "jfac@01h/users/me", "iat": 1_700_000_000, "exp": 1_800_000_000}))
    assert claims is not None
    assert (claims.subject, claims.ends_at) == ("me", datetime(2027, 1, 15, 8, 0, tzinfo=UTC))
    never = read_claims("Bearer " + jwt({"sub": "admin", "userId": 1}))
    assert never is not None and (never.subject, never.ends_at) == ("admin", None)


@pytest.mark.parametrize("exp", [True, "soon", -1, 0, 1e300, None, [], float("inf")])
def test_an_end_that_is_none(exp: object) -> None:
    claims = read_claims(jwt({"sub": "me", "exp": exp}))
    assert claims is not None and claims.ends_at is None


@pytest.mark.parametrize("text", ["", "a.b.c", "AKCp" + "x" * 60, "a.b", jwt([1, 2]), jwt("x"), "é.ü.ö", "." * 9])
def test_what_is_no_jwt(text: str) -> None:
    assert read_claims(text) is None


def test_a_hostile_subject_reaches_no_terminal() -> None:
    claims = read_claims(jwt({"sub": "a\x1b]52;c;eA==\x07\u202eb" + "x" * 500}))
    assert claims is not None and claims.subject.isprintable() and len(claims.subject) <= 120


@given(st.text(max_size=60), st.binary(max_size=60))
def test_never_raises(text: str, body: bytes) -> None:
    read_claims(text)
    read_claims(f"{urlsafe_b64encode(b'{}').decode()}.{urlsafe_b64encode(body).decode()}.{text}")
