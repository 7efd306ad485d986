"""Where a person is and what there is, as the availability of commands depends on it; and why one cannot be given.

The reasons are one sentence each, "" where nothing is against it. Pure; knows no command.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """What kind of screen is on top."""

    DASHBOARD = "dashboard"
    DETAIL = "detail"
    SEARCH = "search"  # a detail in which the hits of a search are marked
    ROWS = "report rows"
    FINDING = "finding"
    READING = "reading"  # help: lines to read, no target
    EVIDENCE = "evidence"  # why a target stands where it stands
    MESSAGES = "messages"  # lines that may be about a target
    CHANGES = "changes"  # the targets that changed and were not looked at
    PULSE = "pulse"  # the last hours as charts


def _nothing_against(ability: str) -> str:
    return ""


def _line(command_id: str) -> str:
    return f":{command_id}"


@dataclass(frozen=True, slots=True)
class Situation:
    """What a command's availability may depend on, as it is now. `page` and `pages` are those of the shown list.

    `key_of` gives the key that a command has for this person, `why_not` why an ability of servers (``report.create``)
    is not to be had here and now ("" if it is); `target_kind` is that of the row.
    """

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
    is_watched: bool = False
    marks: int = 0
    has_rows: bool = False
    key_of: Callable[[str], str] = _line
    target_kind: str = ""
    changed: int = 0
    why_not: Callable[[str], str] = _nothing_against
    is_replay: bool = False


Reason = Callable[[Situation], str]


def always(situation: Situation) -> str:
    """Nothing is against it."""
    return ""


def row(situation: Situation) -> str:
    """A row must be selected."""
    return "" if situation.has_row else "No row is selected."


def url(situation: Situation) -> str:
    """A row with a web address must be selected."""
    if not situation.has_row:
        return "No row is selected."
    return "" if situation.has_url else "Its server gave no web address for this row."


def list_filter(name: str) -> Reason:
    """The pane must have a list that its server filters by `name`."""

    def reason(situation: Situation) -> str:
        if name in situation.list_filters:
            return "" if situation.has_list else "No server of this pane has answered with a list yet."
        key = situation.key_of("pane.filter")
        return f"This pane has no {name} filter; {key} filters by any text (type:…, state:…)."

    return reason


def any_list_filter(situation: Situation) -> str:
    """The pane must have a list that its server filters."""
    if situation.list_filters:
        return "" if situation.has_list else "No server of this pane has answered with a list yet."
    key = situation.key_of("pane.filter")
    return f"This pane has no list that a server filters; {key} filters by any text (type:…, state:…)."


def able(ability: str) -> Reason:
    """A server must have this ability, and the person must be allowed to use it."""
    return lambda situation: situation.why_not(ability)


def report_to_delete(situation: Situation) -> str:
    """A report must be selected that may be deleted."""
    if not situation.has_row:
        return "No row is selected."
    if situation.target_kind != "report":
        return "This row is no report."
    return situation.why_not("report.delete")


def marks(situation: Situation) -> str:
    """A row must be marked."""
    return "" if situation.marks else "No row is marked."


def changed(situation: Situation) -> str:
    """Something must have changed that was not looked at."""
    return "" if situation.changed else "Nothing has changed that you have not looked at."


def watched(situation: Situation) -> str:
    """A watched row must be selected or marked."""
    if situation.marks:
        return ""
    if not situation.has_row:
        return "No row is selected."
    return "" if situation.is_watched else "This row is not watched: a list of its server shows it."


def page_back(situation: Situation) -> str:
    """There must be a page before."""
    if not situation.has_list:
        return "This pane has no pages."
    return "" if situation.page > 1 else "This is the first page."


def page_on(situation: Situation) -> str:
    """There must be a next page."""
    if not situation.has_list:
        return "This pane has no pages."
    is_last = situation.page >= situation.pages if situation.pages is not None else situation.has_more is False
    return "This is the last page." if is_last else ""


def longer(situation: Situation) -> str:
    """There must be a longer time to look back on."""
    return "" if situation.page < (situation.pages or 1) else "This is the longest time."


def shorter(situation: Situation) -> str:
    """There must be a shorter time to look back on."""
    return "" if situation.page > 1 else "This is the shortest time."


def report_rows(situation: Situation) -> str:
    """A report that is completed must be open."""
    return "" if situation.has_rows else "Only a report that is completed has rows."


def pane(number: int) -> Reason:
    """There must be a pane of that number."""
    return lambda situation: "" if number <= situation.panes else f"There are {situation.panes} panes."
