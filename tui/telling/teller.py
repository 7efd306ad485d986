"""Judges the rules beside the polling, and sends what they tell. A companion of the monitor; never raises.

Owns one outbox and one set of senders a rule. What the store brings is looked at when it comes, what time brings a few
times a minute. Each message goes out by a task of its own, so that a receiver which hangs holds up nobody; while one is
under way the rule's next message waits, and what comes meanwhile is gathered into it. Nothing is sent twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import partial

from tui.clock import Clock
from tui.domain.news import BY_TIME, Event, News, is_asked_for
from tui.domain.outlook import Outlook
from tui.domain.snapshot import Entry
from tui.domain.state import State
from tui.domain.stuck import Verdict
from tui.polling.alarm import Alarm
from tui.polling.lookout import AT_ONCE, Wakening, can_be_judged
from tui.polling.messages import Change, Message, MessageKind
from tui.polling.monitor import Monitor
from tui.polling.words import note
from tui.present.query import Query, parse
from tui.settings import Settings, TellRule
from tui.telling.channels import ChannelError, Ring, Sender, senders_of, words_of
from tui.telling.notice import Notice, told_of
from tui.telling.outbox import Outbox

LOOK_S = 5.0  # between two looks at what time brings; a look costs some microseconds for each thing that waits or runs
RECHECK_S = 60.0  # the wall clock may be set, or the machine have slept, while quiet hours go on
_LOOKED_AT = frozenset({State.WAITING, State.RUNNING, State.MISSING, State.NOT_SCANNED, State.UNKNOWN})


OpenSenders = Callable[[TellRule, Settings, Clock, Ring], Sequence[Sender]]


@dataclass(slots=True)
class _Post:
    """One rule at work. `failed` are the channels that failed when they were used last."""

    rule: TellRule
    query: Query
    senders: Sequence[Sender]
    outbox: Outbox
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    failed: set[int] = field(default_factory=set)


class Teller:
    """All rules of one monitor. `ring` is set by whoever has the terminal, once there is one."""

    def __init__(
        self, settings: Settings, clock: Clock, zone: tzinfo | None = None, open_senders: OpenSenders = senders_of
    ) -> None:
        self.ring: Ring | None = None
        self._clock = clock
        self._grace_s = settings.poll.grace_s
        self._posts = [
            _Post(
                rule,
                parse(rule.when),
                open_senders(rule, settings, clock, self._ring),
                Outbox(rule, zone, settings.poll.active_s),
            )
            for rule in settings.tell
        ]
        self._asks_time = any(is_asked_for(word, rule.on) for rule in settings.tell for word in BY_TIME)
        self._alarm = Alarm(clock)

    async def __call__(self, monitor: Monitor) -> None:
        """Tell until cancelled."""
        news = News(self._clock.now(), self._grace_s)

        def take(change: Change) -> None:
            if change.shifted_s:
                news.shift(change.shifted_s, monitor.store.entries)
            for key in change.removed:
                news.leave(key)
            known = monitor.store.entries
            for entry in (known[key] for key in change.keys if key in known):
                self._gather(news.brought(entry), monitor.outlook)

        unsubscribe = monitor.store.subscribe(take)
        looked_s = self._clock.monotonic()
        wakening = Wakening(self._clock, LOOK_S)
        try:
            while True:
                now_s = self._clock.monotonic()
                if self._asks_time and now_s >= looked_s + LOOK_S:
                    looked_s = now_s
                    wakening.look()
                    await self._look(monitor, news, wakening)
                self._send_due(monitor)
                await self._alarm.wait(self._next_s(looked_s))
        finally:
            unsubscribe()
            self._alarm.silence()
            tasks = [task for post in self._posts for task in post.tasks]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # what is told

    def _gather(self, events: Iterable[Event], outlook: Outlook) -> None:
        for event in events:
            now = self._clock.now()

            def pace(entry: Entry, now: datetime = now) -> str:
                return outlook.verdict(entry, now).pace.value

            for post in self._posts:
                if is_asked_for(event.word, post.rule.on) and post.query.matches(event.entry, now, pace):
                    post.outbox.put(told_of(event), self._clock.monotonic())
                    self._alarm.ring()

    async def _look(self, monitor: Monitor, news: News, wakening: Wakening) -> None:
        """What time has brought. Without fresh answers nothing is told: it may have ended long ago, also in a sleep."""
        now = self._clock.now()

        def judge(entry: Entry) -> Verdict:
            return monitor.outlook.verdict(entry, now)

        keys = [key for key, entry in monitor.store.entries.items() if entry.state in _LOOKED_AT]
        for place, key in enumerate(keys, 1):
            if place % AT_ONCE == 0:
                await asyncio.sleep(0)
                now = self._clock.now()
            entry = monitor.store.entries.get(key)  # read anew: meanwhile it may have ended, and a set clock moves it
            if entry is None or entry.state not in _LOOKED_AT:
                continue
            is_missing = entry.state is State.MISSING and not entry.is_late and wakening.is_since(entry.polled_at)
            if is_missing or can_be_judged(monitor, entry, wakening):
                self._gather(news.passed(entry, now, judge), monitor.outlook)

    # when, and by what

    def _next_s(self, looked_s: float) -> float | None:
        now_s, now = self._clock.monotonic(), self._clock.now()
        times = [looked_s + LOOK_S] if self._asks_time else []
        for post in self._posts:
            due_s = None if post.tasks else post.outbox.due_s(now_s, now)
            if due_s is not None:
                times.append(min(due_s, now_s + RECHECK_S))
        return min(times, default=None)

    def _send_due(self, monitor: Monitor) -> None:
        now_s, now = self._clock.monotonic(), self._clock.now()
        for post in self._posts:
            due_s = None if post.tasks else post.outbox.due_s(now_s, now)
            if due_s is not None and due_s <= now_s:
                notice = post.outbox.take(now_s, now)
                key = notice.events[0].target if len(notice.events) == 1 else ""
                text = f"Told by rule {notice.rule}: {notice.text}"
                monitor.store.publish(messages=(note(now, text, key=key, tone=notice.tone),))
                for place, sender in enumerate(post.senders):
                    task = asyncio.create_task(self._send(monitor, post, place, sender, notice), name="tell")
                    post.tasks.add(task)
                    task.add_done_callback(partial(self._sent, post))

    def _sent(self, post: _Post, task: asyncio.Task[None]) -> None:
        post.tasks.discard(task)
        self._alarm.ring()

    async def _send(self, monitor: Monitor, post: _Post, place: int, sender: Sender, notice: Notice) -> None:
        """One message by one channel; a failure is told once, until the channel works again."""
        words = words_of(post.rule.channels[place])
        try:
            await sender.send(notice)
        except ChannelError as error:
            trouble = str(error)
        except Exception as error:  # a mistake of ours must not end the others
            trouble = f"scantop made a mistake ({type(error).__name__})."
        else:
            trouble = ""
        had_failed = place in post.failed
        (post.failed.add if trouble else post.failed.discard)(place)
        if bool(trouble) is had_failed:
            return
        text = f"Rule {post.rule.name} tells by {words} again"
        kind, tone = MessageKind.RECOVERED, State.DONE.value
        if trouble:
            text, kind, tone = f"Rule {post.rule.name} could not tell by {words}: {trouble}", MessageKind.PROBLEM, "bad"
        monitor.store.publish(messages=(Message(self._clock.now(), kind, "", "", text, tone),))

    def _ring(self, text: str, tone: str, how: str) -> bool:
        return self.ring is not None and self.ring(text, tone, how)


async def try_out(rule: TellRule, senders: Sequence[Sender], now: datetime) -> list[tuple[str, ChannelError | None]]:
    """A test message by each channel of a rule, one after the other: a sentence, and the error where it failed."""
    found: list[tuple[str, ChannelError | None]] = []
    notice = Notice(rule.name, now, is_test=True)
    for channel, sender in zip(rule.channels, senders, strict=True):
        try:
            await sender.send(notice)
        except ChannelError as error:
            found.append((f"{rule.name} could not tell by {words_of(channel)}: {error}", error))
        else:
            found.append((f"{rule.name} told by {words_of(channel)}.", None))
    return found


def rule_words(rule: TellRule) -> str:
    """What a rule tells of: ``failed, stuck of state:failed server:prod, quiet 22:00-07:00``."""
    of = f" of {rule.when}" if rule.when else ""
    return ", ".join(rule.on) + of + (f", quiet {rule.quiet}" if rule.quiet is not None else "")
