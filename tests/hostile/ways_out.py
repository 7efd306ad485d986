"""Finds in a source every place where text can leave scantop, and every use of a server's text that no gate cleans.

A way out is told by how it is called (or read, or assigned); a server's text by the names of the records' fields.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

GATES = {"clean", "clean_lines", "csv_cell", "server_text", "plain", "from_cells", "told_of"}
DRAWN = {"Segment", "Strip", "Text", "Content", "Static", "Label", "Option", "Markdown", "RichLog", "Log", "Pretty"}
TITLES = {"title", "sub_title", "border_title", "border_subtitle", "tooltip", "placeholder"}
STREAMS = {"stdout", "stderr", "__stdout__", "__stderr__"}
TERMINALS = {"driver", "_driver", "stream", "_terminal", "terminal", *STREAMS}
PROGRAMS = {"create_subprocess_exec", "create_subprocess_shell", "Popen", "check_output", "check_call", "startfile"}
LOGS = {"logging", "webbrowser", "syslog", "warnings"}
# Fields of records, entries and problems that hold what a server sent, with the names of what holds them ("" any).
SERVERS = {
    "status": {"record", "stage", "category"},
    "error": {"record"},
    "note": {"record"},
    "raw": {"record"},
    "web_url": {"record"},
    "advice": {"problem"},
    "text": {"problem", "error"},
    "name": {"record", "entry"},
    "label": {"entry"},
}
MADE = {"Piece", "emit", "emit_line", "_write"}  # what turns a text into something that is shown as it is


def last_of(node: ast.AST) -> str:
    """``c`` of ``a.b.c``, also of ``a.b.c(…)``; "" of anything else."""
    if isinstance(node, ast.Call):
        return last_of(node.func)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def ways_out(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and kind of each way out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from ((node.lineno, way) for way in _called(node))
        elif isinstance(node, ast.Attribute) and node.attr in STREAMS and last_of(node.value) == "sys":
            yield node.lineno, "stream"
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr in TITLES - {"title"}:
            yield node.lineno, "title"
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            if LOGS.intersection(name.partition(".")[0] for name in names):
                yield node.lineno, "log"


def _called(node: ast.Call) -> Iterator[str]:
    name = last_of(node)
    holder = last_of(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    if name in DRAWN:
        yield "drawn"
    if name in {"from_markup", "notify", "print", "bell", "set_title"}:
        yield name
    if (holder, name) == ("csv", "writer") or name in {"DictWriter"}:
        yield "csv"
    if (
        name in {"dump", "dumps"}
        and holder == "json"
        and any(
            one.arg == "ensure_ascii" and isinstance(one.value, ast.Constant) and one.value.value is False
            for one in node.keywords
        )
    ):
        yield "readable JSON"
    if (
        name in PROGRAMS
        or (name.startswith(("exec", "spawn")) and holder == "os")
        or (holder, name) in {("subprocess", "run"), ("os", "system")}
    ):
        yield "program"
    if (name == "write" and holder in TERMINALS) or (holder, name) == ("os", "write"):
        yield "terminal"
    if name in {"copy_to_clipboard", "write_osc52"}:
        yield "clipboard"


def raw_uses(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Where a server's text becomes something shown without a gate around it: line, and the text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and last_of(node) in MADE and node.args:
            yield from ((node.lineno, ast.unparse(found)) for found in _ungated(node.args[0]))


def _ungated(node: ast.AST) -> Iterator[ast.Attribute]:
    if isinstance(node, ast.Call) and last_of(node) in GATES:
        return
    if isinstance(node, ast.Compare):  # a comparison shows nothing of what it compares
        return
    if isinstance(node, ast.IfExp):  # nor does a condition
        yield from _ungated(node.body)
        yield from _ungated(node.orelse)
        return
    if isinstance(node, ast.Attribute) and last_of(node.value) in SERVERS.get(node.attr, ()):
        yield node
    for below in ast.iter_child_nodes(node):
        yield from _ungated(below)
