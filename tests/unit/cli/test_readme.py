"""The README agrees with the program: keys, exit codes, the example config, and the line that CI runs.

Run as a program this file draws the README's tables anew.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tui.cli.exit_codes import MEANINGS
from tui.cli.parser import COMMANDS as WORDS
from tui.config import load
from tui.key_table import markdown

ROOT = Path(__file__).resolve().parent.parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8") if (ROOT / "README.md").exists() else ""
TEST_LINE = re.compile(r"^python3 -m venv .*pytest.*$", re.MULTILINE)


def code_table() -> str:
    """The exit codes as the README must have them."""
    return "\n".join(["| code | means |", "|---|---|", *(f"| {code.value} | {words} |" for code, words in MEANINGS)])


def block(name: str) -> str:
    """What stands between two marks of the README."""
    found = re.search(rf"<!-- {name}: .*? -->\n(.*?)\n<!-- end of {name} -->", README, re.DOTALL)
    assert found is not None
    return found.group(1)


@pytest.mark.parametrize(("name", "table"), [("keys", markdown()), ("exit codes", code_table())])
def test_tables_are_those_of_the_program(name: str, table: str) -> None:
    assert block(name) == table, f"the README's {name} must be:\n{table}"


def test_ci_runs_exactly_the_line_that_the_readme_gives() -> None:
    readme, script = TEST_LINE.findall(README), TEST_LINE.findall((ROOT / ".ci" / "run").read_text())
    assert len(readme) == 1 and readme == script


def test_the_example_config_can_be_read(tmp_path: Path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    path = tmp_path / "config.toml"
    path.write_text(text)
    settings = load(path, {})
    assert [server.name for server in settings.servers] == ["prod", "tf", "sca"]
    assert len(settings.watch) == 5 and settings.warnings == ()


def test_every_server_key_is_explained() -> None:
    from tui.config.servers import KEYS
    from tui.servers.kind import kinds

    for key in (*KEYS, *(key for kind in kinds().values() for key in kind.server_keys)):
        assert f"`{key}`" in README, key


def test_every_command_that_the_readme_shows_exists() -> None:
    shown = set(re.findall(r"^(?:\.venv/bin/)?scantop ([a-z]+)", README, re.MULTILINE))
    assert {"config", "status", "jobs"} <= shown <= set(WORDS)


if __name__ == "__main__":  # after a change of keys or exit codes: draw the README's tables anew
    text = README
    for each, drawn in (("keys", markdown()), ("exit codes", code_table())):
        text = text.replace(block(each), drawn)
    (ROOT / "README.md").write_text(text, encoding="utf-8")
