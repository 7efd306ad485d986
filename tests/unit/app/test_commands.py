"""The registry and the keymap: one spelling a key, no clash by default, and own keys that are checked."""

from __future__ import annotations

import pytest
from textual.keys import _character_to_key

from tui.app.absence import AbsenceWatch
from tui.app.acts import Acts
from tui.app.app import ScantopApp
from tui.app.doing import Doing
from tui.app.playing import Playing
from tui.app.screens.changes import ChangesScreen
from tui.app.screens.command_screen import CommandScreen, act_of
from tui.app.screens.dashboard import Dashboard
from tui.app.screens.detail import DetailScreen
from tui.app.screens.evidence import EvidenceScreen
from tui.app.screens.help import HelpScreen
from tui.app.screens.messages import MessagesScreen
from tui.app.screens.pulse import PulseScreen
from tui.app.screens.report_rows import FindingScreen, ReportRowsScreen
from tui.app.taking import Taking
from tui.app.telling import Telling
from tui.commands import COMMANDS, Place, Situation, find
from tui.keymap import KeymapError, resolve, shown, spell, textual_key

SCREENS: dict[Place, tuple[type[CommandScreen], ...]] = {
    Place.DASHBOARD: (Dashboard,),
    Place.DETAIL: (DetailScreen,),
    Place.SEARCH: (DetailScreen,),
    Place.ROWS: (ReportRowsScreen,),
    Place.FINDING: (FindingScreen,),
    Place.EVIDENCE: (EvidenceScreen,),
    Place.READING: (HelpScreen,),
    Place.MESSAGES: (MessagesScreen,),
    Place.CHANGES: (ChangesScreen,),
    Place.PULSE: (PulseScreen,),
}


def test_ids_are_unique_and_titles_are_sentences_of_people() -> None:
    ids = [command.id for command in COMMANDS]
    assert len(set(ids)) == len(ids)
    assert all(command.title[0].isupper() and command.group for command in COMMANDS)


@pytest.mark.parametrize("place", list(Place))
def test_no_two_commands_of_a_place_share_a_key(place: Place) -> None:
    keys = [key for command in COMMANDS if place in command.places for key in command.keys]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_every_command_has_an_act_wherever_it_applies(command) -> None:
    for place in command.places:
        for screen in SCREENS[place]:
            act = act_of(command.id, screen, ScantopApp, Acts, Doing, Taking, Telling, Playing, AbsenceWatch)
            assert act is not None or command.takes, screen.__name__  # what takes more opens the line for it


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_keys_are_spelt_as_textual_spells_them(command) -> None:
    for key in command.keys:
        assert spell(key) == key
        if len(key) == 1:
            assert textual_key(key) == _character_to_key(key)


def test_reasons_are_one_sentence() -> None:
    nothing = Situation(Place.DASHBOARD, panes=2)
    reasons = [reason for command in COMMANDS if (reason := command.reason(nothing))]
    assert "There are 2 panes." in reasons
    assert "No row is selected." in reasons
    assert all(reason.endswith(".") and "\n" not in reason for reason in reasons)


@pytest.mark.parametrize(
    ("page", "pages", "has_more", "back", "on"),
    [
        (1, 18, True, "This is the first page.", ""),
        (18, 18, False, "", "This is the last page."),
        (3, None, True, "", ""),
        (3, None, False, "", "This is the last page."),
        (3, None, None, "", ""),
    ],
)
def test_pages_know_their_ends(page: int, pages: int | None, has_more: bool | None, back: str, on: str) -> None:
    situation = Situation(Place.DASHBOARD, has_list=True, page=page, pages=pages, has_more=has_more)
    assert find("list.page_back").reason(situation) == back
    assert find("list.page_on").reason(situation) == on


def test_own_keys_replace_the_defaults() -> None:
    keymap = resolve({"poll.refresh": "F5, ctrl+R"})
    assert keymap.of("poll.refresh") == ("f5", "ctrl+r")
    assert keymap.changed == {"poll.refresh"}
    assert keymap.of("poll.pause") == ("p",)


def test_a_command_can_lose_its_keys_but_not_the_reserved_ones() -> None:
    keymap = resolve({"app.quit": "none", "row.copy": ""})
    assert keymap.of("app.quit") == ("ctrl+c",)
    assert keymap.of("row.copy") == ()


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"poll.refrsh": "f5"}, "did you mean 'poll.refresh'?"),
        ({"poll.refresh": "q"}, "already the key of 'app.quit'"),
        ({"poll.refresh": "F5,hyper+x"}, "is no key"),
        ({"poll.refresh": "pagedwn"}, "did you mean 'pagedown'?"),
        ({"poll.refresh": "escape"}, "is reserved"),
        ({"poll.refresh": "ctrl+C"}, "is reserved"),
        ({"poll.refresh": "x", "poll.pause": "x"}, "already the key of"),
    ],
)
def test_own_keys_that_cannot_be_used_are_told(own: dict[str, str], said: str) -> None:
    with pytest.raises(KeymapError, match=r".") as caught:
        resolve(own)
    assert said in str(caught.value)
    assert caught.value.key in own


def test_two_commands_may_swap_their_keys() -> None:
    keymap = resolve({"poll.refresh": "p", "poll.pause": "r"})
    assert (keymap.of("poll.refresh"), keymap.of("poll.pause")) == (("p",), ("r",))


@pytest.mark.parametrize(
    ("key", "drawn"), [("escape", "Esc"), ("ctrl+p", "^P"), ("S", "S"), ("shift+tab", "Shift+Tab"), ("f5", "F5")]
)
def test_keys_are_drawn_short(key: str, drawn: str) -> None:
    assert shown(key) == drawn
    assert shown("down", is_ascii=True) == "Down"
