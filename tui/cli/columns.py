"""A plain table for standard output: columns as wide as their cells, no colour, no box. Everything passes `safe.clean`.

Knows nothing of what the cells mean.
"""

from __future__ import annotations

import locale
import sys
from collections.abc import Sequence
from typing import TextIO

from tui.present.safe import clean, width

GAP = "  "
CELL_LIMIT = 160  # cells of one column; a name longer than this is cut, the JSON has it whole
LAST_LIMIT = 1_000  # … of the last one, where sentences stand and nothing is behind them: advice that is cut is none


def is_ascii_only(stream: TextIO | None = None) -> bool:
    """The stream (standard output if None) cannot show more than ASCII."""
    encoding = getattr(stream or sys.stdout, "encoding", None) or locale.getpreferredencoding(False)
    return encoding.lower().replace("-", "").replace("_", "") not in {"utf8", "utf16", "utf32", "gb18030"}


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, is_ascii: bool) -> str:
    """The lines of the table. Columns without a single filled cell are left out."""
    limits = [*([CELL_LIMIT] * (len(header) - 1)), LAST_LIMIT]
    cleaned = [[clean(cell, limit, is_ascii=is_ascii) for cell, limit in zip(row, limits, strict=True)] for row in rows]
    kept = [index for index in range(len(header)) if any(row[index] for row in cleaned)] or list(range(len(header)))
    lines = [[header[index] for index in kept], *([row[index] for index in kept] for row in cleaned)]
    widths = [max(width(line[place]) for line in lines) for place in range(len(kept))]
    return "\n".join(
        GAP.join(cell + " " * (size - width(cell)) for cell, size in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
