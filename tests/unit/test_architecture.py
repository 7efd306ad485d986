"""Who may import whom, read off the source, and what a run loads, read off a fresh interpreter."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "tui"

# Who may know whom, by the first name below tui. "*" is everything; a dotted name is that module alone.
KNOWS: dict[str, set[str]] = {
    "__init__": set(),
    "__main__": {"cli"},
    "absence_file": {"kept_file"},
    "acting": {"domain", "exporting", "servers.kind", "settings"},
    "addressing": {"domain", "servers.kind", "settings"},
    "app": {
        "",
        "absence_file",
        "acting",
        "addressing",
        "clock",
        "commands",
        "situation",
        "crash",
        "deadlines",
        "domain",
        "durations",
        "exporting",
        "keymap",
        "locations",
        "moments",
        "polling",
        "preferences",
        "present",
        "servers.kind",
        "settings",
        "typed",
        "watchlist",
    },
    "cli": {"*"},
    "clock": set(),
    "commands": {"situation"},
    "config": {
        "deadlines",
        "domain",
        "durations",
        "keymap",
        "locations",
        "moments",
        "present.query_check",
        "servers.kind",
        "settings",
    },
    "crash": {"", "locations", "present", "secrets"},
    "deadlines": {"domain", "durations", "moments"},
    "doctor": {"", "clock", "domain", "locations", "present", "secrets", "servers", "settings", "telling"},
    "domain": set(),
    "durations": set(),
    "exporting": set(),
    "history": {"clock", "domain", "locations"},
    "jfrog": {"secrets"},
    "key_table": {"commands", "keymap"},
    "kept_file": {"locations"},
    "keymap": {"commands"},
    "locations": set(),
    "moments": {"durations"},
    "polling": {"clock", "domain", "servers.kind", "settings"},
    "preferences": {"kept_file"},
    "present": {"domain"},
    "replay": {"clock", "domain", "durations", "history.reading", "polling"},
    "secrets": {"jfrog", "settings"},
    "servers": {"", "clock", "domain", "durations", "jfrog", "present", "secrets", "settings"},
    "situation": set(),
    "settings": {"domain"},
    "simulator": {"clock", "domain"},
    "telling": {"clock", "domain", "polling", "present", "secrets", "servers.errors", "servers.http", "settings"},
    "typed": {"commands"},
    "waiting": {"clock", "domain", "polling", "present"},
    "watchlist": {"domain", "locations"},
    "watchlist_follow": {"clock", "domain", "polling", "watchlist"},
    "wiring": {"acting", "clock", "domain", "history", "locations", "polling", "secrets", "servers", "settings"},
}
# Who may use which library beyond the standard one.
USES: dict[str, set[str]] = {
    "app": {"textual", "rich"},
    "locations": {"platformdirs"},
    "servers": {"httpx", "pydantic", "certifi"},
    "simulator": {"h11"},
}
# What the front door may import before a command is chosen: nothing that costs time.
CLI_AT_ONCE = {"", "cli", "domain", "settings", "present"}


class Import(NamedTuple):
    """One import: by which file, of what (dotted, from the root package), and when it runs."""

    file: str
    line: int
    unit: str
    name: str
    is_late: bool
    is_for_types: bool

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line} imports {self.name}"


@cache
def trees() -> dict[str, ast.Module]:
    """Every source file of the package, parsed, by its path from the root."""
    files = sorted(SOURCE.rglob("*.py"))
    assert len(files) > 50
    return {str(file.relative_to(ROOT)): ast.parse(file.read_text("utf-8")) for file in files}


def inner(tree: ast.AST, *kinds_of_node: type) -> set[int]:
    """Ids of everything below nodes of these kinds."""
    return {id(below) for node in ast.walk(tree) if isinstance(node, kinds_of_node) for below in ast.walk(node)}


def for_types(tree: ast.AST) -> set[int]:
    blocks = [n for n in ast.walk(tree) if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.unparse(n.test)]
    return {id(below) for block in blocks for node in block.body for below in ast.walk(node)}


@cache
def imports() -> tuple[Import, ...]:
    found = []
    for file, tree in trees().items():
        late, types = inner(tree, ast.FunctionDef, ast.AsyncFunctionDef), for_types(tree)
        unit = Path(file).parts[1].removesuffix(".py")
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{file}:{node.lineno}: imports are absolute"
                names = [node.module or ""]
                if node.module in {"tui", "tui.servers"}:
                    names = [f"{node.module}.{alias.name}" for alias in node.names]
            else:
                continue
            found += [Import(file, node.lineno, unit, name, id(node) in late, id(node) in types) for name in names]
    return tuple(found)


def own(name: str) -> str | None:
    """The part below ``tui``, None for other packages; ``tui.__version__`` is the package itself."""
    if name == "tui" or name.startswith("tui.__"):
        return ""
    return name.removeprefix("tui.") if name.startswith("tui.") else None


def may_know(unit: str, target: str) -> bool:
    allowed = KNOWS[unit]
    first = target.partition(".")[0]
    return (
        "*" in allowed or first in {unit, *allowed} or any(target.startswith(name) for name in allowed if "." in name)
    )


# layers


def test_every_part_of_the_package_has_its_rules() -> None:
    assert {Path(file).parts[1].removesuffix(".py") for file in trees()} <= set(KNOWS)


def test_layers_import_downwards_only() -> None:
    wrong = [
        entry.where
        for entry in imports()
        if (target := own(entry.name)) is not None and target and not may_know(entry.unit, target)
    ]
    assert wrong == []


def test_libraries_stay_in_their_layer() -> None:
    wrong = [
        entry.where
        for entry in imports()
        if own(entry.name) is None
        and (top := entry.name.partition(".")[0]) not in sys.stdlib_module_names
        and top not in USES.get(entry.unit, set())
    ]
    assert wrong == []


def test_only_the_command_line_knows_the_simulator() -> None:
    knowing = {entry.unit for entry in imports() if entry.name.startswith("tui.simulator")}
    assert knowing <= {"cli", "simulator"}


def test_no_file_knows_a_server_kind_by_name() -> None:
    """A kind's folder is imported from within it alone; everyone else walks the package."""
    folders = {
        f"tui.servers.{path.name}" for path in (SOURCE / "servers").iterdir() if (path / "__init__.py").is_file()
    }
    assert len(folders) >= 3
    wrong = []
    for entry in imports():
        kind = ".".join(entry.name.split(".")[:3])
        if kind in folders and not entry.file.startswith(kind.replace(".", "/") + "/"):
            wrong.append(entry.where)
    assert wrong == []


