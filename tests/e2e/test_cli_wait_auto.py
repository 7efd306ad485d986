"""`scantop wait --stuck-after auto`: what counts as stuck is learnt, and until then the configured limit."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from command import Simulated, scantop, simulated

LIMIT = '[poll]\nactive = "50ms"\nstuck = "300ms"\n'


def running_job(world: Simulated, config: Path) -> dict[str, object]:
    jobs = scantop("--config", str(config), "jobs", "--json", "--status", "Active").document["jobs"]
    return dict(jobs[0])


def test_until_enough_is_known_the_configured_limit_counts(tmp_path: Path) -> None:
    with simulated("--scenario=day", "--frozen") as world:
        config = world.config(tmp_path / "config.toml", LIMIT)
        job = running_job(world, config)
        said = scantop(
            "--config", str(config), "wait", f"sca:job/{job['id']}", "--stuck-after", "auto", "--timeout=30s"
        )
        assert said.code == 7 and "is stuck" in said.out, said


def test_what_usually_takes_an_hour_is_not_stuck_sooner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCANTOP_STATE", str(tmp_path / "state"))
    with simulated("--scenario=day", "--frozen") as world:
        config = world.config(tmp_path / "config.toml", LIMIT)
        job = running_job(world, config)
        now, lines = datetime.now(UTC), [json.dumps({"scantop": "history", "version": 1})]
        for number in range(30):
            began = now - timedelta(hours=40 - number)
            ended_at = (began + timedelta(hours=1)).isoformat()
            told = {"queued_at": began.isoformat(), "began_at": began.isoformat(), "ended_at": ended_at}
            one = {"target": f"sca:job/{9000 + number}", "type": job["type"], "part": "", "after": "done"}
            lines.append(json.dumps({**one, "seen_at": ended_at, "server_at": ended_at, **told}))
        (tmp_path / "past.jsonl").write_text("\n".join(lines))
        assert scantop("history", "import", str(tmp_path / "past.jsonl")).code == 0
        argv = ("wait", f"sca:job/{job['id']}", "--stuck-after", "auto", "--timeout=2s", "--heartbeat=500ms")
        said = scantop("--config", str(config), *argv)
        assert said.code == 5, said
        assert "time left: " in said.out and "from 30 runs of the same type" in said.out
