"""What may be done to the servers now, and why not: what footers and help ask at every draw, without a form loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.acting import Actor
    from tui.app.app import ScantopApp


class Permits:
    """The permits of one app. `actor` None: this monitor was opened without a way to act."""

    def __init__(self, app: ScantopApp, actor: Actor | None) -> None:
        self._app = app
        self._actor = actor

    def why_not(self, ability: str) -> str:
        """Why an act cannot be done now ("" if it can): on the row's server, or else on any."""
        if self._actor is None:
            return "This monitor was opened for looking only."
        servers = self._actor.servers_for(ability)
        if not servers:
            what = {"report.create": "make reports", "job.start": "start jobs"}.get(ability, "do that")
            return f"No configured server can {what}."
        entry = getattr(self._app.top, "target_entry", lambda: None)()
        own = entry.target.server if entry is not None else ""
        reasons = [self._actor.why_not(name, ability) for name in ((own,) if own in servers else servers)]
        return "" if "" in reasons else reasons[0]
