"""What is called slow or stuck, and why."""

from __future__ import annotations

from learnt_runs import AT, RUNNING, after, entry, experienced

from tui.domain.outlook import Outlook
from tui.domain.snapshot import Mark
from tui.domain.stuck import Pace
from tui.domain.target import Target


def test_slow_and_stuck_have_their_bounds_and_say_why() -> None:
    outlook = experienced([float(number) for number in range(101)])
    assert outlook.verdict(entry(RUNNING, 95), AT).pace is Pace.USUAL
    slow = outlook.verdict(entry(RUNNING, 96), AT)
    assert slow.pace is Pace.SLOW and "95 of 100 take 95 s" in slow.text and "101 runs" in slow.text
    assert outlook.verdict(entry(RUNNING, 285), AT).pace is Pace.SLOW
    stuck = outlook.verdict(entry(RUNNING, 286), AT)
    assert (stuck.pace, stuck.since_at, stuck.limit_s) == (Pace.STUCK, after(-286), 285.0)
    assert outlook.time_left(entry(RUNNING, 286), AT) is None
    assert outlook.stuck_limit(entry(RUNNING, 1)) == 285.0


def test_the_stage_that_is_stuck_is_named() -> None:
    outlook = experienced([30.0] * 30, "contextual_analysis")
    marks = (Mark("", RUNNING, after(-400)), Mark("contextual_analysis", RUNNING, after(-400)))
    verdict = outlook.verdict(entry(RUNNING, 400, *marks), AT)
    assert verdict.part == "contextual_analysis" and verdict.text.startswith("contextual analysis has run for 6 min")


def test_quick_things_are_not_stuck_after_seconds() -> None:
    assert experienced([1.0] * 50).verdict(entry(RUNNING, 59), AT).pace is Pace.SLOW


def test_what_is_set_counts_until_enough_is_known() -> None:
    outlook = Outlook(1800.0)
    assert outlook.verdict(entry(RUNNING, 1799), AT).pace is Pace.USUAL
    stuck = outlook.verdict(entry(RUNNING, 1801), AT)
    assert stuck.pace is Pace.STUCK and "not known yet" in stuck.text and "30 min" in stuck.text
    assert outlook.stuck_limit(entry(RUNNING, 0)) == 1800.0
    assert Outlook(None).verdict(entry(RUNNING, 10**6), AT).pace is Pace.USUAL
    assert Outlook(None).stuck_limit(entry(RUNNING, 0)) is None


def test_a_server_on_which_nothing_ends_is_stuck_and_says_since_when() -> None:
    outlook = Outlook()
    start = AT.timestamp() - 8000
    outlook.learner.ends["s"] = [(start + 100 * n - 50, start + 100 * n) for n in range(40)]
    entries = [entry(RUNNING, 5000, target=Target("s", "job", (str(n),))) for n in range(7)]
    text = outlook.server_stuck("s", entries, AT)
    assert text == "nothing has finished for 68 min though 7 run (usually something does within 50 s)"
    assert outlook.server_stuck("s", entries[:1], AT) == ""
    assert outlook.server_stuck("other", entries, AT) == ""
    quick = [entry(RUNNING, 300, target=Target("s", "job", (str(n),))) for n in range(7)]
    assert outlook.server_stuck("s", quick, AT) == ""  # nothing ran before: no time in which something could have ended
