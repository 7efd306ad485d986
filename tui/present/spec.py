"""A pane is a value: its columns, its row key, its words. One widget draws them all; no subclasses.

Everything here works on entries of the domain and gives cells (text and tone). Text is safe for a terminal only after
`present.safe`; the table calls it for every cell, so a column function returns server text as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tui.domain.snapshot import Entry, ListState, ServerHealth
from tui.domain.state import State

SortKey = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """Text and its tone: a state's value (``failed``), ``dim``, ``accent``, ``warn``, ``bad`` or "" for plain.

    `tones` gives each character of a row of signs its own; such a text is made of characters one cell wide.
    """

    text: str
    tone: str = ""
    tones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One sign a state, and the few other signs that the screen needs; all one cell wide."""

    states: tuple[tuple[State, str], ...]
    is_ascii: bool

    def of(self, state: State) -> str:
        """The sign of a state."""
        for known, sign in self.states:
            if known is state:
                return sign
        return "?"


UNICODE = Glyphs(
    (
        (State.WAITING, "◌"),
        (State.RUNNING, "▶"),
        (State.DONE, "✓"),
        (State.PARTIAL, "◐"),
        (State.FAILED, "✗"),
        (State.CANCELED, "⊘"),
        (State.NOT_SCANNED, "○"),
        (State.UNSUPPORTED, "∅"),
        (State.ABSENT, "·"),
        (State.MISSING, "□"),
        (State.UNKNOWN, "?"),
    ),
    False,
)
ASCII = Glyphs(
    (
        (State.WAITING, "."),
        (State.RUNNING, ">"),
        (State.DONE, "+"),
        (State.PARTIAL, "~"),
        (State.FAILED, "x"),
        (State.CANCELED, "/"),
        (State.NOT_SCANNED, "o"),
        (State.UNSUPPORTED, "-"),
        (State.ABSENT, " "),
        (State.MISSING, "!"),
        (State.UNKNOWN, "?"),
    ),
    True,
)


@dataclass(frozen=True, slots=True)
class Context:
    """What a cell may need beside its entry.

    `time_left` gives "" where there is no basis for an estimate; `pace` is ``slow`` or ``stuck``, "" for neither.
    """

    now: datetime
    glyphs: Glyphs = UNICODE
    has_servers: bool = False  # more than one server of the pane's kind: the server column is worth its place
    time_left: Callable[[Entry], str] = lambda entry: ""
    pace: Callable[[Entry], str] = lambda entry: ""
    has_deadlines: bool = False  # something in the pane is due at some time: likewise the column of slack
    is_told: Callable[[str], bool] = lambda key: False  # its end is to be told: the margin of its row says so
    is_changed: Callable[[str], bool] = lambda key: False  # it changed and nobody looked at it: the margin says so


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column.

    `width` in cells is what it needs; a `flex` column shares what is left over (at least `width`). Columns drop in
    order of falling `priority` as the pane narrows; priority 0 never drops. `is_time` marks ages, which change without
    anything having happened. A column with `instead_of` is the short form of those columns: it is shown, in place of
    them all, only where one of them would drop. `is_picture` marks a drawing (a bar), which exports leave out.
    `keeps_end` cuts a text that is too long in its middle: a build's number and a file's version stand at the end.
    """

    id: str
    title: str
    width: int
    cell: Callable[[Entry, Context], Cell]
    sort: Callable[[Entry], SortKey]
    priority: int = 0
    flex: int = 0
    is_right: bool = False
    is_time: bool = False
    instead_of: tuple[str, ...] = ()
    is_picture: bool = False
    keeps_end: bool = False


def _usual_key(command_id: str) -> str:
    return {
        "back": "Esc",
        "list.page_back": "[",
        "list.type": "t",
        "list.status": "f",
        "list.filter": "F",
        "watch.add": "a",
    }.get(command_id, command_id)


@dataclass(frozen=True, slots=True)
class PaneSituation:
    """What a pane's words depend on when it has nothing to show, or shows old things.

    `key_of` gives the key of a command (see `tui.commands`) as this person has it.
    """

    servers: tuple[ServerHealth, ...]
    lists: tuple[ListState, ...]
    is_filtered: bool
    watched: int
    key_of: Callable[[str], str] = _usual_key
    is_replay: bool = False


@dataclass(frozen=True, slots=True)
class PaneSpec:
    """One live pane.

    It shows the watched entries whose target's kind is in `kinds`, and the pages of the lists named in `lists` of every
    server whose kind is `server_kind`. `strip` gives a line above the table (counts a stage), None for none.
    `list_filters` names what its lists can be filtered by on the server; `list_choices` the words that a person may
    choose from for one of them, in the server's own spelling. `state_of` is the state that the title counts by.
    """

    id: str
    title: str
    short: str
    order: int
    server_kind: str
    kinds: frozenset[str]
    columns: tuple[ColumnSpec, ...]
    default_sort: tuple[str, bool]
    lists: tuple[str, ...] = ()
    accepts: Callable[[Entry], bool] = lambda entry: True
    empty: Callable[[PaneSituation], str] = lambda situation: "Nothing is watched here yet."
    strip: Callable[[Sequence[Entry], Context], tuple[Cell, ...]] | None = None
    list_filters: tuple[str, ...] = ()
    list_choices: tuple[tuple[str, tuple[str, ...]], ...] = ()
    state_of: Callable[[Entry], State] = lambda entry: entry.state
