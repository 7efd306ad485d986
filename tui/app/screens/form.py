"""A form in a popup: labelled lines, what completes them, one line for what is wrong, and an attempt that may fail.

Owns the fields and that nothing entered is lost: a refused attempt leaves everything as it was. What the fields mean is
the attempt's affair; it runs as the app's, so that its outcome is told even to a person who left.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Input
from textual.worker import Worker

from tui.app.beside import beside
from tui.app.completing import NO_COMPLETIONS, Completion, Completions
from tui.app.line import Line, Piece, shorten, trim, width_of, wrapped
from tui.app.widgets.cell_line import CellLine
from tui.app.widgets.entry_line import ChoiceLine, EntryLine
from tui.app.widgets.line_view import LineView
from tui.present.safe import clean

if TYPE_CHECKING:
    from tui.app.app import ScantopApp

COMPLETE_S = 0.25  # of quiet before a server is asked: a fast typist leaves less between two keys
SAID_LINES = 4  # of what is wrong; it may quote what a server said
SAID_LIMIT = 600  # characters of it
LABEL_CELLS = 13
SHOWN = 6  # completions at once
FRAME = 6  # lines of the popup that are neither fields nor completions

Values = dict[str, str]


@dataclass(frozen=True, slots=True)
class FormField:
    """One line: a text with a hint, or with `choices` one of them (`is_many`: several, comma-separated)."""

    id: str
    label: str
    value: str = ""
    hint: str = ""
    choices: tuple[str, ...] = ()
    is_many: bool = False
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the form stays: one sentence, the field it is about ("" if none), and values that have changed meanwhile."""

    text: str
    field_id: str = ""
    changes: Mapping[str, str] = field(default_factory=dict)
    tone: str = "bad"


Attempt = Callable[["Form", Values], Awaitable[Refusal | None]]
Complete = Callable[[str, Values], Awaitable[Completions]]


async def _no_completions(field_id: str, values: Values) -> Completions:
    return NO_COMPLETIONS