def test_the_front_door_imports_nothing_heavy_at_once() -> None:
    wrong = [
        entry.where
        for entry in imports()
        if entry.unit == "cli"
        and not entry.is_late
        and not entry.is_for_types
        and (target := own(entry.name)) is not None
        and target.partition(".")[0] not in CLI_AT_ONCE
    ]
    assert wrong == []


def test_a_kinds_package_and_panes_import_no_client() -> None:
    """`kinds()` and `panes()` must stay cheap: no HTTP library, no wire models, unless a client is opened."""
    heavy = ("httpx", "pydantic", "textual", "tui.servers.http")
    light = re.compile(r"tui/servers/(\w+/(__init__|panes)|kind|__init__)\.py")
    wrong = [
        entry.where
        for entry in imports()
        if light.fullmatch(entry.file) and not entry.is_late and not entry.is_for_types and entry.name.startswith(heavy)
    ]
    assert wrong == []


# what a run loads

LOADED = "import sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
HEAVY = {"textual", "rich", "httpx", "pydantic", "h11"}


def loaded_after(code: str) -> set[str]:
    """The packages that a fresh interpreter has loaded after running the code with its output swallowed."""
    body = "".join(f"    {line}\n" for line in code.splitlines())
    script = f"import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()):\n{body}{LOADED}"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())


COMMANDS = [
    *(["--help"], ["--version"], ["keys"]),
    *([word, "--help"] for word in ("status", "jobs", "report", "job")),
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_the_command_line_starts_without_screen_and_servers(arguments: list[str]) -> None:
    code = f"from tui.cli.main import main\nwith contextlib.suppress(SystemExit):\n    main({arguments!r})"
    assert loaded_after(code) & {*HEAVY, "sqlite3"} == set()


def test_finding_the_kinds_and_their_panes_loads_no_client() -> None:
    found = loaded_after("from tui.servers.kind import kinds; [kind.panes() for kind in kinds().values()]")
    assert found & HEAVY == set()


def test_polling_loads_no_http_library_and_no_screen() -> None:
    found = loaded_after("import tui.polling.store, tui.polling.monitor")
    assert found & HEAVY == set()
