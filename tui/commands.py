"""Every command a person can give on the screen, once: its words, its keys, where it applies, why it may not.

Bindings, footer, help, palette and the README's key table are drawn from `COMMANDS`; what a command *does* is an
`act_…` method of the screen or the app that has the same name. Must not import Textual: the command line prints this.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tui import situation as why
from tui.situation import Place as Place  # who knows commands knows where they apply
from tui.situation import Reason
from tui.situation import Situation as Situation

PLAY_ONLY = "Only a replay can do that: scantop replay FILE."


def default_key(command_id: str) -> str:
    """The first key of a command as it is by default, else its line (``:columns``)."""
    command = find(command_id)
    return command.keys[0] if command.keys else f":{command.line}"


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `keys` as a person writes them (``/``, ``ctrl+p``, ``S``).

    `short` is its word in the footer, "" keeps it out; among those, the lower `rank` stays longer as the footer
    narrows. `reason` gives one sentence where the command cannot be given now, else "". `word` is what is typed for it
    after ``:`` (the id where there is none), `takes` what may follow it, in brackets where it may be left out.
    `is_live` is what asks a server, changes what is watched or tells what happened while nobody was here, `is_past`
    what asks the history, `is_play` what moves a replay.
    """

    id: str
    title: str
    keys: tuple[str, ...]
    group: str
    places: frozenset[Place]
    short: str = ""
    rank: int = 99
    reason: Reason = why.always
    word: str = ""
    takes: str = ""
    is_live: bool = False
    is_play: bool = False
    is_past: bool = False

    def unfit(self, is_replay: bool) -> str:
        """Why it is not for this kind of monitor at all ("" if it is)."""
        if is_replay and self.is_live:
            return "This is a replay: no server is asked, and nothing is kept."
        if is_replay and self.is_past:
            return "This is a replay: it has no past to draw a pulse of."
        return PLAY_ONLY if self.is_play and not is_replay else ""

    def why_not(self, situation: Situation) -> str:
        """Why it cannot be given now, in one sentence ("" if it can)."""
        return self.unfit(situation.is_replay) or self.reason(situation)

    @property
    def line(self) -> str:
        """What is typed after ``:`` for it, without what it takes."""
        return self.word or self.id

    @property
    def needs_more(self) -> bool:
        """The line is not whole without what it takes."""
        return bool(self.takes) and not self.takes.startswith("[")


_D = frozenset({Place.DASHBOARD})
_LIST = frozenset({Place.DASHBOARD, Place.MESSAGES})
_ROW = frozenset({Place.DASHBOARD, Place.DETAIL})
_ALL = frozenset(Place)
_OPEN = frozenset({Place.DETAIL, Place.SEARCH})
_FOUND = frozenset({Place.SEARCH})
_TAKEN = _ROW | _FOUND
_ROWS = frozenset({Place.ROWS})
_WHY = frozenset({Place.EVIDENCE})
_CHANGES = frozenset({Place.CHANGES})
_PULSE = frozenset({Place.PULSE})
_CHARTED = _TAKEN | _WHY | _PULSE | frozenset({Place.MESSAGES})
_LINKED = _OPEN | _WHY | _PULSE

PANES_AT_MOST = 9  # the digits

