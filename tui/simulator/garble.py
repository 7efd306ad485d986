"""What a broken or hostile server makes of a JSON answer: other types, nulls, text that attacks a terminal.

Pure: JSON in, JSON out. Keys stay as they are.
"""

from __future__ import annotations

from typing import Any

# One attack each; they are cycled over the strings of an answer. Their number is prime, so that each meets each field.
HOSTILE = (
    "\x1b[2J\x1b[H\x1b]0;owned\x07red\x1b[31m",
    "\x1b]52;c;cm0gLXJmIH4=\x07clip",
    "c1\x9b31m\x9d0;title\x9c\x90q\x9c",
    "\u202egpj.exe\u202c \u2066isolate\u2069",
    "[/x] [bold]not[/bold] [@click=app.quit]markup[/]",
    "line\r\nbreak\ttab\x00nul\x08\x7f",
    "e\u0301\u0302\u0303\u0304\u0305" * 8,
    "zero\u200bwidth\u200d\ufeff\u2060",
    "👩‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿 漢字カナ",
    "=cmd|' /C calc'!A0",
    "\ud800lone\udfff",
    "soft\u00adhyphen \u2028line\u2029paragraph\x85",
    "\U000e0041\U000f0000\ufffe",
)
STRANGE = "QUARANTINED"  # a status that no document knows
LONG = 10_000  # characters of the longest hostile name
# Strings that mean something to a client: hostile servers keep them right, or nothing would be shown at all.
_KEPT = frozenset(
    {"status", "time", "queuedOn", "activatedOn", "completedOn", "start_time", "end_time", "href", "method"}
)


def nulls(payload: Any) -> Any:
    """Every leaf null; objects and arrays keep their form."""
    if isinstance(payload, dict):
        return {key: nulls(value) for key, value in payload.items()}
    if isinstance(payload, list):
        return [nulls(value) for value in payload]
    return None


def wrong_types(payload: Any) -> Any:
    """Every leaf of another type, every object's inner array an object; the outermost form stays."""
    if isinstance(payload, dict):
        return {key: _wrong(value) for key, value in payload.items()}
    if isinstance(payload, list):
        return [_wrong(value) for value in payload]
    return _wrong(payload)


def _wrong(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else []
    if isinstance(value, int | float):
        return [str(value)]
    if isinstance(value, str):
        return {"value": value}
    if isinstance(value, list):
        return {str(place): _wrong(each) for place, each in enumerate(value)}
    if isinstance(value, dict):
        return list(value.values())
    return 7.5


def strange_words(payload: Any) -> Any:
    """Every status a word that no document knows."""
    if isinstance(payload, dict):
        return {key: STRANGE if key == "status" and value else strange_words(value) for key, value in payload.items()}
    return [strange_words(value) for value in payload] if isinstance(payload, list) else payload


def hostile(payload: Any, _turn: list[int] | None = None) -> Any:
    """Every string that only a person reads replaced by an attack, some of them very long."""
    turn = [0] if _turn is None else _turn
    if isinstance(payload, dict):
        return {key: value if key in _KEPT else hostile(value, turn) for key, value in payload.items()}
    if isinstance(payload, list):
        return [hostile(value, turn) for value in payload]
    if not isinstance(payload, str) or not payload:
        return payload
    turn[0] += 1
    attack = HOSTILE[turn[0] % len(HOSTILE)]
    return attack + "A" * LONG if turn[0] % 23 == 0 else f"{payload[:12]} {attack}"
