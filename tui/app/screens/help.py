"""Help, drawn from the registry with the keys that are really in force."""

from __future__ import annotations

from collections.abc import Sequence

from tui.app.line import Line, Piece, joined, trim, width_of
from tui.app.screens.reading import ReadingScreen
from tui.app.signs import LOOKS, Signs
from tui.commands import COMMANDS, Command, Place, Situation
from tui.domain.state import State
from tui.keymap import Keymap

KEYS_CELLS = 12
COLUMN_CELLS = 52  # two columns of commands where there is room for both


class HelpScreen(ReadingScreen):
    """The commands of the place from which help was called."""

    place = Place.READING

    def __init__(self, about: Situation) -> None:
        super().__init__()
        self._about = about

    def title_line(self, width: int) -> Line:
        """Which help."""
        return (Piece(" Help", "strong"), Piece(f"  keys of the {self._about.place.value}", "dim"))

    def lines(self, width: int) -> Sequence[Line]:
        """Keys, signs, filters."""
        app = self.scantop
        return help_lines(self._about, app.keymap, app.signs, width)

    def act_app_help(self) -> None:
        """The same key leads back."""
        self.dismiss()


def help_lines(about: Situation, keymap: Keymap, signs: Signs, width: int) -> list[Line]:
    """The whole help text in lines of `width` cells."""
    commands = [
        c for c in COMMANDS if about.place in c.places and not _is_beyond(c, about) and not c.unfit(about.is_replay)
    ]
    groups: dict[str, list[Line]] = {}
    for command in commands:
        keys = keymap.shown(command.id, 3, signs.glyphs.is_ascii) or f":{command.line}"
        mark = "*" if command.id in keymap.changed else " "
        pieces: Line = (
            Piece(f" {keys:<{KEYS_CELLS}}{mark}", "key", command.id),
            Piece(command.title, "", command.id),
        )
        groups.setdefault(command.group, []).append(pieces)
    blocks = [[(Piece(f" {group}", "heading"),), *lines, ()] for group, lines in groups.items()]
    blocks += [_signs(signs), _health(signs, keymap), _filters(keymap)]
    if keymap.changed:
        blocks.append([(Piece(" * your own key (config: [ui] keymap)", "dim"),)])
    if width < 2 * COLUMN_CELLS:
        return [line for block in blocks for line in block]
    return _in_two_columns(blocks, width)


def _is_beyond(command: Command, about: Situation) -> bool:
    number = command.id.removeprefix("pane.")
    return number.isdigit() and int(number) > about.panes


def _in_two_columns(blocks: list[list[Line]], width: int) -> list[Line]:
    total = sum(len(block) for block in blocks)
    left: list[Line] = []
    right: list[Line] = []
    for block in blocks:
        (left if len(left) + len(block) // 2 <= total / 2 and not right else right).extend(block)
    height = max(len(left), len(right))
    right = [trim(line, width - COLUMN_CELLS) for line in right]
    left += [()] * (height - len(left))
    right += [()] * (height - len(right))
    return [(*one, Piece(" " * (COLUMN_CELLS - width_of(one))), *other) for one, other in zip(left, right, strict=True)]


def _signs(signs: Signs) -> list[Line]:
    lines: list[Line] = [(Piece(" Signs", "heading"),)]
    states = list(State)
    for one, other in zip(states[::2], [*states[1::2], None], strict=True):
        pair = [_sign(one, signs)] + ([_sign(other, signs)] if other is not None else [])
        lines.append(joined([(Piece(""),), *pair], ""))
    return [*lines, ()]


def _sign(state: State, signs: Signs) -> Line:
    return (Piece(f"  {signs.glyphs.of(state)} ", state.value), Piece(f"{state.word:<14}", state.value))


def _health(signs: Signs, keymap: Keymap) -> list[Line]:
    words = {
        "ok": "answers, and what is shown is fresh",
        "late": "an answer is overdue",
        "failing": "cannot be asked; is tried again by itself",
        "refused": "did not accept the token; a new one is picked up",
        "asking": "asked for the first time",
        "paused": f"not asked until {keymap.hint('poll.pause')}",
    }
    lines: list[Line] = [(Piece(" Servers", "heading"),)]
    for health, look in LOOKS.items():
        lines.append((Piece(f"  {signs.of(health)} {look.word:<9}", look.tone), Piece(words.get(look.word, ""), "dim")))
    return [*lines, ()]


def _filters(keymap: Keymap) -> list[Line]:
    rows = (
        ("my build", "rows with both words; letters may be skipped"),
        ("!nightly", "not this word"),
        ("state:failed|partial", "one of these states"),
        ("stage:sca", "scans that are in this stage"),
        ('type:"Project Scan"', "also project: server: user:"),
        ("age<2h", "in the state for less than two hours"),
    )
    lines: list[Line] = [(Piece(f" Filters ({keymap.hint('pane.filter')})", "heading"),)]
    lines += [(Piece(f"  {text:<22}", "key"), Piece(words, "dim")) for text, words in rows]
    return [*lines, ()]
