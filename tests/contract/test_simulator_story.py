"""The story: the same for the same seed and moment, alive in every pane, of any size at a proportionate cost."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from simulator_site import Site, make_world, running

from tui.simulator.jobs_story import FINISHED
from tui.simulator.scenarios import SCENARIOS
from tui.simulator.world import World
from tui.simulator.xray_story import NEVER

pytestmark = pytest.mark.anyio


def builds(world: World) -> list[Any]:
    """What the first pane shows: every watched build and artifact, None where it is not there yet."""
    t, scans = world.t, world.scans
    found: list[Any] = [
        scans.view("build", line, number, t) if scans.is_published(line, number, t) else None
        for line, number in scans.watched_builds()
    ]
    return found + [scans.view("image", line, number, t) for _, line, number in scans.watched_images()]


def words(world: World) -> list[Any]:
    """The status words of the first pane."""
    return [
        view and (view.overall.word, {name: seen.word for name, seen in view.stages.items()}) for view in builds(world)
    ]


def reports(world: World) -> list[Any]:
    """What the second pane shows of the reports."""
    seen = (world.reports.view(report, world.t) for report in world.reports.all(world.t))
    return [(view.report.id, view.status, view.progress) for view in seen][:25]


def scans(world: World) -> list[Any]:
    """What the third pane shows."""
    found = (world.uploads.find(application, scan, world.t) for application, scan in world.uploads.watched())
    return [(view.status, view.error) for view in (world.uploads.view(each, world.t) for each in found if each)]


def jobs(world: World) -> list[Any]:
    """What the fourth pane shows."""
    newest = world.jobs.ledger.newest(world.t)
    return [(number, world.jobs.job(number).status(world.t)) for number in range(newest, max(0, newest - 25), -1)]


PANES = (words, reports, scans, jobs)


@pytest.mark.parametrize("seed", [1, 2, 3, 7, 42])
def test_all_four_panes_of_the_demo_change_every_ten_seconds(seed: int) -> None:
    world = make_world(seed=seed)
    still: Counter[str] = Counter()
    for turn in range(60):
        before = [pane(world) for pane in PANES]
        world.clock.advance(10)
        still.update(pane.__name__ for pane, old in zip(PANES, before, strict=True) if pane(world) == old)
        assert turn > 2 or not still, f"at {world.t} s"
    assert max(still.values(), default=0) <= 3


@pytest.mark.parametrize("name", [each.name for each in SCENARIOS])
def test_the_same_seed_and_moment_tell_the_same_and_another_seed_another_story(name: str) -> None:
    one, same, other = make_world(name, seed=3), make_world(name, seed=3), make_world(name, seed=4)
    one.clock.advance(60)
    [pane(one) for pane in PANES]  # what was asked in between must not matter
    for world in (one, same, other):
        world.clock.advance(333 - world.t)
    assert [pane(one) for pane in PANES] == [pane(same) for pane in PANES]
    if not one.scenario.is_documents:
        assert [pane(one) for pane in PANES] != [pane(other) for pane in PANES]


def test_the_day_shows_one_of_each_thing_that_can_happen_to_an_upload() -> None:
    world = make_world()
    seen: Counter[str] = Counter()
    for _ in range(60):
        seen.update({status + ("!" if error else "") for status, error in scans(world)})
        world.clock.advance(5)
    wanted = (
        "QUEUED UPLOADED FINDINGS_GENERATING CHANNEL_MERGING APPLICATION_MERGING APPLICATION_MERGED LINKING_DEFECTS "
        "DONE SCAN_INTERRUPTED SCAN_QUEUED_FOR_DELETE SCAN_DELETED FINISHED_FINDING_PULLING"
    )
    assert set(wanted.split()) <= set(seen)
    assert any(status.endswith("!") for status in seen)


def test_the_day_shows_every_word_of_a_scan_and_every_word_of_a_job() -> None:
    world = make_world()
    overall: set[str] = set()
    stage: set[str] = set()
    waiting: set[str] = set()
    for _ in range(80):
        for view in filter(None, builds(world)):
            overall.add(view.overall.word)
            stage.update(seen.word for seen in [*view.stages.values(), *view.categories.values()])
        waiting.update(status for _, status in jobs(world))
        world.clock.advance(10)
    assert overall >= {"PENDING", "SCANNING", "DONE", "PARTIAL", "FAILED"}
    assert stage == {"PENDING", "SCANNING", "DONE", "FAILED", "NOT_SCANNED", "NOT_SUPPORTED", "PARTIAL"} - (
        {"PARTIAL"} - stage
    )
    assert waiting == {"New", "Scheduled", "Waiting on update", "Active"} | FINISHED


@pytest.mark.parametrize("name", ["day", "busy", "stuck"])
def test_a_stage_only_goes_forward_until_it_is_scanned_again(name: str) -> None:
    world = make_world(name)
    rank = {"NOT_SCANNED": 0, "PENDING": 1, "SCANNING": 2}
    line, number = next(world.scans.watched_builds())
    before, again = None, 0
    for _ in range(300):
        view = world.scans.view("build", line, number, world.t)
        now = [rank.get(seen.word, 3) for seen in view.stages.values()]
        began = min(seen.at_s for seen in view.stages.values() if seen.at_s != NEVER)
        assert all(seen.at_s <= world.t for seen in [view.overall, *view.stages.values(), *view.categories.values()])
        if before is not None and began == before[1]:
            assert all(new >= old for new, old in zip(now, before[0], strict=True))
        again += before is not None and before[0][0] == 3 and now[0] < 3
        before = (now, began)
        world.clock.advance(4)
    assert again >= 1


async def test_a_new_build_is_missing_first_and_then_appears() -> None:
    async with running() as site:
        tables = [table for table in site.announced["watch"] if "number" in table]
        answers = [await site.build(table["build"], table["number"], table.get("project", "")) for table in tables]
        late = [table for table, answer in zip(tables, answers, strict=True) if answer.status_code == 404]
        assert 1 <= len(late) <= 3
        await site.control("clock", {"advance_s": 60})
        for table in late:
            assert (await site.build(table["build"], table["number"], table.get("project", ""))).status_code == 200


def test_an_update_holds_up_every_job_but_remote_scans() -> None:
    world = make_world("stuck")
    world.clock.advance(300)
    held = [world.jobs.job(number) for number, status in jobs(world) if status == "Waiting on update"]
    assert len(held) >= 3
    started = [world.jobs.job(n) for n, status in jobs(world) if status == "Active" and world.jobs.job(n).queued_s > 60]
    assert {job.kind for job in started} <= {"Remote Scan"}
    assert any(world.jobs.job(number).kind == "PDL Update" for number in range(437, 450))


def test_a_scan_server_does_one_scan_at_a_time_and_a_project_has_one_job_at_a_time() -> None:
    world = make_world()
    planned = [world.jobs.job(number) for number in range(401, 437)]
    for one in planned:
        for other in planned:
            if one is other or one.start_s is None or other.start_s is None:
                continue
            is_same_lane = one.server == other.server != "Core Server"
            is_same_project = one.project is not None and one.project == other.project
            if (is_same_lane or is_same_project) and NEVER not in (one.end_s, other.end_s):
                assert one.end_s <= other.start_s or other.end_s <= one.start_s


@pytest.mark.parametrize(("targets", "jobs_count"), [(10, 10), (48, 437), (10_000, 100_000)])
async def test_sizes_are_kept_and_nothing_is_planned_before_it_is_asked_for(targets: int, jobs_count: int) -> None:
    async with running(targets=targets, jobs=jobs_count) as site:
        latest = site.world.scenario.latest_names
        assert len(site.announced["watch"]) == targets + latest + 1
        assert not site.world.jobs._blocks
        answer = await site.jobs()
        assert answer.headers["Total-records"] == str(jobs_count)
        assert len(answer.json()["data"]) == min(25, jobs_count)
        assert len(site.world.jobs._blocks) <= 2
        last = (await site.jobs(offset=-(-jobs_count // 25))).json()["data"]
        assert last[-1]["id"] == 1
        named = [(table["build"], table["number"]) for table in site.announced["watch"] if "number" in table]
        assert len(set(named)) == len(named)
        artifacts = [str(table["artifact"]) for table in site.announced["watch"] if "artifact" in table]
        for address in artifacts[:2] + artifacts[-2:]:
            assert (await site.artifact(address)).status_code == 200


async def read_everything(site: Site) -> list[bytes]:
    """Every reading answer that the watch list leads to, as bytes."""
    found = []
    for table in site.announced["watch"]:
        if "number" in table:
            found.append((await site.build(table["build"], table["number"], table.get("project", ""))).content)
        elif "artifact" in table:
            found.append((await site.artifact(table["artifact"])).content)
        elif "application" in table:
            found.append((await site.scan(table["application"], table["pending_scan"])).content)
    found.append((await site.jobs(limit=100)).content)
    found.append((await site.call("xray", "POST", "/reports", params={"direction": "desc", "page_num": "1",
                                  "num_of_rows": "50", "order_by": "name"})).content)  # fmt: skip
    return found


async def test_frozen_answers_are_the_same_bytes_and_two_simulators_agree() -> None:
    async with running(seed=5, targets=20) as one, running(seed=5, targets=20) as other:
        first = await read_everything(one)
        assert first == await read_everything(one) == await read_everything(other)
        await one.control("clock", {"advance_s": 45})
        assert first != await read_everything(one)
        await other.control("clock", {"advance_s": 45})
        assert await read_everything(one) == await read_everything(other)