COMMANDS: tuple[Command, ...] = (
    Command("cursor.down", "Down", ("j", "down"), "Move", _ALL, word="down"),
    Command("cursor.up", "Up", ("k", "up"), "Move", _ALL, word="up"),
    Command("cursor.page_down", "A page down", ("pagedown", "ctrl+f"), "Move", _ALL, word="page down"),
    Command("cursor.page_up", "A page up", ("pageup", "ctrl+b"), "Move", _ALL, word="page up"),
    Command("cursor.first", "To the top", ("g", "home"), "Move", _ALL, word="top"),
    Command("cursor.last", "To the bottom", ("G", "end"), "Move", _ALL, word="bottom"),
    Command(
        "row.open", "Open the selected row", ("enter",), "Move", _LIST | _CHANGES, "open", 20, why.row, word="open"
    ),
    Command("row.mark", "Mark the row, or take its mark away", ("space",), "Rows", _D, reason=why.row, word="mark"),
    Command(
        "row.mark_range",
        "Mark from the last mark to here",
        ("ctrl+space",),
        "Rows",
        _D,
        reason=why.row,
        word="mark range",
    ),
    Command("row.clear_marks", "Take all marks away", ("u",), "Rows", _D, reason=why.marks, word="unmark"),
    Command(
        *("changed.next", "To the next row that changed and was not looked at", (".",), "Move", _D),
        reason=why.changed,
        word="changed next",
        is_live=True,
    ),
    Command(
        *("changed.open", "What changed since you looked", ("l",), "Move", _ROW | _CHANGES),
        word="changed",
        is_live=True,
    ),
    Command(
        *("changed.look", "The target was looked at", ("space",), "Rows", _CHANGES, "looked at", 21, why.row),
        word="changed look",
        is_live=True,
    ),
    Command(
        *("changed.seen", "All that changed was looked at", ("A",), "Rows", _D | _CHANGES, "", 99, why.changed),
        word="changed seen",
        is_live=True,
    ),
    Command("back", "Back: clear the filter, then leave the view", ("escape",), "Move", _ALL, "back", 25, word="back"),
    Command("pane.next", "To the next pane", ("tab",), "Panes", _D, "pane", 50, word="pane next"),
    Command("pane.previous", "To the pane before", ("shift+tab",), "Panes", _D, word="pane previous"),
    *(
        Command(f"pane.{n}", f"To pane {n}", (str(n),), "Panes", _D, reason=why.pane(n), word=f"pane {n}")
        for n in range(1, PANES_AT_MOST + 1)
    ),
    Command("pane.zoom", "One pane on the whole screen, or all", ("z",), "Panes", _D, "zoom", 70, word="zoom"),
    Command(
        *("pane.filter", "Filter the rows by text", ("/",), "Rows", _LIST, "filter", 30), word="filter", takes="[TEXT]"
    ),
    Command(
        "pane.sort", "Sort by the next column", ("s",), "Rows", _D, "sort", 60, word="sort", takes="[COLUMN [reverse]]"
    ),
    Command("pane.reverse", "Reverse the sort", ("S",), "Rows", _D, word="reverse"),
    Command(
        *("list.type", "List only one type", ("t",), "Rows", _D, "type", 41, why.list_filter("type"), "list type"),
        is_live=True,
    ),
    Command(
        "list.status",
        "List only one status",
        ("f",),
        "Rows",
        _D,
        "status",
        42,
        why.list_filter("status"),
        word="list status",
        is_live=True,
    ),
    Command(
        *("list.filter", "List by project, user, days, type or status", ("F",), "Rows", _D),
        reason=why.any_list_filter,
        word="list",
        is_live=True,
    ),
    Command(
        *("list.jobs", "Ask for other jobs", (), "Rows", _ALL),
        word="jobs",
        takes="[--type T] [--status S] [--project ID] [--user LOGIN] [--days N] [--page N] [--limit N]",
        is_live=True,
    ),
    Command("pane.columns", "Choose the columns", ("C",), "Rows", _D, word="columns"),
    Command("pane.saved", "Filter by a saved filter", (), "Rows", _D, word="saved", takes="NAME"),
    Command(
        "list.page_back", "A page of the list back", ("[",), "Rows", _D, "page", 43, why.page_back, word="page back"
    ),
    Command("list.page_on", "A page of the list on", ("]",), "Rows", _D, "page", 44, why.page_on, word="page on"),
    Command(*("detail.open", "Open the link, or fold and unfold", ("enter", "space"), "Move", _LINKED, "open", 26)),
    Command(*("detail.link_next", "To the next link or fold", ("tab",), "Move", _LINKED, "links", 40)),
    Command(*("detail.link_previous", "To the link or fold before", ("shift+tab",), "Move", _LINKED)),
    Command("detail.find", "Find text in the detail", ("/",), "Rows", _OPEN, "find", 30, word="find"),
    Command("find.next", "To the next hit", ("n",), "Move", _FOUND, "hits", 22, word="hit next"),
    Command("find.previous", "To the hit before", ("N",), "Move", _FOUND, "hits", 23, word="hit previous"),
    Command("detail.unfold", "Unfold one more level of the raw answer", ("+",), "Rows", _OPEN, word="unfold"),
    Command("detail.fold", "Fold one level of the raw answer", ("-",), "Rows", _OPEN, word="fold"),
    Command(
        *("detail.next", "The next row's detail", ("J",), "Move", _OPEN | {Place.FINDING}, "next", 45), word="next"
    ),
    Command(
        *("detail.previous", "The detail of the row before", ("K",), "Move", _OPEN | {Place.FINDING}, "next", 46),
        word="previous",
    ),
    Command(
        *("report.rows", "Show the report's rows", ("v",), "Rows", _OPEN, "rows", 24, why.report_rows, "rows"),
        is_live=True,
    ),
    Command("rows.open", "Open the finding", ("enter",), "Move", _ROWS, "open", 26, why.row, word="open finding"),
    Command(
        "rows.page_back", "A page of rows back", ("[",), "Rows", _ROWS, "page", 43, why.page_back, word="rows back"
    ),
    Command("rows.page_on", "A page of rows on", ("]",), "Rows", _ROWS, "page", 44, why.page_on, word="rows on"),
    Command("rows.sort", "Have the rows sorted by the next field", ("s",), "Rows", _ROWS, "sort", 60, word="rows sort"),
    Command("rows.reverse", "Have the order turned round", ("S",), "Rows", _ROWS, word="rows reverse"),
    Command(
        *(
            "rows.copy",
            "Copy the finding as JSON",
            ("y",),
            "Take along",
            _ROWS | {Place.FINDING},
            "copy",
            80,
            why.row,
        ),
        word="copy finding",
    ),
    Command(
        "pulse.longer",
        "Look back on a longer time",
        ("]", "+"),
        "Move",
        _PULSE,
        "longer",
        41,
        why.longer,
        word="longer",
    ),
    Command(
        *("pulse.shorter", "Look back on a shorter time", ("[", "-"), "Move", _PULSE, "shorter", 42, why.shorter),
        word="shorter",
    ),
    Command("target.open", "Open the detail of a target", (), "Rows", _ALL, word="status", takes="ADDRESS"),
    Command(
        *("watch.add", "Watch one more target", ("a",), "Rows", _ROW),
        word="watch add",
        takes="[ADDRESS]",
        is_live=True,
    ),
    Command(
        *("watch.remove", "Stop watching the row, or all marked rows", ("x",), "Rows", _ROW, "", 99, why.watched),
        word="watch remove",
        takes="[ADDRESS]",
        is_live=True,
    ),
    Command(
        *("watch.undo", "Watch again what was taken off last", ("U",), "Rows", _ROW), word="watch undo", is_live=True
    ),
    Command(
        *("row.explain", "Explain why it stands where it stands", ("i",), "Rows", _ROW | _WHY),
        reason=why.row,
        word="explain",
        is_live=True,
    ),
    Command(*("row.tell", "Tell me when this ends, or not", ("w",), "Rows", _ROW), reason=why.row, word="tell"),
    Command(
        *("report.create", "Make an exposures report", ("n",), "Reports and jobs", _ROW, "report", 82),
        reason=why.able("report.create"),
        word="report create",
        is_live=True,
    ),
    Command(
        *("report.delete", "Delete the report", ("D",), "Reports and jobs", _ROW),
        reason=why.report_to_delete,
        word="report delete",
        is_live=True,
    ),
    Command(
        *("job.start", "Start an SBOM export or a notices update", ("b",), "Reports and jobs", _ROW),
        reason=why.able("job.start"),
        word="job start",
        is_live=True,
    ),
    Command(
        "row.copy",
        "Copy the address, or all marked ones",
        ("y",),
        "Take along",
        _TAKEN,
        "copy",
        80,
        why.row,
        word="copy",
    ),
    Command("row.copy_json", "Copy as JSON", ("Y",), "Take along", _TAKEN, reason=why.row, word="copy json"),
    Command("row.copy_field", "Copy one field in full", ("c",), "Take along", _ROW, reason=why.row, word="copy field"),
    Command("row.web", "Open, or show, the web page", ("o",), "Take along", _TAKEN, "web", 81, why.url, word="web"),
    Command(
        *("pane.export", "Export the pane, the screen or a report", ("e",), "Take along", _ROW, "export", 83),
        word="export",
    ),
    Command(
        "poll.refresh",
        "Poll now: the marked rows, or everything",
        ("r",),
        "Polling",
        _TAKEN | _ROWS | _WHY,
        "poll now",
        55,
        word="poll",
        takes="[SERVER]",
        is_live=True,
    ),
    Command("poll.pause", "Pause polling, or go on", ("p",), "Polling", _ALL, "pause", 56, word="pause"),
    Command(
        *("play.slower", "Play the replay slower", ("<",), "Replay", _ALL, "speed", 57), word="slower", is_play=True
    ),
    Command(
        *("play.faster", "Play the replay faster", (">",), "Replay", _ALL, "speed", 58), word="faster", is_play=True
    ),
    Command(
        *("play.speed", "So many times as fast as life", (), "Replay", _ALL), word="speed", takes="NUMBER", is_play=True
    ),
    Command(
        *("play.seek", "To another moment of the replay", (), "Replay", _ALL), word="seek", takes="TIME", is_play=True
    ),
    Command("app.command", "Type a command", (":",), "scantop", _ALL, "command", 6, word="command"),
    Command("app.palette", "Find a command, pane, target or theme", ("ctrl+p",), "scantop", _ALL, word="palette"),
    Command("app.theme", "Another theme", (), "scantop", _ALL, word="theme", takes="NAME"),
    Command("app.messages", "What happened so far", ("m",), "scantop", _TAKEN, "messages", 75, word="messages"),
    Command(
        *("app.pulse", "The last hours of every server", ("0",), "scantop", _CHARTED, "pulse", 76),
        word="pulse",
        is_past=True,
    ),
    Command("app.help", "This help", ("?",), "scantop", _ALL, "help", 5, word="help"),
    Command("app.quit", "Quit", ("q", "ctrl+c"), "scantop", _ALL, "quit", 1, word="quit"),
)


def find(command_id: str, commands: Iterable[Command] = COMMANDS) -> Command:
    """The command of that id; KeyError if there is none."""
    for command in commands:
        if command.id == command_id:
            return command
    raise KeyError(command_id)
