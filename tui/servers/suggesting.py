"""Which of the names that a server told fit what a person typed. Pure; knows no server kind."""

from __future__ import annotations

from collections.abc import Iterable

from tui.domain.acts import Ask, Suggestion, Suggestions


def ranked(ask: Ask, found: Iterable[Suggestion], *, is_whole: bool) -> Suggestions:
    """The suggestions that fit, each once, those that begin with the prefix first, at most as many as were asked."""
    word = ask.prefix.lower()
    fitting = list({one.value: one for one in found if word in one.value.lower()}.values())
    fitting.sort(key=lambda one: not one.value.lower().startswith(word))  # stable: the server's order stays otherwise
    return Suggestions(ask, tuple(fitting[: ask.limit]), is_whole and len(fitting) <= ask.limit)
