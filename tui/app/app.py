"""The monitor as a Textual app: it owns the bridge, the clock's tick, the screens, and leaving in good order.

Polling belongs to the monitor that it is given, never to a screen. What is on a screen is the screens' affair.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import tzinfo
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from tui.app.absence import AbsenceWatch
from tui.app.acts import Acts
from tui.app.ageing import FORGET_S, aged_out
from tui.app.attention import Attentive
from tui.app.beside import beside
from tui.app.bridge import Bridge
from tui.app.choices import Choices
from tui.app.late import LateOwners, load_late
from tui.app.lean import LeanApp
from tui.app.monitored import KnownStore, Player, Polling
from tui.app.pacing import context_of
from tui.app.permits import Permits
from tui.app.screens.command_screen import CommandScreen
from tui.app.screens.dashboard import Dashboard
from tui.app.signs import Signs, from_environment
from tui.app.specs import all_panes, all_titles
from tui.app.strays import catch_strays, silence_strays
from tui.app.telling import Rules, Telling
from tui.app.terminal import (
    HANGUP_CODE,
    SettledSize,
    TerminalDriver,
    abandon_terminal,
    arm_last_resort,
    has_terminal,
    on_signals,
)
from tui.app.themed import Themed
from tui.app.theming import MONO_THEME, Tones, load_themes
from tui.app.watching import Watching
from tui.app.words import HeaderFacts
from tui.clock import Clock, LocalZone, SystemClock
from tui.crash import Crashed
from tui.domain.outlook import Outlook
from tui.domain.snapshot import ListState
from tui.keymap import Keymap, KeymapError, resolve
from tui.polling.messages import Change
from tui.present.spec import Context, PaneSpec
from tui.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.theme import Theme

    from tui.absence_file import AbsenceFile
    from tui.acting import Actor
    from tui.preferences import PreferencesFile
    from tui.watchlist import WatchList

# Ages under a minute move in steps of 5 s; looking more often could show nothing new.
TICK_S = 5.0
REPLAY_TICK_S = 1.0  # time flies there


class ScantopApp(SettledSize, Attentive, LateOwners, Themed, LeanApp[int], inherit_bindings=False):
    """The monitor. `monitor` is started after the first paint and stopped on leaving."""

    CSS_PATH = "styles/scantop.tcss"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    TITLE = "scantop"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "leave", "Quit", show=False, priority=True)]

    def __init__(
        self,
        settings: Settings,
        monitor: Polling,
        *,
        specs: tuple[PaneSpec, ...] | None = None,
        clock: Clock | None = None,
        zone: tzinfo | None = None,
        keymap: Keymap | None = None,
        themes: Mapping[str, Theme] | None = None,
        signs: Signs | None = None,
        server_titles: Mapping[str, str] | None = None,
        has_color: bool = True,
        preferences: PreferencesFile | None = None,
        watchlist: WatchList | None = None,
        actor: Actor | None = None,
        player: Player | None = None,
        absence: AbsenceFile | None = None,
        rules: Rules | None = None,
    ) -> None:
        """`player` is the monitor again, of a replay. Whatever else is None is found in settings and environment.

        Raises `KeymapError` and `ThemeError`.
        """
        super().__init__(driver_class=TerminalDriver)
        self.settings = settings
        self.monitor = monitor
        self.player = player
        self.outlook: Outlook = getattr(monitor, "outlook", None) or Outlook()  # tests' monitors learn nothing
        self.clock = clock or SystemClock()
        self.zone = zone or LocalZone()
        self.keymap = keymap or resolve(settings.ui.keymap)
        self.signs = signs or from_environment(settings.ui.ascii)
        self._specs = specs if specs is not None else all_panes()
        self._server_titles = dict(server_titles) if server_titles is not None else all_titles()
        self.bridge = Bridge(self.store, self.take)
        self.animation_level = "none"
        self.tones = Tones({})
        self.is_terminal_gone = False
        self._undo_signals: Callable[[], None] | None = None
        self.acts = Acts(self)
        self.actor = actor
        self.permits = Permits(self, actor)
        self.telling = Telling(self, settings.ui.notify, self.write_terminal, rules)
        self.absence = AbsenceWatch(self, absence)
        self._forgot_at_s = 0.0
        self.choices = Choices(self, preferences)
        self.watching = Watching(monitor, watchlist, settings, self.clock)
        self.chosen_theme = self.choices.theme
        wanted = (self.chosen_theme or settings.ui.theme) if has_color else MONO_THEME
        self.use_themes(load_themes() if themes is None else themes, wanted)

    # what screens read

    @property
    def store(self) -> KnownStore:
        """What is known now."""
        return self.monitor.store

    def context_for(self, spec: PaneSpec) -> Context:
        """What the cells of a pane need beside its entries."""
        count = sum(1 for server in self.store.servers.values() if server.kind == spec.server_kind)
        found = context_of(self.clock.now(), self.signs.glyphs, has_servers=count > 1, outlook=self.outlook)
        return replace(found, is_told=self.telling.is_wanted, is_changed=self.absence.is_changed)

    def header_facts(self) -> HeaderFacts:
        """What the header tells."""
        servers = tuple(self.store.servers.values())
        budgets = [server.budget_per_minute for server in servers if server.budget_per_minute is not None]
        return HeaderFacts(
            servers,
            self.clock.now(),
            self.zone,
            self.monitor.is_paused,
            self.settings.read_only,
            sum(server.per_minute for server in servers) if servers else None,
            sum(budgets) if servers and len(budgets) == len(servers) else None,
            self.playing.words if self.player is not None else "",
        )

    # life

    def get_default_screen(self) -> CommandScreen:
        """The dashboard."""
        return Dashboard(self._specs, self._server_titles)

    def on_mount(self) -> None:
        """Listen to the store; poll once the first frame is out."""
        self.bridge.open()
        if not self.is_headless:
            self._undo_signals = on_signals(asyncio.get_running_loop(), self.leave, self._restore_terminal)
            catch_strays(asyncio.get_running_loop(), self.fail)
        self.set_interval(TICK_S if self.player is None else REPLAY_TICK_S, self.tick)
        self.call_after_refresh(self._start_polling)
        if self.choices.notice:
            self.call_after_refresh(self.say, self.choices.notice, "warn")

    def _start_polling(self) -> None:
        beside(self, self._poll, name="polling", exit_on_error=False)
        beside(self, asyncio.to_thread, load_late, name="loading", exit_on_error=False)

    async def _poll(self) -> None:
        await self.absence.load()
        try:
            await self.monitor.start()
        except Exception as error:  # the screen must live and say so, whatever stands in the way
            self.log.error(f"polling did not start: {type(error).__name__}")
            self.say(
                f"Polling did not start: {type(error).__name__}. {self.keymap.hint('poll.refresh')} tries again.", "bad"
            )

    async def on_unmount(self) -> None:
        """Stop polling, whatever way led here."""
        self.bridge.close()
        if self._undo_signals is not None:
            self._undo_signals()
        await self.monitor.stop()
        if self.actor is not None:
            await self.actor.aclose()

    def leave(self, code: int = 0) -> None:
        """End the app. After a hang-up nothing may hold it up."""
        self.bridge.close()
        self.choices.close()
        self.absence.close()
        if code == HANGUP_CODE:
            self.is_terminal_gone = True
            arm_last_resort(code)
        self.exit(code)

    def _restore_terminal(self) -> None:
        if isinstance(self._driver, TerminalDriver):
            self._driver.restore_now()

    def fail(self, error: BaseException) -> None:
        """Something that nobody waits for (a callback, a task, a thread) met a bug: the app ends as for any other."""
        if isinstance(error, Exception) and self._exception is None:
            self._handle_exception(error)

    def end_of_terminal(self) -> None:
        """The terminal is gone (told by the input thread): leave while we can."""
        self.is_terminal_gone = True
        arm_last_resort(HANGUP_CODE)
        self.call_later(self.leave, HANGUP_CODE)

    def paste_stalled(self, is_over: bool) -> None:
        """A paste has begun and does not end: until it does, nothing that comes is a key but the one that is named."""
        text = "A paste has begun and does not end, so keys do nothing. Ctrl+C gives them back."
        self.say("The paste was given up." if is_over else text, "" if is_over else "warn")

    def action_leave(self) -> None:
        """Ctrl+C, wherever the keys are."""
        self.leave()

    def _fatal_error(self) -> None:
        """A bug of ours: end, so that the terminal is restored; `run` hands the error on to who reports it."""
        self._close_messages_no_wait()

    def panic(self, *renderables: object) -> None:
        """An error that would draw itself: no words of it belong on the terminal."""
        self._fatal_error()

    # from the store and the clock

    def take(self, change: Change) -> None:
        """Hand a gathered change to every screen, also to those below: they are shown again."""
        try:
            if not self._exit:
                self.absence.follow(change)
            for screen in self._screens():
                screen.take(change)
            if not self._exit:
                self.telling.follow(change)
                if self.player is not None:
                    self.playing.follow(change)
                if "doing" in vars(self):
                    self.doing.follow()
        except Exception as error:
            self._handle_exception(error)

    def tick(self) -> None:
        """Time went by."""
        for screen in self._screens():
            screen.tick()
        self.absence.tick()
        self._forget_old()

    def _forget_old(self) -> None:
        """Watch no longer what ended long ago, where the config says so."""
        now_s, after_s = self.clock.monotonic(), self.settings.ui.forget_after_s
        if after_s and now_s >= self._forgot_at_s + FORGET_S:
            self._forgot_at_s = now_s
            keys = aged_out(self.store.entries.values(), self.clock.now(), after_s)
            if keys:
                beside(self, self.watching.remove, keys, name="forget")

    def redraw_rows(self) -> None:
        """What the rows say beside their entries differs."""
        for pane in self.dashboard.panes:
            pane.set_now(self.context_for(pane.spec))

    @property
    def is_leaving(self) -> bool:
        """No screen may be used any more."""
        return bool(self._exit)

    def write_terminal(self, sequence: str) -> None:
        """Have the terminal do something that is not drawn: ring, notify."""
        if self._driver is not None:
            self._driver.write(sequence)

    def _screens(self) -> list[CommandScreen]:
        """Every screen that is up and whole, from the bottom; none once we leave.

        On a slow machine the clock ticks while one is taken down: its lines are gone before it is.
        """
        stack = [] if self._exit else self.screen_stack
        return [one for one in stack if isinstance(one, CommandScreen) and one.is_mounted and one.children]

    # commands that work the same everywhere

    async def give(self, command_id: str) -> None:
        """Give a command to the screen on top."""
        if isinstance(self.screen, CommandScreen):
            await self.screen.action_give(command_id)

    @property
    def top(self) -> CommandScreen:
        """The topmost screen that takes commands; popups stand above it."""
        return next(screen for screen in reversed(self.screen_stack) if isinstance(screen, CommandScreen))

    @property
    def dashboard(self) -> Dashboard:
        """The first screen."""
        screen = self.screen_stack[0]
        assert isinstance(screen, Dashboard)  # noqa: S101 - `get_default_screen` makes it
        return screen

    def say(self, text: str, tone: str = "") -> None:
        """One sentence for the person, in the footer of the screen on top."""
        self.top.say(text, tone)

    def note_done(self, line: str) -> None:
        """What was just done, as the line that does it."""
        if line and line != next(reversed(self.choices.done), ""):
            self.choices.done.append(line)

    def choose_theme(self, name: str) -> None:
        """Change the theme, and keep it."""
        self.chosen_theme = name
        self.theme = name
        self.choices.changed()

    def set_list_page(self, state: ListState, page: int) -> None:
        """Ask a list for another page; the shown rows stay until it comes."""
        self.monitor.set_list(replace(state.query, page=page))


def run(
    settings: Settings,
    monitor: Polling,
    *,
    preferences: PreferencesFile | None = None,
    watchlist: WatchList | None = None,
    actor: Actor | None = None,
    player: Player | None = None,
    clock: Clock | None = None,
    absence: AbsenceFile | None = None,
    rules: Rules | None = None,
) -> int:
    """Open the monitor on this terminal; returns the exit code. `clock` is the monitor's own, `player` a replay's.

    Raises `KeymapError` before anything is drawn, and `Crashed` once the terminal is restored.
    """
    import sys

    if not has_terminal():
        sys.stderr.write("scantop needs a terminal; for scripts there are `scantop status` and `scantop wait`.\n")
        return 2
    keymap = resolve(settings.ui.keymap)
    app = ScantopApp(
        *(settings, monitor),
        keymap=keymap,
        has_color="NO_COLOR" not in os.environ,
        preferences=preferences,
        watchlist=watchlist,
        actor=actor,
        player=player,
        clock=clock,
        absence=absence,
        rules=rules,
    )
    undo_strays = silence_strays()
    try:
        result = app.run()
    except OSError:  # the last words to a terminal that is gone
        if not app.is_terminal_gone:
            raise
        result = HANGUP_CODE
    finally:
        undo_strays()
    if app.is_terminal_gone:
        abandon_terminal()
    elif app._exception is not None:
        raise Crashed(getattr(app._exception, "error", app._exception)) from None  # a worker's error is wrapped
    return result if result is not None else (app.return_code or 0)


__all__ = ["KeymapError", "ScantopApp", "run"]
