"""The screen that says why: keys in, lines on the screen out, and what it looks like at two sizes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from detail_story import held_job, rich_monitor
from screen_stage import dashboard, make_app, play, said, shown
from screen_story import ago, job
from textual.pilot import Pilot

from tui.app.screens.detail import DetailScreen
from tui.app.screens.evidence import EvidenceScreen
from tui.domain.evidence import Fact, Question
from tui.domain.problem import Problem, ProblemCode
from tui.domain.records import Call
from tui.domain.state import State
from tui.domain.target import Target
from tui.polling.messages import Change

SIZES = ((80, 24), (120, 40))
REFUSED = Problem(ProblemCode.FORBIDDEN, "sca does not permit this (HTTP 403).", 403)


def active_jobs(*, problem: Problem | None = None) -> Fact:
    """What the queue would say, asked a moment ago."""
    update = job(437, "PDL Update", "Active", None, 320).record
    assert update is not None
    sent = Call(ago(3), "GET", "/codeinsight/api/jobs?status=Active&limit=100&offset=1", 200, 0.2, 4_000, problem)
    return Fact(Question.ACTIVE_JOBS, sent, records=() if problem else (update,), problem=problem)


class EvidenceActor:
    """An actor that only gathers; it waits for `gate` where it is slow."""

    def __init__(self, *facts: Fact, is_slow: bool = False, error: Exception | None = None) -> None:
        self.facts = facts
        self.asked: list[tuple[str, State]] = []
        self.gate = asyncio.Event()
        self._is_slow = is_slow
        self._error = error

    async def gather(self, target: Target, state: State) -> tuple[Fact, ...]:
        self.asked.append((target.key, state))
        if self._is_slow:
            await self.gate.wait()
        if self._error is not None:
            raise self._error
        return self.facts

    def why_not(self, server: str, act: str) -> str:
        return ""

    def servers_for(self, act: str) -> tuple[str, ...]:
        return ("sca",)

    async def aclose(self) -> None:
        self.gate.set()


def why(app: Any) -> str:
    return "\n".join(shown(app))


async def open_why(app: Any, pilot: Pilot[Any], key: str, *, with_key: str = "i") -> None:
    """From the detail of a row, as a person would."""
    await app.push_screen(DetailScreen(key))
    await pilot.pause()
    await pilot.press(with_key)
    await pilot.pause()
    await pilot.pause()


def test_the_key_says_why_with_the_call_and_escape_leads_back() -> None:
    actor = EvidenceActor(active_jobs())

    async def scene(app, pilot):
        await open_why(app, pilot, held_job().key)
        assert isinstance(app.screen, EvidenceScreen)
        assert actor.asked == [(held_job().key, State.WAITING)]
        assert "It waits behind PDL Update 437 (job 437" in why(app)
        assert "Code Insight GET /codeinsight/api/jobs?status=Active" in why(app)
        assert "gathering" not in why(app)
        await pilot.press("escape")
        assert isinstance(app.screen, DetailScreen)
        await pilot.press("i", "i")
        assert isinstance(app.screen, DetailScreen)

    play(scene, (100, 30), app=make_app(monitor=rich_monitor(), actor=actor))


def test_the_calls_that_it_quotes_move_with_a_clock_that_is_set() -> None:
    sent = active_jobs()

    async def scene(app, pilot):
        await open_why(app, pilot, held_job().key)
        app.take(Change(is_shift=True, shifted_s=-7200.0))
        app.tick()
        at = {one.at for one in app.screen._evidence}
        assert sent.call is not None and sent.call.at not in at and sent.call.at - timedelta(hours=2) in at

    play(scene, (100, 30), app=make_app(monitor=rich_monitor(), actor=EvidenceActor(sent)))


def test_the_key_works_on_a_row_of_the_dashboard() -> None:
    actor = EvidenceActor()

    async def scene(app, pilot):
        await pilot.press("4", "i")
        await pilot.pause()
        assert isinstance(app.screen, EvidenceScreen)
        assert actor.asked[0][0].startswith("sca:job/")
        await pilot.press("escape")
        assert app.screen is dashboard(app)

    play(scene, app=make_app(monitor=rich_monitor(), actor=actor))


def test_it_says_that_it_gathers_and_shows_what_is_known_meanwhile() -> None:
    actor = EvidenceActor(active_jobs(problem=REFUSED), is_slow=True)

    async def scene(app, pilot):
        await open_why(app, pilot, held_job().key)
        assert "gathering…" in shown(app)[1]
        assert "It waits behind PDL Update 437 (job 437" in why(app)  # what the polls have shown
        actor.gate.set()
        await app.workers.wait_for_complete([one for one in app.workers if one.name == "evidence"])
        await pilot.pause()
        assert "gathering" not in why(app)
        assert "could not be asked which jobs are active: sca does not permit this (HTTP 403)." in " ".join(
            why(app).split()
        )

    play(scene, (100, 30), app=make_app(monitor=rich_monitor(), actor=actor))


def test_leaving_while_it_gathers_ends_nothing() -> None:
    actor = EvidenceActor(is_slow=True)

    async def scene(app, pilot):
        await open_why(app, pilot, held_job().key)
        await pilot.press("escape", "escape")
        actor.gate.set()
        await app.workers.wait_for_complete([one for one in app.workers if one.name == "evidence"])
        await pilot.pause()
        assert app.screen is dashboard(app)

    play(scene, app=make_app(monitor=rich_monitor(), actor=actor))


def test_a_link_opens_what_the_evidence_is_about() -> None:
    async def scene(app, pilot):
        await open_why(app, pilot, held_job().key)
        await pilot.press("tab", "enter")
        assert isinstance(app.screen, DetailScreen) and app.screen.key == "sca:job/437"
        await pilot.press("escape")
        assert isinstance(app.screen, EvidenceScreen)

    play(scene, app=make_app(monitor=rich_monitor(), actor=EvidenceActor(active_jobs())))


def test_polling_asks_for_the_rest_again() -> None:
    actor = EvidenceActor()

    async def scene(app, pilot):
        await open_why(app, pilot, held_job().key)
        await pilot.press("r")
        await pilot.pause()
        assert len(actor.asked) == 2 and "again" in said(app)

    play(scene, (120, 40), app=make_app(monitor=rich_monitor(), actor=actor))


def test_it_follows_the_target_while_it_is_open() -> None:
    async def scene(app, pilot):
        await open_why(app, pilot, held_job().key)
        assert held_job().record is not None
        ended = replace(held_job().record, state=State.FAILED, status="Failed", error="The disk is full.")
        app.store.publish(entries=[replace(held_job(), record=ended)])
        app.bridge.flush() if hasattr(app.bridge, "flush") else None
        for _ in range(10):
            await pilot.pause(0.05)
            if "The disk is full." in why(app):
                break
        assert "The server's own words: The disk is full." in why(app)

    play(scene, (100, 30), app=make_app(monitor=rich_monitor(), actor=EvidenceActor()))


def test_a_defect_is_told_and_so_is_a_monitor_without_a_way_to_ask() -> None:
    async def broken(app, pilot):
        await open_why(app, pilot, "sca:job/436")
        assert "No more could be asked (ZeroDivisionError)." in why(app)

    async def blind(app, pilot):
        await open_why(app, pilot, "sca:job/436")
        assert "opened without a way to ask for more" in why(app)
        assert "Nothing that scantop can read says why it still runs." in why(app)

    play(broken, app=make_app(monitor=rich_monitor(), actor=EvidenceActor(error=ZeroDivisionError())))
    play(blind, app=make_app(monitor=rich_monitor()))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_what_it_looks_like(snap_compare: Callable[..., bool], size: tuple[int, int]) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await pilot.pause()
        await open_why(pilot.app, pilot, held_job().key)
        await pilot.press("tab")
        await pilot.pause()

    vain = Fact(Question.SCHEDULED_JOBS, active_jobs().call, problem=REFUSED)
    app = make_app(monitor=rich_monitor(), actor=EvidenceActor(active_jobs(), vain))
    assert snap_compare(app, terminal_size=size, run_before=before)
