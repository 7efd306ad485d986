"""The forms that real servers differ in, as switches: ``list-shape=bare,status-case=upper``.

Owns the names, the allowed values and the time forms. The first value of each is what the simulator does by default.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tui.simulator.scenarios import UnknownName, nearest

ANY_ZONE = "zone"
VALUES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # Code Insight
        "list-shape": ("data", "bare", "content", "content-string", "jobs"),
        "headers": ("on", "lower", "off"),
        "empty": ("list", "400", "404", "204"),
        "status-case": ("title", "upper", "lower"),
        "server-field": ("object", "off", "null", "string", "alias"),
        "project-field": ("on", "null", "off", "word"),
        "user-field": ("on", "null", "off", "word"),
        "limit": ("honoured", "ignored"),
        "job-wrap": ("bare", "data"),
        "job-times": ("java", "seconds", "nine-digits", "iso", "offset", "epoch", "missing"),
        "job-missing": ("404", "400", "html"),
        "errors": ("natural", "old", "message"),
        ANY_ZONE: ("UTC",),
        # Xray
        "times": ("seconds", "offset", "millis", "nine-digits", "zero", "missing", "mixed"),
        "xray-case": ("upper", "lower", "space"),
        "stages": ("natural", "no-exposures", "minimal", "none"),
        "categories": ("on", "off"),
        "xray-errors": ("error", "errors", "info", "plain"),
        "report-end": ("end_time", "estimation", "both"),
        "report-progress": ("percent", "one"),
        "report-words": ("natural", "complete"),
        "report-id": ("exposures_id", "exposure_id"),
        "delete-answer": ("info", "string"),
        "artifact-status": ("on", "off"),
        "xray-admin": ("off", "on"),
        # ThreadFix
        "threadfix": ("2.8.8", "2.7.6", "2.4.5", "3.1"),
        "threadfix-auth": ("200", "401", "403"),
        "threadfix-errors": ("200", "404", "html"),
        # all of them
        "transfer": ("length", "chunked", "close"),
        "gzip": ("off", "on"),
        "date": ("on", "off", "ahead", "behind"),
        "extra": ("off", "on"),
    }
)


class Variants:
    """The chosen form of everything; `variants["times"]`."""

    def __init__(self, chosen: Mapping[str, str] | None = None) -> None:
        self._chosen = {name: values[0] for name, values in VALUES.items()}
        self.choose(chosen or {})

    def choose(self, chosen: Mapping[str, str]) -> None:
        """Change some; raises `UnknownName` and then changes none."""
        for name, value in chosen.items():
            if name not in VALUES:
                raise nearest("variant", name, list(VALUES))
            if name == ANY_ZONE:
                try:
                    ZoneInfo(value)
                except (ZoneInfoNotFoundError, ValueError, OSError) as error:
                    raise UnknownName(f"there is no time zone {value!r}.") from error
            elif value not in VALUES[name]:
                raise nearest(f"value of the variant {name}", value, list(VALUES[name]))
        self._chosen.update(chosen)

    def __getitem__(self, name: str) -> str:
        return self._chosen[name]

    def chosen(self) -> dict[str, str]:
        """What differs from the default."""
        return {name: value for name, value in self._chosen.items() if value != VALUES[name][0]}


def parse_variants(text: str) -> Variants:
    """Variants from ``name=value,name=value``; raises `UnknownName`."""
    chosen = {}
    for piece in filter(None, (piece.strip() for piece in text.split(","))):
        name, equals, value = piece.partition("=")
        if not equals and name in VALUES:
            raise UnknownName(f"the variant {name!r} needs a value: {name}={'|'.join(VALUES[name])}.")
        chosen[name.strip()] = value.strip()
    return Variants(chosen)


def rfc3339(at: datetime, form: str, turn: int = 0) -> str | None:
    """Xray's times in their forms; `turn` chooses for ``mixed``. None means that the member is left out."""
    if form == "mixed":
        form = ("seconds", "offset", "millis", "nine-digits")[turn % 4]
    if form == "missing":
        return None
    if form == "zero":
        return "0001-01-01T00:00:00Z"
    whole = at.astimezone(UTC).replace(microsecond=0)
    if form == "offset":
        return whole.astimezone(ZoneInfo("Etc/GMT-3")).isoformat()
    text = whole.strftime("%Y-%m-%dT%H:%M:%S")
    milliseconds = at.microsecond // 1000
    if form == "millis":
        return f"{text}.{milliseconds:03d}Z"
    if form == "nine-digits":
        return f"{text}.{milliseconds:03d}220997Z"
    return f"{text}Z"


def java_time(at: datetime, form: str, zone: str) -> Any:
    """Code Insight's times in their forms: local, mostly without a zone. None for ``missing``."""
    local = at.astimezone(ZoneInfo(zone))
    text = local.strftime("%Y-%m-%d %H:%M:%S")
    milliseconds = at.microsecond // 1000
    if form == "missing":
        return None
    if form == "seconds":
        return text
    if form == "nine-digits":
        return f"{text}.{milliseconds:03d}220997"
    if form == "iso":
        return local.strftime("%Y-%m-%dT%H:%M:%S")
    if form == "offset":
        return local.isoformat(timespec="seconds")
    if form == "epoch":
        return int(at.timestamp() * 1000)
    # What java.sql.Timestamp prints: at least one digit of fraction, no trailing zeros.
    return f"{text}.{(f'{milliseconds:03d}'.rstrip('0') or '0')}"
