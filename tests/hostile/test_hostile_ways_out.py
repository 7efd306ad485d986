"""Every way out passes the gate: where text can leave is a short list, and each place on it cleans or has our words.

Read off the source: a new way out, or a server's text that goes to one uncleaned, fails here before anybody meets it.
The other half, random text through all of it and the bytes looked at, is `test_hostile_text`.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ways_out import GATES, last_of, raw_uses, ways_out

from tui.domain.target import Target

SOURCE = Path(__file__).resolve().parents[2] / "tui"
OWN = "own words only"
NO_TEXT = "no text: asks what it is, or whether it is a terminal"
FILE = "into a file or the raw view, which is cleaned where it is shown"
# Way out and file: the gate that the file must call, or why it needs none.
PLACES = {
    ("drawn", "app/widgets/drawing.py"): "pieces, each made by `server_text`, `clean` or of own words; then the wall",
    ("drawn", "app/widgets/table_lines.py"): "clean",
    ("drawn", "app/wall.py"): "the wall itself: every segment of every widget passes it",
    ("drawn", "app/lean.py"): "a trial at the start, of letters",
    ("drawn", "app/first.py"): OWN,
    ("drawn", "app/screens/columns.py"): OWN,
    ("drawn", "app/screens/palette.py"): OWN,
    ("drawn", "app/screens/picker.py"): "clean",
    ("title", "app/screens/detail.py"): OWN,
    ("title", "app/screens/messages.py"): OWN,
    ("print", "app/saving.py"): "what is on the screen already",
    ("csv", "present/as_csv.py"): "csv_cell",
    ("readable JSON", "app/detail/raw.py"): "clean",
    ("readable JSON", "app/acts.py"): "to the clipboard",
    ("readable JSON", "app/screens/report_rows.py"): "to the clipboard",
    ("readable JSON", "config/importing.py"): FILE,
    ("readable JSON", "servers/body.py"): FILE,
    ("clipboard", "app/clipboard.py"): "clean_lines",
    ("program", "app/browsing.py"): "one argument, and only a web address of visible characters",
    ("program", "app/clipboard.py"): "clean_lines",
    ("program", "cli/demo.py"): OWN,
    ("program", "telling/command.py"): "what its notice tells is cleaned by `told_of`; arguments, never a shell",
    ("log", "telling/by_apprise.py"): "switched off there: it would name URLs",
    ("notify", "telling/by_apprise.py"): "what its notice tells is cleaned by `told_of`",
    ("program", "secrets.py"): "the person's own command",
    ("terminal", "app/app.py"): "own sequences, and notices that `telling` cleans",
    ("terminal", "app/lean.py"): "lines that have passed the wall",
    ("terminal", "app/terminal.py"): OWN,
    ("terminal", "cli/doctor.py"): "a rule's test message: `sequence` cleans it",
    ("terminal", "cli/main.py"): "clean_lines in the crash's report",
    ("terminal", "cli/output.py"): "clean",
    ("terminal", "cli/report_acts.py"): "numbers",
    ("terminal", "cli/wait_output.py"): "lines that `waiting` has cleaned",
    ("stream", "app/app.py"): OWN,
    ("stream", "app/terminal.py"): NO_TEXT,
    ("stream", "cli/columns.py"): NO_TEXT,
    ("stream", "cli/curtain.py"): "own picture; names of servers are the config's, and only what can be seen of them",
    ("stream", "cli/main.py"): "the crash's report",
    ("stream", "cli/monitor_command.py"): NO_TEXT,
    ("stream", "cli/output.py"): "clean",
    ("stream", "cli/replay.py"): NO_TEXT,
    ("stream", "cli/report_acts.py"): "numbers, and a file that was asked for on standard output",
    ("stream", "cli/wait_output.py"): "lines that `waiting` has cleaned",
    ("stream", "doctor/here.py"): NO_TEXT,
}
# What the places above rely on: these clean what they make.
RELIED_ON = {
    "app/line.py": "clean",
    "app/telling.py": "clean",
    "app/widgets/columns.py": "clean",
    "cli/columns.py": "clean",
    "cli/explain.py": "clean",
    "cli/report_views.py": "clean",
    "crash.py": "clean_lines",
    "present/ringing.py": "clean",
    "telling/notice.py": "clean",
    "telling/teller.py": "told_of",
    "waiting/annotations.py": "clean",
    "waiting/as_lines.py": "clean",
    "waiting/live.py": "clean",
}


@cache
def trees() -> dict[str, ast.Module]:
    """The package without the simulator, whose output is its own."""
    files = [file for file in SOURCE.rglob("*.py") if "simulator" not in file.parts and file.name != "simulate.py"]
    return {str(file.relative_to(SOURCE)): ast.parse(file.read_text("utf-8")) for file in files}


def calls(file: str) -> set[str]:
    return {last_of(node) for node in ast.walk(trees()[file]) if isinstance(node, ast.Call)}


def test_text_leaves_only_where_it_is_known_to() -> None:
    found = {(way, file) for file, tree in trees().items() for _, way in ways_out(tree)}
    assert found - PLACES.keys() == set(), "new ways out: say here what cleans what goes there"
    assert PLACES.keys() - found == set(), "no ways out any more"


def test_each_place_calls_the_gate_that_it_names() -> None:
    named = [(file, gate) for (_, file), gate in PLACES.items() if gate in GATES] + list(RELIED_ON.items())
    assert [(file, gate) for file, gate in named if gate not in calls(file)] == []


def test_no_text_of_a_server_becomes_a_piece_or_a_line_uncleaned() -> None:
    assert [f"{file}:{line} {text}" for file, tree in trees().items() for line, text in raw_uses(tree)] == []


@given(st.text(min_size=1), st.text(min_size=1), st.text())
def test_nothing_in_an_address_drives_a_terminal(name: str, number: str, project: str) -> None:
    target = Target("prod", "build", (name, number), (("project", project),) if project else ())
    assert target.key.isprintable()


@pytest.mark.parametrize(
    ("code", "way"),
    [
        ("Static(record.name)", "drawn"),
        ("rich.text.Text(x)", "drawn"),
        ("Content.from_markup(x)", "from_markup"),
        ("self.app.notify(problem.text)", "notify"),
        ("print(x)", "print"),
        ("sys.stderr.write(x)", "terminal"),
        ("self.app._driver.write(x)", "terminal"),
        ("os.write(1, x)", "terminal"),
        ("from sys import __stdout__\nout = sys.__stdout__", "stream"),
        ("csv.writer(out)", "csv"),
        ("json.dumps(x, ensure_ascii=False)", "readable JSON"),
        ("subprocess.run([x])", "program"),
        ("await asyncio.create_subprocess_exec(x)", "program"),
        ("os.execvp(x, [x])", "program"),
        ("import webbrowser", "log"),
        ("from logging import getLogger", "log"),
        ("self.border_title = record.name", "title"),
        ("app.copy_to_clipboard(x)", "clipboard"),
    ],
)
def test_a_planted_way_out_would_be_seen(code: str, way: str) -> None:
    planted = f"async def planted():\n    {code.splitlines()[-1]}" if "await" in code else code
    assert way in {found for _, found in ways_out(ast.parse(planted))}


@pytest.mark.parametrize(
    ("code", "is_seen"),
    [
        ("Piece(record.name)", True),
        ("Piece(f'{entry.record.status}!', 'dim')", True),
        ("emit(entry.problem.text)", True),
        ("Piece(shorten(record.note, 9))", True),
        ("Piece(pad(clean(record.name), 9))", False),
        ("Piece('x' if record.status else clean(record.status))", False),
        ("Piece('x' if record.error == 'y' else '')", False),
        ("Piece(count(n, 'row'))", False),
    ],
)
def test_a_planted_bypass_would_be_seen(code: str, is_seen: bool) -> None:
    assert bool(list(raw_uses(ast.parse(code)))) is is_seen
