"""Rules beside the polling: what a monitor's polls bring reaches whoever is to be told, and holds up nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from fake_clock import START_AT, FakeClock
from polling_fakes import (
    DONE,
    FAILED,
    JOBS,
    RUNNING,
    FakeHistory,
    FakeServer,
    build,
    job,
    monitor_on,
    play,
    problem,
    record,
)

from tui.domain.deadline import Deadline
from tui.domain.snapshot import Entry, Mark, Remembered
from tui.domain.state import State
from tui.domain.stuck import Verdict
from tui.domain.target import Target
from tui.polling.lookout import AT_ONCE
from tui.polling.monitor import Monitor
from tui.settings import PollSettings, Settings, TellRule, TerminalChannel, WatchedList, WatchedTarget
from tui.telling.channels import ChannelError
from tui.telling.notice import Notice
from tui.telling.teller import Teller, try_out

TARGETS = [build(number) for number in range(1, 5)]
BELL = (TerminalChannel("bell"),)


class FakeSender:
    """Takes what it is given; `trouble` stands in its way, a `gate` holds it up."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.trouble: Exception | None = None
        self.gate: asyncio.Event | None = None

    async def send(self, notice: Notice) -> None:
        self.texts.append(notice.text)
        if self.gate is not None:
            await self.gate.wait()
        if self.trouble is not None:
            raise self.trouble


class World:
    """A server, a monitor on it, and rules that tell a sender."""

    def __init__(self, *rules: TellRule, history: FakeHistory | None = None) -> None:
        self.clock = FakeClock()
        self.server = FakeServer(self.clock)
        self.server.states = {target.key: RUNNING for target in TARGETS}
        self.senders = {rule.name: FakeSender() for rule in rules}
        poll = PollSettings(grace_s=60.0)
        self.teller = Teller(
            Settings(tell=rules, poll=poll), self.clock, open_senders=lambda rule, *_: (self.senders[rule.name],)
        )
        watch = [WatchedTarget(target, deadline=Deadline(within_s=600)) for target in TARGETS]
        self.monitor: Monitor = monitor_on(self.server, watch=watch, history=history, poll=poll)

    async def until(self, seconds: float) -> None:
        await self.clock.run(self.monitor, seconds)
        for _ in range(20):  # the sends of the moment
            await asyncio.sleep(0)

    def become(self, state: State, *targets: Target) -> None:
        for target in targets or TARGETS:
            self.server.states[target.key] = state

    def told(self, name: str = "r") -> list[str]:
        return self.senders[name].texts

    def messages(self, about: str) -> list[str]:
        return [message.text for message in self.monitor.store.messages if about in message.text]


def told_by(world: World, story: Callable[[], Awaitable[None]]) -> None:
    """Run the story while the teller runs beside the monitor."""

    async def whole() -> None:
        await world.monitor.start()
        task = asyncio.ensure_future(world.teller(world.monitor))
        await asyncio.sleep(0)
        await world.until(10)
        await story()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await world.monitor.stop()

    play(whole)


def rule(*on: str, name: str = "r", when: str = "", every_s: float = 30.0) -> TellRule:
    return TellRule(name, on, BELL, when, every_s=every_s)


def test_two_failures_of_one_poll_are_one_message_and_nothing_old_is_told() -> None:
    world = World(rule("failed"), rule("ended", name="all", when="name:b !id:7"))
    world.become(DONE, TARGETS[3])

    async def story() -> None:
        assert world.told() == world.told("all") == []
        world.become(FAILED, TARGETS[0], TARGETS[1])
        world.become(DONE, TARGETS[2])
        await world.until(15)
        assert world.told() == ["2 failed: b 1, b 2"]
        assert world.told("all") == ["2 failed: b 1, b 2; 1 done: b 3"]
        assert world.messages("Told by rule r") == ["Told by rule r: 2 failed: b 1, b 2"]
        await world.until(400)
        assert len(world.told()) == 1

    told_by(world, story)


def test_what_changed_while_no_monitor_ran_is_told_and_what_was_told_is_not() -> None:
    marks = (Mark("", FAILED, START_AT),)
    past = {build(1).key: Remembered(build(1).key, START_AT, START_AT, marks)}
    past[build(2).key] = Remembered(build(2).key, START_AT, START_AT, (Mark("", RUNNING, START_AT),))
    world = World(rule("failed"), history=FakeHistory(past))
    world.become(FAILED)

    async def story() -> None:
        assert world.told() == ["b 2: failed"]

    told_by(world, story)


def test_time_brings_what_is_overdue_and_missing_and_a_filter_chooses() -> None:
    world = World(rule("overdue", when="name:1"), rule("missing", name="gone"))
    del world.server.states[build(2).key]

    async def story() -> None:
        await world.until(120)
        assert world.told("gone") == ["b 2: missing"] and world.told() == []
        await world.until(600)
        assert world.told() == ["b 1: overdue"] and len(world.told("gone")) == 1
        assert world.messages("could not") == []

    told_by(world, story)


