"""The whole graph from settings: what is polled by default, and servers that cannot be reached at all."""

from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime
from pathlib import Path

from polling_fakes import play

from tui.domain.pulse import grid_for
from tui.domain.records import ListQuery
from tui.domain.snapshot import Health
from tui.domain.target import Target
from tui.settings import ServerSettings, Settings, TokenSource, WatchedList, WatchedTarget
from tui.wiring import open_monitor


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def server(name: str, kind: str, **more: object) -> ServerSettings:
    source = TokenSource("literal", ("canary-secret",))
    return ServerSettings(name, kind, f"http://127.0.0.1:{closed_port()}", source, **more)  # type: ignore[arg-type]


def test_each_kinds_lists_are_polled_unless_the_config_asks_for_its_own() -> None:
    own = ListQuery("sca", "jobs", (("status", "Failed"),), limit=10)
    servers = (server("prod", "xray"), server("tf", "threadfix"), server("sca", "codeinsight"))
    monitor = open_monitor(Settings(servers=servers, watch=(WatchedList(own),)))
    assert {state.query for state in monitor.store.lists.values()} == {ListQuery("prod", "reports"), own}
    assert {health.name: health.health for health in monitor.store.servers.values()} == dict.fromkeys(
        ("prod", "tf", "sca"), Health.STARTING
    )


def test_marks_of_a_server_come_from_its_settings() -> None:
    servers = (
        server("a", "xray", verify=False),
        server("b", "xray", read_only=True),
        server("c", "xray", budget_per_minute=7),
    )
    shown = open_monitor(Settings(servers=servers)).store.servers
    assert [shown[name].is_insecure for name in "abc"] == [True, False, False]
    assert [shown[name].is_read_only for name in "abc"] == [False, True, False]
    assert shown["c"].budget_per_minute == 7


def test_a_server_that_is_not_there_is_a_problem_in_words_and_no_secret_is_in_them(tmp_path: Path) -> None:
    async def story() -> None:
        target = Target("prod", "build", ("my-build", "1"))
        broken = server("ca", "xray", ca_file=tmp_path / "no-such.pem")
        settings = Settings((server("prod", "xray"), broken), (WatchedTarget(target),))
        history_path = tmp_path / "state" / "history.sqlite"
        monitor = open_monitor(settings, history_path=history_path, seed=1)
        assert not history_path.exists()
        await monitor.poll_once()
        entry = monitor.store.entries[target.key]
        assert entry.problem is not None and entry.problem.code == "refused"
        assert monitor.store.servers["prod"].health is Health.FAILING
        assert monitor.store.lists["prod:reports"].problem is not None
        assert monitor.store.servers["ca"].problem is not None
        assert "canary-secret" not in repr((monitor.store.entries, monitor.store.servers, monitor.store.messages))
        await monitor.stop()
        assert history_path.exists()
        assert monitor.lookback is not None and open_monitor(settings).lookback is None
        (failed,) = await monitor.lookback.pulse(["prod"], grid_for(datetime.now(UTC), 3_600, 12), datetime.now(UTC))
        assert failed.overall.polls == failed.overall.failed > 0 and any(failed.is_out)

    play(story)


def test_a_history_that_cannot_be_kept_is_told_and_polling_goes_on(tmp_path: Path) -> None:
    async def story() -> None:
        (tmp_path / "file").write_text("in the way")
        settings = Settings((server("prod", "xray"),))
        monitor = open_monitor(settings, history_path=tmp_path / "file" / "history.sqlite")
        is_judged = asyncio.Event()
        monitor.store.subscribe(lambda change: is_judged.set() if change.servers else None)
        await monitor.start()
        await is_judged.wait()
        assert monitor.store.servers["prod"].health is Health.FAILING
        assert [m.text for m in monitor.store.messages if m.text.startswith("No history is kept")]
        await monitor.stop()

    play(story)
