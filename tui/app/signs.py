"""The screen's own few signs, each with an ASCII form, and what each server health looks like. No widget, no colour."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from tui.domain.snapshot import Health
from tui.present.spec import ASCII, UNICODE, Glyphs


@dataclass(frozen=True, slots=True)
class Look:
    """How a health is drawn: sign, ASCII sign, word and tone. The word is always there: colour never stands alone."""

    sign: str
    ascii_sign: str
    word: str
    tone: str


LOOKS: Mapping[Health, Look] = {
    Health.STARTING: Look("◌", ".", "asking", "dim"),
    Health.OK: Look("●", "*", "ok", "done"),
    Health.LATE: Look("◐", "~", "late", "warn"),
    Health.FAILING: Look("!", "!", "failing", "bad"),
    Health.REFUSED: Look("⊠", "#", "refused", "bad"),
    Health.PAUSED: Look("‖", "=", "paused", "dim"),
}
# From the worst to the best: what a pane with several servers tells first.
SEVERITY = (Health.REFUSED, Health.FAILING, Health.LATE, Health.STARTING, Health.PAUSED, Health.OK)


@dataclass(frozen=True, slots=True)
class Signs:
    """Signs of the frame around the tables."""

    glyphs: Glyphs
    up: str = "▲"
    down: str = "▼"
    bar: str = "│"
    dash: str = "─"
    bullet: str = "•"
    dot: str = "·"
    arrow: str = "→"
    ellipsis: str = "…"

    def of(self, health: Health) -> str:
        """The sign of a health."""
        look = LOOKS[health]
        return look.ascii_sign if self.glyphs.is_ascii else look.sign


UNICODE_SIGNS = Signs(UNICODE)
ASCII_SIGNS = Signs(ASCII, "^", "v", "|", "-", "*", ".", "->", "~")


def choose(is_ascii: bool | None, environ: Mapping[str, str]) -> Signs:
    """The signs for a terminal: as the person says, else Unicode where the locale is UTF-8."""
    if is_ascii is None:
        locale = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
        folded = locale.lower().replace("-", "")
        # Containers and minimal SSH sessions often set no locale at all, with a UTF-8 terminal in front; only a locale
        # that names another charset, or a console that has no glyphs, is taken at its word.
        is_ascii = environ.get("TERM") in {"linux", "vt100", "vt220"} or bool(folded and "utf8" not in folded)
    return ASCII_SIGNS if is_ascii else UNICODE_SIGNS


def from_environment(is_ascii: bool | None) -> Signs:
    """`choose` for this run's own environment."""
    return choose(is_ascii, os.environ)
