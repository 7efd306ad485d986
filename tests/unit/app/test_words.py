"""The lines around the tables: they fit their width, and what they leave out never misleads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.app.line import Piece, fit, from_cells, shorten, trim, width_of, wrapped, wrapped_line
from tui.app.rate import SteadyRate
from tui.app.signs import ASCII_SIGNS, UNICODE_SIGNS, choose
from tui.app.words import HeaderFacts, TabFacts, TitleFacts, empty, header, notice, strip, tabs, title, worst
from tui.domain.problem import Problem, ProblemCode
from tui.domain.records import ListQuery
from tui.domain.snapshot import Health, ListState, ServerHealth
from tui.domain.state import State
from tui.present.spec import Cell

NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
GONE = Problem(ProblemCode.REFUSED, "Nothing answers at this address (connection refused).")


def server(name: str, health: Health = Health.OK, **more: object) -> ServerHealth:
    return ServerHealth(name, "xray", health, good_at=NOW - timedelta(minutes=3), **more)  # type: ignore[arg-type]


def text(line: tuple[Piece, ...]) -> str:
    return "".join(piece.text for piece in line)


THREE = (server("prod"), server("tf", Health.FAILING, problem=GONE), server("sca", is_insecure=True))


@pytest.mark.parametrize("width", range(1, 140))
def test_the_header_fits_and_keeps_every_servers_mark(width: int) -> None:
    line = header(HeaderFacts(THREE, NOW, UTC, per_minute=40, budget=720), UNICODE_SIGNS, width)
    assert width_of(line) <= width
    if width >= 3:
        assert text(line).count("●") == 2
        assert text(line).count("!") == 1


def test_the_header_says_paused_and_insecure_as_long_as_it_can() -> None:
    line = text(header(HeaderFacts(THREE, NOW, UTC, is_paused=True), UNICODE_SIGNS, 30))
    assert "PAUSED" in line
    assert "INSECURE" in line


def test_the_header_tells_how_old_a_failing_servers_answers_are() -> None:
    line = text(header(HeaderFacts(THREE, NOW, UTC), UNICODE_SIGNS, 120))
    assert "tf ! failing 3m" in line
    assert line.endswith("live  07:00")


PAGES = ListState(ListQuery("sca", "jobs", page=3), ListQuery("sca", "jobs"), page=1, pages=18, total=437, good_at=NOW)
FACTS = TitleFacts(
    1,
    "Builds and artifacts",
    "Builds",
    {State.RUNNING: 3, State.DONE: 336, State.FAILED: 1},
    340,
    12,
    "shop",
    "state",
    lists=(PAGES,),
)


@pytest.mark.parametrize("width", range(1, 140))
def test_a_title_fits_and_never_hides_that_rows_are_filtered(width: int) -> None:
    line = title(FACTS, UNICODE_SIGNS, width)
    assert width_of(line) <= width
    if width >= 40:
        assert "12 of 340" in text(line)


def test_a_title_says_which_page_is_shown_and_which_is_fetched() -> None:
    line = text(title(FACTS, UNICODE_SIGNS, 140))
    assert "page 1 of 18, 437 jobs, fetching 3" in line
    assert "✗1 ▶3 ✓336" in line


def test_a_title_says_that_the_order_is_held() -> None:
    facts = TitleFacts(1, "Builds", "Builds", {}, 0, is_held=True, moved=3)
    assert "order held, 3 to move" in text(title(facts, UNICODE_SIGNS, 80))


@pytest.mark.parametrize("width", range(1, 140))
def test_tabs_fit(width: int) -> None:
    facts = [
        TabFacts(n, "Builds and artifacts", "Builds", {State.FAILED: 1, State.DONE: 99}, 100, n == 1, Health.REFUSED)
        for n in range(1, 5)
    ]
    line = tabs(facts, UNICODE_SIGNS, width)
    assert width_of(line) <= width
    if width >= 40:
        assert text(line).count("⊠") == 4


@pytest.mark.parametrize("width", range(20, 140))
def test_a_notice_always_says_how_old_the_rows_are(width: int) -> None:
    line = notice(THREE, (), UNICODE_SIGNS, NOW, width)
    assert width_of(line) <= width
    if width >= 32:
        assert "3m old" in text(line)
        assert text(line).startswith("! tf failing: ")


def test_no_notice_while_all_is_well() -> None:
    assert notice((server("prod"), server("x", Health.STARTING)), (), UNICODE_SIGNS, NOW, 80) == ()


def test_a_list_that_failed_alone_is_told() -> None:
    state = ListState(ListQuery("sca", "jobs"), problem=GONE, good_at=NOW)
    assert text(notice((server("sca"),), (state,), UNICODE_SIGNS, NOW, 100)).startswith("! sca jobs: Nothing answers")


@given(st.lists(st.sampled_from(list(Health)), max_size=4))
def test_the_worst_health_is_told_first(healths: list[Health]) -> None:
    found = worst([server(str(n), health) for n, health in enumerate(healths)])
    if Health.REFUSED in healths:
        assert found is Health.REFUSED
    assert found in (healths or [Health.OK])


def test_an_empty_pane_marks_its_first_line_by_health_and_never_by_colour_alone() -> None:
    looks = {text(empty("So it is.\nDo this.", health, UNICODE_SIGNS)[0]) for health in Health}
    assert len(looks) == len(Health)
    assert text(empty("So it is.", Health.OK, UNICODE_SIGNS)[0]) == "So it is."


def test_ascii_signs_are_ascii() -> None:
    line = header(HeaderFacts(THREE, NOW, UTC), ASCII_SIGNS, 100)
    assert text(line).isascii()


@pytest.mark.parametrize(
    ("environ", "is_ascii"),
    [
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LC_ALL": "C.utf8", "LANG": "C"}, False),
        ({}, False),
        ({"LANG": "C"}, True),
        ({"LC_ALL": "POSIX", "LANG": "en_US.UTF-8"}, True),
        ({"LANG": "de_DE.ISO-8859-1"}, True),
        ({"LANG": "en_US.UTF-8", "TERM": "linux"}, True),
    ],
)
def test_signs_follow_the_locale(environ: dict[str, str], is_ascii: bool) -> None:
    assert choose(None, environ).glyphs.is_ascii is is_ascii
    assert choose(True, environ).glyphs.is_ascii
    assert not choose(False, environ).glyphs.is_ascii


def test_a_strip_leaves_out_whole_cells_and_says_so() -> None:
    cells = from_cells([Cell("queued 4"), Cell("uploaded 1"), Cell("done 12")])
    assert text(strip(cells, UNICODE_SIGNS, 80)) == "queued 4  uploaded 1  done 12"
    assert text(strip(cells, UNICODE_SIGNS, 24)) == "queued 4 uploaded 1 …"
    assert text(strip(cells, UNICODE_SIGNS, 1)) == "…"


def test_server_text_in_a_line_is_cleaned() -> None:
    assert text(from_cells([Cell("a\x1b[31mb\u202ec\n")])).isprintable()


@given(st.text(max_size=60), st.integers(0, 30))
def test_shortening_never_exceeds_its_width(words: str, width: int) -> None:
    from tui.present.safe import clean

    assert width_of((Piece(shorten(clean(words), width)),)) <= width
    assert width_of(trim((Piece(clean(words)), Piece("end")), width)) <= width


@given(st.text(alphabet="ab 宽", max_size=60), st.integers(2, 30))
def test_wrapping_loses_only_blanks(words: str, width: int) -> None:
    lines = wrapped(words, width)
    assert "".join(lines).replace(" ", "") == words.replace(" ", "")
    assert all(width_of((Piece(line),)) <= width for line in lines)
    for line in wrapped_line((Piece("x "), Piece(words)), width):
        assert width_of(line) <= width


def test_fit_takes_the_fullest_that_fits() -> None:
    variants = [(Piece("longest"),), (Piece("long"),), (Piece("l"),)]
    assert [text(fit(variants, width)) for width in (9, 6, 3, 1, 0)] == ["longest", "long", "l", "l", ""]


def test_the_rate_is_steady() -> None:
    rate = SteadyRate()
    assert [rate.follow(n) for n in (40, 42, 38, 45, 60, 0, 2)] == [40, 40, 40, 40, 60, 0, 0]
