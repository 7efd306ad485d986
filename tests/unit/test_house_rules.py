"""The rules of the house that can be read off the source: sizes, names, docstrings, and no state in modules."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "tui"
LINE_LIMIT = 400
BANNED = {"manager", "helper", "helpers", "utils", "util", "common", "data", "misc", "info", "handle", "process"}


@cache
def trees() -> dict[str, ast.Module]:
    """Every source file of the package, parsed, by its path from the root."""
    files = sorted(SOURCE.rglob("*.py"))
    assert len(files) > 50
    return {str(file.relative_to(ROOT)): ast.parse(file.read_text("utf-8")) for file in files}


def test_no_file_is_longer_than_a_few_screens() -> None:
    files = [
        *SOURCE.rglob("*.py"),
        *(ROOT / "tests").rglob("*.py"),
        *SOURCE.rglob("*.tcss"),
        *ROOT.glob("themes/*.toml"),
    ]
    lengths = {str(file.relative_to(ROOT)): len(file.read_text("utf-8").splitlines()) for file in files}
    assert {file: length for file, length in lengths.items() if length > LINE_LIMIT} == {}


def words_of(name: str) -> list[str]:
    """``ScanPane`` and ``scan_pane`` are both scan, pane."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_").split("_")


def named(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every name that a file gives: classes, functions, parameters, variables, attributes, aliases."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id if isinstance(node, ast.Name) else node.attr
        elif isinstance(node, ast.alias) and node.asname:
            yield 0, node.asname


def test_names_say_something() -> None:
    wrong = [
        f"{file}:{line} {name}"
        for file, tree in trees().items()
        for line, name in [*named(tree), *((0, part.removesuffix(".py")) for part in Path(file).parts[1:])]
        if BANNED.intersection(words_of(name))
    ]
    assert wrong == []


def test_every_module_says_what_it_owns() -> None:
    assert [file for file, tree in trees().items() if not (ast.get_docstring(tree) or "").strip()] == []


def undocumented(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Public classes, functions and methods without a docstring; what Python or the toolkit calls explains itself."""
    called = re.compile(r"__\w+__|on_\w+|_?watch_\w+|validate_\w+|compute_\w+|action_\w+|compose|render|render_line")
    for node in tree.body:
        for inside in [node, *(node.body if isinstance(node, ast.ClassDef) else [])]:
            if not isinstance(inside, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            is_public = not inside.name.startswith("_") and not (inside is not node and node.name.startswith("_"))
            if is_public and not called.fullmatch(inside.name) and not ast.get_docstring(inside):
                yield inside.lineno, inside.name


def test_what_is_public_is_explained() -> None:
    assert [f"{file}:{line} {name}" for file, tree in trees().items() for line, name in undocumented(tree)] == []


# state

MUTATORS = {"append", "extend", "insert", "add", "update", "setdefault", "pop", "popitem", "clear", "remove", "discard"}


def module_names(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        found.update(target.id for target in targets if isinstance(target, ast.Name))
    return found


def changes(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Places where a function changes what belongs to the module: the only way module-level state can be state."""
    owned = module_names(tree)
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        local = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        local |= {n.arg for n in ast.walk(function) if isinstance(n, ast.arg)}
        for node in ast.walk(function):
            if isinstance(node, ast.Global):
                yield node.lineno, f"global {', '.join(node.names)}"
            target = None
            if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
                target = node.value
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
                target = node.func.value
            elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                target = node.value
            if isinstance(target, ast.Name) and target.id in owned - local:
                yield node.lineno, target.id


def test_no_module_keeps_state() -> None:
    assert [f"{file}:{line} {name}" for file, tree in trees().items() for line, name in changes(tree)] == []


@pytest.mark.parametrize(
    "code",
    [
        "FOUND = {}\ndef keep(x):\n    FOUND[x] = 1",
        "FOUND: list[int] = []\ndef keep(x):\n    FOUND.append(x)",
        "FOUND = 0\ndef keep(x):\n    global FOUND\n    FOUND = x",
        "FOUND = object()\ndef keep(x):\n    FOUND.last = x",
    ],
)
def test_state_in_a_module_would_be_seen(code: str) -> None:
    assert [name.split()[-1] for _, name in changes(ast.parse(code))] == ["FOUND"]


def test_a_banned_name_would_be_seen() -> None:
    code = "class DataStore: ...\ndef f(rowData, *, process): ...\nself.my_info = 1\nimport x as utils"
    names = [name for _, name in named(ast.parse(code)) if BANNED.intersection(words_of(name))]
    assert sorted(names) == ["DataStore", "my_info", "process", "rowData", "utils"]


def test_no_module_works_when_it_is_imported() -> None:
    """At the top of a module stand definitions and constants, no loops, no with, no calls for their effect."""
    working = (ast.For, ast.While, ast.With, ast.AsyncFor, ast.AsyncWith)
    wrong = [
        f"{file}:{node.lineno}"
        for file, tree in trees().items()
        for node in tree.body
        if isinstance(node, working) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))
    ]
    assert wrong == []
