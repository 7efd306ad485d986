"""Theme files: found, read, refused with a sentence; every variable that our style sheets use is always there."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from tui.app.theming import TONES, ThemeError, Tones, default_variables, load_themes, read_theme

THEMES = load_themes()


def test_all_the_products_themes_are_found() -> None:
    assert {"scantop-dark", "scantop-light", "scantop-mono", "scantop-high-contrast"} <= set(THEMES)


@pytest.mark.parametrize("name", sorted(THEMES))
def test_no_variable_of_the_style_sheets_is_missing(name: str) -> None:
    theme = THEMES[name]
    known = {**default_variables(theme), **theme.to_color_system().generate(), **theme.variables}
    sheet = (resources.files("tui") / "app" / "styles" / "scantop.tcss").read_text("utf-8")
    used = set(re.findall(r"\$([a-z0-9-]+)", sheet))
    assert used and used <= set(known)


@pytest.mark.parametrize("name", sorted(THEMES))
def test_every_tone_has_a_style(name: str) -> None:
    theme = THEMES[name]
    tones = Tones({**default_variables(theme), **theme.to_color_system().generate(), **theme.variables})
    for tone in TONES:
        assert tones.style(tone).color is not None
    assert tones.style("").color is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "x.toml: "),
        ('name = "x"', "needs a name and [base] primary"),
        ('name = "x"\n[base]\nprimary = "#fff"\nprimry = "#fff"', "primry is no base colour"),
        ('name = "x"\n[base]\nprimary = "#fff"\n[state]\ndone = "grun"', "'grun' is no colour"),
    ],
)
def test_a_wrong_theme_is_told(text: str, said: str) -> None:
    with pytest.raises(ThemeError) as caught:
        read_theme(text, "x.toml")
    assert said in str(caught.value)


def test_entries_become_variables() -> None:
    theme = read_theme('name="x"\n[base]\nprimary="#112233"\n[state]\nnot_scanned="#445566"\n[style]\ndone="bold"', "x")
    assert theme.variables == {"state-not-scanned": "#445566", "style-done": "bold"}
    tones = Tones({**default_variables(theme), **theme.variables})
    assert tones.style("not_scanned").color.name == "#445566"  # type: ignore[union-attr]
    assert tones.style("done").bold