class Form(ModalScreen[None], inherit_bindings=False):
    """Fill in, Enter. `attempt` gives None when it is done, else why not; `draft` outlives a form that was left."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", show=False),
        Binding("enter", "submit", "Do it", show=False, priority=True),
        Binding("down", "down", "Down", show=False, priority=True),
        Binding("up", "up", "Up", show=False, priority=True),
        Binding("tab", "tab", "Complete, or on", show=False, priority=True),
        Binding("shift+tab", "step(-1)", "The field before", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        fields: tuple[FormField, ...],
        attempt: Attempt,
        *,
        verb: str = "do it",
        complete: Complete = _no_completions,
        draft: Values | None = None,
    ) -> None:
        super().__init__()
        self._title = title
        self._fields = fields
        self._attempt = attempt
        self._verb = verb
        self._complete = complete
        self._draft = draft if draft is not None else {}
        self._is_busy = False
        self._tried: Values = {}
        self._said: tuple[str, str] = ("", "")
        self._completions = NO_COMPLETIONS
        self._selected: int | None = None
        self._timer: Timer | None = None

    # what there is

    @property
    def scantop(self) -> ScantopApp:
        """The app, by its own type."""
        return cast("ScantopApp", self.app)

    @property
    def values(self) -> Values:
        """What is entered, by field."""
        return {one.id: self._line(one.id).value for one in self._fields}

    @property
    def said(self) -> str:
        """What stands under the fields."""
        return self._said[0]

    @property
    def is_busy(self) -> bool:
        """An attempt is under way."""
        return self._is_busy

    def _line(self, field_id: str) -> EntryLine | ChoiceLine:
        found = self.query_one(f"#field-{field_id}")
        assert isinstance(found, EntryLine | ChoiceLine)  # noqa: S101 - `compose` makes nothing else
        return found

    def compose(self) -> ComposeResult:
        """Title, fields, completions, what is wrong, keys."""
        with Vertical(id="form"):
            yield CellLine(classes="popup-title")
            for one in self._fields:
                with Horizontal(classes="form-row"):
                    yield CellLine(classes="form-label", id=f"label-{one.id}")
                    value = self._draft.get(one.id, one.value)
                    if one.choices:
                        yield ChoiceLine(one.choices, value, is_many=one.is_many, id=f"field-{one.id}")
                    else:
                        yield EntryLine(value, one.hint, id=f"field-{one.id}")
            yield LineView(id="form-completions")
            yield LineView(id="form-said")
            yield CellLine(id="form-keys")

    def on_mount(self) -> None:
        """Type at once, in the first field that is empty."""
        for view in self.query(LineView):
            view.can_focus = False
        self.query_one(".popup-title", CellLine).show(lambda width: (Piece(f" {clean(self._title)}", "strong"),))
        for one in self._fields:
            label = one.label
            self.query_one(f"#label-{one.id}", CellLine).show(lambda width, label=label: (Piece(f" {label}", "dim"),))  # type: ignore[misc]
        self._focus(self.first_field())
        self._draw()
        self._ask_soon()

    def first_field(self) -> str:
        """Where typing starts: in the first text that is lacking."""
        texts = [one for one in self._fields if not one.choices]
        values = self.values
        lacking = [one for one in texts if not (values[one.id] or one.is_optional)]
        return next(iter(lacking or texts or self._fields)).id

    def on_resize(self) -> None:
        """A narrow screen has other line breaks."""
        if self.is_mounted:
            self._draw()

    # moving

    @property
    def _at(self) -> int:
        name = self.focused.id if self.focused is not None and self.focused.id else ""
        return next((i for i, one in enumerate(self._fields) if name == f"field-{one.id}"), 0)

    def _focus(self, field_id: str) -> None:
        line = self._line(field_id)
        self.set_focus(line)
        if isinstance(line, EntryLine):
            line.cursor_position = len(line.value)

    def action_step(self, step: int) -> None:
        """To another field."""
        if len(self._fields) > 1:
            self._focus(self._fields[(self._at + step) % len(self._fields)].id)
            self._forget_completions()
            self._ask_soon()

    def action_down(self) -> None:
        """To the next completion, else to the next field."""
        count = len(self._completions.found)
        following = 0 if self._selected is None else self._selected + 1
        if following < count:
            self._selected = following
            self._draw()
        else:
            self.action_step(1)

    def action_up(self) -> None:
        """To the completion above, else to the field above."""
        if self._selected is None:
            self.action_step(-1)
        else:
            self._selected = self._selected - 1 if self._selected else None
            self._draw()

    def action_tab(self) -> None:
        """Take the completion that is selected, or the only one; else on to the next field."""
        found = self._completions.found
        index = self._selected if self._selected is not None else 0 if found else None
        line = self._line(self._fields[self._at].id)
        if index is None or not isinstance(line, EntryLine) or found[index].text == line.value:
            self.action_step(1)
        else:
            self._take(index)

    def _take(self, index: int) -> None:
        line = self._line(self._fields[self._at].id)
        text = self._completions.found[index].text
        self._forget_completions()
        if isinstance(line, EntryLine):
            line.put(text)

    # completing

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if not self._is_busy and self.values != self._tried:  # it may come after the attempt that it was typed for
            self._said = ("", "")
        self._selected = None
        self._ask_soon()
        self._draw()

    @on(ChoiceLine.Changed)
    def _chosen(self, event: ChoiceLine.Changed) -> None:
        event.stop()
        self.choice_changed(event.line.id.removeprefix("field-") if event.line.id else "")

    def choice_changed(self, field_id: str) -> None:
        """Another word was chosen."""

    @on(EntryLine.Refused)
    def _paste_refused(self, event: EntryLine.Refused) -> None:
        event.stop()
        self.say(event.text, "warn")

    def _ask_soon(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(COMPLETE_S, self._ask)

    def _ask(self) -> None:
        # Given as it is, not called: a screen that closes first leaves no coroutine that nobody awaits.
        self._asking: Worker[None] = self.run_worker(
            self._bring_completions, name="completions", group="completions", exclusive=True
        )

    async def _bring_completions(self) -> None:
        one = self._fields[self._at]
        if one.choices:
            return
        values = self.values
        brought = await self._complete(one.id, values)
        if self._fields[self._at].id != one.id or self.values[one.id] != values[one.id]:
            return  # typing went on; what is asked next will say
        if brought.found != self._completions.found:
            self._selected = None
        self._completions = brought
        if brought.said and not self._said[0]:
            self._said = (brought.said, "dim")
        self._draw()

    def _forget_completions(self) -> None:
        self._completions, self._selected = NO_COMPLETIONS, None
        self._draw()

    # doing it

    def action_submit(self) -> None:
        """Try it, once the letters that were typed before are in their field; the fields stay until it is done."""
        (self.focused or self).call_later(self._submit)

    def _submit(self) -> None:
        if self._is_busy:
            self.say("It is being done; nothing is asked twice.", "dim")
        elif self._selected is not None:
            self._take(self._selected)
        else:
            self._is_busy = True
            self._tried = self.values
            beside(self.app, self._run, self.values, name="form", group="forms")

    async def _run(self, values: Values) -> None:
        try:
            refusal = await self._attempt(self, values)
        finally:
            self._is_busy = False
        if refusal is None:
            self._draft.clear()
            if self.is_current:
                self.dismiss(None)
        elif self.is_current:
            self._stay(refusal)
        else:
            self._draft.update(refusal.changes)
            self.scantop.say(refusal.text, refusal.tone)

    def _stay(self, refusal: Refusal) -> None:
        for name, value in refusal.changes.items():
            self._line(name).put(value)
        if any(one.id == refusal.field_id for one in self._fields):
            self._focus(refusal.field_id)
        self._forget_completions()
        self.say(refusal.text, refusal.tone)

    def action_leave(self) -> None:
        """Leave. What is under way goes on, is told, and what was entered is there again next time."""
        if self._is_busy:
            self._draft.update(self.values)
            self.scantop.say("It goes on; what comes of it is told here.")
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        """A click on a completion takes it, on the keys does it; one beside the popup leaves."""
        where = event.widget
        if where is self:
            self.action_leave()
        elif where is not None and where.id == "form-completions" and event.y < len(self._completions.found):
            self._take(self._top + event.y)
        elif where is not None and where.id == "form-keys":
            self.action_submit()

    # drawing

    def say(self, text: str, tone: str = "bad") -> None:
        """One sentence under the fields."""
        self._said = (text, tone)
        if self.is_mounted:
            self._draw()

    @property
    def _room(self) -> int:
        return max(1, min(SHOWN, self.app.size.height - len(self._fields) - FRAME))

    @property
    def _top(self) -> int:
        return max(0, (self._selected or 0) - self._room + 1)

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        found, top = self._completions.found, self._top
        rows = found[top : top + self._room]
        view = self.query_one("#form-completions", LineView)
        view.display = bool(rows)
        view.styles.height = max(1, len(rows))
        selected = self._selected

        def completions(width: int) -> list[Line]:
            return [self._row(one, top + i == selected, width) for i, one in enumerate(rows)]

        view.show(completions)
        if rows:
            self.call_after_refresh(view.show, completions)  # it has a width only once it is displayed
        text, tone = clean(self._said[0], SAID_LIMIT), self._said[1]
        said = self.query_one("#form-said", LineView)

        def sentence(width: int) -> list[Line]:
            lines = wrapped(text, max(1, width - 2)) if text else [""]
            said.styles.height = min(SAID_LINES, len(lines))
            return [(Piece(f" {line}", tone),) for line in lines[:SAID_LINES]]

        said.show(sentence)
        keys = f"Enter {self._verb}   Tab {'completes' if found else 'next field'}   Esc leaves"
        if len(self._fields) == 1 and not found:
            keys = f"Enter {self._verb}   Esc leaves"
        self.query_one("#form-keys", CellLine).show(lambda width: trim((Piece(f" {keys}", "dim"),), width))

    def _row(self, one: Completion, is_selected: bool, width: int) -> Line:
        text, note = one.text, one.note
        tone = "tab-active" if is_selected else ""
        left = shorten(clean(text), max(1, width - 3))
        room = width - width_of((Piece(left),)) - 4
        right = shorten(clean(note), room) if room > 4 else ""
        pieces = (Piece(f" {left}  ", tone), Piece(right, tone or "dim"))
        return trim((*pieces, Piece(" " * max(0, width - width_of(pieces)), tone)), width)
