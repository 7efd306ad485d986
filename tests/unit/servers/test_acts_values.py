"""Requests that cannot be meant, the id in a job's message, and what a page of rows tells."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.acts import (
    ActError,
    Finding,
    JobRequest,
    ReportRequest,
    RowsPage,
    RowsQuery,
    Scope,
    id_in_message,
)
from tui.domain.records import Fields

BUILDS = Scope("builds", ("app",), 2)
REQUEST = ReportRequest("nightly", BUILDS, ("secrets", "iac"))
LATER, EARLIER = datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("message", "number"),
    [
        ("Update Notices job has been added to the queue. The JobId is : 4711", 4711),
        ("Export job: 4711", 4711),
        ("Project 12: job 4711 is queued.", 4711),
        ("Job ID 4711 was queued for project 12", 4711),
        ("Job 4711 was queued", 4711),
        ("queued at 10:22:31: 4711", 4711),
        ("The job (id=4711) of project 12 starts", 4711),
        ("", None),
        ("queued", None),
        ("project 12 job 13", None),
        ("job: none of the 2 or 3", 3),
        ("the id is : 0", None),
        (f"the id is : {'9' * 20}", None),
        ("die ID ist ٤٧", None),
    ],
)
def test_the_id_in_a_message(message: str, number: int | None) -> None:
    assert id_in_message(message) == number


@given(st.text(), st.integers(1, 10**19 - 1), st.text().filter(lambda text: not re.search("[0-9:]", text)))
def test_the_id_after_the_last_colon_is_found_whatever_stands_before(before: str, number: int, after: str) -> None:
    assert id_in_message(f"{before}: {number} {after}") == number


@given(st.text())
def test_no_message_breaks_the_reader_and_no_id_is_made_up(message: str) -> None:
    found = id_in_message(message)
    assert found is None or (found > 0 and str(found) in message)


def test_one_category_keeps_the_name_and_several_add_theirs() -> None:
    assert REQUEST.name_for("iac") == "nightly-iac"
    assert replace(REQUEST, categories=("iac",)).name_for("iac") == "nightly"


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": "  "}, "name", "needs a name"),
        ({"name": "a\nb"}, "name", "line break"),
        ({"name": "a\ud800"}, "name", "control character"),
        ({"name": "n" * 246}, "name", "254 characters"),
        ({"categories": ()}, "categories", "at least one category"),
        ({"categories": ("secret",)}, "categories", "'secret' is no category"),
        ({"categories": ("iac", "iac")}, "categories", "twice"),
        ({"scope": Scope("watches", ("x",))}, "scope", "'watches' is no scope"),
        ({"scope": Scope("builds", ())}, "names", "at least one of the builds"),
        ({"scope": Scope("release_bundles", ("x", " "))}, "names", "One of the release bundles is empty"),
        ({"scope": Scope("builds", ("x",) * 501)}, "names", "501 builds"),
        ({"scope": Scope("builds", ("x",), None, ("a/**",))}, "include", "repositories only"),
        ({"scope": Scope("repositories", ("x",), 3)}, "latest", "no versions"),
        ({"scope": Scope("builds", ("x",), 0)}, "latest", "At least 1"),
        ({"start_at": LATER, "end_at": EARLIER}, "end_at", "ends before it starts"),
        ({"artifact": "x" * 5000}, "artifact", "paste by mistake"),
        ({"project": "\x1b[31m"}, "project", "control character"),
    ],
)
def test_a_request_that_cannot_be_meant_names_its_field(changes: dict[str, Any], field: str, words: str) -> None:
    REQUEST.check()
    with pytest.raises(ActError, match=re.escape(words)) as caught:
        replace(REQUEST, **changes).check()
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (JobRequest("scan", 3), "kind"),
        (JobRequest("notices", 0), "project_id"),
        (JobRequest("notices", 2**63), "project_id"),
        (JobRequest("sbom-export", 3, True), "is_overwriting"),
    ],
)
def test_a_job_that_cannot_be_meant(request_: JobRequest, field: str) -> None:
    JobRequest("notices", 3, True).check()
    with pytest.raises(ActError) as caught:
        request_.check()
    assert caught.value.field == field


def test_pages_of_rows_and_both_spellings_of_a_finding() -> None:
    assert RowsPage(RowsQuery(limit=25), (), 51).pages == 3
    assert RowsPage(RowsQuery(limit=25), ()).pages is None
    old = Finding(Fields((("exposure_id", "EXP-1"), ("jfrog_severity", "HIGH"))))
    new = Finding(Fields((("exposures_id", "EXP-2"),)))
    assert (old.id, old.severity, new.id, new.severity) == ("EXP-1", "high", "EXP-2", "")
