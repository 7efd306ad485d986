"""Acts on a replay: slower, faster, stop, another moment; and its sentences in the footer.

Owns the steps of speed and the words. How a tape is played is the player's affair.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from tui.present.format import moment
from tui.typed import LineError, shorten

if TYPE_CHECKING:
    from tui.app.app import ScantopApp
    from tui.app.monitored import Player
    from tui.polling.messages import Change

SPEEDS = (1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0, 3600.0, 36_000.0)
FASTEST = 100_000.0  # a year in five minutes: beyond that nothing is seen of it


def speed_words(speed: float) -> str:
    """``x60``, ``x0.5``."""
    return f"x{speed:,.10g}" if speed < 1 or speed != int(speed) else f"x{int(speed):,}"


def read_speed(text: str) -> float:
    """A speed as it is typed, ``600`` or ``x600``. ValueError with one sentence."""
    try:
        speed = float(text.strip().lower().removeprefix("x"))
    except ValueError:
        speed = math.nan
    if not 0 < speed <= FASTEST:
        raise ValueError(f"{shorten(text)!r} is no speed (a number above 0, up to {FASTEST:,.0f}).")
    return speed


class Playing:
    """The replay of one app, if it is one."""

    def __init__(self, app: ScantopApp, player: Player | None) -> None:
        self._app = app
        self._player = player

    @property
    def words(self) -> str:
        """What stands in the header; "" where this is no replay."""
        player = self._player
        if player is None:
            return ""
        if player.is_over:
            return "replay ended"
        return f"replay {speed_words(player.speed)}"

    def follow(self, change: Change) -> None:
        """Say what the player has to say."""
        if self._player is None:
            return
        told = [message.text for message in change.messages if not message.key]
        if told:
            self._app.tick()
            self._app.say(told[-1], "warn")

    def act_poll_pause(self) -> None:
        """Stop, or go on."""
        player = self._known()
        if player.is_over:
            self._app.say(f"The replay has ended; {self._line('play.seek')} start plays it again.", "warn")
            return
        if player.is_paused:
            player.resume()
        else:
            player.pause()
        self._app.tick()
        self._app.say("The replay stands still." if player.is_paused else "The replay goes on.")

    def act_play_slower(self) -> None:
        """The next speed below."""
        now = self._known().speed
        self._set(next((speed for speed in reversed(SPEEDS) if speed < now), min(now, SPEEDS[0])))

    def act_play_faster(self) -> None:
        """The next speed above."""
        now = self._known().speed
        self._set(next((speed for speed in SPEEDS if speed > now), max(now, SPEEDS[-1])))

    def speed(self, rest: str) -> Callable[[], Awaitable[None]]:
        """What sets a speed that was typed. Raises `LineError`."""
        try:
            speed = read_speed(rest)
        except ValueError as error:
            raise LineError(str(error)) from None

        async def act() -> None:
            self._set(speed)

        return act

    def seek(self, rest: str) -> Callable[[], Awaitable[None]]:
        """What goes to a moment that was typed. Raises `LineError`."""
        player, app = self._known(), self._app
        try:
            at = player.find(rest, app.zone)
        except ValueError as error:
            raise LineError(str(error)) from None

        async def act() -> None:
            player.seek(at)
            app.tick()
            app.say(f"The replay is at {moment(at, app.clock.now(), app.zone)}.")

        return act

    def _set(self, speed: float) -> None:
        self._known().set_speed(speed)
        self._app.tick()
        self._app.say(f"The replay plays {speed_words(speed)}.")

    def _line(self, command_id: str) -> str:
        return self._app.keymap.hint(command_id)

    def _known(self) -> Player:
        assert self._player is not None  # noqa: S101 - the commands' own reason has seen to that
        return self._player
