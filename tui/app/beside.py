"""Work beside the keys, as a worker of the toolkit. Owns that leaving at any moment leaves no coroutine behind."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from textual.dom import DOMNode
from textual.worker import Worker


def beside(
    node: DOMNode,
    work: Callable[..., Coroutine[Any, Any, Any]],
    *arguments: object,
    name: str,
    group: str = "default",
    exit_on_error: bool = True,
) -> Worker[Any]:
    """Run `work`, called with these arguments once it begins.

    A coroutine that is made before is warned about, on the terminal that was just given back, if the worker is ended
    before it begins.
    """
    worker: Worker[Any] = node.run_worker(
        partial(work, *arguments), name=name, group=group, exit_on_error=exit_on_error
    )
    return worker
