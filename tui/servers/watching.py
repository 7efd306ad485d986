"""Reading of [[watch]] tables that the kinds share: one value of a table as text or number, or a `WatchFormError`."""

from __future__ import annotations

from collections.abc import Mapping

from tui.servers.kind import WatchFormError

NUMBER_LIMIT = 2**63  # ids of the three servers are 64 bits at most


def text_of(table: Mapping[str, object], key: str) -> str:
    """The text under `key`, "" where it is not there; a whole number is taken as its digits."""
    value = table.get(key)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise WatchFormError(f"{key} must be a text, not {value!r}.", key)
    text = str(value).strip()
    if not text:
        raise WatchFormError(f"{key} is empty.", key)
    return text


def number_of(table: Mapping[str, object], key: str, least: int = 0) -> int | None:
    """The whole number under `key` (digits in quotes are taken too), None where it is not there."""
    value = table.get(key)
    if value is None:
        return None
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value < NUMBER_LIMIT:
        raise WatchFormError(f"{key} must be a whole number of at least {least}, not {value!r}.", key)
    return value


def needed_id(table: Mapping[str, object], key: str) -> str:
    """The id under `key` as digits. Raises where it is missing."""
    value = number_of(table, key)
    if value is None:
        raise WatchFormError(f"{key} is missing; it must be a whole number.", key)
    return str(value)
