"""Acts that change a server or what is watched, through forms: watch, reports, jobs. Each is asked first, once.

Owns the sentences around an act; what an act is and whether it may be done is the actor's. An act whose answer was lost
closes its form and is told in full, so that nobody repeats it with one more Enter.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from tui.addressing import resolve
from tui.app.beside import beside
from tui.app.completing import Completer, Completions
from tui.app.requests import LOOKED_UP, job_fields, job_request, report_fields, report_request, rest_of, server_in
from tui.app.screens.confirm import Confirm, Notice
from tui.app.screens.form import Form, FormField, Refusal, Values
from tui.domain.acts import ActError, Fate, Outcome
from tui.domain.snapshot import Entry
from tui.domain.target import AddressError, Target
from tui.present.format import count
from tui.present.safe import clean
from tui.servers.kind import kinds

if TYPE_CHECKING:
    from tui.acting import Actor
    from tui.app.app import ScantopApp

SHOWN_CELLS = 60  # of a name in a question


class Doing:
    """The acts of one app. `actor` None: this monitor was opened without a way to act."""

    def __init__(self, app: ScantopApp, actor: Actor | None) -> None:
        self.app = app
        self.actor = actor
        self.completer = Completer(actor, app.settings, kinds())
        self._drafts: dict[str, Values] = {}
        self._wanted = ""
        self._removed: tuple[Target, ...] = ()

    def why_not(self, ability: str) -> str:
        """Why an act cannot be done now ("" if it can)."""
        return self.app.permits.why_not(ability)

    # watching

    async def act_watch_add(self) -> None:
        """Ask what to watch."""
        fields = (FormField("address", "Address", "", "an address, a URL, an upload answer, repo/image:tag"),)

        async def complete(field_id: str, values: Values) -> Completions:
            return await self.completer.address(values[field_id])

        await self._open("Watch one more target", fields, self._watch, "watch", complete, "watches it")

    async def _watch(self, form: Form, values: Values) -> Refusal | None:
        try:
            targets = resolve(values["address"], self.app.settings)
        except AddressError as error:
            return Refusal(str(error), "address")
        self.app.say(await self.app.watching.add(targets))
        self.select(targets[0].key)
        return None

    def remember_removed(self, targets: Sequence[Target]) -> None:
        """These were watched until now; undo brings them back."""
        self._removed = tuple(targets)

    async def act_watch_undo(self) -> None:
        """Watch again what was taken off last."""
        if not self._removed:
            self.app.say("Nothing was taken off the watch list in this run.", "warn")
            return
        targets, self._removed = self._removed, ()
        self.app.say(await self.app.watching.add(targets))
        self.select(targets[0].key)

    def select(self, key: str) -> None:
        """Put the cursor on a row as soon as it is there."""
        self._wanted = key
        self.follow()

    def follow(self) -> None:
        """The rows changed: the one that is waited for may be there."""
        if self._wanted and self.app.dashboard.show_row(self._wanted):
            self._wanted = ""

    # reports

    async def act_report_create(self) -> None:
        """Fill in a new report."""
        servers = self._servers("report.create")
        fields = report_fields(self._entry(), servers, self.app.clock.now())

        async def complete(field_id: str, values: Values) -> Completions:
            what = LOOKED_UP.get(values["scope"], "")
            if field_id != "names" or not what:
                return Completions()
            return await self.completer.last_name(server_in(values, servers), what, values["names"])

        where = f" on {servers[0]}" if len(servers) == 1 else ""
        attempt = partial(self._make_reports, servers)
        await self._open(f"New exposures report{where}", fields, attempt, "report", complete, "asks, then makes it")

    async def _make_reports(self, servers: tuple[str, ...], form: Form, values: Values) -> Refusal | None:
        assert self.actor is not None  # noqa: S101 - `why_not` has seen to that
        server = server_in(values, servers)
        try:
            request = report_request(values, self.app.clock.now())
        except ActError as error:
            return Refusal(str(error), error.field if error.field != "scope" else "names")
        if reason := self.actor.why_not(server, "report.create"):
            return Refusal(reason, "server")
        many = count(len(request.categories), "exposures report")
        names = ", ".join(clean(request.name_for(one), SHOWN_CELLS) for one in request.categories)
        about = f"{request.scope.kind} {clean(', '.join(request.scope.names), SHOWN_CELLS)}"
        if not await self._agrees(f"Make {many} on {self._place(server)}: {names}, about {about}?", "make it"):
            return Refusal("Nothing was asked for.", tone="dim")
        form.say(f"Asking {server} …", "dim")
        outcomes = await self.actor.create_report(server, request)
        await self._watch_made(outcomes)
        if all(outcome.is_done for outcome in outcomes):
            self.app.say(_told(outcomes))
            return None
        if any(outcome.fate is Fate.UNSURE for outcome in outcomes):
            await self._tell_unsure(outcomes)
            return None
        made = tuple(category for category, one in zip(request.categories, outcomes, strict=True) if one.is_done)
        return Refusal(_told(outcomes), changes=rest_of(request, made))

    async def act_report_delete(self) -> None:
        """Delete the row's report, after asking."""
        entry = self._entry()
        if entry is None or entry.target.kind != "report":
            self.app.say("This row is no report.", "warn")
            return
        beside(self.app, self._delete, entry, name="delete", group="forms")

    async def _delete(self, entry: Entry) -> None:
        assert self.actor is not None  # noqa: S101 - `why_not` has seen to that
        target = entry.target
        name = clean(entry.name, SHOWN_CELLS)
        question = f"Delete report {target.title} ({name}) on {self._place(target.server)} for good?"
        if not await self._agrees(question, "delete it"):
            self.app.say("Nothing was deleted.")
            return
        self.app.say(f"Asking {target.server} …")
        outcome = await self.actor.delete_report(target)
        if outcome.is_done:
            if entry.is_watched:
                await self.app.watching.remove([target.key])
            self.app.monitor.poll_now(server=target.server)
            self.app.say(_told([outcome]))
        elif outcome.fate is Fate.UNSURE:
            await self._tell_unsure([outcome])
        else:
            await self.app.push_screen(Notice("It was not deleted", [(_told([outcome]), "bad")]))

    # jobs

    async def act_job_start(self) -> None:
        """Fill in a job to start."""
        servers = self._servers("job.start")
        fields = job_fields(self._entry(), servers)

        async def complete(field_id: str, values: Values) -> Completions:
            if field_id != "project_id":
                return Completions()
            return await self.completer.last_name(server_in(values, servers), "project", values["project_id"])

        where = f" on {servers[0]}" if len(servers) == 1 else ""
        await self._open(
            f"Start a job{where}", fields, partial(self._start, servers), "job", complete, "asks, then starts it"
        )

    async def _start(self, servers: tuple[str, ...], form: Form, values: Values) -> Refusal | None:
        assert self.actor is not None  # noqa: S101 - `why_not` has seen to that
        server = server_in(values, servers)
        try:
            request = job_request(values)
        except ActError as error:
            return Refusal(str(error), error.field)
        if reason := self.actor.why_not(server, "job.start"):
            return Refusal(reason, "server")
        how = ", overwriting what people wrote" if request.is_overwriting else ""
        question = f"Start {request.kind} for project {request.project_id} on {self._place(server)}{how}?"
        if not await self._agrees(question, "start it"):
            return Refusal("Nothing was asked for.", tone="dim")
        form.say(f"Asking {server} …", "dim")
        outcome = await self.actor.start_job(server, request)
        await self._watch_made([outcome])
        if outcome.is_done:
            self.app.say(_told([outcome]))
            return None
        if outcome.fate is Fate.UNSURE:
            await self._tell_unsure([outcome])
            return None
        return Refusal(_told([outcome]))

    # shared

    async def _open(
        self, title: str, fields: tuple[FormField, ...], attempt: object, draft: str, complete: object, verb: str
    ) -> None:
        kept = self._drafts.setdefault(draft, {})
        form = Form(title, fields, attempt, verb=verb, complete=complete, draft=kept)  # type: ignore[arg-type]
        await self.app.push_screen(form)

    async def _agrees(self, question: str, yes: str) -> bool:
        return await self.app.push_screen_wait(Confirm(question, yes))

    async def _watch_made(self, outcomes: Sequence[Outcome]) -> None:
        made = [outcome.target for outcome in outcomes if outcome.is_done and outcome.target is not None]
        if made:
            await self.app.watching.add(made)
            self.select(made[0].key)

    async def _tell_unsure(self, outcomes: Sequence[Outcome]) -> None:
        """In full and until it was read: what is known, and that nothing was repeated."""
        texts = [(_told([outcome]), "warn" if outcome.fate is Fate.UNSURE else "") for outcome in outcomes]
        texts.append(("Nothing was asked for twice. Look before you try again.", "strong"))
        await self.app.push_screen_wait(Notice("The answer was lost", texts))

    def _servers(self, ability: str) -> tuple[str, ...]:
        """Those where it may be done; the reason of the command has ruled out that there are none."""
        assert self.actor is not None  # noqa: S101 - see above
        able = self.actor.servers_for(ability)
        return tuple(name for name in able if not self.actor.why_not(name, ability)) or able

    def _place(self, server: str) -> str:
        return f"{server} ({self.app.settings.server(server).url})"

    def _entry(self) -> Entry | None:
        entry: Entry | None = getattr(self.app.top, "target_entry", lambda: None)()
        return entry


def _told(outcomes: Sequence[Outcome]) -> str:
    """Outcomes in sentences, each told once; what a refusal wants (a permission) is in the outcome's text."""
    return " ".join(dict.fromkeys(outcome.text for outcome in outcomes))
