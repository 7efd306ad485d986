"""A running monitor follows the list: what comes, what leaves, what cannot be watched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tui.domain.records import Answer
from tui.domain.target import AddressError, Target
from tui.polling.history import NoHistory
from tui.polling.messages import MessageKind
from tui.polling.monitor import Monitor
from tui.polling.plan import ServerPlan
from tui.settings import PollSettings, WatchedTarget
from tui.watchlist import Listed, WatchList
from tui.watchlist_follow import ListFollower

NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
CONFIGURED = Target("a", "job", ("9",))


class Quiet:
    """A server that says nothing of anything."""

    async def read(self, targets: object) -> Answer:
        return Answer()

    async def list(self, query: object) -> Answer:
        return Answer()

    async def aclose(self) -> None:
        return None


class Steps:
    """A clock that goes a second on whenever the follower has looked, as often as it is allowed to."""

    def __init__(self) -> None:
        self.passed_s = 0.0
        self.looks = asyncio.Semaphore(0)
        self.looked = asyncio.Semaphore(0)

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.passed_s)

    def monotonic(self) -> float:
        return self.passed_s

    async def sleep(self, seconds: float) -> None:
        self.passed_s += 1.0
        self.looked.release()
        await self.looks.acquire()


class Still(Steps):
    """The polling's own clock: it never gets any later."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.Event().wait()


def read(address: str) -> Target | None:
    server, _, rest = address.partition(":job/")
    if server == "other":
        return None
    if server != "a":
        raise AddressError(f"{address!r} names the server {server!r}, which is not configured")
    return Target(server, "job", (rest,))


class Followed:
    """A monitor with a follower on a list in a folder."""

    def __init__(self, folder: Path) -> None:
        self.watchlist = WatchList(folder)
        self.clock = Steps()

        async def open_client() -> Quiet:
            return Quiet()

        self.monitor = Monitor(
            [ServerPlan("a", "x", open_client)],
            [WatchedTarget(CONFIGURED)],
            history=NoHistory(),
            clock=Still(),
            poll=PollSettings(),
            chance=lambda: 0.5,
            companions=(ListFollower(self.watchlist, read, self.clock),),
        )

    async def look(self) -> None:
        """Let the follower look at the list once more."""
        self.clock.looks.release()
        await self.clock.looked.acquire()

    @property
    def rows(self) -> dict[str, str]:
        return {key: entry.label for key, entry in self.monitor.store.entries.items() if entry.is_watched}

    @property
    def told(self) -> list[str]:
        return [message.text for message in self.monitor.store.messages if message.kind is MessageKind.NOTE]


def followed(folder: Path, story: Callable[[Followed], object]) -> None:
    async def whole() -> None:
        one = Followed(folder)
        await one.monitor.start()
        await one.clock.looked.acquire()
        try:
            await story(one)  # type: ignore[misc]
        finally:
            await one.monitor.stop()

    asyncio.run(whole())


def test_what_is_listed_is_watched_and_what_leaves_is_not(tmp_path: Path) -> None:
    WatchList(tmp_path).add([Listed("a:job/1", "first")], NOW)

    async def story(one: Followed) -> None:
        assert one.rows == {"a:job/9": "", "a:job/1": "first"}
        one.watchlist.add([Listed("a:job/2", "second")], NOW)
        await one.look()
        assert one.rows == {"a:job/9": "", "a:job/1": "first", "a:job/2": "second"}
        one.watchlist.remove(["a:job/1"], NOW)
        await one.look()
        assert one.rows == {"a:job/9": "", "a:job/2": "second"}

    followed(tmp_path, story)


def test_what_the_config_watches_stays_when_it_leaves_the_list(tmp_path: Path) -> None:
    async def story(one: Followed) -> None:
        one.watchlist.add([Listed(CONFIGURED.key, "mine")], NOW)
        await one.look()
        assert one.rows == {CONFIGURED.key: "mine"}
        one.watchlist.remove([CONFIGURED.key], NOW)
        await one.look()
        assert list(one.rows) == [CONFIGURED.key]

    followed(tmp_path, story)


def test_an_entry_leaves_when_its_time_is_over(tmp_path: Path) -> None:
    async def story(one: Followed) -> None:
        one.watchlist.add([Listed("a:job/1", expires_at=NOW + timedelta(seconds=3))], NOW)
        await one.look()
        assert "a:job/1" in one.rows
        for _ in range(3):
            await one.look()
        assert "a:job/1" not in one.rows

    followed(tmp_path, story)


def test_nothing_is_read_while_nothing_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = []

    async def story(one: Followed) -> None:
        whole = WatchList.read
        monkeypatch.setattr(WatchList, "read", lambda *given: (reads.append(1), whole(*given))[1])
        for _ in range(20):
            await one.look()
        assert reads == []
        one.watchlist.add([Listed("a:job/1")], NOW)
        await one.look()
        assert reads == [1]

    followed(tmp_path, story)


def test_trouble_is_told_once_and_what_was_watched_stays(tmp_path: Path) -> None:
    async def story(one: Followed) -> None:
        one.watchlist.add([Listed("a:job/1"), Listed("gone:job/1"), Listed("other:job/1")], NOW)
        await one.look()
        assert list(one.rows) == ["a:job/9", "a:job/1"]
        assert len(one.told) == 1 and "'gone', which is not configured" in one.told[0]
        for text in ("half", "half a"):
            one.watchlist.path.write_text(text)
            await one.look()
        assert list(one.rows) == ["a:job/9", "a:job/1"]
        assert len(one.told) == 2 and "is damaged; what it listed before stays watched" in one.told[1]

    followed(tmp_path, story)
