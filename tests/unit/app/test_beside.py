"""No worker is given a coroutine that was made before: ended early, it would be warned about on the terminal."""

from __future__ import annotations

import ast
from pathlib import Path

import tui.app

SOURCE = Path(tui.app.__file__).parent


def made_before(tree: ast.AST) -> list[int]:
    """Lines where `run_worker` or `beside` is given the result of a call; `partial` makes none."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = [(getattr(node.func, "attr", getattr(node.func, "id", "")), node) for node in calls]
    works = [(node, node.args[0 if name == "run_worker" else 1 :][:1]) for name, node in named if name in WORKS]
    return [
        node.lineno for node, works in works if works and isinstance(works[0], ast.Call) and not is_partial(works[0])
    ]


WORKS = {"run_worker", "beside"}


def is_partial(node: ast.Call) -> bool:
    return getattr(node.func, "id", "") == "partial"


def test_every_worker_makes_its_coroutine_when_it_begins() -> None:
    files = sorted(SOURCE.rglob("*.py"))
    assert len(files) > 50
    assert [f"{file}:{line}" for file in files for line in made_before(ast.parse(file.read_text("utf-8")))] == []


def test_a_coroutine_made_before_would_be_seen() -> None:
    code = "self.run_worker(self.f())\nself.run_worker(self.f)\nbeside(self, f(), name='x')\nbeside(self, f, g())"
    assert made_before(ast.parse(code)) == [1, 3]
