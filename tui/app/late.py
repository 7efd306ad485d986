"""What the first frame does without, and keys may want: acts through forms, typed lines, further screens.

Owns that they are loaded behind the first frame, or when first asked for. Knows nothing of what they do.
"""

from __future__ import annotations

import importlib
from functools import cached_property
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from tui.acting import Actor
    from tui.app.absence import AbsenceWatch
    from tui.app.acts import Acts
    from tui.app.app import ScantopApp
    from tui.app.doing import Doing
    from tui.app.monitored import Player
    from tui.app.playing import Playing
    from tui.app.speaking import Speaker
    from tui.app.taking import Taking
    from tui.app.telling import Telling

LATE = (
    "doing",
    "taking",
    "speaking",
    *(f"screens.{name}" for name in ("help", "messages", "palette", "columns", "changes", "pulse")),
)


def load_late() -> None:
    """Load them all, so that no key waits for it; for a thread."""
    for name in LATE:
        importlib.import_module(f"tui.app.{name}")


class LateOwners:
    """The part of the app that has them."""

    actor: Actor | None
    acts: Acts
    telling: Telling
    player: Player | None
    absence: AbsenceWatch

    @cached_property
    def doing(self) -> Doing:
        """Acts on the servers and on what is watched."""
        from tui.app.doing import Doing

        return Doing(cast("ScantopApp", self), self.actor)

    @cached_property
    def taking(self) -> Taking:
        """Taking along."""
        from tui.app.taking import Taking

        return Taking(cast("ScantopApp", self))

    @cached_property
    def speaker(self) -> Speaker:
        """Typed lines."""
        from tui.app.speaking import Speaker

        return Speaker(cast("ScantopApp", self))

    @cached_property
    def playing(self) -> Playing:
        """Acts on a replay."""
        from tui.app.playing import Playing

        return Playing(cast("ScantopApp", self), self.player)

    @property
    def owners(self) -> tuple[object, ...]:
        """Whatever has acts that are the same everywhere."""
        playing = () if self.player is None else (self.playing,)  # pausing is its own there
        return (*playing, self.acts, self.doing, self.taking, self.telling, self.absence)