def test_nothing_is_overdue_while_its_server_does_not_answer() -> None:
    world = World(rule("overdue"))

    async def story() -> None:
        world.server.fault = problem("refused")
        await world.until(900)
        assert world.told() == []
        world.server.fault = None
        await world.until(200)
        assert world.told() == ["4 overdue: b 1, b 2, b 3, b 4"]

    told_by(world, story)


@pytest.mark.parametrize("moment_s", [0.0, 2.0, 4.0])  # between two looks, and between two polls
def test_nothing_that_ended_while_the_machine_slept_is_overdue_or_stuck(moment_s: float) -> None:
    world = World(rule("overdue"), rule("stuck", name="long"))
    world.monitor.outlook.stuck_s = 3600.0

    async def story() -> None:
        await world.until(60 + moment_s)
        world.become(DONE, *TARGETS[1:])
        world.clock.jump_wall(8 * 3600)  # a suspend: the monotonic clock stands still meanwhile
        await world.until(60)
        assert world.told() == ["b 1: overdue"] and world.told("long") == ["b 1: stuck"]

    told_by(world, story)


def test_a_clock_that_is_set_while_many_are_looked_at_tells_none_again() -> None:
    world = World(rule("overdue", every_s=0.0))
    many = [build(number) for number in range(AT_ONCE + 20)]
    world.server.states = {target.key: RUNNING for target in many}
    watch = [WatchedTarget(target, deadline=Deadline(within_s=60)) for target in many]
    world.monitor = monitor_on(world.server, watch=watch)
    verdict, asked = world.monitor.outlook.verdict, 0

    def set_clock() -> None:
        world.clock.jump_wall(-20)
        world.monitor.shift(-20)

    def judge(entry: Entry, now: datetime) -> Verdict:
        nonlocal asked
        asked += 1
        if asked == AT_ONCE // 2:
            asyncio.get_running_loop().call_soon(set_clock)
        return verdict(entry, now)

    async def story() -> None:
        await world.until(300)
        told = list(world.told())
        assert sum(int(text.split()[0]) for text in told) == len(many)
        world.monitor.outlook.verdict = judge  # type: ignore[method-assign]
        await world.until(20)
        assert asked > len(many) and world.told() == told

    told_by(world, story)


def test_a_channel_that_hangs_holds_up_neither_polls_nor_other_rules() -> None:
    world = World(rule("failed", every_s=0.0), rule("failed", name="other", every_s=0.0))

    async def story() -> None:
        world.senders["r"].gate = asyncio.Event()
        for number, target in enumerate(TARGETS[:3]):
            world.become(FAILED, target)
            asked = world.server.asked()
            await world.until(10)
            assert len(world.told("other")) == number + 1 and world.server.asked() > asked
        assert world.told() == ["b 1: failed"]
        world.senders["r"].gate.set()
        await world.until(10)
        assert world.told() == ["b 1: failed", "2 failed: b 2, b 3"]  # what came meanwhile, in one

    told_by(world, story)


@pytest.mark.parametrize("trouble", [ChannelError("It does not answer."), ZeroDivisionError("a token")])
def test_a_channel_that_fails_is_told_once_and_when_it_works_again(trouble: Exception) -> None:
    world = World(rule("failed", every_s=0.0))

    async def story() -> None:
        world.senders["r"].trouble = trouble
        for target in TARGETS[:2]:
            world.become(FAILED, target)
            await world.until(10)
        words = "It does not answer." if isinstance(trouble, ChannelError) else "scantop made a mistake"
        (said,) = world.messages("could not tell")
        assert said.startswith(f"Rule r could not tell by bell: {words}") and "token" not in said
        assert len(world.told()) == 2  # each was tried once
        world.senders["r"].trouble = None
        world.become(FAILED, TARGETS[2])
        await world.until(10)
        assert world.messages("again") == ["Rule r tells by bell again"]

    told_by(world, story)


def test_a_job_that_a_list_shows_for_the_first_time_is_news_if_it_ended_since() -> None:
    world = World(rule("failed"))
    old, new = record(job(1), FAILED, since_at=START_AT - timedelta(hours=1)), record(job(2), FAILED)
    world.monitor = monitor_on(world.server, watch=[WatchedList(JOBS)])
    world.server.rows = {1: [old]}

    async def story() -> None:
        assert world.told() == []
        world.server.rows = {1: [replace(new, since_at=world.clock.now()), old]}
        await world.until(60)
        assert world.told() == ["2: failed"]
        rows, world.server.rows = world.server.rows, {1: []}
        await world.until(60)
        world.server.rows = rows
        await world.until(60)
        assert world.told() == ["2: failed"]  # it left the page, and came back

    told_by(world, story)


def test_the_test_message_goes_by_each_channel_of_the_rule() -> None:
    one, other = FakeSender(), FakeSender()
    other.trouble = ChannelError("No.")
    both = replace(rule("failed"), channels=BELL * 2)
    (good, none), (bad, error) = asyncio.run(try_out(both, (one, other), START_AT))
    assert (good, none) == ("r told by bell.", None)
    assert (bad, error) == ("r could not tell by bell: No.", other.trouble)
    assert one.texts == other.texts == ["A test of scantop: rule r tells by this channel."]
