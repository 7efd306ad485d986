"""Events as lines, JSON, annotations, and the live view."""

from __future__ import annotations

import json
from dataclasses import replace

import pyte
import pytest
from waiting_fakes import DONE, FAILED, RUNNING, START_AT, WAITING, Story, build, record, scan

from tui.domain.state import State
from tui.present.spec import ASCII, UNICODE
from tui.waiting.annotations import annotation
from tui.waiting.as_json import event_document, json_line, summary_document
from tui.waiting.as_lines import line, state_lines, weather_lines
from tui.waiting.live import LiveView

ONE, TWO = build(1), build(2)
HOSTILE = "x\n::error::owned\x1b]52;c;AAAA\x07\u202e%0A"


def test_lines_begin_with_the_time_and_the_address() -> None:
    story = Story(ONE, grace_s=60.0, heartbeat_s=30.0)
    story.fails(ONE, "missing")
    story.passes(30)
    story.tells(ONE, WAITING, sca=WAITING)
    story.tells(ONE, RUNNING, sca=RUNNING)
    story.fails(ONE, "server_error")
    story.tells(ONE, RUNNING, sca=RUNNING)
    story.tells(ONE, FAILED, sca=DONE, violations=FAILED)
    head = "2026-11-22T07:00:30Z"
    assert [line(event) for event in story.events] == [
        "2026-11-22T07:00:00Z prod:build/app/1 missing: It is missing.",
        f"{head} waiting for 30s: prod:build/app/1 missing",
        f"{head} prod:build/app/1 missing -> waiting: sca waiting",
        f"{head} prod:build/app/1 waiting -> running: sca waiting -> running",
        f"{head} prod:build/app/1 could not be asked: It is server_error. (asked again)",
        f"{head} prod:build/app/1 answers again after 0s",
        f"{head} prod:build/app/1 ended failed: violations failed",
    ]


def test_where_a_wait_gives_up_every_target_has_its_line() -> None:
    story = Story(ONE, TWO, timeout_s=60.0)
    story.tells(ONE, RUNNING, sca=DONE, violations=RUNNING)
    story.fails(TWO, "dns")
    story.passes(60)
    assert list(state_lines(story.wait, START_AT)) == [
        "2026-11-22T07:00:00Z prod:build/app/1 has not ended: running, violations running (sca done, violations "
        "running)",
        "2026-11-22T07:00:00Z prod:build/app/2 could not be asked: It is dns.",
    ]
    assert list(weather_lines(story.wait)) == [
        "prod: 1 of 2 polls failed (dns 1), without an answer for 1m00 at most",
    ]


def test_a_heartbeat_names_a_few_and_counts_the_rest() -> None:
    story = Story(*(build(number) for number in range(8)), heartbeat_s=60.0)
    story.server("prod", "dns")
    story.passes(60)
    assert line(story.events[-1]).endswith(
        "prod:build/app/4 not answered yet, and 3 more; prod cannot be asked: It is dns"
    )


def test_nothing_that_a_server_says_gets_out_as_a_command_or_a_control_character() -> None:
    story = Story(ONE)
    story.publishes(ONE, replace(record(ONE, FAILED), error=HOSTILE))
    (event,) = story.events
    texts = [line(event), json_line(event_document(event))]
    texts += [annotation(system, event, has_colour=False) or "" for system in ("github", "gitlab", "jenkins")]
    for text in texts:
        assert text.isprintable() and "\u202e" not in text
    github = texts[2]
    assert github.startswith("::error title=prod%3Abuild/app/1::ended failed: ") and "%0A" not in github
    assert github.endswith("%250A")


@pytest.mark.parametrize(
    ("system", "bad", "good"),
    [
        ("github", "::error title=prod%3Abuild/app/1::ended failed", "::notice title=prod%3Abuild/app/2::done"),
        ("jenkins", "[ERROR] prod:build/app/1 ended failed", "[INFO] prod:build/app/2 done"),
        ("gitlab", "ERROR: prod:build/app/1 ended failed", "NOTICE: prod:build/app/2 done"),
    ],
)
def test_ends_are_annotated_as_each_system_reads_it(system: str, bad: str, good: str) -> None:
    story = Story(ONE, TWO)
    story.tells(ONE, RUNNING)
    story.tells(ONE, FAILED)
    story.tells(TWO, DONE)
    assert [annotation(system, event, has_colour=False) for event in story.events] == [None, bad, good]


def test_gitlab_has_colours_where_they_are_wanted() -> None:
    story = Story(ONE)
    story.tells(ONE, FAILED)
    text = annotation("gitlab", story.events[0], has_colour=True)
    assert text == "\x1b[31;1mERROR: prod:build/app/1 ended failed\x1b[0m"


