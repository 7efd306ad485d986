"""The demo's past: what the simulator writes of it can be imported, and the first poll has estimates."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import scantop, simulated


def test_the_storys_past_is_an_export_that_gives_estimates_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tui.cli.demo import settings_of
    from tui.cli.session import poll_once
    from tui.domain.outlook import Outlook
    from tui.domain.state import ACTIVE

    past, history = tmp_path / "past.jsonl", tmp_path / "state" / "history.sqlite"
    monkeypatch.setenv("SCANTOP_STATE", str(history.parent))
    with simulated("--scenario=day", "--frozen", f"--past={past}") as world:
        said = scantop("history", "import", str(past))
        assert said.code == 0, said.err
        outlook = Outlook()
        settings = settings_of(world.line)
        store = poll_once(settings, history_path=history, outlook=outlook)
        stages = scantop("history", "--stages", "--json").document["stages"]
    kinds = {row["kind"]: max(one["runs"] for one in stages if one["kind"] == row["kind"]) for row in stages}
    assert min(kinds[kind] for kind in ("build", "artifact", "scan", "job")) >= 20
    active = [entry for entry in store.entries.values() if entry.state in ACTIVE]
    known = [entry for entry in active if outlook.time_left(entry, entry.polled_at or pytest.fail("unpolled"))]
    assert len(active) >= 5 and len(known) >= len(active) * 0.6


def test_a_past_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    said = scantop("simulate", "--frozen", f"--past={tmp_path}")
    assert said.code == 2 and "cannot be written" in said.err and said.err.count("\n") == 1


def test_documents_have_no_past(tmp_path: Path) -> None:
    with simulated("--scenario=documents", "--frozen", f"--past={tmp_path / 'past'}"):
        assert len((tmp_path / "past").read_text().splitlines()) == 1
