"""Every command a person can give on the screen, once: its words, its keys, where it applies, why it may not.

Bindings, footer, help, palette and the README's key table are drawn from `COMMANDS`; what a command *does* is an
`act_…` method of the screen or the app that has the same name. Must not import Textual: the command line prints this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """What kind of screen is on top."""

    DASHBOARD = "dashboard"
    DETAIL = "detail"
    READING = "reading"  # help, messages: lines to read, no target


@dataclass(frozen=True, slots=True)
class Situation:
    """What a command's availability may depend on, as it is now. `page` and `pages` are those of the shown list."""

    place: Place
    panes: int = 4
    has_row: bool = False
    has_url: bool = False
    has_list: bool = False
    page: int = 1
    pages: int | None = None
    has_more: bool | None = None
    list_filters: tuple[str, ...] = ()
    is_paused: bool = False
    can_sort: bool = True


Reason = Callable[[Situation], str]


def _always(situation: Situation) -> str:
    return ""


def _row(situation: Situation) -> str:
    return "" if situation.has_row else "No row is selected."


def _url(situation: Situation) -> str:
    if not situation.has_row:
        return "No row is selected."
    return "" if situation.has_url else "Its server gave no web address for this row."


def _list_filter(name: str) -> Reason:
    def reason(situation: Situation) -> str:
        if name in situation.list_filters:
            return "" if situation.has_list else "No server of this pane has answered with a list yet."
        return f"This pane has no {name} filter; / filters by any text (type:…, state:…)."

    return reason


def _page_back(situation: Situation) -> str:
    if not situation.has_list:
        return "This pane has no pages."
    return "" if situation.page > 1 else "This is the first page."


def _page_on(situation: Situation) -> str:
    if not situation.has_list:
        return "This pane has no pages."
    is_last = situation.page >= situation.pages if situation.pages is not None else situation.has_more is False
    return "This is the last page." if is_last else ""


def _pane(number: int) -> Reason:
    return lambda situation: "" if number <= situation.panes else f"There are {situation.panes} panes."


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `keys` as a person writes them (``/``, ``ctrl+p``, ``S``).

    `short` is its word in the footer, "" keeps it out; among those, the lower `rank` stays longer as the footer
    narrows. `reason` gives one sentence where the command cannot be given now, else "".
    """

    id: str
    title: str
    keys: tuple[str, ...]
    group: str
    places: frozenset[Place]
    short: str = ""
    rank: int = 99
    reason: Reason = _always


_D = frozenset({Place.DASHBOARD})
_ROW = frozenset({Place.DASHBOARD, Place.DETAIL})
_ALL = frozenset(Place)

PANES_AT_MOST = 9  # the digits

COMMANDS: tuple[Command, ...] = (
    Command("cursor.down", "Down", ("j", "down"), "Move", _ALL),
    Command("cursor.up", "Up", ("k", "up"), "Move", _ALL),
    Command("cursor.page_down", "A page down", ("pagedown", "ctrl+f"), "Move", _ALL),
    Command("cursor.page_up", "A page up", ("pageup", "ctrl+b"), "Move", _ALL),
    Command("cursor.first", "To the top", ("g", "home"), "Move", _ALL),
    Command("cursor.last", "To the bottom", ("G", "end"), "Move", _ALL),
    Command("row.open", "Open the selected row", ("enter",), "Move", _D, "open", 20, _row),
    Command("row.mark", "Mark the row, or take its mark away", ("space",), "Rows", _D, reason=_row),
    Command("row.mark_range", "Mark from the last mark to here", ("ctrl+@",), "Rows", _D, reason=_row),
    Command("back", "Back: clear the filter, then leave the view", ("escape",), "Move", _ALL, "back", 25),
    Command("pane.next", "To the next pane", ("tab",), "Panes", _D, "pane", 50),
    Command("pane.previous", "To the pane before", ("shift+tab",), "Panes", _D),
    *(
        Command(f"pane.{n}", f"To pane {n}", (str(n),), "Panes", _D, reason=_pane(n))
        for n in range(1, PANES_AT_MOST + 1)
    ),
    Command("pane.zoom", "One pane on the whole screen, or all", ("z",), "Panes", _D, "zoom", 70),
    Command("pane.filter", "Filter the rows by text", ("/",), "Rows", _D, "filter", 30),
    Command("pane.sort", "Sort by the next column", ("s",), "Rows", _D, "sort", 60),
    Command("pane.reverse", "Reverse the sort", ("S",), "Rows", _D),
    Command("list.type", "List only one type", ("t",), "Rows", _D, "type", 41, _list_filter("type")),
    Command("list.status", "List only one status", ("f",), "Rows", _D, "status", 42, _list_filter("status")),
    Command("list.page_back", "A page of the list back", ("[",), "Rows", _D, "page", 43, _page_back),
    Command("list.page_on", "A page of the list on", ("]",), "Rows", _D, "page", 44, _page_on),
    Command("row.copy", "Copy the address", ("y",), "Take along", _ROW, "copy", 80, _row),
    Command("row.copy_json", "Copy as JSON", ("Y",), "Take along", _ROW, reason=_row),
    Command("row.web", "Open, or show, the web page", ("o",), "Take along", _ROW, "web", 81, _url),
    Command("poll.refresh", "Poll now", ("r",), "Polling", _ROW, "poll now", 55),
    Command("poll.pause", "Pause polling, or go on", ("p",), "Polling", _ALL, "pause", 56),
    Command("app.messages", "What happened so far", ("m",), "scantop", _ROW, "messages", 75),
    Command("app.help", "This help", ("?",), "scantop", _ALL, "help", 5),
    Command("app.quit", "Quit", ("q", "ctrl+c"), "scantop", _ALL, "quit", 1),
)


def find(command_id: str, commands: Iterable[Command] = COMMANDS) -> Command:
    """The command of that id; KeyError if there is none."""
    for command in commands:
        if command.id == command_id:
            return command
    raise KeyError(command_id)
