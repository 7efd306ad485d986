"""A monitor that polls nothing: it plays a tape into a store on the replay's clock. What the app holds on to.

Owns the play: speed, pauses, jumps, silences that are skipped, and what is said of them. Every step of the tape passes
through here once, in order; to go back it begins anew, since a past is cheaper to play again than to keep.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta, tzinfo

from tui.clock import Clock
from tui.domain.deadline import Deadline
from tui.domain.learning import Learner
from tui.domain.outlook import Outlook
from tui.domain.records import ListQuery
from tui.domain.snapshot import Health, ServerHealth
from tui.domain.stuck import span_words
from tui.domain.target import Target
from tui.polling.alarm import Alarm
from tui.polling.messages import Message
from tui.polling.store import MESSAGES_KEPT, Store
from tui.polling.words import note, transition_message
from tui.replay.clock import ReplayClock
from tui.replay.moments import find_moment
from tui.replay.scene import Scene
from tui.replay.tape import Step, Tape

SILENCE = timedelta(minutes=10)  # of replayed time; what is longer is skipped
LINGER = timedelta(minutes=1)  # … but for its beginning, so that what came before can be read
AT_ONCE = 2_000  # steps that are played before the event loop gets its turn: some ten milliseconds
BREATH_S = 0.05  # real seconds from one publication to the next at least
OVER = "The replay has ended; this is its last picture."


class ReplayMonitor:
    """Implements what the app wants of a monitor, and of a player. `outlook` learns from what was played so far."""

    def __init__(
        self,
        tape: Tape,
        real: Clock,
        *,
        speed: float,
        from_at: datetime | None = None,
        is_paused: bool = False,
        is_skipping: bool = True,
        stuck_s: float | None = None,
        forget_after: timedelta | None = None,
    ) -> None:
        self.store = Store()
        self.outlook = Outlook(stuck_s)
        self.tape = tape
        start_at = from_at or tape.start_at
        self.clock = ReplayClock(start_at, tape.end_at, speed, real)
        self._is_skipping = is_skipping
        self._is_paused = is_paused
        self._forget_after = forget_after
        self._place = 0
        self._reached_at = start_at  # everything up to here was played
        self._scene = self._new_scene()
        self._alarm = Alarm(real)
        self._real = real
        self._wanted_at: datetime | None = start_at
        self._is_over = False
        self._task: asyncio.Task[None] | None = None

    # what the app reads

    @property
    def is_paused(self) -> bool:
        """The replay stands because a person stopped it, and not at its end."""
        return self._is_paused and not self._is_over

    @property
    def is_over(self) -> bool:
        """All was played."""
        return self._is_over

    @property
    def speed(self) -> float:
        """Replayed seconds in one real second."""
        return self.clock.speed

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The first and the last moment that can be seen."""
        return self.tape.start_at, self.tape.end_at

    @property
    def is_idle(self) -> bool:
        """Nothing is due at this moment (for tests)."""
        return self._task is None or (self._alarm.is_settled and self._wanted_at is None)

    # what the app does

    async def start(self) -> None:
        """Begin to play; a second call changes nothing."""
        if self._task is None:
            health = [ServerHealth(name, kind, Health.OK) for name, kind in sorted(self.tape.servers.items())]
            self.store.publish(servers=health)
            self._task = asyncio.create_task(self._play(), name="replay")

    async def stop(self) -> None:
        """End the play. May be called at any time, also twice."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self._alarm.silence()

    def pause(self) -> None:
        """Let the time stand."""
        self._is_paused = True
        self.clock.stand()
        self._alarm.ring()

    def resume(self) -> None:
        """Go on."""
        self._is_paused = False
        self._alarm.ring()

    def set_speed(self, speed: float) -> None:
        """Go on faster or slower."""
        self.clock.set_speed(speed)
        self._alarm.ring()

    def seek(self, at: datetime) -> None:
        """Go to another moment, back or on."""
        first, last = self.span
        self._wanted_at = min(max(at, first), last)
        self._alarm.ring()

    def find(self, text: str, zone: tzinfo) -> datetime:
        """The moment that a text names. Raises ValueError with one sentence."""
        return find_moment(text, self.span, self.clock.now(), zone)

    # what a monitor of servers does, and a replay does not

    def poll_now(self, key: str | None = None, server: str | None = None) -> None:
        """Nothing is asked."""

    def set_list(self, query: ListQuery) -> None:
        """There are no lists."""

    def watch(self, target: Target, label: str = "", *, holder: str = "", deadline: Deadline | None = None) -> None:
        """What is watched is what was seen."""

    def unwatch(self, key: str) -> None:
        """What is watched is what was seen."""

    def release(self, key: str, holder: str) -> None:
        """What is watched is what was seen."""

    # the play

    async def _play(self) -> None:
        breath_s = self._real.monotonic()
        while True:
            if self._wanted_at is not None:
                await self._go_to(self._wanted_at)
            elif not self._is_paused:
                skipped = self._skip()
                await self._advance(self.clock.now(), skipped)
            wake_at = self._wake_at()
            if wake_at is None or self._wanted_at is not None:
                await self._alarm.wait(None)
            else:
                now_s = self._real.monotonic()
                breath_s = max(now_s + self.clock.real_s(wake_at), breath_s + BREATH_S)
                await self._alarm.wait(breath_s)

    def _wake_at(self) -> datetime | None:
        """When something is due next on the replay's clock, which is set going; None while it stands."""
        is_over = self._place >= len(self.tape.steps)
        if is_over and not self._is_over:
            self._is_over = True
            self.store.publish(messages=[note(self.clock.now(), OVER)])
        if is_over or self._is_paused:
            self.clock.stand()
            return None
        self.clock.run()
        due = [self.tape.steps[self._place].at]
        if self._scene.next_leave_at is not None:
            due.append(self._scene.next_leave_at)
        if (silence := self._silence()) is not None:
            due.append(silence)
        return min(due)

    def _silence(self) -> datetime | None:
        """From when on time is skipped up to the next step; None where that follows soon."""
        if not self._is_skipping or not 0 < self._place < len(self.tape.steps):
            return None
        before_at, next_at = self.tape.steps[self._place - 1].at, self.tape.steps[self._place].at
        return before_at + LINGER if next_at - before_at > SILENCE else None

    def _skip(self) -> list[Message]:
        """Jump over a silence that has begun; gives what there is to say of it."""
        silence, now = self._silence(), self.clock.now()
        if silence is None or now < silence:
            return []
        next_at = self.tape.steps[self._place].at
        skipped_s = (next_at - now).total_seconds()
        self.clock.jump(next_at)
        if skipped_s < LINGER.total_seconds():
            return []
        return [note(next_at, f"Skipped {span_words(skipped_s)} in which nothing happened.")]

    async def _advance(self, until: datetime, said: Iterable[Message] = (), *, is_jump: bool = False) -> None:
        """Play everything up to a moment and publish it as one change."""
        steps, touched = self.tape.steps, dict[str, None]()
        told: deque[Step] = deque(maxlen=MESSAGES_KEPT)
        while self._place < len(steps) and steps[self._place].at <= until:
            step = self._scene.take(self._place)
            self._place += 1
            touched[step.key] = None
            if step.transition.before is not None:
                told.append(step)
            if self._place % AT_ONCE == 0:
                await asyncio.sleep(0)
        self._reached_at = until
        if is_jump:
            self.clock.jump(until)
            self.outlook.learner = self._scene.learner
        removed = self._scene.leave(until)
        entries = [entry for key in touched if (entry := self._scene.entry(key)) is not None]
        messages = [transition_message(self._scene.subject(step.key), step.transition) for step in told]
        if entries or removed or messages or said:
            self.store.publish(entries=entries, removed=removed, messages=(*messages, *said))

    async def _go_to(self, at: datetime) -> None:
        """Be at a moment: everything before it is played at once, from the beginning where it lies behind.

        Until that is done the clock stands where it stood, so that nothing on the screen is judged by a later time.
        """
        self.clock.stand()
        gone: set[str] = set()
        if at < self._reached_at:
            gone = set(self._scene.keys)
            self._place, self._is_over = 0, False
            self._scene = self._new_scene()
            self.store.forget_messages()
        await self._advance(at, is_jump=True)
        servers = tuple(self.store.servers.values()) if gone else ()  # whoever shows the messages draws them anew
        self.store.publish(removed=gone - set(self._scene.keys), servers=servers)
        if self._wanted_at == at:  # else another moment was asked for meanwhile
            self._wanted_at = None
        else:
            self._alarm.ring()

    def _new_scene(self) -> Scene:
        return Scene(self.tape, Learner(), self._forget_after)
