"""Why a target stands where it stands, live while it is open: the evidence, and the way to what it is about.

Owns when further calls are made: once as it opens, and when the person polls. What follows from them is
`tui.domain.explain`'s. They are made by a worker of the app, so that leaving the screen ends nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tui.app.beside import beside
from tui.app.detail.build import title_line
from tui.app.detail.context import DetailContext
from tui.app.detail.evidence import GATHERING, evidence_lines
from tui.app.line import Line, Piece, width_of
from tui.app.screens.linked import LinkedScreen
from tui.commands import Place, Situation
from tui.domain.evidence import Evidence, Fact, case_of
from tui.domain.explain import explain
from tui.domain.shifting import moved_calls
from tui.domain.snapshot import Entry
from tui.polling.messages import Change
from tui.servers.kind import kinds

NO_WAY = "This monitor was opened without a way to ask for more."


class EvidenceScreen(LinkedScreen):
    """The evidence for one target."""

    place = Place.EVIDENCE

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self._entry = entry
        self._evidence: tuple[Evidence, ...] = ()
        self._facts: tuple[Fact, ...] = ()
        self._asked = 0
        self._is_gathering = False
        self._note = ""

    def on_mount(self) -> None:
        """Say what is known, and ask for more."""
        self._judge()
        super().on_mount()
        self._gather()

    def target_entry(self) -> Entry | None:
        """The entry that commands are about."""
        return self._entry

    def situation(self) -> Situation:
        """There is a target."""
        app = self.scantop
        return Situation(self.place, has_row=True, is_paused=app.monitor.is_paused, key_of=app.keymap.hint)

    # what is asked

    def _gather(self) -> None:
        if self.scantop.doing.actor is None:
            self._note = NO_WAY
            self.draw()
            return
        self._asked += 1
        self._is_gathering = True
        self.draw()
        beside(self.app, self._ask, self._asked, name="evidence", exit_on_error=False)

    async def _ask(self, number: int) -> None:
        """Ask for what may explain it; an answer that was overtaken is dropped."""
        actor = self.scantop.doing.actor
        facts, note = self._facts, ""
        try:
            if actor is not None:
                facts = await actor.gather(self._entry.target, self._entry.state)
        except Exception as error:  # a defect must not leave the screen waiting for ever
            note = f"No more could be asked ({type(error).__name__})."
        if number != self._asked:
            return
        self._facts, self._note, self._is_gathering = facts, note, False
        if self.is_mounted and self.is_attached:
            self._judge()
            self.draw()

    def _judge(self) -> None:
        """Let the rules look again."""
        app, server = self.scantop, self._entry.target.server
        health = app.store.servers.get(server)
        kind = kinds().get(health.kind) if health is not None else None
        title = kind.title if kind is not None else ""
        entries, now = app.store.entries.values(), app.clock.now()
        case = case_of(self._entry, entries, now, outlook=app.outlook, title=title, health=health, facts=self._facts)
        self._evidence = explain(case)

    # from the store

    def take(self, change: Change) -> None:
        """Judge anew when it, its server or what the evidence is about changed; others wait for the next tick.

        Judging looks at every entry of the server, which each of many polls would not be worth.
        """
        server = self._entry.target.server
        if change.shifted_s:  # this machine's clock was set
            self._facts = tuple(_moved(fact, change.shifted_s) for fact in self._facts)
        near = {self._entry.key, *(one.about for one in self._evidence)}
        is_near = not near.isdisjoint((*change.keys, *change.removed))
        if is_near or server in change.servers:
            self._entry = self.scantop.store.entries.get(self._entry.key, self._entry)
            self._judge()
        if is_near or change.servers:
            self.draw()

    def tick(self) -> None:
        """Spans in the sentences grow too."""
        self._judge()
        super().tick()

    # what is drawn

    def title_line(self, width: int) -> Line:
        """Which target, and whether more is being asked."""
        tail: Line = (Piece(f"  {GATHERING}", "accent"),) if self._is_gathering else ()
        head: Line = (Piece(" Why"),)
        room = width - width_of((*head, *tail))
        return (*head, *title_line(self._entry, self._detail_context(), room), *tail)

    def lines(self, width: int) -> Sequence[Line]:
        """The evidence so far."""
        known = self.scantop.store.entries
        notes = (self._note,) if self._note else ()
        return evidence_lines(self._evidence, known, self._detail_context(), max(1, width - 1), notes)

    def _detail_context(self) -> DetailContext:
        app = self.scantop
        return DetailContext(app.clock.now(), app.zone, app.signs, app.outlook)

    # what the person does

    def act_poll_refresh(self) -> None:
        """Poll the target now, and ask for the rest anew."""
        self.scantop.monitor.poll_now(key=self._entry.key)
        self._gather()
        self.say("Polling this target now, and asking for the rest again.")

    def act_row_explain(self) -> None:
        """The same key leads back."""
        self.dismiss()


def _moved(fact: Fact, by_s: float) -> Fact:
    return fact if fact.call is None else replace(fact, call=moved_calls((fact.call,), by_s)[0])
