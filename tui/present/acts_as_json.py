"""Acts, report rows and lists of reports as JSON documents for scripts; an interface like `as_json` (version 1).

Owns the documents of ``scantop report`` and ``scantop job``. Values are the server's own; `json_text` and `json_line`
make them harmless on a terminal.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from tui.domain.acts import Outcome, RowsPage
from tui.domain.snapshot import Entry, ListState
from tui.domain.target import Target
from tui.present.as_json import VERSION, Json, fields_document, problem_document


def outcomes_document(outcomes: Iterable[Outcome]) -> dict[str, Json]:
    """What an act with ``--json`` prints."""
    return {"version": VERSION, "outcomes": [_outcome(outcome) for outcome in outcomes]}


def _outcome(outcome: Outcome) -> Json:
    return {
        "act": outcome.act,
        "fate": outcome.fate.value,
        "look": outcome.look.value,
        "target": outcome.target.key if outcome.target is not None else None,
        "id": outcome.id,
        "text": outcome.text,
        "problem": problem_document(outcome.problem),
    }


def rows_document(target: Target, page: RowsPage) -> dict[str, Json]:
    """What ``report rows --json`` prints: one page, every field under the server's own name."""
    return {
        "version": VERSION,
        "target": target.key,
        "page": page.query.page,
        "pages": page.pages,
        "total": page.total,
        "notes": list(page.notes),
        "rows": [fields_document(row.fields) for row in page.rows],
    }


def reports_document(state: ListState, entries: Mapping[str, Entry]) -> dict[str, Json]:
    """What ``report list --json`` prints: one page in the server's order."""
    return {
        "version": VERSION,
        "page": state.page,
        "pages": state.pages,
        "total": state.total,
        "notes": list(state.notes),
        "reports": [_report(entries[key]) for key in state.keys if key in entries],
    }


def _report(entry: Entry) -> Json:
    record = entry.record
    return {
        "target": entry.key,
        "name": entry.name,
        "state": entry.state.value,
        "status": record.status if record is not None else None,
        **(fields_document(record.detail) if record is not None else {}),
    }


def json_line(document: Json) -> str:
    """The document on one line of printable ASCII."""
    return json.dumps(document, ensure_ascii=True, allow_nan=False).replace("\x7f", "\\u007f")
