"""What can be said of a token without sending or showing it: its kind, and the claims that a JWT carries in clear.

The claims are the token's own words: nothing here checks a signature. Knows no server.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tui.present.safe import clean

CLAIM_CHARACTERS = 120
CLAIMS_BYTES = 16 * 1024  # the largest honest token has about 2 kB


@dataclass(frozen=True, slots=True)
class Claims:
    """Of a JWT: whose it is ("" if it does not say) and until when (None: for ever, as far as it says)."""

    subject: str
    issued_at: datetime | None
    ends_at: datetime | None


def read_claims(token: str) -> Claims | None:
    """The claims of a JWT; None for what is none. Never raises."""
    head, dot, rest = token.partition(" ")
    parts = (rest if dot and head.lower() == "bearer" else token).strip().split(".")
    if len(parts) != 3 or len(parts[1]) > CLAIMS_BYTES or _part(parts[0]) is None:
        return None
    claims = _part(parts[1])
    if claims is None:
        return None
    subject = next((claims[name] for name in ("sub", "username", "user_name", "client_id") if claims.get(name)), "")
    return Claims(_person(subject), _moment(claims.get("iat")), _moment(claims.get("exp")))


def _part(text: str) -> Mapping[str, object] | None:
    try:
        found = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _person(subject: object) -> str:
    """``jfac@…/users/me`` → ``me``, as the JFrog platform writes its users."""
    text = subject if isinstance(subject, str) else ""
    return clean(text.rpartition("/users/")[2] if "/users/" in text else text, CLAIM_CHARACTERS)


def _moment(seconds: object) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
    except (OverflowError, ValueError, OSError):
        return None
