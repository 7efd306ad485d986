"""What becomes stuck is told once, as a message: a target, and a whole server."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from fake_clock import START_AT, FakeClock
from polling_fakes import DONE, RUNNING, WAITING, FakeServer, job, monitor_on, play, problem

from tui.domain.outlook import Outlook
from tui.polling.lookout import LOOK_S, Lookout
from tui.polling.monitor import Monitor


async def told(clock: FakeClock, monitor: Monitor, outlook: Outlook, seconds: float) -> list[tuple[str, str]]:
    """Polling and looking for so long: the keys and texts of what was told in a bad tone."""
    await monitor.start()
    lookout = asyncio.ensure_future(Lookout(outlook, clock)(monitor))
    await asyncio.sleep(0)
    await clock.run(monitor, seconds)
    await clock.run(monitor, LOOK_S)
    lookout.cancel()
    with suppress(asyncio.CancelledError):
        await lookout
    await monitor.stop()
    return [(message.key, message.text) for message in monitor.store.messages if message.tone == "bad"]


def test_what_becomes_stuck_is_told_once() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.states = {job(1).key: RUNNING, job(2).key: DONE, job(3).key: WAITING}
        monitor = monitor_on(server, watch=[job(1), job(2), job(3)])
        found = await told(clock, monitor, Outlook(120.0), 300)
        assert sorted(key for key, _ in found) == [job(1).key, job(3).key]
        assert all("is stuck: it has" in text and "the limit that is set is 2 min" in text for _, text in found)

    play(story)


def test_nothing_is_told_of_what_is_not_too_long() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.states = {job(1).key: RUNNING}
        assert await told(clock, monitor_on(server, watch=[job(1)]), Outlook(3600.0), 300) == []

    play(story)


def test_a_server_on_which_nothing_ends_is_told_of_once() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.states = {job(number).key: RUNNING for number in range(7)}
        outlook = Outlook()
        start_s = START_AT.timestamp() - 4000
        outlook.learner.ends["s"] = [(start_s + 100 * n - 50, start_s + 100 * n) for n in range(40)]
        found = await told(clock, monitor_on(server, watch=[job(number) for number in range(7)]), outlook, 1200)
        ((key, text),) = found
        assert key == "s" and text.startswith("s: nothing has finished for 10 min though 7 run")

    play(story)


def test_nothing_is_called_stuck_while_its_server_does_not_answer() -> None:
    async def story() -> None:
        clock = FakeClock()
        server = FakeServer(clock)
        server.states = {job(1).key: RUNNING}
        monitor = monitor_on(server, watch=[job(1)])
        await monitor.start()
        await clock.run(monitor, 20)
        server.fault = problem("refused")
        lookout = asyncio.ensure_future(Lookout(Outlook(30.0), clock)(monitor))
        await asyncio.sleep(0)
        await clock.run(monitor, 300)
        assert not [message.text for message in monitor.store.messages if "stuck" in message.text]
        server.fault = None
        await clock.run(monitor, 300)
        assert [message.key for message in monitor.store.messages if "stuck" in message.text] == [job(1).key]
        lookout.cancel()
        with suppress(asyncio.CancelledError):
            await lookout
        await monitor.stop()

    play(story)
