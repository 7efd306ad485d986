"""One TOML table being read: typed keys, and faults for what is wrong, missing or unknown. Knows no key's meaning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time

from tui.config.faults import FaultLog, nearest
from tui.config.lines import KeyPath
from tui.durations import EXAMPLES, parse_duration


def describe(value: object) -> str:
    """A value in the words of a fault. Texts are not shown: one of them may be a secret."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value}"
        case str():
            return "a text" if value else "an empty text"
        case list():
            return "an array"
        case Mapping():
            return "a table"
        case date() | time():
            return "a date or time"
    return "something else"


class Table:
    """Reads the keys of one table. A key that is wrong counts as not there; `finish` names those that nobody knows."""

    def __init__(self, values: Mapping[str, object], path: KeyPath, log: FaultLog) -> None:
        self.values = values
        self.path = path
        self.log = log

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def fault(self, key: str, text: str) -> None:
        """Note what is wrong with one key of this table ("" for the table as a whole)."""
        self.log.fault((*self.path, *key.split(".")) if key else self.path, text)

    def warn(self, key: str, text: str) -> None:
        """Note what ought to be known of one key."""
        self.log.warn((*self.path, key) if key else self.path, text)

    def text(self, key: str, example: str = "") -> str | None:
        """A text that is not empty."""
        value = self.values.get(key)
        if isinstance(value, str) and value.strip():
            return value
        if key in self.values:
            like = f' such as "{example}"' if example else ""
            self.fault(key, f"must be a text{like}, not {describe(value)}")
        return None

    def boolean(self, key: str, default: bool) -> bool:
        """true or false."""
        value = self.values.get(key, default)
        if isinstance(value, bool):
            return value
        self.fault(key, f"must be true or false, not {describe(value)}")
        return default

    def integer(self, key: str, default: int, least: int, most: int) -> int:
        """A whole number between two bounds."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            self.fault(key, f"must be a whole number, not {describe(value)}")
        elif not least <= value <= most:
            self.fault(key, f"must be between {least} and {most}, not {value}")
        else:
            return value
        return default

    def duration(self, key: str, default_s: float) -> float:
        """Seconds."""
        if key not in self.values:
            return default_s
        value = self.values[key]
        if not isinstance(value, str):
            number = isinstance(value, int) and not isinstance(value, bool)
            hint = f'; did you mean "{value}s"?' if number else ""
            self.fault(key, f"must be a duration such as {EXAMPLES}, not {describe(value)}{hint}")
            return default_s
        try:
            return parse_duration(value)
        except ValueError as error:
            self.fault(key, str(error))
            return default_s

    def texts(self, key: str) -> dict[str, str]:
        """A table of texts."""
        value = self.values.get(key, {})
        if not isinstance(value, Mapping):
            self.fault(key, f"must be a table of texts, not {describe(value)}")
            return {}
        found: dict[str, str] = {}
        for name, text in value.items():
            if isinstance(text, str):
                found[name] = text
            else:
                self.log.fault((*self.path, key, name), f"must be a text, not {describe(text)}")
        return found

    def table(self, key: str) -> Table:
        """The table below `key`, an empty one where there is none."""
        value = self.values.get(key, {})
        if not isinstance(value, Mapping):
            self.fault(key, f"must be a table ([{key}]), not {describe(value)}")
            value = {}
        return Table(value, (*self.path, key), self.log)

    def tables(self, key: str) -> tuple[Table, ...]:
        """The tables of an array of tables."""
        value = self.values.get(key, [])
        if not isinstance(value, list):
            self.fault(key, f"must be an array of tables: write [[{key}]], with two brackets")
            return ()
        found: list[Table] = []
        for index, item in enumerate(value):
            if isinstance(item, Mapping):
                found.append(Table(item, (*self.path, key, index), self.log))
            else:
                self.log.fault((*self.path, key, index), f"must be a table, not {describe(item)}")
        return tuple(found)

    def finish(self, known: Iterable[str]) -> None:
        """Note every key that is not in `known`, with the nearest that is."""
        names = sorted(known)
        for key in self.values:
            if key not in names:
                hint = nearest(key, names) or f"; known here: {', '.join(names)}"
                self.log.fault((*self.path, key), f"unknown key{hint}")
