"""Code Insight's local times around a change of the clock, read by real commands from a real server in that zone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hostile_site import HostileSite, command, hostile_site

STEPS = ("queued_at", "activated_at", "completed_at")
FEW = 8  # jobs that are looked at one by one


class Change(NamedTuple):
    """A zone, when its clock changes, and by how much a time may be read wrong then."""

    zone: str
    at: str
    unsure: timedelta


CHANGES = (
    Change("America/Chicago", "2026-11-01T07:00:00+00:00", timedelta(hours=1)),
    Change("America/Chicago", "2027-03-14T08:00:00+00:00", timedelta(0)),
    Change("Europe/Berlin", "2026-10-25T01:00:00+00:00", timedelta(hours=1)),
    Change("Europe/Berlin", "2027-03-28T01:00:00+00:00", timedelta(0)),
    Change("Asia/Kolkata", "2026-11-22T07:00:00+00:00", timedelta(0)),
    Change("Australia/Lord_Howe", "2027-04-03T15:00:00+00:00", timedelta(minutes=30)),
)


def jobs(site: HostileSite, folder: Path, zone: str) -> tuple[dict[int, dict[str, Any]], str, Path]:
    """Every job of the newest pages, the same as a table, and the config; its server is in that zone."""
    site.control("variants", {"zone": zone})
    config = site.config(folder / "config.toml")
    text = re.sub(r'timezone = "[^"]*"', f'timezone = "{zone}"', config.read_text())
    config.write_text(text)
    said = command("--config", str(config), "jobs", "--limit", "400", "--json")
    table = command("--config", str(config), "jobs", "--limit", "400")
    assert said.code == table.code == 0, said.err
    return {job["id"]: job for job in said.document["jobs"]}, table.out, config


def at(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: f"{change.zone} {change.at[:10]}")
def test_a_change_of_the_clock_makes_no_time_negative_and_none_wrong_unmarked(change: Change, tmp_path: Path) -> None:
    moment = datetime.fromisoformat(change.at)
    with hostile_site("day", stuck=0.0, start_at=moment + timedelta(minutes=25)) as site:
        right, _, _ = jobs(site, tmp_path, "UTC")
        read, table, config = jobs(site, tmp_path, change.zone)
        assert read.keys() == right.keys() and len(read) > 200
        before = [job for job in right.values() if at(job["queued_at"]) < moment < (at(job["completed_at"]) or moment)]  # type: ignore[operator]
        assert len(before) > 0, "some were queued before the change and ended after it"
        off = set()
        for number, job in read.items():
            times = [found for step in STEPS if (found := at(job[step])) is not None]
            assert times == sorted(times), (job, right[number])
            for step in STEPS:
                found, expected = at(job[step]), at(right[number][step])
                assert (found is None) == (expected is None)
                if found is not None and expected is not None and found != expected:
                    off.add(number)
                    assert expected - found == change.unsure, (job, right[number])
        assert bool(off) is bool(change.unsure), "an hour that comes twice cannot always be told"
        assert not re.search(r"(?<!\w)-\d", table)
        addresses = [f"sca:job/{number}" for number in [*sorted(off)[-FEW:], *[n for n in read if n not in off][:FEW]]]
        said = command("--config", str(config), "status", "--json", *addresses)
        told = {
            int(one["name"] and one["target"].rpartition("/")[2]): one["detail"] for one in said.document["targets"]
        }
        assert all(told[number].get("times_approximate") is True for number in off & told.keys())
        if not change.unsure:
            assert not [number for number in told if told[number].get("times_approximate")]


def test_the_zone_of_the_test_is_one_that_changes() -> None:
    """The table above is right by the machine's own calendar."""
    for change in CHANGES:
        moment, zone = datetime.fromisoformat(change.at), ZoneInfo(change.zone)
        offsets = [(moment + timedelta(seconds=s)).astimezone(zone).utcoffset() for s in (-1, 1)]
        assert (offsets[0] != offsets[1]) is (change.zone != "Asia/Kolkata")
