"""Every theme file: complete, readable in 256 colours, and no state told by colour alone."""

import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from rich.color import Color, ColorSystem

from tui.domain.state import State
from tui.present.spec import ASCII, UNICODE, Glyphs

FOLDER = Path(__file__).parents[3] / "themes"
FILES = sorted(FOLDER.glob("*.toml"))
NAMES = [path.stem for path in FILES]
TONES = ("dim", "accent", "warn", "bad")
TEXT_CONTRAST = 4.5  # WCAG AA for text
HIGH_CONTRAST = 7.0  # WCAG AAA

Triplet = tuple[float, float, float]


def read(name: str) -> dict:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))


COLOURED = [name for name in NAMES if not read(name).get("ansi")]


def in_256(colour: str) -> Triplet:
    """What a terminal of 256 colours shows for a colour."""
    shown = Color.parse(colour).downgrade(ColorSystem.EIGHT_BIT).get_truecolor()
    return (shown.red, shown.green, shown.blue)


def in_full(colour: str) -> Triplet:
    shown = Color.parse(colour).get_truecolor()
    return (shown.red, shown.green, shown.blue)


def linear(colour: Triplet) -> Triplet:
    red, green, blue = (
        (v / 12.92) if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in (c / 255 for c in colour)
    )
    return (red, green, blue)


def contrast(one: Triplet, other: Triplet) -> float:
    lights = sorted(sum(w * v for w, v in zip((0.2126, 0.7152, 0.0722), linear(c), strict=True)) for c in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def backgrounds(theme: dict) -> dict[str, str]:
    """Everything that text of a tone may stand on."""
    return {
        "background": theme["base"]["background"],
        "bar": theme["bar"]["background"],
        "title": theme["title"]["background"],
        "focused title": theme["title"]["focused_background"],
        "cursor without focus": theme["cursor"]["blurred_background"],
        "active tab": theme["tab"]["active_background"],
        "notice": theme["notice"]["background"],
    }


def texts(theme: dict) -> dict[str, str]:
    return {
        **theme["state"],
        **theme["tone"],
        "text": theme["base"]["foreground"],
        "heading": theme["heading"]["foreground"],
        "key": theme["key"]["foreground"],
        "tab": theme["tab"]["foreground"],
        "notice": theme["notice"]["foreground"],
    }


def test_the_six_themes_are_there() -> None:
    wanted = ["colour-blind-safe", "dark", "high-contrast", "light", "mono", "terminal"]
    assert [f"scantop-{name}" for name in wanted] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_theme_is_named_as_its_file_and_complete(name: str) -> None:
    theme = read(name)
    assert theme["name"] == name
    assert set(theme["state"]) == {state.value for state in State}
    assert set(theme["tone"]) == set(TONES)
    reference = read("scantop-dark")
    for table in ("base", "cursor", "title", "bar", "heading", "key", "notice", "tab", "scroll"):
        assert set(reference[table]) <= set(theme[table]), table


@pytest.mark.parametrize("name", COLOURED)
@pytest.mark.parametrize("shown", [in_256, in_full])
def test_every_text_is_readable_on_everything_it_stands_on(name: str, shown) -> None:
    theme = read(name)
    least = HIGH_CONTRAST if "high-contrast" in name else TEXT_CONTRAST
    poor = {
        (text, ground): round(contrast(shown(colour), shown(behind)), 2)
        for text, colour in texts(theme).items()
        for ground, behind in backgrounds(theme).items()
        if contrast(shown(colour), shown(behind)) < least
    }
    assert poor == {}
    for table, prefix in (("cursor", ""), ("cursor", "blurred_"), ("title", ""), ("title", "focused_"), ("bar", "")):
        pair = theme[table][f"{prefix}foreground"], theme[table][f"{prefix}background"]
        assert contrast(shown(pair[0]), shown(pair[1])) >= least, (table, prefix)


@pytest.mark.parametrize("name", COLOURED)
def test_panels_differ_from_the_background_in_256_colours(name: str) -> None:
    theme = read(name)
    ground = in_256(theme["base"]["background"])
    grounds = backgrounds(theme)
    for part in ("bar", "title", "focused title", "cursor without focus", "active tab"):
        assert in_256(grounds[part]) != ground, part
    assert in_256(theme["cursor"]["background"]) not in {in_256(behind) for behind in grounds.values()}
    assert in_256(theme["title"]["background"]) != in_256(theme["title"]["focused_background"])


@pytest.mark.parametrize("name", COLOURED)
def test_colours_snap_to_near_ones(name: str) -> None:
    """No grey turns navy: 256 colours change no channel by more than a step of the greys."""
    theme = read(name)
    for colour in (*theme["base"].values(), *texts(theme).values(), *backgrounds(theme).values()):
        moved = max(abs(a - b) for a, b in zip(in_256(colour), in_full(colour), strict=True))
        assert moved <= 12, (colour, in_256(colour))


@pytest.mark.parametrize("name", COLOURED)
def test_the_states_that_matter_most_differ_in_colour_too(name: str) -> None:
    state = read(name)["state"]
    pressing = [in_256(state[word]) for word in ("waiting", "running", "done", "failed", "partial", "missing")]
    assert len(set(pressing)) == len(pressing)


# Machado, Oliveira and Fernandes (2009), full severity, applied to linear light.
DEFICIENCIES = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
}


@pytest.mark.parametrize("deficiency", sorted(DEFICIENCIES))
def test_good_and_bad_stay_apart_for_the_colour_blind(deficiency: str) -> None:
    matrix = DEFICIENCIES[deficiency]

    def seen(colour: str) -> Triplet:
        light = linear(in_256(colour))
        red, green, blue = (sum(w * v for w, v in zip(row, light, strict=True)) for row in matrix)
        return (red, green, blue)

    state = read("scantop-colour-blind-safe")["state"]
    for one, other in (("done", "failed"), ("done", "partial"), ("running", "failed"), ("running", "done")):
        pair = zip(seen(state[one]), seen(state[other]), strict=True)
        assert sum((a - b) ** 2 for a, b in pair) ** 0.5 > 0.3, (one, other)


@pytest.mark.parametrize("name", ["scantop-mono", "scantop-terminal"])
def test_terminal_themes_name_only_the_terminals_own_colours(name: str) -> None:
    theme = read(name)
    colours = [*theme["base"].values(), *texts(theme).values(), *backgrounds(theme).values()]
    assert all(colour.startswith("ansi_") for colour in colours)
    assert theme["ansi"] is True
    # Without backgrounds, what has the focus must show by weight or reverse.
    assert theme["title"]["style"] != theme["title"]["focused_style"]
    assert theme["style"]["cursor"] == "reverse"


def test_mono_has_no_colour_and_tells_the_bad_by_weight() -> None:
    theme = read("scantop-mono")
    colours = {v for t, table in theme.items() if isinstance(table, dict) and t != "style" for v in table.values()}
    assert {c for c in colours if c.startswith("ansi_")} == {"ansi_default"}
    assert not [c for c in colours if c.startswith("#")]
    assert theme["style"]["failed"] not in ("", theme["style"].get("done", ""))


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_each_state_has_a_sign_of_its_own_and_a_word(glyphs: Glyphs) -> None:
    signs = [glyphs.of(state) for state in State]
    assert len(set(signs)) == len(State) and all(len(sign) == 1 for sign in signs)
    assert all(sign.isascii() for sign in signs) == glyphs.is_ascii
    words = sorted(state.word for state in State)
    assert all(words) and all(a != b for a, b in pairwise(words))
