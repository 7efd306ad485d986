"""An app's themes: which there are, which one is in force, and the tones that follow it. Knows nothing of scans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.app import App

from tui.app.theming import DEFAULT_THEME, Tones, default_variables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.theme import Theme


class Themed(App[Any], inherit_bindings=False):
    """The part of an app that has them."""

    tones: Tones
    theme_names: tuple[str, ...] = ()

    def use_themes(self, themes: Mapping[str, Theme], wanted: str) -> None:
        """Take these themes, `wanted` to begin with where it is among them."""
        for theme in themes.values():
            self.register_theme(theme)
        self.theme_names = tuple(themes)
        self.theme = wanted if wanted in themes else DEFAULT_THEME
        self.stylesheet.set_variables(self.get_css_variables())

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Every variable that our style sheets use, for themes that leave it out."""
        return default_variables(self.current_theme)

    def get_css_variables(self) -> dict[str, str]:
        """The variables of the present theme; the tones follow them."""
        variables = super().get_css_variables()
        self.tones = Tones(variables, self.current_theme.ansi)
        return variables
