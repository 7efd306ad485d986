"""Times as people write them, and the bar of a download."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from tui.cli.parser import UsageError
from tui.cli.report_acts import BAR_EVERY_S, Bar, bar_line, moment_in
from tui.domain.acts import ExportProgress

NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "is_end", "expected"),
    [
        ("7d", False, datetime(2026, 11, 15, 7, tzinfo=UTC)),
        ("1h30m", True, datetime(2026, 11, 22, 5, 30, tzinfo=UTC)),
        ("2026-11-01", False, datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01", True, datetime(2026, 11, 1, 23, 59, 59, tzinfo=UTC)),
        (" 2026-11-01T10:00:00Z ", True, datetime(2026, 11, 1, 10, tzinfo=UTC)),
        ("2026-11-01T10:00+02:00", False, datetime(2026, 11, 1, 8, tzinfo=UTC)),
    ],
)
def test_times(text: str, is_end: bool, expected: datetime) -> None:
    assert moment_in(text, "--from", is_end=is_end, now=NOW) == expected


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "yesterday", "9999-12-31T23:59:59-14:00", "٧d"])
def test_what_is_no_time_is_one_sentence(text: str) -> None:
    with pytest.raises(UsageError, match=r"argument --to: .* is no time"):
        moment_in(text, "--to", now=NOW)


@pytest.mark.parametrize(
    ("progress", "line"),
    [
        (ExportProgress(1_500_000, 3_000_000), f"[{'#' * 15}{'.' * 15}] 1.5 of 3.0 MB"),
        (ExportProgress(5, 4), f"[{'#' * 30}] 0.0 of 0.0 MB"),
        (ExportProgress(2_000_000), "2.0 MB"),
        (ExportProgress(0, 0), "0.0 MB"),
    ],
)
def test_the_bar(progress: ExportProgress, line: str) -> None:
    assert bar_line(progress) == line


class Screen(io.StringIO):
    """Standard error on a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("term", "is_drawn"), [("xterm", True), ("dumb", False)])
def test_the_bar_is_drawn_seldom_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch, term: str, is_drawn: bool) -> None:
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", term)
    now = [10.0]
    bar = Bar(lambda: now[0])
    for step in range(5):
        bar.show(ExportProgress(step))
        now[0] += BAR_EVERY_S / 2
    bar.clear()
    written = screen.getvalue()
    assert written.count(" MB") == (3 if is_drawn else 0)
    assert written.endswith("\r\x1b[K") is is_drawn


def test_no_bar_in_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    log = io.StringIO()
    monkeypatch.setattr("sys.stderr", log)
    bar = Bar(lambda: 0.0)
    bar.show(ExportProgress(1, 2))
    bar.clear()
    assert log.getvalue() == ""