def test_json_tells_events_and_a_summary() -> None:
    story = Story(ONE, scan(41), timeout_s=60.0)
    story.tells(ONE, RUNNING, sca=RUNNING)
    story.fails(scan(41), "server_error")
    story.tells(ONE, DONE, sca=DONE)
    story.passes(60)
    documents = [json.loads(json_line(event_document(event))) for event in story.events]
    assert [one["event"] for one in documents] == ["state", "problem", "ended", "ended"]
    assert documents[0]["changes"] == [
        {"part": None, "before": None, "after": "running", "status": "RUNNING"},
        {"part": "sca", "before": None, "after": "running", "status": "RUNNING"},
    ]
    assert documents[1]["problem"] == {"code": "server_error", "text": "It is server_error.", "http_status": None}
    assert (documents[2]["target"], documents[2]["outcome"], documents[2]["state"]) == (ONE.key, "done", "done")
    summary = summary_document(story.wait, "now", 3, {ONE.key: 0, scan(41).key: 3})
    assert [(one["target"], one["outcome"], one["exit_code"]) for one in summary["targets"]] == [  # type: ignore[index, union-attr, call-overload]
        (ONE.key, "done", 0),
        (scan(41).key, "not_asked", 3),
    ]
    assert summary["servers"] == [
        {"server": "prod", "polls": 2, "failures": {}, "longest_without_answer_s": 0.0},
        {"server": "tf", "polls": 1, "failures": {"server_error": 1}, "longest_without_answer_s": 60.0},
    ]


# the live view


class Screen:
    """A terminal with a live view on it."""

    def __init__(self, columns: int = 60, rows: int = 10, *, has_colour: bool = False) -> None:
        self.columns, self.rows = columns, rows
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)
        self.view = LiveView(UNICODE if not has_colour else ASCII, has_colour=has_colour)

    def draw(self, story: Story) -> str:
        return self._feed(self.view.draw(story.wait, story.clock.now(), self.columns, self.rows))

    def leave(self, story: Story) -> str:
        return self._feed(self.view.leave(story.wait, story.clock.now(), self.columns))

    @property
    def lines(self) -> list[str]:
        return [text.rstrip() for text in self._screen.display if text.strip()]

    def _feed(self, text: str) -> str:
        self._stream.feed(text.replace("\n", "\r\n"))  # as the terminal's driver does
        return text


def test_the_view_is_rewritten_only_when_its_text_changed() -> None:
    story, screen = Story(ONE, TWO, timeout_s=3600.0), Screen()
    story.tells(ONE, RUNNING, sca=RUNNING)
    assert screen.draw(story) != ""
    assert screen.lines == [
        "waiting for 2 of 2 targets, 0s so far, 1h00 at most",
        "▶ prod:build/app/1  running  sca",
        "? prod:build/app/2  not asked yet",
    ]
    story.clock.elapsed_s += 4
    assert screen.draw(story) == ""
    story.tells(TWO, DONE)
    written = screen.draw(story)
    assert "app/1" not in written and screen.lines[2] == "✓ prod:build/app/2  done"


def test_the_view_leaves_one_line_a_target() -> None:
    story, screen = Story(ONE, TWO), Screen()
    screen.draw(story)
    story.tells(ONE, DONE)
    story.tells(TWO, FAILED)
    screen.draw(story)
    screen.leave(story)
    assert screen.lines == ["✓ prod:build/app/1  done", "✗ prod:build/app/2  ended failed"]


@pytest.mark.parametrize(("columns", "rows"), [(20, 10), (60, 5), (5, 3), (1, 1), (200, 60)])
def test_the_view_never_wraps_and_never_scrolls_away(columns: int, rows: int) -> None:
    story, screen = Story(*(build(number) for number in range(30))), Screen(columns, rows)
    for number in range(30):
        story.tells(build(number), DONE if number % 3 else RUNNING, sca=RUNNING)
        for text in screen.draw(story).replace("\r", "\n").split("\n"):
            assert len(text) <= columns + len("\x1b[?7l\x1b[99A\x1b[?7h\x1b[K")
    shown = screen.lines
    if columns >= 60 and rows >= 5:
        assert shown[0].startswith("waiting for 10 of 30 targets")
        assert ("and" in shown[-1]) == (rows < 32)


def test_colour_is_only_there_where_it_is_wanted() -> None:
    story = Story(ONE)
    story.tells(ONE, RUNNING)
    assert "\x1b[36m" in Screen(has_colour=True).draw(story)
    assert "\x1b[36m" not in Screen().draw(story)


def test_an_unsupported_target_is_not_shown_as_done() -> None:
    story, screen = Story(ONE), Screen()
    story.tells(ONE, State.UNSUPPORTED)
    screen.leave(story)
    assert screen.lines == ["∅ prod:build/app/1  unsupported"]
